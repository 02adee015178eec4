"""What is written into the record. Entries are added, never changed."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from flask_babel import gettext

from lms.accounts.models import Person, Position, Unit
from lms.accounts.queries import Post
from lms.competencies import rules
from lms.competencies.models import (
    Competency,
    CompetencyState,
    Evidence,
    HourEntry,
)
from lms.competencies.queries import ledgers
from lms.competencies.queries.evidence import proofs_of, proves_up_to, rule_of
from lms.competencies.queries.hours import daily_cap
from lms.competencies.rules import EvidenceKind
from lms.core import audit, clock, ledger
from lms.core.access import Actor
from lms.core.db import db, new_uuid
from lms.core.errors import DomainError

REASON = 300  # characters


def record_evidence(
    person: Person,
    competency: Competency,
    *,
    kind: EvidenceKind,
    level: int,
    score: Decimal | None,
    title: str,
    source_uuid: UUID,
    earned_on: date,
    post: Post | None,
    valid_until: date | None = None,
    may_prove: bool = True,
    part_of_uuid: UUID | None = None,
) -> Evidence:
    """Add evidence and bring the person's level up to date, in the open transaction.

    Whether it proves or supports follows from the rule in force on the day it was earned. `score`
    is percent 0-100; `earned_on` is a local day; `source_uuid` names what it came from. With
    `may_prove` false it supports whatever the rule says. `part_of_uuid`: see `Evidence`.
    """
    entry = Evidence(
        chain=person.uuid,
        uuid=new_uuid(),
        person=person,
        competency=competency,
        kind=kind,
        level=level,
        standing=rules.standing(level, proves_up_to(kind, earned_on), may_prove=may_prove),
        score=score,
        title=title[:200],
        source_uuid=source_uuid,
        part_of_uuid=part_of_uuid,
        earned_on=earned_on,
        valid_until=valid_until,
        unit=db.session.get(Unit, post.unit_id) if post else None,
        position=db.session.get(Position, post.position_id) if post else None,
    )
    ledger.append(entry, ledgers.evidence_facts)
    bring_level_up_to_date(person.id, competency.id)
    return entry


def reverse_evidence(actor: Actor | UUID | None, entry: Evidence, *, reason: str) -> Evidence:
    """Take an entry back by a second one that names it and the reason; audited.

    Raises DomainError without a reason, or when the entry was taken back already.
    """
    _check_reversal(entry, reason)
    back = Evidence(
        chain=entry.chain,
        uuid=new_uuid(),
        person=entry.person,
        competency=entry.competency,
        kind=entry.kind,
        level=entry.level,
        standing=entry.standing,
        score=entry.score,
        title=entry.title,
        source_uuid=entry.source_uuid,
        part_of_uuid=entry.part_of_uuid,
        earned_on=entry.earned_on,
        valid_until=entry.valid_until,
        unit=entry.unit,
        position=entry.position,
        reverses=entry,
        reason=reason,
    )
    ledger.append(back, ledgers.evidence_facts)
    audit.record(actor, "competencies.reversed", "evidence", entry.uuid, reason=reason)
    bring_level_up_to_date(entry.person_id, entry.competency_id)
    return back


def bring_level_up_to_date(person_id: int, competency_id: int) -> None:
    """Write the projection anew from the ledger, with the person's chain locked."""
    person = db.session.get_one(Person, person_id)
    ledger.lock_chain(Evidence.__tablename__, person.uuid)
    # The rule is read after the lock, so that whoever waited for it goes by the rule of now.
    rule = rule_of(competency_id)
    level, evidence_id = rules.level_of(proofs_of(person_id, competency_id), rule)
    state = db.session.get(CompetencyState, (person_id, competency_id))
    if state is None:
        state = CompetencyState(person_id=person_id, competency_id=competency_id)
        db.session.add(state)
    state.level, state.evidence_id, state.updated_at = level, evidence_id, clock.now()
    db.session.flush()


def record_hours(
    person: Person,
    *,
    form: str,
    hours: Decimal,
    title: str,
    source_uuid: UUID,
    earned_on: date,
    post: Post | None,
    days: int = 1,
) -> HourEntry:
    """Add learning hours (JP) to the ledger; the year is that of the local day. `days` are the
    different local days of learning, for forms that are capped by the day."""
    hours = rules.credited(hours, daily_cap(form, earned_on), days)
    entry = HourEntry(
        chain=person.uuid,
        uuid=new_uuid(),
        person=person,
        form=form,
        hours=hours,
        title=title[:200],
        source_uuid=source_uuid,
        earned_on=earned_on,
        year=earned_on.year,
        unit=db.session.get(Unit, post.unit_id) if post else None,
        position=db.session.get(Position, post.position_id) if post else None,
    )
    ledger.append(entry, ledgers.hour_facts)
    return entry


def reverse_hours(actor: Actor | UUID | None, entry: HourEntry, *, reason: str) -> HourEntry:
    """Take hours back by a second entry of as many hours less, with the reason; audited.

    Raises DomainError without a reason, or when the entry was taken back already.
    """
    _check_reversal(entry, reason)
    back = HourEntry(
        chain=entry.chain,
        uuid=new_uuid(),
        person=entry.person,
        form=entry.form,
        hours=-entry.hours,
        title=entry.title,
        source_uuid=entry.source_uuid,
        earned_on=entry.earned_on,
        year=entry.year,
        unit=entry.unit,
        position=entry.position,
        reverses=entry,
        reason=reason,
    )
    ledger.append(back, ledgers.hour_facts)
    audit.record(actor, "competencies.reversed", "hour_entry", entry.uuid, reason=reason)
    return back


def _check_reversal(entry: Evidence | HourEntry, reason: str) -> None:
    ledger.lock_chain(entry.__tablename__, entry.chain)
    if not 0 < len(reason.strip()) <= REASON:
        raise DomainError(gettext("Isi alasan, paling banyak %(n)d karakter", n=REASON), "reason")
    if ledgers.is_reversed(entry):
        raise DomainError(gettext("Catatan ini sudah dibatalkan"))
