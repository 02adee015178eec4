"""Who does what on a course."""

from flask_babel import gettext
from sqlalchemy import func, select

from lms.accounts.models import Person
from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.db import db, lock_row
from lms.core.errors import DomainError
from lms.courses.models import Course, CourseMember
from lms.courses.rules import CourseRole


def set_member(actor: Actor, course: Course, person: Person, role: CourseRole) -> None:
    """Give somebody a part in a course, or another one than before. Raises DomainError where the
    course would have no owner left."""
    lock_row(course)
    member = db.session.get(CourseMember, (course.id, person.id))
    if member is None:
        db.session.add(
            CourseMember(course_id=course.id, person_id=person.id, role=role, since_at=clock.now())
        )
    elif member.role is role:
        return
    else:
        _assert_not_last_owner(member)
        member.role, member.since_at = role, clock.now()
    _record(actor, "courses.member_set", course, person, role)


def remove_member(actor: Actor, course: Course, person: Person) -> CourseRole | None:
    """Take somebody's part in a course away, and tell what it was; who has none loses nothing."""
    lock_row(course)
    member = db.session.get(CourseMember, (course.id, person.id))
    if member is None:
        return None
    _assert_not_last_owner(member)
    role = member.role
    db.session.delete(member)
    _record(actor, "courses.member_removed", course, person, role)
    return role


def _assert_not_last_owner(member: CourseMember) -> None:
    owners = db.session.scalar(
        select(func.count())
        .select_from(CourseMember)
        .where(CourseMember.course_id == member.course_id, CourseMember.role == CourseRole.OWNER)
    )
    if member.role is CourseRole.OWNER and owners == 1:
        raise DomainError(
            gettext("Kursus harus punya paling sedikit satu pemilik. Tambahkan yang lain dahulu.")
        )


def _record(actor: Actor, act: str, course: Course, person: Person, role: CourseRole) -> None:
    audit.record(actor, act, "person", person.uuid, course=course.uuid, role=role.value)
