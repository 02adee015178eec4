"""Claims: one's own, those of the own team, and those within the reach of HR."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from lms.accounts.models import Person, Placement, Unit
from lms.accounts.queries import team
from lms.accounts.queries.register import in_reach
from lms.competencies.models import HourEntry, HourForm
from lms.competencies.queries import name_of
from lms.competencies.rules import HourUnit
from lms.core import clock
from lms.core.access import Actor, Permission
from lms.core.db import db, read
from lms.core.errors import NotFound
from lms.development.models import ClaimEvent, EvidenceClaim
from lms.development.rules import ClaimAct, ClaimState, HourRule

PAGE = 25


@dataclass(frozen=True)
class Form:
    """A form of development as it may be chosen on a day."""

    code: str
    name: str
    unit: HourUnit
    rule: HourRule


@dataclass(frozen=True)
class Rights:
    """What the actor may do to a claim that is seen."""

    owns: bool
    supervises: bool
    reaches: bool  # as HR


def forms_on(day: date) -> dict[str, Form]:
    """The forms in force on a day by code; the newest row of each stays."""
    ends = or_(HourForm.end_on.is_(None), HourForm.end_on >= day)
    rows = db.session.scalars(
        select(HourForm).where(HourForm.start_on <= day, ends).order_by(HourForm.start_on)
    )
    found = {row.code: row for row in rows}
    return {code: _form(found[code]) for code in sorted(found)}


def _form(row: HourForm) -> Form:
    rule = HourRule(row.jp, row.jp_abroad, row.unit is HourUnit.DAY, row.monthly_times)
    return Form(row.code, name_of(row), row.unit, rule)


def hours_in_month(person_id: int, form: str, day: date) -> Decimal:
    """Hours of a form that the ledger holds for the month of a day."""
    first = day.replace(day=1)
    after = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    total = db.session.scalar(
        select(func.sum(HourEntry.hours)).where(
            HourEntry.person_id == person_id,
            HourEntry.form == form,
            HourEntry.earned_on >= first,
            HourEntry.earned_on < after,
        )
    )
    return total or Decimal(0)


def has_superior(person_id: int, day: date) -> bool:
    """Does anybody else head a unit, on that day, in which the person stands or one above it?"""
    own, own_unit = aliased(Placement), aliased(Unit)
    head, head_unit = aliased(Placement), aliased(Unit)
    found = (
        select(head.id)
        .select_from(own)
        .join(own_unit, own.unit_id == own_unit.id)
        .join(head_unit, own_unit.path.startswith(head_unit.path))
        .join(head, head.unit_id == head_unit.id)
        .join(Person, Person.id == head.person_id)
        .where(
            own.person_id == person_id,
            _covers(own, day),
            _covers(head, day),
            head.heads_unit,
            head.person_id != person_id,
            Person.deactivated_at.is_(None),
        )
        .limit(1)
    )
    return db.session.scalar(found) is not None


def _covers(placement: Any, day: date) -> ColumnElement[bool]:
    return and_(placement.start_on <= day, or_(placement.end_on.is_(None), placement.end_on >= day))


# ── Lists ────────────────────────────────────────────────────────────────────────────────────


def own_claims(actor: Actor, before: int | None) -> tuple[list[EvidenceClaim], bool]:
    """One page of one's own claims, the newest first, and whether there are more."""
    query = select(EvidenceClaim).where(EvidenceClaim.person_id == actor.person_id)
    if before is not None:
        query = query.where(EvidenceClaim.id < before)
    rows = list(db.session.scalars(query.order_by(EvidenceClaim.id.desc()).limit(PAGE + 1)))
    return rows[:PAGE], len(rows) > PAGE


def team_queue(actor: Actor, after: UUID | None) -> tuple[list[EvidenceClaim], bool]:
    """One page of what waits for the superior, the longest waiting first."""
    of_team, values = _of_team(actor)
    return _queue(of_team, ClaimState.SUBMITTED, after, values)


def hr_queue(
    actor: Actor, after: UUID | None, state: ClaimState = ClaimState.ENDORSED
) -> tuple[list[EvidenceClaim], bool]:
    """One page of what waits for HR, or still for the superior, the longest waiting first."""
    return _queue(_of_reach(actor), state, after)


def hr_count(actor: Actor) -> int:
    """How many claims wait for HR within the actor's reach."""
    waiting = select(func.count()).select_from(EvidenceClaim).join(Person)
    waiting = waiting.where(EvidenceClaim.state == ClaimState.ENDORSED, _of_reach(actor))
    return db.session.scalars(waiting).one()


def _queue(
    mine: ColumnElement[bool],
    state: ClaimState,
    after: UUID | None,
    values: dict[str, object] | None = None,
) -> tuple[list[EvidenceClaim], bool]:
    query = select(EvidenceClaim).join(Person).where(EvidenceClaim.state == state, mine)
    if after is not None:
        since, number = EvidenceClaim.waiting_since, EvidenceClaim.id
        last = db.session.execute(select(since, number).where(EvidenceClaim.uuid == after)).first()
        if last is not None:
            query = query.where(or_(since > last[0], and_(since == last[0], number > last[1])))
    query = query.options(joinedload(EvidenceClaim.person), joinedload(EvidenceClaim.competency))
    order = (EvidenceClaim.waiting_since, EvidenceClaim.id)
    rows = list(db.session.scalars(query.order_by(*order).limit(PAGE + 1), values or {}))
    return rows[:PAGE], len(rows) > PAGE


def _of_team(actor: Actor) -> tuple[ColumnElement[bool], dict[str, object]]:
    """SQL condition on Person, and its values: on the team of the actor, who is never part of
    it."""
    scope = team.scope_of(actor)
    return team.is_member(len(scope.paths), large=True), scope.values


def _of_reach(actor: Actor) -> ColumnElement[bool]:
    """SQL condition on Person: within the reach of HR, and not the actor."""
    paths = actor.paths_of(Permission.DEVELOPMENT_CLAIMS_VERIFY)
    return and_(in_reach(paths, clock.today(actor.time_zone)), Person.id != actor.person_id)


# ── One claim ────────────────────────────────────────────────────────────────────────────────


def claim_for(actor: Actor, uuid: UUID) -> tuple[EvidenceClaim, Rights]:
    """A claim with what the actor may do to it. Raises NotFound for whoever neither owns it, nor
    supervises its person today, nor reaches the person as HR."""
    found = db.session.scalar(
        select(EvidenceClaim)
        .where(EvidenceClaim.uuid == uuid)
        .options(joinedload(EvidenceClaim.person), joinedload(EvidenceClaim.competency))
    )
    if found is None:
        raise NotFound
    owns = found.person_id == actor.person_id
    rights = Rights(
        owns=owns,
        supervises=not owns and team.supervises(actor, found.person_id),
        reaches=not owns and _reaches(actor, found.person_id),
    )
    if not (rights.owns or rights.supervises or rights.reaches):
        raise NotFound
    return found, rights


def own_claim(actor: Actor, uuid: UUID) -> EvidenceClaim:
    """Raises NotFound for anybody else's."""
    found = db.session.scalar(
        select(EvidenceClaim).where(
            EvidenceClaim.uuid == uuid, EvidenceClaim.person_id == actor.person_id
        )
    )
    if found is None:
        raise NotFound
    return found


def team_claim(actor: Actor, uuid: UUID) -> EvidenceClaim:
    """Of somebody on the team. Raises NotFound for all others."""
    found, rights = claim_for(actor, uuid)
    if not rights.supervises:
        raise NotFound
    return found


def hr_claim(actor: Actor, uuid: UUID) -> EvidenceClaim:
    """Of somebody within the reach of HR, who is not the actor. Raises NotFound for all others."""
    found, rights = claim_for(actor, uuid)
    if not rights.reaches:
        raise NotFound
    return found


def _reaches(actor: Actor, person_id: int) -> bool:
    found = select(Person.id).where(Person.id == person_id, _of_reach(actor)).limit(1)
    paths = actor.paths_of(Permission.DEVELOPMENT_CLAIMS_VERIFY)
    return bool(paths) and db.session.scalar(found) is not None


def is_taken(uuid: UUID) -> bool:
    return bool(db.session.scalar(select(exists().where(EvidenceClaim.uuid == uuid))))


def events_of(claim: EvidenceClaim) -> list[ClaimEvent]:
    """What happened to a claim, the newest first."""
    return list(
        db.session.scalars(
            select(ClaimEvent)
            .where(ClaimEvent.claim_id == claim.id)
            .options(joinedload(ClaimEvent.by))
            .order_by(ClaimEvent.id.desc())
        )
    )


_REASON = (
    select(ClaimEvent.reason)
    .where(ClaimEvent.claim_id == bindparam("claim_id"), ClaimEvent.reason.is_not(None))
    .order_by(ClaimEvent.id.desc())
    .limit(1)
)


def last_reason(claim: EvidenceClaim) -> str:
    """Why a claim was returned the last time."""
    return read(_REASON, claim_id=claim.id).scalar() or ""


def endorsed_by(claim: EvidenceClaim) -> int | None:
    """Id of the superior who verified it last; None where nobody had to."""
    return db.session.scalar(
        select(ClaimEvent.by_id)
        .where(ClaimEvent.claim_id == claim.id, ClaimEvent.act == ClaimAct.ENDORSED)
        .order_by(ClaimEvent.id.desc())
        .limit(1)
    )
