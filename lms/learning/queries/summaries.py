"""Many learners in figures, for reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import (
    bindparam,
    func,
    select,
)

from lms.core.db import read
from lms.courses.models import CourseVersion
from lms.learning.models import Completion, Enrolment
from lms.learning.queries.ledgers import stands
from lms.learning.rules import EnrolmentState


@dataclass(frozen=True)
class LearnerSummary:
    """Courses of a person in figures: open and completed, parts done of all, the latest score, and
    when they were last worked on."""

    open: int = 0
    completed: int = 0
    done_parts: int = 0
    parts: int = 0
    latest_score: Decimal | None = None
    active_at: datetime | None = None


_SUMMARIES = (
    select(
        Enrolment.person_id,
        func.count().filter(Enrolment.state == EnrolmentState.OPEN),
        func.count().filter(Enrolment.state == EnrolmentState.COMPLETED),
        func.sum(Enrolment.done_parts),
        func.sum(CourseVersion.parts),
        func.max(Enrolment.last_active_at),
    )
    .join(CourseVersion, Enrolment.version_id == CourseVersion.id)
    .where(
        Enrolment.person_id.in_(bindparam("person_ids", expanding=True)),
        Enrolment.state != EnrolmentState.WITHDRAWN,
    )
    .group_by(Enrolment.person_id)
)
_LATEST_SCORES = select(Completion.person_id, Completion.final_score).where(
    Completion.id.in_(
        select(func.max(Completion.id))
        .where(Completion.person_id.in_(bindparam("person_ids", expanding=True)), stands())
        .group_by(Completion.person_id)
    )
)


def summaries(person_ids: Sequence[int]) -> dict[int, LearnerSummary]:
    """Figures for many people in two queries; people without an enrolment are left out."""
    scores = {row.person_id: row.final_score for row in read(_LATEST_SCORES, person_ids=person_ids)}
    return {
        person_id: LearnerSummary(
            open=open_, completed=completed, done_parts=int(done), parts=int(parts),
            latest_score=scores.get(person_id), active_at=active_at,
        )
        for person_id, open_, completed, done, parts, active_at in read(
            _SUMMARIES, person_ids=person_ids
        )
    }  # fmt: skip
