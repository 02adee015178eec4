"""People, units, positions, placements, roles, sign-in sessions."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.accounts.rules import (
    Employment,
    MailChoice,
    PlacementStanding,
    PositionKind,
    PositionTier,
    Role,
)
from lms.accounts.rules.importing import ImportKind, ImportState, Outcome, Verdict
from lms.core.db import Model, UtcDateTime, enum_column, new_uuid


class Person(Model):
    """A civil servant. Never deleted; `deactivated_at` ends every way in."""

    __tablename__ = "person"
    __table_args__ = (Index("ix_person_name", "name", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    nip: Mapped[str] = mapped_column(String(18), unique=True)
    name: Mapped[str] = mapped_column(String(160))
    email: Mapped[str | None] = mapped_column(String(254), unique=True)  # lower case
    employment: Mapped[Employment] = enum_column(Employment)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    # When somebody else gave the password; empty as soon as the person has chosen one.
    initial_password_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    language: Mapped[str | None] = mapped_column(String(2))
    # When news come by mail as well; None: nothing was chosen yet.
    mail_choice: Mapped[MailChoice | None] = enum_column(MailChoice, nullable=True)
    deactivated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Unit(Model):
    """A work unit. `path` lists the ids from the root, /1/4/; a subtree is one range of it."""

    __tablename__ = "unit"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(160))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    path: Mapped[str] = mapped_column(
        String(255).with_variant(String(255, collation="C"), "postgresql"), unique=True
    )
    time_zone: Mapped[str] = mapped_column(String(40), default="Asia/Jakarta")

    parent: Mapped["Unit | None"] = relationship(remote_side=id)


class Position(Model):
    """A position that people can be placed in (jabatan)."""

    __tablename__ = "position"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(160))
    kind: Mapped[PositionKind] = enum_column(PositionKind)
    tier: Mapped[PositionTier] = enum_column(PositionTier)


_OPEN_CODE = text("used_at IS NULL AND void_at IS NULL")
_OPEN_DEFINITIVE = text("standing = 'definitive' AND end_on IS NULL")


class Placement(Model):
    """Who held which position in which unit, from when to when. `heads_unit`: leads that unit."""

    __tablename__ = "placement"
    __table_args__ = (
        Index(
            "uq_placement_open_definitive",
            "person_id",
            unique=True,
            sqlite_where=_OPEN_DEFINITIVE,
            postgresql_where=_OPEN_DEFINITIVE,
        ),
        Index("ix_placement_unit_dates", "unit_id", "start_on", "end_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    position_id: Mapped[int] = mapped_column(ForeignKey("position.id"), index=True)
    standing: Mapped[PlacementStanding] = enum_column(PlacementStanding)
    heads_unit: Mapped[bool] = mapped_column(default=False)
    start_on: Mapped[date]
    end_on: Mapped[date | None]

    person: Mapped[Person] = relationship()
    unit: Mapped[Unit] = relationship()
    position: Mapped[Position] = relationship()


class RoleGrant(Model):
    """A role given to a person for a unit and everything below it, from when to when."""

    __tablename__ = "role_grant"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[Role] = enum_column(Role)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    start_on: Mapped[date]
    end_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(String(300))

    unit: Mapped[Unit] = relationship()


class Delegation(Model):
    """Rights of the head of a unit that she gave to somebody for some days. It holds only as long
    as she heads the unit herself (`queries.delegations`)."""

    __tablename__ = "delegation"
    __table_args__ = (
        Index("ix_delegation_giver", "giver_id", "id"),
        CheckConstraint("giver_id <> delegate_id", name="not_oneself"),
        CheckConstraint("end_on >= start_on", name="days"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by_id IS NULL)", name="revoked"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    giver_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    delegate_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    start_on: Mapped[date]
    end_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(300))
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)

    giver: Mapped[Person] = relationship(foreign_keys=[giver_id])
    delegate: Mapped[Person] = relationship(foreign_keys=[delegate_id])
    unit: Mapped[Unit] = relationship()


class ActivationCode(Model):
    """A code by which a person makes the first, or a new, password. The letter holds the code, the
    table only its SHA-256. At most one of a person is neither used nor void."""

    __tablename__ = "activation_code"
    __table_args__ = (
        Index(
            "uq_activation_code_open",
            "person_id",
            unique=True,
            sqlite_where=_OPEN_CODE,
            postgresql_where=_OPEN_CODE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    code_digest: Mapped[str] = mapped_column(String(64))
    given_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    void_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    person: Mapped[Person] = relationship(foreign_keys=[person_id])


class SignInSession(Model):
    """One sign-in on one device. The cookie holds the key, the table only its SHA-256."""

    __tablename__ = "sign_in_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    key_digest: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    remembered: Mapped[bool] = mapped_column(default=False)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    device: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(45), default="")

    person: Mapped[Person] = relationship()


class CredentialTry(Model):
    """A try with a password or a code, a reset request, or a question for a certificate that there
    is not. Written before the password is looked at, so that parallel guesses cannot pass the
    limit; removed for the account when the sign-in succeeds."""

    __tablename__ = "credential_try"
    __table_args__ = (
        Index("ix_credential_try_account", "kind", "account_digest", "at"),
        Index("ix_credential_try_address", "kind", "address", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))  # one of actions.tries
    account_digest: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(45))
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class RegisterImport(Model):
    """A file of people, units or positions that somebody sent, held as rows until it is applied,
    and some time after that. `position`: how many rows the job has worked on."""

    __tablename__ = "register_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    kind: Mapped[ImportKind] = enum_column(ImportKind)
    state: Mapped[ImportState] = enum_column(ImportState, index=True)
    file_name: Mapped[str] = mapped_column(String(160))
    # Who sent it; empty for a command.
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    # With whose rights the job works on it: whoever asked for that last.
    acting_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    day: Mapped[date]  # what an empty first day of a placement means
    whole: Mapped[bool | None]  # applied all or nothing, or row by row
    rows: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ImportRow(Model):
    """A row of such a file: what its cells say, what it would do, and what became of it. `trace`
    holds what undoing it needs."""

    __tablename__ = "import_row"
    __table_args__ = (
        UniqueConstraint("import_id", "number"),
        Index("ix_import_row_key", "import_id", "key"),
        Index("ix_import_row_email", "import_id", "email"),
        Index("ix_import_row_verdict", "import_id", "verdict", "number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("register_import.id"))
    number: Mapped[int]
    key: Mapped[str] = mapped_column(String(40))
    email: Mapped[str | None] = mapped_column(String(254))
    cells: Mapped[dict[str, str]] = mapped_column(JSON)
    verdict: Mapped[Verdict] = enum_column(Verdict)
    changes: Mapped[dict[str, list[str | None]]] = mapped_column(JSON, default=dict)
    faults: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    outcome: Mapped[Outcome | None] = enum_column(Outcome, nullable=True)
    subject_uuid: Mapped[UUID | None]
    trace: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)
