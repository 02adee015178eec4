"""Who is acting, who is placed where, and what a person may see of the account."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import current_app
from flask_login import UserMixin
from sqlalchemy import ColumnElement, Date, Select, and_, bindparam, exists, false, or_, select
from sqlalchemy.orm import joinedload

from lms.accounts import rules
from lms.accounts.models import (
    CredentialTry,
    Delegation,
    Person,
    Placement,
    Position,
    RoleGrant,
    SignInSession,
    Unit,
)
from lms.accounts.queries import delegations
from lms.accounts.rules import Employment, PositionTier, Role
from lms.core import clock
from lms.core.access import (
    ADMIN,
    AUDITOR,
    DELEGATE,
    EVERYBODY,
    HEAD_OF_UNIT,
    HR,
    TRAINER,
    Actor,
    Delegated,
    Permission,
)
from lms.core.db import db, read
from lms.core.errors import NotFound

DEFAULT_ZONE = "Asia/Jakarta"
OF_ROLE = {Role.TRAINER: TRAINER, Role.HR: HR, Role.AUDITOR: AUDITOR, Role.ADMIN: ADMIN}


@dataclass(frozen=True)
class Post:
    """Where a person stands today: the definitive placement, else the acting one."""

    unit_id: int
    unit_uuid: UUID
    unit_name: str
    unit_path: str
    position_id: int
    position_uuid: UUID
    position_name: str
    tier: PositionTier
    time_zone: str


@dataclass(frozen=True)
class SignedIn(UserMixin):
    """The signed-in actor of a request: plain values, so that no transaction can expire them."""

    key: str
    session_id: int
    session_uuid: UUID
    last_seen_at: datetime
    person_id: int
    person_uuid: UUID
    name: str
    identifier: str  # what they sign in with
    language: str | None
    employment: Employment
    must_change_password: bool
    time_zone: str
    post: Post | None
    own_headed_paths: tuple[str, ...]
    delegations: tuple[Delegated, ...]
    headed_paths: tuple[str, ...]  # both of these
    roles: tuple[tuple[Role, str], ...]  # with the path of the unit of each
    permissions: frozenset[Permission]

    def paths_of(self, permission: Permission) -> tuple[str, ...]:
        return tuple(path for role, path in self.roles if permission in OF_ROLE[role])

    def get_id(self) -> str:
        return self.key

    @property
    def initials(self) -> str:
        return rules.initials(self.name)

    @property
    def given_name(self) -> str:
        return rules.given_name(self.name)


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


_PLACE = (
    Placement.heads_unit,
    Placement.standing,
    Placement.start_on,
    Placement.end_on,
    Unit.id.label("unit_id"),
    Unit.uuid.label("unit_uuid"),
    Unit.name.label("unit_name"),
    Unit.path,
    Unit.time_zone,
    Position.id.label("position_id"),
    Position.uuid.label("position_uuid"),
    Position.name.label("position_name"),
    Position.tier,
)
_DEFINITIVE_FIRST = (Placement.standing.desc(), Placement.start_on.desc(), Placement.id)
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
        *_PLACE,
    )
    .join(Person, SignInSession.person_id == Person.id)
    .outerjoin(
        Placement,
        and_(
            Placement.person_id == Person.id,
            # The local day is at most one before the day in UTC; `_holds` decides exactly.
            or_(Placement.end_on.is_(None), Placement.end_on >= bindparam("yesterday", type_=Date)),
        ),
    )
    .outerjoin(Unit, Placement.unit_id == Unit.id)
    .outerjoin(Position, Placement.position_id == Position.id)
    .where(SignInSession.key_digest == bindparam("digest"))
    .order_by(*_DEFINITIVE_FIRST)
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
    places = [place for place in rows if place.unit_id and _holds(place, now)]
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
        post=_post(first) if first else None,
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
    return tuple((row.role, row.path) for row in rows if _holds(row, now))


def idle_limit(remembered: bool) -> timedelta:
    """How long a session may be idle: hours, or days where the person asked to be remembered."""
    if remembered:
        return timedelta(days=current_app.config["REMEMBER_DAYS"])
    return timedelta(hours=current_app.config["SESSION_IDLE_HOURS"])


_PLACEMENTS = (
    select(*_PLACE)
    .join(Unit, Placement.unit_id == Unit.id)
    .join(Position, Placement.position_id == Position.id)
    .where(Placement.person_id == bindparam("person_id"))
    .order_by(*_DEFINITIVE_FIRST)
)


def placements_of(person_id: int, at: datetime) -> list[Any]:
    """Placements of a person that hold at an instant, the definitive one first."""
    return [row for row in read(_PLACEMENTS, person_id=person_id) if _holds(row, at)]


def _holds(row: Any, at: datetime) -> bool:
    return rules.covers(clock.local_day(at, row.time_zone), row.start_on, row.end_on)


def _post(row: Any) -> Post:
    return Post(
        unit_id=row.unit_id,
        unit_uuid=row.unit_uuid,
        unit_name=row.unit_name,
        unit_path=row.path,
        position_id=row.position_id,
        position_uuid=row.position_uuid,
        position_name=row.position_name,
        tier=row.tier,
        time_zone=row.time_zone,
    )


def post_of(person_id: int, at: datetime | None = None) -> Post | None:
    """Where a person stands today, or stood at an instant."""
    places = placements_of(person_id, at or clock.now())
    return _post(places[0]) if places else None


def posts_of(person_ids: Sequence[int]) -> dict[int, Post]:
    """Where each of several people stands today."""
    now, posts = clock.now(), dict[int, Post]()
    rows = db.session.execute(
        select(Placement.person_id, *_PLACE)
        .join(Unit, Placement.unit_id == Unit.id)
        .join(Position, Placement.position_id == Position.id)
        .where(Placement.person_id.in_(person_ids))
        .order_by(*_DEFINITIVE_FIRST)
    )
    for row in rows:
        if row.person_id not in posts and _holds(row, now):
            posts[row.person_id] = _post(row)
    return posts


def in_force(
    model: type[Placement] | type[RoleGrant], day: date | ColumnElement[date]
) -> ColumnElement[bool]:
    """SQL condition: the dated row covers the day."""
    return and_(model.start_on <= day, or_(model.end_on.is_(None), model.end_on >= day))


def within(paths: tuple[str, ...]) -> ColumnElement[bool]:
    """SQL condition on Unit: one of the subtrees, each one indexed range; none of none."""
    return in_ranges(rules.path_range(path) for path in paths)


def in_ranges(ranges: Iterable[tuple[Any, Any]]) -> ColumnElement[bool]:
    """SQL condition on Unit, as `within`: bounds of the paths, or parameters for them."""
    return or_(false(), *(and_(Unit.path >= low, Unit.path < high) for low, high in ranges))


def placed(day: date | ColumnElement[date], units: ColumnElement[bool]) -> Select[int]:
    """Ids of people placed on a day in units that a condition names, a row for each placement."""
    return (
        select(Placement.person_id)
        .join(Unit, Placement.unit_id == Unit.id)
        .where(in_force(Placement, day), units)
    )


def person_by_identifier(typed: str) -> Person | None:
    """The person behind a NIP (spaces allowed) or an e-mail address."""
    name = rules.account_name(typed)
    column = Person.nip if rules.looks_like_nip(typed) else Person.email
    return db.session.scalar(select(Person).where(column == name))


def person_by_uuid(uuid: UUID) -> Person | None:
    return db.session.scalar(select(Person).where(Person.uuid == uuid))


def own_person(actor: Actor) -> Person:
    return db.session.get_one(Person, actor.person_id)


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


def own_roles(actor: Actor) -> list[RoleGrant]:
    """Roles that the actor holds today, by the day of each role's unit."""
    return roles_today(actor.person_id)


def roles_today(person_id: int) -> list[RoleGrant]:
    grants = db.session.scalars(
        select(RoleGrant)
        .where(RoleGrant.person_id == person_id)
        .options(joinedload(RoleGrant.unit))
        .order_by(RoleGrant.role)
    )
    return [
        grant
        for grant in grants
        if rules.covers(clock.today(grant.unit.time_zone), grant.start_on, grant.end_on)
    ]


def tries_within_window(kind: str, *, account: str | None, address: str | None) -> list[datetime]:
    """Instants of the tries of an account or an address inside the window, oldest first."""
    now = clock.now()
    query = select(CredentialTry.at).where(
        CredentialTry.kind == kind,
        CredentialTry.at > now - rules.TRY_WINDOW,
        # A clock that was set back by a day must not hold an account for a day.
        CredentialTry.at < now + rules.TRY_WINDOW,
    )
    if account is not None:
        query = query.where(CredentialTry.account_digest == account)
    if address is not None:
        query = query.where(CredentialTry.address == address)
    return list(db.session.scalars(query.order_by(CredentialTry.at)))


def there_are_people() -> bool:
    return db.session.scalar(select(Person.id).limit(1)) is not None


def unit_by_code(code: str) -> Unit | None:
    return db.session.scalar(select(Unit).where(Unit.code == code))


def position_by_code(code: str) -> Position | None:
    return db.session.scalar(select(Position).where(Position.code == code))


def site_zone() -> str:
    """The site's own zone: that of the topmost unit, the first one where there are several."""
    zone = db.session.scalar(
        select(Unit.time_zone).where(Unit.parent_id.is_(None)).order_by(Unit.id).limit(1)
    )
    return zone or DEFAULT_ZONE
