"""Verifications of the records that an auditor asked for."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.db import Model, UtcDateTime, enum_column, new_uuid
from lms.upkeep.rules import VerificationState


class Verification(Model):
    """One look at every chain, trigger, stored level and file of a certificate."""

    __tablename__ = "verification"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    state: Mapped[VerificationState] = enum_column(VerificationState, index=True)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    began_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    faults: Mapped[int] = mapped_column(default=0)
    lines: Mapped[list[str]] = mapped_column(JSON, default=list)  # the first of them
