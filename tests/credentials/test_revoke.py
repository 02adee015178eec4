"""Revoking, issuing again, and what `flask records verify` says of certificates and files."""

import threading
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.competencies.models import CompetencyState
from lms.competencies.queries.hours import hours_of
from lms.core import clock, files, ledger
from lms.core.audit import AuditEntry
from lms.core.db import db, transaction
from lms.core.errors import DomainError
from lms.credentials import actions, jobs, queries
from lms.credentials.models import Certificate, CertificateEvent, CertificateReminder
from lms.notifications.models import Notification
from lms.upkeep import records
from tests.cast import Cast
from tests.client import PageClient, words
from tests.core.tampering import behind_the_guard
from tests.credentials.conftest import Holder, make_files, only, printed


def run(app: Flask, *words_: str) -> Any:
    return app.test_cli_runner().invoke(args=["certificates", *words_])


def number(app: Flask) -> str:
    with app.app_context():
        found = only(app).number
        db.session.remove()
        return found


def test_revoking_takes_hours_and_evidence_back_and_tells_the_holder(
    app: Flask, with_file: PageClient, cast: Cast
) -> None:
    name = number(app)
    done = run(app, "revoke", name, "--reason", "Jawaban disalin")
    assert done.exit_code == 0, done.output
    with app.app_context():
        entry, person = only(app), cast.person("learner")
        year = entry.year
        assert hours_of(person.id, person.employment, year).earned == Decimal(0)
        levels = db.session.scalars(sa.select(CompetencyState.level)).all()
        assert set(levels) == {0}
        assert db.session.scalar(
            sa.select(AuditEntry.action).where(AuditEntry.action == "credentials.revoked")
        )
        told = db.session.scalars(sa.select(Notification).order_by(Notification.id.desc())).first()
        assert told is not None
        assert (told.kind.value, told.values["reason"]) == (
            "certificate_revoked", "Jawaban disalin",
        )  # fmt: skip
        assert list(records.faults()) == []
        code = entry.code
    page = words(app.test_client().get(f"/verify/{code}"))
    assert "Sertifikat ini dicabut" in page
    assert "Jawaban disalin" not in page  # the reason is the holder's to know
    own = words(with_file.get("/my/certificates"))
    assert "Dicabut" in own
    assert "Jawaban disalin" in own
    assert "Sertifikat dicabut" in words(with_file.get("/notifications"))


def test_issuing_again_mends_the_name_under_a_new_number(
    app: Flask, with_file: PageClient, cast: Cast
) -> None:
    with app.app_context():
        old = only(app)
        before = printed(old)
        with transaction():
            cast.person("learner").name = "Sari Wulandari, S.E."
    done = run(app, "reissue", before.code, "--reason", "Gelar belum tercantum")
    assert done.exit_code == 0, done.output
    make_files(app)
    with app.app_context():
        first, second = db.session.scalars(sa.select(Certificate).order_by(Certificate.id))
        after = printed(second)
        assert (second.replaces_id, second.ordinal, second.source_uuid) == (
            first.id, 2, first.source_uuid,
        )  # fmt: skip
        assert printed(first) == before  # what stood stays as it was
        assert (after.name, after.replaces) == ("Sari Wulandari, S.E.", before.number)
        same = ("course", "jp", "score", "completed_on", "modules", "unit", "position", "nip")
        assert all(getattr(after, each) == getattr(before, each) for each in same)
        person = cast.person("learner")
        hours = hours_of(person.id, person.employment, first.year)
        assert hours.earned == Decimal(2)  # counted once
        assert list(records.faults()) == []
    anybody = app.test_client()
    page = anybody.get(f"/verify/{before.code}")
    assert "Sertifikat ini sudah diganti" in words(page)
    assert f"/verify/{after.code.lower()}" in page.get_data(as_text=True)
    assert "Sertifikat ini sah" in words(anybody.get(f"/verify/{after.code}"))
    own = words(with_file.get("/my/certificates"))
    assert "Gelar belum tercantum" in own
    assert "Diganti dengan nomor" in own
    # Pages that show one certificate show the one that counts.
    with app.app_context():
        assert str(second.uuid) in with_file.get("/courses/melayani").get_data(as_text=True)


@pytest.mark.parametrize("first", ["revoke", "reissue"])
@pytest.mark.parametrize("second", ["revoke", "reissue"])
def test_neither_can_be_done_twice(app: Flask, holder: PageClient, first: str, second: str) -> None:
    name = number(app)
    assert run(app, first, name, "--reason", "Alasan").exit_code == 0
    again = run(app, second, name, "--reason", "Alasan")
    assert again.exit_code == 1
    assert "sudah" in again.output
    with app.app_context():
        assert list(records.faults()) == []


@pytest.mark.parametrize("act", [actions.revoke, actions.reissue])
@pytest.mark.parametrize("reason", ["", "   ", "x" * 301])
def test_a_reason_is_asked_for(app: Flask, holder: PageClient, act: Any, reason: str) -> None:
    with app.app_context():
        with pytest.raises(DomainError, match="alasan"), transaction():
            act(None, only(app), reason=reason)
        assert db.session.scalar(sa.select(sa.func.count()).select_from(CertificateEvent)) == 0


def test_a_certificate_that_there_is_not(app: Flask) -> None:
    for act in ("revoke", "reissue"):
        done = run(app, act, "0009/2026", "--reason", "x")
        assert (done.exit_code, "There is no certificate" in done.output) == (1, True)


def test_two_acts_at_once_leave_one(app: Flask, holder: PageClient) -> None:
    barrier = threading.Barrier(2)
    name = number(app)
    refused: list[str] = []

    def act(what: Any) -> None:
        with app.app_context():
            barrier.wait(20)
            try:
                with transaction():
                    what(None, queries.certificate_by_name(name), reason="Alasan")
            except DomainError as error:
                refused.append(error.message)
            db.session.remove()

    pair = (actions.revoke, actions.reissue)
    threads = [threading.Thread(target=act, args=(what,)) for what in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(refused) == 1
    with app.app_context():
        revoked = db.session.scalar(sa.select(sa.func.count()).select_from(CertificateEvent))
        entries = db.session.scalar(sa.select(sa.func.count()).select_from(Certificate))
        assert (revoked, entries) in {(1, 1), (0, 2)}
        assert list(records.faults()) == []


# ── What verification finds ──────────────────────────────────────────────────────────────────


def test_changed_print_is_found(app: Flask, with_file: PageClient) -> None:
    with app.app_context():
        plain = {**only(app).printed, "name": "Orang Lain"}
        table: Any = Certificate.__table__
        with behind_the_guard("certificate") as connection:
            connection.execute(sa.update(table).values(printed=plain))
        db.session.remove()
        found = list(records.faults())
        assert len(found) == 1
        assert "certificate: chain" in found[0]
        assert "was changed after it was written" in found[0]


@pytest.mark.parametrize("damage", ["gone", "changed", "another's"])
def test_a_damaged_file_is_found(app: Flask, with_file: PageClient, damage: str) -> None:
    with app.app_context():
        entry = only(app)
        view = queries.certificate_by_code(entry.code)
        assert view is not None
        assert view.file_digest is not None
        path = files.folder() / view.file_digest[:2] / view.file_digest
        name = entry.number
        content = path.read_bytes()
        try:
            if damage == "gone":
                path.unlink()
            else:
                path.write_bytes(content[:-1] if damage == "changed" else b"%PDF-")
            found = list(records.faults())
            assert len(found) == 1
            assert name in found[0]
            done = app.test_cli_runner().invoke(args=["records", "verify"])
            assert (done.exit_code, name in done.output) == (1, True)
        finally:
            path.write_bytes(content)
        assert list(records.faults()) == []


def test_a_certificate_cut_out_of_the_middle_is_found(app: Flask, completed: Holder) -> None:
    completed("learner")
    with app.app_context():
        for _ in range(2):
            latest = db.session.scalars(
                sa.select(Certificate).order_by(Certificate.id.desc())
            ).first()
            assert latest is not None
            with transaction():
                actions.reissue(None, latest, reason="Alasan")
        with behind_the_guard("certificate") as connection:
            connection.execute(sa.text("UPDATE certificate SET replaces_id = NULL"))
            connection.execute(sa.text("DELETE FROM certificate_to_print"))
            connection.execute(sa.text("DELETE FROM certificate WHERE seq = 2"))
        found = list(
            ledger.verify(Certificate, queries.certificate_entries(), queries.certificate_facts)
        )
        assert any("entry 2 is missing" in fault.reason for fault in found)


# ── Reminders ────────────────────────────────────────────────────────────────────────────────


def sweep(app: Flask, at: datetime) -> int:
    """How many reminders there are after a sweep at an instant."""
    clock.set_clock(lambda: at)
    with app.app_context():
        jobs.sweep_reminders()
        found = db.session.scalar(
            sa.select(sa.func.count())
            .select_from(Notification)
            .where(Notification.kind == "certificate_expires")
        )
        db.session.remove()
        return found or 0


def test_the_holder_is_reminded_once_at_each_stage(app: Flask, completed: Holder) -> None:
    clock.set_clock(lambda: datetime(2026, 1, 31, 3, tzinfo=UTC))
    client = completed("learner", settings="validity_months = 12\n")  # until 31 January 2027
    midnight = datetime(2026, 12, 1, 17, tzinfo=UTC)  # of 2 December in Jakarta, 60 days before
    assert sweep(app, midnight.replace(hour=16, minute=59)) == 0
    assert [sweep(app, midnight) for _ in range(3)] == [1, 1, 1]
    assert sweep(app, datetime(2027, 1, 23, 16, 59, tzinfo=UTC)) == 1
    week = datetime(2027, 1, 23, 17, tzinfo=UTC)  # of 24 January, 7 days before
    assert [sweep(app, week) for _ in range(2)] == [2, 2]
    assert sweep(app, datetime(2027, 3, 1, tzinfo=UTC)) == 2
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(CertificateReminder)) == 0
    clock.set_clock(lambda: week)
    client.sign_in(_person(app))
    page = words(client.get("/notifications"))
    assert page.count("Sertifikat akan berakhir: Melayani dengan ramah") == 2
    assert "berlaku sampai 31 Januari 2027" in page


def _person(app: Flask) -> int:
    with app.app_context():
        return only(app).person_id


def test_a_site_that_slept_reminds_once_and_not_after_the_end(
    app: Flask, completed: Holder
) -> None:
    clock.set_clock(lambda: datetime(2026, 1, 31, 3, tzinfo=UTC))
    completed("learner", settings="validity_months = 12\n")
    assert sweep(app, datetime(2027, 1, 28, tzinfo=UTC)) == 1  # both stages are over
    assert sweep(app, datetime(2027, 1, 29, tzinfo=UTC)) == 1


def test_no_reminder_after_the_end(app: Flask, completed: Holder) -> None:
    clock.set_clock(lambda: datetime(2026, 1, 31, 3, tzinfo=UTC))
    completed("learner", settings="validity_months = 12\n")
    assert sweep(app, datetime(2027, 5, 1, tzinfo=UTC)) == 0


@pytest.mark.parametrize("act", ["revoke", "reissue"])
def test_only_the_certificate_that_counts_is_reminded_of(
    app: Flask, completed: Holder, act: str
) -> None:
    clock.set_clock(lambda: datetime(2026, 1, 31, 3, tzinfo=UTC))
    completed("learner", settings="validity_months = 12\n")
    assert run(app, act, number(app), "--reason", "Alasan").exit_code == 0
    assert sweep(app, datetime(2026, 12, 15, tzinfo=UTC)) == (1 if act == "reissue" else 0)
    with app.app_context():
        valid = db.session.scalars(sa.select(Certificate.valid_until)).all()
        assert set(valid) == {date(2027, 1, 31)}
