"""Who writes to SQLite next: a thread of this process, then this process among the others.

SQLite itself lets writers ask again after longer and longer pauses, and whoever is in one misses
every chance: with 32 writers some waited for seconds (docs/decisions/0003-transactions.md).
"""

import os
import sqlite3
from fcntl import LOCK_EX, LOCK_NB, LOCK_UN, flock
from threading import Lock
from time import monotonic, sleep
from weakref import WeakSet

from sqlalchemy import Engine
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

PATIENCE = 5000  # milliseconds that a writer waits where nobody gets to write
LONGEST_WAIT = 30.0  # seconds that a writer waits in a queue that moves: a rush at a deadline
_SHORT_WAIT = 250  # milliseconds
_PAUSE = 0.001  # seconds
_turn = Lock()
_queues: dict[tuple[int, str], int] = {}  # open file by process and path: a fork shares no lock
# Engines whose write lock another process held for longer than a writer's whole patience.
_held_elsewhere: WeakSet[Engine] = WeakSet()
_moved = 0.0  # when somebody of this process last got to write


def wait_for_turn(engine: Engine) -> None:
    """Return when this thread may write. Raises sqlite3.OperationalError when nobody gave way."""
    begun = monotonic()
    while not _turn.acquire(timeout=_patience(engine)):
        if monotonic() - _moved > _patience(engine):
            _held_elsewhere.add(engine)
            raise sqlite3.OperationalError("other writers did not finish in time")
        if monotonic() - begun > LONGEST_WAIT:
            raise sqlite3.OperationalError("too many writers wait")
    end = monotonic() + _patience(engine)
    try:
        while not _try_lock(_queue(engine)):
            if monotonic() > end:
                _held_elsewhere.add(engine)
                raise sqlite3.OperationalError("another process did not finish in time")
            sleep(_PAUSE)
    except BaseException:
        _turn.release()
        raise


def end_turn(engine: Engine) -> None:
    """Let the next one write."""
    try:
        flock(_queue(engine), LOCK_UN)
    finally:
        _turn.release()


def take_write_lock(connection: Connection) -> None:
    """Begin as a writer, whom a backup or a foreign program may still hold up.

    Once a writer has waited in vain, the next ones ask briefly until one succeeds: else all
    threads would soon wait for the lock, and none would be left for those who only read.
    """
    global _moved
    short = connection.engine in _held_elsewhere
    if short:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={_SHORT_WAIT}")
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except OperationalError as error:
        if getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
            _held_elsewhere.add(connection.engine)
        raise
    else:
        _held_elsewhere.discard(connection.engine)
        _moved = monotonic()
    finally:
        if short:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={PATIENCE}")


def _patience(engine: Engine) -> float:
    """Seconds that a writer waits for its turn, and then for the lock."""
    return (_SHORT_WAIT if engine in _held_elsewhere else PATIENCE) / 1000


def _try_lock(queue: int) -> bool:
    try:
        flock(queue, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _queue(engine: Engine) -> int:
    """The file beside the database whose lock is the turn; it stays empty."""
    key = (os.getpid(), f"{engine.url.database}-queue")
    if key not in _queues:
        _queues[key] = os.open(key[1], os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    return _queues[key]
