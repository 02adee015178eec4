"""Analytics: figures of a class worked out by hand, counted by the job, shown to its trainers."""

import csv
import io
import math
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.core import clock
from lms.core.db import db, transaction
from lms.courses.models import Course, CourseMember
from lms.courses.rules import CourseRole
from lms.demo.past import Learner
from lms.learning import actions, jobs
from lms.learning.actions import running
from lms.learning.queries.analytics import CourseFigures, analysis_of
from lms.quizzes.queries.corrections import Proposal
from lms.quizzes.rules import CorrectionKind
from lms.quizzes.statistics import Flag
from tests.cast import Cast
from tests.client import PageClient, words
from tests.conftest import SetClock
from tests.formats.spreadsheet import cells
from tests.learning import classes
from tests.learning.test_regrading import whole
from tests.sample_course import import_course, write_course

PAGE = "/studio/melayani/analytics"


@pytest.fixture
def stage(app: Flask, cast: Cast, tmp_path: Path) -> Cast:
    """The course with the quiz of four questions; the trainer is its author."""
    with app.app_context():
        import_course(
            write_course(tmp_path, final=classes.QUESTIONS, settings=classes.SETTINGS, attempts=3)
        )
        classes.join(cast.people["stranger"], CourseRole.AUTHOR)
        db.session.remove()
    return cast


def counted(app: Flask) -> CourseFigures:
    with app.app_context():
        jobs.sweep_analyses()
        figures = analysis_of(classes.course().id).figures
        db.session.remove()
    assert figures is not None
    return figures


def test_the_figures_are_those_worked_out_by_hand(app: Flask, stage: Cast) -> None:
    """Thirty learners: variances of totals 50/29 points², one point being 25 percent; those of the
    questions p (1 - p) 30/29, with p 5/6, 1/2, 1/2, 1/6; so alpha = 4/3 (1 - 28/36 × 30/50)."""
    classes.sit(app, 5)
    figures = counted(app)
    quiz = next(quiz for quiz in figures.quizzes if quiz.key == "akhir")
    told = quiz.statistics
    assert told is not None
    assert (told.count, told.mean, told.median) == (30, 50, 50)
    assert told.deviation == pytest.approx(25 * math.sqrt(50 / 29))
    assert told.consistency == pytest.approx(100 * 32 / 45)
    assert quiz.histogram == (5, 0, 5, 0, 0, 10, 0, 5, 0, 5)
    assert not quiz.is_cut
    facility = [item.statistics.facility for item in quiz.items]
    assert facility == pytest.approx([5 / 6, 1 / 2, 1 / 2, 1 / 6])
    # As for six learners: correlations do not change when everybody comes five times.
    assert quiz.items[1].statistics.discrimination == pytest.approx(0.3 / math.sqrt(0.3 * 1.1))
    assert [item.chosen for item in quiz.items] == [
        (25, 5, 0),
        (15, 15, 0),
        (15, 15, 0),
        (5, 25, 0),
    ]
    assert [item.open for item in quiz.items] == [0, 0, 0, 0]
    assert quiz.items[0].flags == (Flag.UNUSED,)
    assert quiz.items[3].flags == (Flag.RIVAL, Flag.HARD, Flag.UNUSED)


def test_a_question_that_is_left_out_is_in_no_other_figure(app: Flask, stage: Cast) -> None:
    """Without the fourth the totals are 3, 3, 2, 2, 1, 0 of 3, so the variance is 41/36 × 30/29
    points²; those of the questions are 23/36 × 30/29 together, and alpha = 3/2 (1 - 23/41)."""
    classes.sit(app, 5)
    with app.app_context():
        trainer = stage.person("hr")
        by = Learner(trainer.id, trainer.uuid, trainer.name)
        whole(by, Proposal(CorrectionKind.LEAVE_OUT), 4)
    quiz = next(quiz for quiz in counted(app).quizzes if quiz.key == "akhir")
    told = quiz.statistics
    assert told is not None
    assert told.mean == pytest.approx(100 * 11 / 18)
    assert told.median == pytest.approx(200 / 3)
    assert told.deviation == pytest.approx(100 / 3 * math.sqrt(41 / 36 * 30 / 29))
    assert told.consistency == pytest.approx(100 * 27 / 41)
    assert quiz.histogram == (5, 0, 0, 5, 0, 0, 10, 0, 0, 10)
    assert [item.is_left_out for item in quiz.items] == [False, False, False, True]
    # Of the second with the rest 2, 2, 1, 2, 1, 0: products 1, squares 3/2 and 10/3.
    assert quiz.items[1].statistics.discrimination == pytest.approx(1 / math.sqrt(5))
    left_out = quiz.items[3]
    assert left_out.statistics.facility == pytest.approx(1 / 6)
    assert (left_out.chosen, left_out.flags) == ((5, 25, 0), ())


def test_the_parts_tell_where_people_are_and_where_they_stop(
    app: Flask, stage: Cast, at: SetClock
) -> None:
    now = clock.now()
    at(now - timedelta(days=20))
    with app.test_request_context():
        for number, lessons in enumerate((("sapa", "dengar"), ("sapa",), (), ("sapa",))):
            actor = classes.learner(number)
            with transaction():
                enrolment = actions.enrol(actor, classes.course())
                for key in lessons:
                    part = classes.part(key)
                    actions.mark_lesson_done(enrolment.uuid, part)
            if number == 3:  # came back yesterday
                at(now - timedelta(days=1))
                classes.answer(actor, "kuis-1", [1, 1])
        withdrawn = classes.learner(9)
        with transaction():
            actions.enrol(withdrawn, classes.course())
            running.withdraw(None, classes.person(withdrawn), "melayani", reason="Pindah tugas")
    at(now)
    figures = counted(app)
    assert (figures.learners, figures.withdrawn, figures.completed, figures.quiet) == (4, 1, 0, 3)
    told = {row.key: (row.begun, row.done, row.stopped) for row in figures.parts}
    assert told == {
        "sapa": (3, 3, 1), "dengar": (1, 1, 1), "kuis-1": (1, 1, 1), "akhir": (0, 0, 0),
    }  # fmt: skip


def test_only_first_attempts_count_and_the_gain_is_told_with_its_number(
    app: Flask, cast: Cast, tmp_path: Path
) -> None:
    with app.test_request_context():
        import_course(
            write_course(
                tmp_path, final=classes.QUESTIONS, attempts=3,
                settings=classes.SETTINGS + 'pretest = "kuis-1"\n',
            )
        )  # fmt: skip
        both, only_after = classes.learner(1), classes.learner(2)
        classes.answer(both, "kuis-1", [1, 0])
        classes.answer(both, "akhir", [1, 0, 0, 0])
        classes.answer(both, "akhir", [1, 1, 1, 1])
        classes.answer(only_after, "akhir", [0, 0, 0, 0])
    quiz = next(quiz for quiz in counted(app).quizzes if quiz.key == "akhir")
    assert quiz.statistics is not None
    assert (quiz.statistics.count, quiz.statistics.mean) == (2, 12.5)
    assert quiz.gain is not None
    assert (quiz.gain.count, quiz.gain.before, quiz.gain.after) == (1, 50, 100)


def test_the_job_counts_once_a_day_and_when_asked(
    app: Flask, client: PageClient, stage: Cast, at: SetClock
) -> None:
    now = clock.now()
    at(now)
    classes.sit(app, 1)
    assert counted(app).learners == 6
    with app.test_request_context():
        classes.answer(classes.learner(100), "akhir", [1, 1, 1, 1])
    at(now + timedelta(hours=23))
    assert counted(app).learners == 6
    client.sign_in(stage.people["stranger"])
    assert client.send(f"{PAGE}/count").location == PAGE
    assert "Sedang dihitung ulang" in words(client.get(PAGE))
    assert counted(app).learners == 7
    page = words(client.get(PAGE))
    assert "Sedang dihitung ulang" not in page
    assert "Dihitung" in page
    with app.test_request_context():
        classes.answer(classes.learner(101), "akhir", [1, 1, 1, 1])
    at(now + timedelta(hours=48))
    assert counted(app).learners == 8


def test_an_author_reads_the_pages(app: Flask, client: PageClient, stage: Cast) -> None:
    client.sign_in(stage.people["stranger"])
    assert "Belum dihitung" in words(client.get(PAGE))
    counted(app)
    assert "Belum ada peserta" in words(client.get(PAGE))
    classes.sit(app, 5)
    client.send(f"{PAGE}/count")
    counted(app)
    page = words(client.get(PAGE))
    assert "30" in page
    quiz = words(client.get(f"{PAGE}/akhir"))
    assert "71" in quiz  # Cronbach's alpha
    assert "Pengecoh mengalahkan kunci" in quiz
    assert "Periksa kunci" in quiz
    assert "belum andal" not in quiz.lower()
    assert client.get(f"{PAGE}/tidak-ada").status_code == 404
    assert client.get(f"{PAGE}/sapa").status_code == 404  # no quiz


def test_figures_of_few_are_not_told_or_called_unreliable(
    app: Flask, client: PageClient, stage: Cast
) -> None:
    client.sign_in(stage.people["stranger"])
    with app.test_request_context():
        for number in range(4):
            classes.answer(classes.learner(number), "akhir", [1, 1, 0, 0])
    counted(app)
    assert "Masih terlalu sedikit" in words(client.get(f"{PAGE}/akhir"))
    with app.test_request_context():
        classes.answer(classes.learner(5), "akhir", [1, 0, 0, 0])
    client.send(f"{PAGE}/count")
    counted(app)
    quiz = words(client.get(f"{PAGE}/akhir"))
    assert "belum andal" in quiz
    assert "Sangat sulit" not in quiz  # nothing is flagged from so few


@pytest.mark.parametrize("table", ["parts", "items"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_tables_are_downloaded_and_noted(
    app: Flask, client: PageClient, stage: Cast, table: str, kind: str
) -> None:
    classes.sit(app, 1)
    counted(app)
    client.sign_in(stage.people["stranger"])
    answer = client.send(f"{PAGE}/export", {"table": table, "format": kind})
    assert answer.status_code == 200
    text = io.StringIO(answer.data.decode("utf-8-sig"), newline="") if kind == "csv" else None
    rows = list(csv.reader(text)) if text else cells(answer.data)
    assert len(rows) == 1 + 4  # as many parts as the class has questions
    assert rows[1][0] == ("sapa" if table == "parts" else "akhir")
    with app.app_context():
        noted = db.session.scalar(
            sa.text("SELECT count(*) FROM audit_entry WHERE action = 'learning.exported'")
        )
        assert noted == 1


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (CourseRole.OWNER, 200), (CourseRole.AUTHOR, 200), (CourseRole.MARKER, 200),
        (CourseRole.REVIEWER, 403), (None, 404),
    ],
)  # fmt: skip
def test_only_who_teaches_the_course_sees_it(
    app: Flask, client: PageClient, stage: Cast, role: CourseRole | None, status: int
) -> None:
    with app.app_context(), transaction():
        member = db.session.scalars(sa.select(CourseMember)).one()
        if role is None:
            db.session.delete(member)
        else:
            member.role = role
    client.sign_in(stage.people["stranger"])
    counted(app)
    for path in (PAGE, f"{PAGE}/akhir"):
        assert client.get(path).status_code == status
    written = {200: (302, 200)}.get(status, (status, status))
    assert (client.send(f"{PAGE}/count").status_code,
            client.send(f"{PAGE}/export").status_code) == written  # fmt: skip


def test_a_course_that_is_not_published_says_so(
    app: Flask, client: PageClient, stage: Cast
) -> None:
    with app.app_context(), transaction():
        db.session.scalars(sa.select(Course)).one().current_version_id = None
    client.sign_in(stage.people["stranger"])
    with app.app_context():
        jobs.sweep_analyses()
    assert "setelah kursus ini terbit" in words(client.get(PAGE))
