"""The reference data of a new site: dictionary, standards by tier, rules, targets, forms."""

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select

from lms.accounts.rules import Employment, PositionTier
from lms.competencies import queries
from lms.competencies.actions.dictionary import write_revision
from lms.competencies.models import (
    Competency,
    CompetencyStandard,
    EvidenceRule,
    HourForm,
    HourTarget,
    MatchCategory,
)
from lms.competencies.rules import CompetencyKind, EvidenceKind, HourCategory, HourUnit
from lms.core.db import db, new_uuid

REFERENCE = Path(__file__).parent.with_name("reference.toml")


def load_reference() -> None:
    """Add the reference data that is not there yet; what an office has changed stays."""
    data = tomllib.loads(REFERENCE.read_text("utf-8"))
    known = queries.competencies_by_code()
    for row in data["competency"]:
        if row["code"] not in known:
            known[row["code"]] = Competency(
                uuid=new_uuid(), **{**row, "kind": CompetencyKind(row["kind"])}
            )
            db.session.add(known[row["code"]])
            db.session.flush()
            write_revision(None, known[row["code"]], "")
    db.session.flush()
    if _is_empty(CompetencyStandard):
        _load_standards(data["standard"], list(known.values()))
    if _is_empty(EvidenceRule):
        db.session.add_all(
            EvidenceRule(**{**row, "kind": EvidenceKind(row["kind"])})
            for row in data["evidence_rule"]
        )
    if _is_empty(MatchCategory):
        db.session.add_all(MatchCategory(**row) for row in data["match_category"])
    if _is_empty(HourTarget):
        db.session.add_all(_hour_target(row) for row in data["hour_target"])
    if _is_empty(HourForm):
        db.session.add_all(_hour_form(row) for row in data["hour_form"])
    db.session.flush()


def _is_empty(model: Any) -> bool:
    return db.session.scalar(select(model.id).limit(1)) is None


def _hour_target(row: dict[str, Any]) -> HourTarget:
    target, employment = Decimal(str(row["target_jp"])), Employment(row["employment"])
    return HourTarget(**{**row, "target_jp": target, "employment": employment})


def _hour_form(row: dict[str, object]) -> HourForm:
    figures = {
        name: Decimal(str(row[name])) if name in row else None
        for name in ("jp", "jp_abroad", "daily_cap")
    }
    kinds = {
        "category": HourCategory(str(row["category"])),
        "unit": HourUnit(str(row["unit"])),
    }
    return HourForm(**{**row, **figures, **kinds})


def _load_standards(rows: list[dict[str, object]], competencies: list[Competency]) -> None:
    for row in rows:
        for competency in competencies:
            if competency.kind is CompetencyKind.TECHNICAL:
                continue
            db.session.add(
                CompetencyStandard(
                    tier=PositionTier(str(row["tier"])),
                    competency_id=competency.id,
                    required_level=row["level"],
                    start_on=row["start_on"],
                    source=row["source"],
                    needs_verification=row["needs_verification"],
                )
            )
