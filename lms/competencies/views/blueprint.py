"""The blueprint that all pages of this room share, and the words that they have in common."""

from datetime import date
from typing import TYPE_CHECKING

from flask import Blueprint
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lms.accounts.rules import PositionTier
from lms.competencies.rules import CompetencyKind, HourUnit, RatingRule
from lms.core import i18n

if TYPE_CHECKING:
    from lms.competencies.models import EvidenceRule, HourForm, HourTarget, MatchCategory

bp = Blueprint("competencies", __name__)

KINDS = {
    CompetencyKind.MANAGERIAL: _l("Manajerial"),
    CompetencyKind.SOCIOCULTURAL: _l("Sosial kultural"),
    CompetencyKind.TECHNICAL: _l("Teknis"),
}
RULES = {
    RatingRule.HIGHEST: _l("Yang tertinggi"),
    RatingRule.LATEST: _l("Yang terbaru"),
    RatingRule.ASSESSOR: _l("Penilaian asesor didahulukan"),
}
RULE_WORDS = {
    RatingRule.HIGHEST: _l("Bukti tertinggi menetapkan tingkat, kapan pun diperoleh."),
    RatingRule.LATEST: _l(
        "Bukti yang paling baru diperoleh menetapkan tingkat, juga bila lebih rendah."
    ),
    RatingRule.ASSESSOR: _l(
        "Penilaian asesor yang terbaru menetapkan tingkat; bila belum ada, bukti tertinggi."
    ),
}
LEVEL_NAMES = (
    _l("Paham, dalam pengembangan"),
    _l("Dasar"),
    _l("Menengah"),
    _l("Mumpuni"),
    _l("Ahli"),
)
UNITS = {
    HourUnit.CURRICULUM: _l("JP menurut kurikulum"),
    HourUnit.DAY: _l("hari"),
    HourUnit.TIME: _l("kali"),
    HourUnit.SEMESTER: _l("semester"),
}
TIERS = {
    PositionTier.JPT_UTAMA: _l("JPT utama"),
    PositionTier.JPT_MADYA: _l("JPT madya"),
    PositionTier.JPT_PRATAMA: _l("JPT pratama"),
    PositionTier.ADMINISTRATOR: _l("Administrator"),
    PositionTier.PENGAWAS: _l("Pengawas"),
    PositionTier.PELAKSANA: _l("Pelaksana"),
    PositionTier.PEMULA: _l("Fungsional pemula"),
    PositionTier.TERAMPIL: _l("Fungsional terampil"),
    PositionTier.MAHIR: _l("Fungsional mahir"),
    PositionTier.PENYELIA: _l("Fungsional penyelia"),
    PositionTier.AHLI_PERTAMA: _l("Fungsional ahli pertama"),
    PositionTier.AHLI_MUDA: _l("Fungsional ahli muda"),
    PositionTier.AHLI_MADYA: _l("Fungsional ahli madya"),
    PositionTier.AHLI_UTAMA: _l("Fungsional ahli utama"),
}


def span(start_on: date, end_on: date | None) -> str:
    """When a dated row holds, in words."""
    since = i18n.long_date(start_on)
    if end_on is None:
        return gettext("sejak %(day)s", day=since)
    if end_on < start_on:
        return gettext("diganti sebelum berlaku pada %(day)s", day=since)
    return gettext("%(first)s sampai %(last)s", first=since, last=i18n.long_date(end_on))


def saved_words(*, changed: bool) -> str:
    return gettext("Perubahan disimpan.") if changed else gettext("Tidak ada yang diubah.")


def line_of(typed: str | None) -> str:
    """What was typed, with single blanks."""
    return " ".join((typed or "").split())


def set_by(row: "EvidenceRule | MatchCategory | HourTarget | HourForm") -> str:
    """Who set a dated row."""
    return row.set_by.name if row.set_by else gettext("data rujukan awal")
