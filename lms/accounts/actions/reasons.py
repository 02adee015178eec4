"""The reason that somebody gives for an act, which the audit log keeps."""

from flask_babel import gettext

from lms.accounts import rules
from lms.core.errors import DomainError


def checked_reason(reason: str) -> str:
    """The reason in one line. Raises DomainError on `reason` where there is none, or too much of
    one."""
    reason = rules.tidy_line(reason)
    if not 0 < len(reason) <= rules.REASON_MAX:
        raise DomainError(
            gettext("Isi alasan, paling banyak %(n)d karakter", n=rules.REASON_MAX), "reason"
        )
    return reason
