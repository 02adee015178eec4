"""What was said about a draft."""

from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload

from lms.accounts.models import Person
from lms.core.db import db
from lms.core.errors import NotFound
from lms.courses.models import CourseMember, Draft, ReviewComment
from lms.courses.rules import CourseRole


def comments_of(draft: Draft) -> list[ReviewComment]:
    """What is open first, each in the order in which it was written."""
    return list(
        db.session.scalars(
            select(ReviewComment)
            .where(ReviewComment.draft_id == draft.id)
            .options(joinedload(ReviewComment.file), joinedload(ReviewComment.written_by))
            .order_by(ReviewComment.settled_at.is_not(None), ReviewComment.id)
        )
    )


def deciders(draft: Draft) -> list[int]:
    """Ids of those with a part in the course who may decide about its draft."""
    return _members(draft, CourseMember.role.in_((CourseRole.OWNER, CourseRole.REVIEWER)))


def writers(draft: Draft) -> list[int]:
    """Ids of those with a part in the course who write its draft."""
    return _members(draft, CourseMember.role.in_(_WRITERS))


def talkers(draft: Draft) -> list[int]:
    """Those, and who has commented on the draft."""
    said = select(ReviewComment.written_by_id).where(ReviewComment.draft_id == draft.id)
    return _members(draft, or_(CourseMember.role.in_(_WRITERS), CourseMember.person_id.in_(said)))


_WRITERS = (CourseRole.OWNER, CourseRole.AUTHOR)


def _members(draft: Draft, which: ColumnElement[bool]) -> list[int]:
    query = (
        select(CourseMember.person_id)
        .join(Person, CourseMember.person_id == Person.id)
        .where(CourseMember.course_id == draft.course_id, Person.deactivated_at.is_(None), which)
        .order_by(CourseMember.person_id)
    )
    return list(db.session.scalars(query))


def comment_for(draft: Draft, uuid: UUID) -> ReviewComment:
    """Raises NotFound, also for one on another draft."""
    found = db.session.scalar(
        select(ReviewComment).where(ReviewComment.draft_id == draft.id, ReviewComment.uuid == uuid)
    )
    if found is None:
        raise NotFound
    return found
