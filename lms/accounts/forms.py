"""What people type to sign in and to keep their account."""

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FileField,
    HiddenField,
    PasswordField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import AnyOf, DataRequired, EqualTo, Optional

from lms.accounts import rules
from lms.accounts.rules.importing import ImportKind
from lms.core.forms import Day, Form, at_most, required


def _identifier() -> StringField:
    return StringField(
        _l("NIP atau surel"),
        [DataRequired(_l("Isi NIP atau surel Anda")), at_most(rules.EMAIL_MAX)],
        filters=[lambda typed: rules.tidy_line(typed or "")],
    )


class SignInForm(Form):
    identifier = _identifier()
    password = PasswordField(_l("Kata sandi"), [required(_l("Isi kata sandi Anda")), at_most(1000)])
    remember = BooleanField(_l("Ingat saya di perangkat ini"))
    next = HiddenField(filters=[rules.inner_path])
    held = HiddenField()


class ForgotPasswordForm(Form):
    identifier = _identifier()


class NewPasswordForm(Form):
    password = PasswordField(
        _l("Kata sandi baru"),
        [required(_l("Isi kata sandi baru"))],
        description=_l(
            "Paling sedikit %(n)d karakter. Beberapa kata yang tidak berkaitan mudah diingat dan "
            "sulit ditebak.",
            n=rules.PASSWORD_MIN,
        ),
    )
    password_again = PasswordField(
        _l("Ulangi kata sandi baru"),
        [
            required(_l("Ulangi kata sandi baru")),
            EqualTo("password", message=_l("Kedua kata sandi tidak sama")),
        ],
    )


class ChangePasswordForm(NewPasswordForm):
    current = PasswordField(
        _l("Kata sandi sekarang"), [required(_l("Isi kata sandi Anda sekarang")), at_most(1000)]
    )
    held = HiddenField()


class ActivateForm(Form):
    identifier = _identifier()
    code = StringField(
        _l("Kode aktivasi"),
        [required(_l("Isi kode dari surat Anda")), at_most(40)],
        description=_l("Dua belas huruf dan angka, misalnya 7K2M-9PQR-4TVX."),
        filters=[lambda typed: rules.tidy_line(typed or "")],
    )


def _reason() -> TextAreaField:
    return TextAreaField(_l("Alasan"), [required(_l("Isi alasan")), at_most(rules.REASON_MAX)])


class GrantRoleForm(Form):
    role = SelectField(
        _l("Peran"),
        [required(_l("Pilih peran")), AnyOf(list(rules.Role), message=_l("Pilih peran"))],
        validate_choice=False,
    )
    unit = StringField(
        _l("Kode unit"),
        [required(_l("Isi kode unit")), at_most(rules.CODE_MAX)],
        description=_l("Peran berlaku di unit ini dan semua unit di bawahnya."),
    )
    start_on = Day(_l("Mulai"), [required(_l("Isi tanggal mulai"))])
    end_on = Day(_l("Sampai"), [Optional()])
    reason = _reason()


class EndRoleForm(Form):
    reason = _reason()


class ImportForm(Form):
    kind = SelectField(
        _l("Isi berkas"),
        [required(_l("Pilih isi berkas")), AnyOf(list(ImportKind), message=_l("Pilih isi berkas"))],
        validate_choice=False,
        default=ImportKind.PEOPLE,
    )
    file = FileField(
        _l("Berkas CSV atau XLSX"),
        [DataRequired(_l("Pilih berkas yang akan diimpor"))],
    )


class ApplyForm(Form):
    """Two buttons."""

    mode = HiddenField(validators=[AnyOf(["whole", "rows"], message=_l("Pilih cara menerapkan"))])
