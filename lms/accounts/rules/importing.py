"""What imports of people, units and positions share: the file, its rows, and what is said of them.

An empty cell changes nothing, and who is not in the file stays as they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

from lms.accounts import rules

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


def header_key(cell: str) -> str:
    """A heading as COLUMNS spells it."""
    return rules.tidy_line(cell).lower().strip("*: ")


def key_of(kind: ImportKind, cells: Mapping[str, str]) -> str:
    """What names the row: the same twice in a file is a fault."""
    first = cells.get(COLUMNS[kind][0], "")
    return rules.tidy_nip(first)[:40] if kind is ImportKind.PEOPLE else first[:40]


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
