"""A published course and a learner in front of it."""

from pathlib import Path

import pytest
from flask import Flask

from lms.core.db import db
from tests.cast import Cast
from tests.client import PageClient
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
