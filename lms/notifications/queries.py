"""The own inbox, and nobody else's."""

from uuid import UUID

from sqlalchemy import bindparam, func, select

from lms.core.access import Actor
from lms.core.db import db, read
from lms.core.errors import NotFound
from lms.notifications.models import Notification

PAGE = 25
MANY = 99  # the bell counts no further


def own_notifications(actor: Actor, before: int | None) -> list[Notification]:
    """One page and one row more, the newest first; `before` is the last id of the page before."""
    query = select(Notification).where(Notification.person_id == actor.person_id)
    if before is not None:
        query = query.where(Notification.id < before)
    return list(db.session.scalars(query.order_by(Notification.id.desc()).limit(PAGE + 1)))


def own_notification(actor: Actor, uuid: UUID) -> Notification:
    """Raises NotFound for anybody else's."""
    found = db.session.scalar(
        select(Notification).where(
            Notification.uuid == uuid, Notification.person_id == actor.person_id
        )
    )
    if found is None:
        raise NotFound
    return found


_UNREAD = select(func.count()).select_from(
    select(Notification.id)
    .where(Notification.person_id == bindparam("person_id"), Notification.read_at.is_(None))
    .limit(MANY + 1)
    .subquery()
)


def unread_count(actor: Actor) -> int:
    """How many are unread, counted up to a limit."""
    return int(read(_UNREAD, person_id=actor.person_id).scalar_one())
