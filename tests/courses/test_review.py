"""A draft is reviewed by a second person: comments, approval, what takes it back."""

import re

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.accounts.actions import roles
from lms.accounts.models import Person
from lms.accounts.rules import Role
from lms.core import clock
from lms.core.audit import AuditEntry
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


def comment_uuid(app: Flask) -> str:
    with app.app_context():
        return str(db.session.query(ReviewComment).one().uuid)


def test_comments_name_a_file_and_are_settled_and_opened_again(
    app: Flask, owner: PageClient, reviewer: PageClient
) -> None:
    html = reviewer.get(f"{COURSE}/review").get_data(as_text=True)
    assert ".md" not in html
    option = re.search(r'value="([0-9a-f-]{36})">Pelajaran: ', html)
    assert option
    data = {"file": option[1], "text": "Kalimat ini <b>panjang</b>."}
    assert reviewer.send(f"{COURSE}/review/comments", data).status_code == 302
    shown = owner.get(f"{COURSE}/review")
    assert "Kalimat ini <b>panjang</b>." in words(shown)
    assert "Pelajaran: " in words(shown)
    assert owner.send(f"{COURSE}/review/comments", {**data, "text": ""}).status_code == 422
    assert owner.send(f"{COURSE}/review/comments", {**data, "file": "x"}).status_code == 404
    at = f"{COURSE}/review/comments/{comment_uuid(app)}"
    for _ in range(2):
        assert owner.send(f"{at}/settle").status_code == 302
    assert "beres" in words(owner.get(f"{COURSE}/review"))
    assert reviewer.send(f"{at}/reopen").status_code == 302
    assert "Buka lagi" not in words(owner.get(f"{COURSE}/review"))
    other = {"title": "Lain", "unit": "B", "beginning": "blank"}
    owner.send("/studio/new", other)
    for act in ("settle", "reopen"):
        there = f"/studio/lain/review/comments/{comment_uuid(app)}/{act}"
        assert owner.send(there).status_code == 404
    assert owner.send("/studio/lain/review/comments", data).status_code == 404
    assert owner.send(f"{COURSE}/discard").status_code == 302  # with the comments


def test_a_request_is_withdrawn_and_whoever_was_asked_is_told(
    app: Flask, cast: Cast, owner: PageClient, reviewer: PageClient
) -> None:
    owner.send(f"{COURSE}/review/ask")
    page = words(owner.get(f"{COURSE}/review"))
    assert "Diminta kepada: Putu Ayu Lestari" in page
    assert reviewer.send(f"{COURSE}/review/withdraw").status_code == 403
    for _ in range(2):
        assert owner.send(f"{COURSE}/review/withdraw").status_code == 302
    assert "Minta tinjauan" in words(owner.get(f"{COURSE}/review"))
    assert told(app, cast, "mover")[1:] == ["Permintaan tinjauan dibatalkan: Kursus baru"]
    assert reviewer.send(f"{COURSE}/review/decide", {"decision": "approve"}).status_code == 422
    with app.app_context():
        acts = db.session.scalars(sa.select(AuditEntry.action)).all()
    assert acts.count("courses.review_withdrawn") == 1


def test_who_is_asked_is_named_and_nobody_is_asked_in_vain(
    app: Flask, cast: Cast, owner: PageClient, reviewer: PageClient
) -> None:
    answer = owner.send(f"{COURSE}/review/ask")
    assert "Tinjauan diminta kepada: Putu Ayu Lestari" in words(owner.get(answer.location))
    owner.send(f"{COURSE}/review/withdraw")
    with app.app_context(), transaction():
        db.session.get_one(Person, cast.people["mover"]).deactivated_at = clock.now()
    page = owner.get(f"{COURSE}/review")
    assert "Belum ada yang dapat diminta meninjau" in words(page)
    assert "/review/ask" not in page.get_data(as_text=True)
    answer = owner.send(f"{COURSE}/review/ask")
    assert "Belum ada yang dapat memutuskan" in words(owner.get(answer.location))
    with app.app_context():
        assert db.session.query(Draft).one().state == "writing"


@pytest.fixture
def author(app: Flask, owner: PageClient, cast: Cast) -> PageClient:
    with app.app_context(), transaction():
        person = db.session.get_one(Person, cast.people["colleague"])
        today = clock.today("Asia/Jakarta")
        roles.grant_role(person, Role.TRAINER, cast.unit("b"), start_on=today, reason="SK")
        uuid = person.uuid
    assert owner.send(f"{COURSE}/members/{uuid}/set", {"role": "author"}).status_code == 302
    found = app.test_client()
    assert isinstance(found, PageClient)
    found.sign_in(cast.people["colleague"])
    return found


def test_whoever_wrote_since_the_last_decision_does_not_decide(
    app: Flask, owner: PageClient, reviewer: PageClient, author: PageClient
) -> None:
    author.send(f"{COURSE}/review/ask")
    page = words(author.get(f"{COURSE}/review"))
    assert "Diminta kepada: Putu Ayu Lestari" in page  # not the owner, who began the course
    assert "Anda ikut menulis draf ini" in words(owner.get(f"{COURSE}/review"))
    data = {"decision": "return", "note": "Bagus."}
    refused = owner.send(f"{COURSE}/review/decide", data)
    assert refused.status_code == 422
    assert "Anda ikut menulis draf ini" in words(refused)
    assert approve(reviewer) == 302
    author.send(f"{COURSE}/modules", {"title": "Tambahan"})
    owner.send(f"{COURSE}/review/ask")
    page = words(owner.get(f"{COURSE}/review"))
    assert "Diminta kepada: Putu Ayu Lestari" in page
    owner.send(f"{COURSE}/review/withdraw")
    author.send(f"{COURSE}/review/ask")
    assert approve(owner) == 302  # the owner has written nothing since


def test_what_a_published_version_began_a_draft_with_is_nobodys(
    app: Flask, owner: PageClient, reviewer: PageClient, author: PageClient
) -> None:
    html = owner.get(f"{COURSE}/publish").get_data(as_text=True)
    found = re.search(r'name="mark" type="hidden" value="([^"]+)"', html)
    assert found
    form = {"mark": found[1].replace("&#43;", "+"), "change": "content", "note": "Pertama"}
    assert owner.send(f"{COURSE}/publish", form).status_code == 302
    assert owner.send(f"{COURSE}/draft").status_code == 302
    author.send(f"{COURSE}/modules", {"title": "Tambahan"})
    author.send(f"{COURSE}/review/ask")
    assert approve(owner) == 302


def test_problems_and_open_comments_are_told_before_a_decision(
    app: Flask, owner: PageClient, reviewer: PageClient
) -> None:
    assert "menghalangi terbit" not in words(reviewer.get(f"{COURSE}/review"))
    owner.send(f"{COURSE}/modules", {"title": "Kosong"})
    reviewer.send(f"{COURSE}/review/comments", {"text": "Modul ini kosong."})
    owner.send(f"{COURSE}/review/ask")
    page = words(reviewer.get(f"{COURSE}/review"))
    assert "Draf ini punya 1 kesalahan yang menghalangi terbit." in page
    assert "1 komentar belum beres." in page
