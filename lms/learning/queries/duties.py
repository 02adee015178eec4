"""What people have to complete, and until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, func, select

from lms.accounts.models import Person, Unit
from lms.accounts.queries import team
from lms.core import clock
from lms.core.access import Actor
from lms.core.db import UtcDateTime, db, read
from lms.courses.models import Course, CourseVersion
from lms.learning.models import Assignment, Obligation

OWED = and_(Obligation.done_at.is_(None), Obligation.ended_at.is_(None))


@dataclass(frozen=True)
class Duty:
    """A course that somebody has to complete. `source` gave it, on behalf of `unit`."""

    course_id: int
    slug: str
    title: str
    language: str
    due_on: date
    due_at: datetime
    time_zone: str
    source: str
    source_position: str
    unit: str
    covers_unit: bool
    reason: str
    assignment_uuid: UUID
    assignment_path: str
    reminded_at: datetime | None

    @property
    def is_late(self) -> bool:
        return self.due_at <= clock.now()


_DUTIES = (
    select(
        Obligation.course_id,
        Course.slug,
        CourseVersion.title,
        CourseVersion.language,
        Obligation.due_on,
        Obligation.due_at,
        Obligation.time_zone,
        Person.name.label("source"),
        Assignment.assigned_as.label("source_position"),
        Unit.name.label("unit"),
        Assignment.covers_unit,
        Assignment.reason,
        Assignment.uuid.label("assignment_uuid"),
        Unit.path.label("assignment_path"),
        Obligation.reminded_at,
    )
    .join(Assignment, Obligation.assignment_id == Assignment.id)
    .join(Person, Assignment.assigned_by_id == Person.id)
    .join(Unit, Assignment.unit_id == Unit.id)
    .join(Course, Obligation.course_id == Course.id)
    .join(CourseVersion, Course.current_version_id == CourseVersion.id)
    .where(Obligation.person_id == bindparam("person_id"), OWED)
    .order_by(Obligation.due_at, Obligation.id)
    .limit(100)
)


def duties_of(person_id: int) -> list[Duty]:
    """What a person has yet to complete, the earliest deadline first: so the late ones lead. The
    caller has authorised."""
    return [Duty(*row) for row in read(_DUTIES, person_id=person_id)]


@dataclass(frozen=True)
class DutyCount:
    """Courses that somebody had to complete: done, yet to do, and of these late."""

    done: int = 0
    owed: int = 0
    late: int = 0

    @property
    def all(self) -> int:
        return self.done + self.owed


NOTHING = DutyCount()
_NOW = bindparam("now", type_=UtcDateTime)
COUNTS = (  # SQL columns of a `DutyCount`; run with `now`
    func.count().filter(Obligation.done_at.is_not(None)),
    func.count().filter(OWED),
    func.count().filter(OWED, Obligation.due_at <= _NOW),
)
_DUTY_COUNTS = (
    select(Obligation.person_id, *COUNTS)
    .where(Obligation.person_id.in_(bindparam("person_ids", expanding=True)))
    .group_by(Obligation.person_id)
)


def duty_counts(person_ids: Sequence[int]) -> dict[int, DutyCount]:
    """For many people in one query; people who never had to complete a course are left out."""
    rows = read(_DUTY_COUNTS, person_ids=person_ids, now=clock.now())
    return {row[0]: DutyCount(*row[1:]) for row in rows}


def owed_by(actor: Actor, uuids: Sequence[UUID]) -> Select[Obligation]:
    """What these people of the actor's team have yet to complete. Nobody else's."""
    people = [row.id for row in team.members(team.scope_of(actor), uuids)]
    owed = select(Obligation).where(Obligation.person_id.in_(people), OWED)
    return owed.order_by(Obligation.id)  # locked in one order by everybody


def owes(person_id: int, course_id: int) -> bool:
    """Has this person yet to complete the course?"""
    owed = select(Obligation.id).where(
        Obligation.person_id == person_id, Obligation.course_id == course_id, OWED
    )
    return db.session.scalar(owed) is not None


def due_notices(now: datetime, limit: int) -> list[Obligation]:
    """For acts: obligations of which there is something to tell now, kept from other sweeps."""
    return list(
        db.session.scalars(
            select(Obligation)
            .where(Obligation.notice_at <= now)
            .order_by(Obligation.notice_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )
