"""The people behind a figure of a unit: those who stand in it or below it, or in it alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
)

from lms.accounts import rules as people
from lms.accounts.models import Person, Placement, Position, Unit
from lms.accounts.queries import headcount
from lms.accounts.queries.team import inside
from lms.competencies.models import Competency, CompetencyStandard, CompetencyState
from lms.competencies.queries import name_of
from lms.competencies.queries.standards import in_force
from lms.core.db import db, read
from lms.core.errors import NotFound
from lms.reports.queries import (
    BATCH,
    PAGE,
    STANDS,
    Asked,
    Member,
    values_of,
    with_figures,
    words_of,
)
from lms.reports.queries.units import Sight

_COMPETENCY = bindparam("competency_id", type_=Integer)


@dataclass(frozen=True)
class Lacking:
    """Somebody whose position requires the competency that is asked for."""

    person_id: int
    uuid: UUID
    name: str
    nip: str
    position: str
    unit: str
    level: int  # 0: not measured
    required: int
    gap: int


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


def _values(sight: Sight, wanted: Wanted) -> dict[str, object]:
    values = values_of(sight.scope, wanted.asked)
    if wanted.direct and sight.unit is not None:
        # Of all paths only that of the unit itself lies below this one: an id begins with 1 to 9.
        values["high_0"] = f"{sight.unit.path}0"
    if wanted.competency is not None:
        values["competency_id"] = wanted.competency.id
    return values


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


# ── Behind a cell of the map ─────────────────────────────────────────────────────────────────


def _required_by(target: ColumnElement[bool]) -> Any:
    return (
        select(CompetencyStandard.required_level)
        .where(
            CompetencyStandard.competency_id == _COMPETENCY,
            target,
            in_force(bindparam("day", type_=Date)),
        )
        .order_by(CompetencyStandard.start_on.desc(), CompetencyStandard.id.desc())
        .limit(1)
        .scalar_subquery()
    )


@lru_cache(64)
def _lacking(paths: int) -> Any:
    required = func.coalesce(
        _required_by(CompetencyStandard.position_id == Position.id),
        _required_by(CompetencyStandard.tier == Position.tier),
        type_=Integer,
    )
    level = func.coalesce(CompetencyState.level, 0, type_=Integer)
    found = (
        select(
            Person.id.label("person_id"), Person.uuid, Person.name, Person.nip,
            Position.name.label("position"), Unit.name.label("unit"),
            level.label("level"), required.label("required"),
        )
        .join(Placement, Placement.person_id == Person.id)
        .join(Unit, Placement.unit_id == Unit.id)
        .join(Position, Placement.position_id == Position.id)
        .outerjoin(
            CompetencyState,
            and_(
                CompetencyState.person_id == Person.id,
                CompetencyState.competency_id == _COMPETENCY,
            ),
        )
        .where(inside(paths), headcount.STANDS, Person.deactivated_at.is_(None))
    ).subquery()  # fmt: skip
    gap = case((found.c.required > found.c.level, found.c.required - found.c.level), else_=0)
    return select(found, gap.label("gap")).where(found.c.required.is_not(None)).subquery()


def lacking_page(
    sight: Sight, wanted: Wanted, after: UUID | None
) -> tuple[tuple[Lacking, ...], bool]:
    """One page, the largest gap first, then by name; and whether there are more."""
    found, values = _lacking(len(sight.scope.paths)), _values(sight, wanted)
    query = select(found)
    last = read(query.where(found.c.uuid == after), **values).first() if after else None
    if last is not None:
        further = or_(
            found.c.name > last.name, and_(found.c.name == last.name, found.c.person_id > last[0])
        )
        query = query.where(or_(found.c.gap < last.gap, and_(found.c.gap == last.gap, further)))
    rows = read(query.order_by(*_by_gap(found)).limit(PAGE + 1), **values).all()
    return _lines(rows[:PAGE]), len(rows) > PAGE


def all_lacking(sight: Sight, wanted: Wanted) -> Iterator[Lacking]:
    """All of them in batches, while the transaction is open."""
    found = _lacking(len(sight.scope.paths))
    query = select(found).order_by(*_by_gap(found)).execution_options(yield_per=BATCH)
    for batch in db.session.execute(query, _values(sight, wanted)).partitions():
        yield from _lines(batch)


def _by_gap(found: Any) -> tuple[Any, ...]:
    return (found.c.gap.desc(), found.c.name, found.c.person_id)


def _lines(rows: Sequence[Any]) -> tuple[Lacking, ...]:
    return tuple(Lacking(*row) for row in rows)


def count_lacking(sight: Sight, wanted: Wanted) -> tuple[int, int]:
    """How many have to have it, and how many of them are below the standard."""
    found = _lacking(len(sight.scope.paths))
    counted = select(func.count(), func.count().filter(found.c.gap > 0)).select_from(found)
    row = read(counted, **_values(sight, wanted)).one()
    return row[0], row[1]
