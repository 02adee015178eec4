"""The site's own pages: how it is, its jobs, its outbox; for admins of all of it."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.accounts.actions import roles
from lms.accounts.rules import Role
from lms.core import clock, jobs, mail
from lms.core.db import db, transaction
from lms.core.mail import OutboxMail
from lms.upkeep import backup, health
from lms.upkeep.health import Health
from lms.upkeep.views import SWEEPS
from tests.cast import Cast
from tests.client import PageClient, words
from tests.conftest import SetClock


@pytest.fixture
def admin(cast: Cast, client: PageClient) -> PageClient:
    client.sign_in(cast.people["admin"])
    return client


def queue(app: Flask, *subjects: str) -> None:
    with app.app_context(), transaction():
        for subject in subjects:
            mail.queue_mail("sari@contoh.test", subject, "https://situs.test/reset/RAHASIA")


def give_up(app: Flask) -> None:
    with app.app_context(), transaction():
        for row in db.session.scalars(sa.select(OutboxMail)):
            row.tries, row.due_at, row.last_error = mail.MAX_TRIES, None, "OSError: penuh"


def outbox(app: Flask) -> list[tuple[str, int, bool]]:
    with app.app_context():
        rows = db.session.scalars(sa.select(OutboxMail).order_by(OutboxMail.id))
        return [(row.subject, row.tries, row.due_at is not None) for row in rows]


def test_an_admin_of_a_part_does_not_see_the_site(
    app: Flask, cast: Cast, client: PageClient
) -> None:
    with app.app_context(), transaction():
        roles.grant_role(
            cast.person("learner"), Role.ADMIN, cast.unit("a"),
            start_on=clock.today("Asia/Jakarta"), reason="SK 3",
        )  # fmt: skip
    client.sign_in(cast.people["learner"])
    for path in ("/site", "/site/mail"):
        assert client.get(path).status_code == 403
    assert client.send("/site/mail/retry").status_code == 403
    assert client.send("/site/jobs/run", {"name": "mail"}).status_code == 403
    assert "/site" not in client.get("/people").get_data(as_text=True)


def test_the_page_says_how_the_site_is(app: Flask, admin: PageClient) -> None:
    queue(app, "Kabar")
    give_up(app)
    shown = words(admin.get("/site"))
    for said in ("Basis data", "penjaga rekam jejak utuh", "0 menunggu, 1 gagal", "Versi Kompeten"):
        assert said in shown
    assert "belum ada di" in shown


def test_a_sweep_that_fails_is_seen_and_forgotten_when_it_runs_again(
    app: Flask, admin: PageClient, monkeypatch: pytest.MonkeyPatch, at: SetClock
) -> None:
    def broken() -> None:
        raise PermissionError("alamat sari@contoh.test")

    monkeypatch.setitem(app.extensions["sweeps"], "tries", broken)
    at(clock.now())
    jobs.sweep_all(app)
    jobs.sweep_all(app)
    shown = words(admin.get("/site"))
    assert "gagal 2 kali" in shown
    assert "PermissionError" in shown
    assert "alamat" not in shown
    assert "1 pekerjaan tertinggal atau gagal" in shown
    monkeypatch.undo()
    jobs.sweep_all(app)
    shown = words(admin.get("/site"))
    assert "semua berjalan setiap menit" in shown
    at(clock.now() + jobs.BEHIND + timedelta(seconds=1))
    assert f"{len(app.extensions['sweeps'])} pekerjaan tertinggal" in words(admin.get("/site"))


def test_every_sweep_has_words(app: Flask) -> None:
    assert set(SWEEPS) == set(app.extensions["sweeps"])


def test_a_job_can_be_asked_for(app: Flask, admin: PageClient) -> None:
    before = app.extensions["jobs"].pending_count()
    assert admin.send("/site/jobs/run", {"name": "mail"}).status_code == 302
    assert app.extensions["jobs"].pending_count() == before + 1
    app.extensions["jobs"].flush()
    assert admin.send("/site/jobs/run", {"name": "rm -rf"}).status_code == 404


def test_the_outbox_shows_no_text_and_sends_again(app: Flask, admin: PageClient) -> None:
    queue(app, "Satu", "Dua")
    assert "Satu" in words(admin.get("/site/mail?state=waiting"))
    give_up(app)
    page = admin.get("/site/mail?state=failed")
    assert "OSError: penuh" in words(page)
    assert "RAHASIA" not in page.get_data(as_text=True)
    assert "Tidak ada surel seperti ini" in words(admin.get("/site/mail?state=waiting"))
    with app.app_context():
        uuid = db.session.scalars(sa.select(OutboxMail.uuid).order_by(OutboxMail.id)).first()
    assert admin.send(f"/site/mail/{uuid}/retry").status_code == 302
    assert outbox(app) == [("Satu", 0, True), ("Dua", mail.MAX_TRIES, False)]
    admin.send("/site/mail/retry")
    assert outbox(app) == [("Satu", 0, True), ("Dua", 0, True)]
    with app.app_context():
        assert mail.send_due_mail() == 2
    assert admin.send(f"/site/mail/{uuid}/retry").status_code == 404  # was sent: never twice
    shown = words(admin.get("/site/mail?state=sent"))
    assert "Terkirim" in shown
    app.extensions["jobs"].flush()


def test_the_outbox_goes_on_by_key(app: Flask, admin: PageClient) -> None:
    queue(app, *(f"Surel {n}" for n in range(60)))
    first = admin.get("/site/mail?state=waiting").get_data(as_text=True)
    assert "Surel 59" in first
    assert "Surel 9<" not in first
    onward = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    rest = admin.get(onward).get_data(as_text=True)
    assert "Surel 9<" in rest
    assert "Surel 59" not in rest
    app.extensions["jobs"].flush()


@pytest.mark.parametrize(
    ("free", "total", "wanted"),
    [(5 * 10**9, 20 * 10**9, "good"), (5 * 10**8, 10**9, "bad"), (2 * 10**9, 30 * 10**9, "bad")],
)
def test_a_disk_that_gets_full(free: int, total: int, wanted: str) -> None:
    assert health.Disk(free, total).health == wanted


def test_the_last_backup_is_found_and_gets_old(
    context: Flask, at: SetClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(context.config, "DATA_DIR", str(tmp_path))
    assert health.last_backup().made_at is None
    now = clock.now().replace(microsecond=0)
    at(now)
    made = backup.make(tmp_path / "backups")
    assert health.last_backup().made_at == made.manifest.made_at == now
    assert health.last_backup().health is Health.GOOD
    at(now + health.BACKUP_LATE + timedelta(seconds=1))
    assert health.last_backup().health is Health.ATTENTION
