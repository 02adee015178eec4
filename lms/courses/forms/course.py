"""What is typed about a course as a whole: what stands in its course.toml."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    Field,
    FieldList,
    FormField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms import Form as Part
from wtforms.fields.choices import SelectChoice
from wtforms.validators import NumberRange, Optional, StopValidation, ValidationError
from wtforms.widgets import HiddenInput

from lms.core import i18n
from lms.core.forms import Form, Whole, at_most, required
from lms.courses.forms.outline import TITLE_MAX, tidy
from lms.formats.course_folder.content import Standing
from lms.formats.course_folder.writing import slug_of

LANGUAGES = (SelectChoice("id", "Bahasa Indonesia"), SelectChoice("en", "English"))
SPARE = 2  # empty rows for further outcomes and goals
_CENT = Decimal("0.01")


class Number(StringField):
    """A number of two decimals at most, with a comma or a point."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return i18n.number(self.data) if isinstance(self.data, Decimal) else ""

    def process_data(self, value: object) -> None:
        self.data = Decimal(str(value)) if isinstance(value, int | float | Decimal) else None

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        try:
            self.data = Decimal(valuelist[0].strip().replace(",", "."))
            if self.data != self.data.quantize(_CENT):
                raise InvalidOperation
        except InvalidOperation as error:
            self.data = None
            raise ValueError(_l("Tulis angka dengan paling banyak dua desimal")) from error


def _line(label: str, longest: int, *more: Any, description: str = "") -> StringField:
    return StringField(label, [*more, at_most(longest)], description=description, filters=[tidy])


class OutcomeForm(Part):
    competency = SelectField(_l("Kompetensi"), [Optional()], validate_choice=False)
    level_from = Whole(
        _l("Dari tingkat"), [Optional(), NumberRange(0, 4, _l("0 sampai 4"))], default=0
    )
    level_to = Whole(_l("Ke tingkat"), [Optional(), NumberRange(1, 5, _l("1 sampai 5"))], default=1)

    def validate_level_to(self, field: IntegerField) -> None:
        if self.competency.data and (field.data or 0) <= (self.level_from.data or 0):
            raise ValidationError(_l("Harus lebih tinggi dari tingkat awal"))


def _beside_competency(form: Any, field: Field) -> None:
    """Needed with a competency, and left out without one."""
    is_empty = not (field.raw_data and str(field.raw_data[0]).strip())
    if is_empty or not form.competency.data:
        field.errors = []
        raise StopValidation(_l("Isi bersama kompetensinya") if form.competency.data else "")
    if field.errors:
        raise StopValidation


class GoalForm(Part):
    key = StringField(widget=HiddenInput())
    text = StringField(
        _l("Tujuan"), [Optional(), at_most(200)], filters=[lambda typed: tidy(typed)]
    )
    competency = SelectField(
        _l("Menjadi bukti kompetensi"), [Optional()], validate_choice=False, default=""
    )
    level = Whole(_l("Bukti tingkat"), [_beside_competency, NumberRange(1, 5, _l("1 sampai 5"))])
    score = Number(_l("Nilai minimum (persen)"), [_beside_competency])
    standing = SelectField(
        _l("Kekuatan bukti"),
        choices=[
            SelectChoice(Standing.SUPPORTS.value, _l("Mendukung tingkat itu")),
            SelectChoice(Standing.PROVES.value, _l("Membuktikan tingkat itu, sejauh aturan bukti")),
        ],
        default=Standing.SUPPORTS.value,
        validate_choice=False,
    )

    def validate_score(self, field: Number) -> None:
        if field.data is not None and not 0 < field.data <= 100:
            raise ValidationError(_l("Tulis angka di atas 0 sampai 100"))

    def evidence(self) -> dict[str, Any]:
        """What reaching the goal is evidence of; empty without a competency."""
        if not self.competency.data:
            return {}
        proves = self.standing.data == Standing.PROVES
        return {
            "competency": self.competency.data,
            "level": self.level.data,
            "score": self.score.data,
            **({"standing": Standing.PROVES.value} if proves else {}),
        }


class CourseForm(Form):
    """`number` is the save of course.toml that the form was filled from, `base` what it said then
    (`views.conflicts`)."""

    number = IntegerField(widget=HiddenInput())
    base = HiddenField()
    title = _line(_l("Judul kursus"), TITLE_MAX, required(_l("Isi judul")))
    summary = _line(
        _l("Ringkasan"),
        200,
        required(_l("Isi ringkasan")),
        description=_l("Satu kalimat untuk katalog."),
    )
    purpose = TextAreaField(
        _l("Kegunaan"),
        [required(_l("Isi kegunaan")), at_most(1000)],
        description=_l("Setelah kursus ini Anda dapat …"),
    )
    language = SelectField(
        _l("Bahasa kursus"),
        choices=LANGUAGES,
        validate_choice=False,
    )
    category = _line(_l("Kategori"), 80, required(_l("Isi kategori")))
    jp = Number(
        _l("Jam pelajaran (JP)"), [required(_l("Isi JP"))], description=_l("1 JP adalah 45 menit.")
    )
    trainer = _line(_l("Pengajar"), 160)
    organiser = _line(_l("Penyelenggara"), 160)
    score = Number(
        _l("Nilai minimum untuk lulus (persen)"),
        [required(_l("Isi nilai minimum"))],
        description=_l("0 untuk kursus tanpa kuis berbobot."),
    )
    certificate = BooleanField(_l("Yang lulus mendapat sertifikat"))
    validity_months = Whole(
        _l("Masa berlaku sertifikat (bulan)"),
        [NumberRange(0, 600, _l("Tulis 0 sampai 600"))],
        default=0,
        description=_l("0: berlaku tanpa batas waktu."),
    )
    outcomes = FieldList(FormField(OutcomeForm))
    goals = FieldList(FormField(GoalForm))

    def validate_jp(self, field: Number) -> None:
        if field.data is not None and not Decimal(0) < field.data < Decimal(1000):
            raise ValidationError(_l("Tulis angka di atas 0 dan di bawah 1.000"))

    def validate_score(self, field: Number) -> None:
        if field.data is not None and not Decimal(0) <= field.data <= Decimal(100):
            raise ValidationError(_l("Tulis 0 sampai 100"))

    def offer(self, competencies: Sequence[tuple[str, str]], *, spare: bool) -> None:
        """Give each row its choices. `spare`: add rows to be filled."""
        if spare:
            for rows in (self.outcomes, self.goals):
                for _ in range(SPARE):
                    rows.append_entry()
        for row in (*self.outcomes, *self.goals):
            row.form.competency.choices = [("", _l("Tidak ada")), *competencies]

    def settings(self) -> dict[str, Any]:
        """As course.toml has them; None where a setting is left out."""
        goals = [row.form for row in self.goals if row.form.text.data]
        taken = {goal.key.data for goal in goals if goal.key.data}
        told = []
        for goal in goals:
            key = goal.key.data or slug_of(goal.text.data, taken, fallback="tujuan")
            taken.add(key)
            told.append({"key": key, "text": goal.text.data, **goal.evidence()})
        outcomes = [
            {
                "competency": row.form.competency.data,
                "from": row.form.level_from.data or 0,
                "to": row.form.level_to.data,
            }
            for row in self.outcomes
            if row.form.competency.data
        ]
        return {
            "title": self.title.data,
            "summary": self.summary.data,
            "purpose": str(self.purpose.data or "").replace("\r\n", "\n").strip(),
            "language": self.language.data,
            "category": self.category.data,
            "jp": self.jp.data,
            "trainer": self.trainer.data or None,
            "organiser": self.organiser.data or None,
            "certificate": None if self.certificate.data else False,
            "validity_months": self.validity_months.data or None,
            "pass": {"score": self.score.data},
            "outcomes": outcomes or None,
            "goals": told or None,
        }


class TextForm(Form):
    number = IntegerField(widget=HiddenInput())
    text = TextAreaField(_l("Isi berkas"), [at_most(1_000_000)])
