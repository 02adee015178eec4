"""What an intruder with the database password could do: writing behind the triggers' back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import Connection

from lms.core.db import db


@contextmanager
def behind_the_guard(table: str) -> Iterator[Connection]:
    """A connection, committed at the end, on which the triggers of a table do not fire."""
    with db.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
            yield connection
            return
        connection.execute(sa.text("PRAGMA defer_foreign_keys = ON"))
        guards = _triggers(connection, table)
        for name, _ in guards:
            connection.execute(sa.text(f"DROP TRIGGER {name}"))
        yield connection
        for _, definition in guards:
            connection.execute(sa.text(definition))


@contextmanager
def without_guard(app: Flask, table: str, act: str) -> Iterator[None]:
    """One trigger missing for a while, as after a careless migration."""
    with app.app_context(), db.engine.begin() as connection:
        server = connection.dialect.name == "postgresql"
        name = f"{table}_refuses_{act}"
        if server:
            each = "STATEMENT" if act == "truncate" else "ROW"
            kept = (
                f"CREATE TRIGGER {name} BEFORE {act.upper()} ON {table} "
                f"FOR EACH {each} EXECUTE FUNCTION refuse_change()"
            )
        else:
            kept = dict(_triggers(connection, table))[name]
        connection.execute(sa.text(f"DROP TRIGGER {name}{f' ON {table}' if server else ''}"))
    try:
        yield
    finally:
        with app.app_context(), db.engine.begin() as connection:
            connection.execute(sa.text(kept))


def _triggers(connection: Connection, table: str) -> list[tuple[str, str]]:
    rows: Any = connection.execute(
        sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :t"),
        {"t": table},
    )
    return [(row.name, row.sql) for row in rows]
