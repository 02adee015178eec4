"""The team of a head: everybody else placed today in the units headed today, or below them; of
whoever stands in for a head, without that head.

Two shapes of one question, so that a page costs the same in a small team of a large site and in a
large team. A small team is gathered from its units (an index of the placements) and then sorted;
a large one is read along the index of the names, and each person is looked up in the units: of
those who are passed over there are few, since the team is a good part of the site.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    String,
    and_,
    bindparam,
    exists,
    select,
)

from lms.accounts import queries, rules
from lms.accounts.models import Person, Placement, Position, Unit
from lms.accounts.queries import delegations, in_force, in_ranges
from lms.core import clock
from lms.core.access import Actor, Delegated, Permission
from lms.core.db import db, read

LARGE = 500  # people; up to here everything is counted anew for each page, in some 4 ms


@dataclass(frozen=True)
class Scope:
    """Whose team: the paths of the subtrees, the local day, and who are never part of it, since
    nobody supervises herself, nor whom she stands in for."""

    paths: tuple[str, ...]
    day: date
    without: tuple[int, ...]

    @cached_property
    def values(self) -> dict[str, object]:
        """What the statements of this module are run with."""
        found: dict[str, object] = {"day": self.day, "without": list(self.without)}
        for number, path in enumerate(self.paths):
            found[f"low_{number}"], found[f"high_{number}"] = rules.path_range(path)
        return found


def scope_of(actor: Actor) -> Scope:
    paths, day = outermost(actor.headed_paths), clock.today(actor.time_zone)
    return Scope(paths, day, without(actor, actor.own_headed_paths))


def without(actor: Actor, own: tuple[str, ...]) -> tuple[int, ...]:
    """Ids of whom the actor does not supervise wherever they are placed: herself, and those for
    whom she stands in, unless they are placed today within the units that are hers anyway."""
    givers = {each.giver_id for each in actor.delegations}
    if not givers:
        return (actor.person_id,)
    hers = queries.placed(clock.today(actor.time_zone), queries.within(own))
    found = db.session.scalars(hers.where(Placement.person_id.in_(givers)))
    return actor.person_id, *sorted(givers - set(found))


def supervises(actor: Actor, person_id: int) -> bool:
    """Is the person on the actor's team today? Of several people ask `members`."""
    scope = scope_of(actor)
    if Permission.REPORTS_TEAM_READ not in actor.permissions or not scope.paths:
        return False
    found = select(Person.id).where(Person.id == person_id, is_member(len(scope.paths), large=True))
    return read(found, **scope.values).first() is not None


def on_behalf(actor: Actor, person_ids: Sequence[int]) -> dict[int, Delegated]:
    """By whose rights the actor acts on people of the team; those of her own one are left out."""
    if not actor.delegations:
        return {}
    day, found = clock.today(actor.time_zone), dict[int, Delegated]()
    rows = db.session.execute(
        select(Placement.person_id, Unit.path)
        .join(Unit, Placement.unit_id == Unit.id)
        .where(Placement.person_id.in_(person_ids), in_force(Placement, day))
        .order_by(Placement.id)
    ).all()
    own = {row.person_id for row in rows if rules.is_within(row.path, actor.own_headed_paths)}
    for row in rows:
        given = delegations.covering(actor, row.path)
        if given is not None and row.person_id not in own:
            found.setdefault(row.person_id, given)
    return found


def outermost(paths: Sequence[str]) -> tuple[str, ...]:
    """Subtrees without those that lie within another one of them."""
    found: list[str] = []
    for path in sorted(paths):
        if not rules.is_within(path, found):
            found.append(path)
    return tuple(found)


_DAY = bindparam("day", type_=Date)
_HOLDS = in_force(Placement, _DAY)


def inside(count: int) -> ColumnElement[bool]:
    """SQL condition on Unit: one of so many subtrees."""
    return in_ranges(
        (bindparam(f"low_{number}", type_=String), bindparam(f"high_{number}", type_=String))
        for number in range(count)
    )


def placed(count: int) -> Select[int]:
    """Ids of people placed in one of so many subtrees, one row for each placement."""
    return queries.placed(_DAY, inside(count))


# SQL condition on Person, of whoever is placed there.
COUNTS = and_(
    Person.id.not_in(bindparam("without", expanding=True)), Person.deactivated_at.is_(None)
)


def is_member(count: int, *, large: bool) -> ColumnElement[bool]:
    """SQL condition on Person: on the team of a scope with so many paths, and active."""
    place: ColumnElement[bool] = Person.id.in_(placed(count))
    if large:
        place = (
            exists()
            .where(Placement.person_id == Person.id, _HOLDS, inside(count))
            .where(Placement.unit_id == Unit.id)
        )
    return and_(place, COUNTS)


@lru_cache(64)
def _members(paths: int) -> Select[*tuple[Any, ...]]:
    return (
        select(Person.id, Person.uuid, Person.name)
        .where(
            is_member(paths, large=True),
            Person.uuid.in_(bindparam("uuids", expanding=True)),
        )
        .order_by(Person.name, Person.id)
    )


def members(scope: Scope, uuids: Sequence[UUID]) -> list[Any]:
    """`id`, `uuid` and `name` of those of the people who are on the team, by name."""
    if not uuids or not scope.paths:
        return []
    return list(read(_members(len(scope.paths)), **scope.values, uuids=list(uuids)))


@lru_cache(64)
def _places(paths: int) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Placement.person_id,
            Position.name.label("position"),
            Unit.name.label("unit"),
            Unit.path,
            Unit.time_zone,
        )
        .join(Unit, Placement.unit_id == Unit.id)
        .join(Position, Placement.position_id == Position.id)
        .where(
            Placement.person_id.in_(bindparam("person_ids", expanding=True)),
            _HOLDS,
            inside(paths),
        )
        .order_by(Placement.standing, Placement.start_on, Placement.id.desc())
    )


def places(scope: Scope, person_ids: Sequence[int]) -> dict[int, Any]:
    """`position`, `unit`, `path` and `time_zone` of people of the team where they stand within it:
    the definitive placement, else the acting one."""
    rows = read(_places(len(scope.paths)), **scope.values, person_ids=list(person_ids))
    return {row.person_id: row for row in rows}  # the last one of each stays


_AT = select(Unit.id, Unit.uuid, Unit.name, Unit.path, Unit.time_zone).order_by(Unit.path)
_AT = _AT.where(Unit.path.in_(bindparam("paths", expanding=True)))


def units_at(paths: Sequence[str]) -> list[Any]:
    """`id`, `uuid`, `name`, `path` and `time_zone` of units, by path."""
    return list(read(_AT, paths=list(paths)))
