"""The rules of transactions (docs/decisions/0003), each broken on purpose."""

import threading
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.accounts.models import Person, Unit
from lms.core import db as core_db
from lms.core.db import WriteOutsideTransaction, begin_write, db, is_writing, transaction
from lms.core.errors import DomainError
from lms.core.forms import EmptyForm, writing
from lms.core.passwords import hash_password, is_right_password
from tests.cast import PASSWORD, Cast
from tests.client import PageClient


def count_units() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Unit)) or 0


def new_unit(code: str) -> Unit:
    return Unit(code=code, name="Unit", path=f"/{code}/")


def test_a_flush_outside_a_write_transaction_is_refused(context: Flask) -> None:
    db.session.add(new_unit("X"))
    with pytest.raises(WriteOutsideTransaction):
        db.session.flush()


def test_a_statement_outside_a_write_transaction_is_refused(context: Flask) -> None:
    with pytest.raises(WriteOutsideTransaction):
        db.session.execute(sa.update(Unit).values(name="Lain"))


def test_a_write_transaction_cannot_be_opened_twice(context: Flask) -> None:
    begin_write()
    with pytest.raises(RuntimeError):
        begin_write()


def test_a_rollback_ends_the_write_transaction(context: Flask) -> None:
    begin_write()
    db.session.rollback()
    assert not is_writing()


def test_a_transaction_that_fails_leaves_nothing(context: Flask) -> None:
    def fail() -> None:
        with transaction():
            db.session.add(new_unit("X"))
            db.session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert count_units() == 0


def test_what_was_read_before_is_read_again_inside(context: Flask, cast: Cast) -> None:
    person = cast.person("learner")
    assert person.name == "Sari Wulandari"
    with db.engine.begin() as other:
        other.execute(sa.update(Person).where(Person.id == person.id).values(name="Nama Baru"))
    begin_write()
    assert person.name == "Nama Baru"


def test_a_caught_domain_error_rolls_back_at_once(context: Flask) -> None:
    with context.test_request_context(method="POST"):
        form = EmptyForm()
        with writing(form):
            db.session.add(new_unit("X"))
            db.session.flush()
            raise DomainError("Tidak boleh")
        assert form.form_errors == ["Tidak boleh"]
        assert not is_writing()
        assert count_units() == 0


def _route(app: Flask, method: str, status: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """Answer with `status` after writing a unit, through the hook; how many units stand then."""
    with app.test_request_context("/sign-in", method=method):
        begin_write()
        db.session.add(new_unit("X"))
        db.session.flush()
        core_db.finish_request(app.response_class(status=status))
        db.session.rollback()
        return count_units()


@pytest.mark.parametrize(
    ("method", "status", "kept"),
    [
        ("POST", 302, 1),  # an act that succeeded
        ("POST", 422, 0),  # a form shown again
        ("POST", 409, 0),  # a broken rule
        ("POST", 500, 0),  # a fault of ours
        ("GET", 200, 0),  # a GET writes nothing, whatever it tried
    ],
)
def test_the_hook_commits_only_what_succeeded(
    context: Flask, monkeypatch: pytest.MonkeyPatch, method: str, status: int, kept: int
) -> None:
    assert _route(context, method, status, monkeypatch) == kept


def test_hashing_inside_a_write_transaction_is_refused(context: Flask) -> None:
    begin_write()
    with pytest.raises(RuntimeError):
        hash_password("apa pun")
    with pytest.raises(RuntimeError):
        is_right_password(None, "apa pun")


def test_a_slow_hash_keeps_no_other_writer_waiting(
    app: Flask, cast: Cast, client: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one sign-in hashes, another connection takes the write lock and commits."""
    wrote = threading.Event()

    def hash_while_another_writes(stored: str | None, password: str) -> bool:
        def write() -> None:
            with app.app_context():
                with transaction():
                    db.session.add(new_unit("MEANWHILE"))
                wrote.set()

        other = threading.Thread(target=write)
        other.start()
        other.join(4)
        return is_right_password(stored, password)

    monkeypatch.setattr("lms.accounts.views.door.is_right_password", hash_while_another_writes)
    answer = client.send("/sign-in", {"identifier": "sari@contoh.test", "password": PASSWORD})
    assert answer.status_code == 302
    assert wrote.is_set()


def test_every_sqlite_connection_has_the_settings_that_keep_data(context: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("SQLite's own settings")
    for name, wanted in core_db.SQLITE_SETTINGS.items():
        assert db.session.execute(sa.text(f"PRAGMA {name}")).scalar() == wanted


def test_a_connection_without_the_settings_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import sqlite3

    monkeypatch.setitem(core_db.SQLITE_SETTINGS, "synchronous", 9)
    with pytest.raises(RuntimeError, match="must be"):
        core_db._prepare_connection(sqlite3.connect(":memory:"), None)


def test_the_write_lock_is_taken_at_the_beginning(app: Flask) -> None:
    """On SQLite a second writer waits at BEGIN, so it never reads what it then overwrites."""
    with app.app_context():
        if db.engine.dialect.name != "sqlite":
            pytest.skip("PostgreSQL locks rows")
        begin_write()
        raw: Any = db.engine.raw_connection()
        try:
            raw.execute("PRAGMA busy_timeout=50")
            with pytest.raises(Exception, match="locked"):
                raw.execute("BEGIN IMMEDIATE")
        finally:
            raw.execute("PRAGMA busy_timeout=5000")
            raw.close()
            db.session.rollback()
