"""The verification of the records, asked for by an auditor and done beside the other jobs."""

import threading

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.accounts.actions import roles
from lms.accounts.rules import Role
from lms.core import clock
from lms.core.db import db, transaction
from lms.upkeep import records, verification
from lms.upkeep.models import Verification
from tests.cast import Cast
from tests.client import PageClient, words
from tests.conftest import SetClock

PAGE = "/audit-log/verification"


@pytest.fixture
def auditor(cast: Cast, client: PageClient) -> PageClient:
    client.sign_in(cast.people["auditor"])
    return client


def work(app: Flask) -> None:
    """The sweep, and what it began."""
    with app.app_context():
        verification.sweep()
    for thread in threading.enumerate():
        if thread.name == "verification":
            thread.join()


def test_whole_records_are_said_to_be_whole(app: Flask, auditor: PageClient) -> None:
    assert "Belum pernah diperiksa" in words(auditor.get(PAGE))
    assert PAGE in auditor.get("/audit-log").get_data(as_text=True)
    assert auditor.send(PAGE).status_code == 302
    assert "Menunggu giliran" in words(auditor.get(PAGE))
    auditor.send(PAGE)
    assert "Pemeriksaan sebelumnya belum selesai" in words(auditor.get(PAGE))
    work(app)
    shown = words(auditor.get(PAGE))
    assert "Semua utuh" in shown
    assert "diminta Lukas Wenda" in shown
    assert "Pemeriksaan rekam jejak diminta" in words(auditor.get("/audit-log"))
    app.extensions["jobs"].flush()


def test_a_changed_entry_is_named(app: Flask, auditor: PageClient) -> None:
    with app.app_context(), transaction():
        if db.engine.dialect.name == "sqlite":
            db.session.execute(sa.text("DROP TRIGGER audit_entry_refuses_update"))
        else:
            db.session.execute(sa.text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
        db.session.execute(sa.text("UPDATE audit_entry SET action = 'x.y' WHERE seq = 2"))
    try:
        auditor.send(PAGE)
        work(app)
        shown = words(auditor.get(PAGE))
        assert "kerusakan ditemukan" in shown
        assert "entry 2 was changed after it was written" in shown
        assert "the trigger audit_entry_refuses_update is missing" in shown
    finally:
        with app.app_context(), transaction():
            if db.engine.dialect.name != "sqlite":
                db.session.execute(sa.text("ALTER TABLE audit_entry ENABLE TRIGGER USER"))
        app.extensions["jobs"].flush()


def test_one_that_broke_or_was_lost_keeps_nobody_from_asking_again(
    app: Flask, cast: Cast, auditor: PageClient, monkeypatch: pytest.MonkeyPatch, at: SetClock
) -> None:
    def broken() -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(records, "faults", broken)
        auditor.send(PAGE)
        work(app)
    assert "Tidak dapat diselesaikan" in words(auditor.get(PAGE))
    auditor.send(PAGE)
    with app.app_context():
        taken = verification._take()
        assert taken is not None
        assert verification._take() is None  # nobody else begins it too
        assert verification.under_way()
    at(clock.now() + verification.LOST)
    auditor.sign_in(cast.people["auditor"])
    auditor.send(PAGE)
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Verification.id))) == 3
    app.extensions["jobs"].flush()


def test_an_auditor_of_a_part_does_not_verify_everything(
    app: Flask, cast: Cast, client: PageClient
) -> None:
    with app.app_context(), transaction():
        roles.grant_role(
            cast.person("learner"), Role.AUDITOR, cast.unit("a"),
            start_on=clock.today("Asia/Jakarta"), reason="SK 3",
        )  # fmt: skip
    client.sign_in(cast.people["learner"])
    assert client.get(PAGE).status_code == 403
    assert client.send(PAGE).status_code == 403
    assert PAGE not in client.get("/audit-log").get_data(as_text=True)
