"""The cohorts of courses (angkatan): when they are, how full, and who waits for a seat."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, func, or_, select

from lms.accounts.models import Person
from lms.core import clock
from lms.core.db import db, read
from lms.core.errors import NotFound
from lms.courses.models import Course
from lms.learning import rules
from lms.learning.models import CourseRun, Enrolment, RunWaiting
from lms.learning.queries import EnrolmentView
from lms.learning.rules import EnrolmentState, Registration

MOST_RUNS = 200
MOST_WAITING = 200


@dataclass(frozen=True)
class RunView:
    """A cohort as pages read it. `taken` seats of `seats` (0: no limit); `place` is the reader's
    own in the list of those who wait, 0 for none."""

    id: int
    uuid: UUID
    name: str
    registers_from: date
    registers_until: date
    starts_on: date
    ends_on: date | None
    time_zone: str
    seats: int
    cancelled_at: datetime | None
    taken: int
    waiting: int
    place: int

    @property
    def registration(self) -> Registration:
        return rules.registration(
            clock.today(self.time_zone),
            opens_on=self.registers_from,
            closes_on=self.registers_until,
            is_cancelled=self.cancelled_at is not None,
        )

    @property
    def left(self) -> int:
        """Seats for who comes now, where there is a limit: those who wait and have not moved up
        yet have theirs."""
        return max(0, self.seats - self.taken - self.waiting)

    @property
    def is_full(self) -> bool:
        """Would who comes now have to wait?"""
        return bool(self.seats) and not self.left

    @property
    def is_over(self) -> bool:
        return self.ends_on is not None and clock.today(self.time_zone) > self.ends_on


_TAKEN = (
    select(func.count())
    .where(Enrolment.run_id == CourseRun.id, Enrolment.state != EnrolmentState.WITHDRAWN)
    .correlate(CourseRun)
    .scalar_subquery()
)
_IN_LIST = (RunWaiting.run_id == CourseRun.id, RunWaiting.ended_at.is_(None))
_WAITING = select(func.count()).where(*_IN_LIST).correlate(CourseRun).scalar_subquery()
_OWN = (
    select(RunWaiting.id)
    .where(*_IN_LIST, RunWaiting.person_id == bindparam("person_id"))
    .correlate(CourseRun)
    .scalar_subquery()
)
_PLACE = (
    select(func.count())
    .where(*_IN_LIST, RunWaiting.id <= _OWN)
    .correlate(CourseRun)
    .scalar_subquery()
)
_RUNS = (
    select(
        CourseRun.id,
        CourseRun.uuid,
        CourseRun.name,
        CourseRun.registers_from,
        CourseRun.registers_until,
        CourseRun.starts_on,
        CourseRun.ends_on,
        CourseRun.time_zone,
        CourseRun.seats,
        CourseRun.cancelled_at,
        _TAKEN.label("taken"),
        _WAITING.label("waiting"),
        _PLACE.label("place"),
    )
    .where(CourseRun.course_id == bindparam("course_id"))
    .order_by(CourseRun.starts_on.desc(), CourseRun.id.desc())
    .limit(MOST_RUNS)
)


def runs_of(course_id: int, person_id: int = 0) -> list[RunView]:
    """The cohorts of a course, the latest first, as somebody sees them. The caller has
    authorised."""
    return [
        RunView(**row._mapping) for row in read(_RUNS, course_id=course_id, person_id=person_id)
    ]


def run_view(course_id: int, uuid: UUID) -> RunView:
    """Raises NotFound, also for a cohort of another course."""
    for run in runs_of(course_id):
        if run.uuid == uuid:
            return run
    raise NotFound


def run_for(course_id: int, uuid: UUID) -> CourseRun:
    """For acts. Raises NotFound, also for a cohort of another course."""
    run = db.session.scalar(
        select(CourseRun).where(CourseRun.course_id == course_id, CourseRun.uuid == uuid)
    )
    if run is None:
        raise NotFound
    return run


def taken_in(run: CourseRun) -> int:
    found = select(func.count()).where(
        Enrolment.run_id == run.id, Enrolment.state != EnrolmentState.WITHDRAWN
    )
    return db.session.scalar(found) or 0


def waiting_in(run: CourseRun) -> int:
    found = select(func.count()).where(RunWaiting.run_id == run.id, RunWaiting.ended_at.is_(None))
    return db.session.scalar(found) or 0


def due_runs(now: datetime) -> list[int]:
    """Ids of the cohorts with a free seat that somebody waits for."""
    query = (
        select(CourseRun.id)
        .join(Course, CourseRun.course_id == Course.id)
        .where(
            CourseRun.cancelled_at.is_(None),
            Course.archived_at.is_(None),
            # Which day it is where they are, is asked when seats are given.
            or_(CourseRun.ends_on.is_(None), CourseRun.ends_on >= now.date() - timedelta(days=1)),
            select(RunWaiting.id).where(*_IN_LIST).correlate(CourseRun).exists(),
            or_(CourseRun.seats == 0, CourseRun.seats > _TAKEN),
        )
        .order_by(CourseRun.id)
    )
    return list(db.session.scalars(query))


def in_list(run_id: int) -> Select[RunWaiting]:
    """Who waits for a seat, the first first."""
    return (
        select(RunWaiting)
        .where(RunWaiting.run_id == run_id, RunWaiting.ended_at.is_(None))
        .order_by(RunWaiting.id)
    )


def place_of(waiting: RunWaiting) -> int:
    """1 for whoever gets the next seat."""
    before = select(func.count()).where(
        RunWaiting.run_id == waiting.run_id,
        RunWaiting.ended_at.is_(None),
        RunWaiting.id <= waiting.id,
    )
    return db.session.scalar(before) or 0


def waiting_of(person_id: int, course_id: int) -> RunWaiting | None:
    return db.session.scalar(
        select(RunWaiting).where(
            RunWaiting.person_id == person_id,
            RunWaiting.course_id == course_id,
            RunWaiting.ended_at.is_(None),
        )
    )


_PROMOTED = (
    select(RunWaiting.ended_at)
    .join(
        Enrolment,
        and_(Enrolment.run_id == RunWaiting.run_id, Enrolment.person_id == RunWaiting.person_id),
    )
    .where(Enrolment.id == bindparam("enrolment_id"), RunWaiting.promoted.is_(True))
    .order_by(RunWaiting.id.desc())
    .limit(1)
)


def may_leave(enrolment: EnrolmentView) -> bool:
    """May the learner give up the seat in a cohort? See `rules.may_leave`."""
    if enrolment.run is None or not enrolment.is_open:
        return False
    now, begins_at, promoted_at = clock.now(), enrolment.run.starts_at, None
    if now >= begins_at and not enrolment.done_parts:
        promoted_at = read(_PROMOTED, enrolment_id=enrolment.id).scalar()
    return rules.may_leave(
        now, begins_at=begins_at, promoted_at=promoted_at, done_parts=enrolment.done_parts
    )


def waiting_people(run_id: int) -> list[Any]:
    """`name`, `nip` and `since_at` of those who wait, in their order; at most two hundred."""
    query = (
        select(Person.name, Person.nip, RunWaiting.since_at)
        .join(Person, RunWaiting.person_id == Person.id)
        .where(RunWaiting.run_id == run_id, RunWaiting.ended_at.is_(None))
        .order_by(RunWaiting.id)
    )
    return list(db.session.execute(query.limit(MOST_WAITING)))
