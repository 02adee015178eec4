"""A published course, a learner in front of it, and who teaches."""

from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from lms.core import clock
from lms.core.db import db
from tests.cast import Cast
from tests.client import PageClient
from tests.conftest import SetClock
from tests.sample_course import import_course, write_course


@pytest.fixture
def course(app: Flask, cast: Cast, tmp_path: Path) -> str:
    """The slug of a published course."""
    with app.app_context():
        import_course(write_course(tmp_path))
        db.session.remove()
    return "melayani"


@pytest.fixture
def learner(client: PageClient, cast: Cast, course: str) -> PageClient:
    """A client signed in as the learner."""
    client.sign_in(cast.people["learner"])
    return client


@pytest.fixture
def noon(context: Flask, course: str, at: SetClock) -> datetime:
    """10.00 WIB and 11.00 WITA, so that the day is the same in both."""
    now = clock.now().replace(hour=3, minute=0, second=0, microsecond=0)
    at(now)
    return now


@pytest.fixture
def trainer(client: PageClient, cast: Cast) -> PageClient:
    """A client signed in as whoever teaches in the tests."""
    client.sign_in(cast.people["stranger"])
    return client
