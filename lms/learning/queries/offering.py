"""What closing a course means for people, and the courses that were withdrawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select

from lms.core.db import db
from lms.courses.models import Course, CoursePrerequisite, CourseVersion
from lms.learning.models import (
    Admission,
    Assignment,
    CourseRun,
    CourseWithdrawal,
    Enrolment,
    Obligation,
    RunWaiting,
)
from lms.learning.queries.duties import OWED
from lms.learning.rules import AdmissionState, EnrolmentState


@dataclass(frozen=True)
class Effect:
    """How many are under way in a course; wait to be let in, or for a seat; have to complete it
    without
    being in it yet; and how many courses require it."""

    under_way: int
    waiting: int
    owed: int
    required_by: int


def effect_of(course: Course) -> Effect:
    of_course = select(CourseVersion.id).where(CourseVersion.course_id == course.id)
    runs = select(CourseRun.id).where(CourseRun.course_id == course.id)
    assigned = select(Assignment.id).where(Assignment.course_id == course.id)
    is_inside = exists().where(
        Enrolment.person_id == Obligation.person_id,
        Enrolment.course_id == course.id,
        Enrolment.state == EnrolmentState.OPEN,
    )
    return Effect(
        under_way=_count(
            Enrolment.version_id.in_(of_course), Enrolment.state == EnrolmentState.OPEN
        ),
        waiting=_count(Admission.course_id == course.id, Admission.state == AdmissionState.WAITING)
        + _count(RunWaiting.run_id.in_(runs), RunWaiting.ended_at.is_(None)),
        owed=_count(Obligation.assignment_id.in_(assigned), OWED, ~is_inside),
        required_by=_count(CoursePrerequisite.requires_id == course.id),
    )


def _count(*where: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count()).where(*where)) or 0


def withdrawal_of(course_id: int) -> CourseWithdrawal | None:
    return db.session.get(CourseWithdrawal, course_id)


def due_withdrawals(now: datetime, limit: int) -> Sequence[int]:
    """Ids of the courses of which somebody is to be told, or to be taken out, now."""
    return db.session.scalars(
        select(CourseWithdrawal.course_id)
        .where(CourseWithdrawal.due_at <= now)
        .order_by(CourseWithdrawal.due_at, CourseWithdrawal.course_id)
        .limit(limit)
    ).all()


def under_way_after(course_id: int, after_id: int, limit: int) -> Sequence[Enrolment]:
    """For acts: who is under way in a course, the earliest enrolled first, locked."""
    return db.session.scalars(
        select(Enrolment)
        .where(
            Enrolment.course_id == course_id,
            Enrolment.id > after_id,
            Enrolment.state == EnrolmentState.OPEN,
        )
        .order_by(Enrolment.id)
        .limit(limit)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def assigners_of(course_id: int) -> Sequence[int]:
    """Ids of those whose assignments of the course are not over."""
    return db.session.scalars(
        select(Assignment.assigned_by_id)
        .where(Assignment.course_id == course_id, Assignment.closed_at.is_(None))
        .distinct()
        .order_by(Assignment.assigned_by_id)
    ).all()
