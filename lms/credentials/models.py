"""Certificates, what happened to them since, and what is still to be done."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from lms.accounts.models import Person
from lms.core.db import Model, enum_column, new_uuid
from lms.core.ledger import Chained, name_once
from lms.credentials.rules import EventKind

_EXPIRES = text("valid_until IS NOT NULL")


class Certificate(Chained, Model):
    """A certificate as it was issued. Append-only, chained per person.

    `printed` is everything that stands on it (`formats.pdf.printed`); the chain covers its digest,
    so that the erasure of a name breaks no chain. `ordinal` runs through the year of issue without
    a gap. `source_uuid` names what it was earned by; `replaces` is the certificate that this
    re-issue takes the place of, with the reason.
    """

    __tablename__ = "certificate"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    source_uuid: Mapped[UUID] = mapped_column(index=True)
    year: Mapped[int]
    ordinal: Mapped[int]
    number: Mapped[str] = mapped_column(String(60), unique=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    issued_on: Mapped[date]
    valid_until: Mapped[date | None]
    printed: Mapped[dict[str, Any]] = mapped_column(JSON)
    printed_digest: Mapped[str] = mapped_column(String(64))
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("certificate.id"))
    reason: Mapped[str | None] = mapped_column(String(300))

    person: Mapped[Person] = relationship()
    replaces: Mapped["Certificate | None"] = relationship(remote_side=id)

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:  # noqa: N805 - declared_attr passes the class
        return (
            UniqueConstraint("chain", "seq"),
            UniqueConstraint("year", "ordinal"),
            # Those that run out soon are few among all that there ever were.
            Index(
                "ix_certificate_valid_until",
                "valid_until",
                "person_id",
                sqlite_where=_EXPIRES,
                postgresql_where=_EXPIRES,
            ),
        )


name_once(Certificate.replaces_id)


class CertificateEvent(Chained, Model):
    """What happened to a certificate: its file was made (once), it was revoked (once). Append-only,
    chained per person."""

    __tablename__ = "certificate_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"))
    kind: Mapped[EventKind] = enum_column(EventKind)
    file_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    file_size: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(String(300))

    certificate: Mapped[Certificate] = relationship()

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:  # noqa: N805 - declared_attr passes the class
        return (UniqueConstraint("chain", "seq"), UniqueConstraint("certificate_id", "kind"))


class CertificateToPrint(Model):
    """A certificate without its file. Goes in the transaction that records the file."""

    __tablename__ = "certificate_to_print"

    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), primary_key=True)


class CertificateReminder(Model):
    """The day on which the holder of a certificate is reminded next that it runs out."""

    __tablename__ = "certificate_reminder"

    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), primary_key=True)
    due_on: Mapped[date]


Index("ix_certificate_reminder_due_on", CertificateReminder.due_on)
