"""Units and how far their people are, within the reach of HR: a row for each unit below the one
that is looked at, with everything below it.

Each person counts once (`accounts.queries.headcount`), so that the rows add up. Up to `team.LARGE`
people are counted anew for each page; the figures of more are kept for some minutes.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from lms.accounts import queries as accounts
from lms.accounts.models import Person, Unit
from lms.accounts.queries import headcount, team
from lms.accounts.queries.team import Scope
from lms.core import clock
from lms.core.access import Actor, Permission
from lms.core.db import db, read
from lms.core.errors import NotFound
from lms.learning.models import Obligation
from lms.learning.queries.duties import COUNTS, NOTHING, OWED, DutyCount
from lms.reports.queries.kept import Kept
from lms.reports.queries.members import IS_UNDER, NOW, Asked, values_of


class UnitOrder(StrEnum):
    """What the units are sorted by."""

    NAME = "name"
    DONE = "done"
    LATE = "late"
    UNDER_TARGET = "under"


@dataclass(frozen=True)
class Shown:
    """A unit of a table. `direct`: only those who stand in the unit that is looked at itself."""

    uuid: UUID
    name: str
    path: str
    direct: bool = False


@dataclass(frozen=True)
class Sight:
    """What a page is of: a unit within the reader's reach, or the topmost ones of several
    (`unit` None). `above`: the way back, from the top of the reach; `is_one_of`: the reach has
    several topmost units, and a list of them is at its top."""

    unit: Shown | None
    above: tuple[Shown, ...]
    scope: Scope
    rows: tuple[Shown, ...]
    is_one_of: bool

    def row_of(self, path: str) -> str:
        """The path of the row that a unit counts in."""
        if self.unit is None:
            return next(top for top in self.scope.paths if path.startswith(top))
        step = path[len(self.unit.path) :].partition("/")[0]
        return f"{self.unit.path}{step}/" if step else self.unit.path


@dataclass(frozen=True)
class UnitFigures:
    """People; those under their target of hours; courses that had to be completed; people who are
    late with one."""

    people: int = 0
    under_target: int = 0
    duties: DutyCount = NOTHING
    late: int = 0

    def __add__(self, other: "UnitFigures") -> "UnitFigures":
        mine, more = self.duties, other.duties
        duties = DutyCount(mine.done + more.done, mine.owed + more.owed, mine.late + more.late)
        return UnitFigures(
            self.people + other.people,
            self.under_target + other.under_target,
            duties,
            self.late + other.late,
        )

    @property
    def done_percent(self) -> int | None:
        """Of the courses that had to be completed, cut off: 100 is all of them."""
        return 100 * self.duties.done // self.duties.all if self.duties.all else None


@dataclass(frozen=True)
class Overview:
    """The units with their figures, and all of them together. `counted_at` is given where the
    figures are kept for some minutes."""

    rows: tuple[tuple[Shown, UnitFigures], ...]
    whole: UnitFigures
    counted_at: datetime | None


# ── Which units ──────────────────────────────────────────────────────────────────────────────

_UNIT = (Unit.id, Unit.uuid, Unit.name, Unit.path)


def sight_of(actor: Actor, uuid: UUID | None = None) -> Sight:
    """The unit, or the topmost one of the reader's reach. Raises NotFound for a unit outside."""
    reach = team.outermost(actor.paths_of(Permission.REPORTS_UNITS_READ))
    day = clock.today(actor.time_zone)
    tops = db.session.execute(
        select(*_UNIT).where(accounts.within(reach), _is(uuid, reach)).order_by(Unit.path)
    ).all()
    if not tops:
        raise NotFound
    if uuid is None and len(tops) > 1:
        rows = tuple(sorted(map(_shown, tops), key=lambda row: row.name))
        return Sight(None, (), headcount.scope_of(reach, day), rows, True)
    unit = tops[0]
    steps = [unit.path[: end + 1] for end, sign in enumerate(unit.path) if sign == "/"][:-1]
    above = db.session.execute(
        select(*_UNIT)
        .where(accounts.within(reach), Unit.path.in_(steps))
        .order_by(func.length(Unit.path))
    )
    below = db.session.execute(
        select(*_UNIT).where(Unit.parent_id == unit.id).order_by(Unit.name, Unit.id)
    )
    own = Shown(unit.uuid, unit.name, unit.path, direct=True)
    return Sight(
        _shown(unit),
        tuple(map(_shown, above)),
        headcount.scope_of((unit.path,), day),
        (own, *map(_shown, below)),
        len(reach) > 1,
    )


def _is(uuid: UUID | None, reach: tuple[str, ...]) -> Any:
    return Unit.path.in_(reach) if uuid is None else Unit.uuid == uuid


def _shown(row: Any) -> Shown:
    return Shown(row.uuid, row.name, row.path)


# ── Completion ───────────────────────────────────────────────────────────────────────────────


@lru_cache(64)
def _people_by_unit(paths: int) -> Select[*tuple[Any, ...]]:
    home = headcount.standing_in(paths).subquery()
    return (
        select(home.c.path, func.count(), func.count().filter(IS_UNDER))
        .select_from(home)
        .join(Person, Person.id == home.c.person_id)
        .group_by(home.c.path)
    )


@lru_cache(64)
def _duties_by_unit(paths: int) -> Select[*tuple[Any, ...]]:
    home = headcount.standing_in(paths).subquery()
    is_late = Obligation.due_at <= NOW
    return (
        select(
            home.c.path,
            *COUNTS,
            func.count(Obligation.person_id.distinct()).filter(OWED, is_late),
        )
        .select_from(home)
        .join(Obligation, Obligation.person_id == home.c.person_id)
        .group_by(home.c.path)
    )


@lru_cache(64)
def _few(paths: int) -> Select[*tuple[Any, ...]]:
    return select(func.count()).select_from(
        headcount.standing_in(paths).limit(team.LARGE + 1).subquery()
    )


_Figures = dict[str, UnitFigures]
_kept: Kept[tuple[tuple[str, ...], date], _Figures] = Kept()


def counted_or_kept(
    sight: Sight, kept: Kept[Any, Any], count: Callable[[], Any], *of: object
) -> tuple[datetime | None, Any]:
    """Count anew for a few people; what was counted for many within the last minutes, and when.
    `of`: what else, beside units and day, the figures are of."""
    few = read(_few(len(sight.scope.paths)), **sight.scope.values).scalar_one() <= team.LARGE
    if few:
        return None, count()
    found: tuple[datetime, Any] = kept.get((sight.scope.paths, sight.scope.day, *of), count)
    return found


def overview(
    sight: Sight, order: UnitOrder = UnitOrder.NAME, *, descending: bool = False
) -> Overview:
    """Every unit that is looked at, sorted; those with the same figure by name."""
    counted_at, figures = counted_or_kept(sight, _kept, lambda: _count(sight))
    rows = [
        (row, figures.get(row.path, UnitFigures()))
        for row in sight.rows
        if not row.direct or figures.get(row.path)
    ]
    return Overview(
        tuple(_sorted(rows, order, descending)),
        sum(figures.values(), UnitFigures()),
        counted_at,
    )


def _count(sight: Sight) -> _Figures:
    values, paths = values_of(sight.scope, Asked()), len(sight.scope.paths)
    found: _Figures = defaultdict(UnitFigures)
    for path, people, under in read(_people_by_unit(paths), **values):
        found[sight.row_of(path)] += UnitFigures(people, under)
    for path, done, owed, late, late_people in read(_duties_by_unit(paths), **values):
        duties = DutyCount(done, owed, late)
        found[sight.row_of(path)] += UnitFigures(duties=duties, late=late_people)
    return dict(found)


def _sorted(
    rows: list[tuple[Shown, UnitFigures]], order: UnitOrder, descending: bool
) -> Iterable[tuple[Shown, UnitFigures]]:
    if order is UnitOrder.NAME:
        return reversed(rows) if descending else rows
    sign = -1 if descending else 1
    value: dict[UnitOrder, Callable[[UnitFigures], int]] = {
        # where nothing was required there is nothing to compare: at the end, either way
        UnitOrder.DONE: lambda f: sign * (-1 if f.done_percent is None else f.done_percent),
        UnitOrder.LATE: lambda f: sign * f.late,
        UnitOrder.UNDER_TARGET: lambda f: sign * f.under_target,
    }
    empty = order is UnitOrder.DONE
    return sorted(
        rows, key=lambda row: (empty and row[1].done_percent is None, value[order](row[1]))
    )
