"""An attempt that a trainer takes out of the count: it stays on record, and may be taken again."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.core.audit import AuditEntry
from lms.core.db import db, transaction
from lms.courses.models import Course
from lms.courses.rules import CourseRole
from lms.learning import jobs
from lms.learning.models import Enrolment
from lms.learning.queries.analytics import analysis_of
from lms.notifications.models import Notification
from lms.quizzes.models import Answer, Attempt
from tests.cast import Cast
from tests.client import PageClient, client_of, words
from tests.learning import classes
from tests.learning.answers import start, take, values
from tests.sample_course import import_course, write_course

INTRO = "/courses/melayani/learn/akhir"


@pytest.fixture
def stage(app: Flask, cast: Cast, tmp_path: Path) -> Cast:
    with app.app_context():
        import_course(write_course(tmp_path, attempts=1))
        classes.join(cast.people["stranger"], CourseRole.MARKER)
        db.session.remove()
    return cast


@pytest.fixture
def learner(app: Flask, stage: Cast) -> PageClient:
    client = client_of(app, stage, "learner")
    client.send("/courses/melayani/enrol")
    return client


@pytest.fixture
def page(app: Flask, client: PageClient, learner: PageClient, stage: Cast) -> str:
    """Of the learner, for the trainer, who is signed in at `client`."""
    client.sign_in(stage.people["stranger"])
    with app.app_context():
        return f"/studio/melayani/learners/{db.session.scalar(sa.select(Enrolment.uuid))}"


def test_a_voided_attempt_counts_for_nothing_and_stays_on_record(
    app: Flask, client: PageClient, learner: PageClient, page: str
) -> None:
    uuid = take(learner, "melayani", "akhir", right=True)
    assert "Percobaan 1" in words(client.get(page))
    void = f"{page}/attempts/1/akhir"
    assert "Ini tidak dapat diurungkan" in words(client.get(void))
    assert client.send(void, {"reason": "Bekerja berdua"}).location == page
    listed = words(client.get(page))
    assert "dibatalkan, Bekerja berdua" in listed
    assert "0 dari 4 bagian selesai" in listed
    intro = words(learner.get(INTRO))
    assert "tersisa 1 dari 1" in intro
    assert "dibatalkan" in intro
    result = words(learner.get(f"/attempts/{uuid}/result"))
    assert "Percobaan ini dibatalkan dan tidak dihitung. Alasan: Bekerja berdua" in result
    with app.app_context():
        attempt = db.session.scalars(sa.select(Attempt)).one()
        assert attempt.percent == 100
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Answer)) == 3
        enrolment = db.session.scalars(sa.select(Enrolment)).one()
        assert (enrolment.done_parts, enrolment.final_score) == (0, None)
    inbox = words(learner.get("/notifications"))
    assert "Percobaan dibatalkan: Ujian akhir" in inbox
    second = take(learner, "melayani", "akhir", right=False)
    assert second != uuid
    with app.app_context():
        numbers = list(db.session.scalars(sa.select(Attempt.number).order_by(Attempt.number)))
        assert numbers == [1, 2]
        jobs.sweep_analyses()
        figures = analysis_of(classes.course().id).figures
        assert figures is not None
        told = next(quiz for quiz in figures.quizzes if quiz.key == "akhir").statistics
        assert told is not None
        assert (told.count, told.mean) == (1, 0)  # the second is the first that counts


def test_an_attempt_that_goes_on_ends_with_what_was_saved(
    app: Flask, client: PageClient, learner: PageClient, page: str
) -> None:
    uuid = start(learner, "melayani", "akhir")
    answer = {"answer": values(learner, uuid, 1, right=True), "seq": 1}
    learner.send(f"/attempts/{uuid}/questions/1", answer)
    void = f"{page}/attempts/1/akhir"
    assert "sedang dikerjakan" in words(client.get(void))
    client.send(void, {"reason": "Listrik padam"})
    refused = learner.save(f"/attempts/{uuid}/questions/1", {**answer, "seq": 2})
    assert refused.status_code >= 400
    with app.app_context():
        assert db.session.scalars(sa.select(Answer)).one().seq == 1
    assert start(learner, "melayani", "akhir") != uuid


def test_twice_is_once(app: Flask, client: PageClient, learner: PageClient, page: str) -> None:
    take(learner, "melayani", "akhir", right=False)
    for _ in range(2):
        client.send(f"{page}/attempts/1/akhir", {"reason": "Salah buka"})
    assert "sudah dibatalkan: Salah buka" in words(client.get(f"{page}/attempts/1/akhir"))
    with app.app_context():
        acts = list(db.session.scalars(sa.select(AuditEntry.action)))
        assert acts.count("learning.attempt_voided") == 1
        told = [
            n for n in db.session.scalars(sa.select(Notification)) if n.kind == "attempt_voided"
        ]
        assert len(told) == 1


def test_a_reason_is_needed_and_the_attempt_must_be_there(
    client: PageClient, learner: PageClient, page: str
) -> None:
    take(learner, "melayani", "akhir", right=False)
    assert client.send(f"{page}/attempts/1/akhir", {"reason": " "}).status_code == 422
    for path in ("attempts/2/akhir", "attempts/1/kuis-1", "attempts/1/tidak-ada"):
        assert client.get(f"{page}/{path}").status_code == 404
        assert client.send(f"{page}/{path}", {"reason": "Salah"}).status_code == 404


def test_a_completed_course_keeps_its_attempts(
    app: Flask, client: PageClient, learner: PageClient, page: str
) -> None:
    for key in ("sapa", "dengar"):
        learner.send(f"/courses/melayani/learn/{key}/done")
    take(learner, "melayani", "kuis-1", right=True)
    take(learner, "melayani", "akhir", right=True)
    answer = client.send(f"{page}/attempts/1/akhir", {"reason": "Salah buka"})
    assert answer.status_code == 422
    assert "Kursus ini sudah selesai" in words(answer)
    with app.app_context():
        assert set(db.session.scalars(sa.select(Attempt.voided_at))) == {None}


def test_a_learner_of_another_course_is_not_found(
    app: Flask, client: PageClient, learner: PageClient, page: str
) -> None:
    take(learner, "melayani", "akhir", right=False)
    with app.app_context(), transaction():
        other = Course(slug="lain")
        db.session.add(other)
        db.session.flush()
        db.session.execute(sa.update(Enrolment).values(course_id=other.id))
    for path in (page, f"{page}/attempts/1/akhir"):
        assert client.get(path).status_code == 404
    assert client.send(f"{page}/attempts/1/akhir", {"reason": "Salah"}).status_code == 404


def test_nobody_voids_an_own_attempt(app: Flask, client: PageClient, stage: Cast) -> None:
    client.sign_in(stage.people["stranger"])
    client.send("/courses/melayani/enrol")
    take(client, "melayani", "akhir", right=False)
    with app.app_context():
        uuid = db.session.scalar(sa.select(Enrolment.uuid))
    path = f"/studio/melayani/learners/{uuid}/attempts/1/akhir"
    answer = client.send(path, {"reason": "Ingin mengulang"})
    assert answer.status_code == 422
    assert "oleh orang lain" in words(answer)
