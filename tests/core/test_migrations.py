"""Migrations: an empty database becomes exactly what the models say, guarded, on both databases."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import upgrade

from lms import setup
from lms.core import ledger
from lms.core.db import db, transaction
from tests.core.conftest import MakeApp
from tests.postgres import new_database


@pytest.fixture
def make_empty(
    app: Flask, make_app: MakeApp, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], Flask]:
    """Makes an application over a new database, without a table, of the kind that is tested."""
    with app.app_context():
        sqlite = db.engine.dialect.name == "sqlite"

    def make() -> Flask:
        file = tmp_path / f"{uuid.uuid4().hex}.db"
        url = f"sqlite:///{file}" if sqlite else new_database(tmp_path_factory)
        return make_app(DATABASE_URL=url)

    return make


@pytest.fixture
def empty(make_empty: Callable[[], Flask]) -> Iterator[Flask]:
    fresh = make_empty()
    with fresh.app_context():
        yield fresh


def test_an_empty_database_becomes_what_the_models_say(empty: Flask) -> None:
    assert not ledger.tables_exist()
    upgrade()
    assert ledger.tables_exist()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_constraints_and_partial_indexes_are_those_of_the_models(
    make_empty: Callable[[], Flask],
) -> None:
    """What Alembic does not compare: the names of constraints and the conditions of indexes."""
    with make_empty().app_context():
        upgrade()
        migrated = shape()
    with make_empty().app_context():
        db.create_all()
        created = shape()
    assert migrated.keys() == created.keys()
    for table, found in migrated.items():
        assert found == created[table], table


def shape() -> dict[str, object]:
    found: dict[str, object] = {}
    inspector = sa.inspect(db.engine)
    for table in set(inspector.get_table_names()) - {"alembic_version"}:
        found[table] = (
            sorted(str(c["sqltext"]) for c in inspector.get_check_constraints(table)),
            sorted(str(sorted(c.items())) for c in inspector.get_unique_constraints(table)),
            sorted(
                (str(k["constrained_columns"]), k["referred_table"], str(k["options"]))
                for k in inspector.get_foreign_keys(table)
            ),
            sorted(
                (str(i["name"]), str(i["column_names"]), bool(i["unique"]),
                 str(sorted((k, str(v)) for k, v in i.get("dialect_options", {}).items())))
                for i in inspector.get_indexes(table)
            ),
            sorted(
                (c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(table)
            ),
        )  # fmt: skip
    return found


def test_every_ledger_is_guarded_afterwards(empty: Flask) -> None:
    upgrade()
    assert ledger.missing_triggers() == []


def test_setting_up_twice_changes_nothing(empty: Flask) -> None:
    setup.run(with_demo=False)
    before = counts()
    setup.run(with_demo=False)
    assert counts() == before
    assert before["competency"] > 0


def counts() -> dict[str, int]:
    with db.engine.connect() as connection:
        return {
            table.name: connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
            for table in db.metadata.sorted_tables
        }


def test_foreign_keys_are_on_again_after_a_migration(empty: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL never turns them off")
    upgrade()
    for _ in range(3):
        with db.engine.connect() as connection:
            assert connection.scalar(sa.text("PRAGMA foreign_keys")) == 1


def test_a_migration_that_would_leave_broken_keys_is_told(
    empty: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL refuses such a row at once")
    setup.run(with_demo=False)
    with db.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute("PRAGMA foreign_keys = OFF")
        raw.execute("INSERT INTO competency_state VALUES (99, 99, 1, NULL, '2026-01-01')")
        raw.execute("PRAGMA foreign_keys = ON")
    db.engine.dispose()
    with pytest.raises(SystemExit), caplog.at_level("ERROR"):
        upgrade()
    assert "breaks foreign keys: [('competency_state', 1" in caplog.text


def test_no_foreign_key_cascades(empty: Flask) -> None:
    upgrade()
    inspector = sa.inspect(db.engine)
    keys = [k for table in inspector.get_table_names() for k in inspector.get_foreign_keys(table)]
    assert len(keys) > 30
    assert {k["options"].get("ondelete") for k in keys} == {None}


def test_a_unit_path_is_compared_byte_by_byte(empty: Flask) -> None:
    """So that a subtree is one range of the index, in whatever language the server speaks."""
    upgrade()
    column = next(c for c in sa.inspect(db.engine).get_columns("unit") if c["name"] == "path")
    expected = "C" if db.engine.dialect.name == "postgresql" else None
    assert getattr(column["type"], "collation", None) == expected
    with transaction():
        assert db.session.scalar(sa.text("SELECT count(*) FROM unit")) == 0
