"""Work outside a request. The tables are the truth: a sweep every minute does what is due, and a
hint after a commit only makes it start at once. A lost queue therefore loses nothing."""

import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import structlog
from flask import Flask, g, has_request_context
from huey import SqliteHuey, crontab
from huey.api import Huey

from lms.core.db import transaction
from lms.core.errors import StartError

log = structlog.get_logger()
Sweep = Callable[[], Any]
# How much a sweep removes at most: 10,000 rows a minute are 14 million a day, and each of the short
# transactions lets the others in.
BATCH, BATCHES = 100, 100


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


def run_consumer(app: Flask) -> None:
    """Work off the queue until a signal."""
    queue: Huey = app.extensions["jobs"]
    queue.create_consumer(workers=1, periodic=True, check_worker_health=True).run()


def _run_sweep(app: Flask, name: str) -> None:
    with app.app_context():
        try:
            app.extensions["sweeps"][name]()
        except Exception:
            log.exception("sweep failed", sweep=name)
