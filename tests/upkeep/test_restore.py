"""Restores: into an empty place only, proved before they go live, and nothing left of a refusal."""

import os
import re
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade

from lms import setup
from lms.accounts.models import SignInSession
from lms.accounts.queries.sessions import signed_in_for
from lms.config import ROOT
from lms.core import audit, ledger
from lms.core.db import db
from lms.upkeep import backup, manifest, records
from lms.upkeep.folders import DRAFT, LOCK, Content, alone_in, content_of
from lms.upkeep.restore import restore
from tests.cast import PASSWORD, PEOPLE
from tests.core.tampering import behind_the_guard
from tests.running import is_ready, start, until
from tests.sample_course import PNG
from tests.upkeep.conftest import SERVER, Kept, Places, close, counts, data_of, file_of, uploads_of
from tests.upkeep.killing import fails_on_a_full_disk, file_steps, was_killed

TOUCHED = {"audit_entry", "sign_in_session"}  # what a restore itself writes to


@pytest.fixture
def place(places: Places) -> Iterator[Flask]:
    app = places.new()
    yield app
    close(app)


def restored(app: Flask, path: Path, *options: str) -> str:
    result = app.test_cli_runner().invoke(args=["restore", str(path), *options])
    assert result.exit_code == 0, result.output
    return str(result.output)


def refused(app: Flask, path: Path) -> str:
    """The sentence of a restore that fails; nothing of it may be left."""
    before = left_in(app)
    result = app.test_cli_runner().invoke(args=["restore", str(path)])
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output
    assert left_in(app) == before
    return str(result.output)


def left_in(app: Flask) -> Any:
    """The files of a place and the rows of its database."""
    rows = counts(app)
    close(app)
    folders = {data_of(app), uploads_of(app)}
    files = {str(p) for folder in folders for p in folder.rglob("*") if p.name != LOCK}
    return {name for name in files if not name.endswith((".db-wal", ".db-shm"))}, rows


def values(app: Flask) -> dict[str, list[str]]:
    """All rows of every table but those that a restore writes to."""
    with app.app_context(), db.engine.connect() as connection:
        return {
            table.name: sorted(str(row) for row in connection.execute(sa.select(table)))
            for table in db.metadata.sorted_tables
            if table.name not in TOUCHED
        }


def says(path: Path, **fields: Any) -> Path:
    """A backup whose manifest says something else, sealed as if it were right."""
    described = replace(manifest.read(path), **fields)
    for name in (manifest.MANIFEST, manifest.SEAL):
        (path / name).unlink()
    manifest.put(described, path)
    return path


# ── What comes back ──────────────────────────────────────────────────────────────────────────


def test_everything_comes_back_and_old_sessions_are_over(
    kept: Kept, whole: Path, place: Flask
) -> None:
    with kept.app.app_context():
        assert signed_in_for(kept.key)
    said = restored(place, whole)
    assert "sessions ended" in said
    assert values(place) == values(kept.app)
    (upload,) = manifest.read(whole).uploads
    assert (uploads_of(place) / "media" / upload.removeprefix("uploads/")).read_bytes() == PNG
    secret = (data_of(place) / "secret.key").read_text()
    assert secret == kept.app.config["SECRET_KEY"]
    with place.app_context():
        assert list(records.faults()) == []
        assert signed_in_for(kept.key) is None
        open_ones = sa.select(SignInSession).where(SignInSession.ended_at.is_(None))
        assert db.session.scalars(open_ones).all() == []
        entry = db.session.scalars(audit.entries().order_by(audit.AuditEntry.id.desc())).first()
        assert entry is not None
        assert (entry.action, entry.chain) == ("upkeep.restored", ledger.SITE_CHAIN)
        assert int(str(entry.details["sessions_ended"])) > 100
        db.session.remove()
    assert not list(data_of(place).rglob(f"{DRAFT}*"))
    assert client_profile(place, kept) == 302


def client_profile(app: Flask, kept: Kept) -> int:
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = kept.key
        session["_fresh"] = True
    return client.get("/my/competencies").status_code


def test_new_entries_follow_those_that_came_back(whole_small: Path, place: Flask) -> None:
    restored(place, whole_small)
    run = place.test_cli_runner()
    added = run.invoke(args=["people", "add-unit", "BARU", "Unit Baru"])
    assert added.exit_code == 0, added.output
    closed = run.invoke(args=["people", "deactivate", "sari@contoh.test"])
    assert closed.exit_code == 0, closed.output
    with place.app_context():
        assert list(records.faults()) == []


def test_a_secret_in_the_environment_stays_and_is_told(whole_small: Path, place: Flask) -> None:
    place.config["SECRET_KEY"] = "0123456789abcdef0123456789abcdef"
    assert "SECRET_KEY in the environment" in restored(place, whole_small)
    assert place.config["SECRET_KEY"] == "0123456789abcdef0123456789abcdef"


def test_a_secret_that_no_file_may_hold_is_told_and_not_placed(
    small: Kept, place: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SECRET_KEY may be any text; a file with it would keep the site from starting."""
    monkeypatch.setitem(small.app.config, "SECRET_KEY", "ñandú di sawah " * 4)
    made = small.backup(tmp_path)
    before = (data_of(place) / "secret.key").read_text()
    assert "SECRET_KEY in the environment" in restored(place, made.path)
    assert (data_of(place) / "secret.key").read_text() == before


@pytest.mark.parametrize("version", setup.revisions())
def test_a_backup_of_every_version_is_brought_to_this_one(
    version: str, first: Flask, places: Places, place: Flask, tmp_path: Path
) -> None:
    old = places.copy_of(first)
    with old.app_context():
        upgrade(revision=version)
        made = backup.make(tmp_path)
    close(old)
    assert made.manifest.revision == version
    restored(place, made.path)
    with place.app_context():
        assert setup.is_current()
        assert list(records.faults()) == []


# ── What is refused ──────────────────────────────────────────────────────────────────────────


def test_a_place_with_a_database_is_refused(small: Kept, whole_small: Path, places: Places) -> None:
    app = places.copy_of(small.app)
    said = refused(app, whole_small)
    assert "not empty" in said if SERVER else "There is a database" in said
    close(app)


def test_a_place_with_other_uploads_is_refused(whole_small: Path, place: Flask) -> None:
    other = uploads_of(place) / "media" / "ab" / ("ab" + "0" * 62)
    other.parent.mkdir(parents=True)
    other.write_bytes(b"kept")
    assert "not in the backup" in refused(place, whole_small)
    assert other.read_bytes() == b"kept"


def test_a_second_restore_beside_a_first_is_refused(whole_small: Path, place: Flask) -> None:
    with alone_in(uploads_of(place)):
        assert "Another run is at work" in refused(place, whole_small)


@pytest.mark.skipif(SERVER, reason="a file that others hold open; a server has its own locks")
def test_a_database_in_use_is_refused(whole_small: Path, place: Flask) -> None:
    counts(place)  # an empty file now stands there
    holder = subprocess.Popen(
        [sys.executable, "-c",
         "import sqlite3, sys\n"
         f"c = sqlite3.connect({str(file_of(place))!r}); c.execute('BEGIN')\n"
         "c.execute('SELECT * FROM sqlite_master').fetchall()\n"
         "print('open', flush=True); sys.stdin.read()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert holder.stdout
    assert holder.stdout.readline() == b"open\n"
    assert "is in use" in refused(place, whole_small)
    holder.communicate(b"")
    restored(place, whole_small)


def test_another_kind_of_database_is_refused(copy: Path, place: Flask) -> None:
    described = manifest.read(copy)
    other = "sqlite" if SERVER else "postgresql"
    files = dict(described.files)
    files[manifest.DATABASES[other]] = files.pop(described.database_file)
    (copy / described.database_file).rename(copy / manifest.DATABASES[other])
    assert "restore it into its own kind" in refused(place, says(copy, database=other, files=files))


def test_a_newer_migration_is_refused(copy: Path, place: Flask) -> None:
    said = refused(place, says(copy, revision="9999", version="9.9"))
    assert "does not know" in said
    assert "9.9" in said


@pytest.mark.parametrize("part", ["start", "middle", "end"])
def test_a_damaged_backup_is_refused_and_the_damage_named(
    copy: Path, place: Flask, part: str
) -> None:
    for path in [p for p in copy.rglob("*") if p.is_file()]:
        content = path.read_bytes()
        at = {"start": 0, "middle": len(content) // 2, "end": len(content) - 1}[part]
        path.write_bytes(content[:at] + bytes([content[at] ^ 64]) + content[at + 1 :])
        assert path.name in refused(place, copy)
        path.write_bytes(content)


def test_a_database_that_is_damaged_under_a_right_digest_is_refused(
    copy: Path, place: Flask
) -> None:
    """As when the disk gave wrong bytes while the backup was made."""
    described = manifest.read(copy)
    path = copy / described.database_file
    content = bytearray(path.read_bytes())
    for at in range(len(content) // 2, len(content), 5000):
        content[at : at + 100] = b"\x55" * len(content[at : at + 100])
    path.write_bytes(content)
    files = {**described.files, path.name: content_of(path)}
    said = refused(place, says(copy, files=files))
    assert "damaged" in said or "pg_restore failed" in said


def test_rows_that_are_not_those_of_the_manifest_are_refused(copy: Path, place: Flask) -> None:
    rows = {**manifest.read(copy).rows, "person": 7}
    assert f"person has {len(PEOPLE)} rows, not 7" in refused(place, says(copy, rows=rows))


@pytest.mark.parametrize("name", ["../../evil", "/etc/evil", "uploads/../../x", "uploads/ab/évil"])
def test_names_that_lead_elsewhere_are_refused(copy: Path, place: Flask, name: str) -> None:
    files = {**manifest.read(copy).files, name: Content(1, "0" * 64)}
    assert "cannot read manifest.json" in refused(place, says(copy, files=files))


def test_broken_chains_are_refused_unless_they_are_accepted(
    small: Kept, places: Places, place: Flask, tmp_path: Path
) -> None:
    app = places.copy_of(small.app)
    with app.app_context():
        with behind_the_guard("audit_entry") as behind:
            behind.execute(sa.text("UPDATE audit_entry SET action = 'x' WHERE id = 7"))
        made = backup.make(tmp_path)
    close(app)
    assert "was changed after it was written" in refused(place, made.path)
    assert "was changed after it was written" in restored(place, made.path, "--despite-faults")
    with place.app_context():
        assert ledger.missing_triggers() == []


def test_a_backup_without_a_guard_is_refused(
    small: Kept, places: Places, place: Flask, tmp_path: Path
) -> None:
    app = places.copy_of(small.app)
    with app.app_context(), db.engine.begin() as connection:
        on = " ON evidence" if SERVER else ""
        connection.execute(sa.text(f"DROP TRIGGER evidence_refuses_delete{on}"))
    with app.app_context():
        made = backup.make(tmp_path)
    close(app)
    assert "evidence_refuses_delete is missing" in refused(place, made.path)


# ── Interrupted ──────────────────────────────────────────────────────────────────────────────


def test_killed_in_the_middle_nothing_looks_whole_and_the_next_run_succeeds(
    whole_small: Path, places: Places
) -> None:
    app = places.new()

    def act() -> None:
        with app.app_context():
            restore(whole_small)

    step = 1
    while was_killed(step, act, file_steps):
        rows = counts(app)
        with app.app_context():
            done = bool(rows) and not ledger.missing_triggers()
            db.session.remove()
        close(app)
        if done:  # only what is proved, and its uploads with it
            assert len(list((uploads_of(app) / "media").rglob("*/*"))) > 0
            assert rows["person"] == manifest.read(whole_small).rows["person"]
        if rows:  # a database that was begun is dropped by its operator
            app = places.new()
        step += 1
    assert step > 8
    assert len(counts(app)) > 20
    with app.app_context():
        assert list(records.faults()) == []
    close(app)


# The server's disk is another matter: there only files of ours can fail.
@pytest.mark.parametrize("size", [20] if SERVER else [20, 60_000])
def test_a_full_disk_leaves_an_empty_place(whole_small: Path, place: Flask, size: int) -> None:
    def act() -> None:
        with place.app_context():
            restore(whole_small)

    before = left_in(place)
    assert fails_on_a_full_disk(size, act)
    assert left_in(place) == before
    assert not fails_on_a_full_disk(100_000_000, act)
    assert counts(place)["person"] == len(PEOPLE)


# ── The drill ────────────────────────────────────────────────────────────────────────────────


def test_the_drill_a_real_server_runs_on_what_came_back(
    whole: Path, places: Places, tmp_path: Path
) -> None:
    """Commands and server as an operator runs them, in a folder that was not there before."""
    app = places.new()
    url = app.config["SQLALCHEMY_DATABASE_URI"] if SERVER else ""
    close(app)
    settings = {"DATABASE_URL": url, "DATA_DIR": f"{tmp_path}/data", "DEMO": "0",
                "UPLOADS_DIR": f"{tmp_path}/uploads"}  # fmt: skip

    def flask(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "app", *arguments],
            cwd=ROOT, env={**os.environ, **settings}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert "Restored" in flask("restore", str(whole))
    running = start(tmp_path, url)
    try:
        until(lambda: is_ready(running), "the restored site")
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        page = browser.open(f"{running.url}/sign-in").read().decode()
        token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)
        assert token
        form = {"csrf_token": token[1], "identifier": "sari@contoh.test", "password": PASSWORD}
        answer = browser.open(f"{running.url}/sign-in", urllib.parse.urlencode(form).encode())
        assert answer.status == 200
        assert "Melayani dengan ramah" in browser.open(f"{running.url}/my/hours").read().decode()
        assert "intact" in flask("records", "verify")
    finally:
        running.process.terminate()
        running.process.wait(20)
