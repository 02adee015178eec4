"""A lesson as its trainer types it."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, NumberRange

from lms.core.forms import Form, at_most, required
from lms.core.markdown import MAX_LENGTH


class RestoreForm(Form):
    """`number` is that of the save that somebody looked at."""

    number = HiddenField(validators=[required(_l("Muat ulang halaman, lalu coba lagi."))])

    @property
    def began_from(self) -> int:
        """0 for what is no number, which is never that of a save."""
        number = self.number.data or ""
        return int(number) if number.isascii() and number.isdecimal() and len(number) < 10 else 0


class FileForm(RestoreForm):
    """A whole file as it is."""

    text = TextAreaField(_l("Isi pelajaran (Markdown)"), validators=[at_most(MAX_LENGTH)])


class LessonForm(FileForm):
    """`base` is what the lesson said when the form was filled (`actions.lessons.base_of`)."""

    base = HiddenField()
    title = StringField(
        _l("Judul"), validators=[DataRequired(_l("Judul belum diisi.")), at_most(120)]
    )
    minutes = IntegerField(
        _l("Menit"),
        validators=[
            required(_l("Lama belajar belum diisi.")),
            NumberRange(1, 6000, message=_l("Tulis angka antara 1 dan 6000.")),
        ],
    )
