"""What is typed to publish a draft."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf

from lms.core.forms import Form, at_most, required

NOTE_MAX = 500
CONTENT, SMALL = "content", "small"


class PublishForm(Form):
    mark = HiddenField()  # the draft as it was shown: see `draft_mark`
    change = RadioField(
        _l("Jenis perubahan"),
        [AnyOf((CONTENT, SMALL), message=_l("Pilih salah satu"))],
        choices=[
            SelectChoice(CONTENT, _l("Isi berubah")),
            SelectChoice(SMALL, _l("Perbaikan kecil")),
        ],
        default=CONTENT,
    )
    note = TextAreaField(
        _l("Catatan perubahan"),
        [required(_l("Tulis apa yang berubah")), at_most(NOTE_MAX)],
        description=_l("Tersimpan bersama versi ini dan dibaca oleh rekan penulis."),
        filters=[lambda typed: (typed or "").strip()],
    )
