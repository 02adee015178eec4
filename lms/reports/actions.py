"""What leaves the product is noted, and who stands in for a head is told."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from lms.accounts.actions import delegations
from lms.accounts.models import Delegation
from lms.accounts.queries.delegations import named
from lms.core import audit, clock
from lms.core.access import Actor, Delegated
from lms.notifications.actions import notify
from lms.notifications.rules import NotificationKind


def note_export(
    actor: Actor, name: str, *, rows: int, searched: bool, state: str,
    unit: UUID | None = None, competency: str = "", direct: bool = False,
    given: Sequence[Delegated] = (),
) -> None:  # fmt: skip
    """Write into the audit that a table was taken out, an entry for each head on whose behalf, and
    of whom it is: the people of a unit, `direct` without those below it, whose positions require a
    competency (its code). What was searched for may be a name, which could never be erased from
    there."""
    said: dict[str, Any] = {"unit": unit, "competency": competency, "direct": direct}
    of_whom = {key: value for key, value in said.items() if value}
    for each in given or (None,):
        audit.record(
            actor, "reports.exported",
            table=name, rows=rows, searched=searched, state=state, **of_whom, **named(each),
        )  # fmt: skip


def delegate(
    actor: Actor, identifier: str, unit: UUID | None, *, start_on: date, end_on: date, reason: str
) -> Delegation:
    """As `accounts.actions.delegations.delegate`, and tells whoever stands in from now on."""
    given = delegations.delegate(
        actor, identifier, unit, start_on=start_on, end_on=end_on, reason=reason
    )
    holds = start_on <= clock.today(given.unit.time_zone)
    notify(
        given.delegate_id, NotificationKind.RIGHTS_DELEGATED,
        url="/team" if holds else "/",  # before the first day the board is closed to them
        by=actor.name, unit=given.unit.name, start=start_on.isoformat(), end=end_on.isoformat(),
        reason=given.reason,
    )  # fmt: skip
    return given


def end_delegation(actor: Actor, given: Delegation) -> None:
    """As `accounts.actions.delegations.end_delegation`, and tells the other one of the two."""
    delegations.end_delegation(actor, given)
    by_giver = actor.person_id == given.giver_id
    notify(
        given.delegate_id if by_giver else given.giver_id, NotificationKind.DELEGATION_ENDED,
        url="/" if by_giver else "/team/delegations",
        by=actor.name, giver=given.giver.name, unit=given.unit.name,
    )  # fmt: skip
