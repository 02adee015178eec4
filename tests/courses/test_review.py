"""A draft is reviewed by a second person: comments, approval, what takes it back."""

import re

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.accounts.actions import roles
from lms.accounts.models import Person
from lms.accounts.rules import Role
from lms.core import clock
from lms.core.db import db, transaction
from lms.courses.models import CourseVersion, Draft, ReviewComment
from lms.notifications.models import Notification
from lms.notifications.queries import words_of
from tests.cast import Cast
from tests.client import PageClient, words

COURSE = "/studio/kursus-baru"


@pytest.fixture
def owner(app: Flask, client: PageClient, cast: Cast) -> PageClient:
    client.sign_in(cast.people["stranger"])
    data = {"title": "Kursus baru", "unit": "B", "beginning": "kursus-singkat"}
    assert client.send("/studio/new", data).status_code == 302
    return client


@pytest.fixture
def reviewer(app: Flask, owner: PageClient, cast: Cast) -> PageClient:
    with app.app_context(), transaction():
        person = db.session.get_one(Person, cast.people["mover"])
        today = clock.today("Asia/Jakarta")
        roles.grant_role(person, Role.TRAINER, cast.unit("b"), start_on=today, reason="SK")
        uuid = person.uuid
    assert owner.send(f"{COURSE}/members/{uuid}/set", {"role": "reviewer"}).status_code == 302
    found = app.test_client()
    assert isinstance(found, PageClient)
    found.sign_in(cast.people["mover"])
    return found


def mark(page: PageClient) -> str:
    found = re.search(
        r'name="mark" type="hidden" value="([^"]+)"',
        page.get(f"{COURSE}/review").get_data(as_text=True),
    )
    assert found
    return found[1].replace("&#43;", "+")


def approve(page: PageClient) -> int:
    data = {"decision": "approve", "mark": mark(page)}
    return page.send(f"{COURSE}/review/decide", data).status_code


def test_a_second_person_approves_and_stands_with_the_version(
    app: Flask, owner: PageClient, reviewer: PageClient
) -> None:
    assert owner.send(f"{COURSE}/review/ask").status_code == 302
    assert "Ditinjau" in words(reviewer.get("/studio"))
    assert "Putusan" in words(reviewer.get(f"{COURSE}/review"))
    assert "Menunggu putusan" in words(owner.get(f"{COURSE}/review"))
    answer = owner.send(f"{COURSE}/review/decide", {"decision": "approve", "mark": "x"})
    assert "tidak dapat memutuskannya sendiri" in words(answer)
    assert approve(reviewer) == 302
    html = owner.get(f"{COURSE}/publish").get_data(as_text=True)
    assert "Disetujui oleh Putu Ayu Lestari" in html
    found = re.search(r'name="mark" type="hidden" value="([^"]+)"', html)
    assert found
    form = {"mark": found[1].replace("&#43;", "+"), "change": "content", "note": "Pertama"}
    assert owner.send(f"{COURSE}/publish", form).status_code == 302
    assert "Disetujui oleh Putu Ayu Lestari" in words(owner.get(f"{COURSE}/versions"))
    with app.app_context():
        assert db.session.query(CourseVersion).one().approved_by is not None


def told(app: Flask, cast: Cast, who: str) -> list[str]:
    """Titles of the news of somebody, in the order in which they came."""
    with app.app_context():
        mine = sa.select(Notification).where(Notification.person_id == cast.people[who])
        return [words_of(each)[0] for each in db.session.scalars(mine.order_by(Notification.id))]


def test_each_side_is_told_what_the_other_did(
    app: Flask, cast: Cast, owner: PageClient, reviewer: PageClient
) -> None:
    owner.send(f"{COURSE}/review/ask")
    owner.send(f"{COURSE}/review/ask")  # pressed twice, told once
    assert told(app, cast, "mover") == ["Tinjauan diminta: Kursus baru"]
    assert told(app, cast, "stranger") == []
    inbox = words(reviewer.get("/notifications"))
    assert "Andi Tenri meminta Anda membaca draf ini dan memutuskan." in inbox
    data = {"text": "Kalimat ini panjang."}
    reviewer.send(f"{COURSE}/review/comments", data)
    reviewer.send(f"{COURSE}/review/comments", {"text": "Yang ini juga."})
    assert told(app, cast, "stranger") == ["Komentar baru: Kursus baru"]
    assert "Putu Ayu Lestari: Kalimat ini panjang." in words(owner.get("/notifications"))
    owner.send("/notifications/read-all")
    owner.send(f"{COURSE}/review/comments", {"text": "Sudah dipendekkan."})
    assert told(app, cast, "mover")[1:] == ["Komentar baru: Kursus baru"]
    note = {"decision": "return", "note": "Contohnya kurang nyata." + " x" * 300}
    reviewer.send(f"{COURSE}/review/decide", note)
    assert told(app, cast, "stranger")[1:] == ["Draf dikembalikan: Kursus baru"]
    inbox = words(owner.get("/notifications"))
    assert "Putu Ayu Lestari: Contohnya kurang nyata." in inbox
    owner.send(f"{COURSE}/review/ask")
    assert approve(reviewer) == 302
    assert told(app, cast, "stranger")[2:] == ["Draf disetujui: Kursus baru"]
    with app.app_context():
        addresses = set(db.session.scalars(sa.select(Notification.url)))
    assert addresses == {f"{COURSE}/review"}


def test_who_has_left_is_not_told(
    app: Flask, cast: Cast, owner: PageClient, reviewer: PageClient
) -> None:
    with app.app_context(), transaction():
        db.session.get_one(Person, cast.people["mover"]).deactivated_at = clock.now()
    owner.send(f"{COURSE}/review/ask")
    assert told(app, cast, "mover") == []


def test_a_change_takes_the_approval_back(
    app: Flask, owner: PageClient, reviewer: PageClient
) -> None:
    owner.send(f"{COURSE}/review/ask")
    read = mark(reviewer)
    owner.send(f"{COURSE}/modules", {"title": "Tambahan"})
    late = reviewer.send(f"{COURSE}/review/decide", {"decision": "approve", "mark": read})
    assert late.status_code == 422
    assert "Draf berubah sesudah" in words(late)
    assert approve(reviewer) == 302
    owner.send(f"{COURSE}/modules", {"title": "Satu lagi"})
    with app.app_context():
        draft = db.session.query(Draft).one()
        assert draft.approved_by_id is None


def test_a_draft_is_returned_with_a_word(
    app: Flask, owner: PageClient, reviewer: PageClient
) -> None:
    owner.send(f"{COURSE}/review/ask")
    silent = reviewer.send(f"{COURSE}/review/decide", {"decision": "return"})
    assert silent.status_code == 422
    assert "Tulis apa yang perlu diperbaiki" in words(silent)
    data = {"decision": "return", "note": "Contohnya kurang nyata."}
    assert reviewer.send(f"{COURSE}/review/decide", data).status_code == 302
    shown = words(owner.get(f"{COURSE}/review"))
    assert "Contohnya kurang nyata." in shown
    assert "Minta tinjauan" in shown
    again = reviewer.send(f"{COURSE}/review/decide", {**data, "decision": "approve"})
    assert "Tidak ada tinjauan yang diminta" in words(again)


def test_comments_name_a_file_and_a_line_and_are_settled(
    app: Flask, owner: PageClient, reviewer: PageClient
) -> None:
    html = reviewer.get(f"{COURSE}/review").get_data(as_text=True)
    option = re.search(r'value="([0-9a-f-]{36})">01-isi/02-langkah.md', html)
    assert option
    data = {"file": option[1], "line": "7", "text": "Kalimat ini <b>panjang</b>."}
    assert reviewer.send(f"{COURSE}/review/comments", data).status_code == 302
    shown = words(owner.get(f"{COURSE}/review"))
    assert "Kalimat ini <b>panjang</b>." in shown
    assert "01-isi/02-langkah.md:7" in shown
    for wrong in ({"text": ""}, {"line": "nol"}):
        assert owner.send(f"{COURSE}/review/comments", {**data, **wrong}).status_code == 422
    with app.app_context():
        uuid = db.session.query(ReviewComment).one().uuid
    for _ in range(2):
        assert owner.send(f"{COURSE}/review/comments/{uuid}/settle").status_code == 302
    assert "beres" in words(owner.get(f"{COURSE}/review"))
    other = {"title": "Lain", "unit": "B", "beginning": "blank"}
    owner.send("/studio/new", other)
    assert owner.send(f"/studio/lain/review/comments/{uuid}/settle").status_code == 404
    assert owner.send("/studio/lain/review/comments", data).status_code == 404
    assert owner.send(f"{COURSE}/discard").status_code == 302  # with the comments
