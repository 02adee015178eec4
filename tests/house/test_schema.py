"""The migrations build exactly what the models say, and guard the ledgers."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import Table, UniqueConstraint

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


# Of these there are as many as there is work done by everybody.
GROWING = (
    "assignment", "certificate", "claim_event", "completion", "enrolment", "evidence_claim",
    "notification", "obligation", "placement", "sign_in_session",
)  # fmt: skip


def test_who_refers_to_a_person_is_found_by_an_index() -> None:
    """Undoing an import deletes people one by one; each time the database looks through every
    table that refers to them."""
    for name in GROWING:
        table = Base.metadata.tables[name]
        to_people = {
            key.parent.name for key in table.foreign_keys if key.column.table.name == "person"
        }
        assert to_people
        assert to_people <= _led(table), f"{name}: {to_people - _led(table)}"


def _led(table: Table) -> set[str]:
    """The columns that an index begins with."""
    unique = [each for each in table.constraints if isinstance(each, UniqueConstraint)]
    keys = [table.primary_key.columns, *(each.columns for each in table.indexes)]
    return {next(iter(columns)).name for columns in (*keys, *(each.columns for each in unique))}
