"""The audit log as an auditor or an admin reads it: the latest acts of, or on, people in reach."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, true

from lms.accounts.models import Person, Unit
from lms.accounts.queries.register import in_reach, reaches_all
from lms.core import clock
from lms.core.access import Actor, Permission
from lms.core.audit import AuditEntry
from lms.core.db import db

PAGE = 50


@dataclass(frozen=True)
class Named:
    """A person in an entry, as far as the entry is about people."""

    uuid: UUID
    name: str


@dataclass(frozen=True)
class Act:
    """An entry of the log. `who` is None for the site itself and its commands."""

    id: int
    at: datetime
    action: str
    who: Named | None
    whom: Named | None
    details: dict[str, object]
    request_id: str


def _is_near(actor: Actor) -> ColumnElement[bool]:
    """SQL condition on AuditEntry: of, or on, somebody within the actor's reach."""
    paths = actor.paths_of(Permission.AUDIT_LOG_READ)
    if reaches_all(paths):
        return true()
    near = select(Person.uuid).where(in_reach(paths, clock.today(actor.time_zone)))
    return or_(AuditEntry.chain.in_(near), AuditEntry.subject_uuid.in_(near))


def counts_since(actor: Actor, actions: Sequence[str], since: datetime) -> Counter[str]:
    """How often each act was done since an instant, of those that the actor may read of."""
    rows = db.session.execute(
        select(AuditEntry.action, func.count())
        .where(AuditEntry.action.in_(actions), AuditEntry.recorded_at >= since, _is_near(actor))
        .group_by(AuditEntry.action)
    )
    return Counter({row[0]: row[1] for row in rows})


def acts(
    actor: Actor, *, action: str = "", person: UUID | None = None, before: int | None = None
) -> tuple[list[Act], bool]:
    """One page, the latest first, and whether there are older ones. `before` is the id of the last
    entry of the page before; `person` narrows to what they did and what was done to them."""
    query = select(AuditEntry).where(_is_near(actor))
    if action:
        query = query.where(AuditEntry.action == action)
    if person is not None:
        query = query.where(or_(AuditEntry.chain == person, AuditEntry.subject_uuid == person))
    if before is not None:
        query = query.where(AuditEntry.id < before)
    entries = db.session.scalars(query.order_by(AuditEntry.id.desc()).limit(PAGE + 1)).all()
    shown = entries[:PAGE]
    named = _named({e.chain for e in shown} | {e.subject_uuid for e in shown if e.subject_uuid})
    found = [
        Act(
            id=entry.id,
            at=entry.recorded_at,
            action=entry.action,
            who=named.get(entry.chain),
            whom=named.get(entry.subject_uuid) if entry.subject_uuid else None,
            details=entry.details,
            request_id=entry.request_id or "",
        )
        for entry in shown
    ]
    return found, len(entries) > PAGE


def _named(uuids: set[UUID]) -> dict[UUID, Named]:
    rows = db.session.execute(select(Person.uuid, Person.name).where(Person.uuid.in_(uuids)))
    return {row.uuid: Named(row.uuid, row.name) for row in rows}


def names_of(uuids: set[UUID]) -> dict[UUID, str]:
    """Names of today, of units and people."""
    units = select(Unit.uuid, Unit.name).where(Unit.uuid.in_(uuids))
    people = select(Person.uuid, Person.name).where(Person.uuid.in_(uuids))
    return {row.uuid: row.name for row in db.session.execute(units.union_all(people))}
