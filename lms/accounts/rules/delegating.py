"""For which days a head may give her rights to somebody, and how that stands on a day."""

from datetime import date, timedelta
from enum import StrEnum

# Three months: as long as an acting head is first appointed. Longer absences need an appointment.
DELEGATION_DAYS = 90


class DelegationState(StrEnum):
    """How a delegation stands on a day; only an active one gives rights."""

    UPCOMING = "upcoming"
    ACTIVE = "active"
    OVER = "over"
    REVOKED = "revoked"
    SUSPENDED = "suspended"  # its giver does not head the unit


class DelegationFault(StrEnum):
    PAST = "past"
    ENDS_BEFORE_START = "ends_before_start"
    TOO_FAR = "too_far"
    TOO_LONG = "too_long"
    OUTLASTS = "outlasts"


def delegation_fault(
    start_on: date, end_on: date, *, today: date, heads_until: date | None
) -> DelegationFault | None:
    """Why a head cannot give her rights for these days, both of them included, or None.
    `heads_until`: her own last day as the head, None where there is none."""
    most = timedelta(days=DELEGATION_DAYS)
    if start_on < today:
        return DelegationFault.PAST
    if end_on < start_on:
        return DelegationFault.ENDS_BEFORE_START
    if start_on > today + most:
        return DelegationFault.TOO_FAR
    if end_on - start_on >= most:
        return DelegationFault.TOO_LONG
    if heads_until is not None and end_on > heads_until:
        return DelegationFault.OUTLASTS
    return None


def delegation_state(
    day: date, start_on: date, end_on: date, *, is_revoked: bool, is_headed: bool
) -> DelegationState:
    """`is_headed`: does its giver head the unit by a placement on that day?"""
    if is_revoked:
        return DelegationState.REVOKED
    if day > end_on:
        return DelegationState.OVER
    if not is_headed:
        return DelegationState.SUSPENDED
    return DelegationState.UPCOMING if day < start_on else DelegationState.ACTIVE
