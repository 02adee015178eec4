"""Roles: given, ended; and who may act on whose account because of them."""

from datetime import date, timedelta

from flask_babel import gettext

from lms.accounts import queries, rules
from lms.accounts.models import Person, RoleGrant, Unit
from lms.accounts.queries import register
from lms.accounts.rules import Role
from lms.core import audit, clock
from lms.core.access import Actor, Permission
from lms.core.db import db, new_uuid
from lms.core.errors import DomainError


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
    person.
    """
    reason = _reason(reason)
    if end_on is not None and end_on < start_on:
        raise DomainError(gettext("Peran tidak dapat berakhir sebelum mulai"), "end_on")
    if actor is not None:
        _assert_may_grant(actor, person, unit, end_on)
    if any(grant.role is role and grant.unit_id == unit.id for grant in _not_over(person)):
        raise DomainError(gettext("Peran ini sudah dipegang di unit itu"), "unit")
    grant = RoleGrant(
        uuid=new_uuid(), person_id=person.id, role=role, unit_id=unit.id, start_on=start_on,
        end_on=end_on, reason=reason,
    )  # fmt: skip
    db.session.add(grant)
    db.session.flush()
    audit.record(actor, "accounts.role_granted", "person", person.uuid, role=role, unit=unit.uuid)
    return grant


def end_role(actor: Actor, grant: RoleGrant, *, reason: str) -> None:
    """The role ends at once. Raises DomainError on `reason`, and when it is the actor's own: an
    office must not be left without an admin by a slip."""
    if grant.person_id == actor.person_id:
        raise DomainError(gettext("Peran sendiri diakhiri oleh admin lain"))
    _reason(reason)
    grant.end_on = clock.today(grant.unit.time_zone) - timedelta(days=1)
    db.session.flush()
    person = db.session.get_one(Person, grant.person_id)
    audit.record(
        actor, "accounts.role_ended", "person", person.uuid,
        role=grant.role, unit=grant.unit.uuid, reason=reason,
    )  # fmt: skip


def _reason(reason: str) -> str:
    reason = rules.tidy_line(reason)
    if not 0 < len(reason) <= rules.REASON_MAX:
        raise DomainError(
            gettext("Isi alasan, paling banyak %(n)d karakter", n=rules.REASON_MAX), "reason"
        )
    return reason


def _assert_may_grant(actor: Actor, person: Person, unit: Unit, end_on: date | None) -> None:
    """Never to oneself, never more than one holds: not further, and not longer."""
    if person.id == actor.person_id:
        raise DomainError(gettext("Peran sendiri diberikan oleh admin lain"), "role")
    own = [
        grant
        for grant in queries.own_roles(actor)
        if Permission.ACCOUNTS_PEOPLE_MANAGE in queries.OF_ROLE[grant.role]
        and rules.path_contains(grant.unit.path, unit.path)
    ]
    if not own:
        raise DomainError(gettext("Unit ini di luar wewenang Anda"), "unit")
    ends = [grant.end_on for grant in own]
    longest = None if None in ends else max(end for end in ends if end is not None)
    if longest is not None and (end_on is None or end_on > longest):
        raise DomainError(
            gettext("Peran ini paling lama sampai peran Anda sendiri berakhir"), "end_on"
        )


def assert_may_manage(actor: Actor | None, person: Person) -> None:
    """Raises DomainError when the person holds a role beyond what the actor administers: whoever
    could open or close such an account would hold that role too. None is a command."""
    if actor is None:
        return
    reach = actor.paths_of(Permission.ACCOUNTS_PEOPLE_MANAGE)
    for grant in _not_over(person):
        if not any(rules.path_contains(path, grant.unit.path) for path in reach):
            raise DomainError(
                gettext(
                    "Pegawai ini memegang peran di luar wewenang Anda. Mintalah admin di atasnya."
                )
            )


def _not_over(person: Person) -> list[RoleGrant]:
    """Roles of a person that hold today or later."""
    return [
        g
        for g in register.roles_of(person)
        if g.end_on is None or g.end_on >= clock.today(g.unit.time_zone)
    ]
