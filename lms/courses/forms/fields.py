"""Fields that the forms of quizzes share: numbers and hours as people write them."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import DateTimeLocalField, IntegerField, StringField
from wtforms.validators import NumberRange

_AT_MOST_DIGITS = 12


class Whole(IntegerField):
    """A whole number; what is left empty is None."""

    def process_formdata(self, values: list[str]) -> None:
        if not values or not values[0].strip():
            self.data = None
            return
        try:
            self.data = int(values[0].strip()[:_AT_MOST_DIGITS])
        except ValueError as error:
            self.data = None
            raise ValueError(gettext("Isi bilangan bulat, misalnya 10.")) from error


class Percent(StringField):
    """0 to 100 with at most two decimals, with a comma or a point; Decimal, or None."""

    def process_formdata(self, values: list[str]) -> None:
        typed = values[0].strip().removesuffix("%").strip() if values else ""
        self.typed: str = typed
        self.data: Decimal | None = None
        if not typed:
            return
        try:
            value = Decimal(typed[:_AT_MOST_DIGITS].replace(",", "."))
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite() or not 0 <= value <= 100 or value != round(value, 2):
            raise ValueError(
                gettext("Isi angka 0 sampai 100, paling banyak dua desimal, misalnya 72,5.")
            )
        self.data = value

    def _value(self) -> str:
        if self.data is None:
            return str(getattr(self, "typed", ""))
        return format(Decimal(self.data).normalize(), "f")


class Moment(DateTimeLocalField):
    """Day and hour of the site, without a zone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
        super().__init__(*args, format=formats, **kwargs)

    def process_formdata(self, values: list[str]) -> None:
        if not values or not values[0].strip():
            self.data: datetime | None = None
            return
        try:
            super().process_formdata(values)
        except ValueError as error:
            raise ValueError(gettext("Isi tanggal dan jam, misalnya 2026-11-30T14:00.")) from error


def between(least: int, most: int) -> NumberRange:
    message = _l("Isi angka dari %(least)s sampai %(most)s.", least=least, most=most)
    return NumberRange(min=least, max=most, message=message)


def tell_rows(form: Any, *names: str) -> None:
    """What is wrong in a row is told on top of the form too, in words: the field of all rows only
    has it as a table. It stays beside its own field."""
    for name in names:
        for row in form[name]:
            form.form_errors += [
                message for errors in row.form.errors.values() for message in errors
            ]
        form[name].errors = []


def remove_row(rows: Any, at: int) -> None:
    """Take a row out of a list of rows. Those below move up: a browser sends rows by number, and
    numbers without a gap."""
    if not 0 <= at < len(rows.entries):
        return
    for above, below in pairwise(rows.entries[at:]):
        for name, field in below.form._fields.items():
            above.form[name].data = field.data
    rows.pop_entry()
