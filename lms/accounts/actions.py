"""What changes an account: signing in and out, passwords, people, placements, roles."""

import secrets
from datetime import date, timedelta
from uuid import UUID

from flask import current_app, render_template
from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, or_, select, update

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
    NipFault,
    PasswordFault,
    PlacementStanding,
    PositionTier,
    Role,
    TryVerdict,
)
from lms.core import audit, clock, i18n, mail, tokens
from lms.core.access import Actor
from lms.core.db import db, lock_row, new_uuid
from lms.core.errors import DomainError

SIGN_IN, RESET = "sign-in", "reset"
LAST_SEEN_EVERY = timedelta(minutes=5)
RESET_HOURS = 1


# ── Signing in ───────────────────────────────────────────────────────────────────────────────


def reserve_try(kind: str, identifier: str, address: str) -> TryVerdict:
    """Count a try before the password is looked at; the verdict says whether it may be."""
    account = account_digest(identifier)
    _lock(f"try:{account}")
    _lock(f"try-from:{address}")
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
    return queries.digest_of(str(person.uuid) if person else rules.account_name(identifier))


def assert_unchanged(person: Person, checked_hash: str | None) -> None:
    """Between the check of a password and the act it allows lies the slow hashing, outside of the
    transaction. Locks the person; raises DomainError when the password was changed meanwhile, or
    the account closed."""
    lock_row(person)
    if person.deactivated_at or person.password_hash != checked_hash:
        raise DomainError(gettext("Kata sandi Anda baru saja diubah. Gunakan yang terbaru."))


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
    db.session.flush()
    forget_tries(person)
    audit.record(person.uuid, "accounts.signed_in", "person", person.uuid)
    return key


def forget_tries(person: Person) -> None:
    """The person proved to be who they are: their failed tries count no more."""
    account = queries.digest_of(str(person.uuid))
    db.session.execute(delete(CredentialTry).where(CredentialTry.account_digest == account))


def touch_session(session_id: int) -> None:
    """Note that the session was seen. Called at most every five minutes."""
    db.session.execute(
        update(SignInSession).where(SignInSession.id == session_id).values(last_seen_at=clock.now())
    )


def end_session(actor: Actor | UUID, session: SignInSession) -> None:
    """End a session at once. One that has ended stays as it was."""
    if session.ended_at is None:
        session.ended_at = clock.now()
        db.session.flush()
        audit.record(actor, "accounts.session_ended", "sign_in_session", session.uuid)


def end_replaced_session(key: str) -> None:
    """End the session that a browser held until somebody signed in there anew."""
    session = queries.session_by_key(key)
    if session is not None:
        end_session(session.person.uuid, session)


def end_sessions_of(person_id: int, *, but: UUID | None = None) -> None:
    """End every session of a person, except one where given."""
    query = update(SignInSession).where(
        SignInSession.person_id == person_id, SignInSession.ended_at.is_(None)
    )
    if but is not None:
        query = query.where(SignInSession.uuid != but)
    db.session.execute(query.values(ended_at=clock.now()))


def end_other_sessions(actor: Actor, current: UUID) -> int:
    """End the actor's sessions except one; how many of them were still alive."""
    ended = sum(session.uuid != current for session in queries.own_sessions(actor))
    end_sessions_of(actor.person_id, but=current)
    audit.record(actor, "accounts.other_sessions_ended", "person", actor.person_uuid, ended=ended)
    return ended


# ── Passwords ────────────────────────────────────────────────────────────────────────────────


def check_new_password(person: Person, password: str) -> None:
    """Raises DomainError on the field `password` when it is too short or easily guessed."""
    fault = rules.password_fault(password, nip=person.nip, name=person.name, email=person.email)
    if fault:
        raise DomainError(_password_words(fault), "password")


def change_password(
    actor: Actor, person: Person, new_hash: str, *, checked_hash: str | None, keep: UUID | None
) -> None:
    """Store a new password and end all other sessions. The hash is made before the transaction.

    Raises DomainError when the password that was checked is not the person's any more.
    """
    assert_unchanged(person, checked_hash)
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
    _store_password(person, new_hash, keep=None)
    audit.record(person.uuid, "accounts.password_reset", "person", person.uuid)
    _mail(person, "password_changed", _l("Kata sandi Anda diubah"))


def _store_password(person: Person, new_hash: str, *, keep: UUID | None) -> None:
    person.password_hash = new_hash
    person.must_change_password = False
    db.session.flush()
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


def set_language(actor: Actor, language: str) -> None:
    person = queries.own_person(actor)
    person.language = language
    db.session.flush()


# ── People, placements, roles ────────────────────────────────────────────────────────────────


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


def set_initial_password(person: Person, password_hash: str, *, must_change: bool = True) -> None:
    """A password given by somebody else; the person must replace it at the first sign-in."""
    _store_password(person, password_hash, keep=None)
    person.must_change_password = must_change
    db.session.flush()
    audit.record(None, "accounts.initial_password_set", "person", person.uuid)


def deactivate_person(actor: Actor | None, person: Person) -> None:
    """Close every way in. The record of the person stays, and so does the first such day."""
    if person.deactivated_at:
        return
    person.deactivated_at = clock.now()
    db.session.flush()
    end_sessions_of(person.id)
    audit.record(actor, "accounts.person_deactivated", "person", person.uuid)


def add_unit(*, code: str, name: str, parent: Unit | None, time_zone: str | None = None) -> Unit:
    """A unit below its parent, in the parent's time zone unless another is given.

    Raises DomainError on a code that is taken or a zone that Indonesia does not have.
    """
    zone = time_zone or (parent.time_zone if parent else queries.DEFAULT_ZONE)
    if zone not in i18n.ZONE_NAMES:
        raise DomainError(gettext("Zona waktu ini bukan WIB, WITA, atau WIT"), "time_zone")
    if queries.unit_by_code(code):
        raise DomainError(gettext("Kode unit ini sudah dipakai"), "code")
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
    """Raises DomainError on a code that is taken."""
    if queries.position_by_code(code):
        raise DomainError(gettext("Kode jabatan ini sudah dipakai"), "code")
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

    Raises DomainError when it would end before it starts, or when another definitive placement
    starts on the same day or later.
    """
    if end_on is not None and end_on < start_on:
        raise DomainError(gettext("Penempatan tidak dapat berakhir sebelum mulai"), "end_on")
    if standing is PlacementStanding.DEFINITIVE:
        _end_definitive(person, start_on - timedelta(days=1))
    placement = Placement(
        uuid=new_uuid(), person_id=person.id, unit_id=unit.id, position_id=position.id,
        standing=standing, heads_unit=heads_unit, start_on=start_on, end_on=end_on,
    )  # fmt: skip
    db.session.add(placement)
    db.session.flush()
    audit.record(actor, "accounts.person_placed", "placement", placement.uuid, unit=unit.uuid)
    return placement


def _end_definitive(person: Person, last_day: date) -> None:
    """End the definitive placement that reaches beyond a day on that day."""
    reaching = select(Placement).where(
        Placement.person_id == person.id,
        Placement.standing == PlacementStanding.DEFINITIVE,
        or_(Placement.end_on.is_(None), Placement.end_on > last_day),
    )
    for before in db.session.scalars(reaching):
        if before.start_on > last_day:
            raise DomainError(gettext("Penempatan baru harus mulai setelah yang lama"), "start_on")
        before.end_on = last_day
    db.session.flush()


def end_placements(person: Person, unit: Unit, *, actor: Actor | None = None) -> int:
    """Make today the last day of a person's open placements in a unit; how many there were."""
    today = clock.today(unit.time_zone)
    open_ones = db.session.scalars(
        select(Placement).where(
            Placement.person_id == person.id,
            Placement.unit_id == unit.id,
            or_(Placement.end_on.is_(None), Placement.end_on > today),
        )
    ).all()
    for placement in open_ones:
        placement.end_on = today
        db.session.flush()
        audit.record(actor, "accounts.placement_ended", "placement", placement.uuid)
    return len(open_ones)


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


def _lock(name: str) -> None:
    """One at a time until the commit, also where there is no row to lock yet (SQLite has only one
    writer)."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
