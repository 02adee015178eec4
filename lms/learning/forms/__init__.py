"""What learners type, and whoever assigns them a course."""

import re

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    Field,
    FieldList,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, NumberRange, Optional, ValidationError

from lms.accounts import rules as people
from lms.core.forms import Day, Form, Whole, at_most, required
from lms.courses.forms.fields import Percent
from lms.learning.rules import EnrolmentWay

_MOST = 2**31 - 1
_MOST_TEXTS = 1000
_LONGEST = 40_000  # with the line ends as browsers send them; the engine counts exactly
_RANGES = re.compile(r"(\d{1,6}-\d{1,6}(,\d{1,6}-\d{1,6})*)?", re.ASCII)


class Numbers(Field):
    """Whole numbers above nought, as many as were sent; `data` is a list of int."""

    def process_formdata(self, values: list[str]) -> None:
        self.data = []
        if not all(v.isascii() and v.isdecimal() and len(v) <= 10 for v in values):
            raise ValueError(gettext("Pilihan ini tidak ada pada soal."))
        self.data = [int(v) for v in values]

    def pre_validate(self, _form: Form) -> None:
        if not all(0 < n <= _MOST for n in self.data or []):
            raise ValidationError(gettext("Pilihan ini tidak ada pada soal."))


class Texts(Field):
    """Short texts, as many as were sent; `data` is a list of str."""

    def process_formdata(self, values: list[str]) -> None:
        self.data = values

    def pre_validate(self, _form: Form) -> None:
        if len(self.data or []) > _MOST_TEXTS or any(len(v) > _LONGEST for v in self.data or []):
            raise ValidationError(gettext("Jawaban ini terlalu panjang; persingkat."))


class AnswerForm(Form):
    """One question. What `answer` says depends on its kind: see `quizzes.marking`.

    `seq` is the number of this save, from 1; exactly one is sent.
    """

    answer = Texts()
    seq = Numbers()
    file = Field()  # looked at by the page; here so that what is wrong with it stands beside it


class Ranges(Field):
    """Ranges of seconds as the script writes them, `0-12,40-45`; `data` is a list of pairs."""

    def process_formdata(self, values: list[str]) -> None:
        written = (values[0] if values else "").strip()
        if len(written) > 2000 or not _RANGES.fullmatch(written):
            raise ValueError(gettext("Muat ulang halaman, lalu coba lagi."))
        self.data = [[int(n) for n in each.split("-")] for each in written.split(",") if each]


def _whole(most: int) -> list[object]:
    return [Optional(), NumberRange(min=0, max=most)]


class ReportForm(Form):
    """What the page of a lesson reports; `seq` and the rest come from its script only. `opened`
    is the page's signed time of opening."""

    opened = StringField()
    seq = IntegerField(validators=_whole(_MOST))
    seconds = IntegerField(validators=_whole(86_400))
    position = IntegerField(validators=_whole(10**8))
    end = BooleanField()
    watched = Ranges()


class NoteForm(Form):
    """A note of one's own. `seq` is the number of this save, above the stored one."""

    text = TextAreaField(_l("Catatan saya"), validators=[at_most(10_000)])
    seq = IntegerField(validators=[NumberRange(min=1, max=_MOST)])


def _more(most: int) -> list[object]:
    words = _l("Isi angka dari 0 sampai %(max)s.")
    return [Optional(), NumberRange(min=0, max=most, message=words)]


def _due_on(label: str) -> Day:
    return Day(label, validators=[required(_l("Isi tanggal batas."))])


def _reason(id_: str = "reason") -> StringField:
    return StringField(
        _l("Alasan"), validators=[required(_l("Isi alasan.")), at_most(people.REASON_MAX)], id=id_
    )


class AssignForm(Form):
    """A course for a unit (its UUID) or for people (theirs), by a day, with a reason."""

    course = StringField(_l("Kursus"), validators=[required(_l("Pilih kursus."))])
    unit = StringField(_l("Untuk"))
    person = Texts()
    due_on = _due_on(_l("Batas"))
    reason = _reason()


class ExtendForm(Form):
    due_on = _due_on(_l("Batas baru"))
    reason = _reason("extend-reason")  # stands beside the other form


CODE_MAX = 80  # of units and positions 40, of courses more
SPARE = 2  # empty rows for further units and positions


def _codes(label: str) -> FieldList:
    tidy = [lambda typed: people.tidy_line(typed or "")]
    return FieldList(StringField(label, [at_most(CODE_MAX)], filters=tidy), max_entries=200)


class PolicyForm(Form):
    """Whom a course takes in, and how: codes of units and positions, kinds of positions, addresses
    of the courses that come first."""

    way = RadioField(
        _l("Cara mendaftar"),
        [AnyOf(tuple(EnrolmentWay), message=_l("Pilih salah satu."))],
        choices=[
            SelectChoice(EnrolmentWay.DIRECT, _l("Langsung terdaftar")),
            SelectChoice(EnrolmentWay.APPROVAL, _l("Dengan persetujuan")),
            SelectChoice(EnrolmentWay.INVITATION, _l("Hanya dengan undangan")),
        ],
        validate_choice=False,
    )
    units = _codes(_l("Kode unit"))
    positions = _codes(_l("Kode jabatan"))
    kinds = SelectMultipleField(_l("Jenis jabatan"), validate_choice=False)
    requires = _codes(_l("Alamat kursus"))
    by_run = BooleanField(_l("Peserta mengikuti angkatan"))

    def spare(self) -> None:
        """Rows to spare where the page is shown anew."""
        if not self.is_submitted():
            for rows in (self.units, self.positions, self.requires):
                for _ in range(SPARE):
                    rows.append_entry()


class AskForm(Form):
    reason = TextAreaField(
        _l("Alasan mengikuti"),
        validators=[Optional(), at_most(people.REASON_MAX)],
        description=_l("Membantu pengelola kursus memutuskan."),
    )


class AnswerRequestsForm(Form):
    """`verdict` is "approve" or "refuse"."""

    verdict = StringField()
    reason = StringField(
        _l("Alasan penolakan"), validators=[Optional(), at_most(people.REASON_MAX)]
    )


class InviteForm(Form):
    """NIPs, one a line, or the code of a unit."""

    nips = TextAreaField(
        _l("NIP pegawai"),
        validators=[Optional(), at_most(10_000)],
        description=_l("Satu NIP per baris; dapat ditempel dari lembar kerja. Paling banyak 200."),
    )
    unit = StringField(
        _l("Kode unit"),
        validators=[Optional(), at_most(people.CODE_MAX)],
        description=_l("Semua pegawai unit ini dan unit di bawahnya, paling banyak 200."),
    )


class RunForm(Form):
    """A cohort."""

    name = StringField(
        _l("Nama angkatan"),
        [required(_l("Isi nama.")), at_most(80)],
        description=_l("Misalnya Angkatan I 2027."),
        filters=[lambda typed: people.tidy_line(typed or "")],
    )
    registers_from = Day(_l("Pendaftaran dibuka"), [required(_l("Isi tanggal."))])
    registers_until = Day(
        _l("Pendaftaran ditutup"),
        [required(_l("Isi tanggal."))],
        description=_l("Sampai akhir hari itu."),
    )
    starts_on = Day(
        _l("Mulai tanggal"),
        [required(_l("Isi tanggal."))],
        description=_l("Bagian-bagian kursus terbuka pada awal hari itu."),
    )
    ends_on = Day(
        _l("Berakhir tanggal"),
        [Optional()],
        description=_l("Hari terakhir yang direncanakan. Peserta tetap dapat membuka kursus."),
    )
    seats = Whole(
        _l("Kursi"),
        [NumberRange(0, 100_000, _l("Tulis 0 sampai 100.000."))],
        default=0,
        description=_l("0: tanpa batas. Yang mendaftar sesudah penuh masuk daftar tunggu."),
    )


class CancelRunForm(Form):
    reason = _reason()


class MoveForm(Form):
    run = SelectField(_l("Ke angkatan"), [required(_l("Pilih angkatan."))], validate_choice=False)


class MessageForm(Form):
    """A text to learners of a course."""

    text = TextAreaField(_l("Pesan"), validators=[required(_l("Isi pesan.")), at_most(1000)])


class TakeOutForm(Form):
    reason = _reason()


class AllowanceForm(Form):
    """What learners may beyond the limits of a quiz, named by its key; minutes and attempts."""

    quiz = SelectField(_l("Kuis"), validators=[required(_l("Pilih kuis."))])
    extra_time = IntegerField(_l("Tambahan waktu (menit)"), validators=_more(600))
    extra_attempts = IntegerField(_l("Tambahan kesempatan"), validators=_more(20))
    closes_on = Day(_l("Ditutup pada"), validators=[Optional()])
    reason = _reason()


class RunAllowanceForm(AllowanceForm):
    """The same for a cohort."""

    run = SelectField(_l("Angkatan"), validators=[required(_l("Pilih angkatan."))])


class TimeRightForm(Form):
    """More time in every quiz, as a percent of the time limit."""

    percent = IntegerField(
        _l("Persen dari waktu kuis"),
        validators=[required(_l("Isi persen.")), NumberRange(110, 300, _l("Isi 110 sampai 300."))],
    )
    reason = _reason()


class VoidForm(Form):
    reason = _reason()


class MarkForm(Form):
    """The mark of an essay: points, or a level for each criterion of its rubric, whose fields the
    page names. `number` is that of the save that the form began from."""

    number = IntegerField(validators=[NumberRange(min=0, max=_MOST)])
    points = Percent(_l("Poin"))
    levels = Field()
    feedback = TextAreaField(_l("Umpan balik untuk peserta"), validators=[at_most(5000)])
    reason = StringField(_l("Alasan perubahan"), validators=[at_most(people.REASON_MAX)])


class WithdrawForm(Form):
    reason = _reason()
