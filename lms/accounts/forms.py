"""What people type to sign in and to keep their account."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, PasswordField, StringField
from wtforms.validators import DataRequired, EqualTo

from lms.accounts import rules
from lms.core.forms import Form, at_most, required


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
