"""Telling somebody, and marking as read."""

from sqlalchemy import update

from lms.core import clock
from lms.core.access import Actor
from lms.core.db import db, new_uuid
from lms.notifications.models import Notification
from lms.notifications.rules import NotificationKind


def notify(person_id: int, kind: NotificationKind, *, url: str, **values: str) -> Notification:
    """Add a notification in the transaction of what it tells of. `url` is a path of this site."""
    notification = Notification(
        uuid=new_uuid(),
        person_id=person_id,
        kind=kind,
        values=values,
        url=url,
        created_at=clock.now(),
    )
    db.session.add(notification)
    db.session.flush()
    return notification


def mark_read(notification: Notification) -> None:
    if notification.read_at is None:
        notification.read_at = clock.now()
        db.session.flush()


def mark_all_read(actor: Actor) -> None:
    db.session.execute(
        update(Notification)
        .where(Notification.person_id == actor.person_id, Notification.read_at.is_(None))
        .values(read_at=clock.now())
    )
