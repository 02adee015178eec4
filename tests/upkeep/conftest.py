"""A site of a thousand people that came through every migration, and new places beside it."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade

from lms import create_app, setup
from lms.config import Settings
from lms.core import clock, logs
from lms.core.db import db
from lms.upkeep import backup
from tests.cast import Cast, build_cast
from tests.client import PageClient
from tests.conftest import forget
from tests.learning.test_journey import finish
from tests.postgres import client_programs, copied_database, new_database
from tests.sample_course import import_course, write_course
from tests.upkeep.people import insert_people

SERVER = os.environ.get("TEST_DATABASE") == "postgresql"
FIRST = setup.revisions()[0]


@dataclass
class Places:
    """Makes sites in folders of their own, over new databases of the kind that is tested."""

    factory: pytest.TempPathFactory

    def new(self, database: str = "") -> Flask:
        """A site over a database that is not there yet, or over the given one."""
        folder = self.factory.mktemp("place")
        if not database:
            database = new_database(self.factory) if SERVER else f"sqlite:///{folder}/kompeten.db"
        app = create_app(
            Settings(
                DATABASE_URL=database,
                DATA_DIR=str(folder),
                UPLOADS_DIR=str(folder / "uploads"),
                SITE_URL="http://localhost",
                LOG_LEVEL="CRITICAL",
            )
        )
        app.config["PROPAGATE_EXCEPTIONS"] = False
        app.test_client_class = PageClient
        return app

    def copy_of(self, app: Flask) -> Flask:
        """A site over a copy of another's database."""
        close(app)
        url = app.config["SQLALCHEMY_DATABASE_URI"]
        if SERVER:
            return self.new(copied_database(url))
        fresh = self.new()
        shutil.copyfile(file_of(app), file_of(fresh))
        return fresh


def close(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def file_of(app: Flask) -> Path:
    return Path(app.config["DATA_DIR"]) / "kompeten.db"


def data_of(app: Flask) -> Path:
    return Path(app.config["DATA_DIR"])


def uploads_of(app: Flask) -> Path:
    return Path(app.config["UPLOADS_DIR"])


def counts(app: Flask) -> dict[str, int]:
    """Rows of every table that the database has."""
    with app.app_context(), db.engine.connect() as connection:
        names = sa.inspect(connection).get_table_names()
        return {
            name: connection.scalar(sa.text(f'SELECT count(*) FROM "{name}"')) or 0
            for name in names
        }


@pytest.fixture(scope="session", autouse=True)
def programs() -> Iterator[None]:
    """PostgreSQL's programs of the server's version come first."""
    before = os.environ["PATH"]
    os.environ["PATH"] = f"{client_programs()}{os.pathsep}{before}" if SERVER else before
    yield
    os.environ["PATH"] = before


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    yield
    clock.set_clock(None)
    logs.configure("CRITICAL")


@pytest.fixture(scope="session")
def places(tmp_path_factory: pytest.TempPathFactory) -> Places:
    return Places(tmp_path_factory)


@pytest.fixture(scope="session")
def first(places: Places) -> Flask:
    """A thousand people at the first migration."""
    app = places.new()
    with app.app_context():
        upgrade(revision=FIRST)
        with db.engine.begin() as connection:
            insert_people(connection)
    close(app)
    return app


@dataclass
class Kept:
    """The site that is kept: `cast` also works there, `key` is of a live session."""

    app: Flask
    cast: Cast
    key: str

    def backup(self, folder: Path) -> backup.Made:
        with self.app.app_context():
            return backup.make(folder)


@pytest.fixture(scope="session")
def kept(first: Flask, places: Places, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """The thousand after every migration, an office of today, and a course with a file."""
    app = places.copy_of(first)
    with app.app_context():
        setup.run(with_demo=False)
        cast = build_cast()
        import_course(write_course(tmp_path_factory.mktemp("course")))
        db.session.remove()
    client = app.test_client()
    assert isinstance(client, PageClient)
    client.sign_in(cast.people["learner"])
    forget()
    finish(client, "melayani")
    with client.session_transaction() as session:
        key = session["_user_id"]
    yield Kept(app, cast, key)
    close(app)


@pytest.fixture(scope="session")
def small(places: Places, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """A site of eight people, for what is done many times."""
    app = places.new()
    with app.app_context():
        setup.run(with_demo=False)
        cast = build_cast()
        import_course(write_course(tmp_path_factory.mktemp("course")))
        db.session.remove()
    yield Kept(app, cast, "")
    close(app)


@pytest.fixture(scope="session")
def whole(kept: Kept, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of the kept site."""
    return kept.backup(tmp_path_factory.mktemp("backups")).path


@pytest.fixture(scope="session")
def whole_small(small: Kept, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small.backup(tmp_path_factory.mktemp("backups")).path


@pytest.fixture
def copy(whole_small: Path, tmp_path: Path) -> Path:
    """A backup to be harmed."""
    return Path(shutil.copytree(whole_small, tmp_path / whole_small.name))
