"""Changing the mark of an attempt that is graded, with everything that follows from it."""

from decimal import Decimal

from flask_babel import gettext

from lms.accounts.actions.reasons import checked_reason
from lms.accounts.models import Person
from lms.core import audit
from lms.core.errors import DomainError
from lms.learning import actions, queries
from lms.learning.actions import allowing
from lms.learning.actions.reversing import lock_learner, settle_again
from lms.learning.models import Enrolment
from lms.learning.queries import Learning
from lms.learning.rules import EnrolmentState
from lms.notifications.actions import notify
from lms.notifications.rules import NotificationKind
from lms.quizzes.actions import marks
from lms.quizzes.actions.marks import Because
from lms.quizzes.models import Attempt, GradeChange
from lms.quizzes.rules import GradeCause


def change_mark(
    by: Person, attempt: Attempt, question_id: int, points: Decimal, *, reason: str
) -> bool:
    """Give a question of a graded attempt other points, 0 to 1, by somebody's judgement; False
    where it has them already. Score, completion, evidence, hours and certificate follow in the
    open transaction, and the learner is told.

    Raises DomainError on `reason`, for an own attempt, and for one that is not graded or voided.
    """
    reason = checked_reason(reason)
    if attempt.person_id == by.id:
        raise DomainError(gettext("Nilai sendiri diubah oleh orang lain."))
    enrolment = lock_learner(attempt.person_id, attempt.holder)
    before = queries.learning_of(queries.enrolment_view(enrolment.uuid))
    because = Because(GradeCause.MANUAL, by, reason)
    change = marks.change_points(attempt, question_id, points, because)
    if change is not None:
        follow(enrolment, before, change)
    return change is not None


def grade_late(by: Person, enrolment: Enrolment, attempt: Attempt, *, reason: str) -> None:
    """Grade an attempt that waited for somebody, where nothing of it is open any more; its learner
    is told. What was completed before without it is settled anew. Needs the enrolments of the
    person locked (`lock_learner`)."""
    was_completed = enrolment.state is EnrolmentState.COMPLETED
    actions.grade_quiz(attempt, tell=True)
    if was_completed and attempt.graded_at is not None:
        settle_again(by, enrolment, reason=reason)


def follow(enrolment: Enrolment, before: Learning, change: GradeChange) -> None:
    """Settle what a changed mark means for its learner, who stood so before it, and tell them."""
    attempt, by = change.attempt, change.by
    learning = settle_again(by, enrolment, reason=change.reason)
    part = learning.outline.part(attempt.quiz_key)
    unpassed = part.key in before.done and part.key not in learning.done
    # A completion that stood says that they had passed, whatever the facts of now make of it.
    had_passed = before.judgement.passed or before.enrolment.state is EnrolmentState.COMPLETED
    failed = had_passed and not learning.judgement.passed
    if learning.is_open and (unpassed or failed):
        allowing.let_retake(by, enrolment, part, reason=change.reason)
    audit.record(
        by.uuid, "learning.mark_changed", "attempt", attempt.uuid,
        change=change.uuid, cause=change.cause, before=change.percent_before,
        after=change.percent_after, reason=change.reason,
    )  # fmt: skip
    is_shown = part.key in queries.shown_scores(learning)
    notify(
        attempt.person_id,
        NotificationKind.MARK_CHANGED,
        url=f"/attempts/{attempt.uuid}/result",  # told by a job too, without a request
        quiz=part.title,
        course=learning.version.title,
        before=str(change.percent_before) if is_shown else "",
        after=str(change.percent_after) if is_shown else "",
        reason=change.reason,
        reopened="yes" if failed and not before.is_open else "",
    )
