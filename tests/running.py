"""The real product, `python app.py`, as a tree of processes that a test may do anything to.

Processes are found by what they are (descendants of the first one, holders of the port), not by
the ways of one particular server.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from lms.config import ROOT


@dataclass
class Running:
    """A started product: the supervisor, its folder, its port and the settings it was given."""

    process: subprocess.Popen[bytes]
    folder: Path
    port: int
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def children(self) -> list[int]:
        """The server first, then the jobs."""
        return children_of(self.process.pid)

    def family(self) -> list[int]:
        """Every process of the product, the supervisor first."""
        return [self.process.pid, *descendants(self.process.pid)]

    def workers(self) -> list[int]:
        """Those that answer requests: holders of the port that have no children themselves."""
        inodes = _listening_inodes(self.port)
        leaves = [pid for pid in self.family() if not children_of(pid)]
        return [pid for pid in leaves if inodes & _sockets_of(pid)]

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def kill_everything(self) -> None:
        """SIGKILL for every process at once, as far as that can be."""
        for pid in self.family():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)


def start(folder: Path, database_url: str, port: int = 0, **settings: str) -> Running:
    """Start the product; its data, uploads and log lie in the folder. More settings by name."""
    port = port or free_port()
    given = {
        "DATABASE_URL": database_url, "DATA_DIR": str(folder / "data"), "DEMO": "0",
        "UPLOADS_DIR": str(folder / "uploads"), "PORT": str(port), "WORKERS": "2", **settings,
    }  # fmt: skip
    if database_url.startswith("postgresql"):
        # Several sites of one run share a server of 100 connections, and each thread has one.
        given.setdefault("THREADS", "12")
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "app.py"],
            cwd=ROOT, env={**os.environ, **given}, stdout=log, stderr=log,
        )  # fmt: skip
    return Running(process, folder, port, given)


def until(holds: Callable[[], bool], what: str, seconds: float = 30) -> float:
    """Wait for something; how long it took."""
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        if holds():
            return time.monotonic() - begun
        time.sleep(0.05)
    pytest.fail(f"not in {seconds} seconds: {what}")


def is_ready(running: Running) -> bool:
    """Does it answer, with every process that is to serve? The first one answers before the others
    are there, and what is done to all processes would miss those."""
    assert running.process.poll() is None, running.log()
    try:
        with urllib.request.urlopen(f"{running.url}/readyz", timeout=5) as answer:
            answers = bool(answer.status == 200)
    except OSError:
        return False
    return answers and len(running.workers()) >= int(running.settings["WORKERS"])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def children_of(pid: int) -> list[int]:
    """Process ids of the children of any of its threads; none where it has ended."""
    found: list[int] = []
    with suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(p) for p in (task / "children").read_text().split()]
    return found


def descendants(pid: int) -> list[int]:
    return [found for child in children_of(pid) for found in (child, *descendants(child))]


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"  # a zombie waits for whoever adopted it


def _listening_inodes(port: int) -> set[str]:
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    wanted = f":{port:04X}"
    return {row[9] for row in rows if row[1].endswith(wanted) and row[3] == "0A"}


def _sockets_of(pid: int) -> set[str]:
    found = set()
    with suppress(FileNotFoundError, ProcessLookupError):
        for handle in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(FileNotFoundError):
                target = os.readlink(handle)
                if target.startswith("socket:["):
                    found.add(target[len("socket:[") : -1])
    return found
