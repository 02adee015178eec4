"""Another process holds SQLite's write lock: who reads goes on, who writes is told so in time, and
when the lock is gone everything goes on by itself."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.dose import DOSE, SLACK
from tests.faults.learner import Crowd, Learner
from tests.faults.site import Stage

WRITERS = 40  # more than the server has threads
PATIENCE = 5.0  # seconds: SQLite's busy_timeout
TOLD_WITHIN = PATIENCE + 5 * SLACK  # the wait for a thread, and then for the lock
READ_WITHIN = 2.0 * SLACK  # seconds for a page, once the product knows that it is locked out
HEALED_WITHIN = 5.0 * SLACK
HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
connection.execute("ROLLBACK")
"""

pytestmark = pytest.mark.skipif(
    os.environ.get("TEST_DATABASE") == "postgresql", reason="the write lock is SQLite's own"
)


@contextmanager
def held_by_another_process(path: Path) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin
    assert process.stdout
    try:
        assert process.stdout.readline() == b"held\n"
        yield
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


def test_reading_goes_on_and_writing_is_told_and_heals(stage: Stage) -> None:
    (slug,) = stage.fresh(1)
    people = stage.learners()
    for person in people:
        person.enrol(slug)
    workers = stage.site().workers()
    writers = [stage.twin(people[n % len(people)]) for n in range(WRITERS)]
    reader, visitor = stage.twin(people[0]), stage.stranger()
    visitor.page("/sign-in")
    locked = threading.Event()

    def write(writer: Learner) -> None:
        locked.wait(PATIENCE * SLACK)
        writer.done(slug, "sapa")

    with Crowd(writers, write) as crowd:
        with held_by_another_process(stage.folder / "data" / "kompeten.db"):
            locked.set()
            reads = read_for(DOSE.locked, reader)
            answer = visitor.ask("POST", "/sign-in", {"identifier": "x", "password": "y"})
        released = time.monotonic()
        crowd.join()
        healed = time.monotonic() - released
    told = [status for writer in writers for status in writer.refusals]
    waits = [wait for writer in writers for wait in writer.waits]
    late = [took for at, took in reads if at > PATIENCE + 1]
    print(  # noqa: T201
        f"\nlocked for {DOSE.locked:.0f} s: {len(told)} writers told after {max(waits):.1f} s at "
        f"most, {len(reads)} pages read after {max(took for _, took in reads):.1f} s at most, "
        f"{max(late):.1f} s once the lock was known; healed after {healed:.1f} s"
    )
    assert set(told) == {503}
    assert len(told) >= WRITERS
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert "Layanan sedang sibuk" in answer.text
    assert "tidak ada yang tercatat dua kali" in answer.text
    assert max(waits) <= TOLD_WITHIN
    assert max(late) <= READ_WITHIN
    assert healed <= HEALED_WITHIN
    assert stage.site().workers() == workers
    stage.check()


def read_for(seconds: float, reader: Learner) -> list[tuple[float, float]]:
    """Read a page again and again; when it was asked for, and how long it took."""
    begun, took = time.monotonic(), []
    while (at := time.monotonic() - begun) < seconds:
        assert reader.ask("GET", "/courses").status == 200
        took.append((at, time.monotonic() - begun - at))
        time.sleep(0.1)
    return took
