"""Removing uploads that nothing names: never one that is named anywhere, or was kept lately."""

import os
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.core import clock, files
from lms.core.audit import AuditEntry
from lms.core.db import db
from lms.courses.models import CourseVersion
from lms.upkeep.folders import UpkeepError, alone_in
from lms.upkeep.pruning import Pruned, prune
from tests.upkeep.conftest import Kept, Places, close

MONTH = timedelta(days=30)


@pytest.fixture
def site(kept: Kept, places: Places) -> Iterator[Flask]:
    """A copy of the site, with the uploads of its own that the tests make."""
    app = places.copy_of(kept.app)
    with app.app_context():
        yield app
    close(app)


def old(content: bytes) -> str:
    digest = files.save(content)
    at = (clock.now() - 2 * MONTH).timestamp()
    os.utime(files.folder() / digest[:2] / digest, (at, at))
    return digest


def names() -> set[str]:
    return {path.name for path in files.kept()}


def test_what_nothing_names_goes_and_stands_in_the_log(site: Flask) -> None:
    gone, young = old(b"replaced"), files.save(b"being filled in")
    assert prune(MONTH, dry_run=True) == Pruned(1, 8)
    assert names() == {gone, young}
    assert prune(MONTH) == Pruned(1, 8)
    assert names() == {young}
    entry = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.action, entry.details) == ("upkeep.uploads_pruned", {"files": "1", "bytes": "8"})
    assert prune(MONTH) == Pruned(0, 0)


def test_what_is_named_anywhere_stays(site: Flask) -> None:
    """In a column of text, in an address within one, and deep in a column of JSON."""
    digests = [old(b"text"), old(b"address"), old(b"json")]
    with db.engine.begin() as connection:
        connection.execute(
            sa.text("UPDATE course SET closed_reason = :text"), {"text": f"x{digests[0]}y"}
        )
        version = sa.update(CourseVersion).values(source={"media": {"a": {"b": [digests[2]]}}})
        connection.execute(version)
        connection.execute(
            sa.text("UPDATE activity SET html = :html"),
            {"html": f'<img src="/media/a.webp?v={digests[1]}">'},
        )
    assert prune(MONTH) == Pruned(0, 0)
    assert names() == set(digests)


def test_none_is_removed_while_a_backup_is_made(site: Flask) -> None:
    gone = old(b"replaced")
    with alone_in(files.folder().parent), pytest.raises(UpkeepError, match="Another run"):
        prune(MONTH)
    assert names() == {gone}


def test_the_command_says_how_much(site: Flask) -> None:
    old(b"replaced")
    runner = site.test_cli_runner()
    told = runner.invoke(args=["uploads", "prune", "--dry-run"]).output
    assert told == "1 uploads of 8 bytes to remove.\n"
    assert runner.invoke(args=["uploads", "prune"]).output == "1 uploads of 8 bytes removed.\n"
