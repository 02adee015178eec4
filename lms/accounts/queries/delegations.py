"""Rights of heads that others hold for some days: whose, over which unit, and by which of them one
acts. Every one of them ends with the headship that it was given from."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Select, and_, bindparam, select
from sqlalchemy.orm import aliased

from lms.accounts import rules
from lms.accounts.models import Delegation, Person, Placement, Position, Unit
from lms.accounts.rules import PlacementStanding
from lms.accounts.rules.delegating import DelegationState, delegation_state
from lms.core import clock
from lms.core.access import Actor, Delegated
from lms.core.db import db, lock_row, read
from lms.core.errors import NotFound

PAGE = 25

_Delegate = aliased(Person)
_HELD = (
    select(
        Delegation.uuid,
        Delegation.start_on,
        Delegation.end_on,
        Person.id.label("giver_id"),
        Person.uuid.label("giver_uuid"),
        Person.name.label("giver_name"),
        Position.name.label("position"),
        Placement.standing,
        Placement.start_on.label("heads_from"),
        Placement.end_on.label("heads_until"),
        Unit.id.label("unit_id"),
        Unit.uuid.label("unit_uuid"),
        Unit.name.label("unit_name"),
        Unit.path,
        Unit.time_zone,
    )
    .join(Person, Delegation.giver_id == Person.id)
    .join(Unit, Delegation.unit_id == Unit.id)
    .join(
        Placement,
        and_(
            Placement.person_id == Delegation.giver_id,
            Placement.unit_id == Delegation.unit_id,
            Placement.heads_unit,
        ),
    )
    .join(Position, Placement.position_id == Position.id)
    .where(
        Delegation.delegate_id == bindparam("person_id"),
        Delegation.revoked_at.is_(None),
        # The local day is at most one before the day in UTC; `_holds` decides exactly.
        Delegation.end_on >= bindparam("yesterday", type_=Date),
        Person.deactivated_at.is_(None),
    )
    .order_by(Unit.path, Delegation.id, Placement.standing.desc(), Placement.id)
)


def held_by(person_id: int) -> tuple[Delegated, ...]:
    """For whom a person stands in today: within the days, in the zone of the unit, and as long as
    the giver has an open account and heads that unit by a placement. By the path of the unit."""
    now = clock.now()
    rows = read(_HELD, person_id=person_id, yesterday=now.date() - timedelta(days=1))
    found = {row.uuid: _delegated(row) for row in reversed(rows.all()) if _holds(row, now)}
    return tuple(reversed(found.values()))


def _holds(row: Any, now: datetime) -> bool:
    day = clock.local_day(now, row.time_zone)
    return rules.covers(day, row.start_on, row.end_on) and rules.covers(
        day, row.heads_from, row.heads_until
    )


def _delegated(row: Any) -> Delegated:
    return Delegated(
        uuid=row.uuid,
        giver_id=row.giver_id,
        giver_uuid=row.giver_uuid,
        giver_name=row.giver_name,
        position=position_words(row.position, row.standing),
        unit_id=row.unit_id,
        unit_uuid=row.unit_uuid,
        unit_name=row.unit_name,
        path=row.path,
        end_on=row.end_on,
    )


def position_words(position: str, standing: PlacementStanding) -> str:
    """A position as its holder signs: "Plt. Kepala Bidang" where she is an acting one."""
    return f"Plt. {position}" if standing is PlacementStanding.ACTING else position


def signs_as(given: Delegated) -> str:
    """As what somebody acts who stands in for a head: "a.n. Kepala Bidang"."""
    return f"a.n. {given.position}"


def signed(name: str, as_: str | None) -> str:
    """A name with what its bearer acted as."""
    return f"{name} ({as_})" if as_ else name


def covering(actor: Actor, path: str) -> Delegated | None:
    """The delegation by which the actor acts on a unit, the closest to it of several."""
    found = [each for each in actor.delegations if rules.path_contains(each.path, path)]
    return max(found, key=lambda each: len(each.path), default=None)


def named(given: Delegated | None) -> dict[str, Any]:
    """What the audit log says of an act beside its details: for whom the actor stands in."""
    return {"on_behalf_of": given.giver_uuid} if given else {}


# ── What a head gave ─────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Given:
    """A delegation as its giver sees it."""

    id: int
    uuid: UUID
    delegate: str
    nip: str
    unit: str
    unit_path: str
    time_zone: str
    start_on: date
    end_on: date
    reason: str
    revoked_at: datetime | None
    revoked_by: str | None

    def state(self, actor: Actor) -> DelegationState:
        return delegation_state(
            clock.today(self.time_zone), self.start_on, self.end_on,
            is_revoked=self.revoked_at is not None,
            is_headed=self.unit_path in actor.own_headed_paths,
        )  # fmt: skip


_RevokedBy = aliased(Person)
_GIVEN: Select[*tuple[Any, ...]] = (
    select(
        Delegation.id,
        Delegation.uuid,
        _Delegate.name.label("delegate"),
        _Delegate.nip,
        Unit.name.label("unit"),
        Unit.path.label("unit_path"),
        Unit.time_zone,
        Delegation.start_on,
        Delegation.end_on,
        Delegation.reason,
        Delegation.revoked_at,
        _RevokedBy.name.label("revoked_by"),
    )
    .join(_Delegate, Delegation.delegate_id == _Delegate.id)
    .join(Unit, Delegation.unit_id == Unit.id)
    .outerjoin(_RevokedBy, Delegation.revoked_by_id == _RevokedBy.id)
    .where(Delegation.giver_id == bindparam("giver_id"))
    .order_by(Delegation.id.desc())
    .limit(PAGE + 1)
)
_GIVEN_BEFORE = _GIVEN.where(Delegation.id < bindparam("before"))


def given_by(actor: Actor, before: int | None) -> tuple[list[Given], bool]:
    """A page of what the actor gave, the latest first, with an id below `before`; and whether there
    is more."""
    if before is None:
        rows = read(_GIVEN, giver_id=actor.person_id).all()
    else:
        rows = read(_GIVEN_BEFORE, giver_id=actor.person_id, before=before).all()
    return [Given(*row) for row in rows[:PAGE]], len(rows) > PAGE


def delegation_for(actor: Actor, uuid: UUID) -> Delegation:
    """For acts: one that the actor gave, or holds today; kept from other writers until the commit.
    Raises NotFound for every other."""
    found = db.session.scalar(select(Delegation).where(Delegation.uuid == uuid))
    held = {each.uuid for each in actor.delegations}
    if found is None or not (found.giver_id == actor.person_id or found.uuid in held):
        raise NotFound
    lock_row(found)
    return found


def not_over(giver_id: int, delegate_id: int, unit_id: int, day: date) -> list[Delegation]:
    """What one gave another over a unit and has not ended by a day."""
    return list(
        db.session.scalars(
            select(Delegation).where(
                Delegation.giver_id == giver_id,
                Delegation.delegate_id == delegate_id,
                Delegation.unit_id == unit_id,
                Delegation.revoked_at.is_(None),
                Delegation.end_on >= day,
            )
        )
    )
