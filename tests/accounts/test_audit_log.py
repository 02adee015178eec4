"""The audit log: who did what to whom, and nothing of others' units."""

import re

import sqlalchemy as sa
from flask import Flask

from lms.accounts.actions import people
from lms.accounts.models import Person
from lms.accounts.views.audit_log import ACTS
from lms.config import ROOT
from lms.core.audit import AuditEntry
from lms.core.db import transaction
from tests.accounts.door import rows
from tests.accounts.register import page_of
from tests.cast import Cast
from tests.client import PageClient, words


def test_the_log_tells_who_did_what(app: Flask, cast: Cast, client: PageClient) -> None:
    client.sign_in(cast.people["admin"])
    page = page_of(app, cast, "learner")
    client.send(f"{page}/close")
    client.sign_in(cast.people["auditor"])
    shown = words(client.get("/audit-log?act=accounts.person_deactivated"))
    assert "Akun ditutup" in shown
    assert "Komang Sri Astuti" in shown
    assert "Sari Wulandari" in shown
    narrowed = words(client.get("/audit-log?person=199004042015042004"))
    assert "Akun ditutup" in narrowed
    assert "Tidak ada yang cocok" in words(client.get("/audit-log?person=199999999999999999"))


def test_the_log_of_a_unit_holds_nothing_of_others(
    app: Flask, cast: Cast, unit_admin: PageClient
) -> None:
    with app.app_context(), transaction():
        people.deactivate_person(None, cast.person("stranger"))
        people.deactivate_person(None, cast.person("colleague"))
    shown = words(unit_admin.get("/audit-log"))
    assert "Daud Kogoya" in shown
    assert "Andi Tenri" not in shown


def test_the_log_goes_on_by_key(app: Flask, cast: Cast, client: PageClient) -> None:
    with app.app_context():
        for _ in range(60):
            with transaction():
                people.deactivate_person(None, cast.person("learner"))
                people.reactivate_person(None, cast.person("learner"))
    client.sign_in(cast.people["auditor"])
    address, seen = "/audit-log?person=199004042015042004", 0
    while address:
        page = client.get(address).get_data(as_text=True)
        seen += page.count('role="rowheader"')
        following = re.search(r'href="([^"]+)" rel="next"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    about = sa.select(sa.func.count()).select_from(AuditEntry).where(
        AuditEntry.subject_uuid == rows(
            app, sa.select(Person.uuid).where(Person.id == cast.people["learner"])
        )[0][0]
    )  # fmt: skip
    assert seen == rows(app, about)[0][0] >= 120


def test_every_recorded_act_has_words() -> None:
    """What the code writes into the log, and what the page can say, are the same."""
    sources = " ".join(path.read_text("utf-8") for path in sorted((ROOT / "lms").rglob("*.py")))
    calls = re.findall(r'record(?:_many)?\(\s*[^"]*?"([a-z]+\.[a-z_]+)"', sources)
    assert set(calls) == set(ACTS)
