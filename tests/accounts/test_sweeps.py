"""What is kept of a sign-in is removed when nobody needs it any more, and not before."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event

from lms.accounts.actions.sessions import SESSION_KEPT, remove_old_sessions
from lms.accounts.jobs import sweep_sessions, sweep_tries
from lms.accounts.models import SignInSession
from lms.core.db import db, transaction
from lms.core.mail import remove_old_mail
from tests.accounts.door import is_in, sessions, sign_in
from tests.cast import Cast
from tests.client import PageClient
from tests.conftest import SetClock

NOON = datetime(2026, 5, 6, 12, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


def had(
    cast: Cast, device: str, *, expires: timedelta, ended: timedelta | None = None, count: int = 1
) -> None:
    """Write sessions that ran out, or were ended, so long before noon."""
    row = {
        "person_id": cast.people["learner"], "device": device, "address": "192.0.2.7",
        "created_at": NOON - timedelta(days=300), "last_seen_at": NOON - timedelta(days=300),
        "expires_at": NOON - expires, "ended_at": None if ended is None else NOON - ended,
        "remembered": False,
    }  # fmt: skip
    with transaction():
        db.session.execute(
            sa.insert(SignInSession),
            [{**row, "uuid": uuid4(), "key_digest": uuid4().hex} for _ in range(count)],
        )


def left(app: Flask) -> list[str]:
    return [row.device for row in sessions(app)]


def test_sessions_are_removed_a_quarter_after_they_were_over(
    context: Flask, cast: Cast, at: SetClock
) -> None:
    at(NOON)
    week = timedelta(days=7)
    had(cast, "ran out long ago", expires=SESSION_KEPT + INSTANT)
    had(cast, "ran out just so", expires=SESSION_KEPT)
    had(cast, "ended long ago", expires=-week, ended=SESSION_KEPT + INSTANT)
    had(cast, "ended just so", expires=-week, ended=SESSION_KEPT)
    had(cast, "ran out, then ended with the others", expires=SESSION_KEPT + week, ended=week)
    had(cast, "lives", expires=-week)
    sweep_sessions()
    assert left(context) == ["ran out just so", "ended just so", "lives"]
    sweep_sessions()
    assert len(left(context)) == 3


def test_a_sweep_ends_nobodys_session(app: Flask, cast: Cast, client: PageClient) -> None:
    sign_in(client, remember="y")
    with app.app_context():
        sweep_sessions()
    assert is_in(client)


def test_a_sweep_removes_a_bounded_number_in_bounded_transactions(
    context: Flask, cast: Cast, at: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(NOON)
    monkeypatch.setattr("lms.core.jobs.BATCH", 4)
    monkeypatch.setattr("lms.core.jobs.BATCHES", 3)
    had(cast, "old", expires=SESSION_KEPT + INSTANT, count=17)
    counts = []
    for _ in range(3):
        sweep_sessions()
        counts.append(len(left(context)))
    assert counts == [5, 0, 0]


def test_sweeps_at_once_remove_everything_and_disturb_nobody(
    app: Flask, cast: Cast, at: SetClock
) -> None:
    at(NOON)
    with app.app_context():
        had(cast, "old", expires=SESSION_KEPT + INSTANT, count=300)
        db.session.remove()
    removed: list[int] = []
    gate = threading.Barrier(3)

    def sweep() -> None:
        with app.app_context():
            gate.wait(10)
            for _ in range(40):
                with transaction():
                    count = remove_old_sessions(20)
                removed.append(count)

    sweeps = [threading.Thread(target=sweep) for _ in range(3)]
    for each in sweeps:
        each.start()
    for each in sweeps:
        each.join(60)
    assert len(removed) == 120  # none of them failed
    assert sum(removed) == 300
    assert left(app) == []


@pytest.mark.parametrize(
    ("sweep", "indexes"),
    [
        (sweep_sessions, ["ix_sign_in_session_ended_at", "ix_sign_in_session_expires_at"]),
        (sweep_tries, ["ix_credential_try_at"]),
        (remove_old_mail, ["ix_outbox_mail_created_at"]),
    ],
    ids=["sessions", "tries", "mail"],
)
def test_what_is_old_is_found_by_an_index(
    context: Flask, sweep: Callable[[], object], indexes: list[str]
) -> None:
    """Every minute, over the rows of millions: never by reading them all."""
    asked: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        sweep()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert len(asked) == len(indexes)
    for (statement, parameters), index in zip(asked, indexes, strict=True):
        assert index in plan_of(statement, parameters)


def plan_of(statement: str, parameters: Any) -> str:
    with db.engine.connect() as connection:
        explain = "EXPLAIN QUERY PLAN"
        if connection.dialect.name == "postgresql":
            explain = "EXPLAIN"
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # the table is small here
        return str(connection.exec_driver_sql(f"{explain} {statement}", parameters).all())
