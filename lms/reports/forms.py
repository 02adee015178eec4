"""What a head types to have somebody stand in for her."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField, TextAreaField

from lms.accounts import rules
from lms.accounts.rules.delegating import DELEGATION_DAYS
from lms.core.forms import Day, Form, at_most, required


class DelegateForm(Form):
    """The choices of `unit` are the codes of the units that the actor heads by a placement."""

    identifier = StringField(
        _l("NIP atau surel pengganti"),
        [required(_l("Isi NIP atau surelnya")), at_most(rules.EMAIL_MAX)],
        filters=[lambda typed: rules.tidy_line(typed or "")],
    )
    unit = SelectField(_l("Unit"), [required(_l("Pilih unit"))], validate_choice=False)
    start_on = Day(
        _l("Mulai"),
        [required(_l("Isi tanggal mulai"))],
        description=_l("Hari pertama; paling awal hari ini."),
    )
    end_on = Day(
        _l("Sampai"),
        [required(_l("Isi tanggal akhir"))],
        description=_l("Hari terakhir; paling lama %(num)d hari.", num=DELEGATION_DAYS),
    )
    reason = TextAreaField(
        _l("Alasan"),
        [required(_l("Isi alasan")), at_most(rules.REASON_MAX)],
        description=_l("Misalnya cuti atau tugas luar, dengan nomor suratnya."),
    )
