"""Rows of units and positions from a file, held against those that there are."""

from collections.abc import Mapping
from dataclasses import dataclass

from lms.accounts import rules
from lms.accounts.rules import PositionTier
from lms.accounts.rules.importing import (
    EXAMPLES,
    Fault,
    ImportKind,
    Plan,
    RowFault,
    line_of,
    one_of,
)

ZONES = {"wib": "Asia/Jakarta", "wita": "Asia/Makassar", "wit": "Asia/Jayapura"}


@dataclass(frozen=True)
class KnownUnit:
    """`above`: the code of the unit above it."""

    name: str
    above: str | None
    time_zone: str
    in_reach: bool


@dataclass(frozen=True)
class UnitRow:
    code: str
    name: str | None
    above: str | None
    time_zone: str | None


def read_unit(cells: Mapping[str, str]) -> tuple[UnitRow, list[Fault]]:
    faults: list[Fault] = []
    zone = cells.get("zona", "").lower()
    if zone and zone not in ZONES:
        faults.append(Fault("zona", RowFault.ZONE))
    row = UnitRow(
        code=_code(cells, ImportKind.UNITS, faults),
        name=line_of(cells, "nama", rules.NAME_MAX, faults),
        above=line_of(cells, "induk", rules.CODE_MAX, faults),
        time_zone=ZONES.get(zone),
    )
    return row, faults


def _code(cells: Mapping[str, str], kind: ImportKind, faults: list[Fault]) -> str:
    code = line_of(cells, "kode", rules.CODE_MAX, faults)
    if not code:
        faults.append(Fault("kode", RowFault.REQUIRED))
    elif code == EXAMPLES[kind][0]:
        faults.append(Fault("kode", RowFault.EXAMPLE))
    return code or ""


def plan_unit(
    row: UnitRow, unit: KnownUnit | None, above: KnownUnit | None, *,
    above_is_faulty: bool, reaches_all: bool,
) -> Plan:  # fmt: skip
    """`above`: the unit that the row names above itself, known already or from a row before."""
    plan = Plan(is_new=unit is None)
    fault = _above_fault(row, unit, above, above_is_faulty, reaches_all)
    if fault:
        plan.faults.append(fault)
    if unit is None and not row.name:
        plan.faults.append(Fault("nama", RowFault.REQUIRED))
    before = {"nama": unit.name, "zona": unit.time_zone} if unit else {"nama": None, "zona": None}
    if unit is None and row.above:
        plan.changes["induk"] = (None, row.above)
    for column, new in (("nama", row.name), ("zona", row.time_zone)):
        if new is not None and new != before[column]:
            plan.changes[column] = (before[column], new)
    if unit is not None and plan.changes and not unit.in_reach:
        plan.faults.append(Fault("kode", RowFault.BEYOND_REACH))
    return plan


def _above_fault(
    row: UnitRow, unit: KnownUnit | None, above: KnownUnit | None, above_is_faulty: bool,
    reaches_all: bool,
) -> Fault | None:  # fmt: skip
    if unit is not None:
        moved = row.above is not None and row.above != unit.above
        return Fault("induk", RowFault.ABOVE_MOVED, unit.above or "–") if moved else None
    if row.above is not None and above_is_faulty:
        return Fault("induk", RowFault.ABOVE_FAULTY)
    if row.above is not None and above is None:
        return Fault("induk", RowFault.ABOVE_UNKNOWN)
    within = above.in_reach if above else reaches_all
    return None if within else Fault("induk", RowFault.BEYOND_REACH)


@dataclass(frozen=True)
class PositionRow:
    code: str
    name: str | None
    tier: PositionTier | None


def read_position(cells: Mapping[str, str]) -> tuple[PositionRow, list[Fault]]:
    faults: list[Fault] = []
    tiers = {tier.value: tier for tier in PositionTier}
    spelled = {**cells, "jenjang": "_".join(cells.get("jenjang", "").split())}
    row = PositionRow(
        code=_code(cells, ImportKind.POSITIONS, faults),
        name=line_of(cells, "nama", rules.NAME_MAX, faults),
        tier=one_of(spelled, "jenjang", tiers, faults),
    )
    return row, faults


def plan_position(row: PositionRow, position: tuple[str, PositionTier] | None) -> Plan:
    """`position`: name and tier of the one that has the code."""
    plan = Plan(is_new=position is None)
    if position is None:
        needed = {"nama": row.name, "jenjang": row.tier}
        plan.faults += [Fault(c, RowFault.REQUIRED) for c, value in needed.items() if not value]
    before = position or (None, None)
    for column, old, new in zip(("nama", "jenjang"), before, (row.name, row.tier), strict=True):
        if new is not None and new != old:
            plan.changes[column] = (old, new)
    return plan
