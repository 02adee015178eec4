"""Writers to SQLite take turns: within the process, and with the other processes of the site."""

import fcntl
import os
import sqlite3
import subprocess
import sys
import threading
import time

import pytest
from flask import Flask

from lms.accounts.models import Unit
from lms.core import write_queue
from lms.core.db import db, transaction

pytestmark = pytest.mark.skipif(
    os.environ.get("TEST_DATABASE") == "postgresql", reason="PostgreSQL has many writers"
)


@pytest.fixture
def queue(context: Flask) -> str:
    return f"{db.engine.url.database}-queue"


def write_row(code: str) -> None:
    db.session.add(Unit(code=code, name=code, path=f"/{code}/", parent_id=None))


def write(code: str) -> None:
    with transaction():
        write_row(code)


def test_many_writers_at_once_are_all_served(app: Flask) -> None:
    waits: list[float] = []

    def work(number: int) -> None:
        with app.app_context():
            for step in range(10):
                begun = time.monotonic()
                write(f"{number}-{step}")
                waits.append(time.monotonic() - begun)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(waits) == 240
    assert max(waits) < 5


def test_a_writer_waits_for_the_turn_of_another_process(queue: str) -> None:
    held = (
        "import fcntl, os, sys, time; f = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT);"
        "fcntl.flock(f, fcntl.LOCK_EX); print('held', flush=True); time.sleep(0.5)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", held, queue], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        begun = time.monotonic()
        write("A")
        assert time.monotonic() - begun > 0.2


def test_a_turn_that_never_comes_is_an_answer_and_no_hang(
    queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_queue, "PATIENCE", 200)
    other = os.open(queue, os.O_RDWR | os.O_CREAT)
    fcntl.flock(other, fcntl.LOCK_EX)
    with pytest.raises(sqlite3.OperationalError, match="did not finish in time"):
        write("A")
    os.close(other)
    write("A")


def in_turn(app: Flask, *, each: float, writers: int) -> list[BaseException]:
    """Writers who all come at once and each take their time; what went wrong."""
    faults: list[BaseException] = []

    def work(number: int) -> None:
        with app.app_context():
            try:
                with transaction():
                    write_row(f"{number}")
                    time.sleep(each)
            except sqlite3.OperationalError as error:
                faults.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults


def test_a_queue_that_moves_is_waited_in_for_longer_than_one_that_stands(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_queue, "PATIENCE", 500)
    assert in_turn(app, each=0.1, writers=15) == []


def test_a_queue_that_is_too_long_is_an_answer_too(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_queue, "PATIENCE", 500)
    monkeypatch.setattr(write_queue, "LONGEST_WAIT", 0.9)
    assert 0 < len(in_turn(app, each=0.1, writers=20)) < 15


@pytest.mark.parametrize("fault", [RuntimeError, KeyboardInterrupt])
def test_the_turn_ends_with_the_transaction_whatever_ends_it(
    context: Flask, fault: type[BaseException]
) -> None:
    with pytest.raises(fault), transaction():
        raise fault
    write("A")
