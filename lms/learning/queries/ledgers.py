"""What the ledger of completions vouches for."""

from sqlalchemy import (
    Select,
    select,
)
from sqlalchemy.orm import joinedload

from lms.core import ledger
from lms.learning.models import Completion


def completion_facts(entry: Completion) -> ledger.Facts:
    """What the digest of a completion covers."""
    return {
        "uuid": entry.uuid,
        "person": entry.person.uuid,
        "enrolment": entry.enrolment.uuid,
        "version": entry.version.uuid,
        "final_score": entry.final_score,
        "completed_at": entry.completed_at,
        "earned_on": entry.earned_on,
    }


def completions() -> Select[Completion]:
    """All entries with what their facts need, for verification."""
    return select(Completion).options(
        joinedload(Completion.person),
        joinedload(Completion.enrolment),
        joinedload(Completion.version),
    )
