"""What tests of the dictionary share."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import insert, select, text

from lms.core.db import db

EDITED = (
    "competency", "competency_revision", "competency_standard", "evidence_rule", "hour_form",
    "hour_target", "match_category",
)  # fmt: skip


@pytest.fixture
def reference(app: Flask) -> Iterator[None]:
    """Dictionary and standards may be changed: they are afterwards as they were. PostgreSQL keeps
    them from test to test."""
    tables = [table for table in db.metadata.sorted_tables if table.name in EDITED]
    with app.app_context(), db.engine.connect() as connection:
        before = {table: connection.execute(select(table)).mappings().all() for table in tables}
    yield
    with app.app_context():
        db.session.remove()
        if db.engine.dialect.name == "sqlite":
            return
        with db.engine.begin() as connection:
            connection.execute(text("SET session_replication_role = replica"))
            for table in tables:
                connection.execute(table.delete())
                connection.execute(insert(table), [dict(row) for row in before[table]])
            connection.execute(text("SET session_replication_role = origin"))
