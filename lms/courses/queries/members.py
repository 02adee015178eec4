"""Who writes a course, and who could."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, true

from lms.accounts import rules
from lms.accounts.models import Person, RoleGrant, Unit
from lms.accounts.queries import DEFAULT_ZONE, OF_ROLE, in_force, within
from lms.core import clock
from lms.core.access import Permission
from lms.core.db import db
from lms.core.errors import NotFound
from lms.courses.models import Course, CourseMember
from lms.courses.rules import CourseRole

MOST_FOUND = 20


@dataclass(frozen=True)
class Member:
    uuid: UUID
    name: str
    nip: str
    role: CourseRole
    since_at: datetime


@dataclass(frozen=True)
class Candidate:
    uuid: UUID
    name: str
    nip: str


def members_of(course: Course) -> list[Member]:
    """Owners first, then by name."""
    rows = db.session.execute(
        select(Person.uuid, Person.name, Person.nip, CourseMember.role, CourseMember.since_at)
        .join(Person, CourseMember.person_id == Person.id)
        .where(CourseMember.course_id == course.id)
        .order_by(Person.name, Person.id)
    )
    found = [Member(*row) for row in rows]
    return sorted(found, key=lambda member: list(CourseRole).index(member.role))


def candidates(course: Course, search: str) -> list[Candidate]:
    """Who may use the studio for the unit of the course, above it or below, has no part in it yet,
    and fits the words; at most twenty, by name."""
    members = select(CourseMember.person_id).where(CourseMember.course_id == course.id)
    query = _writers(course, Person.uuid, Person.name, Person.nip).where(Person.id.not_in(members))
    if rules.begins_a_nip(search):
        query = query.where(Person.nip.startswith(rules.tidy_nip(search)))
    else:
        for word in search.lower().split()[:6]:
            query = query.where(func.lower(Person.name).contains(word, autoescape=True))
    rows = db.session.execute(query.order_by(Person.name, Person.id).limit(MOST_FOUND))
    return [Candidate(*row) for row in rows]


def writer_for(course: Course, uuid: UUID) -> Person:
    """Somebody who may have a part in the course, or has one. Raises NotFound for all others."""
    person = db.session.scalar(_writers(course, Person).where(Person.uuid == uuid))
    return person or member_for(course, uuid)


def member_for(course: Course, uuid: UUID) -> Person:
    """A person with a part in the course. Raises NotFound for all others."""
    person = db.session.scalar(
        select(Person)
        .join(CourseMember, CourseMember.person_id == Person.id)
        .where(CourseMember.course_id == course.id, Person.uuid == uuid)
    )
    if person is None:
        raise NotFound
    return person


def _writers(course: Course, *columns: Any) -> Select[Any]:
    roles = [role for role, given in OF_ROLE.items() if Permission.COURSES_STUDIO_USE in given]
    granted = (
        select(RoleGrant.person_id)
        .join(Unit, RoleGrant.unit_id == Unit.id)
        .where(
            RoleGrant.role.in_(roles),
            in_force(RoleGrant, clock.today(DEFAULT_ZONE)),
            _in_line_with(course),
        )
    )
    return select(*columns).where(Person.id.in_(granted), Person.deactivated_at.is_(None))


def _in_line_with(course: Course) -> ColumnElement[bool]:
    if course.owner_unit is None:
        return true()
    path = course.owner_unit.path
    steps = path.strip("/").split("/")
    above = ["/" + "/".join(steps[:count]) + "/" for count in range(1, len(steps))]
    return or_(within((path,)), Unit.path.in_(above))
