"""Applications of a test's own: with routes that only tests have, or settings that fail."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from lms import create_app
from lms.config import Settings
from lms.core import logs
from lms.core.db import db
from tests.client import PageClient

SHARED = ("DATABASE_URL", "DATA_DIR", "UPLOADS_DIR", "SITE_URL")
MakeApp = Callable[..., Flask]


@pytest.fixture
def make_app(app: Flask) -> Iterator[MakeApp]:
    """Builds an application over the test's database; keyword arguments are settings."""
    made: list[Flask] = []

    def build(**settings: Any) -> Flask:
        shared = {name: app.config[name] for name in SHARED}
        fresh = create_app(
            Settings(**{**shared, "SECRET_KEY": "own", "LOG_LEVEL": "CRITICAL", **settings})
        )
        fresh.config["PROPAGATE_EXCEPTIONS"] = False
        fresh.test_client_class = PageClient
        made.append(fresh)
        return fresh

    yield build
    logs.configure("CRITICAL")
    for fresh in made:
        with fresh.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def log_lines(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, Any]]]:
    """Everything that was logged since the last call. Fails on a line that is not one object."""

    def read() -> list[dict[str, Any]]:
        lines = capsys.readouterr().err.splitlines()
        found = [json.loads(line) for line in lines]
        assert all(isinstance(line, dict) for line in found)
        return found

    return read
