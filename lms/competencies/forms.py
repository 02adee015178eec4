"""What HR types into the dictionary and the standards."""

from decimal import Decimal

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FileField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import AnyOf, NumberRange, Optional, StopValidation

from lms.accounts.rules import Employment
from lms.competencies import rules
from lms.competencies.rules import (
    CompetencyKind,
    EvidenceKind,
    HourCategory,
    HourUnit,
    RatingRule,
)
from lms.core.forms import Day, Form, Quantity, Whole, at_most, required


def _indicators(level: int) -> TextAreaField:
    return TextAreaField(_LEVELS[level], validators=[at_most(rules.TEXT_MAX)])


_LEVELS = {
    1: _l("Tingkat 1: paham, dalam pengembangan"),
    2: _l("Tingkat 2: dasar"),
    3: _l("Tingkat 3: menengah"),
    4: _l("Tingkat 4: mumpuni"),
    5: _l("Tingkat 5: ahli"),
}


class CompetencyForm(Form):
    """The words of a competency; of each level the indicators, one a line. `seen`: the number of
    the revision on the screen."""

    name = StringField(_l("Nama"), validators=[required(_l("Isi nama.")), at_most(rules.NAME_MAX)])
    name_en = StringField(_l("Nama dalam bahasa Inggris"), validators=[at_most(rules.NAME_MAX)])
    field = StringField(_l("Bidang urusan"), validators=[at_most(rules.NAME_MAX)])
    definition = TextAreaField(
        _l("Definisi"), validators=[required(_l("Isi definisi.")), at_most(rules.TEXT_MAX)]
    )
    level_1 = _indicators(1)
    level_2 = _indicators(2)
    level_3 = _indicators(3)
    level_4 = _indicators(4)
    level_5 = _indicators(5)
    rating_rule = SelectField(
        _l("Bukti yang menetapkan tingkat"),
        [AnyOf(list(RatingRule), _l("Pilih aturan."))],
        validate_choice=False,
    )
    reason = StringField(
        _l("Alasan perubahan"),
        validators=[required(_l("Isi alasan.")), at_most(rules.REASON_MAX)],
    )
    seen = Whole(validators=[Optional()])


class NewCompetencyForm(CompetencyForm):
    code = StringField(_l("Kode"), validators=[required(_l("Isi kode.")), at_most(rules.CODE_MAX)])
    kind = SelectField(
        _l("Jenis"), [AnyOf(list(CompetencyKind), _l("Pilih jenis."))], validate_choice=False
    )


class StandardForm(Form):
    """One competency of a standard, from a day on. Level 0: not required any more."""

    competency = StringField(
        _l("Kode kompetensi"), validators=[required(_l("Isi kode.")), at_most(rules.CODE_MAX)]
    )
    level = SelectField(
        _l("Tingkat"),
        [AnyOf([str(n) for n in range(rules.LEVELS + 1)], _l("Pilih tingkat."))],
        validate_choice=False,
    )
    weight = Whole(
        _l("Bobot"),
        validators=[
            required(_l("Isi bobot.")),
            NumberRange(1, rules.WEIGHT_MAX, _l("Isi bobot 1 sampai 100.")),
        ],
    )
    start_on = Day(_l("Berlaku mulai"), validators=[required(_l("Isi tanggal."))])
    source = StringField(
        _l("Dasar penetapan"), validators=[required(_l("Isi dasarnya.")), at_most(rules.SOURCE_MAX)]
    )


class EvidenceRuleForm(Form):
    """Up to which level a kind of evidence proves, from a day on. Level 0: it only supports."""

    kind = SelectField(
        _l("Jenis bukti"), [AnyOf(list(EvidenceKind), _l("Pilih jenis."))], validate_choice=False
    )
    level = SelectField(
        _l("Yang dibuktikannya"),
        [AnyOf([str(n) for n in range(rules.LEVELS + 1)], _l("Pilih tingkat."))],
        validate_choice=False,
    )
    start_on = Day(_l("Berlaku mulai"), validators=[required(_l("Isi tanggal."))])
    source = StringField(
        _l("Alasan atau dasar"), [required(_l("Isi alasan.")), at_most(rules.SOURCE_MAX)]
    )


def _unless_ended(form: "MatchCategoryForm", field: Whole) -> None:
    if form.ended.data:
        field.errors = []
        raise StopValidation


class MatchCategoryForm(Form):
    """What a Job Person Match from so many percent on is called, from a day on; or no longer."""

    name = StringField(
        _l("Nama kategori"), [required(_l("Isi nama.")), at_most(rules.CATEGORY_MAX)]
    )
    name_en = StringField(_l("Nama dalam bahasa Inggris"), [at_most(rules.CATEGORY_MAX)])
    from_percent = Whole(
        _l("Mulai dari (persen)"), [_unless_ended, NumberRange(0, 100, _l("Isi 0 sampai 100."))]
    )
    ended = BooleanField(_l("Tidak dipakai lagi"))
    start_on = Day(_l("Berlaku mulai"), validators=[required(_l("Isi tanggal."))])
    source = StringField(
        _l("Alasan atau dasar"), [required(_l("Isi alasan.")), at_most(rules.SOURCE_MAX)]
    )


def _hours(label: object, *before: object) -> Quantity:
    words = _l("Isi lebih dari 0, paling banyak 1000.")
    within = NumberRange(Decimal("0.01"), rules.HOURS_MAX, words)
    return Quantity(label, [*before, within], places=None)


class HourTargetForm(Form):
    """The JP that people of a status have to reach in a year and in those after it."""

    employment = SelectField(
        _l("Status kepegawaian"),
        [AnyOf(list(Employment), _l("Pilih status."))],
        validate_choice=False,
    )
    target_jp = _hours(_l("Target JP setahun"), required(_l("Isi angka, misalnya 20 atau 7,5.")))
    year = Whole(
        _l("Mulai tahun"),
        [required(_l("Isi tahun.")), NumberRange(2000, 2100, _l("Isi tahun, misalnya 2027."))],
    )
    source = StringField(
        _l("Alasan atau dasar"), [required(_l("Isi alasan.")), at_most(rules.SOURCE_MAX)]
    )
    needs_verification = BooleanField(_l("Masih perlu diverifikasi"))


class HourFormForm(Form):
    """How a form of development becomes hours, from a day on; or that it is no longer in use."""

    code = StringField(_l("Kode"), [required(_l("Isi kode.")), at_most(rules.FORM_CODE_MAX)])
    name = StringField(_l("Nama"), [required(_l("Isi nama.")), at_most(rules.NAME_MAX)])
    name_en = StringField(_l("Nama dalam bahasa Inggris"), [at_most(rules.NAME_MAX)])
    category = SelectField(
        _l("Kategori"), [AnyOf(list(HourCategory), _l("Pilih kategori."))], validate_choice=False
    )
    unit = SelectField(
        _l("Satuan"), [AnyOf(list(HourUnit), _l("Pilih satuan."))], validate_choice=False
    )
    jp = _hours(_l("JP per satuan"), Optional())
    jp_abroad = _hours(_l("JP per satuan, kegiatan internasional"), Optional())
    daily_cap = _hours(_l("Paling banyak JP sehari"), Optional())
    cap_applies = BooleanField(_l("Terapkan batas JP sehari"))
    monthly_times = Whole(
        _l("Paling banyak berapa kali sebulan"),
        [Optional(), NumberRange(1, 31, _l("Isi 1 sampai 31."))],
    )
    ended = BooleanField(_l("Tidak dipakai lagi"))
    start_on = Day(_l("Berlaku mulai"), validators=[required(_l("Isi tanggal."))])
    source = StringField(
        _l("Alasan atau dasar"), [required(_l("Isi alasan.")), at_most(rules.SOURCE_MAX)]
    )
    needs_verification = BooleanField(_l("Masih perlu diverifikasi"))


class RatingForm(Form):
    """A level of somebody's competency. `key` makes the same form sent twice one rating."""

    key = HiddenField()
    competency = SelectField(
        _l("Kompetensi"), [required(_l("Pilih kompetensi."))], validate_choice=False
    )
    level = SelectField(
        _l("Tingkat"),
        [AnyOf([str(n) for n in range(1, rules.LEVELS + 1)], _l("Pilih tingkat."))],
        validate_choice=False,
    )
    occasion = StringField(
        _l("Dalam kegiatan apa"), [required(_l("Isi kegiatannya.")), at_most(rules.SOURCE_MAX)]
    )
    rated_on = Day(_l("Tanggal"), [required(_l("Isi tanggal."))])
    note = TextAreaField(_l("Catatan penilaian"), [at_most(1000)])


class TableForm(Form):
    """A table to import; `kept` names it when it comes back to be applied."""

    file = FileField(_l("Berkas CSV atau XLSX"))
    kept = HiddenField()
