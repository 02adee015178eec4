"""The people behind a figure of a unit: those who stand in it or below it, or in it alone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, String, bindparam, func, or_, select

from lms.accounts import rules as people
from lms.accounts.models import Person, Placement, Unit
from lms.accounts.queries import headcount
from lms.accounts.queries.team import inside
from lms.competencies.models import Competency
from lms.competencies.queries import name_of
from lms.core.db import db, read
from lms.core.errors import NotFound
from lms.reports.queries import Member, with_figures
from lms.reports.queries.members import BATCH, PAGE, STANDS, Asked, values_of, words_of
from lms.reports.queries.units import Sight


@dataclass(frozen=True)
class Named:
    """A competency, with its name in the language of the page."""

    id: int
    uuid: UUID
    code: str
    name: str


@dataclass(frozen=True)
class Wanted:
    """Who is asked for: everybody who stands there, `direct` only in the unit itself, narrowed as
    a team is; or with a competency all whose positions require it, the largest gap first."""

    asked: Asked = field(default_factory=Asked)
    competency: Named | None = None
    direct: bool = False


def competency_asked(uuid: UUID) -> Named:
    """Raises NotFound."""
    row = db.session.execute(
        select(
            Competency.id, Competency.uuid, Competency.code, Competency.name, Competency.name_en
        ).where(Competency.uuid == uuid)
    ).first()
    if row is None:
        raise NotFound
    return Named(row.id, row.uuid, row.code, name_of(row))


def scope_values(sight: Sight, wanted: Wanted) -> dict[str, object]:
    """What says where they stand, for the statements over them."""
    values = sight.scope.values
    if wanted.direct and sight.unit is not None:
        # Of all paths only that of the unit itself lies below this one: an id begins with 1 to 9.
        values = {**values, "high_0": f"{sight.unit.path}0"}
    return values


def _values(sight: Sight, wanted: Wanted) -> dict[str, object]:
    return {**values_of(sight.scope, wanted.asked), **scope_values(sight, wanted)}


# ── Everybody ────────────────────────────────────────────────────────────────────────────────


@lru_cache(256)
def _everybody(paths: int, asked_words: int, by_nip: bool, standing: Any) -> Any:
    query = (
        select(Person.id, Person.uuid, Person.name, Person.nip, Person.employment)
        .join(Placement, Placement.person_id == Person.id)
        .join(Unit, Placement.unit_id == Unit.id)
        .where(inside(paths), headcount.STANDS, Person.deactivated_at.is_(None))
    )
    if standing is not None:
        query = query.where(STANDS[standing])
    if by_nip:
        return query.where(Person.nip == bindparam("nip"))
    for number in range(asked_words):
        word = bindparam(f"word_{number}", type_=String)
        query = query.where(func.lower(Person.name).like(word, escape="\\"))
    return query


def _query_of(sight: Sight, asked: Asked) -> Select[*tuple[Any, ...]]:
    by_nip = people.looks_like_nip(asked.search)
    found: Select[*tuple[Any, ...]] = _everybody(
        len(sight.scope.paths),
        0 if by_nip else len(words_of(asked.search)),
        by_nip,
        asked.standing,
    )
    return found


def people_page(
    sight: Sight, wanted: Wanted, after: UUID | None
) -> tuple[tuple[Member, ...], bool]:
    """One page by name, after somebody; and whether there are more."""
    query, values = _query_of(sight, wanted.asked), _values(sight, wanted)
    last = read(query.where(Person.uuid == after), **values).first() if after else None
    if last is not None:
        query = query.where(
            Person.name >= last.name, or_(Person.name > last.name, Person.id > last.id)
        )
    rows = read(query.order_by(Person.name, Person.id).limit(PAGE + 1), **values).all()
    return with_figures(rows[:PAGE], sight.scope), len(rows) > PAGE


def all_people(sight: Sight, wanted: Wanted) -> Iterator[Member]:
    """All of them in batches, while the transaction is open."""
    query = _query_of(sight, wanted.asked).order_by(Person.name, Person.id)
    rows = db.session.execute(query.execution_options(yield_per=BATCH), _values(sight, wanted))
    for batch in rows.partitions():
        yield from with_figures(batch, sight.scope)


def count_people(sight: Sight, wanted: Wanted) -> int:
    counted = select(func.count()).select_from(_query_of(sight, wanted.asked).subquery())
    return int(read(counted, **_values(sight, wanted)).scalar_one())
