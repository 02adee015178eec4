"""People: added, closed, and given roles."""

from datetime import date

from flask_babel import gettext
from sqlalchemy import select

from lms.accounts import queries, rules
from lms.accounts.actions.sessions import end_sessions_of
from lms.accounts.models import Person, RoleGrant, Unit
from lms.accounts.rules import Employment, NipFault, Role
from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.db import db, new_uuid
from lms.core.errors import DomainError


def add_person(
    *, nip: str, name: str, email: str | None, employment: Employment, actor: Actor | None = None
) -> Person:
    """Raises DomainError on `nip`, `name` or `email` when it is faulty or taken."""
    nip, name = rules.tidy_nip(nip), rules.tidy_line(name)
    address = rules.tidy_line(email or "").lower() or None
    fault = rules.nip_fault(nip, clock.today(queries.DEFAULT_ZONE))
    if fault:
        raise DomainError(_nip_words(fault), "nip")
    if not name or len(name) > rules.NAME_MAX:
        raise DomainError(
            gettext("Isi nama, paling banyak %(n)d karakter", n=rules.NAME_MAX), "name"
        )
    if address and not rules.is_email(address):
        raise DomainError(gettext("Alamat surel ini tidak dapat dikirimi surat"), "email")
    if employment is Employment.PNS and rules.is_pppk_number(nip):
        raise DomainError(gettext("Nomor ini milik PPPK, bukan PNS"), "nip")
    if db.session.scalar(select(Person.id).where(Person.nip == nip)):
        raise DomainError(gettext("NIP ini sudah terdaftar"), "nip")
    if address and db.session.scalar(select(Person.id).where(Person.email == address)):
        raise DomainError(gettext("Surel ini sudah terdaftar"), "email")
    person = Person(uuid=new_uuid(), nip=nip, name=name, email=address, employment=employment)
    db.session.add(person)
    db.session.flush()
    audit.record(actor, "accounts.person_added", "person", person.uuid)
    return person


def _nip_words(fault: NipFault) -> str:
    return {
        NipFault.LENGTH: gettext("NIP terdiri atas 18 angka"),
        NipFault.BIRTH_DATE: gettext("Delapan angka pertama NIP bukan tanggal lahir"),
        NipFault.APPOINTMENT: gettext("Angka ke-9 sampai ke-14 NIP bukan waktu pengangkatan"),
        NipFault.AGE: gettext("Menurut NIP ini, usia saat diangkat belum 18 tahun"),
        NipFault.SEX: gettext("Angka ke-15 NIP harus 1 atau 2"),
        NipFault.SERIAL: gettext("Tiga angka terakhir NIP tidak boleh 000"),
    }[fault]


def deactivate_person(actor: Actor | None, person: Person) -> None:
    """Close every way in. The record of the person stays, and so does the first such day."""
    if person.deactivated_at:
        return
    person.deactivated_at = clock.now()
    db.session.flush()
    end_sessions_of(person.id)
    audit.record(actor, "accounts.person_deactivated", "person", person.uuid)


def grant_role(
    person: Person,
    role: Role,
    unit: Unit,
    *,
    start_on: date,
    reason: str,
    actor: Actor | None = None,
) -> RoleGrant:
    """Raises DomainError on `reason` when there is none, or too much of one."""
    reason = rules.tidy_line(reason)
    if not 0 < len(reason) <= rules.REASON_MAX:
        raise DomainError(
            gettext("Isi alasan, paling banyak %(n)d karakter", n=rules.REASON_MAX), "reason"
        )
    grant = RoleGrant(
        uuid=new_uuid(), person_id=person.id, role=role, unit_id=unit.id, start_on=start_on,
        reason=reason,
    )  # fmt: skip
    db.session.add(grant)
    db.session.flush()
    audit.record(actor, "accounts.role_granted", "person", person.uuid, role=role, unit=unit.uuid)
    return grant


def set_language(actor: Actor, language: str) -> None:
    person = queries.own_person(actor)
    person.language = language
    db.session.flush()


def set_mail_choice(actor: Actor, choice: rules.MailChoice) -> None:
    person = queries.own_person(actor)
    person.mail_choice = choice
    db.session.flush()
