"""What is typed in a review."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.validators import Optional

from lms.core.forms import Form, Whole, at_most, required

COMMENT_MAX = 2000


class RemarkForm(Form):
    """A comment beside what it is about; without a line and a question it is about the part."""

    line = Whole(validators=[Optional()])
    question = HiddenField()
    text = TextAreaField(
        _l("Komentar"),
        [required(_l("Tulis komentar")), at_most(COMMENT_MAX)],
        filters=[lambda typed: (typed or "").strip()],
    )


class CommentForm(Form):
    file = SelectField(_l("Tentang"), validate_choice=False)
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
