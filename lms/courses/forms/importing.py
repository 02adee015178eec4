"""Questions from outside, pasted or as a file."""

from flask_babel import lazy_gettext as _l
from wtforms import FileField, TextAreaField

from lms.core.forms import Form, at_most


class ImportForm(Form):
    text = TextAreaField(_l("Tempel soal"), [at_most(400_000)])
    file = FileField(_l("Atau pilih berkas"))
