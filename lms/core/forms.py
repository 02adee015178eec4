"""What every form shares: our own words for the usual errors, and how an act is tried."""

from contextlib import AbstractContextManager
from typing import Any, overload

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, DecimalField, IntegerField
from wtforms.validators import InputRequired, Length

from lms.core.db import begin_write, db
from lms.core.errors import DomainError


class Form(FlaskForm):
    """A form with CSRF. WTForms has no Indonesian, so validators state their messages."""

    form_errors: list[str]

    def refuse(self, error: DomainError) -> None:
        """Show a broken rule beside its field, or on top of the form."""
        field: Any = self._fields.get(error.field or "")
        if field is None:
            self.form_errors.append(error.message)
        else:
            field.errors = [*field.errors, error.message]


class EmptyForm(Form):
    """A button: nothing but the CSRF token."""


class Day(DateField):
    """A date as a browser sends it."""

    def process_formdata(self, values: list[str]) -> None:
        try:
            super().process_formdata(values)
        except ValueError as error:
            raise ValueError(gettext("Isi tanggal, misalnya 2026-12-31.")) from error


class Whole(IntegerField):
    """A whole number, with our own words for what is none."""

    def process_formdata(self, values: list[str]) -> None:
        try:
            super().process_formdata(values)
        except ValueError as error:
            raise ValueError(gettext("Isi angka bulat.")) from error


class Quantity(DecimalField):
    """A number with at most two decimals, after a comma or a point."""

    def process_formdata(self, values: list[str]) -> None:
        written = (values[0] if values else "").strip().replace(",", ".")
        if len(written) > 12:
            raise ValueError(gettext("Isi angka, misalnya 20 atau 7,5."))
        try:
            super().process_formdata([written] if written else [])
        except ValueError as error:
            raise ValueError(gettext("Isi angka, misalnya 20 atau 7,5.")) from error
        if self.data is not None and (
            not self.data.is_finite() or self.data != round(self.data, 2)
        ):
            raise ValueError(gettext("Isi angka, misalnya 20 atau 7,5."))


def required(message: str) -> InputRequired:
    return InputRequired(message=message)


def at_most(length: int) -> Length:
    return Length(max=length, message=_l("Paling banyak %(max)d karakter."))


class _Writing:
    """The block of a write transaction. Swallows a DomainError when there is a form to show it."""

    def __init__(self, form: Form | None) -> None:
        self._form = form

    def __enter__(self) -> None:
        begin_write()

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: object
    ) -> bool:
        if error is None:
            return False
        db.session.rollback()
        if self._form is None or not isinstance(error, DomainError):
            return False
        self._form.refuse(error)
        return True


@overload
def writing(form: Form) -> _Writing: ...
@overload
def writing(form: None = None) -> AbstractContextManager[None, None]: ...
def writing(form: Form | None = None) -> Any:
    """The write transaction of a view: begins here, is committed by the hook after the response.

    Any error rolls it back at once. A broken rule is then shown on `form`, and the view goes on
    after the block; without a form it becomes the page 409.
    """
    return _Writing(form)
