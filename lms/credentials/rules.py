"""Pure decisions about certificates: numbers, codes, validity, shares of the hours."""

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from string import Formatter

from lms.formats import codes

NUMBER_LENGTH = 60
CODE_LENGTH = 20  # signs: 100 bits


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
    """The code that somebody copied from paper; None where it can be no code."""
    code = codes.tidy(typed)
    return code if len(code) == CODE_LENGTH and set(code) <= set(codes.SIGNS) else None


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


# ── Hours and names ──────────────────────────────────────────────────────────────────────────


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
