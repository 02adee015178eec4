"""Attempts that run or wait for a marker when the course is completed without them."""

from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.competencies.models import Evidence
from lms.core import clock
from lms.core.db import db, transaction
from lms.courses.rules import CourseRole
from lms.demo.past import Learner
from lms.learning import jobs
from lms.learning.models import Completion
from lms.learning.rules import EnrolmentState
from lms.notifications import queries as inbox
from lms.notifications.models import Notification
from lms.notifications.rules import NotificationKind
from lms.quizzes.models import Answer, Attempt
from lms.upkeep import records
from tests.cast import Cast
from tests.client import PageClient, words
from tests.learning import classes, corrected
from tests.learning.answers import start, take
from tests.learning.corrected import ALL, attempts, certificates, enrolment, hours, standing
from tests.learning.test_marking import FULL, give, visitor
from tests.learning.writing import ESSAYS, SETTINGS, queued, url, write
from tests.sample_course import import_course, write_course


def written(app: Flask, cast: Cast, folder: Path, grade: str) -> tuple[PageClient, PageClient]:
    """A course whose final quiz has essays; its learner, for whom only that is missing, and its
    marker."""
    settings = f'grade = "{grade}"\n{SETTINGS}'
    with app.app_context():
        import_course(write_course(folder, final=ESSAYS, settings=settings))
        classes.join(cast.people["stranger"], CourseRole.MARKER)
        db.session.remove()
    learner = visitor(app, cast, "learner")
    learner.send("/courses/melayani/enrol")
    take(learner, "melayani", "kuis-1", right=True)
    for key in ("sapa", "dengar"):
        learner.send(f"/courses/melayani/learn/{key}/done")
    return learner, visitor(app, cast, "stranger")


def mark_whole(marker: PageClient, points: str = "10") -> None:
    """Both essays of the attempt that waits longest."""
    first, second = queued(marker)[:2]
    give(marker, first, **FULL)
    give(marker, second, points=points)


def test_an_attempt_that_runs_ends_when_the_course_is_completed(
    app: Flask, cast: Cast, tmp_path: Path
) -> None:
    learner, marker = written(app, cast, tmp_path, "last")
    write(learner)
    first = queued(marker)[0]
    uuid = start(learner, "melayani", "akhir")
    assert learner.save(url(uuid, 3), {"answer": "Belum rampung", "seq": 1}).status_code == 200
    mark_whole(marker)
    assert "Kursus selesai" in words(learner.get("/courses/melayani"))

    why = (
        "Percobaan ini dibatalkan dan tidak dihitung. "
        "Alasan: Kursus selesai sebelum percobaan ini dikirim."
    )
    late = learner.save(url(uuid, 3), {"answer": "Sudah rampung", "seq": 2})
    assert late.status_code == 409
    assert late.json == {"saved": False, "message": why}
    result = f"/attempts/{uuid}/result"
    assert learner.send(url(uuid, 3), {"answer": "Lagi", "seq": 3}).location == result
    for page in (url(uuid, 1), f"/attempts/{uuid}/review"):
        assert learner.get(page).location == result
    assert learner.send(f"/attempts/{uuid}/submit").location == result
    shown = words(learner.get(result))
    assert why in shown
    assert "Belum rampung" in shown
    assert "Percobaan dibatalkan: Ujian akhir" in words(learner.get("/notifications"))
    assert queued(marker) == [], "nobody marks what does not count"

    with app.app_context():
        jobs.sweep_attempts()
        texts = [row.value for row in db.session.scalars(sa.select(Answer))]
        assert "Belum rampung" in texts
        db.session.remove()
    low = {"level-0": 1, "level-1": 1, "number": 1, "reason": "Kurang rinci", "do": "save"}
    assert give(marker, first, **low).status_code == 302
    with app.app_context():
        assert enrolment().state is EnrolmentState.COMPLETED
        assert [each.final_score for each in standing(Completion)] == [Decimal("91.67")]
        assert list(records.faults()) == []


def test_only_what_runs_in_this_course_ends(app: Flask, cast: Cast, tmp_path: Path) -> None:
    """Another course of the same learner goes on, and what was sent goes on waiting."""
    learner, marker = written(app, cast, tmp_path, "highest")
    with app.app_context():
        folder = write_course(tmp_path / "lain")
        import_course(folder.rename(tmp_path / "lain" / "lain"))
        db.session.remove()
    learner.send("/courses/lain/enrol")
    other = start(learner, "lain", "akhir")
    write(learner)
    write(learner)
    mark_whole(marker)
    assert "Kursus selesai" in words(learner.get("/courses/melayani"))
    assert learner.get(f"/attempts/{other}/questions/1").status_code == 200
    assert len(queued(marker)) == 2
    with app.app_context():
        assert set(db.session.scalars(sa.select(Attempt.voided_at))) == {None}


@pytest.mark.parametrize(("points", "score", "issued"), [("10", 100, 2), ("1", 80, 1)])
def test_an_attempt_marked_after_the_completion_counts_by_its_score(
    app: Flask, cast: Cast, tmp_path: Path, points: str, score: int, issued: int
) -> None:
    learner, marker = written(app, cast, tmp_path, "highest")
    write(learner)
    write(learner)
    first, second, third, fourth = queued(marker)
    give(marker, third, **FULL)
    give(marker, fourth, points="4")  # 1, 1 and 0.4 of 3
    with app.app_context():
        [completion] = standing(Completion)
        assert completion.final_score == 80
        db.session.remove()
    give(marker, first, **FULL)
    give(marker, second, points=points)
    with app.app_context():
        [completion] = standing(Completion)
        assert completion.final_score == enrolment().final_score == score
        assert {entry.score for entry in standing(Evidence)} == {Decimal(score)}
        assert (len(certificates()), hours()) == (issued, 2)
        assert certificates()[-1].printed["score"] == f"{score}.00"
        assert list(records.faults()) == []
    assert f"Nilai akhir Anda {score}." in words(learner.get("/courses/melayani"))


def test_who_had_completed_is_told_that_it_is_taken_back(
    context: Flask, cast: Cast, tmp_path: Path
) -> None:
    """Whatever the facts have come to say meanwhile: a completion stood."""
    corrected.publish(tmp_path, settings='grade = "last"\n')
    person = cast.person("learner")
    corrected.study(Learner(person.id, person.uuid, person.name), ALL)
    with transaction():
        one, now = attempts()[0], clock.now()
        db.session.add(
            Attempt(
                quiz_id=one.quiz_id, quiz_key="akhir", holder=one.holder, person_id=person.id,
                number=2, layout=one.layout, headings=[], started_at=now, submitted_at=now,
                graded_at=now, percent=Decimal(0),
            )
        )  # fmt: skip
    corrected.change(cast.person("stranger"), "0.5")
    assert enrolment().state is EnrolmentState.OPEN
    kind = Notification.kind == NotificationKind.MARK_CHANGED
    told = db.session.scalars(sa.select(Notification).where(kind)).one()
    assert "JP dan bukti kompetensinya ditarik" in inbox.words_of(told)[1]
