"""A cohort in words: its days, its seats, when one can register."""

from typing import Any

from flask_babel import gettext, ngettext

from lms.core import i18n
from lms.learning.queries.runs import RunView
from lms.learning.rules import Registration


def run_words(run: RunView) -> tuple[str, str]:
    """1 sampai 12 Februari 2027; 8 dari 30 kursi terisi, 3 menunggu."""
    dates = span_words(run.starts_on, run.ends_on)
    if not run.seats:
        seats = ngettext("%(num)s peserta", "%(num)s peserta", run.taken)
    else:
        seats = gettext(
            "%(taken)s dari %(seats)s kursi terisi",
            taken=i18n.number(run.taken), seats=i18n.number(run.seats),
        )  # fmt: skip
    if run.waiting:
        seats += ", " + ngettext("%(num)s menunggu", "%(num)s menunggu", run.waiting)
    return dates, seats


def span_words(starts_on: Any, ends_on: Any) -> str:
    if ends_on is None:
        return gettext("mulai %(date)s", date=i18n.long_date(starts_on))
    return gettext(
        "%(low)s sampai %(high)s", low=i18n.long_date(starts_on), high=i18n.long_date(ends_on)
    )


def registration_words(run: RunView) -> str:
    """When one can register."""
    match run.registration:
        case Registration.SOON:
            return gettext("Pendaftaran dibuka %(date)s", date=i18n.long_date(run.registers_from))
        case Registration.OPEN:
            return gettext("Pendaftaran sampai %(date)s", date=i18n.long_date(run.registers_until))
        case Registration.CANCELLED:
            return gettext("Angkatan dibatalkan")
        case _:
            return gettext("Pendaftaran sudah ditutup")
