"""Closing a course to newcomers: archived, it is only put away; withdrawn, its learners are told,
and either finish or are taken out after a day. Offering it again undoes both."""

from datetime import date

from flask_babel import gettext

from lms.accounts.actions.reasons import checked_reason
from lms.core import audit, clock, i18n, jobs
from lms.core.access import Actor
from lms.core.db import db, lock_row
from lms.core.errors import DomainError
from lms.courses.actions import drafts
from lms.courses.models import Course
from lms.courses.queries import current_version_of
from lms.learning import rules
from lms.learning.actions import running
from lms.learning.models import CourseWithdrawal
from lms.learning.queries import offering as queries
from lms.learning.rules import WithdrawalStep
from lms.notifications.actions import notify
from lms.notifications.rules import NotificationKind

SWEEP = "withdrawals"
TOGETHER = 50  # learners in one transaction


def archive(actor: Actor, course: Course, *, reason: str) -> None:
    """Raises DomainError on `reason`, and for a course that was never published."""
    drafts.archive(actor, course, checked_reason(reason))


def withdraw(actor: Actor, course: Course, *, reason: str, ends_on: date | None) -> None:
    """Take a course back: nobody enters it any more, not even who has to complete it. Its learners
    are told, a minute later; with `ends_on`, that it ends for them after that day of the actor's
    zone. Who assigned it is told at once. Twice is once.

    Raises DomainError on `reason`, on `ends_on` in the past, and for a course that was never
    published.
    """
    reason = checked_reason(reason)
    if ends_on is not None and ends_on < clock.today(actor.time_zone):
        raise DomainError(gettext("Isi hari ini atau sesudahnya."), "ends_on")
    if not drafts.withdraw(actor, course, reason, ends_on):
        return
    _forget(course)
    db.session.add(
        CourseWithdrawal(
            course_id=course.id, step=WithdrawalStep.TELLING, ends_on=ends_on,
            time_zone=actor.time_zone, due_at=clock.now() + rules.UNDO,
        )
    )  # fmt: skip
    db.session.flush()
    for person_id in queries.assigners_of(course.id):
        _tell(person_id, course, NotificationKind.COURSE_STOPPED, to="assigner")
    jobs.hint(SWEEP)


def offer_again(actor: Actor, course: Course) -> None:
    """Undo either. Learners who were told that the course ends hear that it goes on; those who were
    taken out stay out, and may enter anew."""
    if not drafts.unarchive(actor, course):
        return
    kept = queries.withdrawal_of(course.id)
    if kept is None:
        return
    has_told = kept.after_id > 0 or kept.step is WithdrawalStep.ENDING
    if kept.ends_on is None or kept.due_at is None or not has_told:
        _forget(course)
        return
    kept.step, kept.after_id, kept.due_at = WithdrawalStep.RESUMING, 0, clock.now()
    db.session.flush()
    jobs.hint(SWEEP)


def _forget(course: Course) -> None:
    kept = queries.withdrawal_of(course.id)
    if kept is not None:
        db.session.delete(kept)
        db.session.flush()


def carry_on(course_id: int) -> bool:
    """Tell the next learners, or take them out; is nothing left to do now?"""
    course = db.session.get_one(Course, course_id)
    lock_row(course)
    kept = queries.withdrawal_of(course_id)
    if kept is None or kept.due_at is None or kept.due_at > clock.now():
        return True
    if kept.step is WithdrawalStep.ENDING:
        return _end(course, kept)
    kind = NotificationKind.COURSE_STOPPED
    if kept.step is WithdrawalStep.RESUMING:
        kind = NotificationKind.COURSE_RESUMED
    found = queries.under_way_after(course_id, kept.after_id, TOGETHER)
    for enrolment in found:
        _tell(enrolment.person_id, course, kind, kept)
        kept.after_id = enrolment.id
    if len(found) == TOGETHER:
        return False
    if kept.step is WithdrawalStep.RESUMING:
        _forget(course)
    elif kept.ends_on is None:
        kept.due_at = None
    else:
        kept.step = WithdrawalStep.ENDING
        kept.due_at = rules.end_of_day(kept.ends_on, kept.time_zone)
    db.session.flush()
    return True


def _end(course: Course, kept: CourseWithdrawal) -> bool:
    found = queries.under_way_after(course.id, 0, TOGETHER)
    running.take_out_all(None, course, found, course.closed_reason)
    if len(found) == TOGETHER:
        return False
    audit.record(None, "courses.ended", "course", course.uuid)
    kept.due_at = None
    db.session.flush()
    return True


def _tell(
    person_id: int, course: Course, kind: NotificationKind, kept: CourseWithdrawal | None = None,
    to: str = "learner",
) -> None:  # fmt: skip
    notify(
        person_id,
        kind,
        url="/assignments" if to == "assigner" else f"/courses/{course.slug}",
        course=current_version_of(course.id).title,
        reason=course.closed_reason,
        ends=kept.ends_on.isoformat() if kept and kept.ends_on else "",
        zone=i18n.zone_name(kept.time_zone) if kept else "",
        to=to,
    )
