"""Who is behind a figure of a part: conditions on enrolments that pick the very learners whom
`counting` counts, by the same rules, so that their list can be read a page at a time."""

from collections import defaultdict
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, exists, false, func, or_, select, type_coerce
from sqlalchemy.orm import aliased

from lms.core.db import db
from lms.courses.models import Activity, CourseVersion
from lms.learning.models import ActivityProgress, Enrolment, LessonDone
from lms.quizzes.models import Attempt, Quiz
from lms.quizzes.rules import GradeMethod
from lms.quizzes.statistics import BANDS

_WIDTH = 100 // BANDS
_Other = aliased(Attempt)


class Reached(StrEnum):
    """What learners did in a part: worked on it, did it, spent time with it that was measured, or
    took a quiz and its pre-test."""

    BEGUN = "begun"
    DONE = "done"
    TIMED = "timed"
    BOTH = "both"


def in_band(score: Any, low: int) -> list[ColumnElement[bool]]:
    """A percent in a bar of a histogram, which begins at `low`; the last one takes in 100."""
    found = [score >= Decimal(low)]
    return found if low >= 100 - _WIDTH else [*found, score < Decimal(low + _WIDTH)]


def reaching(course_id: int, key: str, reached: Reached) -> ColumnElement[bool]:
    """A condition on enrolments of a course, in whichever version they are."""
    if reached is Reached.BEGUN:
        return or_(_lesson(key), _progress(key), _attempt(key))
    if reached is Reached.TIMED:
        return or_(
            _progress(key, ActivityProgress.seconds > 0),
            _attempt(key, Attempt.submitted_at.is_not(None)),
        )
    how = _done if reached is Reached.DONE else _both
    conditions = [
        and_(Enrolment.version_id.in_(ids), how(key, *way))
        for way, ids in _ways(course_id, key).items()
    ]
    return or_(false(), *conditions)


_Way = tuple[Decimal | None, GradeMethod | None, str | None]


def _ways(course_id: int, key: str) -> dict[_Way, list[int]]:
    """How a part is done: the pass mark, the grade method and the pre-test of a quiz; with the
    versions of the course in which it is so."""
    rows = db.session.execute(
        select(Activity.version_id, Quiz.pass_percent, Quiz.grade_method, Quiz.pretest_key)
        .join(CourseVersion, Activity.version_id == CourseVersion.id)
        .outerjoin(Quiz, Activity.quiz_id == Quiz.id)
        .where(CourseVersion.course_id == course_id, Activity.key == key)
    )
    found: dict[_Way, list[int]] = defaultdict(list)
    for row in rows:
        found[row.pass_percent, row.grade_method, row.pretest_key].append(row.version_id)
    return found


def _done(
    key: str, needed: Decimal | None, method: GradeMethod | None, _pretest: str | None
) -> ColumnElement[bool]:
    return _lesson(key) if needed is None else _scored(key, method, needed)


def _both(
    key: str, _needed: Decimal | None, method: GradeMethod | None, pretest: str | None
) -> ColumnElement[bool]:
    if pretest is None:
        return false()
    return and_(_scored(pretest, GradeMethod.FIRST), _scored(key, method))


def _scored(
    key: str, method: GradeMethod | None, needed: Decimal | None = None
) -> ColumnElement[bool]:
    """A score by the grade method, of at least so much: `quizzes.rules.counted` in the words of
    the database. An attempt that waits for a marker has no percent."""
    if method is GradeMethod.AVERAGE:
        return _average(key, needed)
    known = Attempt.percent.is_not(None) if needed is None else Attempt.percent >= needed
    if method is GradeMethod.HIGHEST:
        return _attempt(key, known, _is_made(Attempt))
    beside = exists().where(
        _Other.holder == Attempt.holder,
        _Other.quiz_key == Attempt.quiz_key,
        _Other.voided_at.is_(None),
        _is_made(_Other),
        _Other.number < Attempt.number
        if method is GradeMethod.FIRST
        else _Other.number > Attempt.number,
    )
    return _attempt(key, known, _is_made(Attempt), ~beside.correlate(Attempt))


def _average(key: str, needed: Decimal | None) -> ColumnElement[bool]:
    """The mean is rounded half up to hundredths, which are what is stored: of n attempts with the
    sum s it is at least p where 2 s is at least n (2 p - 1)."""
    count = func.count(Attempt.id)
    conditions = [count > 0, count == func.count(Attempt.percent)]
    if needed is not None:
        total = func.sum(type_coerce(Attempt.percent, Integer))
        conditions.append(2 * total >= count * int(needed * 200 - 1))
    found = select(and_(*conditions)).where(*_of(key), _is_made(Attempt))
    return found.correlate(Enrolment).scalar_subquery()


def _is_made(attempt: Any) -> ColumnElement[bool]:
    return or_(attempt.graded_at.is_not(None), attempt.waits_since.is_not(None))


def _of(key: str) -> list[ColumnElement[bool]]:
    return [
        Attempt.holder == Enrolment.uuid,
        Attempt.quiz_key == key,
        Attempt.voided_at.is_(None),
    ]


def _attempt(key: str, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(*_of(key), *conditions).correlate(Enrolment)


def _lesson(key: str) -> ColumnElement[bool]:
    return (
        exists()
        .where(LessonDone.enrolment_id == Enrolment.id, LessonDone.activity_key == key)
        .correlate(Enrolment)
    )


def _progress(key: str, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return (
        exists()
        .where(
            ActivityProgress.enrolment_id == Enrolment.id,
            ActivityProgress.activity_key == key,
            *conditions,
        )
        .correlate(Enrolment)
    )
