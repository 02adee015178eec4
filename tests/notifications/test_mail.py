"""News by mail: at once, once a day, or not at all, and only while they are unread."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.accounts.models import Person
from lms.accounts.rules import MailChoice
from lms.core import mail
from lms.core.db import db, transaction
from lms.core.mail import OutboxMail
from lms.notifications import actions, jobs
from lms.notifications.actions import notify
from lms.notifications.models import Notification
from lms.notifications.rules import NotificationKind
from tests.cast import Cast
from tests.client import PageClient, words
from tests.conftest import SetClock
from tests.core.smtp import Received, Sink

NOON = datetime(2026, 5, 6, 5, tzinfo=UTC)  # 12.00 WIB
MORNING = datetime(2026, 5, 6, 23, tzinfo=UTC)  # 06.00 WIB of the next day


@pytest.fixture
def sink(context: Flask, cast: Cast, at: SetClock) -> Iterator[Sink]:
    at(NOON)
    with Sink() as running:
        context.config["MAIL_URL"] = running.url
        yield running
        context.config["MAIL_URL"] = ""


def tell(cast: Cast, course: str = "Melayani", person: str = "learner") -> None:
    with transaction():
        notify(
            cast.people[person], NotificationKind.COURSE_COMPLETED, url="/my/hours",
            course=course, jp="2.5",
        )  # fmt: skip


def choose(cast: Cast, **values: object) -> None:
    with transaction():
        db.session.execute(
            sa.update(Person).where(Person.id == cast.people["learner"]).values(**values)
        )


def sweep(sink: Sink) -> list[Received]:
    """Run both sweeps as the job consumer does; what arrived since the last time."""
    before = len(sink.received)
    jobs.sweep_mail()
    mail.send_due_mail()
    db.session.rollback()
    return sink.received[before:]


def text_of(received: Received) -> str:
    return str(received.message.get_content()).replace("\r\n", "\n")


def test_a_digest_comes_in_the_morning_with_everything_unread(
    sink: Sink, cast: Cast, at: SetClock
) -> None:
    tell(cast, "Melayani")
    tell(cast, "Integritas – “dasar”")
    at(MORNING - timedelta(seconds=1))
    assert sweep(sink) == []
    at(MORNING)
    (got,) = sweep(sink)
    assert got.recipients == ["sari@contoh.test"]
    assert got.message["Subject"] == "2 kabar dari Pemerintah Kota Wanasari"
    text = text_of(got)
    assert "Yth. Sari Wulandari," in text
    assert "- Kursus selesai: Integritas – “dasar”\n  2,5 JP tercatat" in text
    assert text.index("Integritas") < text.index("Melayani")
    assert "http://localhost/notifications" in text
    assert "http://localhost/my/settings" in text
    at(MORNING + timedelta(days=3))
    assert sweep(sink) == []  # once


def test_at_once_means_the_next_sweep(sink: Sink, cast: Cast) -> None:
    choose(cast, mail_choice=MailChoice.AT_ONCE)
    tell(cast, "It's <b>bold</b> & more")
    (got,) = sweep(sink)
    assert got.message["Subject"] == "Kursus selesai: It's <b>bold</b> & more"
    assert "- Kursus selesai: It's <b>bold</b> & more" in text_of(got)  # plain text, not HTML
    assert sweep(sink) == []


def test_what_was_read_meanwhile_is_not_mailed(
    sink: Sink, cast: Cast, at: SetClock, client: PageClient
) -> None:
    tell(cast)
    client.sign_in(cast.people["learner"])
    client.send("/notifications/read-all")
    at(MORNING)
    assert sweep(sink) == []
    assert db.session.scalar(sa.select(Notification.mail_due_at)) is None


@pytest.mark.parametrize(
    "values",
    [{"mail_choice": MailChoice.NEVER}, {"email": None}, {"deactivated_at": NOON}],
    ids=["never", "no address", "closed account"],
)
@pytest.mark.parametrize("when", ["before", "after"])
def test_who_is_not_to_get_mail_gets_none(
    sink: Sink, cast: Cast, at: SetClock, values: dict[str, object], when: str
) -> None:
    """Whatever the moment at which that was decided."""
    if when == "before":
        choose(cast, **values)
    tell(cast)
    if when == "after":
        choose(cast, **values)
    at(MORNING)
    assert sweep(sink) == []
    assert db.session.scalar(sa.select(sa.func.count()).select_from(OutboxMail)) == 0
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Notification)) == 1


def test_the_mail_is_in_the_language_of_the_person(sink: Sink, cast: Cast) -> None:
    choose(cast, mail_choice=MailChoice.AT_ONCE, language="en")
    tell(cast)
    (got,) = sweep(sink)
    assert got.message["Subject"] == "Course completed: Melayani"
    assert "Choose about this mail:" in text_of(got)


def test_a_long_absence_is_told_in_one_short_mail(sink: Sink, cast: Cast, at: SetClock) -> None:
    for n in range(25):
        tell(cast, f"Kursus {n}")
    at(MORNING)
    (got,) = sweep(sink)
    assert got.message["Subject"] == "25 kabar dari Pemerintah Kota Wanasari"
    assert text_of(got).count("- Kursus selesai:") == 20
    assert "dan 5 kabar lain" in text_of(got)
    assert sweep(sink) == []


def test_one_persons_fault_keeps_nobody_waiting(
    sink: Sink, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction():
        db.session.execute(sa.update(Person).values(mail_choice=MailChoice.AT_ONCE))
    for person in ("head", "learner", "stranger"):
        tell(cast, person=person)
    usual = actions.mail_notifications

    def broken(person_id: int) -> None:
        if person_id == cast.people["learner"]:
            raise ZeroDivisionError
        usual(person_id)

    with monkeypatch.context() as fault:
        fault.setattr(actions, "mail_notifications", broken)
        assert {got.recipients[0] for got in sweep(sink)} == {
            "head@contoh.test", "andi@contoh.test",
        }  # fmt: skip
    assert [got.recipients for got in sweep(sink)] == [["sari@contoh.test"]]


def test_the_choice_is_made_on_the_settings_page(
    app: Flask, cast: Cast, client: PageClient
) -> None:
    client.sign_in(cast.people["learner"])
    html = client.get("/my/settings").get_data(as_text=True)
    assert 'name="mail" value="daily" aria-pressed="true"' in html
    for choice in ("never", "at_once", "daily"):
        assert client.send("/my/settings/mail", {"mail": choice}).location == "/my/settings"
        html = client.get("/my/settings").get_data(as_text=True)
        assert f'name="mail" value="{choice}" aria-pressed="true"' in html
    for strange in ("", "hourly", "NEVER", "x" * 5000):
        client.send("/my/settings/mail", {"mail": strange})
    html = client.get("/my/settings").get_data(as_text=True)
    assert 'name="mail" value="daily" aria-pressed="true"' in html
    client.sign_in(cast.people["colleague"])  # no address
    page = client.get("/my/settings")
    assert "Belum ada alamat surel pada akun Anda" in words(page)
    assert 'name="mail"' not in page.get_data(as_text=True)
