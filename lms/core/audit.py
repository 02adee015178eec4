"""The audit log: who did what to which thing, when, in which request. Append-only and chained."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from flask import g, has_request_context
from sqlalchemy import JSON, Select, String, select
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import ledger
from lms.core.db import Model, new_uuid

if TYPE_CHECKING:
    from lms.core.access import Actor


class AuditEntry(ledger.Chained, Model):
    """One act. The chain is the acting person's, or the site's for commands and jobs.

    `details` holds identifiers, numbers and enum values only: no names, no secrets, no free text
    but a stated reason.
    """

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    action: Mapped[str] = mapped_column(String(60), index=True)
    subject_kind: Mapped[str | None] = mapped_column(String(40))
    subject_uuid: Mapped[UUID | None] = mapped_column(index=True)
    details: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)
    request_id: Mapped[str | None] = mapped_column(String(40))


def record(
    actor: "Actor | UUID | None",
    action: str,
    subject_kind: str | None = None,
    subject_uuid: UUID | None = None,
    **details: object,
) -> None:
    """Write one entry in the open write transaction.

    `actor` is who acts; a person's UUID where nobody is signed in yet; None for the site itself.
    """
    entry = _entry(actor, action, subject_kind, subject_uuid, details)
    ledger.append(entry, entry_facts)


def record_many(
    actor: UUID | None,
    action: str,
    subject_kind: str,
    acts: Iterable[tuple[UUID, Mapping[str, object]]],
) -> None:
    """An entry, as `record` writes it, for each of many things that the same act was done to:
    their UUIDs with the details."""
    ledger.append_many(
        [_entry(actor, action, subject_kind, uuid, details) for uuid, details in acts], entry_facts
    )


def _entry(
    actor: "Actor | UUID | None",
    action: str,
    subject_kind: str | None,
    subject_uuid: UUID | None,
    details: Mapping[str, object],
) -> AuditEntry:
    if actor is None:
        chain = ledger.SITE_CHAIN
    else:
        chain = actor if isinstance(actor, UUID) else actor.person_uuid
    return AuditEntry(
        uuid=new_uuid(),
        chain=chain,
        action=action,
        subject_kind=subject_kind,
        subject_uuid=subject_uuid,
        details={key: str(value) for key, value in details.items()},
        request_id=g.get("request_id") if has_request_context() else None,
    )


def entry_facts(entry: AuditEntry) -> ledger.Facts:
    """What the digest of an entry covers."""
    return {
        "uuid": entry.uuid,
        "action": entry.action,
        "subject_kind": entry.subject_kind,
        "subject_uuid": entry.subject_uuid,
        "details": entry.details,
        "request_id": entry.request_id,
    }


def entries() -> Select[AuditEntry]:
    return select(AuditEntry)
