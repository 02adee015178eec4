"""Files sent to the library of a course."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from wtforms.validators import ValidationError

from lms.core.forms import Form

MOST_AT_ONCE = 20


class UploadForm(Form):
    files = MultipleFileField(_l("Berkas"))

    def validate_files(self, field: MultipleFileField) -> None:
        sent = [file for file in field.data or [] if getattr(file, "filename", "")]
        if not sent:
            raise ValidationError(_l("Pilih berkas dahulu."))
        if len(sent) > MOST_AT_ONCE:
            raise ValidationError(_l("Paling banyak 20 berkas sekali kirim."))
