"""Pure decisions about attempts: starting, saving, expiring, grading."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from random import Random


class QuestionKind(StrEnum):
    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUEFALSE = "truefalse"


class ShowAnswers(StrEnum):
    """When a learner sees which answers were right."""

    ALWAYS = "always"
    AFTER_PASS = "after-pass"
    NEVER = "never"


HUNDRED = Decimal(100)
# A save that was on its way when the time ended is still taken (mechanics.md section 1).
GRACE = timedelta(seconds=60)


def round_percent(value: Decimal) -> Decimal:
    """Percent 0-100 with two places, half up."""
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


# ── Starting ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class StartVerdict:
    """May another attempt begin? `left` counts it in; None means there is no limit."""

    allowed: bool
    left: int | None


def may_start(*, used: int, limit: int) -> StartVerdict:
    """`limit` 0 means any number of attempts."""
    if limit == 0:
        return StartVerdict(True, None)
    return StartVerdict(used < limit, max(0, limit - used))


def deadline(started_at: datetime, limit_minutes: int) -> datetime | None:
    """When the attempt ends; None without a limit."""
    return started_at + timedelta(minutes=limit_minutes) if limit_minutes else None


def is_over(deadline_at: datetime | None, now: datetime) -> bool:
    """Is the time up, so that no page for answering is shown any more?"""
    return deadline_at is not None and now >= deadline_at


def is_closed_to_saves(deadline_at: datetime | None, now: datetime) -> bool:
    """Is a save refused? Up to a minute after the end it is still taken."""
    return deadline_at is not None and now > deadline_at + GRACE


def question_order(count: int, *, shuffle: bool, random: Random) -> list[int]:
    order = list(range(count))
    if shuffle:
        random.shuffle(order)
    return order


def option_order(
    count: int, kind: QuestionKind, *, shuffle: bool, last_fixed: bool, random: Random
) -> list[int]:
    """Positions of the options as shown. True and false keep their order; so does a fixed last."""
    order = list(range(count))
    if not shuffle or kind is QuestionKind.TRUEFALSE:
        return order
    head, tail = (order[:-1], order[-1:]) if last_fixed else (order, [])
    random.shuffle(head)
    return head + tail


# ── Saving ───────────────────────────────────────────────────────────────────────────────────


class SaveVerdict(StrEnum):
    STORE = "store"
    SAME = "same"
    STALE = "stale"


def judge_save(
    *, stored_seq: int, stored: Sequence[int], seq: int, value: Sequence[int]
) -> SaveVerdict:
    """Decide over one save of an answer by the client's sequence number.

    A higher number is stored; the same save again is no change; anything older, or a different
    value under a number already used, never wins (mechanics.md section 2).
    """
    if seq > stored_seq:
        return SaveVerdict.STORE
    return SaveVerdict.SAME if list(stored) == list(value) else SaveVerdict.STALE


def is_valid_choice(kind: QuestionKind, value: Sequence[int], options: int) -> bool:
    """Are these option positions an answer to the question? No option at all clears it."""
    if len(set(value)) != len(value) or any(not 0 <= v < options for v in value):
        return False
    return len(value) <= 1 or kind is QuestionKind.MULTIPLE


# ── Grading ──────────────────────────────────────────────────────────────────────────────────


def fraction(kind: QuestionKind, weights: Sequence[Decimal], chosen: Sequence[int]) -> Decimal:
    """How right an answer is, 0 to 1. `weights` are percent per option, -100 to 100.

    Single and true/false: the weight of the choice. Multiple: the sum, never below 0 nor above 1.
    Weights such as 33.33333 that add up to nearly 100 count as whole.
    """
    if not chosen:
        return Decimal(0)
    total = sum((weights[i] for i in chosen), Decimal(0)) / HUNDRED
    if kind is not QuestionKind.MULTIPLE:
        return max(Decimal(0), total)
    total = min(Decimal(1), max(Decimal(0), total))
    return Decimal(1) if total > Decimal("0.9999") else total


def percent(fractions: Sequence[Decimal]) -> Decimal:
    """The score of an attempt: every question counts the same; percent 0-100, two places."""
    if not fractions:
        return Decimal(0)
    return round_percent(sum(fractions, Decimal(0)) / len(fractions) * HUNDRED)


def passes(score: Decimal | None, needed: Decimal) -> bool:
    return score is not None and score >= needed


def shows_answers(setting: ShowAnswers, *, passed: bool) -> bool:
    return setting is ShowAnswers.ALWAYS or (setting is ShowAnswers.AFTER_PASS and passed)
