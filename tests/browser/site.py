"""The real product for a browser: `python app.py` with the demo city, on a port of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


@dataclass
class Site:
    """A running site. `process` is the supervisor; server and jobs are its children."""

    url: str
    process: subprocess.Popen[bytes]

    def children(self) -> list[int]:
        """Process ids of the children, the server first."""
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in found.split()]

    def workers(self) -> list[int]:
        """Process ids of the server's workers."""
        server = self.children()[0]
        return [
            int(pid) for pid in Path(f"/proc/{server}/task/{server}/children").read_text().split()
        ]


@contextmanager
def running_site(folder: Path, database_url: str = "") -> Iterator[Site]:
    """Start the site with the demo in a folder and end it after the block."""
    port = _free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "DATA_DIR": str(folder / "data"),
        "UPLOADS_DIR": str(folder / "uploads"),
        "PORT": str(port),
        "LOG_LEVEL": "ERROR",
    }
    log = (folder / "server.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=log, stderr=log
    )
    site = Site(f"http://127.0.0.1:{port}", process)
    try:
        wait_until_ready(site)
        yield site
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        log.close()


def wait_until_ready(site: Site, seconds: float = 60) -> None:
    """Until the site answers that it is ready. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(site.url + "/readyz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            pass
        if site.process.poll() is not None:
            break
        time.sleep(0.1)
    raise TimeoutError("the site did not become ready")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
