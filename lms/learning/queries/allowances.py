"""What people may beyond the limits of quizzes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Integer, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from lms.accounts.models import Person
from lms.core.db import UtcDateTime, db, read
from lms.core.errors import NotFound
from lms.courses.queries import Part
from lms.learning.models import QuizAllowance, TimeRight
from lms.quizzes.models import Attempt
from lms.quizzes.rules import NO_ALLOWANCE, Allowance, allowed

PAGE = 25

_OfRun = aliased(QuizAllowance)
# What somebody was given alone stands before what their cohort was given, each for itself.
_OF = (
    select(
        TimeRight.percent,
        func.coalesce(func.nullif(QuizAllowance.extra_time, 0), _OfRun.extra_time),
        func.coalesce(func.nullif(QuizAllowance.extra_attempts, 0), _OfRun.extra_attempts),
        func.coalesce(QuizAllowance.closes_at, _OfRun.closes_at, type_=UtcDateTime),
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
    .outerjoin(
        _OfRun,
        and_(
            _OfRun.run_id == bindparam("run_id", type_=Integer),
            _OfRun.quiz_key == bindparam("quiz_key"),
            _OfRun.ended_at.is_(None),
        ),
    )
    .where(
        Person.id == bindparam("person_id"),
        or_(
            TimeRight.id.is_not(None), QuizAllowance.id.is_not(None), _OfRun.id.is_not(None),
        ),
    )
)  # fmt: skip


def allowance_of(person_id: int, course_id: int, quiz_key: str, run_id: int | None) -> Allowance:
    """What holds now for a person in a quiz: the standing right, and what was given for the quiz
    to them or to the cohort in which they are."""
    row = read(
        _OF, person_id=person_id, course_id=course_id, quiz_key=quiz_key, run_id=run_id
    ).first()
    if row is None:
        return NO_ALLOWANCE
    percent, time, attempts, closes_at = row
    return Allowance(percent or 100, time or 0, attempts or 0, closes_at)


def with_allowance(part: Part, allowance: Allowance) -> Part:
    """A quiz as it is for somebody with an allowance."""
    return replace(part, limits=allowed(part.limits, allowance))


@dataclass(frozen=True)
class Given:
    """An allowance as its list tells it; `name` is that of a person, or of a cohort; `is_replaced`:
    another one holds."""

    uuid: UUID
    id: int
    name: str
    is_run: bool
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
        or_(holding.person_id == QuizAllowance.person_id, holding.run_id == QuizAllowance.run_id),
        holding.course_id == QuizAllowance.course_id,
        holding.quiz_key == QuizAllowance.quiz_key,
        holding.ended_at.is_(None),
        holding.id != QuizAllowance.id,
    )
    query = (
        select(QuizAllowance, is_replaced)
        .where(QuizAllowance.course_id == course_id)
        .options(
            joinedload(QuizAllowance.person),
            joinedload(QuizAllowance.run),
            joinedload(QuizAllowance.given_by),
        )
        .order_by(QuizAllowance.id.desc())
        .limit(PAGE + 1)
    )
    if before is not None:
        query = query.where(QuizAllowance.id < before)
    rows = db.session.execute(query).all()
    found = [
        Given(
            row.uuid, row.id, _holder(row), row.run_id is not None, row.quiz_key, row.extra_time,
            row.extra_attempts, row.closes_at, row.reason, row.given_by.name, row.given_at,
            row.ended_at, is_replaced,
        )
        for row, is_replaced in rows[:PAGE]
    ]  # fmt: skip
    return found, len(rows) > PAGE


def holding(allowance: QuizAllowance) -> QuizAllowance | None:
    """What holds for the same person, or the same cohort, in the same quiz."""
    return db.session.scalar(
        select(QuizAllowance).where(
            QuizAllowance.run_id == allowance.run_id
            if allowance.run_id is not None
            else QuizAllowance.person_id == allowance.person_id,
            QuizAllowance.course_id == allowance.course_id,
            QuizAllowance.quiz_key == allowance.quiz_key,
            QuizAllowance.ended_at.is_(None),
        )
    )


def _holder(row: QuizAllowance) -> str:
    holder = row.person or row.run
    assert holder is not None
    return holder.name


def quizzes_eased(run_id: int) -> Sequence[str]:
    """Keys of the quizzes in which something was given to a cohort and holds."""
    return db.session.scalars(
        select(QuizAllowance.quiz_key).where(
            QuizAllowance.run_id == run_id, QuizAllowance.ended_at.is_(None)
        )
    ).all()


def running_in(holders: Sequence[UUID], quiz_key: str) -> Sequence[Attempt]:
    """The attempts at a quiz that nobody has submitted yet, of these enrolments."""
    return db.session.scalars(
        select(Attempt)
        .where(
            Attempt.holder.in_(holders),
            Attempt.quiz_key == quiz_key,
            Attempt.submitted_at.is_(None),
        )
        .order_by(Attempt.id)
    ).all()


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
