"""What holds for all evidence, for every Job Person Match and for all hours: on a day, and
before."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lms.accounts.rules import Employment
from lms.competencies.models import EvidenceRule, HourForm, HourTarget, MatchCategory
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


def hour_targets() -> list[HourTarget]:
    """Every row there ever was, the newest first."""
    query = select(HourTarget).options(joinedload(HourTarget.set_by))
    return list(
        db.session.scalars(query.order_by(HourTarget.start_on.desc(), HourTarget.id.desc()))
    )


def hour_forms() -> list[HourForm]:
    """Every row there ever was, the newest first, of one day by code."""
    query = select(HourForm).options(joinedload(HourForm.set_by))
    return list(
        db.session.scalars(
            query.order_by(HourForm.start_on.desc(), HourForm.code, HourForm.id.desc())
        )
    )


def holds(row: EvidenceRule | MatchCategory | HourTarget | HourForm, day: date) -> bool:
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


def targets_of(rows: Iterable[HourTarget], year: int) -> dict[Employment, HourTarget]:
    """The row of each status that decides the target of a year, of rows with the newest first."""
    found: dict[Employment, HourTarget] = {}
    for row in rows:
        if holds(row, date(year, 12, 31)):
            found.setdefault(row.employment, row)
    return found


def forms_on(rows: Iterable[HourForm], day: date) -> dict[str, HourForm]:
    """The row of each form that holds on a day, by code, of rows with the newest first."""
    found: dict[str, HourForm] = {}
    for row in rows:
        if holds(row, day):
            found.setdefault(row.code, row)
    return dict(sorted(found.items()))
