"""A question that counts no more: what it was evidence of, and who waited for its marker."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.competencies.models import Evidence
from lms.competencies.queries import ledgers as record
from lms.core import ledger
from lms.core.db import db
from lms.courses.rules import CourseRole
from lms.demo.past import Learner
from lms.learning.models import Completion
from lms.quizzes.models import Attempt, GradeChange
from lms.quizzes.queries.corrections import Proposal
from lms.quizzes.rules import CorrectionKind
from lms.upkeep import records
from tests.cast import Cast
from tests.client import PageClient, words
from tests.learning import classes
from tests.learning.corrected import standing
from tests.learning.test_late_marks import written
from tests.learning.test_marking import FULL, give, visitor
from tests.learning.test_quiz_evidence import ALL, complete, entries
from tests.learning.test_quiz_evidence import write as write_goals
from tests.learning.test_regrading import told, whole
from tests.learning.writing import queued, write
from tests.sample_course import import_course

LEAVE_OUT = Proposal(CorrectionKind.LEAVE_OUT)
AS_PUBLISHED = Proposal(CorrectionKind.AS_PUBLISHED)


def trainer_of(cast: Cast) -> Learner:
    person = cast.person("hr")
    return Learner(person.id, person.uuid, person.name)


def test_evidence_follows_where_the_score_stays(app: Flask, cast: Cast, tmp_path: Path) -> None:
    with app.app_context():
        import_course(write_goals(tmp_path))
        db.session.remove()
    learner = visitor(app, cast, "learner")
    learner.send("/courses/melayani/enrol")
    complete(learner, ALL)
    level_2, level_1 = ("M.05", 2, "proves", "100"), ("M.05", 1, "proves", "100")
    with app.app_context():
        before = [each.id for each in standing(Completion)]
        assert entries()[1] == level_2
        whole(trainer_of(cast), LEAVE_OUT, 3)  # the only question of the goal of level 2
        assert entries()[1] == level_1
        whole(trainer_of(cast), AS_PUBLISHED, 3)
        assert entries()[1] == level_2
        assert [each.id for each in standing(Completion)] == before
        assert told() == 0
        assert list(ledger.verify(Evidence, record.evidence_entries(), record.evidence_facts)) == []


@pytest.fixture
def pages(app: Flask, cast: Cast, tmp_path: Path) -> tuple[PageClient, PageClient]:
    """The learner of a quiz of a choice and two essays, and its marker."""
    found = written(app, cast, tmp_path, "highest")
    with app.app_context():
        classes.join(cast.people["hr"], CourseRole.OWNER)
        db.session.remove()
    return found


def regraded(app: Flask, cast: Cast, proposal: Proposal, number: int) -> None:
    with app.app_context(), app.test_request_context():
        whole(trainer_of(cast), proposal, number)
        db.session.remove()
    app.extensions["jobs"].flush()


def final() -> Attempt:
    db.session.expire_all()
    return db.session.scalars(sa.select(Attempt).where(Attempt.quiz_key == "akhir")).one()


def changes() -> list[tuple[str, str]]:
    rows = db.session.scalars(sa.select(GradeChange).order_by(GradeChange.id))
    return [(row.cause.value, str(row.percent_after)) for row in rows]


def test_nobody_waits_for_the_marker_of_an_essay_that_is_left_out(
    app: Flask, cast: Cast, pages: tuple[PageClient, PageClient]
) -> None:
    learner, marker = pages
    uuid = write(learner, first="")
    assert "Menunggu penilaian" in words(learner.get(f"/attempts/{uuid}/result"))
    assert len(queued(marker)) == 1
    regraded(app, cast, LEAVE_OUT, 3)
    # The choice is right, the other essay was left open.
    page = words(learner.get(f"/attempts/{uuid}/result"))
    assert "Nilai Anda 50" in page
    assert "Hasil Ujian akhir" in words(learner.get("/notifications"))
    assert queued(marker) == []
    assert "0 esai menunggu" in words(marker.get("/marking"))
    with app.app_context():
        assert final().graded_at is not None
        assert changes() == []
        assert list(records.faults()) == []


def test_the_other_essay_is_still_waited_for(
    app: Flask, cast: Cast, pages: tuple[PageClient, PageClient]
) -> None:
    learner, marker = pages
    uuid = write(learner)
    first, second = queued(marker)
    regraded(app, cast, LEAVE_OUT, 3)
    assert queued(marker) == [first]
    page = words(learner.get(f"/attempts/{uuid}/result"))
    assert "1 esai masih dinilai pengajar" in page
    give(marker, first, **FULL)
    page = words(learner.get(f"/attempts/{uuid}/result"))
    assert "Nilai Anda 100" in page
    assert "Lalu apa? tidak dinilai" in page
    assert "Kursus selesai" in words(learner.get("/courses/melayani"))

    # A page of before still marks it; the points are kept for when the question counts again.
    assert give(marker, second, points="5").status_code == 302
    with app.app_context():
        assert changes() == []
        assert final().percent == 100
    regraded(app, cast, AS_PUBLISHED, 3)
    with app.app_context():
        assert changes() == [("regrade", "83.33")]
        assert list(records.faults()) == []


def test_an_essay_that_counts_again_is_marked_after_all(
    app: Flask, cast: Cast, pages: tuple[PageClient, PageClient]
) -> None:
    learner, marker = pages
    write(learner, first="")
    regraded(app, cast, LEAVE_OUT, 3)
    regraded(app, cast, AS_PUBLISHED, 3)
    [where] = queued(marker)
    assert give(marker, where, points="10").status_code == 302
    with app.app_context():
        assert changes() == [("regrade", "33.33"), ("manual", "66.67")]
        assert final().percent is not None
    assert queued(marker) == []
