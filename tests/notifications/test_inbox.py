"""The inbox: what is new first, marking, and nobody else's."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.core.db import db, transaction
from lms.notifications.actions import notify
from lms.notifications.models import Notification
from lms.notifications.rules import NotificationKind
from tests.cast import Cast
from tests.client import PageClient, words
from tests.conftest import SetClock

NOON = datetime(2026, 5, 6, 5, tzinfo=UTC)  # 12.00 WIB


@pytest.fixture
def inbox(app: Flask, client: PageClient, cast: Cast, at: SetClock) -> PageClient:
    """The learner's, with one from yesterday, one read today and two unread of today."""
    told(app, cast, at, NOON - timedelta(days=1), "Kemarin")
    told(app, cast, at, NOON - timedelta(hours=2), "Pagi")
    told(app, cast, at, NOON - timedelta(hours=1), "Siang")
    told(app, cast, at, NOON - timedelta(minutes=1), "Dibaca")
    at(NOON)
    client.sign_in(cast.people["learner"])
    client.send(f"/notifications/{uuid_of(app, 'Dibaca')}/read")
    return client


def told(
    app: Flask, cast: Cast, at: SetClock, when: datetime, course: str, person: str = "learner"
) -> None:
    at(when)
    with app.app_context(), transaction():
        notify(
            cast.people[person], NotificationKind.COURSE_COMPLETED, url="/my/hours",
            course=course, jp="2",
        )  # fmt: skip


def uuid_of(app: Flask, course: str) -> str:
    with app.app_context():
        rows = db.session.scalars(sa.select(Notification))
        return next(str(row.uuid) for row in rows if row.values["course"] == course)


def order(text: str, *titles: str) -> list[str]:
    return sorted(titles, key=lambda title: text.index(f"Kursus selesai: {title}"))


def test_unread_ones_come_first_among_those_of_a_day(inbox: PageClient) -> None:
    text = words(inbox.get("/notifications"))
    assert order(text, "Dibaca", "Pagi", "Siang", "Kemarin") == [
        "Siang", "Pagi", "Dibaca", "Kemarin",
    ]  # fmt: skip
    assert text.index("Hari ini") < text.index("Sebelum hari ini") < text.index("Kemarin")
    assert "Notifikasi, 3 belum dibaca" in inbox.get("/").get_data(as_text=True)


def test_one_is_marked_as_read_without_being_opened(app: Flask, inbox: PageClient) -> None:
    answer = inbox.send(f"/notifications/{uuid_of(app, 'Siang')}/read")
    assert (answer.status_code, answer.location) == (302, "/notifications")
    text = words(inbox.get("/notifications"))
    assert text.count("Baru") == 2
    assert order(text, "Siang", "Pagi") == ["Pagi", "Siang"]
    inbox.send(f"/notifications/{uuid_of(app, 'Siang')}/read")  # twice is once


def test_only_the_unread_ones(inbox: PageClient) -> None:
    text = words(inbox.get("/notifications?unread=1"))
    assert "Dibaca" not in text.replace("Belum dibaca", "")
    assert "Kursus selesai: Kemarin" in text
    inbox.send("/notifications/read-all")
    assert "Semua sudah dibaca" in words(inbox.get("/notifications?unread=1"))
    assert "Kursus selesai: Kemarin" in words(inbox.get("/notifications"))


def test_opening_leads_to_the_thing_and_marks(app: Flask, inbox: PageClient) -> None:
    answer = inbox.send(f"/notifications/{uuid_of(app, 'Kemarin')}/open")
    assert (answer.status_code, answer.location) == (302, "/my/hours")
    assert "Kemarin" not in words(inbox.get("/notifications?unread=1"))


def test_nobody_marks_what_is_an_others(
    app: Flask, inbox: PageClient, cast: Cast, at: SetClock
) -> None:
    told(app, cast, at, NOON, "Rekan", person="colleague")
    assert inbox.send(f"/notifications/{uuid_of(app, 'Rekan')}/read").status_code == 404
    inbox.send("/notifications/read-all")
    with app.app_context():
        unread = sa.select(Notification.person_id).where(Notification.read_at.is_(None))
        assert list(db.session.scalars(unread)) == [cast.people["colleague"]]


def test_pages_keep_what_is_shown(inbox: PageClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lms.notifications.queries.PAGE", 2)
    html = inbox.get("/notifications?unread=1").get_data(as_text=True)
    assert "Siang" in html
    assert "Kemarin" not in html
    address = html.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    text = words(inbox.get(address.replace("&amp;", "&")))
    assert "Kemarin" in text
    assert "Siang" not in text
