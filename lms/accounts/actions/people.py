"""People: added, closed, opened again."""

from flask_babel import gettext
from sqlalchemy import select

from lms.accounts import queries, rules
from lms.accounts.actions.codes import void_code_of, void_codes_given_by
from lms.accounts.actions.roles import assert_may_manage
from lms.accounts.actions.sessions import end_sessions_of
from lms.accounts.models import Person
from lms.accounts.rules import Employment, NipFault
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
    """Close every way in. The record of the person stays, and so does the first such day.

    Raises DomainError when it is the actor's own account.
    """
    if actor is not None and actor.person_id == person.id:
        raise DomainError(gettext("Akun sendiri ditutup oleh admin lain"))
    assert_may_manage(actor, person)
    if person.deactivated_at:
        return
    person.deactivated_at = clock.now()
    db.session.flush()
    end_sessions_of(person.id)
    void_code_of(person.id)
    void_codes_given_by(person.id)
    audit.record(actor, "accounts.person_deactivated", "person", person.uuid)


def reactivate_person(actor: Actor | None, person: Person) -> None:
    """Open a closed account again, with the password that it had. Raises DomainError as above."""
    assert_may_manage(actor, person)
    if not person.deactivated_at:
        return
    person.deactivated_at = None
    db.session.flush()
    audit.record(actor, "accounts.person_reactivated", "person", person.uuid)


def set_language(actor: Actor, language: str) -> None:
    person = queries.own_person(actor)
    person.language = language
    db.session.flush()


def set_mail_choice(actor: Actor, choice: rules.MailChoice) -> None:
    person = queries.own_person(actor)
    person.mail_choice = choice
    db.session.flush()
