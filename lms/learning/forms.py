"""What learners type: a choice, and buttons."""

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SelectMultipleField
from wtforms.validators import NumberRange

from lms.core.forms import Form


class AnswerForm(Form):
    """One question. Options carry their position as shown, from 1; radio and checkbox alike."""

    answer = SelectMultipleField(coerce=int, validate_choice=False, default=[], choices=[])
    seq = IntegerField(
        validators=[NumberRange(1, 2**31 - 1, message=_l("Muat ulang halaman, lalu coba lagi."))]
    )
