"""Parts that need not be done: a course is completed without them."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.competencies.models import Evidence, HourEntry
from lms.core import clock
from lms.core.db import db, transaction
from lms.core.errors import DomainError
from lms.courses.models import Course
from lms.credentials.models import Certificate
from lms.learning import actions, queries
from lms.learning.models import ActivityProgress, Completion, Enrolment, LessonDone
from lms.learning.rules import EnrolmentState
from tests.cast import Cast
from tests.client import PageClient, words
from tests.conftest import SetClock
from tests.learning.answers import take
from tests.sample_course import import_course, write_course

COURSE = "/courses/melayani"
OPTIONAL = ("02-dengar.md", "03-kuis.toml")  # in the middle of the course


def written(folder: Path, *optional: str, title: str = "Melayani dengan ramah") -> Path:
    course = write_course(folder, title=title)
    for name in optional:
        path = course / "01-dasar" / name
        path.write_text(
            re.sub(r"(?m)^minutes", "optional = true\nminutes", path.read_text(), count=1)
        )
    return course


@pytest.fixture
def learner(app: Flask, cast: Cast, client: PageClient, tmp_path: Path) -> PageClient:
    with app.app_context():
        import_course(written(tmp_path, *OPTIONAL))
        db.session.remove()
    client.sign_in(cast.people["learner"])
    client.send(f"{COURSE}/enrol")
    return client


def enrolment(app: Flask) -> Enrolment:
    with app.app_context():
        return db.session.scalars(sa.select(Enrolment)).one()


def test_a_course_is_completed_without_its_optional_parts(app: Flask, learner: PageClient) -> None:
    page = words(learner.get(COURSE))
    assert page.count("Tidak wajib") == len(OPTIONAL)
    assert "4 bagian" in page
    assert "sekitar 9 menit" in page
    assert "0 dari 2 bagian, sisa sekitar 9 menit" in page
    assert "Bagian yang tidak wajib boleh dilewati." in page
    learner.send(f"{COURSE}/learn/sapa/done")
    lacking = words(learner.get(COURSE)).partition("Masih kurang")[2].partition("Isi kursus")[0]
    assert "Ujian akhir" in lacking
    assert "Mendengar" not in lacking
    assert "Kuis 1" not in lacking
    assert enrolment(app).done_parts == 1
    assert enrolment(app).next_key == "akhir"
    take(learner, "melayani", "akhir", right=True)
    found = enrolment(app)
    assert (found.state, found.done_parts) == (EnrolmentState.COMPLETED, 2)
    assert found.final_score == 100


def test_what_is_done_of_them_is_shown_and_adds_nothing(app: Flask, learner: PageClient) -> None:
    learner.send(f"{COURSE}/learn/dengar/done")
    take(learner, "melayani", "kuis-1", right=False)
    assert enrolment(app).done_parts == 0
    shown = words(learner.get(f"{COURSE}/learn/kuis-1"))
    assert "Tidak wajib: tidak dihitung, dan kursus selesai tanpanya." in shown
    assert "0 dari 2 bagian selesai" in shown
    learner.send(f"{COURSE}/learn/sapa/done")
    take(learner, "melayani", "akhir", right=True)
    found = enrolment(app)
    assert found.state is EnrolmentState.COMPLETED
    assert found.final_score == 100


def test_the_list_of_learners_counts_required_parts(
    app: Flask, cast: Cast, learner: PageClient
) -> None:
    learner.send(f"{COURSE}/learn/dengar/done")
    learner.send(f"{COURSE}/learn/sapa/done")
    learner.sign_in(cast.people["hr"])
    assert "1 dari 2" in words(learner.get("/studio/melayani/learners"))


def test_it_is_no_small_correction(context: Flask, cast: Cast, tmp_path: Path) -> None:
    import_course(written(tmp_path))
    with pytest.raises(DomainError):
        import_course(written(tmp_path, OPTIONAL[0], title="Lain"), small=True)
    db.session.rollback()
    import_course(written(tmp_path, OPTIONAL[0], title="Lain"))
    version = db.session.scalars(sa.select(Course)).one().current_version
    assert version is not None
    assert (version.number, version.parts, version.minutes) == (2, 3, 11)


def earned(app: Flask) -> list[list[tuple[object, ...]]]:
    """The rows of the enrolment and of what was earned by it, but for the time of the last act."""
    tables = (Enrolment, Completion, Evidence, HourEntry, Certificate)
    with app.app_context():
        return [
            [
                tuple(
                    getattr(row, c.key) for c in row.__table__.columns if c.key != "last_active_at"
                )
                for row in db.session.scalars(sa.select(table))
            ]
            for table in tables
        ]


def complete(learner: PageClient) -> None:
    learner.send(f"{COURSE}/learn/sapa/done")
    take(learner, "melayani", "akhir", right=True)


def test_they_can_be_done_after_the_course_is_completed(
    app: Flask, cast: Cast, learner: PageClient, at: SetClock
) -> None:
    complete(learner)
    before = earned(app)
    assert all(before)
    shown = learner.get(f"{COURSE}/learn/dengar").get_data(as_text=True)
    assert "Selesai, lanjut" in shown
    assert 'data-reading="/courses/melayani/learn/dengar/progress"' in shown
    at(clock.now() + timedelta(days=2))
    learner.sign_in(cast.people["learner"])
    assert learner.send(f"{COURSE}/learn/dengar/done").status_code == 302
    assert learner.send(f"{COURSE}/learn/dengar/done").status_code == 302
    shown = learner.get(f"{COURSE}/learn/dengar").get_data(as_text=True)
    assert "sudah selesai" in shown
    assert "Selesai, lanjut" not in shown
    assert earned(app) == before
    with app.app_context():
        found = db.session.scalars(sa.select(Enrolment)).one()
        done = db.session.scalars(sa.select(LessonDone.activity_key)).all()
        assert sorted(done) == ["dengar", "sapa"]
        assert found.closed_at is not None
        # As it is counted when the completion is given anew, after a regrade.
        assert queries.days_of_learning(found, "Asia/Jakarta", found.closed_at) == 1


def test_a_completed_course_takes_nothing_else(app: Flask, learner: PageClient) -> None:
    complete(learner)
    before = earned(app)
    assert learner.send(f"{COURSE}/learn/kuis-1/attempts").status_code == 422
    learner.save(f"{COURSE}/learn/sapa/progress", {"opened": "", "seq": 9, "seconds": 5, "end": 1})
    with app.app_context():
        assert db.session.scalars(sa.select(ActivityProgress)).all() == []
    assert earned(app) == before


def test_nobody_marks_them_in_a_course_that_was_left(app: Flask, learner: PageClient) -> None:
    with app.app_context():
        found = db.session.scalars(sa.select(Enrolment)).one()
        outline = queries.enrolment_view(found.uuid).outline
        with transaction():
            db.session.scalars(sa.select(Enrolment)).one().state = EnrolmentState.WITHDRAWN
        with transaction():
            actions.mark_lesson_done(found.uuid, outline.part("dengar"))
        assert db.session.scalars(sa.select(LessonDone)).all() == []


def test_reports_that_come_late_or_twice_count_once_after_completion(
    app: Flask, cast: Cast, client: PageClient, tmp_path: Path, at: SetClock
) -> None:
    """What was read without a connection is sent afterwards, and again where no answer came."""
    course = written(tmp_path, *OPTIONAL)
    lesson = course / "01-dasar" / OPTIONAL[0]
    rules = "read_to_end = true\nmin_minutes = 1\nminutes"
    lesson.write_text(re.sub(r"(?m)^minutes", rules, lesson.read_text(), count=1))
    with app.app_context():
        import_course(course)
        db.session.remove()
    client.sign_in(cast.people["learner"])
    client.send(f"{COURSE}/enrol")
    page = f"{COURSE}/learn/dengar"
    found = re.search(r'name="opened" value="([^"]+)"', client.get(page).get_data(as_text=True))
    assert found
    complete(client)
    before = earned(app)

    def report(**values: object) -> tuple[int, bool]:
        answer = client.save(f"{page}/progress", {"opened": found[1], **values}).json or {}
        return answer["seq"], answer["done"]

    at(clock.now() + timedelta(seconds=40))
    assert client.send(f"{page}/done", {"opened": found[1], "seq": 1, "seconds": 40}).location
    assert "pelajari 1 menit lagi" in words(client.get(page))
    assert report(seq=1, seconds=40) == (1, False)
    at(clock.now() + timedelta(seconds=30))
    assert report(seq=3, seconds=30, end=1) == (3, True)
    assert report(seq=3, seconds=30, end=1) == (3, True)
    assert report(seq=2, seconds=30) == (3, True)
    with app.app_context():
        assert db.session.scalars(sa.select(ActivityProgress.seconds)).all() == [70]
    assert earned(app) == before
