"""Jobs: the tables are the truth, the queue is a hint; nothing that is due is ever lost."""

import json
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.core import jobs
from lms.core.access import public
from lms.core.db import begin_write, db, is_writing, transaction
from lms.core.errors import DomainError
from lms.core.mail import OutboxMail, queue_mail
from tests.client import PageClient
from tests.core.conftest import MakeApp

ReadLog = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def fresh(make_app: MakeApp, tmp_path: Path) -> Flask:
    """An application with a queue of its own and views that queue a mail."""
    app = make_app(DATA_DIR=str(tmp_path / "data"), LOG_LEVEL="INFO")

    def act() -> dict[str, str]:
        begin_write()
        queue_mail("a@contoh.test", "x", "y")
        return {}

    def broken() -> str:
        act()
        raise DomainError("Tidak boleh.")

    app.add_url_rule("/test/act", "act", public(act), methods=["POST"])
    app.add_url_rule("/test/broken", "broken", public(broken), methods=["POST"])
    return app


@pytest.fixture
def visitor(fresh: Flask) -> PageClient:
    found = fresh.test_client()
    assert isinstance(found, PageClient)
    return found


def waiting(app: Flask) -> int:
    return int(app.extensions["jobs"].pending_count())


def work_off(app: Flask) -> int:
    """Do what the consumer does with everything that waits."""
    queue, done = app.extensions["jobs"], 0
    while (task := queue.dequeue()) is not None:
        queue.execute(task)
        done += 1
    return done


def states(app: Flask) -> list[bool]:
    with app.app_context():
        return [m.sent_at is not None for m in db.session.scalars(sa.select(OutboxMail))]


def test_an_act_is_followed_up_at_once(fresh: Flask, visitor: PageClient) -> None:
    assert visitor.send("/test/act").status_code == 200
    assert waiting(fresh) == 1
    assert work_off(fresh) == 1
    assert states(fresh) == [True]


def test_the_hint_comes_after_the_commit(
    fresh: Flask, visitor: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A consumer that is fast must find the row."""
    seen: list[int] = []
    queue = fresh.extensions["jobs"]
    enqueue = queue.enqueue

    def look(task: Any) -> Any:
        with db.engine.connect() as other:
            seen.append(other.execute(sa.text("SELECT count(*) FROM outbox_mail")).scalar() or 0)
        assert not is_writing()
        return enqueue(task)

    monkeypatch.setattr(queue, "enqueue", look)
    visitor.send("/test/act")
    assert seen == [1]


def test_an_act_that_was_undone_does_no_harm(fresh: Flask, visitor: PageClient) -> None:
    assert visitor.send("/test/broken").status_code == 409
    work_off(fresh)
    assert states(fresh) == []


def test_several_hints_of_a_request_are_one(fresh: Flask, visitor: PageClient) -> None:
    def twice() -> dict[str, str]:
        begin_write()
        for recipient in ("a@contoh.test", "b@contoh.test"):
            queue_mail(recipient, "x", "y")
        return {}

    fresh.add_url_rule("/test/twice", "twice", public(twice), methods=["POST"])
    visitor.send("/test/twice")
    assert waiting(fresh) == 1


def test_outside_a_request_nothing_is_enqueued_and_the_sweep_finds_it(fresh: Flask) -> None:
    with fresh.app_context(), transaction():
        queue_mail("a@contoh.test", "x", "y")
    assert waiting(fresh) == 0
    jobs.sweep_all(fresh)
    assert states(fresh) == [True]


def test_a_lost_queue_loses_nothing(fresh: Flask, visitor: PageClient, log_lines: ReadLog) -> None:
    path = Path(fresh.config["DATA_DIR"]) / "jobs.db"
    visitor.send("/test/act")
    fresh.extensions["jobs"].storage.close()
    for file in path.parent.glob("jobs.db*"):
        file.unlink()
    assert visitor.send("/test/act").status_code == 200  # the act itself is not disturbed
    assert "hint lost" in [line["event"] for line in log_lines()]
    jobs.sweep_all(fresh)
    assert states(fresh) == [True, True]


def test_a_queue_that_cannot_be_written_disturbs_nobody(
    fresh: Flask, visitor: PageClient, monkeypatch: pytest.MonkeyPatch, log_lines: ReadLog
) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(fresh.extensions["jobs"], "enqueue", full)
    assert visitor.send("/test/act").status_code == 200
    (lost,) = [line for line in log_lines() if line["event"] == "hint lost"]
    assert lost["sweep"] == "mail"
    jobs.sweep_all(fresh)
    assert states(fresh) == [True]


@pytest.mark.parametrize(
    "content", [b"no database at all" * 99, b"SQLite format 3\0" + b"\xff" * 4096]
)
def test_a_damaged_queue_is_begun_anew(make_app: MakeApp, tmp_path: Path, content: bytes) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "jobs.db").write_bytes(content)
    (data / "jobs.db-wal").write_bytes(b"junk")
    app = make_app(DATA_DIR=str(data))
    assert waiting(app) == 0
    jobs.sweep_all(app)


def test_a_fault_in_one_sweep_does_not_keep_the_others_from_running(
    fresh: Flask, log_lines: ReadLog
) -> None:
    ran: list[str] = []

    def broken() -> None:
        begin_write()
        queue_mail("a@contoh.test", "x", "y")
        db.session.flush()
        raise ZeroDivisionError("in the middle of a write")

    def sound() -> None:
        with transaction():
            ran.append("sound")

    fresh.extensions["sweeps"] = {"first": sound, "broken": broken, "last": sound}
    jobs.sweep_all(fresh)
    assert ran == ["sound", "sound"]
    (line,) = log_lines()
    assert (line["event"], line["sweep"]) == ("sweep failed", "broken")
    assert "ZeroDivisionError" in line["exception"]
    assert states(fresh) == []


def test_every_sweep_of_the_product_runs_on_an_empty_site(fresh: Flask) -> None:
    for sweep in fresh.extensions["sweeps"].values():
        with fresh.app_context():
            sweep()


def test_threads_of_a_server_can_enqueue_at_once(fresh: Flask) -> None:
    answers: list[int] = []

    def act() -> None:
        client = fresh.test_client()
        assert isinstance(client, PageClient)
        answers.append(client.send("/test/act").status_code)

    threads = [threading.Thread(target=act) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert answers == [200] * 16
    assert waiting(fresh) == 16
    work_off(fresh)
    assert states(fresh) == [True] * 16


def test_the_periodic_sweep_is_known_to_the_consumer(fresh: Flask) -> None:
    (task,) = fresh.extensions["jobs"]._registry.periodic_tasks
    assert task.name == "sweep_all"
    with fresh.app_context(), transaction():
        queue_mail("a@contoh.test", "x", "y")
    fresh.extensions["jobs"].execute(task)
    assert states(fresh) == [True]


def test_nothing_of_a_hint_but_its_name_is_stored(fresh: Flask, visitor: PageClient) -> None:
    visitor.send("/test/act")
    path = Path(fresh.config["DATA_DIR"]) / "jobs.db"
    with sqlite3.connect(path) as stored:
        dump = json.dumps([str(row) for row in stored.execute("SELECT data FROM task")])
    stored.close()
    assert "contoh.test" not in dump
