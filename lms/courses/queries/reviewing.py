"""What was said about a draft."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lms.core.db import db
from lms.core.errors import NotFound
from lms.courses.models import Draft, ReviewComment


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


def comment_for(draft: Draft, uuid: UUID) -> ReviewComment:
    """Raises NotFound, also for one on another draft."""
    found = db.session.scalar(
        select(ReviewComment).where(ReviewComment.draft_id == draft.id, ReviewComment.uuid == uuid)
    )
    if found is None:
        raise NotFound
    return found
