"""What the tests of the register share: roles for a unit, and where a person's page is."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import Flask

from lms.accounts.actions import roles
from lms.accounts.models import Person, Position
from lms.accounts.rules import Role
from lms.core import clock
from lms.core.db import db, transaction
from tests.accounts.door import rows
from tests.cast import Cast

START = date(2020, 1, 1)
TODAY = clock.today("Asia/Jayapura")  # the latest of the zones


def grant(app: Flask, cast: Cast, name: str, role: Role, unit: str, **more: Any) -> None:
    with app.app_context(), transaction():
        roles.grant_role(
            cast.person(name), role, cast.unit(unit), start_on=START, reason="SK 3", **more
        )


def a_position() -> Position:
    return db.session.scalars(sa.select(Position)).all()[0]


def uuid_of(app: Flask, cast: Cast, name: str) -> str:
    return str(rows(app, sa.select(Person.uuid).where(Person.id == cast.people[name]))[0][0])


def page_of(app: Flask, cast: Cast, name: str) -> str:
    return f"/people/{uuid_of(app, cast, name)}"
