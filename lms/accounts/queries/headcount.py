"""Everybody counted once: in the unit where a person stands, by the definitive placement or else
the acting one. For figures over units, which must add up; a team is counted otherwise (`team`)."""

from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, and_, bindparam, or_, select
from sqlalchemy.orm import aliased

from lms.accounts.models import Person, Placement, Position, Unit
from lms.accounts.queries import in_force
from lms.accounts.queries.team import Scope, inside, outermost

NOBODY = 0  # no person has this id

_DAY = bindparam("day", type_=Date)
_Other = aliased(Placement)
# As a post is chosen (`queries.post_of`): the definitive placement, then the newest one.
_GOES_BEFORE = or_(
    _Other.standing > Placement.standing,
    and_(_Other.standing == Placement.standing, _Other.start_on > Placement.start_on),
    and_(
        _Other.standing == Placement.standing,
        _Other.start_on == Placement.start_on,
        _Other.id < Placement.id,
    ),
)
# SQL condition on Placement: it is where the person stands on `day`.
STANDS: ColumnElement[bool] = and_(
    in_force(Placement, _DAY),
    ~select(_Other.id)
    .where(_Other.person_id == Placement.person_id, in_force(_Other, _DAY), _GOES_BEFORE)
    .exists(),
)


def scope_of(paths: tuple[str, ...], day: date) -> Scope:
    """Subtrees with everybody in them, the reader too: figures are no supervision."""
    return Scope(outermost(paths), day, (NOBODY,))


@lru_cache(64)
def standing_in(paths: int) -> Select[*tuple[Any, ...]]:
    """`person_id`, `path` of the unit, `position_id` and `tier` of all active people who stand in
    one of so many subtrees; run with the scope's `values`."""
    return (
        select(Placement.person_id, Unit.path, Placement.position_id, Position.tier)
        .join(Unit, Placement.unit_id == Unit.id)
        .join(Position, Placement.position_id == Position.id)
        .join(Person, Placement.person_id == Person.id)
        .where(inside(paths), STANDS, Person.deactivated_at.is_(None))
    )
