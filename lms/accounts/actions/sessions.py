"""Sign-in sessions: opened, seen, ended."""

import secrets
from datetime import timedelta
from uuid import UUID

from flask import current_app
from sqlalchemy import update

from lms.accounts import queries
from lms.accounts.actions.tries import forget_tries
from lms.accounts.models import Person, SignInSession
from lms.accounts.queries.sessions import own_sessions, session_by_key
from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.db import db, delete_older, new_uuid, rows_changed

LAST_SEEN_EVERY = timedelta(minutes=5)
# Devices and addresses of the last quarter answer "was that me?"; then they are not ours to keep.
SESSION_KEPT = timedelta(days=90)


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
    session = session_by_key(key)
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


def end_every_session() -> int:
    """End all sessions of everybody, as after a restore; how many were not ended yet."""
    open_ones = update(SignInSession).where(SignInSession.ended_at.is_(None))
    return rows_changed(open_ones.values(ended_at=clock.now()))


def end_other_sessions(actor: Actor, current: UUID) -> int:
    """End the actor's sessions except one; how many of them were still alive."""
    ended = sum(session.uuid != current for session in own_sessions(actor))
    end_sessions_of(actor.person_id, but=current)
    audit.record(actor, "accounts.other_sessions_ended", "person", actor.person_uuid, ended=ended)
    return ended


def remove_old_sessions(limit: int) -> int:
    """Remove sessions that ended, or ran out, longer than SESSION_KEPT ago; how many."""
    before = clock.now() - SESSION_KEPT
    ended = delete_older(SignInSession, SignInSession.ended_at, before, limit)
    return ended + delete_older(SignInSession, SignInSession.expires_at, before, limit - ended)
