"""A certificate exists with its completion or not at all; its file is made once."""

import hashlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.config import ROOT
from lms.core import clock, files, ledger
from lms.core.db import db, transaction
from lms.credentials import actions, jobs, queries
from lms.credentials.models import (
    Certificate,
    CertificateEvent,
    CertificateReminder,
    CertificateToPrint,
)
from lms.formats.pdf import certificate as sheet
from lms.learning.actions import certifying
from lms.learning.models import Completion
from tests.cast import Cast
from tests.client import PageClient, words
from tests.credentials.conftest import Holder, make_files, only, printed
from tests.learning.test_actions import almost_done, at_once
from tests.learning.test_journey import finish


def count(model: Any) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def faults() -> list[object]:
    return [
        *ledger.verify(Certificate, queries.certificate_entries(), queries.certificate_facts),
        *ledger.verify(CertificateEvent, queries.event_entries(), queries.event_facts),
        *queries.file_faults(),
    ]


def test_completing_issues_a_certificate_with_everything_that_is_printed(
    app: Flask, holder: PageClient, cast: Cast
) -> None:
    with app.app_context():
        entry, completion = only(app), db.session.scalars(sa.select(Completion)).one()
        facts = printed(entry)
        person = cast.person("learner")
        assert (entry.source_uuid, entry.person_id) == (completion.uuid, person.id)
        assert (
            entry.number
            == facts.number
            == f"0001-{entry.number[5:7]}/BKPSDM/{completion.earned_on.year}"
        )
        assert facts.address == f"http://localhost/verify/{entry.code.lower()}"
        assert (facts.name, facts.nip, facts.is_pppk) == (person.name, person.nip, False)
        assert (facts.position, facts.unit) == ("Pengelola Layanan Operasional", "Bidang A1")
        assert (facts.course, facts.jp, facts.score) == (
            "Melayani dengan ramah", Decimal(2), Decimal(100),
        )  # fmt: skip
        assert facts.completed_on == facts.issued_on == completion.earned_on
        assert [(m.title, m.minutes, m.jp) for m in facts.modules] == [("Dasar", 16, Decimal(2))]
        assert {c.level for c in facts.competencies} == {1}
        assert (facts.valid_until, facts.replaces) == (None, "")
        assert count(CertificateToPrint) == 1
        assert count(CertificateReminder) == 0
        assert faults() == []


def test_a_course_that_gives_none_issues_none(app: Flask, completed: Holder) -> None:
    client = completed("learner", settings="certificate = false\n")
    with app.app_context():
        assert (count(Completion), count(Certificate)) == (1, 0)
    assert "Sertifikat tanpa batas waktu" not in words(client.get("/courses/melayani"))
    assert client.get("/my/hours").status_code == 200


def test_validity_counts_months_from_the_day_of_completion(app: Flask, completed: Holder) -> None:
    client = completed("learner", settings="validity_months = 24\n")
    with app.app_context():
        entry = only(app)
        assert entry.valid_until is not None
        assert entry.valid_until.year == entry.issued_on.year + 2
        assert count(CertificateReminder) == 1
    assert "Sertifikat yang berlaku 24 bulan." in words(client.get("/courses/melayani"))


def test_without_the_certificate_the_completion_does_not_stand_either(
    app: Flask, cast: Cast, publish: Callable[..., None], client: PageClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    publish()
    client.sign_in(cast.people["learner"])
    uuid = almost_done(client, "melayani")
    with monkeypatch.context() as patched:
        patched.setattr(sheet, "render", lambda *_: b"")  # the file plays no part in it
        patched.setattr(
            actions, "_kept_logo", lambda: (_ for _ in ()).throw(RuntimeError("no power"))
        )
        client.send(f"/attempts/{uuid}/submit")
    with app.app_context():
        assert (count(Completion), count(Certificate), count(CertificateToPrint)) == (0, 0, 0)
    client.send(f"/attempts/{uuid}/submit")
    with app.app_context():
        assert (count(Completion), count(Certificate)) == (1, 1)
        assert only(app).ordinal == 1  # the number that was rolled back was given again


@pytest.mark.parametrize(
    "broken",
    [
        "DELETE FROM lesson_done",
        "UPDATE enrolment SET state = 'withdrawn'",
        "UPDATE attempt SET percent = 8000 WHERE quiz_key = 'akhir'",  # not that of the completion
    ],
)
def test_the_gate_is_asked_anew_at_the_issue(app: Flask, holder: PageClient, broken: str) -> None:
    with app.app_context():
        with transaction():
            db.session.execute(sa.text(broken))
        completion_query = sa.select(Completion)
        with transaction(), pytest.raises(RuntimeError, match="do not bear out"):
            certifying.issue_certificate(db.session.scalars(completion_query).one(), None)
        assert count(Certificate) == 1


def test_completions_at_once_get_numbers_without_a_gap(
    app: Flask, cast: Cast, publish: Callable[..., None]
) -> None:
    publish()
    names = ("learner", "colleague", "head", "stranger", "mover")
    waiting = []
    for name in names:
        client = app.test_client()
        assert isinstance(client, PageClient)
        client.sign_in(cast.people[name])
        waiting.append((client, almost_done(client, "melayani"), client.csrf()))
    barrier = threading.Barrier(len(names))

    def submit(client: PageClient, uuid: str) -> None:
        barrier.wait(20)
        client.send(f"/attempts/{uuid}/submit")

    threads = [threading.Thread(target=submit, args=(c, u)) for c, u, _ in waiting]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with app.app_context():
        entries = db.session.scalars(sa.select(Certificate)).all()
        assert sorted(e.ordinal for e in entries) == [1, 2, 3, 4, 5]
        assert len({e.number for e in entries}) == len({e.code for e in entries}) == 5
        assert faults() == []


def test_sending_twice_issues_once(
    app: Flask, cast: Cast, publish: Callable[..., None], client: PageClient
) -> None:
    publish()
    client.sign_in(cast.people["learner"])
    uuid = almost_done(client, "melayani")
    at_once(app, client, 4, lambda c: c.send(f"/attempts/{uuid}/submit").status_code)
    with app.app_context():
        assert count(Certificate) == 1


def test_numbers_begin_anew_with_the_local_year(app: Flask, completed: Holder, cast: Cast) -> None:
    # 23.30 UTC on 31 December is the new year in Jakarta already.
    clock.set_clock(lambda: datetime(2025, 12, 31, 12, 0, tzinfo=UTC))
    completed("learner")
    clock.set_clock(lambda: datetime(2025, 12, 31, 23, 30, tzinfo=UTC))
    client = app.test_client()
    assert isinstance(client, PageClient)
    client.sign_in(cast.people["colleague"])
    finish(client, "melayani")
    with app.app_context():
        found = db.session.execute(
            sa.select(Certificate.year, Certificate.ordinal, Certificate.issued_on)
            .order_by(Certificate.id)
        ).all()  # fmt: skip
        assert [tuple(row) for row in found] == [
            (2025, 1, date(2025, 12, 31)), (2026, 1, date(2026, 1, 1)),
        ]  # fmt: skip


# ── The file ─────────────────────────────────────────────────────────────────────────────────


def test_the_file_is_made_once_and_never_again(
    app: Flask, with_file: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        event = db.session.scalars(sa.select(CertificateEvent)).one()
        assert event.file_digest is not None
        content = files.Kept(event.file_digest).content
        assert hashlib.sha256(content).hexdigest() == event.file_digest
        assert (len(content), content[:5]) == (event.file_size, b"%PDF-")
        assert count(CertificateToPrint) == 0
        before = event.digest
        db.session.remove()

    def fail(*_: object) -> bytes:
        raise AssertionError("made again")

    monkeypatch.setattr(sheet, "render", fail)
    make_files(app)
    with app.app_context():
        assert db.session.scalars(sa.select(CertificateEvent.digest)).all() == [before]
        assert faults() == []


def test_pages_say_that_it_is_being_made_and_then_lead_to_it(
    app: Flask, holder: PageClient
) -> None:
    assert "sedang dibuat" in words(holder.get("/my/certificates"))
    assert "berkas PDF-nya sedang dibuat" in words(holder.get("/courses/melayani"))
    assert "sedang dibuat" in words(holder.get("/my/hours"))
    with app.app_context():
        address = f"/certificates/{only(app).uuid}/file"
        code = only(app).code
    assert holder.get(address).status_code == 404
    assert "Berkas PDF sedang dibuat." in words(holder.get(f"/verify/{code}"))
    make_files(app)
    for page in ("/my/certificates", "/courses/melayani", "/my/hours"):
        assert address in holder.get(page).get_data(as_text=True), page
    answer = holder.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=sertifikat-0001-")


def test_who_may_have_the_file(app: Flask, with_file: PageClient, cast: Cast) -> None:
    with app.app_context():
        address = f"/certificates/{only(app).uuid}/file"
    expected = {
        "learner": 200, "head": 200, "agency_head": 200, "wali": 200,
        "colleague": 404, "other_head": 404, "stranger": 404, "mover": 404,
    }  # fmt: skip
    for name, status in expected.items():
        client = app.test_client()
        assert isinstance(client, PageClient)
        client.sign_in(cast.people[name])
        assert client.get(address).status_code == status, name
    assert app.test_client().get(address).status_code == 302


def test_two_jobs_at_once_leave_one_file(app: Flask, holder: PageClient) -> None:
    barrier = threading.Barrier(3)
    failures: list[BaseException] = []

    def run() -> None:
        try:
            with app.app_context():
                waiting = queries.to_print(10)
                db.session.rollback()
                barrier.wait(20)
                for number in waiting:
                    actions.make_file(number)
                db.session.remove()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with app.app_context():
        assert failures == []
        event = db.session.scalars(sa.select(CertificateEvent)).one()
        assert event.file_digest in {path.name for path in files.kept()}
        made = [p for p in files.kept() if p.read_bytes().startswith(b"%PDF-")]
        assert len([p for p in made if p.name == event.file_digest]) == 1
        assert faults() == []


KILLED = """
import os, signal, sys
from lms import create_app
from lms.credentials import actions, jobs
app = create_app()
record = actions._note
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
actions._note = die
with app.app_context():
    jobs.sweep_files()
"""


def test_a_kill_between_file_and_record_leaves_one_file(
    app: Flask, holder: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is on the disk and the process dies before it is recorded: the next run makes the
    same bytes."""
    environment = {
        **os.environ,
        **{key: str(app.config[key]) for key in ("DATABASE_URL", "DATA_DIR", "UPLOADS_DIR")},
        "SECRET_KEY": "k" * 40, "SITE_URL": "http://localhost", "PYTHONHASHSEED": "77",
    }  # fmt: skip
    with app.app_context():
        before = {path.name for path in files.kept()}
    done = subprocess.run(
        [sys.executable, "-c", KILLED], cwd=ROOT, env=environment, timeout=120, check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr
    with app.app_context():
        left = {path.name for path in files.kept()} - before
        assert len(left) == 1
        assert (count(CertificateEvent), count(CertificateToPrint)) == (0, 1)
        db.session.remove()
    make_files(app)
    with app.app_context():
        event = db.session.scalars(sa.select(CertificateEvent)).one()
        assert {event.file_digest} == left
        assert {path.name for path in files.kept()} - before == left
        assert (count(CertificateToPrint), faults()) == (0, [])


def test_one_certificate_that_cannot_be_made_does_not_stop_the_others(
    app: Flask, completed: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    completed("learner", "colleague")
    render = sheet.render

    def fail_for_one(facts: Any, logo: Any = None) -> bytes:
        if facts.name == "Sari Wulandari":
            raise ValueError("a fault of ours")
        return render(facts, logo)

    with monkeypatch.context() as patched:
        patched.setattr(sheet, "render", fail_for_one)
        make_files(app)
    with app.app_context():
        assert (count(CertificateEvent), count(CertificateToPrint)) == (1, 1)
        db.session.remove()
    make_files(app)
    with app.app_context():
        assert (count(CertificateEvent), count(CertificateToPrint)) == (2, 0)


def test_a_logo_is_kept_as_it_was_at_the_issue(
    app: Flask, completed: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.sample_course import PNG

    monkeypatch.setitem(app.config, "CERTIFICATE_LOGO", PNG)
    completed("learner")
    monkeypatch.setitem(app.config, "CERTIFICATE_LOGO", None)
    make_files(app)
    with app.app_context():
        assert printed(only(app)).logo == hashlib.sha256(PNG).hexdigest()
        assert (count(CertificateEvent), faults()) == (1, [])


def test_the_board_shows_certificates_of_the_team(
    app: Flask, with_file: PageClient, cast: Cast
) -> None:
    client = app.test_client()
    assert isinstance(client, PageClient)
    client.sign_in(cast.people["head"])
    with app.app_context():
        uuid, number = cast.person("learner").uuid, only(app).number
    assert number in words(client.get(f"/team/{uuid}"))


def test_the_sweep_is_hinted_so_that_the_file_is_there_within_seconds(
    app: Flask, holder: PageClient
) -> None:
    assert "certificates" in app.extensions["sweeps"]
    with app.app_context():
        names = list(app.extensions["sweeps"])
        assert names.index("attempts") < names.index("certificates")  # what it completes follows
        queue = app.extensions["jobs"]
        assert any("certificates" in str(task.args) for task in queue.pending())
        jobs.sweep_files()
        assert count(CertificateToPrint) == 0


def test_the_day_of_issue_is_the_holders_local_day(app: Flask, completed: Holder) -> None:
    late = datetime(2026, 3, 4, 16, 30, tzinfo=UTC)  # 00.30 of the 5th in Makassar
    clock.set_clock(lambda: late)
    completed("stranger")
    with app.app_context():
        assert only(app).issued_on == date(2026, 3, 5)
        assert (late + timedelta(hours=8)).date() == date(2026, 3, 5)
