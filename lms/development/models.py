"""Claims of what was learnt elsewhere, and what happened to each."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.accounts.models import Person
from lms.competencies.models import Competency
from lms.core.db import Hundredths, Model, UtcDateTime, enum_column, new_uuid
from lms.development.rules import ClaimAct, ClaimKind, ClaimState

_IN_HAND = text("state IN ('submitted', 'endorsed')")


class EvidenceClaim(Model):
    """An external training or certificate that a person enters with its document.

    `form` is the code of an `HourForm`, `quantity` the hours of the curriculum, or the days, times
    or semesters, by its unit. Only an approved claim stands in the ledgers, as their `source_uuid`.
    `waiting_since` is when whoever acts next got it.
    """

    __tablename__ = "evidence_claim"
    __table_args__ = (
        CheckConstraint("(competency_id IS NULL) = (level IS NULL)", name="level_given"),
        CheckConstraint("level BETWEEN 1 AND 5", name="level"),
        CheckConstraint("ended_on >= started_on", name="days"),
        Index("ix_evidence_claim_person", "person_id", "id"),
        Index(
            "ix_evidence_claim_waiting",
            "state",
            "waiting_since",
            "id",
            sqlite_where=_IN_HAND,
            postgresql_where=_IN_HAND,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[ClaimKind] = enum_column(ClaimKind)
    title: Mapped[str] = mapped_column(String(200))
    organiser: Mapped[str] = mapped_column(String(160))
    number: Mapped[str | None] = mapped_column(String(80))
    started_on: Mapped[date]
    ended_on: Mapped[date]
    valid_until: Mapped[date | None]
    form: Mapped[str] = mapped_column(String(10))
    quantity: Mapped[Decimal] = mapped_column(Hundredths)
    abroad: Mapped[bool]
    competency_id: Mapped[int | None] = mapped_column(ForeignKey("competency.id"))
    level: Mapped[int | None]
    document_digest: Mapped[str] = mapped_column(String(64))
    document_name: Mapped[str] = mapped_column(String(120))
    document_kind: Mapped[str] = mapped_column(String(4))  # pdf, jpg, png
    document_size: Mapped[int]  # bytes
    state: Mapped[ClaimState] = enum_column(ClaimState)
    waiting_since: Mapped[datetime] = mapped_column(UtcDateTime)

    person: Mapped[Person] = relationship()
    competency: Mapped[Competency | None] = relationship()


class ClaimEvent(Model):
    """One act on a claim. Rows are added, never changed; the audit log holds the same act."""

    __tablename__ = "claim_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("evidence_claim.id"), index=True)
    act: Mapped[ClaimAct] = enum_column(ClaimAct)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    by_as: Mapped[str | None] = mapped_column(String(200))  # "a.n. …" of whoever stood in
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(String(300))

    by: Mapped[Person] = relationship()
