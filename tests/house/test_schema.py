"""The migrations build exactly what the models say, and guard the ledgers."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

from lms.core import ledger
from lms.core.db import Base, db


def test_the_migrated_database_is_what_the_models_say(site: Flask) -> None:
    with site.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_every_ledger_is_guarded_after_the_migration(site: Flask) -> None:
    with site.app_context():
        assert ledger.missing_triggers() == []
        db.session.remove()


def test_every_table_of_entries_is_in_the_list_of_ledgers(site: Flask) -> None:
    """A chained model that nobody put on the list would stand unguarded."""
    chained = {str(m.local_table) for m in Base.registry.mappers
               if issubclass(m.class_, ledger.Chained)}  # fmt: skip
    assert chained == set(ledger.APPEND_ONLY_TABLES)
