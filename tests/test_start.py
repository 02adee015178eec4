"""`python app.py` as an operator meets it: real processes, real ports, real folders."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lms.config import ROOT
from tests.browser.site import running_site, wait_until_ready
from tests.postgres import new_database


def start(folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the command where it must fail at once."""
    environment = {
        **os.environ, "DATA_DIR": str(folder / "data"), "UPLOADS_DIR": str(folder / "uploads"),
        "DEMO": "0", "PORT": free_port(), **settings,
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "app.py"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        sentence = one_sentence(start(tmp_path, PORT=str(port)))
    assert f"Port {port}" in sentence


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file stands where the folder should be")
    assert "DATA_DIR" in one_sentence(start(tmp_path))


def test_a_setting_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    assert "THREADS" in one_sentence(start(tmp_path, THREADS="many"))


def test_a_database_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    url = "postgresql://nobody@127.0.0.1:1/none"
    sentence = one_sentence(start(tmp_path, DATABASE_URL=url))
    assert "database" in sentence


def test_a_broken_course_folder_is_one_sentence(tmp_path: Path) -> None:
    script = (
        "from pathlib import Path; from lms import create_app, setup\n"
        "from lms.core.errors import StartError\n"
        "app = create_app()\n"
        "with app.app_context():\n"
        "    setup.run(with_demo=False)\n"
        f"    setup.import_courses(Path({str(tmp_path / 'courses')!r}))\n"
    )
    broken = tmp_path / "courses" / "rusak"
    broken.mkdir(parents=True)
    (broken / "course.toml").write_text("format = ")
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60,
        env={**os.environ, "DATA_DIR": str(tmp_path / "d"), "UPLOADS_DIR": str(tmp_path / "u")},
        check=False,
    )  # fmt: skip
    assert "course folder rusak has" in done.stderr.strip().splitlines()[-1]
    assert "course.toml" in done.stderr


def test_the_site_starts_again_quickly_survives_a_kill_and_ends_on_a_signal(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    url = ""
    if os.environ.get("TEST_DATABASE") == "postgresql":
        url = new_database(tmp_path_factory)
    with running_site(tmp_path, url):
        pass
    begun = time.monotonic()
    with running_site(tmp_path, url) as site:
        assert time.monotonic() - begun < 10  # the bench measures; this catches a start that hangs
        before = site.children()
        assert len(before) == 2
        for child in before:
            os.kill(child, signal.SIGKILL)
        wait_until(lambda: len(set(site.children()) - set(before)) == 2)
        wait_until_ready(site)
        site.process.send_signal(signal.SIGTERM)
        ended = time.monotonic()
        site.process.wait(20)
        assert time.monotonic() - ended < 10


def wait_until(holds: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return
        time.sleep(0.1)
    pytest.fail("it did not happen in time")


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])
