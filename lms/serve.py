"""`python app.py`: set the site up, then serve it, with the job consumer beside the server."""

import ctypes
import gc
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import time
from types import FrameType
from typing import Any

import structlog
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from lms import create_app, demo, setup
from lms.config import Settings, from_environment
from lms.core import jobs
from lms.core.db import db
from lms.core.errors import StartError

log = structlog.get_logger()
_PR_SET_PDEATHSIG = 1
_M_ARENA_MAX, _M_MMAP_THRESHOLD, _M_TRIM_THRESHOLD = -8, -3, -1  # malloc.h
MOST_WORKERS = 4  # unless the settings ask for more
GRACE_SECONDS = 3  # for requests under way when the product is told to end
# Children are forked from this process, so that the product is imported only once.
_fork = multiprocessing.get_context("fork")


def main() -> None:
    """Set up and serve until a signal. Prints one sentence and exits 1 when it cannot start."""
    _give_memory_back()
    tempfile.gettempdir()  # chosen before the fork: on a full disk a process would choose another
    try:
        settings = from_environment()
        _assert_port_is_free(settings)
        app = create_app(settings)
        with app.app_context():
            setup.run(with_demo=settings.DEMO)
            greeting = _greeting(settings)
            db.engine.dispose()
        gc.collect()
        gc.freeze()  # or going through all that is loaded takes 90 ms, of a request or a step
    except StartError as error:
        print(f"Kompeten cannot start. {error}", file=sys.stderr)
        raise SystemExit(1) from error
    print(greeting, flush=True)
    _supervise({"server": lambda: serve(app, settings), "jobs": lambda: jobs.run_consumer(app)})


def build() -> Flask:
    """The application for a WSGI server and for commands. Exits with one sentence when it cannot
    be built, or when a ledger of a migrated database stands unguarded."""
    try:
        app = create_app()
        with app.app_context():
            setup.assert_sound()
    except StartError as error:
        raise SystemExit(f"Kompeten cannot start. {error}") from error
    return app


def _greeting(settings: Settings) -> str:
    lines = [f"Kompeten: http://{settings.HOST}:{settings.PORT}  (Ctrl+C stops it)"]
    if demo.is_demo():
        lines.append(f"Demo accounts, password {demo.DEMO_PASSWORD}:")
        lines += [f"  {email:26} {role}" for email, role in demo.DEMO_ACCOUNTS]
    return "\n".join(lines)


def _assert_port_is_free(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.HOST, settings.PORT))
        except OSError as error:
            raise StartError(
                f"Port {settings.PORT} on {settings.HOST} is taken or not allowed; "
                f"choose another, for example PORT={settings.PORT + 1} make run."
            ) from error


class _Log(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Hands gunicorn's own lines to the product's log, so that all of it has one form."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, app: Flask, settings: Settings) -> None:
        self._app, self._settings = app, settings
        super().__init__()

    def options(self) -> dict[str, Any]:
        return {
            "bind": f"{self._settings.HOST}:{self._settings.PORT}",
            "workers": self._settings.WORKERS or min(os.cpu_count() or 1, MOST_WORKERS),
            "threads": self._settings.THREADS,
            "worker_class": "gthread",
            "preload_app": True,
            "accesslog": None,
            "loglevel": "warning",
            "proc_name": "kompeten",
            "worker_tmp_dir": _memory_folder(),
            "control_socket_disable": True,
            "logger_class": _Log,
            # X-Forwarded-* are read by ProxyFix, as many as PROXIES says, and by nobody else.
            "forwarded_allow_ips": "",
            "graceful_timeout": GRACE_SECONDS,
        }

    def load_config(self) -> None:
        for name, value in self.options().items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self._app


def _give_memory_back() -> None:
    """Keep glibc from holding on to what many threads have freed: each has a heap of its own, and
    the 19 MiB of a password's hash would stay in every one of them. What a request needs for its
    compression is kept, or each would ask the system for it anew."""
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(_M_ARENA_MAX, 2)
        libc.mallopt(_M_MMAP_THRESHOLD, 1024 * 1024)
        libc.mallopt(_M_TRIM_THRESHOLD, 8 * 1024 * 1024)


def _memory_folder() -> str | None:
    """Where gunicorn keeps its heartbeat files: in memory where the system has such a folder."""
    folder = "/dev/shm"  # noqa: S108 - gunicorn makes its own unguessable files there
    return folder if os.path.isdir(folder) else None


def serve(app: Flask, settings: Settings) -> None:
    """Serve until a signal; the bench serves its bare page by the same."""
    sys.argv = ["kompeten"]
    _Server(app, settings).run()


def _supervise(tasks: dict[str, Any]) -> None:
    """Keep every task running: one that dies is started again, at most once a second."""
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    children = {name: _start(task) for name, task in tasks.items()}
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while not stopping:
        time.sleep(0.25)
        for name, child in children.items():
            if not child.is_alive() and not stopping:
                log.error("child ended, starting it again", process=name, exit_code=child.exitcode)
                time.sleep(1)
                if not stopping:
                    children[name] = _start(tasks[name])
    for child in children.values():
        child.terminate()
    for child in children.values():
        child.join(35)
        if child.is_alive():
            child.kill()


def _start(task: Any) -> Any:
    child = _fork.Process(target=_run, args=(task,))
    child.start()
    return child


def _run(task: Any) -> None:
    """What a child does first: forget the parent's answers to signals, and end with it even when
    it is killed, or its port would stay taken."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    task()
