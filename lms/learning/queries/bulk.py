"""Acts on many learners of a course that a job does."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from lms.core import clock
from lms.core.access import Actor
from lms.core.db import db
from lms.core.errors import NotFound
from lms.courses.models import Course
from lms.courses.queries.drafts import role_in
from lms.courses.rules import CourseRole
from lms.learning.models import BulkAct
from lms.learning.queries.learners import Asked, LearnerState
from lms.learning.queries.reaching import Reached

TOLD = timedelta(days=1)
MOST_TOLD = 5


def due_acts() -> Sequence[int]:
    """Ids of those that have not ended, the first asked for first."""
    query = select(BulkAct.id).where(BulkAct.ended_at.is_(None)).order_by(BulkAct.id)
    return db.session.scalars(query).all()


def asked_of(act: BulkAct) -> Asked:
    """Whom it is for."""
    state, reached = act.asked["state"], act.asked["reached"]
    return Asked(
        **{
            **act.asked,
            "state": LearnerState(state) if state else None,
            "reached": Reached(reached) if reached else None,
        }
    )


def act_for(course_id: int, uuid: UUID) -> BulkAct:
    """Raises NotFound, also for one of another course. The caller has authorised for the course."""
    found = db.session.scalar(
        select(BulkAct)
        .where(BulkAct.uuid == uuid, BulkAct.course_id == course_id)
        .options(joinedload(BulkAct.by))
    )
    if found is None:
        raise NotFound
    return found


def may_stop(actor: Actor, act: BulkAct) -> bool:
    """Whoever began it, and the owners of the course. The caller has authorised for the course."""
    course = db.session.get_one(Course, act.course_id)
    return act.by_id == actor.person_id or role_in(actor, course) is CourseRole.OWNER


def latest_acts(course_id: int) -> Sequence[BulkAct]:
    """Those of a course that go on, or ended within a day; the newest first."""
    return db.session.scalars(
        select(BulkAct)
        .where(
            BulkAct.course_id == course_id,
            or_(BulkAct.ended_at.is_(None), BulkAct.ended_at > clock.now() - TOLD),
        )
        .order_by(BulkAct.id.desc())
        .limit(MOST_TOLD)
    ).all()
