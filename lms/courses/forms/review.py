"""What is typed in a review."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.validators import NumberRange, Optional

from lms.core.forms import Form, Whole, at_most, required

COMMENT_MAX = 2000


class CommentForm(Form):
    file = SelectField(_l("Tentang"), validate_choice=False)
    line = Whole(
        _l("Baris"),
        [Optional(), NumberRange(1, 1_000_000, _l("Tulis nomor baris"))],
        description=_l("Kosongkan bila tentang seluruh berkas."),
    )
    text = TextAreaField(
        _l("Komentar"),
        [required(_l("Tulis komentar")), at_most(COMMENT_MAX)],
        filters=[lambda typed: (typed or "").strip()],
    )


class DecisionForm(Form):
    mark = HiddenField()  # the last change of the draft that was read
    note = TextAreaField(
        _l("Catatan"),
        [at_most(COMMENT_MAX)],
        filters=[lambda typed: (typed or "").strip()],
        id="note",
    )
