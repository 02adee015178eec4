"""A file of a draft as plain text."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField

from lms.core.forms import Form, at_most
from lms.formats.course_folder.folder import TEXT_LIMIT


class TextForm(Form):
    """`number` is that of the save that the text began from."""

    number = HiddenField()
    text = TextAreaField(_l("Teks berkas"), [at_most(TEXT_LIMIT)])

    @property
    def plain_text(self) -> str:
        """With the line ends of files: a browser sends others."""
        return (self.text.data or "").replace("\r\n", "\n").replace("\r", "\n")

    @property
    def began_from(self) -> int:
        """0 for what is no number: no save ever had it."""
        typed = self.number.data or ""
        return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else 0


class BlockForm(Form):
    """One question as text. `base` is what it began from (`queries.quizzes.mark_of`)."""

    base = HiddenField()
    block = TextAreaField(_l("Teks soal"), [at_most(TEXT_LIMIT)])

    @property
    def plain_text(self) -> str:
        return (self.block.data or "").replace("\r\n", "\n").replace("\r", "\n").strip("\n")
