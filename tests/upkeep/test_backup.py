"""Backups: whole before they have their name, made while others write, and honest about damage."""

import os
import shutil
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from lms.core import audit, clock, files
from lms.core.db import db, transaction
from lms.upkeep import backup, manifest
from lms.upkeep.folders import DRAFT, LOCK, UpkeepError, alone_in
from lms.upkeep.restore import restore
from tests.sample_course import PNG
from tests.upkeep.conftest import SERVER, Kept, Places, close, counts, file_of, uploads_of
from tests.upkeep.killing import fails_on_a_full_disk, file_steps, was_killed

DATABASE = "kompeten.dump" if SERVER else "kompeten.db"
AT = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


@pytest.fixture
def runner(kept: Kept) -> Iterator[FlaskCliRunner]:
    yield kept.app.test_cli_runner()
    close(kept.app)


def run(runner: FlaskCliRunner, *args: object, fails: bool = False) -> str:
    result = runner.invoke(args=[str(arg) for arg in args])
    assert result.exit_code == (1 if fails else 0), result.output
    assert "Traceback" not in result.output
    return result.output


def made_at(kept: Kept, folder: Path, *minutes: int) -> list[Path]:
    """Backups made at these minutes of an evening."""
    made = []
    for minute in minutes:
        clock.set_clock(lambda minute=minute: AT + timedelta(minutes=minute))  # type: ignore[misc]
        made.append(kept.backup(folder).path)
    clock.set_clock(None)
    return made


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != LOCK)


# ── What a backup holds ──────────────────────────────────────────────────────────────────────


def test_a_backup_holds_the_whole_site_and_says_what_it_is(kept: Kept, whole: Path) -> None:
    described = manifest.read(whole)
    assert described.rows == counts(kept.app)
    assert described.rows["person"] > 1000
    assert described.made_at.tzinfo is not None
    assert described.version == manifest.product_version()
    assert manifest.damages(whole, described) == []
    (upload,) = described.uploads
    assert (whole / upload).read_bytes() == PNG
    assert (whole / "secret.key").read_text().strip() == kept.app.config["SECRET_KEY"]
    assert {str(p.relative_to(whole)) for p in whole.rglob("*") if p.is_file()} == {
        DATABASE, "secret.key", "manifest.json", "manifest.sha256", upload,
    }  # fmt: skip


def test_a_backup_is_for_its_owner_only(whole: Path) -> None:
    modes = {stat.S_IMODE(p.stat().st_mode) for p in whole.rglob("*") if p.is_file()}
    assert modes == {0o600}
    assert {stat.S_IMODE(p.stat().st_mode) for p in [whole, *whole.rglob("*/")]} == {0o700}


def test_what_was_acknowledged_before_it_began_is_in_it_while_others_write(
    kept: Kept, places: Places, tmp_path: Path
) -> None:
    """And nothing of a transaction without the rest of it: the chains fit."""
    app = places.copy_of(kept.app)
    told, writer = os.pipe()
    child = os.fork()
    if child == 0:
        with app.app_context():
            for number in range(100_000):
                with transaction():
                    audit.record(None, "test.noted", number=number)
                    audit.record(None, "test.noted", number=number)
                os.write(writer, b".")
        os._exit(0)
    os.close(writer)
    try:
        acknowledged = 0
        while acknowledged < 20:
            acknowledged += len(os.read(told, 100))
        os.set_blocking(told, False)
        acknowledged += _available(told)
        with app.app_context():
            made = backup.make(tmp_path / "backups")
        meanwhile = _available(told)
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)
        close(app)
    assert meanwhile > 0
    fresh = places.new()
    with fresh.app_context():
        done = restore(made.path)
        assert done.proof.chain_faults == []
        numbers = db.session.scalars(
            db.select(audit.AuditEntry.details).where(audit.AuditEntry.action == "test.noted")
        ).all()
    close(fresh)
    found = sorted(int(str(details["number"])) for details in numbers)
    pairs = len(found) // 2
    assert found == sorted([*range(pairs), *range(pairs)])
    assert pairs >= acknowledged


def _available(pipe: int) -> int:
    try:
        return len(os.read(pipe, 1_000_000))
    except BlockingIOError:
        return 0


def test_an_upload_that_is_kept_already_is_a_second_name(kept: Kept, tmp_path: Path) -> None:
    one, two = made_at(kept, tmp_path, 1, 2)
    (upload,) = manifest.read(one).uploads
    assert (one / upload).stat().st_ino == (two / upload).stat().st_ino
    shutil.rmtree(one)
    assert manifest.damages(two, manifest.read(two)) == []


def test_an_upload_damaged_in_the_backup_before_is_copied_anew(kept: Kept, tmp_path: Path) -> None:
    (one,) = made_at(kept, tmp_path, 1)
    (upload,) = manifest.read(one).uploads
    (one / upload).write_bytes(b"x" * len(PNG))
    (two,) = made_at(kept, tmp_path, 2)
    assert (two / upload).read_bytes() == PNG


def test_an_upload_damaged_on_the_site_is_told(
    kept: Kept, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    with kept.app.app_context():
        (path,) = files.kept()
    path.write_bytes(b"rotten")
    try:
        said = run(runner, "backup", tmp_path, fails=True)
    finally:
        path.write_bytes(PNG)
    assert f"uploads/{path.parent.name}/{path.name} was damaged already" in said
    (made,) = manifest.backups_in(tmp_path)
    assert "Whole" in run(runner, "check-backup", made)


def test_a_file_that_is_being_uploaded_is_not_in_it(kept: Kept, tmp_path: Path) -> None:
    half = uploads_of(kept.app) / "media" / "00" / "tmp12345"
    half.parent.mkdir(exist_ok=True)
    half.write_bytes(b"half")
    try:
        made = kept.backup(tmp_path)
    finally:
        shutil.rmtree(half.parent)
    assert len(made.manifest.uploads) == 1


# ── Rotation and copies ──────────────────────────────────────────────────────────────────────


def test_the_newest_are_kept_and_nothing_that_is_not_ours_is_touched(
    kept: Kept, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    one, two, three, four, five = made_at(kept, tmp_path, 1, 2, 3, 4, 5)
    described = manifest.read(two)
    for name in ("manifest.json", "manifest.sha256"):
        (two / name).unlink()
    manifest.put(manifest.Manifest(**{**vars(described), "site": "http://another"}), two)
    (three / "manifest.json").write_bytes(b"{}")
    (tmp_path / "kompeten-20200101T000000Z.keep").mkdir()
    (tmp_path / "mine").mkdir()
    said = run(runner, "backup", tmp_path, "--keep", "2")
    newest = names(tmp_path)[-2]
    assert one.name in said
    assert names(tmp_path) == sorted(
        [two.name, three.name, five.name, newest, "kompeten-20200101T000000Z.keep", "mine"]
    )
    assert four.name not in names(tmp_path)


def test_a_clock_that_went_back_does_not_make_the_new_one_the_oldest(
    kept: Kept, tmp_path: Path
) -> None:
    later, earlier = made_at(kept, tmp_path, 9, 1)
    assert backup.rotate(earlier, 1) == [later.name]
    assert names(tmp_path) == [earlier.name]


def test_a_copy_elsewhere_is_whole_and_rotated_too(
    kept: Kept, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    there.mkdir()
    for _ in range(2):
        run(runner, "backup", here, "--copy-to", there, "--keep", "1")
        time.sleep(1)  # a name is a second
    (copied,) = manifest.backups_in(there)
    assert names(here) == names(there) == [copied.name]
    assert "Whole" in run(runner, "check-backup", copied)


def test_a_share_that_is_not_mounted_is_told_and_the_backup_stays(
    runner: FlaskCliRunner, tmp_path: Path
) -> None:
    said = run(runner, "backup", tmp_path, "--copy-to", tmp_path / "share", fails=True)
    assert "is it mounted?" in said
    assert len(manifest.backups_in(tmp_path)) == 1
    assert not (tmp_path / "share").exists()


def test_a_second_run_beside_a_first_is_refused(runner: FlaskCliRunner, tmp_path: Path) -> None:
    with alone_in(tmp_path):
        assert "Another run is at work" in run(runner, "backup", tmp_path, fails=True)
    assert names(tmp_path) == []
    run(runner, "backup", tmp_path)


# ── Interrupted ──────────────────────────────────────────────────────────────────────────────


def test_killed_at_any_step_it_leaves_nothing_that_looks_whole_and_is_not(
    small: Kept, tmp_path: Path
) -> None:
    close(small.app)
    there = tmp_path / "there"
    there.mkdir()
    minute = 0

    def act() -> None:
        clock.set_clock(lambda: AT + timedelta(minutes=minute))
        made = small.backup(tmp_path / "here").path
        backup.copy_to(made, there)
        for place in (made, there / made.name):
            backup.rotate(place, 1)

    step = 1
    while was_killed(step, act, file_steps):
        for folder in (tmp_path / "here", there):
            for found in manifest.backups_in(folder) if folder.exists() else []:
                assert manifest.damages(found, manifest.read(found)) == []
        step += 1 if step < 6 else 2
        minute += 1
    assert step > 20
    for folder in (tmp_path / "here", there):
        assert len(manifest.backups_in(folder)) == 1
        assert not list(folder.glob(f"{DRAFT}*"))


@pytest.mark.parametrize("size", [20, 60_000])
def test_a_full_disk_leaves_no_half_backup(small: Kept, tmp_path: Path, size: int) -> None:
    close(small.app)
    assert fails_on_a_full_disk(size, lambda: small.backup(tmp_path))
    assert names(tmp_path) == []
    assert not fails_on_a_full_disk(100_000_000, lambda: small.backup(tmp_path))
    assert len(names(tmp_path)) == 1


def test_a_folder_that_cannot_be_written_is_one_sentence(
    runner: FlaskCliRunner, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    assert "Error: " in run(runner, "backup", tmp_path / "file", fails=True)
    assert "Error: " in run(runner, "backup", tmp_path / "file" / "below", fails=True)


# ── Damage ───────────────────────────────────────────────────────────────────────────────────

NAMED = [DATABASE, "secret.key", "manifest.json", "manifest.sha256", "upload"]


def harm_of(how: str) -> Callable[[bytes, int], bytes]:
    if how == "a flipped bit":
        return lambda content, at: content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
    return lambda content, at: content[:at]


@pytest.mark.parametrize("how", ["a flipped bit", "a cut"])
@pytest.mark.parametrize("named", NAMED)
def test_every_damage_is_named(runner: FlaskCliRunner, copy: Path, named: str, how: str) -> None:
    upload = manifest.read(copy).uploads[0]
    path = copy / (upload if named == "upload" else named)
    content = path.read_bytes()
    positions = {0, len(content) - 1, *range(7, len(content), max(1, len(content) // 10))}
    for at in positions:
        path.write_bytes(harm_of(how)(content, at))
        assert path.name in run(runner, "check-backup", copy, fails=True)
    path.write_bytes(content)
    assert "Whole" in run(runner, "check-backup", copy)


@pytest.mark.parametrize("named", NAMED)
def test_a_missing_file_is_named(runner: FlaskCliRunner, copy: Path, named: str) -> None:
    upload = manifest.read(copy).uploads[0]
    path = copy / (upload if named == "upload" else named)
    path.unlink()
    assert path.name in run(runner, "check-backup", copy, fails=True)
    path.symlink_to("/etc/hostname")
    assert path.name in run(runner, "check-backup", copy, fails=True)


def test_all_damages_are_named_at_once(runner: FlaskCliRunner, copy: Path) -> None:
    (copy / DATABASE).unlink()
    (copy / "secret.key").write_text("x")
    said = run(runner, "check-backup", copy, fails=True)
    assert DATABASE in said
    assert "secret.key" in said
    assert "2 files are damaged" in said


def test_what_is_no_backup_is_one_sentence(runner: FlaskCliRunner, tmp_path: Path) -> None:
    assert "manifest.json cannot be read" in run(runner, "check-backup", tmp_path, fails=True)
    assert "There is no backup" in run(runner, "check-backup", tmp_path / "none", fails=True)


@pytest.mark.skipif(SERVER, reason="a server keeps its own files")
def test_no_backup_is_made_of_a_damaged_database(
    kept: Kept, places: Places, tmp_path: Path
) -> None:
    (good,) = made_at(kept, tmp_path, 1)
    app = places.copy_of(kept.app)
    close(app)
    with file_of(app).open("r+b") as file:
        size = file_of(app).stat().st_size
        for at in range(size // 2, size, size // 20):
            file.seek(at)
            file.write(b"\xff" * 200)
    with app.app_context(), pytest.raises(UpkeepError, match="damaged"):
        backup.make(tmp_path)
    close(app)
    assert names(tmp_path) == [good.name]


def test_a_database_without_a_site_is_told(places: Places, tmp_path: Path) -> None:
    app = places.new()
    said = run(app.test_cli_runner(), "backup", tmp_path, fails=True)
    close(app)
    assert "run flask setup" in said
    assert names(tmp_path) == []


@pytest.mark.skipif(SERVER, reason="it is one file on SQLite only")
def test_the_copy_of_the_database_stands_alone(whole: Path) -> None:
    """No journal beside it, and looking inside leaves none."""
    with sqlite3.connect(f"file:{whole / DATABASE}?mode=ro", uri=True) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    database.close()
    assert not list(whole.glob("kompeten.db-*"))


# ── PostgreSQL's programs ────────────────────────────────────────────────────────────────────

server_only = pytest.mark.skipif(not SERVER, reason="SQLite needs no programs")


def program(folder: Path, text: str) -> None:
    path = folder / "pg_dump"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@server_only
def test_a_missing_pg_dump_is_told(
    runner: FlaskCliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said = run(runner, "backup", tmp_path / "backups", fails=True)
    assert "pg_dump is not on PATH" in said
    assert names(tmp_path / "backups") == []


@server_only
def test_a_pg_dump_older_than_the_server_is_told(
    runner: FlaskCliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "echo 'pg_dump (PostgreSQL) 9.6.24'")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert "pg_dump is of version 9" in run(runner, "backup", tmp_path / "backups", fails=True)


@server_only
def test_the_password_is_not_on_the_command_line(
    kept: Kept, places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, seen = shutil.which("pg_dump"), tmp_path / "seen"
    program(tmp_path, f'echo "$@" "/$PGPASSWORD/" >> {seen}; exec {real} "$@"')
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    url = (
        db_url(kept.app)
        .replace("postgres:@", "postgres:rahasia@")
        .replace("postgres@", "postgres:rahasia@")
    )
    app = places.new(url)
    with app.app_context():
        backup.make(tmp_path / "backups")
    close(app)
    said = seen.read_text()
    assert "/rahasia/" in said
    assert "rahasia" not in said.replace("/rahasia/", "")


def db_url(app: Flask) -> str:
    return str(app.config["SQLALCHEMY_DATABASE_URI"])
