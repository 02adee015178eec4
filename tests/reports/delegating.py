"""Rights of a head that somebody else holds, as they are given on the page."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from lms.accounts.models import Delegation
from lms.core import clock
from lms.core.audit import AuditEntry
from lms.core.db import db
from tests.cast import PEOPLE, Cast
from tests.client import client_of

PAGE = "/team/delegations"
NIP = {name: nip for name, nip, *_ in PEOPLE}


def uuid_of(app: Flask, cast: Cast, name: str) -> UUID:
    """Of a person, or of a unit by its name in the cast."""
    with app.app_context():
        return cast.person(name).uuid if name in cast.people else cast.unit(name).uuid


def today() -> date:
    return clock.today("Asia/Jakarta")


def send(
    app: Flask, cast: Cast, by: str, to: str, where: str, *,
    first: int = 0, last: int = 10, **changed: Any,
) -> TestResponse:  # fmt: skip
    """Post the form; the days count from today."""
    values = {
        "identifier": NIP[to], "unit": str(uuid_of(app, cast, where)),
        "start_on": (today() + timedelta(days=first)).isoformat(),
        "end_on": (today() + timedelta(days=last)).isoformat(),
        "reason": "Cuti tahunan", **changed,
    }  # fmt: skip
    return client_of(app, cast, by).send(PAGE, values)


def give(app: Flask, cast: Cast, by: str, to: str, where: str, **more: Any) -> UUID:
    """Its UUID."""
    answer = send(app, cast, by, to, where, **more)
    assert answer.status_code == 302, answer.get_data(as_text=True)
    with app.app_context():
        query = sa.select(Delegation.uuid).order_by(Delegation.id.desc()).limit(1)
        return db.session.scalars(query).one()


def end(app: Flask, cast: Cast, by: str, uuid: UUID) -> TestResponse:
    return client_of(app, cast, by).send(f"{PAGE}/{uuid}/end")


def noted(app: Flask, action: str) -> list[dict[str, object]]:
    """The details of each such act, the first one first."""
    with app.app_context():
        query = sa.select(AuditEntry).where(AuditEntry.action == action)
        return [entry.details for entry in db.session.scalars(query.order_by(AuditEntry.id))]
