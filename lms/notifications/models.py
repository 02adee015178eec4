"""Notifications: kind and values; the words are made when read, in the reader's language."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.db import Model, UtcDateTime, enum_column, new_uuid
from lms.notifications.rules import NotificationKind


class Notification(Model):
    __tablename__ = "notification"
    __table_args__ = (
        Index("ix_notification_person", "person_id", "id"),
        Index(
            "ix_notification_unread",
            "person_id",
            sqlite_where=text("read_at IS NULL"),
            postgresql_where=text("read_at IS NULL"),
        ),
        Index(
            "ix_notification_mail_due",
            "mail_due_at",
            sqlite_where=text("mail_due_at IS NOT NULL"),
            postgresql_where=text("mail_due_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[NotificationKind] = enum_column(NotificationKind)
    values: Mapped[dict[str, str]] = mapped_column(JSON)
    url: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # When it is mailed if still unread; None: was, or never is.
    mail_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
