"""Pure decisions about claims: what may be entered, who acts next, how many hours they are."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum

TITLE_MAX = 200
ORGANISER_MAX = 160
NUMBER_MAX = 80
NAME_MAX = 120  # of a document
REASON_MAX = 300
QUANTITY_MAX = 1000
DOCUMENT_MAX = 5_000_000  # bytes
BULK_MAX = 100


class ClaimKind(StrEnum):
    EXTERNAL_TRAINING = "external_training"
    CERTIFICATE = "certificate"


class ClaimState(StrEnum):
    """Whom a claim waits for, or how it ended."""

    SUBMITTED = "submitted"  # waits for the superior
    ENDORSED = "endorsed"  # waits for HR
    RETURNED = "returned"  # waits for the person
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


class ClaimAct(StrEnum):
    """What happened to a claim."""

    SUBMITTED = "submitted"
    CHANGED = "changed"
    ENDORSED = "endorsed"
    APPROVED = "approved"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


CHANGEABLE = (ClaimState.SUBMITTED, ClaimState.RETURNED)
ENDED = (ClaimState.APPROVED, ClaimState.WITHDRAWN)


class ClaimFault(StrEnum):
    """What is wrong with what was entered."""

    ENDS_BEFORE_START = "ends_before_start"
    IN_THE_FUTURE = "in_the_future"
    OVER_BEFORE_IT_BEGAN = "over_before_it_began"
    TOO_MANY_DAYS = "too_many_days"
    NOT_WHOLE = "not_whole"
    TOO_OFTEN = "too_often"


@dataclass(frozen=True)
class HourRule:
    """How a form of development becomes hours (domain.md section 1.2). `jp` None: the hours of the
    curriculum count. `times` limits how often it counts in a month."""

    jp: Decimal | None
    jp_abroad: Decimal | None
    by_day: bool
    times: int | None


def fault_of_days(
    started_on: date, ended_on: date, valid_until: date | None, today: date
) -> ClaimFault | None:
    if ended_on < started_on:
        return ClaimFault.ENDS_BEFORE_START
    if ended_on > today:
        return ClaimFault.IN_THE_FUTURE
    if valid_until is not None and valid_until < ended_on:
        return ClaimFault.OVER_BEFORE_IT_BEGAN
    return None


def fault_of_quantity(rule: HourRule, quantity: Decimal, days: int) -> ClaimFault | None:
    """`days` is how long it lasted, first and last day included."""
    if rule.jp is None:
        return None
    if quantity != int(quantity):
        return ClaimFault.NOT_WHOLE
    if rule.by_day and quantity > days:
        return ClaimFault.TOO_MANY_DAYS
    if rule.times is not None and quantity > rule.times:
        return ClaimFault.TOO_OFTEN
    return None


def hours(rule: HourRule, quantity: Decimal, *, abroad: bool) -> Decimal:
    """Learning hours (JP) of so many hours of a curriculum, days, times or semesters."""
    each = rule.jp_abroad if abroad and rule.jp_abroad is not None else rule.jp
    total = quantity if each is None else quantity * each
    return total.quantize(Decimal("0.01"), ROUND_DOWN)


def first_state(*, has_superior: bool) -> ClaimState:
    """Whoever has nobody above goes straight to HR."""
    return ClaimState.SUBMITTED if has_superior else ClaimState.ENDORSED
