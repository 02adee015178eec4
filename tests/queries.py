"""Asking the database beside the pages, and counting the statements that a block sends to it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import event

from lms.core.db import db


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """The statements sent while the block runs, transaction control left out."""
    with app.app_context():
        engine = db.engine
    statements: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA")):
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def inside(app: Flask, act: Callable[..., Any], *args: Any, **more: Any) -> Any:
    """Act without pages, in a context of its own: that of a request must not see it."""
    with app.app_context():
        found = act(*args, **more)
        db.session.remove()
        return found
