"""What learners type: a choice, and buttons."""

from flask_babel import gettext
from wtforms import Field
from wtforms.validators import ValidationError

from lms.core.forms import Form

_MOST = 2**31 - 1


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


class AnswerForm(Form):
    """One question. Options carry their position as shown, from 1; radio and checkbox alike.

    `seq` is the number of this save, from 1; exactly one is sent.
    """

    answer = Numbers()
    seq = Numbers()
