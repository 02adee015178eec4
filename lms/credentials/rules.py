"""Pure decisions about certificates: numbers, codes, validity, what is printed."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from string import Formatter
from typing import Any

MINUTES_PER_JP = 45
NUMBER_LENGTH = 60
# Without I, L, O and U, so that nobody misreads one; 20 signs are 100 bits.
SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 20
_MISREAD = str.maketrans("ILO", "110")


class EventKind(StrEnum):
    """What happens to a certificate after its issue."""

    FILE_MADE = "file_made"
    REVOKED = "revoked"


class CertificateState(StrEnum):
    VALID = "valid"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"
    EXPIRED = "expired"


def state_of(
    *, revoked: bool, superseded: bool, valid_until: date | None, today: date
) -> CertificateState:
    """What a certificate is worth today; the last day of its validity still counts."""
    if revoked:
        return CertificateState.REVOKED
    if superseded:
        return CertificateState.SUPERSEDED
    if valid_until is not None and today > valid_until:
        return CertificateState.EXPIRED
    return CertificateState.VALID


# ── Numbers and codes ────────────────────────────────────────────────────────────────────────


def pattern_fault(pattern: str) -> str | None:
    """What is wrong with a pattern of numbers, as the rest of a sentence; None: nothing.

    {number} runs through the year without a gap and {year} is the year of issue: together they make
    a number unique. {check} are two digits that betray a slip in copying either.
    """
    try:
        names = [name for _, name, form, turn in Formatter().parse(pattern) if name is not None]
        plain = not any(form or turn for _, _, form, turn in Formatter().parse(pattern))
    except ValueError:
        return "has a brace too many"
    if not plain or set(names) - {"number", "year", "check"}:
        return "knows only {number}, {year} and {check}"
    if not {"number", "year"} <= set(names):
        return "must hold {number} and {year}"
    if len(number_of(pattern, 2026, 9_999_999)) > NUMBER_LENGTH:
        return f"makes numbers of more than {NUMBER_LENGTH} characters"
    return None


def number_of(pattern: str, year: int, ordinal: int) -> str:
    """The number of a certificate by the site's pattern."""
    # ISO 7064, modulus 97: finds every single wrong digit and every pair that changed places.
    check = 98 - int(f"{year}{ordinal:07}") * 100 % 97
    return pattern.format(number=f"{ordinal:04}", year=year, check=f"{check:02}")


def tidy_code(typed: str) -> str | None:
    """The code that somebody copied from paper: case, blanks and hyphens do not matter. None where
    it can be no code."""
    code = re.sub(r"[\s-]", "", typed).upper().translate(_MISREAD)
    return code if len(code) == CODE_LENGTH and set(code) <= set(SIGNS) else None


def grouped(code: str) -> str:
    """7KQ2-M8TD-…: as it is printed."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


# ── Validity ─────────────────────────────────────────────────────────────────────────────────


def valid_until(earned_on: date, months: int) -> date | None:
    """The last day of validity; None for 0 months: without end. The 31st becomes the last day of a
    shorter month."""
    if not months:
        return None
    year, month = divmod(earned_on.year * 12 + earned_on.month - 1 + months, 12)
    for day in range(earned_on.day, 0, -1):
        try:
            return date(year, month + 1, day)
        except ValueError:
            continue
    raise AssertionError("every month has a first day")


def next_reminder(until: date, stages: Sequence[int], today: date) -> date | None:
    """The next day, after today, on which the holder is reminded; None: never again."""
    days = [date.fromordinal(until.toordinal() - stage) for stage in stages]
    return min((day for day in days if day > today), default=None)


# ── What is printed ──────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Taught:
    """A module with its learning time and its share of the hours."""

    title: str
    minutes: int
    jp: Decimal


@dataclass(frozen=True)
class Reached:
    """A competency and the level that the course leads to."""

    name: str
    name_en: str
    level: int


@dataclass(frozen=True)
class Printed:
    """Everything that stands on a certificate, frozen at its issue. `logo` is the digest of a file,
    "" for the product's mark; `replaces` the number of the certificate before it, "" for none."""

    number: str
    code: str
    address: str
    office: str
    issuer: str
    organiser: str
    name: str
    nip: str
    is_pppk: bool
    position: str
    unit: str
    course: str
    version: int
    language: str
    jp: Decimal
    started_on: date
    completed_on: date
    score: Decimal | None
    competencies: tuple[Reached, ...]
    modules: tuple[Taught, ...]
    place: str
    issued_on: date
    signatory: str
    signatory_position: str
    valid_until: date | None
    logo: str = ""
    replaces: str = ""


def to_plain(printed: Printed) -> dict[str, Any]:
    """As values that JSON keeps exactly: no floats, dates and decimals as text."""
    return {name: _plain(value) for name, value in asdict(printed).items()}


def from_plain(plain: Mapping[str, Any]) -> Printed:
    values = {field.name: plain[field.name] for field in fields(Printed)}
    for name in ("started_on", "completed_on", "issued_on", "valid_until"):
        values[name] = date.fromisoformat(values[name]) if values[name] else None
    values["jp"] = Decimal(values["jp"])
    values["score"] = None if values["score"] is None else Decimal(values["score"])
    values["competencies"] = tuple(Reached(**row) for row in values["competencies"])
    values["modules"] = tuple(
        Taught(**{**row, "jp": Decimal(row["jp"])}) for row in values["modules"]
    )
    return Printed(**values)


def printed_digest(plain: Mapping[str, Any]) -> str:
    """SHA-256 (hex) over what is printed. It holds the code, which nobody can guess, so that the
    digest alone does not give away a name."""
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else value


def shares(jp: Decimal, minutes: Sequence[int]) -> list[Decimal]:
    """The hours of a course, divided over its modules by their learning time: they add up exactly.

    In quarters where the hours are so, else in hundredths; what is left over goes where most was
    cut off.
    """
    step = Decimal("0.25") if jp % Decimal("0.25") == 0 else Decimal("0.01")
    whole = sum(minutes)
    if not whole:
        minutes, whole = [1] * len(minutes), len(minutes)
    exact = [jp * each / whole / step for each in minutes]
    parts = [each.to_integral_value(ROUND_DOWN) for each in exact]
    left = int(jp / step - sum(parts))
    by_loss = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_loss[:left]:
        parts[i] += 1
    return [each * step for each in parts]


def masked_nip(nip: str) -> str:
    """•••••••• •••••• • 014: what the public may see of a NIP."""
    return f"•••••••• •••••• • {nip[-3:]}"


_UNITS = "nol satu dua tiga empat lima enam tujuh delapan sembilan sepuluh sebelas".split()


def in_words(value: Decimal) -> str:
    """A number below a thousand in Indonesian words: dua puluh, satu koma lima."""
    whole, _, rest = format(value, "f").partition(".")
    rest = rest.rstrip("0")
    words = _whole_in_words(int(whole))
    return f"{words} koma {' '.join(_UNITS[int(digit)] for digit in rest)}" if rest else words


def _whole_in_words(value: int) -> str:
    if value < 12:
        return _UNITS[value]
    if value < 20:
        return f"{_UNITS[value - 10]} belas"
    if value < 100:
        tens, rest = divmod(value, 10)
        return f"{_UNITS[tens]} puluh{f' {_UNITS[rest]}' if rest else ''}"
    hundreds, rest = divmod(value, 100)
    head = "seratus" if hundreds == 1 else f"{_UNITS[hundreds]} ratus"
    return f"{head}{f' {_whole_in_words(rest)}' if rest else ''}"
