"""Marking essays, and what the last mark of an attempt leads to."""

from flask_babel import gettext

from lms.accounts.actions.reasons import checked_reason
from lms.accounts.models import Person
from lms.core import audit
from lms.core.access import Actor
from lms.core.db import db, lock_row
from lms.core.errors import DomainError
from lms.learning.actions.marks import change_mark, grade_late
from lms.learning.actions.reversing import lock_learner
from lms.quizzes.actions.essay_marks import Given, mark_essay, share_of
from lms.quizzes.models import AnswerMark


def mark(actor: Actor, essay: AnswerMark, given: Given, *, reason: str = "") -> None:
    """Mark an essay; the last one of an attempt settles it like any other, and its learner is told.
    A mark that stands changes with a reason, which the learner reads; once the attempt is graded
    the change stands in the ledger, and what it leads to is settled anew.

    Raises DomainError for an own essay, for points that the question does not give and on `reason`,
    `essay_marks.StaleMark` where somebody else was first.
    """
    attempt = essay.attempt
    if attempt.person_id == actor.person_id:
        raise DomainError(gettext("Jawaban sendiri dinilai oleh orang lain."))
    enrolment = lock_learner(attempt.person_id, attempt.holder)
    lock_row(essay)
    before = essay.points if essay.marked_at is not None else None
    if not mark_essay(essay, given, person_id=actor.person_id):
        return
    if before is not None:
        reason = checked_reason(reason)
    audit.record(
        actor, "learning.essay_marked", "attempt", attempt.uuid,
        enrolment=enrolment.uuid, points=essay.points, points_before=before, reason=reason or None,
    )  # fmt: skip
    lock_row(attempt)
    by = db.session.get_one(Person, actor.person_id)
    if attempt.graded_at is None:
        grade_late(by, enrolment, attempt, reason=gettext("Esai dinilai"))
    elif before != essay.points:
        reason = reason or gettext("Esai dinilai")  # for the first time: it had not counted before
        change_mark(by, attempt, essay.question_id, share_of(essay), reason=reason)
