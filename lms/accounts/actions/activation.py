"""Activation codes: a way to a first, or a new, password for who has no address for mail."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from flask_babel import gettext
from sqlalchemy import select

from lms.accounts import queries, rules
from lms.accounts.actions.codes import void_codes_of
from lms.accounts.actions.passwords import replace_password
from lms.accounts.actions.roles import administered_by, assert_may_manage, beyond_reach
from lms.accounts.actions.tries import ACTIVATE
from lms.accounts.models import ActivationCode, Person
from lms.accounts.queries import register
from lms.core import audit, clock, tokens
from lms.core.access import Actor
from lms.core.db import db, delete_older, lock_row, new_uuid
from lms.core.errors import DomainError
from lms.formats import codes

STEP_SECONDS = 1800  # between the code and the new password
KEPT = timedelta(days=365)


def give_code(actor: Actor | None, person: Person) -> str:
    """A new code for a person; the one before is void. The only time that it can be read.

    Valid for rules.ACTIVATION_DAYS. Raises DomainError when the account is closed, is the
    actor's own, or reaches beyond what the actor administers.
    """
    if actor is not None and actor.person_id == person.id:
        raise DomainError(gettext("Kata sandi sendiri diubah di halaman setelan"))
    assert_may_manage(actor, person)
    lock_row(person)
    if person.deactivated_at:
        raise DomainError(gettext("Akun ini ditutup. Buka dulu akunnya."))
    ((_, code),) = _give(actor, [person])
    return code


def give_codes(
    actor: Actor, people: Sequence[Person]
) -> tuple[list[tuple[Person, str]], list[Person]]:
    """A new code for each of several open accounts, as `give_code`; and those whom the actor may
    not manage, who get none."""
    beyond = beyond_reach(administered_by(actor.person_id), [person.id for person in people])
    beyond.add(actor.person_id)
    given = _give(actor, [p for p in people if p.id not in beyond and not p.deactivated_at])
    return given, [person for person in people if person.id in beyond]


def _give(actor: Actor | None, people: Sequence[Person]) -> list[tuple[Person, str]]:
    now = clock.now()
    void_codes_of([person.id for person in people])
    given = [(person, _new_code()) for person in people]
    db.session.add_all(
        ActivationCode(
            uuid=new_uuid(), person_id=person.id, code_digest=queries.digest_of(code),
            given_by_id=actor.person_id if actor else None, given_at=now,
            expires_at=now + timedelta(days=rules.ACTIVATION_DAYS),
        )
        for person, code in given
    )  # fmt: skip
    db.session.flush()
    audit.record_many(
        actor.person_uuid if actor else None, "accounts.code_given", "person",
        [(person.uuid, {}) for person in people],
    )  # fmt: skip
    return given


def _new_code() -> str:
    return "".join(secrets.choice(codes.SIGNS) for _ in range(rules.ACTIVATION_SIGNS))


def token_of_code(identifier: str, typed: str) -> str | None:
    """What proves for half an hour that the code of this account was known; None where it is wrong,
    used, void or over. The caller counts the try first."""
    person = queries.person_by_identifier(identifier)
    code = register.code_of(person) if person and not person.deactivated_at else None
    right = code.code_digest if code else queries.digest_of("")
    given = queries.digest_of(codes.tidy(rules.tidy_line(typed)))
    if not secrets.compare_digest(right, given) or not code:
        return None
    return tokens.sign(ACTIVATE, {"code": str(code.uuid)})


def person_of_token(token: str) -> Person | None:
    """Whose password may be made with the token; None where it, or its code, works no more."""
    code = _code_of_token(token)
    return code.person if code else None


def activate(person: Person, token: str, new_hash: str) -> None:
    """Use the code up and store the password; ends every session. Raises DomainError when the code
    was used or replaced meanwhile."""
    lock_row(person)
    code = _code_of_token(token)
    if code is None or code.person_id != person.id:
        raise DomainError(
            gettext("Kode ini sudah dipakai atau tidak berlaku lagi. Minta kode baru.")
        )
    code.used_at = clock.now()
    db.session.flush()
    replace_password(person, new_hash)
    audit.record(person.uuid, "accounts.activated", "person", person.uuid)


def _code_of_token(token: str) -> ActivationCode | None:
    value = tokens.unsign(ACTIVATE, token, STEP_SECONDS)
    if value is None:
        return None
    code = db.session.scalar(
        select(ActivationCode)
        .where(ActivationCode.uuid == UUID(value["code"]))
        .execution_options(populate_existing=True)
    )
    is_open = code is not None and code.used_at is None and code.void_at is None
    if code is None or not is_open or code.person.deactivated_at:
        return None
    return code if clock.now() < code.expires_at else None


def remove_old_codes(limit: int) -> int:
    """Remove codes that ran out longer than KEPT ago; how many."""
    return delete_older(ActivationCode, ActivationCode.expires_at, clock.now() - KEPT, limit)
