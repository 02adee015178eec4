"""No room: whoever writes is told so honestly, who reads goes on, nothing is half written, and
with room again everything goes on without a restart."""

import errno
import http.client
import os
import resource
import sqlite3
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from flask import Flask

from lms.config import ROOT
from lms.core import files
from tests.faults.conftest import SetStage
from tests.faults.disks import MEGABYTE, Disk, small_disk
from tests.faults.dose import DOSE, SLACK
from tests.faults.learner import Crowd, Learner
from tests.faults.site import Stage
from tests.running import free_port, is_ready, until
from tests.sample_course import write_course

HEALED_WITHIN = 5.0 * SLACK  # seconds after there is room again
SQLITE = os.environ.get("TEST_DATABASE") != "postgresql"


def test_a_full_disk_is_told_and_heals(set_stage: SetStage, tmp_path: Path) -> None:
    """Database, job queue, mail, log and temporary files lie on the disk that is full."""
    if not SQLITE:
        pytest.skip("where the data of PostgreSQL lies is tried in test_postgresql.py")
    with small_disk(tmp_path / "small", 24) as disk:
        temporary = disk.folder / "temporary"
        temporary.mkdir()
        stage = set_stage(
            course_count=DOSE.disk_rounds, data=disk.folder / "data",
            settings={"TMPDIR": str(temporary)},
        )  # fmt: skip
        (stage.folder / "log").symlink_to(disk.folder / "log")
        stage.start()
        family = stage.site().family()
        assert post_a_file(stage) == 400  # it has no CSRF token
        for slug in stage.fresh(DOSE.disk_rounds):
            with Crowd(stage.learners(), partial(Learner.complete, slug=slug)) as crowd:
                crowd.work_on(30)
                empty_the_log_of_sqlite(disk.folder / "data" / "kompeten.db")
                disk.fill()
                refused_and_read(stage, crowd)
                assert post_a_file(stage) == 507
                disk.empty()
                began = time.monotonic()
                until(lambda: is_ready(stage.site()), "ready", HEALED_WITHIN)
                crowd.join()
            print(f"\nfull disk: all done {time.monotonic() - began:.1f} s after room")  # noqa: T201
        assert mail_leaves(stage)
        assert stage.site().family() == family
        assert stage.unhandled() == []
        assert os.listdir(temporary) == []
        stage.check()
        stage.close()  # before its disk goes


def empty_the_log_of_sqlite(path: Path) -> None:
    """Else the room that its write-ahead log has already would do for many more acts."""
    connection = sqlite3.connect(path, timeout=20)
    try:
        emptied = lambda: connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0  # noqa: E731
        until(emptied, "the log is empty", 20)
    finally:
        connection.close()


def refused_and_read(stage: Stage, crowd: Crowd) -> None:
    """Who writes is answered 507 with its words; pages still come."""
    until(lambda: any(507 in one.refusals for one in crowd.learners), "somebody is told", 20)
    reader = stage.twin(crowd.learners[0])
    assert reader.ask("GET", "/courses").status == 200
    assert reader.ask("GET", "/healthz").status == 200
    visitor = stage.stranger()
    visitor.page("/password/forgot")
    form = {"identifier": f"nobody-{len(stage.devices)}@contoh.test"}
    answer = visitor.ask("POST", "/password/forgot", form)
    assert answer.status == 507
    assert answer.headers["Retry-After"] == "30"
    assert "Server tidak dapat menyimpan" in answer.text
    assert "kiriman terakhir Anda belum tersimpan" in answer.text
    told = visitor.ask("POST", "/password/forgot", form, accept="application/json")
    assert told.status == 507
    assert set(told.json()) == {"error", "reference"}


def mail_leaves(stage: Stage) -> bool:
    """The process for jobs lives: what is queued now is worked off."""
    visitor = stage.stranger()
    visitor.page("/password/forgot")
    answer = visitor.ask("POST", "/password/forgot", {"identifier": stage.nips[0]})
    assert answer.status in (200, 302), answer.text
    mails = Path(stage.app.config["DATA_DIR"]) / "mail"
    until(lambda: bool(list(mails.glob("*.eml"))), "the mail", 30)
    return not list(mails.glob(".*"))


@pytest.mark.skipif(not SQLITE, reason="the server process writes no database of its own")
def test_a_quota_is_told_and_heals(stage: Stage) -> None:
    """Like a full disk, for the processes of the product alone; needs no root."""
    family = stage.site().family()
    for slug in stage.fresh(DOSE.disk_rounds):
        with Crowd(stage.learners(), partial(Learner.complete, slug=slug)) as crowd:
            crowd.work_on(30)
            limit_file_sizes(family, 4096)
            refused_and_read(stage, crowd)
            limit_file_sizes(family, resource.RLIM_INFINITY)
            crowd.join()
    assert stage.site().family() == family
    assert stage.unhandled() == []
    stage.check()


def limit_file_sizes(processes: list[int], most: int) -> None:
    for process in processes:
        resource.prlimit(process, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


def test_full_uploads_leave_no_half_file(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_course(tmp_path)
    with small_disk(tmp_path / "small", 2) as disk:
        monkeypatch.setitem(app.config, "UPLOADS_DIR", str(disk.folder / "uploads"))
        with app.app_context():
            kept = files.save(b"a" * 1000)
        disk.fill()
        with app.app_context(), pytest.raises(OSError, match="No space") as refused:
            files.save(b"b" * MEGABYTE)
        assert refused.value.errno == errno.ENOSPC
        command = ["courses", "import", str(source)]
        told = app.test_cli_runner().invoke(args=command)
        assert told.exit_code == 1
        assert "nothing was published" in told.output
        assert stored(disk) == [kept]
        disk.empty()
        told = app.test_cli_runner().invoke(args=command)
        assert told.exit_code == 0, told.output
        assert len(stored(disk)) == 2


def stored(disk: Disk) -> list[str]:
    found = [path for path in (disk.folder / "uploads").rglob("*") if path.is_file()]
    return sorted(path.name for path in found if path.name != ".lock")


def post_a_file(stage: Stage) -> int:
    """The status of a body that is laid aside as a temporary file before anybody looks at it."""
    head = b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
    connection = http.client.HTTPConnection(f"127.0.0.1:{stage.site().port}", timeout=30)
    try:
        connection.request(
            "POST", "/sign-in", head + b"a" * MEGABYTE + b"\r\n--x--\r\n",
            {"Content-Type": "multipart/form-data; boundary=x"},
        )  # fmt: skip
        return connection.getresponse().status
    finally:
        connection.close()


def test_a_start_without_room_says_so_in_one_sentence(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", 2) as disk:
        disk.fill()
        environment = {
            **os.environ, "DATA_DIR": str(disk.folder / "data"), "DATABASE_URL": "", "DEMO": "0",
            "UPLOADS_DIR": str(tmp_path), "PORT": str(free_port()),
        }  # fmt: skip
        ended = subprocess.run(
            [sys.executable, "app.py"], cwd=ROOT, env=environment, capture_output=True, timeout=60
        )
        assert ended.returncode == 1
        said = ended.stderr.decode().strip().splitlines()
        assert len(said) == 1, said
        assert said[0].startswith("Kompeten cannot start.")
        left = [path.name for path in disk.folder.rglob("*") if path.is_file()]
        assert left == ["ballast"]
