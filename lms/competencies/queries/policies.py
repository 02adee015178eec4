"""What holds for all evidence and for every Job Person Match: on a day, and before."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lms.competencies.models import EvidenceRule, MatchCategory
from lms.competencies.rules import EvidenceKind
from lms.core.db import db


def evidence_rules() -> list[EvidenceRule]:
    """Every row there ever was, the newest first."""
    query = select(EvidenceRule).options(joinedload(EvidenceRule.set_by))
    return list(
        db.session.scalars(query.order_by(EvidenceRule.start_on.desc(), EvidenceRule.id.desc()))
    )


def match_categories() -> list[MatchCategory]:
    """Every row there ever was, the newest first, of one day the highest first."""
    query = select(MatchCategory).options(joinedload(MatchCategory.set_by))
    order = (
        MatchCategory.start_on.desc(), MatchCategory.from_percent.desc(), MatchCategory.id.desc()
    )  # fmt: skip
    return list(db.session.scalars(query.order_by(*order)))


def holds(row: EvidenceRule | MatchCategory, day: date) -> bool:
    return row.start_on <= day and (row.end_on is None or row.end_on >= day)


def rules_on(rows: Iterable[EvidenceRule], day: date) -> dict[EvidenceKind, EvidenceRule]:
    """The row of each kind that holds on a day, of rows with the newest first."""
    found: dict[EvidenceKind, EvidenceRule] = {}
    for row in rows:
        if holds(row, day):
            found.setdefault(row.kind, row)
    return found


def categories_on(rows: Iterable[MatchCategory], day: date) -> list[MatchCategory]:
    """The categories that hold on a day, the highest first."""
    found = [row for row in rows if holds(row, day)]
    return sorted(found, key=lambda row: row.from_percent, reverse=True)
