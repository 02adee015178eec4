"""Work outside a request. The tables are the truth: a sweep every minute does what is due, and a
hint after a commit only makes it start at once. A lost queue therefore loses nothing."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import structlog
from flask import Flask, g, has_request_context
from huey import SqliteHuey, crontab
from huey.api import Huey
from sqlalchemy import String, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import clock
from lms.core.db import Model, UtcDateTime, db, transaction
from lms.core.errors import StartError

log = structlog.get_logger()
Sweep = Callable[[], Any]
# How much a sweep removes at most: 10,000 rows a minute are 14 million a day, and each of the short
# transactions lets the others in.
BATCH, BATCHES = 100, 100
TURN = 30.0  # seconds of what goes on in steps; the other sweeps wait behind it
BEHIND = timedelta(minutes=5)  # every sweep runs each minute; a longer silence is a fault


class SweepState(Model):
    """When a sweep last ran to its end, and how it last failed, if it did so since."""

    __tablename__ = "sweep_state"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failures: Mapped[int] = mapped_column(default=0)  # since it last ran to its end
    error: Mapped[str | None] = mapped_column(String(120))  # its kind; the words stand in the log


def hint(name: str) -> None:
    """Ask that a sweep runs soon: enqueued after this request's commit."""
    if has_request_context():
        g.setdefault("hints", set()).add(name)


def init_app(app: Flask, sweeps: Mapping[str, Sweep]) -> None:
    queue = _queue(Path(app.config["DATA_DIR"]) / "jobs.db")
    app.extensions["jobs"] = queue
    app.extensions["sweeps"] = sweeps
    task = queue.task(name="run_sweep")(lambda name: _run_sweep(app, name))
    queue.periodic_task(crontab(minute="*"), name="sweep_all")(lambda: sweep_all(app))

    def enqueue_hints(_error: BaseException | None) -> None:
        for name in g.pop("hints", ()):
            try:
                task(name)
            except Exception:
                log.exception("hint lost", sweep=name)  # the sweep of the minute will do it

    app.teardown_request(enqueue_hints)


def _queue(path: Path) -> SqliteHuey:
    try:
        return SqliteHuey("kompeten", filename=str(path))
    except sqlite3.OperationalError as error:
        raise StartError(f"The job queue {path} cannot be opened: {error}.") from error
    except sqlite3.DatabaseError:  # damaged: nothing in it is needed, so begin anew
        log.exception("queue damaged")
        for ending in ("", "-wal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
        return SqliteHuey("kompeten", filename=str(path))


def sweep_all(app: Flask) -> None:
    """Run every sweep once. A fault in one does not keep the others from running."""
    for name in app.extensions["sweeps"]:
        _run_sweep(app, name)


def in_batches(remove: Callable[[int], int]) -> int:
    """Call what removes up to so many rows until there are no more, each time in a write
    transaction of its own; how many were removed. What is left after BATCHES is for the next
    sweep."""
    removed = 0
    for _ in range(BATCHES):
        with transaction():
            count = remove(BATCH)
        removed += count
        if count < BATCH:
            break
    return removed


def in_steps(due: Sequence[int], step: Callable[[int], bool], fault: str) -> None:
    """Bring what is due, by ids, to its end one after the other, or as far as a turn allows. `step`
    does a piece of one, and tells whether more is left of it."""
    db.session.rollback()  # what was read to know them
    end = monotonic() + TURN
    for id_ in due:
        try:
            while monotonic() < end and step(id_):
                pass
        except Exception:  # one must not keep the others waiting; the next sweep tries again
            log.exception(fault, id=id_)
            db.session.rollback()


def run_consumer(app: Flask) -> None:
    """Work off the queue until a signal."""
    queue: Huey = app.extensions["jobs"]
    queue.create_consumer(workers=1, periodic=True, check_worker_health=True).run()


def states() -> dict[str, SweepState]:
    """Of every sweep that ever ran."""
    return {state.name: state for state in db.session.scalars(select(SweepState))}


def _run_sweep(app: Flask, name: str) -> None:
    with app.app_context():
        error: Exception | None = None
        try:
            app.extensions["sweeps"][name]()
        except Exception as caught:
            log.exception("sweep failed", sweep=name)
            error = caught
        try:
            db.session.rollback()  # what a fault has left open
            _note(name, error)
        except SQLAlchemyError:
            log.exception("sweep not noted", sweep=name)


def _note(name: str, error: Exception | None) -> None:
    with transaction():
        state = db.session.get(SweepState, name)
        if state is None:
            state = SweepState(name=name, failures=0)
            db.session.add(state)
        if error is None:
            state.done_at, state.failures, state.error = clock.now(), 0, None
        else:
            state.failed_at, state.failures = clock.now(), state.failures + 1
            state.error = type(error).__name__[:120]
