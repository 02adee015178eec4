"""The first attempts behind the figures of a quiz and of its questions, by learner."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, case, exists, select
from sqlalchemy.orm import aliased

from lms.accounts.models import Person
from lms.accounts.queries import Post, posts_of
from lms.core.db import db
from lms.courses.models import Activity, CourseVersion
from lms.learning.models import Enrolment
from lms.learning.queries.counting import MOST_ATTEMPTS
from lms.learning.queries.reaching import in_band
from lms.learning.rules import EnrolmentState
from lms.quizzes.marking import Value
from lms.quizzes.models import Answer, Attempt, QuizQuestion

PAGE = 25
_Earlier = aliased(Attempt)


@dataclass(frozen=True)
class Wanted:
    """Which ones. `low` is the least percent of a band of ten; `question_id` a question that they
    were asked, and `accepts` says of an answer to it whether it is wanted."""

    run_id: int | None = None
    low: int | None = None
    question_id: int | None = None
    accepts: Callable[[Value], bool] | None = None


@dataclass(frozen=True)
class FirstAttempt:
    """`value` is the answer to the question, `fraction` what it earned, 0 to 1 as text; None
    without one."""

    uuid: UUID
    enrolment: UUID
    name: str
    post: Post | None
    percent: Decimal
    submitted_at: datetime | None
    value: Value
    fraction: str | None


def first_attempts(
    course_id: int, key: str, wanted: Wanted, after: UUID | None
) -> tuple[list[FirstAttempt], int, bool]:
    """One page by name, how many there are, and whether more follow. Those that `counting` counts:
    of everybody who did not withdraw, graded, not voided, the newest enrolments where there are
    very many. The caller has authorised."""
    found = _wanted(course_id, key, wanted)
    places = {uuid: at for at, (_, uuid) in enumerate(found, start=1)}
    start = places.get(after, 0) if after else 0
    shown = [id_ for id_, _ in found[start : start + PAGE]]
    return _rows(shown, wanted.question_id), len(found), len(found) > start + PAGE


def _wanted(course_id: int, key: str, wanted: Wanted) -> list[tuple[int, UUID]]:
    first = _first(course_id, key, wanted.run_id).subquery()
    columns: list[Any] = [Attempt.id, Attempt.uuid]
    if wanted.question_id is not None:
        # An answer says that the question was asked; the others are to be looked up.
        layout = case((Answer.attempt_id.is_(None), Attempt.layout)).label("layout")
        columns += [layout, Answer.value]
    query = (
        select(*columns)
        .select_from(Attempt)
        .join(first, first.c.id == Attempt.id)
        .join(Person, Attempt.person_id == Person.id)
        .order_by(Person.name, Attempt.id)
    )
    if wanted.low is not None:
        query = query.where(*in_band(Attempt.percent, wanted.low))
    if wanted.question_id is None:
        return [(row.id, row.uuid) for row in db.session.execute(query)]
    return [
        (row.id, row.uuid)
        for row in db.session.execute(_with_answer(query, wanted.question_id))
        if (row.layout is None or wanted.question_id in [id_ for id_, _ in row.layout])
        and (wanted.accepts is None or wanted.accepts(row.value or []))
    ]


def _first(course_id: int, key: str, run_id: int | None) -> Select[int]:
    before = exists().where(
        _Earlier.holder == Attempt.holder,
        _Earlier.quiz_key == Attempt.quiz_key,
        _Earlier.voided_at.is_(None),
        _Earlier.number < Attempt.number,
    )
    query = (
        select(Attempt.id)
        .join(Enrolment, Enrolment.uuid == Attempt.holder)
        .where(
            Enrolment.course_id == course_id,
            Enrolment.state != EnrolmentState.WITHDRAWN,
            Attempt.quiz_key == key,
            Attempt.voided_at.is_(None),
            Attempt.graded_at.is_not(None),
            ~before.correlate(Attempt),
        )
        .order_by(Enrolment.id.desc())
        .limit(MOST_ATTEMPTS)
    )
    return query if run_id is None else query.where(Enrolment.run_id == run_id)


def _with_answer(query: Select[*tuple[Any, ...]], question_id: int) -> Select[*tuple[Any, ...]]:
    return query.outerjoin(
        Answer, and_(Answer.attempt_id == Attempt.id, Answer.question_id == question_id)
    )


def _rows(ids: Sequence[int], question_id: int | None) -> list[FirstAttempt]:
    query = (
        select(
            Attempt.uuid, Attempt.percent, Attempt.submitted_at, Attempt.person_id, Person.name,
            Enrolment.uuid.label("enrolment"), Answer.value, Answer.fraction,
        )
        .select_from(Attempt)
        .join(Person, Attempt.person_id == Person.id)
        .join(Enrolment, Enrolment.uuid == Attempt.holder)
        .where(Attempt.id.in_(ids))
        .order_by(Person.name, Attempt.id)
    )  # fmt: skip
    rows = db.session.execute(_with_answer(query, question_id or 0)).all()
    posts = posts_of([row.person_id for row in rows])
    return [
        FirstAttempt(
            row.uuid, row.enrolment, row.name, posts.get(row.person_id), row.percent,
            row.submitted_at, row.value or [], row.fraction,
        )
        for row in rows
    ]  # fmt: skip


def versions_asking(
    course_id: int, quiz_key: str, question_ids: Sequence[int]
) -> dict[int, list[int]]:
    """By question the numbers of the versions of a course in which a quiz asks it."""
    rows = db.session.execute(
        select(QuizQuestion.question_id, CourseVersion.number)
        .join(Activity, Activity.quiz_id == QuizQuestion.quiz_id)
        .join(CourseVersion, Activity.version_id == CourseVersion.id)
        .where(
            CourseVersion.course_id == course_id,
            Activity.key == quiz_key,
            QuizQuestion.question_id.in_(question_ids),
        )
        .order_by(CourseVersion.number)
    )
    found: dict[int, list[int]] = {id_: [] for id_ in question_ids}
    for question_id, number in rows:
        found[question_id].append(number)
    return found
