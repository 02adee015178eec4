"""What the commands share: how they answer what goes wrong, and whom or which unit is meant."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.exc import OperationalError, ProgrammingError

from lms.accounts import queries as accounts
from lms.accounts.models import Person, Unit
from lms.core.db import transaction
from lms.core.errors import DomainError


class Commands(AppGroup):
    """Commands that say what to do where the database has no tables yet, or those of before."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (OperationalError, ProgrammingError) as error:
            if re.search("no such (table|column)|Undefined(Table|Column)", repr(error.orig)):
                raise click.ClickException(
                    "The database is not set up for this version: run `flask --app app setup`."
                ) from error
            raise


@contextmanager
def changing() -> Iterator[None]:
    """A transaction of a command; a broken rule becomes the command's answer."""
    try:
        with transaction():
            yield
    except DomainError as error:
        raise click.ClickException(error.message) from error


def unit_of(code: str) -> Unit:
    unit = accounts.unit_by_code(code)
    if unit is None:
        raise click.ClickException(f"There is no unit {code}.")
    return unit


def person_of(identifier: str) -> Person:
    person = accounts.person_by_identifier(identifier)
    if person is None:
        raise click.ClickException(f"There is nobody with {identifier}.")
    return person
