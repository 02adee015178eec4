"""Every migration on the rows of a thousand people, also killed in the middle."""

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade

from lms import setup
from lms.core import ledger
from lms.core.db import db
from lms.upkeep import records
from tests.upkeep.conftest import FIRST, Places, close, counts
from tests.upkeep.killing import statement_steps, was_killed

VERSIONS = setup.revisions()


def site_before(version: str, first: Flask, places: Places) -> Flask:
    """A site that waits for a migration: empty before the first one, else with its people."""
    if version == FIRST:
        return places.new()
    app = places.copy_of(first)
    with app.app_context():
        upgrade(revision=VERSIONS[VERSIONS.index(version) - 1])
    return app


def migrate(app: Flask, version: str) -> None:
    with app.app_context():
        upgrade(revision=version)
        db.session.remove()


def assert_sound(app: Flask, version: str) -> None:
    """Foreign keys hold, and every ledger that there is at this version is guarded."""
    with app.app_context():
        assert setup.revision() == version
        db.session.remove()
        with db.engine.connect() as connection:
            tables = set(sa.inspect(connection).get_table_names())
            if connection.dialect.name == "sqlite":
                assert connection.execute(sa.text("PRAGMA foreign_key_check")).all() == []
        missing = [t for t in ledger.missing_triggers() if t.rsplit("_refuses_")[0] in tables]
        assert missing == []
        db.session.remove()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_migration_keeps_every_row(version: str, first: Flask, places: Places) -> None:
    app = site_before(version, first, places)
    before = counts(app)
    migrate(app, version)
    assert_sound(app, version)
    after = counts(app)
    kept = (before.keys() & after.keys()) - {"alembic_version"}
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    close(app)


def test_after_all_of_them_nothing_is_wrong_with_the_records(first: Flask, places: Places) -> None:
    app = places.copy_of(first)
    with app.app_context():
        setup.run(with_demo=False)
        assert list(records.faults()) == []
        db.session.remove()
    assert counts(app)["evidence"] == 1000
    close(app)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_killed_migration_is_done_by_the_next_start(
    version: str, first: Flask, places: Places
) -> None:
    app = site_before(version, first, places)
    before = counts(app)
    close(app)
    with app.app_context():
        count = statement_steps(db.engine)
    step, killed = 1, 0
    while was_killed(step, lambda: migrate(app, version), count):
        killed += 1
        assert counts(app) == before
        close(app)
        step += 1 if step < 4 else 1 + step // 3
    assert killed > 3
    with app.app_context():
        setup.run(with_demo=False)
    assert_sound(app, VERSIONS[-1])
    close(app)


def test_no_migration_writes_into_a_ledger(places: Places) -> None:
    """A move fills them from the site that moves; what is in a ledger cannot give way."""
    app = places.new()
    with app.app_context():
        upgrade()
    assert {counts(app)[table] for table in ledger.APPEND_ONLY_TABLES} == {0}
    close(app)
