"""Alembic's environment: the product's own engine, foreign keys off while tables are rebuilt.

A command may give its own connection in place of the engine, to migrate in its transaction.
"""

from contextlib import nullcontext

from alembic import context
from sqlalchemy import text

from lms.core.db import db

config = context.config


def run_migrations() -> None:
    given = config.attributes.get("connection")
    with nullcontext(given) if given is not None else db.engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            # Batch mode copies tables; with foreign keys on, dropping the old one would cascade.
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=sqlite,
            compare_type=True,
            transactional_ddl=True,  # the engine begins real transactions on SQLite too
        )
        with context.begin_transaction():
            context.run_migrations()
            if sqlite:
                broken = connection.execute(text("PRAGMA foreign_key_check")).fetchall()
                if broken:
                    raise RuntimeError(f"the migration breaks foreign keys: {broken[:5]}")
        if sqlite:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")


run_migrations()
