"""Moving a site from SQLite to PostgreSQL: every row, in one transaction, compared afterwards."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from alembic import command
from flask import current_app
from sqlalchemy import JSON, Connection, Insert, Table, column, func, insert, select, text
from sqlalchemy import table as plain_table
from sqlalchemy.exc import DBAPIError

from lms import setup
from lms.core.db import Base, db, other_engine, pointed_at, writers_kept_out
from lms.upkeep import postgresql, records
from lms.upkeep.folders import UpkeepError

BATCH = 1000


@dataclass(frozen=True)
class Sum:
    """Rows of a table, and a digest over their values that no order of theirs changes."""

    rows: int
    digest: str


def move(target_url: str) -> dict[str, Sum]:
    """Copy the product's database, of SQLite, into an empty one of PostgreSQL. The source stays as
    it is; nobody can write to it meanwhile. What was copied, table by table.

    Raises UpkeepError or an error of a database; the target is as empty as before then.
    """
    if db.engine.dialect.name != "sqlite":
        raise UpkeepError("DATABASE_URL must name the SQLite database that is to be moved.")
    if not setup.is_current():
        raise UpkeepError("The database is not migrated; run flask setup first.")
    with writers_kept_out() as source, other_engine(target_url) as engine:
        fault = next(records.faults(), None)
        if fault:
            raise UpkeepError(f"The records have faults ({fault}); run flask records verify.")
        with engine.connect() as target, target.begin():
            return _moved(source, target)


def _moved(source: Connection, target: Connection) -> dict[str, Sum]:
    _assert_empty(target)
    # Between two statements lies the reading of a table, which may take longer than a minute.
    target.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    config = current_app.extensions["migrate"].migrate.get_config()
    config.attributes["connection"] = target
    command.upgrade(config, "head")
    keys = _without_foreign_keys(target)
    sums = {}
    for table in _tables():
        sums[table.name] = _copy(table, source, target)
    for table in _tables():
        _continue_numbers(table, target)
    for add in keys:
        target.execute(text(add))
    for table in _tables():
        found = _sum_of(table, target)
        if found != sums[table.name]:
            raise UpkeepError(f"The rows of {table.name} are not the same; nothing was moved.")
    _assert_proved(target)
    return sums


def _tables() -> list[Table]:
    return list(Base.metadata.tables.values())


def _assert_empty(target: Connection) -> None:
    if target.scalar(text("SHOW server_encoding")) != "UTF8":
        raise UpkeepError("The database to move to is not in UTF-8; make it anew with that.")
    if not postgresql.is_empty(target):
        raise UpkeepError("The database to move to is not empty; make a new one.")


def _without_foreign_keys(target: Connection) -> list[str]:
    """Drop every foreign key, so that rows may come in any order; the statements that add them
    again, and then look at every row."""
    keys = target.execute(
        text(
            "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) "
            "FROM pg_constraint "
            "WHERE contype = 'f' AND connamespace = current_schema()::regnamespace"
        )
    ).all()
    for table, name, _ in keys:
        target.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))
    return [f"ALTER TABLE {table} ADD CONSTRAINT {name} {what}" for table, name, what in keys]


def _copy(table: Table, source: Connection, target: Connection) -> Sum:
    """Copy a table in batches. Rows that a migration put into the target give way."""
    if target.scalar(select(select(1).select_from(table).exists())):
        target.execute(table.delete())
    statement = _insert_into(table)
    total = _Total()
    try:
        for batch in rows_of(table, source):
            total.add(batch)
            target.execute(statement, [row._asdict() for row in batch])
    except (DBAPIError, LookupError, ValueError) as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise UpkeepError(
            f"A row of {table.name} cannot be moved: {reason.rstrip('.')}."
        ) from error
    return total.sum()


def _insert_into(table: Table) -> Insert:
    """Values as they are: no defaults, and None is NULL in columns of JSON too."""
    json = JSON(none_as_null=True)
    columns = [column(c.name, json if isinstance(c.type, JSON) else c.type) for c in table.columns]
    return insert(plain_table(table.name, *columns))


def _continue_numbers(table: Table, target: Connection) -> None:
    """Let the ids that the target gives begin after those that were copied."""
    for key in table.primary_key.columns:
        sequence = target.scalar(select(func.pg_get_serial_sequence(f'"{table.name}"', key.name)))
        highest = target.scalar(select(func.max(key))) if sequence else None
        if highest is not None:
            target.execute(select(func.setval(sequence, highest)))


def _sum_of(table: Table, connection: Connection) -> Sum:
    total = _Total()
    for batch in rows_of(table, connection):
        total.add(batch)
    return total.sum()


def rows_of(table: Table, connection: Connection) -> Iterator[Any]:
    """In batches of 1,000."""
    rows = connection.execute(select(table), execution_options={"yield_per": BATCH})
    yield from rows.partitions()


class _Total:
    """Adds up the SHA-256 of rows. Equal sums and counts mean equal rows, whatever their order."""

    def __init__(self) -> None:
        self._rows, self._sum = 0, 0

    def add(self, batch: Any) -> None:
        for row in batch:
            written = json.dumps(row._asdict(), sort_keys=True, default=str)
            self._sum += int.from_bytes(hashlib.sha256(written.encode()).digest(), "big")
            self._rows += 1

    def sum(self) -> Sum:
        return Sum(self._rows, f"{self._sum % 2**256:064x}")


def _assert_proved(target: Connection) -> None:
    with pointed_at(target):
        fault = next(records.faults(), None)
    if fault:
        raise UpkeepError(f"The records would not be intact after the move: {fault}.")
