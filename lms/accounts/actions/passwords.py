"""Passwords: checked, changed, reset by a link, given by somebody else."""

from uuid import UUID

from flask import render_template
from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _l

from lms.accounts import queries, rules
from lms.accounts.actions.codes import void_code_of
from lms.accounts.actions.sessions import end_sessions_of
from lms.accounts.actions.tries import RESET, forget_tries
from lms.accounts.models import Person
from lms.accounts.rules import PasswordFault
from lms.core import audit, clock, i18n, mail, tokens
from lms.core.access import Actor
from lms.core.db import db, lock_row
from lms.core.errors import DomainError
from lms.core.passwords import is_common

RESET_HOURS = 1


def assert_unchanged(person: Person, checked_hash: str | None) -> None:
    """Between the check of a password and the act it allows lies the slow hashing, outside of the
    transaction. Locks the person; raises DomainError when the password was changed meanwhile, or
    the account closed."""
    lock_row(person)
    if person.deactivated_at or person.password_hash != checked_hash:
        raise DomainError(gettext("Kata sandi Anda baru saja diubah. Gunakan yang terbaru."))


def assert_not_over(person: Person) -> None:
    """Raises DomainError when the password is an initial one that nobody replaced in time. Asked
    only of who typed it right, or the answer would tell strangers of the account."""
    if rules.initial_password_is_over(person.initial_password_at, clock.now()):
        raise DomainError(
            gettext(
                "Kata sandi awal ini hanya berlaku %(n)d hari dan sudah kedaluwarsa. Minta yang "
                "baru kepada admin.",
                n=rules.INITIAL_PASSWORD_DAYS,
            )
        )


def check_new_password(person: Person, password: str) -> None:
    """Raises DomainError on the field `password` when it is too short or easily guessed."""
    fault = rules.password_fault(
        password,
        is_common=any(is_common(spelling) for spelling in rules.spellings(password)),
        nip=person.nip,
        name=person.name,
        email=person.email,
    )
    if fault:
        raise DomainError(_password_words(fault), "password")


def change_password(
    actor: Actor, person: Person, new_hash: str, *, checked_hash: str | None, keep: UUID | None
) -> None:
    """Store a new password and end all other sessions. The hash is made before the transaction.

    Raises DomainError when the password that was checked is not the person's any more, or over.
    """
    assert_unchanged(person, checked_hash)
    assert_not_over(person)
    _store_password(person, new_hash, keep=keep)
    audit.record(actor, "accounts.password_changed", "person", person.uuid)
    _mail(person, "password_changed", _l("Kata sandi Anda diubah"))


def send_reset_link(person: Person) -> None:
    """Mail a link that works once (it dies with the old password) and for one hour."""
    if not person.email or person.deactivated_at:
        return
    token = tokens.sign(RESET, {"person": str(person.uuid), "mark": _password_mark(person)})
    _mail(person, "password_reset", _l("Atur ulang kata sandi"), token=token, hours=RESET_HOURS)
    audit.record(person.uuid, "accounts.reset_requested", "person", person.uuid)


def person_of_reset_link(token: str) -> Person | None:
    """The person of a reset link that still works, else None."""
    value = tokens.unsign(RESET, token, RESET_HOURS * 3600)
    if value is None:
        return None
    person = queries.person_by_uuid(UUID(value["person"]))
    if person is None or person.deactivated_at or value["mark"] != _password_mark(person):
        return None
    return person


def reset_password(person: Person, token: str, new_hash: str) -> None:
    """Store a new password by a link and end every session. Raises DomainError on a used link."""
    lock_row(person)
    if person_of_reset_link(token) is not person:
        raise DomainError(gettext("Tautan ini sudah dipakai atau kedaluwarsa. Minta tautan baru."))
    replace_password(person, new_hash)
    audit.record(person.uuid, "accounts.password_reset", "person", person.uuid)


def replace_password(person: Person, new_hash: str) -> None:
    """Store a password made without the one before; ends every session and tells the person."""
    _store_password(person, new_hash, keep=None)
    _mail(person, "password_changed", _l("Kata sandi Anda diubah"))


def set_initial_password(person: Person, password_hash: str, *, must_change: bool = True) -> None:
    """A password given by somebody else; the person must replace it at the first sign-in, within
    INITIAL_PASSWORD_DAYS. With `must_change=False` it is the person's own from the beginning."""
    _store_password(person, password_hash, keep=None)
    if must_change:
        person.initial_password_at = clock.now()
        db.session.flush()
    audit.record(None, "accounts.initial_password_set", "person", person.uuid)


def _store_password(person: Person, new_hash: str, *, keep: UUID | None) -> None:
    person.password_hash = new_hash
    person.initial_password_at = None
    db.session.flush()
    void_code_of(person.id)
    forget_tries(person)
    end_sessions_of(person.id, but=keep)


def _password_mark(person: Person) -> str:
    return queries.digest_of(person.password_hash or "")[:16]


def _password_words(fault: PasswordFault) -> str:
    return {
        PasswordFault.TOO_SHORT: gettext(
            "Kata sandi paling sedikit %(n)d karakter", n=rules.PASSWORD_MIN
        ),
        PasswordFault.TOO_LONG: gettext(
            "Kata sandi paling banyak %(n)d karakter", n=rules.PASSWORD_MAX
        ),
        PasswordFault.COMMON: gettext("Kata sandi ini mudah ditebak. Pilih yang lain"),
        PasswordFault.PERSONAL: gettext(
            "Kata sandi memuat nama, NIP, atau surel Anda. Pilih yang lain"
        ),
    }[fault]


def _mail(person: Person, template: str, subject: LazyString, **values: object) -> None:
    """Queue a mail in the person's own language; nothing where there is no address."""
    if person.email:
        with i18n.in_language(person.language or "id"):
            body = render_template(f"emails/{template}.txt", person=person, **values)
            mail.queue_mail(person.email, str(subject), body)
