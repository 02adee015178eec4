"""Rows of people from a file, held against who is known already."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from lms.accounts import rules
from lms.accounts.rules import Employment, PlacementStanding
from lms.accounts.rules.importing import (
    EXAMPLES,
    Fault,
    ImportKind,
    Plan,
    RowFault,
    line_of,
    one_of,
)

STANDINGS = {"definitif": PlacementStanding.DEFINITIVE, "plt": PlacementStanding.ACTING}
_YES_NO = {"ya": True, "tidak": False}
_SPOILED = re.compile(r"[0-9][.,]?[0-9]*e\+?[0-9]+", re.IGNORECASE)
_DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y")
_FIRST_YEAR, _LAST_YEAR = 1950, 2100


@dataclass(frozen=True)
class KnownPlacement:
    id: int
    unit: str
    position: str
    standing: PlacementStanding
    heads: bool
    start_on: date
    end_on: date | None


@dataclass(frozen=True)
class KnownPerson:
    """`may_manage`: within what the importing admin administers. `is_self`: that admin."""

    id: int
    name: str
    email: str | None
    employment: Employment
    placements: Sequence[KnownPlacement]
    may_manage: bool
    is_self: bool


@dataclass(frozen=True)
class Around:
    """What else a row of people is held against: codes of units within reach and beyond, codes of
    positions, who has which address, and the day of the import."""

    day: date
    units: frozenset[str]
    units_beyond: frozenset[str]
    positions: frozenset[str]
    owner_of_email: Mapping[str, int]


@dataclass(frozen=True)
class PersonRow:
    """The cells of a row, understood; None where a cell is empty."""

    nip: str
    name: str | None = None
    email: str | None = None
    employment: Employment | None = None
    unit: str | None = None
    position: str | None = None
    standing: PlacementStanding = PlacementStanding.DEFINITIVE
    heads: bool | None = None
    start_on: date | None = None
    end_on: date | None = None


def read_person(cells: Mapping[str, str], day: date) -> tuple[PersonRow, list[Fault]]:
    """A row understood, and what cannot be."""
    faults: list[Fault] = []
    nip = _nip(cells.get("nip", ""), day, faults)
    email = cells.get("surel", "").lower() or None
    if email and not rules.is_email(email):
        faults.append(Fault("surel", RowFault.EMAIL))
    row = PersonRow(
        nip=nip,
        name=line_of(cells, "nama", rules.NAME_MAX, faults),
        email=email,
        employment=one_of(cells, "status", {e.value: e for e in Employment}, faults),
        unit=line_of(cells, "unit", rules.CODE_MAX, faults),
        position=line_of(cells, "jabatan", rules.CODE_MAX, faults),
        standing=one_of(cells, "penempatan", STANDINGS, faults) or PlacementStanding.DEFINITIVE,
        heads=one_of(cells, "memimpin", _YES_NO, faults),
        start_on=_day(cells, "mulai", faults),
        end_on=_day(cells, "sampai", faults),
    )
    if row.employment is Employment.PNS and not faults and rules.is_pppk_number(nip):
        faults.append(Fault("nip", RowFault.NIP_PPPK))
    return row, faults


def _nip(typed: str, day: date, faults: list[Fault]) -> str:
    nip = rules.tidy_nip(typed)
    if not nip:
        faults.append(Fault("nip", RowFault.REQUIRED))
    elif nip == EXAMPLES[ImportKind.PEOPLE][0]:
        faults.append(Fault("nip", RowFault.EXAMPLE))
    elif _SPOILED.fullmatch(rules.tidy_line(typed)):
        faults.append(Fault("nip", RowFault.NIP_SPOILED))
    else:
        fault = rules.nip_fault(nip, day)
        if fault:
            faults.append(Fault("nip", RowFault(f"nip_{fault}")))
    return nip


def _day(cells: Mapping[str, str], column: str, faults: list[Fault]) -> date | None:
    typed = cells.get(column, "")
    if not typed:
        return None
    for pattern in _DAYS:
        try:
            day = datetime.strptime(typed, pattern).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        if _FIRST_YEAR <= day.year <= _LAST_YEAR:
            return day
    faults.append(Fault(column, RowFault.DAY))
    return None


def plan_person(row: PersonRow, person: KnownPerson | None, around: Around) -> Plan:
    """What a row without faults of its own would do to whoever has its number."""
    plan = Plan(is_new=person is None)
    _plan_account(row, person, around, plan)
    _plan_placement(row, person, around, plan)
    if person is not None and plan.changes:
        if person.is_self:
            plan.faults.append(Fault("nip", RowFault.OWN))
        elif not person.may_manage:
            plan.faults.append(Fault("nip", RowFault.NOT_YOURS))
    return plan


def _plan_account(row: PersonRow, person: KnownPerson | None, around: Around, plan: Plan) -> None:
    before = (person.name, person.email, person.employment) if person else (None, None, None)
    after = (row.name, row.email, row.employment)
    for column, old, new in zip(("nama", "surel", "status"), before, after, strict=True):
        if new is not None and new != old:
            plan.changes[column] = (old, new)
    if person is None:
        needed = {"nama": row.name, "status": row.employment, "unit": row.unit}
        needed["jabatan"] = row.position
        plan.faults += [Fault(c, RowFault.REQUIRED) for c, value in needed.items() if not value]
    owner = around.owner_of_email.get(row.email or "")
    if owner is not None and (person is None or owner != person.id):
        plan.faults.append(Fault("surel", RowFault.EMAIL_TAKEN))


def _plan_placement(row: PersonRow, person: KnownPerson | None, around: Around, plan: Plan) -> None:
    if row.unit is None or row.position is None:
        half = row.unit is not None or row.position is not None or row.start_on or row.end_on
        if person is not None and (half or row.heads is not None):
            missing = "jabatan" if row.unit is not None else "unit"
            plan.faults.append(Fault(missing, RowFault.PLACEMENT_HALF))
        return
    if row.unit not in around.units:
        known = row.unit in around.units_beyond
        plan.faults.append(Fault("unit", RowFault.BEYOND_REACH if known else RowFault.UNIT_UNKNOWN))
    if row.position not in around.positions:
        plan.faults.append(Fault("jabatan", RowFault.POSITION_UNKNOWN))
    if row.start_on and row.end_on and row.end_on < row.start_on:
        plan.faults.append(Fault("sampai", RowFault.ENDS_BEFORE))
    if plan.faults:
        return
    placements = [p for p in (person.placements if person else ()) if p.standing is row.standing]
    open_ones = [p for p in placements if p.end_on is None or p.end_on >= around.day]
    same = [p for p in open_ones if (p.unit, p.position) == (row.unit, row.position)]
    if same:
        _plan_correction(row, max(same, key=lambda p: p.start_on), plan)
    else:
        _plan_move(row, placements, open_ones, around.day, plan)


def _plan_correction(row: PersonRow, held: KnownPlacement, plan: Plan) -> None:
    """The same post again: only whether it heads the unit, and its last day, can differ."""
    if row.start_on is not None and row.start_on != held.start_on:
        plan.faults.append(Fault("mulai", RowFault.STARTS_OTHERWISE, str(held.start_on)))
        return
    if row.end_on is not None and row.end_on < held.start_on:
        plan.faults.append(Fault("sampai", RowFault.ENDS_BEFORE))
        return
    if row.heads is not None and row.heads != held.heads:
        plan.changes["memimpin"] = (_yes_no(held.heads), _yes_no(row.heads))
    if row.end_on is not None and row.end_on != held.end_on:
        plan.changes["sampai"] = (str(held.end_on) if held.end_on else None, str(row.end_on))
    if "memimpin" in plan.changes or "sampai" in plan.changes:
        plan.amends = held.id


def _plan_move(
    row: PersonRow, placements: Sequence[KnownPlacement], open_ones: Sequence[KnownPlacement],
    day: date, plan: Plan,
) -> None:  # fmt: skip
    """A placement that there is not yet. A definitive one ends the one before on the day before."""
    assert row.unit is not None
    assert row.position is not None
    start = row.start_on or day
    before: KnownPlacement | None = None
    if row.end_on is not None and row.end_on < start:
        plan.faults.append(Fault("sampai", RowFault.ENDS_BEFORE))
    if row.standing is PlacementStanding.DEFINITIVE:
        latest = max(placements, key=lambda p: p.start_on, default=None)
        if latest is not None:
            # Whoever was placed after that day, or is still counted there, needs a later start.
            reached = latest.start_on if latest in open_ones else latest.end_on
            if reached is not None and start <= reached:
                plan.faults.append(Fault("mulai", RowFault.STARTS_TOO_EARLY, str(reached)))
        before = max(open_ones, key=lambda p: p.start_on, default=None)
    if plan.faults:
        return
    plan.places = True
    plan.ends = before.id if before else None
    plan.changes |= {
        "unit": (before.unit if before else None, row.unit),
        "jabatan": (before.position if before else None, row.position),
        "penempatan": (None, "plt" if row.standing is PlacementStanding.ACTING else "definitif"),
        "memimpin": (_yes_no(before.heads) if before else None, _yes_no(bool(row.heads))),
        "mulai": (str(before.start_on) if before else None, str(start)),
    }
    if row.end_on is not None:
        plan.changes["sampai"] = (None, str(row.end_on))


def _yes_no(value: bool) -> str:
    return "ya" if value else "tidak"
