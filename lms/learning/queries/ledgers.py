"""What the ledger of completions vouches for."""

from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import aliased, joinedload

from lms.core import ledger
from lms.core.db import db
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
        "reverses": entry.reverses.uuid if entry.reverses else None,
        "reason": entry.reason,
    }


def completions() -> Select[Completion]:
    """All entries with what their facts need, for verification."""
    return select(Completion).options(
        joinedload(Completion.person),
        joinedload(Completion.enrolment),
        joinedload(Completion.version),
        joinedload(Completion.reverses),
    )


def stands() -> ColumnElement[bool]:
    """SQL condition: the entry neither takes a completion back nor was taken back."""
    back = aliased(Completion)
    return Completion.reverses_id.is_(None) & ~exists().where(back.reverses_id == Completion.id)


def completion_by_uuid(uuid: UUID) -> Completion:
    """For acts: the completion that something names which it gave."""
    return db.session.scalars(select(Completion).where(Completion.uuid == uuid)).one()


def standing_completion(enrolment_id: int) -> Completion | None:
    """For acts: the completion of an enrolment, unless it was taken back."""
    return db.session.scalar(
        select(Completion).where(Completion.enrolment_id == enrolment_id, stands())
    )
