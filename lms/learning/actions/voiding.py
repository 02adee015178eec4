"""Taking an attempt out of the count, with a reason that stays on record."""

from flask_babel import gettext

from lms.accounts.actions.reasons import checked_reason
from lms.core.access import Actor
from lms.core.errors import DomainError
from lms.learning import actions, queries
from lms.learning.rules import EnrolmentState
from lms.quizzes import actions as quizzes
from lms.quizzes.models import Attempt


def void_attempt(actor: Actor, attempt: Attempt, *, reason: str) -> None:
    """Let a learner's attempt count for nothing, so that it may be taken again; twice is once.

    Raises DomainError on `reason`, for an own attempt, and once the course is completed: what it
    has led to stands in the ledgers.
    """
    reason = checked_reason(reason)
    if attempt.person_id == actor.person_id:
        raise DomainError(gettext("Percobaan sendiri dibatalkan oleh orang lain."))
    enrolment = queries.locked_enrolment(attempt.holder)
    if enrolment.state is not EnrolmentState.OPEN:
        raise DomainError(gettext("Kursus ini sudah selesai; percobaannya tidak dapat dibatalkan."))
    if not quizzes.void_attempt(attempt, reason=reason):
        return
    actions.note_void(actor, enrolment, actions.settle(enrolment), attempt)
