"""The start page of auditors and admins: what they watch, within their reach."""

from datetime import date, timedelta

from flask import Flask
from sqlalchemy import select

from lms.accounts.actions import roles
from lms.accounts.models import Person
from lms.accounts.rules import Role
from lms.core import audit, clock
from lms.core.db import db, transaction
from lms.upkeep import verification
from lms.upkeep.models import Verification
from tests.cast import Cast
from tests.client import PageClient, words


def grant(app: Flask, cast: Cast, name: str, role: Role, unit: str, days: int | None) -> None:
    """A role that ends in so many days."""
    end_on = clock.today("Asia/Jakarta") + timedelta(days=days) if days is not None else None
    with app.app_context(), transaction():
        roles.grant_role(
            cast.person(name), role, cast.unit(unit), start_on=date(2024, 1, 1), end_on=end_on,
            reason="SK 5",
        )  # fmt: skip


def test_the_start_page_counts_what_happened_lately(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    learner = app.test_client()
    assert isinstance(learner, PageClient)
    learner.sign_in(cast.people["learner"])
    for _ in range(3):
        assert learner.get("/site").status_code == 403
    client.sign_in(cast.people["auditor"])
    home = client.get("/").get_data(as_text=True)
    assert 'href="/oversight"' in home
    page = words(client.get("/oversight"))
    assert "Akses ditolak 3 halaman di luar wewenang" in page
    assert "Rekam jejak Belum diperiksa minta pemeriksaan" in page
    later = clock.now() + timedelta(days=8)
    clock.set_clock(lambda: later)
    client.sign_in(cast.people["auditor"])
    assert "Akses ditolak 0 halaman" in words(client.get("/oversight"))


def test_it_tells_how_the_records_were_found(app: Flask, client: PageClient, cast: Cast) -> None:
    client.sign_in(cast.people["auditor"])
    client.send("/audit-log/verification")
    assert "Belum diperiksa" in words(client.get("/oversight"))
    with app.app_context():
        verification.verify(db.session.scalars(select(Verification.id)).one())
        db.session.remove()
    assert "Rekam jejak Utuh" in words(client.get("/oversight"))
    with app.app_context(), transaction():
        db.session.scalars(select(Verification)).one().faults = 2
    assert "Rekam jejak 2 kerusakan" in words(client.get("/oversight"))


def test_roles_that_end_soon_are_named_first_to_end_first(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    grant(app, cast, "learner", Role.TRAINER, "a", 20)
    grant(app, cast, "mover", Role.HR, "b", 5)
    grant(app, cast, "colleague", Role.TRAINER, "a", 31)
    grant(app, cast, "head", Role.TRAINER, "a", -1)
    client.sign_in(cast.people["admin"])
    page = words(client.get("/oversight"))
    assert page.index("Putu Ayu Lestari") < page.index("Sari Wulandari")
    assert "Daud Kogoya" not in page
    assert "Bagus Prasetyo" not in page
    assert "Peran berakhir 2 dalam 30 hari" in words(client.get("/site"))


def test_an_auditor_of_one_agency_watches_that_one_alone(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    grant(app, cast, "colleague", Role.AUDITOR, "a", None)
    grant(app, cast, "mover", Role.TRAINER, "b", 5)
    grant(app, cast, "learner", Role.TRAINER, "a", 5)
    with app.app_context(), transaction():
        for name in ("stranger", "learner"):
            person = db.session.get_one(Person, cast.people[name])
            audit.record(person.uuid, "access.refused", endpoint="x", method="GET")
            audit.record(person.uuid, "learning.exported", table="learners", rows=9)
    client.sign_in(cast.people["colleague"])
    page = words(client.get("/oversight"))
    assert "Akses ditolak 1 halaman" in page
    assert "Tabel kursus diunduh 1 peserta" in page
    assert "Sari Wulandari" in page
    assert "Putu Ayu Lestari" not in page
    assert "Rekam jejak" not in page  # the records are those of all of the site
    client.sign_in(cast.people["hr"])
    assert client.get("/oversight").status_code == 403
