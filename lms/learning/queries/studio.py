"""How the courses of a trainer go: learners, completions, scores."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import case, func, select

from lms.core.db import db
from lms.courses.models import CourseVersion
from lms.learning.models import Enrolment
from lms.learning.rules import EnrolmentState


@dataclass(frozen=True)
class CourseFigures:
    """Of all versions together. `learners` are those under way or done, `score` the mean final
    score of those who completed, to one decimal; None: nobody has one."""

    learners: int
    completed: int
    score: Decimal | None


def figures_of(course_ids: Sequence[int]) -> dict[int, CourseFigures]:
    """By course, for those that anybody learns."""
    done = Enrolment.state == EnrolmentState.COMPLETED
    rows = db.session.execute(
        select(
            CourseVersion.course_id,
            func.count(),
            func.count(case((done, 1))),
            func.avg(case((done, Enrolment.final_score))),
        )
        .join(Enrolment, Enrolment.version_id == CourseVersion.id)
        .where(
            CourseVersion.course_id.in_(course_ids),
            Enrolment.state.in_((EnrolmentState.OPEN, EnrolmentState.COMPLETED)),
        )
        .group_by(CourseVersion.course_id)
    )
    # The databases average what is stored, which is hundredths.
    return {
        course_id: CourseFigures(
            learners, completed, None if score is None else round(Decimal(score) / 100, 1)
        )
        for course_id, learners, completed, score in rows
    }


def under_way_on(version_ids: Sequence[int]) -> dict[int, int]:
    """How many learners are under way, by version, where there are any."""
    rows = db.session.execute(
        select(Enrolment.version_id, func.count())
        .where(Enrolment.version_id.in_(version_ids), Enrolment.state == EnrolmentState.OPEN)
        .group_by(Enrolment.version_id)
    )
    return {version_id: count for version_id, count in rows}  # noqa: C416 - rows are not pairs
