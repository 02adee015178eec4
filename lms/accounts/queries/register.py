"""The register of people: who is within the reach of an admin, of HR or an auditor."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import joinedload

from lms.accounts import rules
from lms.accounts.models import (
    ActivationCode,
    ImportRow,
    Person,
    Placement,
    RegisterImport,
    RoleGrant,
    SignInSession,
    Unit,
)
from lms.accounts.queries import (
    Post,
    person_by_uuid,
    placed,
    posts_of,
    unit_by_code,
    within,
)
from lms.accounts.rules.importing import Outcome, Verdict
from lms.core import clock
from lms.core.access import Actor, Permission
from lms.core.db import db
from lms.core.errors import NotFound

PAGE = 25
CHOICES_MAX = 300


class AccountState(StrEnum):
    """What a list of people can be narrowed to."""

    ACTIVE = "active"
    WAITING = "waiting"  # no password yet
    CLOSED = "closed"


@dataclass(frozen=True)
class Listed:
    """A row of the register of people."""

    id: int
    uuid: UUID
    name: str
    nip: str
    state: AccountState
    post: Post | None


def people_in(
    actor: Actor, *, search: str = "", state: AccountState | None = None,
    unit: Unit | None = None, imported: RegisterImport | None = None, without_code: bool = False,
    after: UUID | None = None, limit: int = PAGE,
) -> tuple[list[Listed], bool]:  # fmt: skip
    """One page of the people within the actor's reach by name, and whether there are more."""
    day = clock.today(actor.time_zone)
    reach = in_reach(actor.paths_of(Permission.ACCOUNTS_PEOPLE_READ), day)
    query = select(
        Person.id, Person.uuid, Person.name, Person.nip, Person.deactivated_at,
        Person.password_hash.is_not(None).label("has_password"),
    ).where(reach, *_matches(search))  # fmt: skip
    if state is not None:
        query = query.where(*_IN_STATE[state])
    if unit is not None:
        query = query.where(_placed_within((unit.path,), day))
    if imported is not None:
        query = query.where(Person.uuid.in_(_applied_in(imported)))
    if without_code:
        query = query.where(Person.id.not_in(select(ActivationCode.person_id).where(*_usable())))
    last = person_by_uuid(after) if after else None
    if last is not None:
        same_name = and_(Person.name == last.name, Person.id > last.id)
        query = query.where(or_(Person.name > last.name, same_name))
    rows = db.session.execute(query.order_by(Person.name, Person.id).limit(limit + 1)).all()
    posts = posts_of([row.id for row in rows])
    return [_listed(row, posts.get(row.id)) for row in rows[:limit]], len(rows) > limit


def _applied_in(imported: RegisterImport) -> Select[Any]:
    """UUIDs of those whom an import has added."""
    return select(ImportRow.subject_uuid).where(
        ImportRow.import_id == imported.id,
        ImportRow.verdict == Verdict.NEW,
        ImportRow.outcome == Outcome.APPLIED,
    )


_IN_STATE: dict[AccountState, tuple[ColumnElement[bool], ...]] = {
    AccountState.ACTIVE: (Person.deactivated_at.is_(None), Person.password_hash.is_not(None)),
    AccountState.WAITING: (Person.deactivated_at.is_(None), Person.password_hash.is_(None)),
    AccountState.CLOSED: (Person.deactivated_at.is_not(None),),
}


def _listed(row: Any, post: Post | None) -> Listed:
    waiting = AccountState.ACTIVE if row.has_password else AccountState.WAITING
    state = AccountState.CLOSED if row.deactivated_at else waiting
    return Listed(row.id, row.uuid, row.name, row.nip, state, post)


def _matches(search: str) -> list[ColumnElement[bool]]:
    if rules.begins_a_nip(search):
        begun = rules.tidy_nip(search)
        # A range of digits is one of the index, in whatever order the database sorts signs.
        return [Person.nip >= begun.ljust(18, "0"), Person.nip <= begun.ljust(18, "9")]
    return [
        func.lower(Person.name).contains(word, autoescape=True)
        for word in search.lower().split()[:6]
    ]


def in_reach(paths: tuple[str, ...], day: date) -> ColumnElement[bool]:
    """Everybody for whoever holds a role for a root unit; else who is placed in the subtrees on
    the actor's local day."""
    return true() if reaches_all(paths) else _placed_within(paths, day)


def reaches_all(paths: tuple[str, ...]) -> bool:
    """Is one of the units a root? Then also who is placed nowhere is within reach."""
    return any(path.count("/") == 2 for path in paths)


def _placed_within(paths: tuple[str, ...], day: date) -> ColumnElement[bool]:
    """SQL condition on Person."""
    return Person.id.in_(placed(day, within(paths)))


def person_within(actor: Actor, uuid: UUID, permission: Permission) -> Person:
    """A person within the actor's reach by that permission. Raises NotFound for all others."""
    person = db.session.scalar(
        select(Person).where(
            Person.uuid == uuid,
            in_reach(actor.paths_of(permission), clock.today(actor.time_zone)),
        )
    )
    if person is None:
        raise NotFound
    return person


def persons_within(actor: Actor, uuids: Sequence[UUID], permission: Permission) -> list[Person]:
    """Those of the people who are within the actor's reach by that permission, by name."""
    reach = in_reach(actor.paths_of(permission), clock.today(actor.time_zone))
    found = select(Person).where(Person.uuid.in_(uuids), reach)
    return list(db.session.scalars(found.order_by(Person.name, Person.id)))


def roles_of(person: Person) -> list[RoleGrant]:
    """Every role that a person was ever given, the latest first."""
    return list(
        db.session.scalars(
            select(RoleGrant)
            .where(RoleGrant.person_id == person.id)
            .options(joinedload(RoleGrant.unit))
            .order_by(RoleGrant.start_on.desc(), RoleGrant.id.desc())
        )
    )


def roles_ending(actor: Actor, permission: Permission, until: date) -> list[Any]:
    """`role`, `end_on`, `unit`, `name` and `uuid` of the person, of roles within the actor's reach
    that hold today and end by a day, the first to end first; at most 50."""
    return list(
        db.session.execute(
            select(
                RoleGrant.role, RoleGrant.end_on, Unit.name.label("unit"),
                Person.name, Person.uuid,
            )
            .join(Unit, RoleGrant.unit_id == Unit.id)
            .join(Person, RoleGrant.person_id == Person.id)
            .where(
                within(actor.paths_of(permission)),
                RoleGrant.start_on <= clock.today(actor.time_zone),
                RoleGrant.end_on >= clock.today(actor.time_zone),
                RoleGrant.end_on <= until,
                Person.deactivated_at.is_(None),
            )
            .order_by(RoleGrant.end_on, Person.name, RoleGrant.id)
            .limit(50)
        )
    )  # fmt: skip


def role_within(actor: Actor, person: Person, uuid: UUID) -> RoleGrant:
    """A role of a person that the actor administers. Raises NotFound for all others."""
    paths = actor.paths_of(Permission.ACCOUNTS_PEOPLE_MANAGE)
    for grant in roles_of(person):
        if grant.uuid == uuid and rules.is_within(grant.unit.path, paths):
            return grant
    raise NotFound


def history_of(person: Person) -> list[Placement]:
    """Every placement of a person, the latest first."""
    return list(
        db.session.scalars(
            select(Placement)
            .where(Placement.person_id == person.id)
            .options(joinedload(Placement.unit), joinedload(Placement.position))
            .order_by(Placement.start_on.desc(), Placement.id.desc())
        )
    )


def code_of(person: Person) -> ActivationCode | None:
    """The code that a person could still use."""
    return db.session.scalar(
        select(ActivationCode).where(ActivationCode.person_id == person.id, *_usable())
    )


def _usable() -> tuple[ColumnElement[bool], ...]:
    return (
        ActivationCode.used_at.is_(None),
        ActivationCode.void_at.is_(None),
        ActivationCode.expires_at > clock.now(),
    )


def last_seen(person: Person) -> datetime | None:
    return db.session.scalar(
        select(func.max(SignInSession.last_seen_at)).where(SignInSession.person_id == person.id)
    )


def units_within(actor: Actor, permission: Permission) -> list[Any]:
    """Code and name of the units of the actor's reach in the order of the tree, to choose from;
    none where they are too many for a list."""
    query = select(Unit.code, Unit.name).where(within(actor.paths_of(permission)))
    rows = db.session.execute(query.order_by(Unit.path).limit(CHOICES_MAX + 1)).all()
    return list(rows) if len(rows) <= CHOICES_MAX else []


def unit_within(actor: Actor, code: str, permission: Permission) -> Unit | None:
    unit = unit_by_code(rules.tidy_line(code))
    reach = actor.paths_of(permission)
    return unit if unit and rules.is_within(unit.path, reach) else None
