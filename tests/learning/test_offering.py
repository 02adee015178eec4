"""A course that is withdrawn: nobody enters it, its learners are told and may be taken out; and the
ways back."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.core import clock
from lms.core.db import db
from lms.courses.models import Course
from lms.learning import jobs
from lms.learning.actions import offering
from lms.learning.models import CourseWithdrawal, Enrolment
from lms.learning.rules import EnrolmentState, EnrolmentWay, Entry, entry
from lms.notifications.models import Notification
from lms.notifications.queries import words_of
from tests.cast import Cast
from tests.client import PageClient, client_of, words
from tests.learning.test_publishing import begin, change, publish

COURSE = "/courses/kursus-baru"
WITHDRAW = "/studio/kursus-baru/withdrawal"
OFFER = "/studio/kursus-baru/unarchive"
REASON = "Aturannya dicabut"


@pytest.fixture
def trainer(client: PageClient, cast: Cast) -> PageClient:
    """Of a published course."""
    client.sign_in(cast.people["stranger"])
    begin(client)
    publish(client)
    return client


@pytest.fixture
def learner(app: Flask, trainer: PageClient, cast: Cast) -> PageClient:
    found = client_of(app, cast, "learner")
    assert found.send(f"{COURSE}/enrol").status_code == 302
    return found


def in_days(number: int) -> str:
    return (clock.today("Asia/Makassar") + timedelta(days=number)).isoformat()


def withdraw(trainer: PageClient, **fields: str) -> None:
    sent = {"reason": REASON, "learners": "finish", **fields}
    answer = trainer.send(WITHDRAW, sent)
    assert answer.status_code == 302, words(answer)


def sweep(app: Flask, monkeypatch: pytest.MonkeyPatch, later: timedelta) -> None:
    now = clock.now() + later
    with app.app_context(), monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: now)
        jobs.sweep_withdrawals()
        db.session.remove()


def told(app: Flask) -> list[tuple[str, str]]:
    """Kind and text of what was told of the course, in order."""
    with app.test_request_context():
        rows = db.session.scalars(
            sa.select(Notification)
            .where(Notification.kind.in_(("course_stopped", "course_resumed")))
            .order_by(Notification.id)
        )
        return [(row.kind.value, words_of(row)[1]) for row in rows]


def states(app: Flask) -> list[EnrolmentState]:
    with app.app_context():
        return list(db.session.scalars(sa.select(Enrolment.state).order_by(Enrolment.id)))


def test_what_it_means_is_shown_before_and_nobody_enters_afterwards(
    app: Flask, trainer: PageClient, learner: PageClient, cast: Cast
) -> None:
    page = words(trainer.get(WITHDRAW))
    assert "1 orang sedang belajar." in page
    assert "Dapat diurungkan kapan saja" in page
    assert trainer.send(WITHDRAW, {"reason": "", "learners": "finish"}).status_code == 422
    for _ in range(2):
        withdraw(trainer)
    assert "Kursus baru" not in words(learner.get("/courses"))
    newcomer = client_of(app, cast, "colleague")
    assert "Kursus ini ditarik" in words(newcomer.get(COURSE))
    answer = newcomer.send(f"{COURSE}/enrol")
    assert answer.status_code == 422
    assert "tidak menerima peserta baru" in words(answer)
    assert learner.get(f"{COURSE}/learn/mengapa").status_code == 200
    own = words(learner.get(COURSE))
    assert "Kursus ini ditarik. Anda tetap dapat menyelesaikannya." in own
    assert f"Alasan: {REASON}" in own
    assert "Ditarik" in words(trainer.get("/studio"))
    versions = words(trainer.get("/studio/kursus-baru/versions"))
    assert f"Alasan: {REASON}" in versions
    assert "boleh menyelesaikannya" in versions
    with app.app_context():
        acts = sa.text("SELECT count(*) FROM audit_entry WHERE action = 'courses.withdrawn'")
        assert db.session.scalar(acts) == 1


def test_learners_are_told_a_minute_later_and_once(
    app: Flask, trainer: PageClient, learner: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    withdraw(trainer)
    sweep(app, monkeypatch, timedelta(0))
    assert told(app) == []
    for minutes in (2, 3):
        sweep(app, monkeypatch, timedelta(minutes=minutes))
    assert told(app) == [("course_stopped", f"Anda tetap dapat menyelesaikannya. Alasan: {REASON}")]
    sweep(app, monkeypatch, timedelta(days=400))
    assert states(app) == [EnrolmentState.OPEN]
    assert trainer.send(OFFER).status_code == 302
    sweep(app, monkeypatch, timedelta(days=401))
    assert len(told(app)) == 1
    assert "Kursus baru" in words(learner.get("/courses"))


def test_after_the_last_day_learners_are_taken_out(
    app: Flask, trainer: PageClient, learner: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for sent in ({}, {"ends_on": in_days(-1)}, {"ends_on": "x"}):
        answer = trainer.send(WITHDRAW, {"reason": REASON, "learners": "ends", **sent})
        assert answer.status_code == 422
    withdraw(trainer, learners="ends", ends_on=in_days(3))
    sweep(app, monkeypatch, timedelta(minutes=2))
    assert "Kursus ini berakhir bagi Anda sesudah" in told(app)[0][1]
    assert "berakhir bagi Anda sesudah" in words(learner.get(COURSE))
    sweep(app, monkeypatch, timedelta(days=2))
    assert states(app) == [EnrolmentState.OPEN]
    sweep(app, monkeypatch, timedelta(days=5))
    assert states(app) == [EnrolmentState.WITHDRAWN]
    assert learner.get(f"{COURSE}/learn/mengapa").headers["Location"] == COURSE
    assert "Kursus ini ditarik" in words(learner.get(COURSE))
    assert trainer.send(OFFER).status_code == 302
    with app.app_context():
        assert db.session.scalars(sa.select(CourseWithdrawal)).all() == []
    assert len(told(app)) == 1
    assert learner.send(f"{COURSE}/enrol").status_code == 302


def test_who_was_told_of_an_end_is_told_that_it_goes_on(
    app: Flask, trainer: PageClient, learner: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    withdraw(trainer, learners="ends", ends_on=in_days(3))
    trainer.send(OFFER)  # before anybody was told
    sweep(app, monkeypatch, timedelta(minutes=2))
    assert told(app) == []
    withdraw(trainer, learners="ends", ends_on=in_days(3))
    sweep(app, monkeypatch, timedelta(minutes=2))
    for _ in range(2):
        assert trainer.send(OFFER).status_code == 302
    for days in (1, 9):
        sweep(app, monkeypatch, timedelta(days=days))
    assert [kind for kind, _ in told(app)] == ["course_stopped", "course_resumed"]
    assert states(app) == [EnrolmentState.OPEN]


def test_many_learners_are_told_in_short_steps(
    app: Flask,
    trainer: PageClient,
    learner: PageClient,
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert client_of(app, cast, "colleague").send(f"{COURSE}/enrol").status_code == 302
    monkeypatch.setattr(offering, "TOGETHER", 1)
    withdraw(trainer, learners="ends", ends_on=in_days(1))
    sweep(app, monkeypatch, timedelta(minutes=2))
    assert len(told(app)) == 2
    sweep(app, monkeypatch, timedelta(days=3))
    assert states(app) == [EnrolmentState.WITHDRAWN] * 2


def test_publishing_a_new_version_offers_it_again(
    app: Flask, trainer: PageClient, learner: PageClient, cast: Cast
) -> None:
    withdraw(trainer)
    trainer.send("/studio/kursus-baru/draft")
    publish_changed(app, trainer, cast)
    assert "Kursus baru" in words(learner.get("/courses"))
    with app.app_context():
        course = db.session.scalars(sa.select(Course).where(Course.slug == "kursus-baru")).one()
        assert (course.archived_at, course.is_withdrawn, course.closed_reason) == (None, False, "")


def publish_changed(app: Flask, trainer: PageClient, cast: Cast) -> None:
    change(app, cast, "course.toml", 'title = "Kursus baru"', 'title = "Kursus baru sekali"')
    publish(trainer)


def test_only_owners_close_a_published_course(
    app: Flask, trainer: PageClient, learner: PageClient, client: PageClient
) -> None:
    for act in ("withdrawal", "archiving"):
        assert learner.get(f"/studio/kursus-baru/{act}").status_code == 403
    begin(trainer, title="Belum terbit")
    assert trainer.get("/studio/belum-terbit/withdrawal").status_code == 404


def test_not_even_a_duty_opens_a_withdrawn_course() -> None:
    closed = entry(
        EnrolmentWay.DIRECT, is_for=True, is_owed=True, is_archived=True, waiting=None,
        is_withdrawn=True,
    )  # fmt: skip
    assert closed is Entry.WITHDRAWN
    assert not closed.is_open
