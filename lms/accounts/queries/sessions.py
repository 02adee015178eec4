"""Who is signed in: the actor behind a session's key, and the sessions that one has."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import Date, and_, bindparam, exists, or_, select

from lms.accounts import rules
from lms.accounts.models import (
    Delegation,
    Person,
    Placement,
    Position,
    RoleGrant,
    SignInSession,
    Unit,
)
from lms.accounts.queries import (
    DEFAULT_ZONE,
    DEFINITIVE_FIRST,
    OF_ROLE,
    PLACE,
    SignedIn,
    as_post,
    delegations,
    digest_of,
    holds,
)
from lms.accounts.rules import Role
from lms.core import clock
from lms.core.access import DELEGATE, EVERYBODY, HEAD_OF_UNIT, Actor
from lms.core.db import db, read
from lms.core.errors import NotFound

_SIGNED_IN = (
    select(
        SignInSession.id.label("session_id"),
        SignInSession.uuid.label("session_uuid"),
        SignInSession.last_seen_at,
        SignInSession.expires_at,
        SignInSession.ended_at,
        SignInSession.remembered,
        Person.id.label("person_id"),
        Person.uuid.label("person_uuid"),
        Person.name,
        Person.email,
        Person.nip,
        Person.language,
        Person.employment,
        Person.initial_password_at,
        Person.deactivated_at,
        exists().where(RoleGrant.person_id == Person.id).label("has_roles"),
        exists()
        .where(
            Delegation.delegate_id == Person.id,
            Delegation.revoked_at.is_(None),
            Delegation.end_on >= bindparam("yesterday", type_=Date),
        )
        .label("stands_in"),
        *PLACE,
    )
    .join(Person, SignInSession.person_id == Person.id)
    .outerjoin(
        Placement,
        and_(
            Placement.person_id == Person.id,
            # The local day is at most one before the day in UTC; `holds` decides exactly.
            or_(Placement.end_on.is_(None), Placement.end_on >= bindparam("yesterday", type_=Date)),
        ),
    )
    .outerjoin(Unit, Placement.unit_id == Unit.id)
    .outerjoin(Position, Placement.position_id == Position.id)
    .where(SignInSession.key_digest == bindparam("digest"))
    .order_by(*DEFINITIVE_FIRST)
)


def signed_in_for(key: str) -> SignedIn | None:
    """The actor behind a session key, or None when the session ended, expired or its person was
    deactivated. One query, others for who was ever given a role or stands in for a head; runs on
    every request."""
    now = clock.now()
    rows = read(_SIGNED_IN, digest=digest_of(key), yesterday=now.date() - timedelta(days=1)).all()
    if not rows:
        return None
    row = rows[0]
    live = rules.session_is_live(
        now=now,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
        idle=idle_limit(row.remembered),
    )
    if row.ended_at or row.deactivated_at or not live:
        return None
    places = [place for place in rows if place.unit_id and holds(place, now)]
    return _signed_in(key, row, places)


def _signed_in(key: str, row: Any, places: list[Any]) -> SignedIn:
    heads = tuple(sorted({place.path for place in places if place.heads_unit}))
    first = places[0] if places else None
    roles = _roles_of(row.person_id) if row.has_roles else ()
    given = (OF_ROLE[role] for role, _ in roles)
    held = delegations.held_by(row.person_id) if row.stands_in else ()
    own = EVERYBODY | HEAD_OF_UNIT if heads else EVERYBODY
    own = own | DELEGATE if held else own
    return SignedIn(
        key=key,
        session_id=row.session_id,
        session_uuid=row.session_uuid,
        last_seen_at=row.last_seen_at,
        person_id=row.person_id,
        person_uuid=row.person_uuid,
        name=row.name,
        identifier=row.email or row.nip,
        language=row.language,
        employment=row.employment,
        must_change_password=row.initial_password_at is not None,
        time_zone=first.time_zone if first else DEFAULT_ZONE,
        post=as_post(first) if first else None,
        own_headed_paths=heads,
        delegations=held,
        headed_paths=tuple(sorted({*heads, *(each.path for each in held)})),
        roles=roles,
        permissions=own.union(*given),
    )


_ROLES = (
    select(RoleGrant.role, RoleGrant.start_on, RoleGrant.end_on, Unit.path, Unit.time_zone)
    .join(Unit, RoleGrant.unit_id == Unit.id)
    .where(RoleGrant.person_id == bindparam("person_id"))
    .order_by(RoleGrant.id)
)


def _roles_of(person_id: int) -> tuple[tuple[Role, str], ...]:
    """Roles that hold today, each with the path of its unit."""
    now = clock.now()
    rows = read(_ROLES, person_id=person_id).all()
    return tuple((row.role, row.path) for row in rows if holds(row, now))


def idle_limit(remembered: bool) -> timedelta:
    """How long a session may be idle: hours, or days where the person asked to be remembered."""
    if remembered:
        return timedelta(days=current_app.config["REMEMBER_DAYS"])
    return timedelta(hours=current_app.config["SESSION_IDLE_HOURS"])


def session_by_key(key: str) -> SignInSession | None:
    """The session that this key opens or once opened."""
    return db.session.scalar(
        select(SignInSession).where(SignInSession.key_digest == digest_of(key))
    )


def holder_of_session(key: str) -> UUID | None:
    """Whose session this key was, live or not: what they had sent may be held for them only."""
    session = session_by_key(key)
    return session.person.uuid if session else None


def own_sessions(actor: Actor) -> list[SignInSession]:
    """The actor's live sessions, the latest seen first."""
    rows = db.session.scalars(
        select(SignInSession)
        .where(
            SignInSession.person_id == actor.person_id,
            SignInSession.ended_at.is_(None),
            SignInSession.expires_at > clock.now(),
        )
        .order_by(SignInSession.last_seen_at.desc())
        .limit(50)
    )
    return [s for s in rows if clock.now() - s.last_seen_at <= idle_limit(s.remembered)]


def own_session(actor: Actor, uuid: UUID) -> SignInSession:
    """One of the actor's sessions. Raises NotFound for anybody else's."""
    session = db.session.scalar(
        select(SignInSession).where(
            SignInSession.uuid == uuid, SignInSession.person_id == actor.person_id
        )
    )
    if session is None:
        raise NotFound
    return session
