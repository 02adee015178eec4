"""What people type to sign in and to keep their account."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, PasswordField, StringField
from wtforms.validators import EqualTo

from lms.core.forms import Form, at_most, required


class SignInForm(Form):
    identifier = StringField(
        _l("NIP atau surel"), [required(_l("Isi NIP atau surel Anda")), at_most(254)]
    )
    password = PasswordField(_l("Kata sandi"), [required(_l("Isi kata sandi Anda")), at_most(1000)])
    remember = BooleanField(_l("Ingat saya di perangkat ini"))
    next = HiddenField()
    held = HiddenField()


class ForgotPasswordForm(Form):
    identifier = StringField(
        _l("NIP atau surel"), [required(_l("Isi NIP atau surel Anda")), at_most(254)]
    )


class NewPasswordForm(Form):
    password = PasswordField(_l("Kata sandi baru"), [required(_l("Isi kata sandi baru"))])
    password_again = PasswordField(
        _l("Ulangi kata sandi baru"),
        [
            required(_l("Ulangi kata sandi baru")),
            EqualTo("password", message=_l("Kedua kata sandi tidak sama")),
        ],
    )


class ChangePasswordForm(NewPasswordForm):
    current = PasswordField(
        _l("Kata sandi sekarang"), [required(_l("Isi kata sandi Anda sekarang"))]
    )
