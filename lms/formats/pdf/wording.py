"""The sentences of a certificate, Indonesian and English."""

from datetime import date
from decimal import Decimal

from babel import dates, numbers

from lms.formats.pdf.printed import Printed

MINUTES_PER_JP = 45


def held_id(p: Printed) -> str:
    hours = f"meliputi {number(p.jp)} ({in_words(p.jp)}) jam pelajaran (JP)"
    first, last = _period(p)
    when = f"{first} sampai {last}" if first else f"pada {last}"
    score = f", dengan nilai {number(p.score)} dari 100" if p.score is not None else ""
    return f"{hours}, diselenggarakan daring {when}{score}."


def held_en(p: Printed) -> str:
    noun = "hour" if p.jp == 1 else "hours"
    hours = f"comprising {number(p.jp, 'en')} learning {noun} (JP) of {MINUTES_PER_JP} minutes"
    first, last = _period(p, "en")
    when = f"from {first} to {last}" if first else f"on {last}"
    score = f", with a score of {number(p.score, 'en')} out of 100" if p.score is not None else ""
    return f"{hours}, held online {when}{score}."


def _period(p: Printed, language: str = "id") -> tuple[str, str]:
    """First and last day, without saying a month or year twice; "" for a first day that is also the
    last."""
    first, last = p.started_on, p.completed_on
    if first == last:
        return "", long_date(last, language)
    same_year = first.year == last.year
    pattern = (
        "d" if same_year and first.month == last.month else "d MMMM" if same_year else "d MMMM y"
    )
    return dates.format_date(first, pattern, locale=language), long_date(last, language)


def validity(p: Printed) -> str:
    if p.valid_until is None:
        return "Berlaku tanpa batas waktu / Valid without end"
    until = (long_date(p.valid_until), long_date(p.valid_until, "en"))
    return (
        "Berlaku sampai {} / Valid until {}".format(*until)
        if until[0] != until[1]
        else (f"Berlaku sampai / Valid until {until[0]}")
    )


def spaced_nip(nip: str) -> str:
    return f"{nip[:8]} {nip[8:14]} {nip[14:15]} {nip[15:]}" if len(nip) == 18 else nip


def long_date(day: date, language: str = "id") -> str:
    return dates.format_date(day, "d MMMM y", locale=language)


def number(value: Decimal | int, language: str = "id") -> str:
    return numbers.format_decimal(value, format="#,##0.##", locale=language)


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
