"""Rows into a database by the thousand: executemany on SQLite, COPY on PostgreSQL.

Values pass through the column types of the models, as they do in the product.
"""

import sqlite3
from collections.abc import Sequence
from typing import Any

import psycopg
from sqlalchemy import Dialect, Table, make_url
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

Row = dict[str, Any]


class Bulk:
    """An open connection for bulk inserts; `close` commits. A crash leaves a site without its
    mark, which is built anew, so SQLite need not be careful here."""

    def __init__(self, url: str) -> None:
        address = make_url(url)
        self._sqlite: sqlite3.Connection | None = None
        self._postgresql: psycopg.Connection[Any] | None = None
        self.dialect: Dialect
        if address.get_backend_name() == "sqlite":
            self.dialect = SQLiteDialect_pysqlite()
            self._sqlite = sqlite3.connect(str(address.database))
            for setting in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-400000"):
                self._sqlite.execute(f"PRAGMA {setting}")
        else:
            self.dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]
            plain = address.set(drivername="postgresql").render_as_string(hide_password=False)
            self._postgresql = psycopg.connect(plain)

    def insert(self, table: Table, rows: Sequence[Row]) -> None:
        """Add rows that all have a value for the same columns."""
        if not rows:
            return
        names = tuple(rows[0])
        values = zip(*(self._column(table, name, rows) for name in names), strict=True)
        columns = ", ".join(f'"{name}"' for name in names)
        if self._sqlite is not None:
            places = ", ".join("?" * len(names))
            query = f"INSERT INTO {table.name} ({columns}) VALUES ({places})"
            self._sqlite.executemany(query, values)
        elif self._postgresql is not None:
            with (
                self._postgresql.cursor() as cursor,
                cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy,
            ):
                for value in values:
                    copy.write_row(value)

    def _column(self, table: Table, name: str, rows: Sequence[Row]) -> list[Any]:
        """The values of one column, as the driver takes them."""
        step = table.c[name].type.dialect_impl(self.dialect).bind_processor(self.dialect)
        return [row[name] if step is None else step(row[name]) for row in rows]

    def close(self, tables: Sequence[Table]) -> None:
        """Commit, and leave the database as the product wants to find it."""
        if self._sqlite is not None:
            self._sqlite.commit()
            self._sqlite.execute("PRAGMA journal_mode=WAL")
            self._sqlite.close()
        elif self._postgresql is not None:
            for table in tables:
                self._postgresql.execute(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), "
                    f"(SELECT coalesce(max(id), 1) FROM {table.name}))"
                )
            self._postgresql.commit()
            self._postgresql.autocommit = True
            self._postgresql.execute("ANALYZE")
            self._postgresql.close()
