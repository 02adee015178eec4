"""The served product, and the bare page beside it: started as in production, and looked at from
outside, by what /proc and the product's own log say."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from lms.config import ROOT, Settings

TICKS = os.sysconf("SC_CLK_TCK")
START_SECONDS = 60
STOP_SECONDS = 40
LISTENING = "0A"


@dataclass(frozen=True)
class Cpu:
    """Seconds of processor time used so far."""

    server: float
    jobs: float
    database: float

    def since(self, before: "Cpu") -> "Cpu":
        return Cpu(
            self.server - before.server, self.jobs - before.jobs, self.database - before.database
        )


class Server:
    """A running server. Its processes are found anew for every question: workers come and go."""

    def __init__(
        self, command: list[str], settings: dict[str, str], folder: Path, ready: str
    ) -> None:
        self.port = _free_port()
        self.log = folder / f"{command[-1].replace('.', '-')}.log"
        self.url = f"http://127.0.0.1:{self.port}"
        known = {field.name for field in fields(Settings)}
        environment = {name: value for name, value in os.environ.items() if name not in known}
        begun = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env={**environment, **settings, "PORT": str(self.port)},
                stdout=log,
                stderr=log,
            )
        self._wait_until_ready(ready)
        self.start_seconds = time.monotonic() - begun

    def _wait_until_ready(self, path: str) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended: {self.log.read_text()[-500:]}")
            try:
                with urllib.request.urlopen(self.url + path, timeout=5) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.02)
        self.stop()
        raise RuntimeError(f"the server is not ready after {START_SECONDS} s, see {self.log}")

    def stop(self) -> None:
        """End it and everything that it started."""
        family = _descendants(self.process.pid)
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            for pid in family:
                _kill(pid)

    # ── Processes ────────────────────────────────────────────────────────────────────────────

    def pids(self) -> tuple[list[int], list[int]]:
        """Processes that serve, and those of the job consumer: the children of the first process
        in whose tree nobody listens on the port."""
        root = self.process.pid
        sockets = _listening_inodes(self.port)
        server, jobs = [root], list[int]()
        for child in _children(root):
            tree = [child, *_descendants(child)]
            (server if any(_holds(pid, sockets) for pid in tree) else jobs).extend(tree)
        if len(server) == 1 and not _holds(root, sockets):
            raise RuntimeError(f"nobody listens on port {self.port}")
        return server, jobs

    def cpu(self, database: list[int]) -> Cpu:
        server, jobs = self.pids()
        backends = [pid for root in database for pid in (root, *_descendants(root))]
        return Cpu(_cpu_seconds(server), _cpu_seconds(jobs), _cpu_seconds(backends))

    def reset_peak(self) -> None:
        for pid in self.pids()[0]:
            Path(f"/proc/{pid}/clear_refs").write_text("5")

    def peak_mb(self) -> float:
        """The most memory that the largest serving process held since `reset_peak`."""
        return max(_memory_mb(pid, "VmHWM") for pid in self.pids()[0])

    def memory_mb(self) -> float:
        """What the largest serving process holds now."""
        return max(_memory_mb(pid, "VmRSS") for pid in self.pids()[0])

    # ── The log ──────────────────────────────────────────────────────────────────────────────

    def log_end(self) -> int:
        return self.log.stat().st_size

    def requests_since(self, offset: int) -> list[dict[str, Any]]:
        """The product's own lines about requests since then."""
        with self.log.open("rb") as file:
            file.seek(offset)
            lines = [json.loads(line) for line in file if line.startswith(b"{")]
        return [line for line in lines if line.get("event") == "request"]

    def faults_since(self, offset: int) -> list[str]:
        """What the product called a fault of its own."""
        with self.log.open("rb") as file:
            file.seek(offset)
            lines = [json.loads(line) for line in file if line.startswith(b"{")]
        bad = ("error", "critical", "exception")
        return [f"log: {line['event']}" for line in lines if line.get("level") in bad]


@contextmanager
def product(settings: dict[str, str], folder: Path) -> Iterator[Server]:
    """The product as `make run` starts it, on a site that stands."""
    server = Server(["app.py"], settings, folder, "/readyz")
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def bare(settings: dict[str, str], folder: Path) -> Iterator[Server]:
    """The bare Flask page, by the same server and settings."""
    server = Server(["-m", "bench.bare"], settings, folder, "/rows/1")
    try:
        yield server
    finally:
        server.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _children(pid: int) -> list[int]:
    """Those that any thread of the process has started."""
    found = list[int]()
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in path.read_text().split()]
        except OSError:  # the thread has ended
            continue
    return found


def _descendants(pid: int) -> list[int]:
    return [each for child in _children(pid) for each in (child, *_descendants(child))]


def _listening_inodes(port: int) -> set[str]:
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == LISTENING and int(words[1].rsplit(":", 1)[1], 16) == port:
                found.add(f"socket:[{words[9]}]")
    return found


def _holds(pid: int, sockets: set[str]) -> bool:
    try:
        return any(os.readlink(link) in sockets for link in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:  # it has just ended, or a descriptor has
        return False


def _cpu_seconds(pids: list[int]) -> float:
    """Of living processes, and of their children that have ended and were waited for."""
    ticks = 0
    for pid in pids:
        try:
            words = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        ticks += sum(int(word) for word in words[11:15])
    return ticks / TICKS


def _memory_mb(pid: int, name: str) -> float:
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0
