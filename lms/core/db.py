"""The database: one base, one session, and the rules of transactions (docs/decisions/0003).

A request reads in a read transaction. What writes calls `begin_write()` first, after everything
slow (hashing, Markdown, the request body) is done; one hook commits at the end of the request.
A flush outside a write transaction raises, so the rule cannot be forgotten.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID, uuid4

from flask import Flask, Response, g, has_app_context, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    DateTime,
    Delete,
    Dialect,
    Engine,
    Enum,
    MetaData,
    Select,
    Update,
    create_engine,
    delete,
    event,
    select,
    text,
)
from sqlalchemy import inspect as sa_inspect
from sqlalchemy.engine import Connection, CursorResult
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import (
    DeclarativeBase,
    ORMExecuteState,
    Session,
    SessionTransaction,
    mapped_column,
)
from sqlalchemy.types import TypeDecorator

from lms.core import write_queue

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_WRITE = "kompeten_write"
_WRITING = "writing"


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)

if TYPE_CHECKING:

    class Model(Base):
        __abstract__ = True

else:
    Model = db.Model


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Aware on the way in and out, UTC in the database (SQLite stores no zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Hundredths(TypeDecorator[Decimal]):
    """A decimal of two places, exact on both databases: stored as an integer of hundredths."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | float | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if isinstance(value, float):
            raise TypeError("hundredths are decimals; a float is not what was meant")
        scaled = value * 100
        if scaled != int(scaled):
            raise ValueError(f"{value} has more than two decimal places")
        return int(scaled)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value) / 100


def new_uuid() -> UUID:
    return uuid4()


def enum_column(kind: type[StrEnum], **kwargs: Any) -> Any:
    """A column of a StrEnum: its lower-case values as text, checked on the way in and out."""
    return mapped_column(
        Enum(
            kind,
            native_enum=False,
            length=40,
            values_callable=lambda members: [member.value for member in members],
            validate_strings=True,
        ),
        **kwargs,
    )


class WriteOutsideTransaction(RuntimeError):
    """Something was about to be written without `begin_write()`: a fault of ours."""


class UnsafeDatabase(RuntimeError):
    """The database is set so that it could lose what it has acknowledged."""


def begin_write() -> None:
    """Start the write transaction of this request or command.

    Ends the read transaction, so that everything read before is read again inside; on SQLite it
    takes the write lock at once (BEGIN IMMEDIATE), which a later upgrade could not do safely.
    Raises RuntimeError when a write transaction is already open.
    """
    session = db.session()
    if session.info.get(_WRITING):
        raise RuntimeError("a write transaction is already open")
    session.rollback()
    one_file = session.get_bind().dialect.name == "sqlite"
    if one_file:
        write_queue.wait_for_turn(db.engine)
    try:
        session.connection(execution_options={_WRITE: True})
    except BaseException:
        if one_file:
            write_queue.end_turn(db.engine)
        raise
    session.info[_WRITING] = "sqlite" if one_file else "postgresql"


def is_writing() -> bool:
    """Is a write transaction open in this request or command?"""
    return bool(db.session().info.get(_WRITING))


@contextmanager
def transaction() -> Iterator[None]:
    """A write transaction of its own: committed at the end of the block, rolled back on any error.

    For commands, jobs and what must survive a refusal. In a request the hook commits instead.
    """
    begin_write()
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise


def init_app(app: Flask) -> None:
    db.init_app(app)
    app.teardown_appcontext(_let_go)
    with app.app_context():
        _prepare_engine(db.engine)


def _prepare_engine(engine: Engine) -> None:
    event.listen(engine, "connect", _prepare_connection)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "before_cursor_execute", _count_query)


@contextmanager
def other_engine(url: str) -> Iterator[Engine]:
    """An engine for a second database, prepared like the product's own, for the block's length."""
    engine = create_engine(url, hide_parameters=True)
    _prepare_engine(engine)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def writers_kept_out() -> Iterator[Connection]:
    """A connection that reads the product's SQLite database while nobody can write to it."""
    with db.engine.connect() as connection:
        transaction = connection.execution_options(**{_WRITE: True}).begin()
        try:
            yield connection
        finally:
            transaction.rollback()


@contextmanager
def pointed_at(bind: Engine | Connection) -> Iterator[None]:
    """Within the block the product's database is another one, so that its own code can prove a
    copy. On a connection with an open transaction everything becomes part of that transaction."""
    engines = cast(dict[str | None, Engine | Connection], db.engines)
    before = engines[None]
    db.session.remove()
    engines[None] = bind
    try:
        yield
    finally:
        db.session.remove()
        engines[None] = before


def finish_request(response: Response) -> Response:
    """The one hook that ends a request's transaction; it runs before every other after-request
    hook (Flask runs the last registered first), so those may open transactions of their own.

    Commits what a successful act wrote; everything else is rolled back.
    """
    if is_writing():
        if request.method not in SAFE_METHODS and response.status_code < 400:
            db.session.commit()
        else:
            db.session.rollback()
    return response


def _let_go(_error: BaseException | None) -> None:
    """End what is still being read, before Flask-SQLAlchemy does so: the answer is made by then,
    and a connection that was cut since the last query must not turn it into a fault."""
    try:
        db.session.remove()
    except SQLAlchemyError:
        db.session().invalidate()


@event.listens_for(Session, "before_flush")
def _refuse_stray_flush(session: Session, *_: object) -> None:
    if not session.info.get(_WRITING) and (session.new or session.dirty or session.deleted):
        changed = [
            *session.new,
            *session.deleted,
            *(o for o in session.dirty if session.is_modified(o)),
        ]
        if changed:
            raise WriteOutsideTransaction(f"flush of {type(changed[0]).__name__}")


@event.listens_for(Session, "do_orm_execute")
def _refuse_stray_statement(state: ORMExecuteState) -> None:
    writes = state.is_insert or state.is_update or state.is_delete
    if writes and not state.session.info.get(_WRITING):
        raise WriteOutsideTransaction(str(state.statement)[:80])


@event.listens_for(Session, "after_transaction_end")
def _forget_write(session: Session, ended: SessionTransaction) -> None:
    if ended.parent is None and session.info.pop(_WRITING, None) == "sqlite":
        write_queue.end_turn(db.engine)


SQLITE_SETTINGS = {
    "foreign_keys": 1,
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: a commit survives the loss of power
    "recursive_triggers": 1,  # else INSERT OR REPLACE slips past the triggers of the ledgers
    "busy_timeout": write_queue.PATIENCE,
    "cache_size": -512,  # KB for each of many connections: the system keeps the file in memory once
}


POSTGRESQL_SETTINGS = {
    "fsync": ("on",),
    "synchronous_commit": ("on", "remote_apply"),  # the second also waits for the replicas
}


def _prepare_connection(connection: Any, _record: object) -> None:
    """Set what every connection must have, and read it back: some builds lower it silently."""
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None  # SQLAlchemy's "begin" below decides how to begin
        for name, wanted in SQLITE_SETTINGS.items():
            connection.execute(f"PRAGMA {name}={wanted}")
            found = connection.execute(f"PRAGMA {name}").fetchone()[0]
            if found != wanted:
                raise UnsafeDatabase(f"SQLite setting {name} is {found}, must be {wanted}")
        return
    with connection.cursor() as cursor:
        cursor.execute("SET TIME ZONE 'UTC'")
        cursor.execute("SET lock_timeout = '10s'")
        cursor.execute("SET idle_in_transaction_session_timeout = '60s'")
        for name, wanted in POSTGRESQL_SETTINGS.items():
            cursor.execute(f"SHOW {name}")
            found = cursor.fetchone()[0]
            if found not in wanted:
                raise UnsafeDatabase(f"PostgreSQL setting {name} is {found}, must be {wanted[0]}")
    connection.commit()


def _begin(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    if connection.get_execution_options().get(_WRITE):
        write_queue.take_write_lock(connection)
    else:
        connection.exec_driver_sql("BEGIN")


def _count_query(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
    """How many queries a request made stands in its line of the log."""
    if has_app_context() and not statement.startswith("BEGIN"):
        here = g._get_current_object()
        here.queries = here.get("queries", 0) + 1


def read(
    statement: Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]], **values: object
) -> CursorResult[*tuple[Any, ...]]:
    """Run a query that was built once, with a `bindparam` for each value: rows of plain values.

    Several times cheaper than `db.session.execute`, which builds, looks up and maps anew each time
    (docs/performance.md). It sees what this transaction has written.
    """
    session = db.session()
    if session.info.get(_WRITING):
        session.flush()
    return session.connection().execute(statement, values)


def lock_row(row: Base) -> None:
    """Read a row anew and keep other writers from it until the commit (SQLite has only one)."""
    state = sa_inspect(row)
    db.session.get(type(row), state.identity, with_for_update=True, populate_existing=True)


def rows_changed(statement: Update | Delete) -> int:
    """Run an UPDATE or DELETE over many rows; how many it changed."""
    result = db.session.execute(statement)
    assert isinstance(result, CursorResult)
    return result.rowcount


def delete_older(
    model: Any, column: Any, before: datetime, limit: int, *also: ColumnElement[bool]
) -> int:
    """Delete rows of a model with an `id` whose column lies before an instant, the oldest first, no
    more than a limit; how many there were. Leaves out what another transaction is deleting.

    The column needs an index: in its order the oldest are found without reading the others, however
    many there are and whatever the database believes about them.
    """
    old = select(model.id).where(column < before, *also).order_by(column).limit(limit)
    # In two steps: as one statement PostgreSQL may run the limited part more than once.
    ids = db.session.scalars(old.with_for_update(skip_locked=True)).all()
    if not ids:
        return 0
    statement = delete(model).where(model.id.in_(ids))
    return rows_changed(statement.execution_options(synchronize_session=False))


def is_reachable() -> bool:
    """Does the database answer a query?"""
    return bool(db.session.execute(text("SELECT 1")).scalar() == 1)


def engine() -> Engine:
    return db.engine
