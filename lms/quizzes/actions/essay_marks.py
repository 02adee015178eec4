"""Essays are marked by people: the places for their marks, and the marks."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from flask_babel import gettext
from sqlalchemy import select

from lms.core import clock
from lms.core.db import db, lock_row, new_uuid
from lms.core.errors import DomainError
from lms.quizzes import essays, queries
from lms.quizzes.models import Answer, AnswerMark, Attempt, Question
from lms.quizzes.queries import MarkView, QuestionView


def essay_marks(
    attempt: Attempt, views: Mapping[int, QuestionView], answers: Mapping[int, Answer]
) -> dict[int, MarkView]:
    """The marks of the answered essays by question id; the first time, places for them. An essay
    left open is worth nothing, and nobody is asked to mark it."""
    written = [view.id for view in views.values() if view.essay is not None]
    if not written or attempt.waits_since is not None:
        return queries.marks_of(attempt.id) if written else {}
    files = queries.files_of(attempt.id)
    banks = select(Question.id, Question.bank).where(Question.id.in_(written)).order_by(Question.id)
    for question_id, bank in db.session.execute(banks):
        answer = answers.get(question_id)
        if question_id in files or (answer is not None and answer.value):
            db.session.add(
                AnswerMark(
                    uuid=new_uuid(), attempt_id=attempt.id, question_id=question_id, bank=bank,
                    submitted_at=attempt.submitted_at, levels=[], feedback="", number=0,
                )
            )  # fmt: skip
    db.session.flush()
    return queries.marks_of(attempt.id)


def marked_fraction(view: QuestionView, mark: MarkView) -> Decimal:
    """What an essay has earned, 0 to 1; nothing while it is not marked."""
    assert view.essay is not None
    return essays.fraction(view.essay, mark.points or Decimal(0))


@dataclass(frozen=True)
class Given:
    """What a marker gives an essay: points, or the levels of its rubric, and words for the
    learner. `number` is that of the save that it began from."""

    points: Decimal | None
    levels: tuple[int, ...]
    feedback: str
    number: int


class StaleMark(Exception):
    """Somebody else has marked the essay meanwhile; nothing was written."""


def mark_essay(mark: AnswerMark, given: Given, *, person_id: int) -> bool:
    """Mark an essay, or mark it anew; False where nothing is different. The same twice is once.

    Raises DomainError for points that the question does not give, StaleMark where another save
    came in between. The caller grades the attempt, and says who may.
    """
    lock_row(mark)
    essay = queries.questions([mark.question_id])[mark.question_id].essay
    assert essay is not None
    points = _points(essay, given)
    same = (points, list(given.levels), given.feedback) == (mark.points, mark.levels, mark.feedback)
    if same and mark.marked_at is not None:
        return False
    if given.number != mark.number:
        raise StaleMark
    mark.points, mark.levels, mark.feedback = points, list(given.levels), given.feedback
    mark.number += 1
    mark.marked_at, mark.marked_by_id = clock.now(), person_id
    db.session.flush()
    return True


def share_of(mark: AnswerMark) -> Decimal:
    """What a marked essay has earned, 0 to 1."""
    essay = queries.questions([mark.question_id])[mark.question_id].essay
    assert essay is not None
    assert mark.points is not None
    return essays.fraction(essay, mark.points)


def _points(essay: essays.Essay, given: Given) -> Decimal:
    if essay.rubric:
        points = essays.rubric_points(essay, given.levels)
        if points is None:
            raise DomainError(gettext("Pilih satu tingkat untuk setiap kriteria."), "levels")
        return points
    if given.points is None or not 0 <= given.points <= essay.most:
        raise DomainError(gettext("Isi poin dari 0 sampai %(most)s.", most=essay.most), "points")
    return given.points
