"""Gaps over units: how many levels their people lack, on average, to what their positions require.

Who is not measured yet lacks all of it, as on her own profile, and is counted apart as well.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from lms.accounts.queries import headcount
from lms.competencies.models import Competency, CompetencyState
from lms.competencies.queries import name_of
from lms.competencies.queries.standards import Requirements, requirements_on
from lms.competencies.rules import CompetencyKind
from lms.core.db import db, read
from lms.reports.queries.kept import Kept
from lms.reports.queries.units import Shown, Sight, counted_or_kept

MOST = 20  # columns of a page; those with the most levels missing
HEAT = (Decimal("0.5"), Decimal("1"), Decimal("1.5"), Decimal("2.5"))  # a mean of so much and more
TENTH = Decimal("0.1")


class Kinds(StrEnum):
    """Which competencies a map is of."""

    GENERAL = "general"  # managerial and sociocultural: required of everybody
    TECHNICAL = "technical"


@dataclass(frozen=True)
class Cell:
    """One competency in one unit: people whose positions require it, of these below the standard
    and not measured, and the levels that all of them lack together."""

    people: int
    below: int
    unmeasured: int
    missing: int

    @property
    def mean(self) -> Decimal:
        return (Decimal(self.missing) / self.people).quantize(TENTH, ROUND_HALF_UP)

    @property
    def heat(self) -> int:
        """0 to 4."""
        return sum(self.mean >= least for least in HEAT)


@dataclass(frozen=True)
class Column:
    id: int
    uuid: UUID
    code: str
    name: str


@dataclass(frozen=True)
class HeatRow:
    """A unit with its people and a cell for each column, None where nobody has to have it."""

    unit: Shown
    people: int
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True)
class HeatMap:
    """`left_out`: columns that the page has no room for. `counted_at` is given where the figures
    are kept for some minutes."""

    columns: tuple[Column, ...]
    rows: tuple[HeatRow, ...]
    whole: tuple[Cell, ...]
    people: int
    left_out: int
    counted_at: datetime | None


@dataclass(frozen=True)
class _Counted:
    people: dict[str, int]
    cells: dict[tuple[str, int], Cell]  # by path of the row and competency


_kept: Kept[tuple[tuple[str, ...], date], _Counted] = Kept()


@lru_cache(64)
def _posts_by_unit(paths: int) -> Select[*tuple[Any, ...]]:
    home = headcount.standing_in(paths).subquery()
    by = (home.c.path, home.c.position_id, home.c.tier)
    return select(*by, func.count()).group_by(*by)


@lru_cache(64)
def _levels_by_unit(paths: int) -> Select[*tuple[Any, ...]]:
    home = headcount.standing_in(paths).subquery()
    by = (
        home.c.path, home.c.position_id, home.c.tier,
        CompetencyState.competency_id, CompetencyState.level,
    )  # fmt: skip
    return (
        select(*by, func.count())
        .select_from(home)
        .join(CompetencyState, CompetencyState.person_id == home.c.person_id)
        .where(CompetencyState.level > 0)
        .group_by(*by)
    )


def heat_map(sight: Sight, kinds: Kinds, most: int | None = MOST) -> HeatMap:
    """Of the competencies of a kind that are required of anybody there, by code; at most so many,
    None for all."""
    counted_at, counted = counted_or_kept(sight, _kept, lambda: _count(sight))
    totals = _totals(counted)
    columns = _columns(totals, kinds)
    chosen = columns
    if most is not None and len(columns) > most:
        largest = sorted(columns, key=lambda each: -totals[each.id].missing)[:most]
        chosen = [each for each in columns if each in largest]
    return HeatMap(
        columns=tuple(chosen),
        rows=tuple(_rows(sight, counted, chosen)),
        whole=tuple(totals[each.id] for each in chosen),
        people=sum(counted.people.values()),
        left_out=len(columns) - len(chosen),
        counted_at=counted_at,
    )


def _rows(sight: Sight, counted: _Counted, columns: list[Column]) -> Iterable[HeatRow]:
    for unit in sight.rows:
        people = counted.people.get(unit.path, 0)
        if people or not unit.direct:
            cells = tuple(counted.cells.get((unit.path, each.id)) for each in columns)
            yield HeatRow(unit, people, cells)


def _columns(totals: dict[int, Cell], kinds: Kinds) -> list[Column]:
    rows = db.session.execute(
        select(
            Competency.id, Competency.uuid, Competency.code, Competency.name, Competency.name_en,
            Competency.kind,
        )
        .where(Competency.id.in_(totals))
        .order_by(Competency.code)
    )  # fmt: skip
    return [
        Column(row.id, row.uuid, row.code, name_of(row)) for row in rows if _is_of(row.kind, kinds)
    ]


def _is_of(kind: CompetencyKind, kinds: Kinds) -> bool:
    return (kind is CompetencyKind.TECHNICAL) is (kinds is Kinds.TECHNICAL)


def _totals(counted: _Counted) -> dict[int, Cell]:
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for (_, competency_id), cell in counted.cells.items():
        mine = (cell.people, cell.below, cell.unmeasured, cell.missing)
        sums[competency_id] = [a + b for a, b in zip(sums[competency_id], mine, strict=True)]
    return {competency_id: Cell(*total) for competency_id, total in sums.items()}


def _count(sight: Sight) -> _Counted:
    """Everybody is taken as not measured first; then what is measured is put in."""
    paths, values = len(sight.scope.paths), sight.scope.values
    required = _Required(requirements_on(sight.scope.day))
    people: dict[str, int] = defaultdict(int)
    cells: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for path, position_id, tier, count in read(_posts_by_unit(paths), **values):
        row = sight.row_of(path)
        people[row] += count
        for competency_id, level in required.of(position_id, tier).items():
            cell = cells[row, competency_id]
            for number, more in enumerate((count, count, count, count * level)):
                cell[number] += more
    for path, position_id, tier, competency_id, level, count in read(
        _levels_by_unit(paths), **values
    ):
        needed = required.of(position_id, tier).get(competency_id)
        if needed:
            cell = cells[sight.row_of(path), competency_id]
            cell[1] -= count if level >= needed else 0
            cell[2] -= count
            cell[3] -= count * min(level, needed)
    # Somebody may have come between the two statements: then nothing is below nought.
    return _Counted(
        dict(people), {key: Cell(*(max(0, each) for each in cell)) for key, cell in cells.items()}
    )


class _Required:
    """What positions require, put together once for each."""

    def __init__(self, found: Requirements) -> None:
        self._found = found
        self._known: dict[int, dict[int, int]] = {}

    def of(self, position_id: int, tier: Any) -> dict[int, int]:
        known = self._known.get(position_id)
        if known is None:
            known = self._known[position_id] = self._found.of(position_id, tier)
        return known
