"""What every form shares: our own words for the usual errors, and how an act is tried."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms.validators import InputRequired, Length

from lms.core.db import begin_write, db
from lms.core.errors import DomainError


class Form(FlaskForm):
    """A form with CSRF. WTForms has no Indonesian, so validators state their messages.

    `refused` is the sentence of a broken rule that belongs to no single field.
    """

    refused: str | None = None

    def refuse(self, error: DomainError) -> None:
        """Show a broken rule beside its field, or on top of the form."""
        field: Any = self._fields.get(error.field or "")
        if field is None:
            self.refused = error.message
        else:
            field.errors = [*field.errors, error.message]


class EmptyForm(Form):
    """A button: nothing but the CSRF token."""


def required(message: str) -> InputRequired:
    return InputRequired(message=message)


def at_most(length: int) -> Length:
    return Length(max=length, message=_l("Paling banyak %(max)d karakter."))


@contextmanager
def writing(form: Form | None = None) -> Iterator[None]:
    """The write transaction of a view: begins here, is committed by the hook after the response.

    Any error rolls it back at once. A broken rule is then shown on `form`, and the view goes on
    after the block; without a form it becomes the page 409.
    """
    begin_write()
    try:
        yield
    except DomainError as error:
        db.session.rollback()
        if form is None:
            raise
        form.refuse(error)
    except BaseException:
        db.session.rollback()
        raise


