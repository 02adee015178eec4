"""What a notification can be about."""

from enum import StrEnum


class NotificationKind(StrEnum):
    COURSE_COMPLETED = "course_completed"
