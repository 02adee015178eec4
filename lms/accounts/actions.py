"""What changes an account: signing in and out, passwords, people, placements, roles."""

import secrets
from datetime import date, timedelta
from uuid import UUID

from flask import current_app, render_template
from flask_babel import force_locale, gettext
from sqlalchemy import delete, func, select, update

from lms.accounts import queries, rules
from lms.accounts.models import (
    CredentialTry,
    Person,
    Placement,
    Position,
    RoleGrant,
    SignInSession,
    Unit,
)
from lms.accounts.rules import (
    Employment,
    PasswordFault,
    PlacementStanding,
    PositionTier,
    Role,
    TryVerdict,
)
from lms.core import audit, clock, mail, tokens
from lms.core.access import Actor
from lms.core.db import db, new_uuid, rows_changed
from lms.core.errors import DomainError

SIGN_IN, RESET = "sign-in", "reset"
LAST_SEEN_EVERY = timedelta(minutes=5)
RESET_HOURS = 1


# ── Signing in ───────────────────────────────────────────────────────────────────────────────


def reserve_try(kind: str, identifier: str, address: str) -> TryVerdict:
    """Count a try before the password is looked at; the verdict says whether it may be."""
    account = account_digest(identifier)
    _lock_account(account)
    verdict = rules.judge_try(
        queries.tries_within_window(kind, account=account, address=None),
        queries.tries_within_window(kind, account=None, address=address),
        rules.ACCOUNT_TRIES if kind == SIGN_IN else rules.RESET_TRIES,
    )
    if verdict.allowed:
        db.session.add(
            CredentialTry(kind=kind, account_digest=account, address=address, at=clock.now())
        )
        db.session.flush()
    return verdict


def account_digest(identifier: str) -> str:
    """One digest for all spellings of an account, NIP and e-mail address alike."""
    person = queries.person_by_identifier(identifier)
    return queries.digest_of(str(person.uuid) if person else identifier.strip().lower())


def open_session(
    person: Person, *, remembered: bool, device: str, address: str, new_hash: str | None
) -> str:
    """Sign a person in: the key that goes into the cookie. Clears the account's failed tries and
    stores a hash made with newer parameters where one is given."""
    now = clock.now()
    key = secrets.token_urlsafe(32)
    days = "REMEMBER_DAYS" if remembered else "SESSION_DAYS"
    db.session.add(
        SignInSession(
            uuid=new_uuid(),
            key_digest=queries.digest_of(key),
            person_id=person.id,
            created_at=now,
            last_seen_at=now,
            expires_at=now + timedelta(days=current_app.config[days]),
            remembered=remembered,
            device=device[:200],
            address=address,
        )
    )
    if new_hash:
        person.password_hash = new_hash
    account = queries.digest_of(str(person.uuid))
    db.session.execute(delete(CredentialTry).where(CredentialTry.account_digest == account))
    db.session.flush()
    audit.record(person.uuid, "accounts.signed_in", "person", person.uuid)
    return key


def touch_session(session_id: int) -> None:
    """Note that the session was seen. Called at most every five minutes."""
    db.session.execute(
        update(SignInSession).where(SignInSession.id == session_id).values(last_seen_at=clock.now())
    )


def end_session(actor: Actor, session: SignInSession) -> None:
    session.ended_at = clock.now()
    db.session.flush()
    audit.record(actor, "accounts.session_ended", "sign_in_session", session.uuid)


def end_sessions_of(person_id: int, *, but: UUID | None = None) -> int:
    """End every live session of a person, except one where given; how many ended."""
    query = update(SignInSession).where(
        SignInSession.person_id == person_id, SignInSession.ended_at.is_(None)
    )
    if but is not None:
        query = query.where(SignInSession.uuid != but)
    return rows_changed(query.values(ended_at=clock.now()))


def end_other_sessions(actor: Actor, current: UUID) -> int:
    ended = end_sessions_of(actor.person_id, but=current)
    audit.record(actor, "accounts.other_sessions_ended", "person", actor.person_uuid, ended=ended)
    return ended


# ── Passwords ────────────────────────────────────────────────────────────────────────────────


def check_new_password(person: Person, password: str) -> None:
    """Raises DomainError on the field `password` when it is too short or easily guessed."""
    fault = rules.password_fault(password, nip=person.nip, name=person.name, email=person.email)
    if fault:
        raise DomainError(_password_words(fault), "password")


def change_password(actor: Actor, person: Person, new_hash: str, *, keep: UUID | None) -> None:
    """Store a new password and end all other sessions. The hash is made before the transaction."""
    person.password_hash = new_hash
    person.must_change_password = False
    db.session.flush()
    end_sessions_of(person.id, but=keep)
    audit.record(actor, "accounts.password_changed", "person", person.uuid)
    if person.email:
        _mail(person, "password_changed", gettext("Kata sandi Anda diubah"))


def send_reset_link(person: Person) -> None:
    """Mail a link that works once (it dies with the old password) and for one hour."""
    if not person.email or person.deactivated_at:
        return
    token = tokens.sign(RESET, {"person": str(person.uuid), "mark": _password_mark(person)})
    _mail(
        person, "password_reset", gettext("Atur ulang kata sandi"), token=token, hours=RESET_HOURS
    )
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
    if person_of_reset_link(token) is None:
        raise DomainError(gettext("Tautan ini sudah dipakai atau kedaluwarsa. Minta tautan baru."))
    person.password_hash = new_hash
    person.must_change_password = False
    db.session.flush()
    end_sessions_of(person.id)
    audit.record(person.uuid, "accounts.password_reset", "person", person.uuid)
    _mail(person, "password_changed", gettext("Kata sandi Anda diubah"))


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


def _mail(person: Person, template: str, subject: str, **values: object) -> None:
    assert person.email is not None
    with force_locale(person.language or "id"):
        body = render_template(f"emails/{template}.txt", person=person, **values)
    mail.queue_mail(person.email, subject, body)


def set_language(actor: Actor, language: str) -> None:
    person = queries.own_person(actor)
    person.language = language
    db.session.flush()


# ── People, placements, roles ────────────────────────────────────────────────────────────────


def add_person(
    *, nip: str, name: str, email: str | None, employment: Employment, actor: Actor | None = None
) -> Person:
    """Raises DomainError on `nip` or `email` when it is faulty or taken."""
    nip = rules.tidy_nip(nip)
    fault = rules.nip_fault(nip, clock.today(queries.DEFAULT_ZONE))
    if fault:
        raise DomainError(gettext("NIP tidak sah: %(why)s", why=fault.value), "nip")
    if employment is Employment.PNS and rules.is_pppk_number(nip):
        raise DomainError(gettext("Nomor ini milik PPPK, bukan PNS"), "nip")
    address = email.strip().lower() if email else None
    if db.session.scalar(select(Person.id).where(Person.nip == nip)):
        raise DomainError(gettext("NIP ini sudah terdaftar"), "nip")
    if address and db.session.scalar(select(Person.id).where(Person.email == address)):
        raise DomainError(gettext("Surel ini sudah terdaftar"), "email")
    person = Person(uuid=new_uuid(), nip=nip, name=name, email=address, employment=employment)
    db.session.add(person)
    db.session.flush()
    audit.record(actor, "accounts.person_added", "person", person.uuid)
    return person


def set_initial_password(person: Person, password_hash: str, *, must_change: bool = True) -> None:
    """A password given by somebody else; the person must replace it at the first sign-in."""
    person.password_hash = password_hash
    person.must_change_password = must_change
    db.session.flush()
    end_sessions_of(person.id)
    audit.record(None, "accounts.initial_password_set", "person", person.uuid)


def deactivate_person(actor: Actor | None, person: Person) -> None:
    """Close every way in. The record of the person stays."""
    person.deactivated_at = clock.now()
    db.session.flush()
    end_sessions_of(person.id)
    audit.record(actor, "accounts.person_deactivated", "person", person.uuid)


def add_unit(*, code: str, name: str, parent: Unit | None, time_zone: str | None = None) -> Unit:
    """A unit below its parent, in the parent's time zone unless another is given."""
    zone = time_zone or (parent.time_zone if parent else queries.DEFAULT_ZONE)
    unit = Unit(
        uuid=new_uuid(), code=code, name=name, parent_id=parent.id if parent else None,
        time_zone=zone, path=f"new:{code}",
    )  # fmt: skip
    db.session.add(unit)
    db.session.flush()
    unit.path = f"{parent.path if parent else '/'}{unit.id}/"
    db.session.flush()
    return unit


def add_position(*, code: str, name: str, tier: PositionTier) -> Position:
    position = Position(
        uuid=new_uuid(), code=code, name=name, tier=tier, kind=rules.kind_of_tier(tier)
    )
    db.session.add(position)
    db.session.flush()
    return position


def place_person(
    person: Person,
    unit: Unit,
    position: Position,
    *,
    start_on: date,
    standing: PlacementStanding = PlacementStanding.DEFINITIVE,
    heads_unit: bool = False,
    end_on: date | None = None,
    actor: Actor | None = None,
) -> Placement:
    """Place a person from a day on. A definitive placement ends the one before on the day before.

    Raises DomainError when the earlier definitive placement starts on the same day or later.
    """
    if standing is PlacementStanding.DEFINITIVE:
        before = db.session.scalar(
            select(Placement).where(
                Placement.person_id == person.id,
                Placement.standing == standing,
                Placement.end_on.is_(None),
            )
        )
        if before is not None:
            if before.start_on >= start_on:
                raise DomainError(gettext("Penempatan baru harus mulai setelah yang lama"))
            before.end_on = start_on - timedelta(days=1)
            db.session.flush()
    placement = Placement(
        uuid=new_uuid(), person_id=person.id, unit_id=unit.id, position_id=position.id,
        standing=standing, heads_unit=heads_unit, start_on=start_on, end_on=end_on,
    )  # fmt: skip
    db.session.add(placement)
    db.session.flush()
    audit.record(actor, "accounts.person_placed", "placement", placement.uuid, unit=unit.uuid)
    return placement


def grant_role(
    person: Person,
    role: Role,
    unit: Unit,
    *,
    start_on: date,
    reason: str,
    actor: Actor | None = None,
) -> RoleGrant:
    grant = RoleGrant(
        uuid=new_uuid(), person_id=person.id, role=role, unit_id=unit.id, start_on=start_on,
        reason=reason,
    )  # fmt: skip
    db.session.add(grant)
    db.session.flush()
    audit.record(actor, "accounts.role_granted", "person", person.uuid, role=role, unit=unit.uuid)
    return grant


def forget_old_tries() -> None:
    """Remove tries that no window looks at any more."""
    old = clock.now() - timedelta(days=1)
    db.session.execute(delete(CredentialTry).where(CredentialTry.at < old))


def _lock_account(account: str) -> None:
    if db.engine.dialect.name == "postgresql":
        db.session.execute(
            select(func.pg_advisory_xact_lock(func.hashtextextended(f"try:{account}", 0)))
        )
