"""Who acts and in which posts, who is placed where, and what names a person, unit or position."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask_login import UserMixin
from sqlalchemy import ColumnElement, Select, and_, bindparam, false, or_, select
from sqlalchemy.orm import joinedload

from lms.accounts import rules
from lms.accounts.models import CredentialTry, Person, Placement, Position, RoleGrant, Unit
from lms.accounts.rules import Employment, PositionTier, Role
from lms.core import clock
from lms.core.access import ADMIN, AUDITOR, HR, TRAINER, Actor, Delegated, Permission
from lms.core.db import db, read

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


PLACE = (
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
DEFINITIVE_FIRST = (Placement.standing.desc(), Placement.start_on.desc(), Placement.id)


_PLACEMENTS = (
    select(*PLACE)
    .join(Unit, Placement.unit_id == Unit.id)
    .join(Position, Placement.position_id == Position.id)
    .where(Placement.person_id == bindparam("person_id"))
    .order_by(*DEFINITIVE_FIRST)
)


def placements_of(person_id: int, at: datetime) -> list[Any]:
    """Placements of a person that hold at an instant, the definitive one first."""
    return [row for row in read(_PLACEMENTS, person_id=person_id) if holds(row, at)]


def holds(row: Any, at: datetime) -> bool:
    return rules.covers(clock.local_day(at, row.time_zone), row.start_on, row.end_on)


def as_post(row: Any) -> Post:
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
    return as_post(places[0]) if places else None


def posts_of(person_ids: Sequence[int]) -> dict[int, Post]:
    """Where each of several people stands today."""
    now, posts = clock.now(), dict[int, Post]()
    rows = db.session.execute(
        select(Placement.person_id, *PLACE)
        .join(Unit, Placement.unit_id == Unit.id)
        .join(Position, Placement.position_id == Position.id)
        .where(Placement.person_id.in_(person_ids))
        .order_by(*DEFINITIVE_FIRST)
    )
    for row in rows:
        if row.person_id not in posts and holds(row, now):
            posts[row.person_id] = as_post(row)
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
