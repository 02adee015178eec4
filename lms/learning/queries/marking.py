"""Essays that wait for a marker, the longest waiting first, and those that were marked."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, select, tuple_

from lms.accounts.models import Person, Unit
from lms.core.access import Actor
from lms.core.db import db, read
from lms.core.errors import Forbidden, NotFound
from lms.courses import queries as courses
from lms.courses.models import Course, CourseVersion
from lms.courses.queries.studio import courses_of
from lms.courses.rules import CourseRole
from lms.learning.models import Enrolment
from lms.learning.queries import EnrolmentView, enrolment_view
from lms.learning.rules import EnrolmentState
from lms.quizzes.models import AnswerMark, Attempt
from lms.quizzes.queries import mark_by_uuid
from lms.quizzes.queries.corrections import is_left_out

PAGE = 25
MANY = 99  # the navigation counts no further
TEACHING = (CourseRole.OWNER, CourseRole.AUTHOR, CourseRole.MARKER)


@dataclass(frozen=True)
class Asked:
    """What a marker wants to see; "" is every course, every quiz."""

    slug: str = ""
    quiz: str = ""
    marked: bool = False


@dataclass(frozen=True)
class QueueRow:
    """An essay in the queue. `points` None: not marked yet."""

    uuid: UUID
    slug: str
    course: str
    language: str
    quiz: str
    question: int
    name: str
    number: int
    submitted_at: datetime
    points: Decimal | None


_COUNTING = (Attempt.voided_at.is_(None), Enrolment.state != EnrolmentState.WITHDRAWN)
_COLUMNS = (
    AnswerMark.uuid, AnswerMark.question_id, AnswerMark.submitted_at, AnswerMark.points,
    Attempt.quiz_key, Attempt.number, Person.name, Course.slug, Enrolment.version_id,
    CourseVersion.uuid.label("version_uuid"),
)  # fmt: skip


_WAITS = and_(
    AnswerMark.marked_at.is_(None), ~is_left_out(Attempt.quiz_key, AnswerMark.question_id)
)


def _joined(*columns: Any) -> Select[Any]:
    """Essays of attempts that count. The bank is the course's: its index finds them."""
    return (
        select(*columns)
        .select_from(AnswerMark)
        .join(Attempt, AnswerMark.attempt_id == Attempt.id)
        .join(Enrolment, Enrolment.uuid == Attempt.holder)
        .join(Course, AnswerMark.bank == Course.uuid)
        .where(*_COUNTING)
    )


def _queue(actor: Actor, asked: Asked) -> Select[Any]:
    """Nobody marks their own."""
    query = (
        _joined(*_COLUMNS)
        .join(Person, Attempt.person_id == Person.id)
        .join(CourseVersion, Enrolment.version_id == CourseVersion.id)
        .outerjoin(Unit, Course.owner_unit_id == Unit.id)
        .where(
            courses_of(actor, *TEACHING),
            Attempt.person_id != actor.person_id,
            AnswerMark.marked_at.is_not(None) if asked.marked else _WAITS,
        )
    )
    if asked.slug:
        query = query.where(Course.slug == asked.slug)
    return query.where(Attempt.quiz_key == asked.quiz) if asked.quiz else query


_PLACE = (AnswerMark.submitted_at, AnswerMark.id)


def queue(actor: Actor, asked: Asked, after: UUID | None) -> tuple[list[QueueRow], bool]:
    """One page of the essays that the actor may mark, and whether there are more."""
    query = _queue(actor, asked)
    last = _place_of(after) if after else None
    if last is not None:
        query = query.where(tuple_(*_PLACE) > last)
    rows = db.session.execute(query.order_by(*_PLACE).limit(PAGE + 1)).all()
    return [_row(row) for row in rows[:PAGE]], len(rows) > PAGE


def _row(row: Any) -> QueueRow:
    version = courses.version_view(row.version_uuid, row.version_id)
    return QueueRow(
        uuid=row.uuid,
        slug=row.slug,
        course=version.title,
        language=version.language,
        quiz=courses.outline(version).part(row.quiz_key).title,
        question=row.question_id,
        name=row.name,
        number=row.number,
        submitted_at=row.submitted_at,
        points=row.points,
    )


def _place_of(uuid: UUID) -> tuple[datetime, int] | None:
    row = db.session.execute(select(*_PLACE).where(AnswerMark.uuid == uuid)).first()
    return (row[0], row[1]) if row else None


def neighbours(actor: Actor, asked: Asked, uuid: UUID) -> tuple[UUID | None, UUID | None]:
    """The essays before and after one in the queue, also when it has left it meanwhile."""
    place = _place_of(uuid)
    found: list[UUID | None] = []
    for before in (True, False):
        query = _queue(actor, asked)
        if place is not None:
            own = tuple_(*_PLACE)
            query = query.where(own < place if before else own > place)
        order = [column.desc() for column in _PLACE] if before else list(_PLACE)
        row = db.session.execute(query.order_by(*order).limit(1)).first()
        found.append(row.uuid if row else None)
    return found[0], found[1]


def counts(actor: Actor) -> list[tuple[str, str, str, int]]:
    """Slug, title and language of each course with essays that the actor may mark, and how many
    wait; the courses by title."""
    waits: ColumnElement[int] = func.count().filter(_WAITS)
    rows = db.session.execute(
        _joined(Course.slug, CourseVersion.title, CourseVersion.language, waits)
        .join(CourseVersion, Course.current_version_id == CourseVersion.id)
        .outerjoin(Unit, Course.owner_unit_id == Unit.id)
        .where(courses_of(actor, *TEACHING), Attempt.person_id != actor.person_id)
        .group_by(Course.slug, CourseVersion.title, CourseVersion.language)
        .order_by(CourseVersion.title)
    )
    return [(slug, title, language, count) for slug, title, language, count in rows]


def quizzes_in(actor: Actor, slug: str) -> list[tuple[str, str]]:
    """Key and title of each quiz of a course that has essays which the actor may mark, in the
    order of the course; of one that the course has no longer the key alone."""
    keys = set(
        db.session.scalars(
            _joined(Attempt.quiz_key)
            .outerjoin(Unit, Course.owner_unit_id == Unit.id)
            .where(courses_of(actor, *TEACHING), Course.slug == slug)
            .distinct()
        )
    )
    if not keys:
        return []
    parts = courses.outline(courses.current_version(actor, slug)).parts
    here = [(part.key, part.title) for part in parts if part.key in keys]
    return here + [(key, key) for key in sorted(keys - {key for key, _ in here})]


_WAITING = select(func.count()).select_from(
    _joined(AnswerMark.id)
    .where(Course.slug == bindparam("slug"), _WAITS)
    .limit(MANY + 1)
    .subquery()
)


def waiting_in(slug: str) -> int:
    """How many essays of a course wait for a marker, counted up to a limit."""
    return int(read(_WAITING, slug=slug).scalar_one())


def waiting_for(actor: Actor) -> int:
    """How many essays the actor could mark now, counted up to a limit."""
    waiting = _queue(actor, Asked()).limit(MANY + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(waiting)) or 0


def mark_for(actor: Actor, course: Course, uuid: UUID) -> tuple[AnswerMark, EnrolmentView, str]:
    """An essay of a course with the enrolment it counts for and its author's name; the caller has
    authorised for the course.

    Raises NotFound for one of another course, and of an attempt that counts for nothing; Forbidden
    for one's own.
    """
    mark = mark_by_uuid(uuid)
    row = db.session.execute(
        _joined(Person.name, Attempt.person_id)
        .join(Person, Attempt.person_id == Person.id)
        .where(AnswerMark.uuid == uuid, Course.id == course.id)
    ).first()
    if mark is None or row is None:
        raise NotFound
    if row.person_id == actor.person_id:
        raise Forbidden
    return mark, enrolment_view(mark.attempt.holder), row.name


def mark_slug(uuid: UUID | None) -> str | None:
    """The course of an essay."""
    if uuid is None:
        return None
    return db.session.scalar(
        select(Course.slug)
        .join(AnswerMark, AnswerMark.bank == Course.uuid)
        .where(AnswerMark.uuid == uuid)
    )


def marker_of(mark: AnswerMark) -> str:
    """Who has marked an essay."""
    name = db.session.scalar(select(Person.name).where(Person.id == mark.marked_by_id))
    return name or ""
