"""What a person enters about external training, and why a claim is returned."""

from decimal import Decimal

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FileField,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import AnyOf, NumberRange, Optional

from lms.core.forms import Day, Form, Quantity, at_most, required
from lms.development import rules
from lms.development.rules import ClaimKind


class ClaimForm(Form):
    """A claim. `key` makes the same form sent twice one claim; `kept` holds a document that was
    read before another field was refused."""

    key = HiddenField()
    kept = HiddenField()
    kind = SelectField(
        _l("Jenis bukti"), [AnyOf(list(ClaimKind), _l("Pilih jenis."))], validate_choice=False
    )
    title = StringField(
        _l("Nama kegiatan atau sertifikat"),
        [required(_l("Isi nama.")), at_most(rules.TITLE_MAX)],
    )
    organiser = StringField(
        _l("Penyelenggara"),
        [required(_l("Isi penyelenggara.")), at_most(rules.ORGANISER_MAX)],
    )
    number = StringField(_l("Nomor sertifikat"), [at_most(rules.NUMBER_MAX)])
    started_on = Day(_l("Mulai"), [required(_l("Isi tanggal."))])
    ended_on = Day(_l("Selesai"), [required(_l("Isi tanggal."))])
    valid_until = Day(_l("Berlaku sampai"), [Optional()])
    form = SelectField(
        _l("Bentuk kegiatan"), [required(_l("Pilih bentuk."))], validate_choice=False
    )
    quantity = Quantity(
        _l("Jumlah"),
        [
            required(_l("Isi angka, misalnya 20 atau 7,5.")),
            NumberRange(
                Decimal("0.01"), rules.QUANTITY_MAX, _l("Isi lebih dari 0, paling banyak 1000.")
            ),
        ],
    )
    abroad = BooleanField(_l("Kegiatan internasional"))
    competency = SelectField(_l("Kompetensi"), validate_choice=False)
    level = SelectField(
        _l("Tingkat yang dibuktikan"),
        [AnyOf(["", "1", "2", "3", "4", "5"], _l("Pilih tingkat."))],
        validate_choice=False,
    )
    document = FileField(_l("Dokumen"))


class ReturnForm(Form):
    reason = TextAreaField(
        _l("Alasan pengembalian"), [required(_l("Isi alasan.")), at_most(rules.REASON_MAX)]
    )
