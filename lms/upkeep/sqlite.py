"""SQLite files: a consistent copy of one in use, and whether a file is sound."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from lms.upkeep.folders import UpkeepError

PAGES = 1024  # copied in one step; between steps Ctrl+C is heard


@dataclass(frozen=True)
class Found:
    """What a database holds: its migration and the rows of every table."""

    revision: str
    rows: dict[str, int]


def snapshot(source: Path, target: Path) -> None:
    """Copy a database as it is at this instant, while others write. Raises sqlite3.Error."""
    if not source.exists():
        raise UpkeepError("There is no site in this database yet; run flask setup.")
    with _opened(source) as live:
        # The open read transaction keeps what is copied as it is; else every commit of another
        # process would make the copy begin anew.
        live.execute("BEGIN")
        live.execute("SELECT count(*) FROM sqlite_master").fetchone()
        with closing(sqlite3.connect(target, isolation_level=None)) as copy:
            target.chmod(0o600)
            copy.execute("PRAGMA synchronous=OFF")  # synced as a whole afterwards
            live.backup(copy, pages=PAGES, progress=lambda *_: None)
        with _opened(target) as copy:
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, also when somebody looks inside


def faults_in(path: Path) -> list[str]:
    """What SQLite itself finds wrong with a file."""
    try:
        with _opened(path) as database:
            found = [str(row[0]) for row in database.execute("PRAGMA integrity_check(10)")]
            found = [fault for fault in found if fault != "ok"]
            for table, row, parent, _ in database.execute("PRAGMA foreign_key_check").fetchmany(10):
                found.append(f"row {row} of {table} names a row of {parent} that is not there")
    except sqlite3.DatabaseError as error:
        return [str(error)]
    return found


def found_in(path: Path) -> Found:
    """Raises UpkeepError for a database that was never migrated, sqlite3.Error for a broken one."""
    with _opened(path) as database:
        tables = [
            row[0]
            for row in database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
        ]
        if "alembic_version" not in tables:
            raise UpkeepError("There is no site in this database yet; run flask setup.")
        rows = {name: _one(database, f'SELECT count(*) FROM "{name}"') for name in sorted(tables)}  # noqa: S608
        revision = _one(database, "SELECT version_num FROM alembic_version")
    return Found(str(revision), rows)


def is_empty(path: Path) -> bool:
    """Is there no file, or none with a table in it?"""
    if not path.exists():
        return True
    with _opened(path) as database:
        return bool(_one(database, "SELECT count(*) FROM sqlite_master") == 0)


def _one(database: sqlite3.Connection, query: str) -> int:
    row = database.execute(query).fetchone()
    return row[0]  # type: ignore[no-any-return]  # sqlite3 does not know what it selects


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    address = f"{path.resolve().as_uri()}?mode=rw"
    with closing(sqlite3.connect(address, uri=True, isolation_level=None, timeout=30)) as database:
        yield database
