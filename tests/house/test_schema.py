"""The migrations build exactly what the models say, and guard the ledgers."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import Index, Table, UniqueConstraint

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
    "admission", "answer_mark", "assignment", "attempt", "certificate", "claim_event",
    "competency_state", "completion", "delegation", "enrolment", "evidence", "evidence_claim",
    "hour_entry", "notification", "obligation", "placement", "rating", "role_grant", "run_waiting",
    "self_assessment", "sign_in_session",
)  # fmt: skip


@pytest.mark.parametrize("target", ["person", "unit", "position"])
def test_who_refers_to_what_an_import_brought_is_found_by_an_index(target: str) -> None:
    """Undoing an import deletes people, units and positions one by one; each time the database
    looks through every table that refers to them, with the write lock held on SQLite."""
    found = 0
    for name in GROWING:
        table = Base.metadata.tables[name]
        to_it = {key.parent.name for key in table.foreign_keys if key.column.table.name == target}
        assert to_it <= _led(table), f"{name}: {to_it - _led(table)}"
        found += len(to_it)
    assert found


def _led(table: Table) -> set[str]:
    """The columns that an index begins with which holds every row that has a value there."""
    unique = [each for each in table.constraints if isinstance(each, UniqueConstraint)]
    whole = [each.columns for each in table.indexes if _holds_all(each)]
    keys = [table.primary_key.columns, *whole, *(each.columns for each in unique)]
    return {next(iter(columns)).name for columns in keys}


def _holds_all(index: Index) -> bool:
    condition = index.dialect_options["sqlite"]["where"]
    first = next(iter(index.columns)).name
    return condition is None or str(condition) == f"{first} IS NOT NULL"
