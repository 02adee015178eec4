"""What is typed to begin a course."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, DataRequired, ValidationError

from lms.core import i18n
from lms.core.forms import Form, at_most, required
from lms.courses.forms.course import LANGUAGES
from lms.courses.forms.outline import TITLE_MAX, tidy

SLUG_MAX = 80
ARCHIVE = "archive"
BEGINNINGS = ("blank", "kursus-singkat", "kursus-ujian", "kursus-kasus", ARCHIVE)


class NewCourseForm(Form):
    title = StringField(
        _l("Judul kursus"), [required(_l("Isi judul")), at_most(TITLE_MAX)], filters=[tidy]
    )
    slug = StringField(
        _l("Alamat kursus"),
        [at_most(SLUG_MAX)],
        description=_l("Huruf kecil, angka, dan tanda hubung. Kosongkan agar dibuat dari judul."),
        filters=[tidy],
    )
    unit = StringField(
        _l("Kode unit pemilik"), [required(_l("Isi kode unit")), at_most(40)], filters=[tidy]
    )


class NewBankForm(Form):
    title = StringField(
        _l("Nama bank"), [DataRequired(_l("Isi nama")), at_most(TITLE_MAX)], filters=[tidy]
    )
    unit = StringField(
        _l("Kode unit pemilik"),
        [DataRequired(_l("Isi kode unit")), at_most(40)],
        description=_l(
            "Pengajar di unit ini, di bawahnya, dan di atasnya dapat membaca bank dan mengambil "
            "soalnya. Bank unit teratas terbuka untuk semua pengajar."
        ),
        filters=[tidy],
    )


class BeginCourseForm(NewCourseForm):
    title = StringField(
        _l("Judul kursus"),
        [at_most(TITLE_MAX)],
        description=_l("Untuk berkas ZIP boleh kosong: judul di dalamnya yang dipakai."),
        filters=[tidy],
    )
    beginning = RadioField(
        _l("Mulai dari"),
        [AnyOf(BEGINNINGS, message=_l("Pilih salah satu"))],
        choices=[
            SelectChoice("blank", _l("Kosong")),
            SelectChoice("kursus-singkat", _l("Kursus singkat: pelajaran dan kuis akhir, 1 JP")),
            SelectChoice("kursus-ujian", _l("Pre-test, materi, latihan, dan ujian akhir, 2 JP")),
            SelectChoice("kursus-kasus", _l("Satu kasus: memahami, menimbang, bertindak, 2 JP")),
            SelectChoice(ARCHIVE, _l("Folder kursus dalam berkas ZIP")),
        ],
        default="blank",
    )
    language = SelectField(
        _l("Bahasa kursus"),
        [AnyOf(i18n.LANGUAGES, message=_l("Pilih salah satu"))],
        choices=LANGUAGES,
        default=i18n.language,
        description=_l(
            "Juga bahasa templatnya. Folder dalam berkas ZIP membawa bahasanya sendiri."
        ),
        validate_choice=False,
    )
    archive = FileField(
        _l("Berkas ZIP"),
        description=_l("Hanya untuk pilihan terakhir. Bila alamat kosong, nama foldernya dipakai."),
    )

    def validate_title(self, field: StringField) -> None:
        if self.beginning.data != ARCHIVE and not field.data:
            raise ValidationError(_l("Isi judul"))

    def validate_archive(self, field: FileField) -> None:
        if self.beginning.data == ARCHIVE and not field.data:
            raise ValidationError(_l("Pilih berkas ZIP"))
