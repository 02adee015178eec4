"""Certificates as they are read: one's own, those of the team, and by what stands on the paper."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import ColumnElement, Date, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from lms.accounts.models import Person
from lms.accounts.queries import site_zone
from lms.accounts.queries.register import in_reach
from lms.accounts.queries.team import supervises
from lms.core import clock, files, ledger
from lms.core.access import Actor, Permission
from lms.core.db import db, read
from lms.core.errors import NotFound
from lms.credentials import rules
from lms.credentials.models import (
    Certificate,
    CertificateEvent,
    CertificateReminder,
    CertificateToPrint,
)
from lms.credentials.rules import CertificateState, EventKind
from lms.formats.pdf.printed import Printed, from_plain, printed_digest


@dataclass(frozen=True)
class CertificateView:
    """A certificate with what became of it. `file_digest` None: the file is still being made;
    `successor_*` None: nothing took its place. `reason` is why it took the place of another."""

    id: int
    uuid: UUID
    person_id: int
    source_uuid: UUID
    number: str
    code: str
    issued_on: date
    valid_until: date | None
    plain: dict[str, Any]
    printed_digest: str
    file_digest: str | None
    file_size: int | None
    revoked_at: datetime | None
    revoked_reason: str | None
    successor_number: str | None
    successor_code: str | None
    reason: str | None

    @cached_property
    def printed(self) -> Printed:
        return from_plain(self.plain)

    @property
    def is_intact(self) -> bool:
        """Is what is printed still what was issued, and what the state is told by?"""
        if printed_digest(self.plain) != self.printed_digest:
            return False
        printed = self.printed
        return (printed.number, printed.code, printed.issued_on, printed.valid_until) == (
            self.number,
            self.code,
            self.issued_on,
            self.valid_until,
        )

    def state(self, today: date) -> CertificateState:
        return rules.state_of(
            revoked=self.revoked_at is not None,
            superseded=self.successor_code is not None,
            valid_until=self.valid_until,
            today=today,
        )

    def runs_out(self, today: date) -> bool:
        """Does it count today, and not much longer?"""
        until = self.valid_until
        return (
            self.state(today) is CertificateState.VALID
            and until is not None
            and until <= soon(today)
        )

    @property
    def file_name(self) -> str:
        plain = "".join(c if c.isascii() and c.isalnum() else "-" for c in self.number)
        return f"sertifikat-{plain}.pdf"


_File, REVOCATION = aliased(CertificateEvent), aliased(CertificateEvent)
SUCCESSOR = aliased(Certificate)
VIEWS = (
    select(
        Certificate.id,
        Certificate.uuid,
        Certificate.person_id,
        Certificate.source_uuid,
        Certificate.number,
        Certificate.code,
        Certificate.issued_on,
        Certificate.valid_until,
        Certificate.printed.label("plain"),
        Certificate.printed_digest,
        _File.file_digest,
        _File.file_size,
        REVOCATION.recorded_at.label("revoked_at"),
        REVOCATION.reason.label("revoked_reason"),
        SUCCESSOR.number.label("successor_number"),
        SUCCESSOR.code.label("successor_code"),
        Certificate.reason,
    )
    .outerjoin(
        _File, and_(_File.certificate_id == Certificate.id, _File.kind == EventKind.FILE_MADE)
    )
    .outerjoin(
        REVOCATION,
        and_(REVOCATION.certificate_id == Certificate.id, REVOCATION.kind == EventKind.REVOKED),
    )
    .outerjoin(SUCCESSOR, SUCCESSOR.replaces_id == Certificate.id)
)
_OF_PERSON = VIEWS.where(Certificate.person_id == bindparam("person_id")).order_by(
    Certificate.issued_on.desc(), Certificate.id.desc()
)
BY_UUID = VIEWS.where(Certificate.uuid == bindparam("uuid"))
_BY_CODE = VIEWS.where(Certificate.code == bindparam("code"))
_BY_FILE = VIEWS.where(_File.file_digest == bindparam("digest"))
_OF_SOURCES = (
    VIEWS.where(
        Certificate.source_uuid.in_(bindparam("sources", expanding=True)),
        SUCCESSOR.id.is_(None),
    )
)  # fmt: skip


def certificates_of(person_id: int) -> list[CertificateView]:
    """All of a person, the latest first. The caller has authorised."""
    return [CertificateView(*row) for row in read(_OF_PERSON, person_id=person_id)]


def current_by_source(sources: Sequence[UUID]) -> dict[UUID, CertificateView]:
    """By what they were earned by, without those that others took the place of. The caller has
    authorised."""
    rows = read(_OF_SOURCES, sources=sources) if sources else ()
    return {row.source_uuid: CertificateView(*row) for row in rows}


# ── Those that run out ───────────────────────────────────────────────────────────────────────


def reminder_days() -> Sequence[int]:
    """How many days before the end a holder is reminded."""
    return [int(days) for days in current_app.config["CERTIFICATE_REMINDER_DAYS"].split(",")]


def soon(today: date) -> date:
    """What ends by this day runs out: its holder has been reminded."""
    return today + timedelta(days=max(reminder_days()))


_Later, _End = aliased(Certificate), aliased(CertificateEvent)
# SQL condition on Certificate: it counts on `day`, and not after `soon`.
RUNS_OUT: ColumnElement[bool] = and_(
    Certificate.valid_until >= bindparam("day", type_=Date),
    Certificate.valid_until <= bindparam("soon", type_=Date),
    ~select(_Later.id).where(_Later.replaces_id == Certificate.id).exists(),
    ~select(_End.id)
    .where(_End.certificate_id == Certificate.id, _End.kind == EventKind.REVOKED)
    .exists(),
)
_FIRST_ENDS = (
    select(Certificate.person_id, func.min(Certificate.valid_until))
    .where(Certificate.person_id.in_(bindparam("person_ids", expanding=True)), RUNS_OUT)
    .group_by(Certificate.person_id)
)


def first_ends(person_ids: Sequence[int], today: date) -> dict[int, date]:
    """The last day of the certificate that runs out first, of those who have one. The caller has
    authorised."""
    rows = read(_FIRST_ENDS, person_ids=person_ids, day=today, soon=soon(today))
    return {row[0]: row[1] for row in rows}


def certificate_for(actor: Actor, uuid: UUID) -> CertificateView:
    """A certificate of the actor's own, of somebody on the actor's team, or within the reach of
    HR. Raises NotFound."""
    row = read(BY_UUID, uuid=uuid).first()
    if row is None or not _may_see(actor, row.person_id):
        raise NotFound
    return CertificateView(*row)


def _may_see(actor: Actor, person_id: int) -> bool:
    return person_id == actor.person_id or supervises(actor, person_id) or reaches(actor, person_id)


def within_reach(actor: Actor) -> ColumnElement[bool]:
    """SQL condition on Person: within the reach of the actor as HR."""
    paths = actor.paths_of(Permission.CREDENTIALS_PEOPLE_MANAGE)
    return in_reach(paths, clock.today(actor.time_zone))


def reaches(actor: Actor, person_id: int) -> bool:
    """Is the person within the reach of the actor as HR?"""
    if Permission.CREDENTIALS_PEOPLE_MANAGE not in actor.permissions:
        return False
    found = select(Person.id).where(Person.id == person_id, within_reach(actor)).limit(1)
    return db.session.scalar(found) is not None


def certificate_by_code(typed: str) -> CertificateView | None:
    """For everybody who holds the code. None where there is none."""
    code = rules.tidy_code(typed)
    row = read(_BY_CODE, code=code).first() if code else None
    return CertificateView(*row) if row else None


def certificate_by_file(digest: str) -> CertificateView | None:
    """Whose issued file has this SHA-256, byte for byte."""
    row = read(_BY_FILE, digest=digest).first()
    return CertificateView(*row) if row else None


def public_day() -> date:
    """The day by which the public is told whether a certificate still counts."""
    return clock.today(site_zone())


# ── For acts, jobs and commands ──────────────────────────────────────────────────────────────


def certificate_by_name(typed: str) -> Certificate | None:
    """By number, or by code in any spelling."""
    return db.session.scalar(
        select(Certificate).where(
            or_(Certificate.number == typed.strip(), Certificate.code == rules.tidy_code(typed))
        )
    )


def has_event(certificate_id: int, kind: EventKind) -> bool:
    found = select(CertificateEvent.id).where(
        CertificateEvent.certificate_id == certificate_id, CertificateEvent.kind == kind
    )
    return db.session.scalar(found) is not None


def current_entry(source_uuid: UUID) -> Certificate | None:
    """What was issued for a source, if it is in force: neither revoked nor replaced."""
    successor = aliased(Certificate)
    return db.session.scalar(
        select(Certificate).where(
            Certificate.source_uuid == source_uuid,
            ~exists().where(successor.replaces_id == Certificate.id),
            ~exists().where(
                CertificateEvent.certificate_id == Certificate.id,
                CertificateEvent.kind == EventKind.REVOKED,
            ),
        )
    )


def is_replaced(certificate_id: int) -> bool:
    again = select(Certificate.id).where(Certificate.replaces_id == certificate_id)
    return db.session.scalar(again) is not None


def last_ordinal(year: int) -> int:
    highest = select(func.max(Certificate.ordinal)).where(Certificate.year == year)
    return db.session.scalar(highest) or 0


def to_print(limit: int) -> list[int]:
    """Ids of certificates without a file, the oldest first."""
    oldest = select(CertificateToPrint.certificate_id).order_by(CertificateToPrint.certificate_id)
    return list(db.session.scalars(oldest.limit(limit)))


def printed_of(certificate_id: int) -> Printed:
    query = select(Certificate.printed).where(Certificate.id == certificate_id)
    return from_plain(db.session.execute(query).scalar_one())


def due_reminders(day: date, limit: int) -> list[int]:
    """Ids of certificates whose holders are to be reminded on a day, or should have been."""
    return list(
        db.session.scalars(
            select(CertificateReminder.certificate_id)
            .where(CertificateReminder.due_on <= day)
            .order_by(CertificateReminder.due_on)
            .limit(limit)
        )
    )


def locked_reminder(certificate_id: int) -> CertificateReminder | None:
    """For acts: kept from other sweeps until the commit; None where another one has it."""
    return db.session.scalar(
        select(CertificateReminder)
        .where(CertificateReminder.certificate_id == certificate_id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )


# ── What the ledgers vouch for ───────────────────────────────────────────────────────────────


def certificate_facts(entry: Certificate) -> ledger.Facts:
    """What the digest of a certificate covers: of what is printed, its digest. Raises ValueError
    where what is printed is not what that digest says."""
    if printed_digest(entry.printed) != entry.printed_digest:
        raise ValueError("what is printed was changed")
    return {
        "uuid": entry.uuid,
        "person": entry.person.uuid,
        "source": entry.source_uuid,
        "year": entry.year,
        "ordinal": entry.ordinal,
        "number": entry.number,
        "code": entry.code,
        "issued_on": entry.issued_on,
        "valid_until": entry.valid_until,
        "printed": entry.printed_digest,
        "replaces": entry.replaces.uuid if entry.replaces else None,
        "reason": entry.reason,
    }


def event_facts(entry: CertificateEvent) -> ledger.Facts:
    """What the digest of an event covers."""
    return {
        "uuid": entry.uuid,
        "certificate": entry.certificate.uuid,
        "kind": entry.kind,
        "file": entry.file_digest,
        "size": entry.file_size,
        "reason": entry.reason,
    }


def certificate_entries() -> Select[Certificate]:
    """All entries with what their facts need, for verification."""
    return select(Certificate).options(
        joinedload(Certificate.person), joinedload(Certificate.replaces)
    )


def event_entries() -> Select[CertificateEvent]:
    """All entries with what their facts need, for verification."""
    return select(CertificateEvent).options(joinedload(CertificateEvent.certificate))


def file_faults() -> Iterator[str]:
    """A line for every certificate whose file is not there, or not the one that was made. Reads
    every file, one after the other."""
    rows = db.session.execute(
        select(Certificate.number, CertificateEvent.file_digest)
        .join(Certificate, CertificateEvent.certificate_id == Certificate.id)
        .where(CertificateEvent.kind == EventKind.FILE_MADE)
        .order_by(CertificateEvent.id)
        .execution_options(yield_per=ledger.BATCH)
    )
    for number, digest in rows:
        try:
            found = sha256(files.Kept(digest or "").content).hexdigest()
        except (OSError, ValueError):
            yield f"the file of certificate {number} cannot be read"
            continue
        if found != digest:
            yield f"the file of certificate {number} is not the one that was issued"
