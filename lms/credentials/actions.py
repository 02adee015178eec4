"""Issuing, making the file, revoking, issuing again, reminding: all is added, nothing changed."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from secrets import choice
from uuid import UUID

from flask import current_app
from flask_babel import gettext
from sqlalchemy import delete

from lms.accounts.actions.reasons import checked_reason
from lms.accounts.models import Person
from lms.accounts.queries import DEFAULT_ZONE, Post, post_of
from lms.accounts.rules import Employment
from lms.competencies import actions as competencies
from lms.competencies.queries import ledgers as record
from lms.core import audit, clock, files, jobs, ledger
from lms.core.access import Actor
from lms.core.db import db, new_uuid, transaction
from lms.core.errors import DomainError
from lms.credentials import queries, rules
from lms.credentials.models import (
    Certificate,
    CertificateEvent,
    CertificateReminder,
    CertificateToPrint,
)
from lms.credentials.rules import EventKind
from lms.formats import codes
from lms.formats.pdf.printed import Printed, Reached, Taught, from_plain, printed_digest, to_plain
from lms.notifications.actions import notify
from lms.notifications.rules import NotificationKind

OWN = "/my/certificates"  # told by jobs, without a request
_NUMBERS = "certificate_number"


@dataclass(frozen=True)
class Earned:
    """What a certificate is given for. `source_uuid` names the completion; days are local ones;
    `modules` are titles with their learning time in minutes."""

    source_uuid: UUID
    course: str
    version: int
    language: str
    organiser: str
    jp: Decimal
    started_on: date
    completed_on: date
    score: Decimal | None
    competencies: tuple[Reached, ...]
    modules: tuple[tuple[str, int], ...]
    validity_months: int


def issue(person: Person, earned: Earned, post: Post | None) -> Certificate:
    """Issue a certificate in the open transaction: number, code, everything that is printed and its
    digest exist with the completion or not at all. The file follows by a job."""
    config = current_app.config
    parts = rules.shares(earned.jp, [minutes for _, minutes in earned.modules])
    modules = zip(earned.modules, parts, strict=True)
    printed = Printed(
        number="",
        code="",
        address="",
        office=config["SITE_NAME"],
        issuer=config["CERTIFICATE_ISSUER"],
        organiser=earned.organiser,
        name=person.name,
        nip=person.nip,
        is_pppk=person.employment is Employment.PPPK,
        position=post.position_name if post else "",
        unit=post.unit_name if post else "",
        course=earned.course,
        version=earned.version,
        language=earned.language,
        jp=earned.jp,
        started_on=earned.started_on,
        completed_on=earned.completed_on,
        score=earned.score,
        competencies=earned.competencies,
        modules=tuple(Taught(title, minutes, jp) for (title, minutes), jp in modules),
        place=config["CERTIFICATE_PLACE"],
        issued_on=earned.completed_on,
        signatory=config["CERTIFICATE_SIGNATORY"],
        signatory_position=config["CERTIFICATE_SIGNATORY_POSITION"],
        valid_until=rules.valid_until(earned.completed_on, earned.validity_months),
        logo=_kept_logo(),
    )
    return _add(person, earned.source_uuid, printed)


def _add(
    person: Person,
    source_uuid: UUID,
    printed: Printed,
    *,
    replaces: Certificate | None = None,
    reason: str | None = None,
) -> Certificate:
    """Give the next number of the year and a code, and write the entry.

    The numbers are locked until the commit: none is given twice, and none is left out, because one
    that is rolled back is given again.
    """
    year = printed.issued_on.year
    ledger.lock_chain(_NUMBERS, UUID(int=year))
    ordinal = queries.last_ordinal(year) + 1
    code = "".join(choice(codes.SIGNS) for _ in range(rules.CODE_LENGTH))
    printed = replace(
        printed,
        number=rules.number_of(current_app.config["CERTIFICATE_NUMBER"], year, ordinal),
        code=code,
        address=f"{current_app.config['SITE_URL']}/verify/{code.lower()}",
    )
    plain = to_plain(printed)
    entry = Certificate(
        chain=person.uuid,
        uuid=new_uuid(),
        person=person,
        source_uuid=source_uuid,
        year=year,
        ordinal=ordinal,
        number=printed.number,
        code=code,
        issued_on=printed.issued_on,
        valid_until=printed.valid_until,
        printed=plain,
        printed_digest=printed_digest(plain),
        replaces=replaces,
        reason=reason,
    )
    ledger.append(entry, queries.certificate_facts)
    db.session.add(CertificateToPrint(certificate_id=entry.id))
    _plan_reminder(entry.id, printed.valid_until, clock.local_day(clock.now(), DEFAULT_ZONE))
    db.session.flush()
    jobs.hint("certificates")
    return entry


def _kept_logo() -> str:
    """The digest of the logo, which is kept as it is today: a later one changes no file."""
    content: bytes | None = current_app.config["CERTIFICATE_LOGO"]
    return files.save(content) if content else ""


# ── The file ─────────────────────────────────────────────────────────────────────────────────


def make_file(certificate_id: int) -> None:
    """Make the file of a certificate and record it, in a transaction of its own.

    May be cut short anywhere and run again, also twice at a time: the bytes follow from what is
    printed, they are on the disk before they are recorded, and they are recorded once.
    """
    from lms.formats.pdf import certificate as sheet  # 20 MB, which only who draws needs

    printed = queries.printed_of(certificate_id)
    db.session.rollback()  # nothing is held while the sheet is drawn
    logo = files.Kept(printed.logo).content if printed.logo else None
    content = sheet.render(printed, logo)
    digest = files.save(content)
    with transaction():
        certificate = db.session.get_one(Certificate, certificate_id)
        ledger.lock_chain(CertificateEvent.__tablename__, certificate.chain)
        if not queries.has_event(certificate_id, EventKind.FILE_MADE):
            _note(certificate, EventKind.FILE_MADE, file_digest=digest, file_size=len(content))
        db.session.execute(
            delete(CertificateToPrint).where(CertificateToPrint.certificate_id == certificate_id)
        )


def _note(certificate: Certificate, kind: EventKind, **values: object) -> None:
    event = CertificateEvent(
        chain=certificate.chain, uuid=new_uuid(), certificate=certificate, kind=kind, **values
    )
    ledger.append(event, queries.event_facts)


# ── Revoking and issuing again ───────────────────────────────────────────────────────────────


def revoke(actor: Actor | UUID | None, certificate: Certificate, *, reason: str) -> None:
    """Revoke a certificate for good, with the hours and evidence that stand on it; audited.

    Raises DomainError without a reason, or when it was revoked or replaced already.
    """
    reason = checked_reason(reason)
    _assert_current(certificate)
    _note(certificate, EventKind.REVOKED, reason=reason)
    for evidence in record.evidence_of_source(certificate.source_uuid):
        competencies.reverse_evidence(actor, evidence, reason=reason)
    for hours in record.hours_of_source(certificate.source_uuid):
        competencies.reverse_hours(actor, hours, reason=reason)
    _forget_reminder(certificate.id)
    audit.record(actor, "credentials.revoked", "certificate", certificate.uuid, reason=reason)
    notify(
        certificate.person_id,
        NotificationKind.CERTIFICATE_REVOKED,
        url=OWN,
        course=certificate.printed["course"],
        number=certificate.number,
        reason=reason,
    )


@dataclass(frozen=True)
class Corrected:
    """What a certificate that was issued with a wrong score is issued for instead."""

    source_uuid: UUID
    score: Decimal | None


def reissue(
    actor: Actor | UUID | None,
    certificate: Certificate,
    *,
    reason: str,
    corrected: Corrected | None = None,
) -> Certificate:
    """Issue a certificate anew under a new number, with the person's name and number and the
    office's signatory of today; all else stays as it was earned, or is what was `corrected`. The
    old one is superseded. Audited.

    Raises DomainError without a reason, or when it was revoked or replaced already.
    """
    reason = checked_reason(reason)
    _assert_current(certificate)
    post = post_of(certificate.person_id)
    today = clock.today(post.time_zone if post else DEFAULT_ZONE)
    person, config = certificate.person, current_app.config
    printed = from_plain(certificate.printed)
    corrected = corrected or Corrected(certificate.source_uuid, printed.score)
    printed = replace(
        printed,
        score=corrected.score,
        office=config["SITE_NAME"],
        issuer=config["CERTIFICATE_ISSUER"],
        name=person.name,
        nip=person.nip,
        is_pppk=person.employment is Employment.PPPK,
        place=config["CERTIFICATE_PLACE"],
        issued_on=today,
        signatory=config["CERTIFICATE_SIGNATORY"],
        signatory_position=config["CERTIFICATE_SIGNATORY_POSITION"],
        logo=_kept_logo(),
        replaces=certificate.number,
    )
    _forget_reminder(certificate.id)
    new = _add(person, corrected.source_uuid, printed, replaces=certificate, reason=reason)
    audit.record(
        actor, "credentials.reissued", "certificate", certificate.uuid,
        successor=new.uuid, reason=reason,
    )  # fmt: skip
    notify(
        person.id,
        NotificationKind.CERTIFICATE_REISSUED,
        url=OWN,
        course=printed.course,
        number=new.number,
        before=certificate.number,
        reason=reason,
    )
    return new


def _assert_current(certificate: Certificate) -> None:
    """Both acts lock the same chain, so that only one of two at once finds the certificate so."""
    lock_record(certificate.chain)
    if queries.has_event(certificate.id, EventKind.REVOKED):
        raise DomainError(gettext("Sertifikat ini sudah dicabut."))
    if queries.is_replaced(certificate.id):
        raise DomainError(gettext("Sertifikat ini sudah diterbitkan ulang."))


def lock_record(chain: UUID) -> None:
    """Keep others from what a person has earned until the commit. Everybody locks in one order:
    events, then the ledgers of the record, then numbers."""
    for table in (CertificateEvent.__tablename__, "evidence", "hour_entry"):
        ledger.lock_chain(table, chain)


# ── Reminders ────────────────────────────────────────────────────────────────────────────────


def remind(certificate_id: int) -> None:
    """Tell the holder that a certificate runs out, if that is due, and plan the next time. Needs
    an open write transaction; a reminder that another sweep has is left to it."""
    due = queries.locked_reminder(certificate_id)
    certificate = db.session.get_one(Certificate, certificate_id)
    post = post_of(certificate.person_id)
    today = clock.today(post.time_zone if post else DEFAULT_ZONE)
    if due is None or due.due_on > today:
        return
    until = certificate.valid_until
    _forget_reminder(certificate_id)
    _plan_reminder(certificate_id, until, today)
    db.session.flush()
    if until is not None and today <= until:
        notify(
            certificate.person_id,
            NotificationKind.CERTIFICATE_EXPIRES,
            url=OWN,
            course=certificate.printed["course"],
            number=certificate.number,
            until=until.isoformat(),
        )


def _plan_reminder(certificate_id: int, until: date | None, today: date) -> None:
    due_on = rules.next_reminder(until, queries.reminder_days(), today) if until else None
    if due_on is not None:
        db.session.add(CertificateReminder(certificate_id=certificate_id, due_on=due_on))


def _forget_reminder(certificate_id: int) -> None:
    db.session.execute(
        delete(CertificateReminder).where(CertificateReminder.certificate_id == certificate_id)
    )


def note_export(actor: Actor, *, rows: int, searched: bool, state: str) -> None:
    """Write into the audit that the list of certificates was taken out, under the name that whoever
    watches the site looks for. What was searched for may be a name, which could never be erased
    from there."""
    audit.record(
        actor, "reports.exported", table="certificates", rows=rows, searched=searched, state=state
    )
