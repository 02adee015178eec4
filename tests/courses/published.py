"""Courses that stand in the catalogue, written without a folder: one row is enough for a list."""

from datetime import UTC, datetime
from decimal import Decimal

from lms.competencies.queries import competencies_by_code
from lms.core.db import db
from lms.courses.models import Course, CourseVersion, MediaFile, Outcome

NOON = datetime(2026, 5, 6, 12, tzinfo=UTC)


def publish(
    title: str,
    *,
    slug: str = "",
    summary: str = "",
    category: str = "Nilai dasar",
    jp: str = "2",
    minutes: int = 60,
    at: datetime = NOON,
    outcomes: tuple[tuple[str, int, int], ...] = (),
    size: int = 0,
    language: str = "id",
) -> CourseVersion:
    """Publish a course, or the next version of the one with this slug, in the open transaction.
    `outcomes`: competency code, from, to."""
    slug = slug or title.lower().replace(" ", "-")
    course = db.session.query(Course).filter_by(slug=slug).one_or_none() or Course(slug=slug)
    db.session.add(course)
    db.session.flush()
    number = db.session.query(CourseVersion).filter_by(course_id=course.id).count() + 1
    version = CourseVersion(
        course_id=course.id, number=number, digest=f"{slug}-{number}", published_at=at,
        title=title, summary=summary, purpose="", language=language, category=category, trainer="",
        organiser="", source={}, jp=Decimal(jp), minutes=minutes, parts=0, pass_score=Decimal(70),
    )  # fmt: skip
    db.session.add(version)
    db.session.flush()
    known = competencies_by_code()
    for code, low, high in outcomes:
        db.session.add(
            Outcome(
                version_id=version.id, competency_id=known[code].id, level_from=low, level_to=high
            )
        )
    if size:
        db.session.add(
            MediaFile(
                version_id=version.id, name="media/x.mp4", digest="x", size=size,
                content_type="video/mp4",
            )
        )  # fmt: skip
    course.current_version_id = version.id
    db.session.flush()
    return version
