"""PostgreSQL: dumps by its own programs, and what a database holds."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.engine import URL

from lms.core.db import db
from lms.upkeep.folders import UpkeepError, sync_file, write
from lms.upkeep.sqlite import Found

_TRIGGER = re.compile(r"\d+; \d+ \d+ TRIGGER ")  # in the list of what a dump holds
_OWN_KINDS = """
    SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname !~ '^(pg_|information_schema$)' AND c.relkind IN ('r','p','v','m','S','f')
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    UNION ALL
    SELECT p.oid FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname !~ '^(pg_|information_schema$)'
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""


def dump(target: Path) -> Found:
    """Dump the product's database as it is at this instant; what it holds at the same instant."""
    with db.engine.connect() as connection:
        connection = connection.execution_options(isolation_level="REPEATABLE READ")
        # This transaction only waits while pg_dump works, which may take longer than a minute.
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        found = found_in(connection)
        major = connection.scalar(text("SHOW server_version_num"))
        _assert_new_enough("pg_dump", int(str(major)) // 10000)
        instant = connection.scalar(text("SELECT pg_export_snapshot()"))
        _run(
            "pg_dump", "--format=custom", f"--snapshot={instant}", f"--file={target}",
            f"--dbname={_address()}",
        )  # fmt: skip
    target.chmod(0o600)
    sync_file(target)
    return found


def read_through(dump: Path) -> None:
    """Raises UpkeepError when a dump cannot be read to its end."""
    _run("pg_restore", f"--file={os.devnull}", str(dump))


def load(dump: Path, work: Path, *, triggers: bool) -> None:
    """Load everything but the triggers of a dump into the product's database, or its triggers
    only: all of it or nothing. Without its triggers the product refuses to start on it."""
    chosen = [
        line for line in _contents(dump).splitlines() if bool(_TRIGGER.match(line)) is triggers
    ]
    names = work / f"contents-{'triggers' if triggers else 'tables'}"
    write(names, "\n".join(chosen) + "\n")
    _run(
        "pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges",
        f"--use-list={names}", f"--dbname={_address()}", str(dump),
    )  # fmt: skip


def found_in(connection: Connection) -> Found:
    """Raises UpkeepError for a database that was never migrated."""
    tables = sorted(inspect(connection).get_table_names())
    if "alembic_version" not in tables:
        raise UpkeepError("There is no site in this database yet; run flask setup.")
    rows = {
        name: connection.scalar(text(f'SELECT count(*) FROM "{name}"')) or 0  # noqa: S608 - a table's name
        for name in tables
    }
    return Found(str(connection.scalar(text("SELECT version_num FROM alembic_version"))), rows)


def is_empty(connection: Connection) -> bool:
    """Does a database hold nothing but what PostgreSQL and its extensions put there?"""
    count = connection.scalar(text(f"SELECT count(*) FROM ({_OWN_KINDS}) AS own"))  # noqa: S608
    return bool(count == 0)


def empty(engine: Engine) -> None:
    """Take everything away again from a database that was empty before."""
    with engine.begin() as connection:
        for name in inspect(connection).get_table_names():
            connection.execute(text(f'DROP TABLE IF EXISTS "{name}" CASCADE'))
        connection.execute(text("DROP FUNCTION IF EXISTS refuse_change()"))
        if not is_empty(connection):
            raise UpkeepError("The database could not be emptied again; drop it and make it anew.")


def _contents(dump: Path) -> str:
    return _run("pg_restore", "--list", str(dump))


def _address() -> str:
    """The product's database as PostgreSQL's programs want it, without the password."""
    url: URL = db.engine.url
    query = {name: value for name, value in url.query.items() if name != "password"}
    plain = URL.create(
        "postgresql", username=url.username, host=url.host, port=url.port, database=url.database,
        query=query,
    )  # fmt: skip
    return plain.render_as_string(hide_password=False)


def _assert_new_enough(program: str, server: int) -> None:
    own = re.search(r"(\d+)", _run(program, "--version"))
    if own is None or int(own[1]) < server:
        raise UpkeepError(
            f"{program} is of version {own[1] if own else 'unknown'}, the server of {server}; "
            f"put the programs of PostgreSQL {server} first on PATH."
        )


def _run(program: str, *arguments: str) -> str:
    """Run one of PostgreSQL's programs; what it printed. The password goes by the environment:
    everybody on the machine can read a command line."""
    path = shutil.which(program)
    if path is None:
        raise UpkeepError(f"{program} is not on PATH; install the client programs of PostgreSQL.")
    password = db.engine.url.password or db.engine.url.query.get("password")
    done = subprocess.run(  # noqa: S603 - no shell, and no argument of a visitor
        [path, *arguments],
        env={**os.environ, **({"PGPASSWORD": str(password)} if password else {})},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if "error:" in line]
        reason = lines[0].partition("error:")[2].strip() if lines else f"code {done.returncode}"
        raise UpkeepError(f"{program} failed: {reason.rstrip('.')}.")
    return done.stdout
