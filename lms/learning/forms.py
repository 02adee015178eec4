"""What learners type: a choice, and buttons."""

from flask_babel import gettext
from wtforms import Field
from wtforms.validators import ValidationError

from lms.core.forms import Form

_MOST = 2**31 - 1
_MOST_TEXTS = 1000
_LONGEST = 5000


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
