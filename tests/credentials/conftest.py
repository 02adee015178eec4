"""Somebody has completed a course, and holds its certificate."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.core.db import db
from lms.credentials import jobs
from lms.credentials.models import Certificate
from lms.formats.pdf.printed import Printed, from_plain
from tests.cast import Cast
from tests.client import PageClient
from tests.learning.test_journey import finish
from tests.sample_course import import_course, write_course

Holder = Callable[..., PageClient]


@pytest.fixture
def publish(app: Flask, cast: Cast, tmp_path: Path) -> Callable[[str], None]:
    """Publishes the sample course, with further lines for its course.toml."""

    def act(settings: str = "") -> None:
        folder = write_course(tmp_path)
        toml = folder / "course.toml"
        toml.write_text(settings + toml.read_text("utf-8"), "utf-8")
        with app.app_context():
            import_course(folder)
            db.session.remove()

    return act


@pytest.fixture
def completed(app: Flask, cast: Cast, publish: Callable[[str], None]) -> Holder:
    """Publishes and lets people of the cast complete it; the client of the last one."""

    def act(*names: str, settings: str = "") -> PageClient:
        publish(settings)
        for name in names:
            found = app.test_client()
            assert isinstance(found, PageClient)
            client = found
            client.sign_in(cast.people[name])
            finish(client, "melayani")
        return client

    return act


@pytest.fixture
def holder(completed: Holder) -> PageClient:
    return completed("learner")


@pytest.fixture
def with_file(app: Flask, holder: PageClient) -> PageClient:
    """The holder, after the job has made the file."""
    make_files(app)
    return holder


def make_files(app: Flask) -> None:
    with app.app_context():
        jobs.sweep_files()
        db.session.remove()


def only(app: Flask) -> Certificate:
    """The one certificate that there is; in a context of its own."""
    found = db.session.scalars(sa.select(Certificate)).all()
    assert len(found) == 1
    return found[0]


def printed(entry: Certificate) -> Printed:
    return from_plain(entry.printed)
