"""A head gives her rights over a unit to somebody for some days, and it ends before its time."""

from datetime import date
from typing import Any
from uuid import UUID

from flask_babel import gettext

from lms.accounts import queries, rules
from lms.accounts.actions.reasons import checked_reason
from lms.accounts.models import Delegation, Person
from lms.accounts.queries import delegations
from lms.accounts.rules.delegating import DELEGATION_DAYS, DelegationFault, delegation_fault
from lms.core import audit, clock, i18n
from lms.core.access import Actor
from lms.core.db import db, lock_row, new_uuid
from lms.core.errors import DomainError


def delegate(
    actor: Actor, identifier: str, unit: UUID | None, *, start_on: date, end_on: date, reason: str
) -> Delegation:
    """Give the rights over a unit that the actor heads by a placement to whom a NIP or an address
    names; both days are included, in the zone of the unit.

    Raises DomainError on `identifier` for nobody, oneself, a closed account, whoever heads the unit
    or one above it, and whoever has it from the actor already; on `unit` for one that the actor
    does not head; on `start_on` and `end_on` for days that cannot be; on `reason`.
    """
    reason = checked_reason(reason)
    giver = queries.own_person(actor)
    lock_row(giver)  # the same form sent twice at once: the second finds what the first gave
    place = _headship(actor, unit)
    person = _stand_in(actor, identifier, place)
    today = clock.today(place.time_zone)
    fault = delegation_fault(start_on, end_on, today=today, heads_until=place.end_on)
    if fault is not None:
        _refuse(fault, place.end_on)
    for other in delegations.not_over(giver.id, person.id, place.unit_id, today):
        if start_on <= other.end_on and other.start_on <= end_on:
            raise DomainError(
                gettext(
                    "%(name)s sudah memegang wewenang ini sampai %(day)s. Akhiri dahulu untuk "
                    "mengubahnya.",
                    name=person.name, day=i18n.long_date(other.end_on),
                ),
                "identifier",
            )  # fmt: skip
    given = Delegation(
        uuid=new_uuid(), giver_id=giver.id, delegate_id=person.id, unit_id=place.unit_id,
        start_on=start_on, end_on=end_on, reason=reason, given_at=clock.now(),
    )  # fmt: skip
    db.session.add(given)
    db.session.flush()
    audit.record(
        actor, "accounts.delegated", "person", person.uuid,
        unit=place.unit_uuid, start_on=start_on, end_on=end_on, reason=reason,
    )  # fmt: skip
    return given


def _headship(actor: Actor, unit: UUID | None) -> Any:
    """The placement by which the actor heads the unit today, the one that lasts longest of several.
    What she holds on behalf of another head is none."""
    found = [
        place
        for place in queries.placements_of(actor.person_id, clock.now())
        if place.heads_unit and place.unit_uuid == unit
    ]
    if not found:
        raise DomainError(gettext("Pilih unit yang Anda pimpin"), "unit")
    return max(found, key=lambda place: place.end_on or date.max)


def _stand_in(actor: Actor, identifier: str, place: Any) -> Person:
    person = queries.person_by_identifier(identifier)
    if person is None:
        raise DomainError(gettext("Tidak ada pegawai dengan NIP atau surel ini"), "identifier")
    if person.id == actor.person_id:
        raise DomainError(gettext("Wewenang ini sudah Anda pegang sendiri"), "identifier")
    if person.deactivated_at is not None:
        raise DomainError(gettext("Akun pegawai ini sudah ditutup"), "identifier")
    heads = queries.placements_of(person.id, clock.now())
    if any(each.heads_unit and rules.path_contains(each.path, place.path) for each in heads):
        raise DomainError(
            gettext("%(name)s sudah memimpin unit ini atau unit di atasnya", name=person.name),
            "identifier",
        )
    return person


def _refuse(fault: DelegationFault, heads_until: date | None) -> None:
    match fault:
        case DelegationFault.PAST:
            raise DomainError(gettext("Mulai paling awal hari ini"), "start_on")
        case DelegationFault.ENDS_BEFORE_START:
            raise DomainError(gettext("Tidak dapat berakhir sebelum mulai"), "end_on")
        case DelegationFault.TOO_FAR:
            raise DomainError(
                gettext("Mulai paling lambat %(num)s hari dari sekarang", num=DELEGATION_DAYS),
                "start_on",
            )
        case DelegationFault.TOO_LONG:
            raise DomainError(gettext("Paling lama %(num)s hari", num=DELEGATION_DAYS), "end_on")
        case DelegationFault.OUTLASTS:
            assert heads_until is not None
            raise DomainError(
                gettext(
                    "Paling lambat %(day)s, hari terakhir Anda memimpin unit ini",
                    day=i18n.long_date(heads_until),
                ),
                "end_on",
            )


def end_delegation(actor: Actor, given: Delegation) -> None:
    """It ends at once, by its giver or by whoever holds it. Raises DomainError when it is over."""
    if given.revoked_at is not None or given.end_on < clock.today(given.unit.time_zone):
        raise DomainError(gettext("Pelimpahan ini sudah berakhir"))
    given.revoked_at, given.revoked_by_id = clock.now(), actor.person_id
    db.session.flush()
    audit.record(
        actor, "accounts.delegation_ended", "person", given.delegate.uuid,
        unit=given.unit.uuid, giver=given.giver.uuid, end_on_before=given.end_on,
    )  # fmt: skip
