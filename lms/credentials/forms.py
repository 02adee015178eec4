"""What HR types about a certificate."""

from flask_babel import lazy_gettext as _l
from wtforms import StringField

from lms.accounts import rules as people
from lms.core.forms import Form, at_most, required


class ReasonForm(Form):
    reason = StringField(
        _l("Alasan"), validators=[required(_l("Isi alasan.")), at_most(people.REASON_MAX)]
    )
