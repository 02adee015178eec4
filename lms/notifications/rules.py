"""What a notification can be about, and when it is mailed."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

DIGEST_HOUR = 6


class NotificationKind(StrEnum):
    COURSE_ASSIGNED = "course_assigned"
    COURSE_COMPLETED = "course_completed"
    COURSE_REMINDED = "course_reminded"
    COURSE_WITHDRAWN = "course_withdrawn"
    DEADLINE_MOVED = "deadline_moved"
    DEADLINE_NEAR = "deadline_near"
    DEADLINE_PASSED = "deadline_passed"
    QUIZ_RESULT = "quiz_result"
    CLAIM_APPROVED = "claim_approved"
    CLAIM_RETURNED = "claim_returned"
    CERTIFICATE_REISSUED = "certificate_reissued"
    CERTIFICATE_REVOKED = "certificate_revoked"
    CERTIFICATE_EXPIRES = "certificate_expires"
    COURSE_NUDGED = "course_nudged"
    COURSE_MESSAGE = "course_message"
    ATTEMPT_VOIDED = "attempt_voided"
    MARK_CHANGED = "mark_changed"
    COURSE_STOPPED = "course_stopped"
    COURSE_RESUMED = "course_resumed"
    ENTRY_ASKED = "entry_asked"
    ENTRY_APPROVED = "entry_approved"
    ENTRY_REFUSED = "entry_refused"
    ENTRY_INVITED = "entry_invited"
    RUN_CANCELLED = "run_cancelled"
    RUN_MOVED = "run_moved"
    RUN_PROMOTED = "run_promoted"
    TAKEN_OUT = "taken_out"
    REVIEW_ASKED = "review_asked"
    REVIEW_COMMENTED = "review_commented"
    REVIEW_APPROVED = "review_approved"
    REVIEW_RETURNED = "review_returned"
    REVIEW_WITHDRAWN = "review_withdrawn"
    RIGHTS_DELEGATED = "rights_delegated"
    DELEGATION_ENDED = "delegation_ended"


def next_digest(now: datetime, zone: str) -> datetime:
    """The next instant at which the local clock of a zone shows the hour of the digest."""
    local = now.astimezone(ZoneInfo(zone))
    due = local.replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)
    return (due if due > local else due + timedelta(days=1)).astimezone(UTC)
