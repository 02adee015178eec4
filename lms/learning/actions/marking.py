"""Marking essays, and what the last mark of an attempt leads to."""

from flask_babel import gettext

from lms.core import audit
from lms.core.access import Actor
from lms.core.errors import DomainError
from lms.learning import actions, queries
from lms.quizzes.actions.essay_marks import Given, mark_essay
from lms.quizzes.models import AnswerMark


def mark(actor: Actor, essay: AnswerMark, given: Given) -> None:
    """Mark an essay; the last one of an attempt settles it like any other, and its learner is told.

    Raises DomainError for an own essay and for points that the question does not give,
    `essay_marks.StaleMark` where somebody else was first.
    """
    attempt = essay.attempt
    if attempt.person_id == actor.person_id:
        raise DomainError(gettext("Jawaban sendiri dinilai oleh orang lain."))
    enrolment = queries.locked_enrolment(attempt.holder)
    if mark_essay(essay, given, person_id=actor.person_id):
        audit.record(
            actor, "learning.essay_marked", "attempt", attempt.uuid,
            enrolment=enrolment.uuid, points=essay.points,
        )  # fmt: skip
        actions.grade_quiz(attempt, tell=True)
