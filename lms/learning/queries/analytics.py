"""What was counted over all learners of a course, as it is kept.

Counting itself stands in `counting`; a job does it, so that a page reads one row however many
learners there are.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, or_, select

from lms.core.db import db, read
from lms.courses import queries as courses
from lms.courses.models import Course, CourseVersion
from lms.courses.queries import VersionView
from lms.learning.models import CourseAnalysis, RunAnalysis
from lms.quizzes.statistics import Flag, ItemStatistics, QuizStatistics

COUNT_EVERY = timedelta(days=1)


@dataclass(frozen=True)
class PartFigures:
    """One part of a course: who began it, who did it, who stopped before it was done; the median
    of the minutes spent with it, and by how many that is told."""

    key: str
    begun: int
    done: int
    stopped: int
    minutes: float | None
    timed: int


@dataclass(frozen=True)
class GainFigures:
    """A post-test beside its pre-test: mean percents of those who took both."""

    count: int
    before: float
    after: float


@dataclass(frozen=True)
class ItemFigures:
    """A question over first attempts. `chosen` is how many chose each option (or matched each stem,
    or put each item in its place); `typed` are the answers that several typed, the commonest first,
    with how many and whether it earns points; `open` is how many left it without an answer.
    `is_left_out`: after a correction it counts no longer."""

    question_id: int
    statistics: ItemStatistics
    chosen: tuple[int, ...]
    typed: tuple[tuple[str, int, bool], ...]
    open: int
    flags: tuple[Flag, ...]
    is_left_out: bool = False


@dataclass(frozen=True)
class QuizFigures:
    """A quiz over first attempts. `statistics` None: nobody has taken it. `is_cut`: there are more
    attempts, and the newest were counted. `earlier` are questions, or versions of them, that were
    asked once and are not today."""

    key: str
    statistics: QuizStatistics | None
    histogram: tuple[int, ...]
    is_cut: bool
    gain: GainFigures | None
    items: tuple[ItemFigures, ...]
    earlier: tuple[ItemFigures, ...]


@dataclass(frozen=True)
class CourseFigures:
    """A course over everybody who did not withdraw. `quiet` is who has an open enrolment and has
    not been seen in it for two weeks; `scores` a histogram of the final scores of those who
    completed it, with their mean."""

    learners: int
    completed: int
    quiet: int
    withdrawn: int
    scores: tuple[int, ...]
    mean_score: float | None
    parts: tuple[PartFigures, ...]
    quizzes: tuple[QuizFigures, ...]


@dataclass(frozen=True)
class Counted:
    """A course, and each of its cohorts by id, counted at once."""

    course: CourseFigures
    runs: dict[int, CourseFigures]


@dataclass(frozen=True)
class Analysis:
    """What is kept of a course: `figures` None until it was counted for the first time. `version`
    is the one whose parts are told; `is_asked`: it is about to be counted anew."""

    version: VersionView | None
    figures: CourseFigures | None
    counted_at: datetime | None
    is_asked: bool


_KEPT = (
    select(
        CourseAnalysis.version_id,
        CourseVersion.uuid.label("version_uuid"),
        CourseAnalysis.figures,
        CourseAnalysis.counted_at,
        CourseAnalysis.asked_at,
    )
    .outerjoin(CourseVersion, CourseAnalysis.version_id == CourseVersion.id)
    .where(CourseAnalysis.course_id == bindparam("course_id"))
)


_OF_RUN = select(RunAnalysis.figures).where(RunAnalysis.run_id == bindparam("run_id"))


def analysis_of(course_id: int, run_id: int | None = None) -> Analysis:
    """Of everybody, or of one cohort. The caller has authorised."""
    row = read(_KEPT, course_id=course_id).first()
    if row is None:
        return Analysis(None, None, None, is_asked=False)
    version = courses.version_view(row.version_uuid, row.version_id) if row.version_id else None
    stored = row.figures
    if run_id is not None:
        stored = read(_OF_RUN, run_id=run_id).scalar()
    figures = _figures(stored) if stored else None
    return Analysis(version, figures, row.counted_at, row.asked_at is not None)


def due_courses(now: datetime, limit: int) -> list[int]:
    """Ids of published courses to be counted now, those asked for first."""
    return list(
        db.session.scalars(
            select(Course.id)
            .outerjoin(CourseAnalysis, CourseAnalysis.course_id == Course.id)
            .where(
                Course.current_version_id.is_not(None),
                or_(
                    CourseAnalysis.counted_at.is_(None),
                    CourseAnalysis.asked_at.is_not(None),
                    CourseAnalysis.counted_at < now - COUNT_EVERY,
                ),
            )
            .order_by(CourseAnalysis.asked_at.is_(None), CourseAnalysis.counted_at, Course.id)
            .limit(limit)
        )
    )


def as_stored(figures: CourseFigures) -> dict[str, Any]:
    return asdict(figures)


def _figures(stored: dict[str, Any]) -> CourseFigures:
    """The way back from `as_stored`."""
    return CourseFigures(
        **{
            **stored,
            "scores": tuple(stored["scores"]),
            "parts": tuple(PartFigures(**each) for each in stored["parts"]),
            "quizzes": tuple(_quiz(each) for each in stored["quizzes"]),
        }
    )


def _quiz(stored: dict[str, Any]) -> QuizFigures:
    kept = {
        **stored,
        "histogram": tuple(stored["histogram"]),
        "items": tuple(_item(each) for each in stored["items"]),
        "earlier": tuple(_item(each) for each in stored["earlier"]),
    }
    if stored["statistics"]:
        kept["statistics"] = QuizStatistics(**stored["statistics"])
    if stored["gain"]:
        kept["gain"] = GainFigures(**stored["gain"])
    return QuizFigures(**kept)


def _item(stored: dict[str, Any]) -> ItemFigures:
    return ItemFigures(
        **{
            **stored,
            "statistics": ItemStatistics(**stored["statistics"]),
            "chosen": tuple(stored["chosen"]),
            "typed": tuple((text, count, right) for text, count, right in stored["typed"]),
            "flags": tuple(Flag(flag) for flag in stored["flags"]),
        }
    )
