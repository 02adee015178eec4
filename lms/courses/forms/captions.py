"""Captions, transcript and poster of a video or sound."""

from flask_babel import lazy_gettext as _l
from wtforms import FileField, HiddenField, SelectField, TextAreaField

from lms.core.forms import Form, Whole, at_most
from lms.formats.course_folder.folder import TEXT_LIMIT

TRANSCRIPT_MAX = 50_000
# Those that courses are most often translated to and from; a course folder can name any other.
LANGUAGES = ("id", "en", "jv", "su", "mad", "min", "bug", "ban", "bjn", "ace", "ms", "ar", "zh")


class LanguageForm(Form):
    language = SelectField(_l("Bahasa"), validate_choice=False)


class CaptionsForm(Form):
    """`base` is the digest of the captions that these began from, "" where there were none."""

    base = HiddenField()
    file = FileField(_l("Berkas WebVTT"))
    text = TextAreaField(
        _l("Takarir"),
        [at_most(TEXT_LIMIT)],
        description=_l("Setiap takarir: satu baris waktu, lalu teksnya, lalu satu baris kosong."),
    )


class PosterForm(Form):
    picture = SelectField(_l("Dari media kursus"), validate_choice=False)
    upload = FileField(_l("Atau unggah gambar"))


class TranscriptForm(Form):
    """`number` is the save of the part's settings that the text was read from."""

    number = Whole()
    text = TextAreaField(
        _l("Transkrip"),
        [at_most(TRANSCRIPT_MAX)],
        description=_l("Markdown. Dibaca oleh yang tidak dapat mendengar atau menghemat data."),
    )
    file = FileField(_l("Atau unggah berkas teks (.txt, .md)"))
