"""What people may beyond the limits of quizzes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, bindparam, exists, or_, select
from sqlalchemy.orm import aliased, joinedload

from lms.accounts.models import Person
from lms.core.db import db, read
from lms.core.errors import NotFound
from lms.courses.queries import Part
from lms.learning.models import QuizAllowance, TimeRight
from lms.quizzes.rules import NO_ALLOWANCE, Allowance, allowed

PAGE = 25

_OF = (
    select(
        TimeRight.percent,
        QuizAllowance.extra_time,
        QuizAllowance.extra_attempts,
        QuizAllowance.closes_at,
    )
    .select_from(Person)
    .outerjoin(TimeRight, and_(TimeRight.person_id == Person.id, TimeRight.ended_at.is_(None)))
    .outerjoin(
        QuizAllowance,
        and_(
            QuizAllowance.person_id == Person.id,
            QuizAllowance.course_id == bindparam("course_id"),
            QuizAllowance.quiz_key == bindparam("quiz_key"),
            QuizAllowance.ended_at.is_(None),
        ),
    )
    .where(
        Person.id == bindparam("person_id"),
        or_(TimeRight.id.is_not(None), QuizAllowance.id.is_not(None)),
    )
)


def allowance_of(person_id: int, course_id: int, quiz_key: str) -> Allowance:
    """What holds now for a person in a quiz: the standing right and what was given for it."""
    row = read(_OF, person_id=person_id, course_id=course_id, quiz_key=quiz_key).first()
    if row is None:
        return NO_ALLOWANCE
    percent, time, attempts, closes_at = row
    return Allowance(percent or 100, time or 0, attempts or 0, closes_at)


def with_allowance(part: Part, allowance: Allowance) -> Part:
    """A quiz as it is for somebody with an allowance."""
    return replace(part, limits=allowed(part.limits, allowance))


@dataclass(frozen=True)
class Given:
    """An allowance as its list tells it; `is_replaced`: another one holds."""

    uuid: UUID
    id: int
    name: str
    quiz_key: str
    extra_time: int
    extra_attempts: int
    closes_at: datetime | None
    reason: str
    by: str
    given_at: datetime
    ended_at: datetime | None
    is_replaced: bool


def given_in(course_id: int, before: int | None) -> tuple[list[Given], bool]:
    """The allowances of a course, the newest first; those with a smaller id than `before`."""
    holding = aliased(QuizAllowance)
    is_replaced = exists().where(
        holding.person_id == QuizAllowance.person_id,
        holding.course_id == QuizAllowance.course_id,
        holding.quiz_key == QuizAllowance.quiz_key,
        holding.ended_at.is_(None),
        holding.id != QuizAllowance.id,
    )
    query = (
        select(QuizAllowance, is_replaced)
        .where(QuizAllowance.course_id == course_id)
        .options(joinedload(QuizAllowance.person), joinedload(QuizAllowance.given_by))
        .order_by(QuizAllowance.id.desc())
        .limit(PAGE + 1)
    )
    if before is not None:
        query = query.where(QuizAllowance.id < before)
    rows = db.session.execute(query).all()
    found = [
        Given(
            row.uuid, row.id, row.person.name, row.quiz_key, row.extra_time, row.extra_attempts,
            row.closes_at, row.reason, row.given_by.name, row.given_at, row.ended_at, is_replaced,
        )
        for row, is_replaced in rows[:PAGE]
    ]  # fmt: skip
    return found, len(rows) > PAGE


def holding(allowance: QuizAllowance) -> QuizAllowance | None:
    """What holds for the same person in the same quiz."""
    return db.session.scalar(
        select(QuizAllowance).where(
            QuizAllowance.person_id == allowance.person_id,
            QuizAllowance.course_id == allowance.course_id,
            QuizAllowance.quiz_key == allowance.quiz_key,
            QuizAllowance.ended_at.is_(None),
        )
    )


def allowance_for(course_id: int, uuid: UUID) -> QuizAllowance:
    """Raises NotFound, also for one of another course. The caller has authorised for the course."""
    found = db.session.scalar(
        select(QuizAllowance).where(
            QuizAllowance.uuid == uuid, QuizAllowance.course_id == course_id
        )
    )
    if found is None:
        raise NotFound
    return found


def time_rights_of(person_id: int) -> Sequence[TimeRight]:
    """The rights to more time of a person, the newest first; at most one holds."""
    return db.session.scalars(
        select(TimeRight)
        .where(TimeRight.person_id == person_id)
        .options(joinedload(TimeRight.given_by))
        .order_by(TimeRight.id.desc())
        .limit(PAGE)
    ).all()
