"""What is typed to close a course to newcomers."""

from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, Optional

from lms.accounts.rules import REASON_MAX
from lms.core.errors import DomainError
from lms.core.forms import Day, Form, at_most, required

FINISH, ENDS = "finish", "ends"


class ArchiveForm(Form):
    reason = StringField(
        _l("Alasan"),
        [required(_l("Isi alasan")), at_most(REASON_MAX)],
        description=_l("Terbaca oleh rekan di halaman Versi dan tercatat dalam log."),
    )


class WithdrawForm(Form):
    reason = StringField(
        _l("Alasan"),
        [required(_l("Isi alasan")), at_most(REASON_MAX)],
        description=_l("Dibaca oleh peserta, misalnya: aturan yang diajarkan sudah dicabut."),
    )
    learners = RadioField(
        _l("Peserta yang sedang belajar"),
        [AnyOf((FINISH, ENDS), message=_l("Pilih salah satu"))],
        choices=[
            SelectChoice(FINISH, _l("Boleh menyelesaikannya")),
            SelectChoice(ENDS, _l("Kursus berakhir bagi mereka")),
        ],
        default=FINISH,
    )
    ends_on = Day(
        _l("Hari terakhir"),
        [Optional()],
        description=_l("Bila berakhir: sampai akhir hari itu mereka masih dapat menyelesaikannya."),
    )

    @property
    def last_day(self) -> date | None:
        return self.ends_on.data if self.learners.data == ENDS else None

    def validate(self, extra_validators: Any = None) -> bool:
        fine = bool(super().validate(extra_validators))
        if fine and self.learners.data == ENDS and self.ends_on.data is None:
            self.refuse(DomainError(gettext("Isi hari terakhir"), "ends_on"))
            return False
        return fine
