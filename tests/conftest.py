"""The stage of every test: a migrated database of its own, the cast, and the checking client.

TEST_DATABASE=sqlite (the default) or postgresql chooses the database for the whole run;
TEST_DATABASE_URL names a PostgreSQL server to use in place of the one brought along.
"""

import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import settings
from sqlalchemy import text

from lms import create_app, setup
from lms.config import Settings
from lms.core import clock
from lms.core.db import db
from lms.quizzes import queries as quizzes
from lms.quizzes.queries import corrections
from tests.cast import Cast, build_cast
from tests.client import PageClient
from tests.postgres import new_database

# No example is too slow: how fast the product is, `make bench` says. In CI the same ones each time.
settings.register_profile("kompeten", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("kompeten")

REFERENCE_TABLES = {
    "alembic_version", "competency", "competency_revision", "competency_standard", "evidence_rule",
    "hour_form", "hour_target", "match_category",
}  # fmt: skip


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application, once per process, with reference data and nobody in it."""
    folder = tmp_path_factory.mktemp("site")
    url = f"sqlite:///{folder / 'kompeten.db'}"
    if os.environ.get("TEST_DATABASE") == "postgresql":
        url = new_database(tmp_path_factory)
    app = create_app(
        Settings(
            DATABASE_URL=url,
            SECRET_KEY="the tests' own",
            DATA_DIR=str(folder),
            UPLOADS_DIR=str(folder / "uploads"),
            SITE_URL="http://localhost",
            LOG_LEVEL="CRITICAL",
        )
    )
    app.config["TESTING"] = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.test_client_class = PageClient
    with app.app_context():
        setup.run(with_demo=False)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def blank(site: Flask) -> Path | None:
    """A copy of the empty SQLite database, to start every test from."""
    with site.app_context():
        if db.engine.dialect.name != "sqlite":
            return None
        db.engine.dispose()
        path = Path(str(db.engine.url.database))
    copy = path.with_name("blank.db")
    shutil.copyfile(path, copy)
    return copy


def forget() -> None:
    """What is kept in memory by ids: those of another database mean something else."""
    quizzes._quizzes.clear()
    corrections._known.clear()
    quizzes._questions.clear()


@pytest.fixture
def app(site: Flask, blank: Path | None) -> Iterator[Flask]:
    """The application over an empty database; commits are real."""
    _empty(site, blank)
    forget()
    yield site
    clock.set_clock(None)


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    """The application with a context pushed, for actions and queries."""
    with app.app_context():
        yield app
        db.session.remove()


@pytest.fixture
def cast(app: Flask) -> Cast:
    """A small office: see tests/cast.py."""
    with app.app_context():
        people = build_cast()
        db.session.remove()
    return people


@pytest.fixture
def client(app: Flask) -> PageClient:
    found = app.test_client()
    assert isinstance(found, PageClient)
    return found


def _empty(app: Flask, blank: Path | None) -> None:
    with app.app_context():
        db.session.remove()
        if blank is not None:
            path = Path(str(db.engine.url.database))
            db.engine.dispose()
            for ending in ("-wal", "-shm"):
                path.with_name(path.name + ending).unlink(missing_ok=True)
            shutil.copyfile(blank, path)
            return
        tables = [t for t in db.metadata.sorted_tables if t.name not in REFERENCE_TABLES]
        with db.engine.begin() as connection:
            # The triggers of the ledgers refuse even this; only a test database may do without.
            connection.execute(text("SET session_replication_role = replica"))
            for table in reversed(tables):
                connection.execute(table.delete())
            connection.execute(text("SET session_replication_role = origin"))


@pytest.fixture
def at(app: Flask) -> Iterator["SetClock"]:
    yield SetClock()
    clock.set_clock(None)


class SetClock:
    """Call it with an aware datetime to stop the clock there."""

    def __call__(self, instant: datetime) -> None:
        clock.set_clock(lambda: instant)
