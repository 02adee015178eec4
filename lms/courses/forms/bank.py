"""What is done to several questions of a bank at once."""

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Optional, Regexp
from wtforms.widgets import HiddenInput

from lms.core.forms import Form, at_most
from lms.courses.forms.outline import TITLE_MAX, tidy


class TakeForm(Form):
    """Questions of the index that are to be copied."""

    question = SelectMultipleField(validate_choice=False)


class TopicForm(Form):
    title = StringField(
        _l("Nama topik"), [DataRequired(_l("Isi nama")), at_most(TITLE_MAX)], filters=[tidy]
    )


class NameForm(Form):
    number = IntegerField(widget=HiddenInput())
    title = StringField(
        _l("Nama bank"), [DataRequired(_l("Isi nama")), at_most(TITLE_MAX)], filters=[tidy]
    )


class BankForm(Form):
    key = SelectMultipleField(validate_choice=False)
    tag = StringField(
        _l("Tag"),
        [
            Optional(),
            Regexp(
                r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}\Z",
                message=_l("Pakai huruf, angka, titik, dan tanda hubung."),
            ),
        ],
    )
    to = SelectField(_l("Pindahkan ke"), validate_choice=False)
