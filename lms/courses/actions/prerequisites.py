"""Which courses are to be completed before another one is entered."""

from collections.abc import Sequence

from flask_babel import gettext
from sqlalchemy import delete, select

from lms.core import audit, ledger
from lms.core.access import Actor
from lms.core.db import db
from lms.core.errors import DomainError
from lms.courses import rules
from lms.courses.models import Course, CoursePrerequisite


def set_prerequisites(actor: Actor, course: Course, slugs: Sequence[str]) -> None:
    """Say which published courses come first, by their addresses. Raises DomainError on
    `requires` for an address that leads to none, and where courses would wait for each other."""
    ledger.lock_chain(CoursePrerequisite.__tablename__, ledger.SITE_CHAIN)  # a ring has two owners
    wanted = dict.fromkeys(slugs)
    rows = db.session.execute(
        select(Course.slug, Course.id).where(
            Course.slug.in_(wanted), Course.current_version_id.is_not(None)
        )
    )
    found = {slug: course_id for slug, course_id in rows}  # noqa: C416 - rows are not pairs
    for slug in wanted:
        if slug not in found:
            raise DomainError(
                gettext("Tidak ada kursus terbit dengan alamat “%(slug)s”", slug=slug), "requires"
            )
    before = select(CoursePrerequisite.requires_id).where(CoursePrerequisite.course_id == course.id)
    kept = set(db.session.scalars(before))
    if kept == set(found.values()):
        return
    _refuse_ring(course, found)
    db.session.execute(delete(CoursePrerequisite).where(CoursePrerequisite.course_id == course.id))
    db.session.add_all(
        CoursePrerequisite(course_id=course.id, requires_id=found[slug]) for slug in wanted
    )
    db.session.flush()
    audit.record(
        actor, "courses.prerequisites_set", "course", course.uuid, requires=", ".join(wanted)
    )


def _refuse_ring(course: Course, wanted: dict[str, int]) -> None:
    edges: dict[int, list[int]] = {}
    for course_id, requires_id in db.session.execute(
        select(CoursePrerequisite.course_id, CoursePrerequisite.requires_id)
    ):
        edges.setdefault(course_id, []).append(requires_id)
    for slug, course_id in wanted.items():
        if rules.leads_to(edges, course_id, course.id):
            raise DomainError(
                gettext("“%(slug)s” sendiri menunggu kursus ini; syaratnya berputar.", slug=slug),
                "requires",
            )
