"""Roles: given, ended; and who may act on whose account because of them."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TypeVar

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lms.accounts import queries, rules
from lms.accounts.actions.codes import void_code_of, void_codes_given_by
from lms.accounts.actions.reasons import checked_reason
from lms.accounts.models import Person, Placement, RoleGrant, Unit
from lms.accounts.queries import register
from lms.accounts.rules import Role
from lms.core import audit, clock
from lms.core.access import Actor, Permission
from lms.core.db import db, lock_row, new_uuid
from lms.core.errors import DomainError

Dated = TypeVar("Dated", RoleGrant, Placement)


def grant_role(
    person: Person,
    role: Role,
    unit: Unit,
    *,
    start_on: date,
    reason: str,
    end_on: date | None = None,
    actor: Actor | None = None,
) -> RoleGrant:
    """`actor` is None for a command, which may grant everything.

    Raises DomainError on `reason` when there is none, or too much of one; on `end_on` when the role
    would end before it starts or outlast the actor's own; on `unit` when it lies outside of what
    the actor administers, or the person has the role there already; on `role` when the actor is the
    person; on `start_on` when it lies before today.
    """
    reason = checked_reason(reason)
    if end_on is not None and end_on < start_on:
        raise DomainError(gettext("Peran tidak dapat berakhir sebelum mulai"), "end_on")
    lock_row(person)
    if actor is not None:
        _assert_may_grant(actor, person, unit, end_on)
        if start_on < clock.today(unit.time_zone):
            raise DomainError(gettext("Peran mulai paling awal hari ini"), "start_on")
    if any(grant.role is role and grant.unit_id == unit.id for grant in _not_over(person)):
        raise DomainError(gettext("Peran ini sudah dipegang di unit itu"), "unit")
    grant = RoleGrant(
        uuid=new_uuid(), person_id=person.id, role=role, unit_id=unit.id, start_on=start_on,
        end_on=end_on, reason=reason,
    )  # fmt: skip
    db.session.add(grant)
    db.session.flush()
    void_code_of(person.id)
    audit.record(
        actor, "accounts.role_granted", "person", person.uuid,
        role=role, unit=unit.uuid, start_on=start_on, end_on=end_on, reason=reason,
    )  # fmt: skip
    return grant


def end_role(actor: Actor, grant: RoleGrant, *, reason: str) -> None:
    """The role ends at once. Raises DomainError on `reason`; when the role is over already; and
    when it is the actor's own: an office must not be left without an admin by a slip."""
    if grant.person_id == actor.person_id:
        raise DomainError(gettext("Peran sendiri diakhiri oleh admin lain"))
    reason = checked_reason(reason)
    person = db.session.get_one(Person, grant.person_id)
    lock_row(person)
    lock_row(grant)
    today, before = clock.today(grant.unit.time_zone), grant.end_on
    if before is not None and before < today:
        raise DomainError(gettext("Peran ini sudah berakhir"))
    grant.end_on = today - timedelta(days=1)
    db.session.flush()
    void_codes_given_by(person.id)
    audit.record(
        actor, "accounts.role_ended", "person", person.uuid,
        role=grant.role, unit=grant.unit.uuid, end_on_before=before, reason=reason,
    )  # fmt: skip


def _assert_may_grant(actor: Actor, person: Person, unit: Unit, end_on: date | None) -> None:
    """Never to oneself, never more than one holds: not further, and not longer."""
    if person.id == actor.person_id:
        raise DomainError(gettext("Peran sendiri diberikan oleh admin lain"), "role")
    own = administered_by(actor.person_id)
    if not rules.is_within(unit.path, (grant.unit.path for grant in own)):
        raise DomainError(gettext("Unit ini di luar wewenang Anda"), "unit")
    if not _covers(own, unit.path, end_on):
        raise DomainError(
            gettext("Peran ini paling lama sampai peran Anda sendiri berakhir"), "end_on"
        )


def assert_may_manage(actor: Actor | None, person: Person) -> None:
    """Raises DomainError when the person stands, or holds a role, beyond what the actor
    administers, or for longer: whoever could open or close such an account could act as that
    person. None is a command."""
    if actor is None:
        return
    if beyond_reach(administered_by(actor.person_id), [person.id]):
        raise DomainError(
            gettext(
                "Pegawai ini memegang peran atau jabatan di luar wewenang Anda. Mintalah admin di "
                "atasnya."
            )
        )


def beyond_reach(own: Sequence[RoleGrant], person_ids: Sequence[int]) -> set[int]:
    """Which of the people stand, or hold a role, beyond the roles of an admin, or for longer."""
    found = set[int]()
    for grant in _rows_of(RoleGrant, person_ids):
        if _is_not_over(grant) and not _covers(own, grant.unit.path, grant.end_on):
            found.add(grant.person_id)
    for placement in _rows_of(Placement, person_ids):
        reached = any(rules.path_contains(g.unit.path, placement.unit.path) for g in own)
        if _is_not_over(placement) and not reached:
            found.add(placement.person_id)
    return found


def _rows_of(model: type[Dated], person_ids: Sequence[int]) -> Sequence[Dated]:
    return db.session.scalars(
        select(model).where(model.person_id.in_(person_ids)).options(joinedload(model.unit))
    ).all()


def _is_not_over(row: RoleGrant | Placement) -> bool:
    return row.end_on is None or row.end_on >= clock.today(row.unit.time_zone)


def administered_by(person_id: int) -> list[RoleGrant]:
    """The roles by which a person manages the accounts of others today."""
    return [
        grant
        for grant in queries.roles_today(person_id)
        if Permission.ACCOUNTS_PEOPLE_MANAGE in queries.OF_ROLE[grant.role]
    ]


def _covers(own: Sequence[RoleGrant], path: str, end_on: date | None) -> bool:
    """Does one of the roles reach as far as the path, and last as long?"""
    return any(
        rules.path_contains(grant.unit.path, path)
        and (grant.end_on is None or (end_on is not None and end_on <= grant.end_on))
        for grant in own
    )


def _not_over(person: Person) -> list[RoleGrant]:
    """Roles of a person that hold today or later."""
    return [grant for grant in register.roles_of(person) if _is_not_over(grant)]
