"""Rows of people, units and positions from a file, held against what is known already.

An empty cell changes nothing, and who is not in the file stays as they are.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from lms.accounts import rules
from lms.accounts.rules import Employment, PlacementStanding

Choice = TypeVar("Choice")

ROWS_MAX = 100_000
FILE_MAX = 20 * 1024 * 1024  # bytes
# Nobody else writes while all of a file is applied in one transaction.
WHOLE_MAX = 3_000  # 0.84 ms each; other writers wait for 5 s at most
KEPT = timedelta(days=90)  # how long an import can be looked at and undone


class ImportKind(StrEnum):
    UNITS = "units"
    POSITIONS = "positions"
    PEOPLE = "people"


class ImportState(StrEnum):
    """Where an import stands. A job works on those in CHECKING, APPLYING and UNDOING."""

    READING = "reading"
    CHECKING = "checking"
    READY = "ready"
    APPLYING = "applying"
    APPLIED = "applied"
    STALE = "stale"  # the data changed after the preview; nothing was applied
    UNDOING = "undoing"
    UNDONE = "undone"
    FAILED = "failed"


WORKING = frozenset({ImportState.CHECKING, ImportState.APPLYING, ImportState.UNDOING})


class Verdict(StrEnum):
    """What a row would do."""

    WAITING = "waiting"
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    FAULTY = "faulty"


class Outcome(StrEnum):
    """What became of a row that would do something."""

    APPLIED = "applied"
    STALE = "stale"  # no longer what the preview had shown, so not applied
    UNDONE = "undone"
    KEPT = "kept"  # could not be undone: something was built on it


class RowFault(StrEnum):
    """Why a row cannot be applied."""

    ABOVE_FAULTY = "above_faulty"
    ABOVE_MOVED = "above_moved"
    ABOVE_UNKNOWN = "above_unknown"
    BEYOND_REACH = "beyond_reach"
    CHOICE = "choice"
    DAY = "day"
    EMAIL = "email"
    EMAIL_TAKEN = "email_taken"
    ENDS_BEFORE = "ends_before"
    EXAMPLE = "example"
    NIP_AGE = "nip_age"
    NIP_APPOINTMENT = "nip_appointment"
    NIP_BIRTH_DATE = "nip_birth_date"
    NIP_LENGTH = "nip_length"
    NIP_PPPK = "nip_pppk"
    NIP_SERIAL = "nip_serial"
    NIP_SEX = "nip_sex"
    NIP_SPOILED = "nip_spoiled"
    NOT_YOURS = "not_yours"
    OWN = "own"
    PLACEMENT_HALF = "placement_half"
    POSITION_UNKNOWN = "position_unknown"
    REQUIRED = "required"
    STARTS_OTHERWISE = "starts_otherwise"
    STARTS_TOO_EARLY = "starts_too_early"
    TOO_LONG = "too_long"
    TOO_MANY_CELLS = "too_many_cells"
    TWICE = "twice"
    UNIT_UNKNOWN = "unit_unknown"
    ZONE = "zone"


# What a file holds, in the order of its template; the first column names the row.
COLUMNS: dict[ImportKind, tuple[str, ...]] = {
    ImportKind.UNITS: ("kode", "nama", "induk", "zona"),
    ImportKind.POSITIONS: ("kode", "nama", "jenjang"),
    ImportKind.PEOPLE: (
        "nip", "nama", "surel", "status", "unit", "jabatan", "penempatan", "memimpin", "mulai",
        "sampai",
    ),
}  # fmt: skip
EXAMPLES: dict[ImportKind, tuple[str, ...]] = {
    ImportKind.UNITS: ("CONTOH-01", "Bidang Contoh", "KODE-INDUK", "WIB"),
    ImportKind.POSITIONS: ("CONTOH-01", "Jabatan Contoh", "ahli_pertama"),
    ImportKind.PEOPLE: (
        "199001012015011001", "Nama Contoh", "nama.contoh@contoh.test", "pns", "KODE-UNIT",
        "KODE-JABATAN", "definitif", "tidak", "2026-01-31", "",
    ),
}  # fmt: skip
STANDINGS = {"definitif": PlacementStanding.DEFINITIVE, "plt": PlacementStanding.ACTING}
_YES_NO = {"ya": True, "tidak": False}
_SPOILED = re.compile(r"[0-9][.,]?[0-9]*e\+?[0-9]+", re.IGNORECASE)
_DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y")
_FIRST_YEAR, _LAST_YEAR = 1950, 2100


@dataclass(frozen=True)
class Fault:
    """What is wrong in which column; `value` is what the words about it name."""

    column: str
    code: RowFault
    value: str = ""


Change = tuple[str | None, str | None]  # before and after, as a file would spell them


@dataclass
class Plan:
    """What a row would do. `amends`: the placement that is corrected; `ends`: the one that a new
    placement ends."""

    changes: dict[str, Change] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    is_new: bool = False
    amends: int | None = None
    ends: int | None = None
    places: bool = False

    @property
    def verdict(self) -> Verdict:
        if self.faults:
            return Verdict.FAULTY
        if self.is_new:
            return Verdict.NEW
        return Verdict.CHANGED if self.changes else Verdict.SAME


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


def header_key(cell: str) -> str:
    """A heading as COLUMNS spells it."""
    return rules.tidy_line(cell).lower().strip("*: ")


def key_of(kind: ImportKind, cells: Mapping[str, str]) -> str:
    """What names the row: the same twice in a file is a fault."""
    first = cells.get(COLUMNS[kind][0], "")
    return rules.tidy_nip(first)[:40] if kind is ImportKind.PEOPLE else first[:40]


# ── People ───────────────────────────────────────────────────────────────────────────────────


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


def line_of(cells: Mapping[str, str], column: str, most: int, faults: list[Fault]) -> str | None:
    value = cells.get(column) or None
    if value and len(value) > most:
        faults.append(Fault(column, RowFault.TOO_LONG, str(most)))
    return value


def one_of(
    cells: Mapping[str, str], column: str, choices: Mapping[str, Choice], faults: list[Fault]
) -> Choice | None:
    typed = cells.get(column, "").lower().rstrip(".")
    if not typed:
        return None
    if typed not in choices:
        faults.append(Fault(column, RowFault.CHOICE, ", ".join(choices)))
        return None
    return choices[typed]


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
