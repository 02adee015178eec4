"""The people behind a cell of the map: all whose positions require a competency, the largest gap
first.

What a position requires is worked out once for each position, not for each person. Of very many
people a page is read along the index of the names, one size of the gap after the other; those with
a gap that few have are gathered and sorted instead.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    Integer,
    Select,
    String,
    Uuid,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
)

from lms.accounts.models import Person, Placement, Position, Unit
from lms.accounts.queries import headcount
from lms.accounts.queries.team import inside
from lms.competencies.models import CompetencyStandard, CompetencyState
from lms.competencies.queries.standards import in_force
from lms.competencies.rules import LEVELS
from lms.core.db import db, read
from lms.reports.queries.kept import Kept
from lms.reports.queries.members import BATCH, PAGE
from lms.reports.queries.unit_people import Wanted, scope_values
from lms.reports.queries.units import Sight, counted_or_kept

STEP = 4  # what a person passed by along the names costs, of one that is gathered (measured)


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
class LackingPage:
    """One page of them. `count`: how many have to have it, `below`: of these below the standard;
    `counted_at` is given where both are kept for some minutes."""

    rows: tuple[Lacking, ...]
    has_more: bool
    count: int
    below: int
    counted_at: datetime | None


# ── Statements ───────────────────────────────────────────────────────────────────────────────

_COMPETENCY = bindparam("competency_id", type_=Integer)
_GAP = bindparam("gap", type_=Integer)
_ROOM = bindparam("room", type_=Integer)
_LAST_NAME = bindparam("last_name", type_=String)
_LAST_ID = bindparam("last_id", type_=Integer)
_LEVEL = func.coalesce(CompetencyState.level, 0, type_=Integer)
_STATE = and_(
    CompetencyState.person_id == Person.id, CompetencyState.competency_id == _COMPETENCY
)  # fmt: skip


def _required() -> CTE:
    """`position_id`, `name` and `level` of the positions that require the competency: by a row of
    their own, else by one of their tier; the newer goes before the older."""
    row = CompetencyStandard
    newest = func.row_number().over(
        partition_by=(row.position_id, row.tier), order_by=(row.start_on.desc(), row.id.desc())
    )
    ranked = (
        select(row.position_id, row.tier, row.required_level, newest.label("number"))
        .where(row.competency_id == _COMPETENCY, in_force(bindparam("day", type_=Date)))
        .cte("ranked")
    )
    own, of_tier = ranked.alias("own"), ranked.alias("of_tier")
    level = func.coalesce(own.c.required_level, of_tier.c.required_level, type_=Integer)
    return (
        select(Position.id.label("position_id"), Position.name, level.label("level"))
        .outerjoin(own, and_(own.c.position_id == Position.id, own.c.number == 1))
        .outerjoin(of_tier, and_(of_tier.c.tier == Position.tier, of_tier.c.number == 1))
        .where(level.is_not(None))
        .cte("required")
        .prefix_with("MATERIALIZED")
    )


def _columns(required: CTE, gap: ColumnElement[int]) -> tuple[Any, ...]:
    """Those of `Lacking`, in its order."""
    return (
        Person.id.label("person_id"), Person.uuid, Person.name, Person.nip,
        required.c.name.label("position"), Unit.name.label("unit"),
        _LEVEL.label("level"), required.c.level.label("required"), gap.label("gap"),
    )  # fmt: skip


@lru_cache(64)
def _gathered(paths: int) -> Any:
    """Everybody, from the units on."""
    required = _required()
    gap = case((required.c.level > _LEVEL, required.c.level - _LEVEL), else_=0)
    return (
        select(*_columns(required, gap))
        .select_from(Unit)
        .join(Placement, Placement.unit_id == Unit.id)
        .join(Person, Placement.person_id == Person.id)
        .join(required, Placement.position_id == required.c.position_id)
        .outerjoin(CompetencyState, _STATE)
        .where(inside(paths), headcount.STANDS, Person.deactivated_at.is_(None))
    ).subquery()


@lru_cache(64)
def _along(paths: int) -> tuple[Select[*tuple[Any, ...]], ColumnElement[int]]:
    """The same from the person on, and the gap: -1 for who is not among them. Outer joins, since
    SQLite puts others into an order of its own and then sorts everybody by name."""
    required = _required()
    gap = case(
        (or_(Unit.id.is_(None), required.c.level.is_(None)), -1),
        (required.c.level > _LEVEL, required.c.level - _LEVEL),
        else_=0,
    )
    query = (
        select(*_columns(required, gap))
        .select_from(Person)
        .outerjoin(Placement, and_(Placement.person_id == Person.id, headcount.STANDS))
        .outerjoin(Unit, and_(Placement.unit_id == Unit.id, inside(paths)))
        .outerjoin(required, Placement.position_id == required.c.position_id)
        .outerjoin(CompetencyState, _STATE)
        .where(Person.deactivated_at.is_(None))
    )
    return query, gap


@lru_cache(64)
def _one(paths: int) -> Select[*tuple[Any, ...]]:
    query, gap = _along(paths)
    return query.where(Person.uuid == bindparam("uuid", type_=Uuid), gap >= 0)


@lru_cache(64)
def _by_name(paths: int, *, after: bool) -> Select[*tuple[Any, ...]]:
    """Those with one gap, by name; after a name, and among namesakes after an id."""
    query, gap = _along(paths)
    query = query.where(gap == _GAP)
    if after:
        query = query.where(
            Person.name >= _LAST_NAME, or_(Person.name > _LAST_NAME, Person.id > _LAST_ID)
        )
    return query.order_by(Person.name, Person.id).limit(_ROOM)


@lru_cache(64)
def _by_gap(paths: int, *, after: bool) -> Select[*tuple[Any, ...]]:
    """Those with a gap and all with a smaller one; after somebody with that gap."""
    found = _gathered(paths)
    here = found.c.gap == _GAP
    if after:
        same_name = and_(found.c.name == _LAST_NAME, found.c.person_id > _LAST_ID)
        here = and_(here, or_(found.c.name > _LAST_NAME, same_name))
    return select(found).where(or_(found.c.gap < _GAP, here)).order_by(*_order(found)).limit(_ROOM)


def _order(found: Any) -> tuple[Any, ...]:
    return (found.c.gap.desc(), found.c.name, found.c.person_id)


@lru_cache(64)
def _numbers(paths: int) -> Select[*tuple[Any, ...]]:
    found = _gathered(paths)
    return select(found.c.gap, func.count()).group_by(found.c.gap)


_SITE = select(func.max(Person.id))


# ── Pages and files ──────────────────────────────────────────────────────────────────────────

_kept: Kept[tuple[object, ...], dict[int, int]] = Kept()


def lacking_page(sight: Sight, wanted: Wanted, after: UUID | None) -> LackingPage:
    """One page, the largest gap first, then by name."""
    paths, values = len(sight.scope.paths), _values(sight, wanted)
    counted_at, people = counted_or_kept(
        sight, _kept, lambda: _count(paths, values), values["competency_id"], wanted.direct
    )
    last = read(_one(paths), **values, uuid=after).first() if after else None
    if counted_at is None:
        gap = last.gap if last else LEVELS
        rows = read(
            _by_gap(paths, after=last is not None),
            **values, **_place(last), gap=gap, room=PAGE + 1,
        ).all()  # fmt: skip
    else:
        rows = _of_many(paths, values, people, last)
    return LackingPage(
        rows=_lines(rows[:PAGE]),
        has_more=len(rows) > PAGE,
        count=sum(people.values()),
        below=sum(count for gap, count in people.items() if gap),
        counted_at=counted_at,
    )


def _of_many(
    paths: int, values: dict[str, object], people: dict[int, int], last: Any
) -> Sequence[Any]:
    """A page and one row more; `people`: how many have each gap."""
    site, rows = read(_SITE).scalar_one(), list[Any]()
    for gap in sorted(people, reverse=True):
        if last is not None and gap > last.gap:
            continue
        goes_on = last is not None and gap == last.gap
        here = {
            **values, **_place(last if goes_on else None), "gap": gap, "room": PAGE + 1 - len(rows)
        }  # fmt: skip
        # Along the names some PAGE * site / people[gap] are passed by until the page is full.
        if STEP * PAGE * site > people[gap] * sum(people.values()):
            return [*rows, *read(_by_gap(paths, after=goes_on), **here)]
        rows += read(_by_name(paths, after=goes_on), **here)
        if len(rows) > PAGE:
            break
    return rows


def _count(paths: int, values: dict[str, object]) -> dict[int, int]:
    return {row[0]: row[1] for row in read(_numbers(paths), **values)}


def all_lacking(sight: Sight, wanted: Wanted) -> Iterator[Lacking]:
    """All of them in batches, while the transaction is open."""
    found = _gathered(len(sight.scope.paths))
    query = select(found).order_by(*_order(found)).execution_options(yield_per=BATCH)
    for batch in db.session.execute(query, _values(sight, wanted)).partitions():
        yield from _lines(batch)


def _values(sight: Sight, wanted: Wanted) -> dict[str, object]:
    assert wanted.competency is not None
    return {**scope_values(sight, wanted), "competency_id": wanted.competency.id}


def _place(last: Any) -> dict[str, object]:
    return {"last_name": last.name, "last_id": last.person_id} if last is not None else {}


def _lines(rows: Sequence[Any]) -> tuple[Lacking, ...]:
    return tuple(Lacking(*row) for row in rows)
