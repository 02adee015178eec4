"""Pure decisions about attempts: starting, saving, expiring, grading. What an answer is and what it
is worth stands in `marking`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from random import Random


class QuestionKind(StrEnum):
    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUEFALSE = "truefalse"
    SHORT = "short"
    NUMERIC = "numeric"
    MATCHING = "matching"
    ORDERING = "ordering"
    ESSAY = "essay"


class GradeMethod(StrEnum):
    """Which attempts make the score of a quiz."""

    HIGHEST = "highest"
    LAST = "last"
    AVERAGE = "average"
    FIRST = "first"


class CorrectionKind(StrEnum):
    """How a question that was published with a fault is marked instead."""

    NEW_KEY = "new-key"
    ACCEPT_ALL = "accept-all"  # of every answer that was given
    LEAVE_OUT = "leave-out"
    AS_PUBLISHED = "as-published"  # an earlier correction holds no more


class GradeCause(StrEnum):
    """Why the mark of a graded attempt changed."""

    REGRADE = "regrade"
    MANUAL = "manual"


HUNDRED = Decimal(100)
# A save that was on its way when the time ended is still taken (mechanics.md section 1).
GRACE = timedelta(seconds=60)


def round_percent(value: Decimal) -> Decimal:
    """Percent 0-100 with two places, half up."""
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


# ── Starting ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Limits:
    """What limits attempts at a quiz; 0 and None are no limit. Lengths are minutes.

    `first_delay` is the wait between the first attempt and the second, `later_delay` that between
    later ones.
    """

    attempts: int = 0
    time_limit: int = 0
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    first_delay: int = 0
    later_delay: int = 0


@dataclass(frozen=True)
class Allowance:
    """What somebody may beyond the limits of a quiz. `time_percent` is of the time limit: 150 is
    one and a half times as long; `extra_time` are minutes on top of that."""

    time_percent: int = 100
    extra_time: int = 0
    extra_attempts: int = 0
    closes_at: datetime | None = None


NO_ALLOWANCE = Allowance()


def allowed(limits: Limits, allowance: Allowance) -> Limits:
    """The limits for somebody with an allowance: never tighter than before, and what was not
    limited stays so. Time is rounded up to whole minutes."""
    longer = -(-limits.time_limit * max(100, allowance.time_percent) // 100)
    closes_at = limits.closes_at
    if closes_at is not None and allowance.closes_at is not None:
        closes_at = max(closes_at, allowance.closes_at)
    return replace(
        limits,
        time_limit=longer + allowance.extra_time if limits.time_limit else 0,
        attempts=limits.attempts + allowance.extra_attempts if limits.attempts else 0,
        closes_at=closes_at,
    )


class Refusal(StrEnum):
    """Why no attempt may begin now. `CANNOT_WAIT`: it closes before the wait is over."""

    NOT_OPEN = "not-open"
    CLOSED = "closed"
    NONE_LEFT = "none-left"
    WAIT = "wait"
    CANNOT_WAIT = "cannot-wait"


@dataclass(frozen=True)
class StartVerdict:
    """May another attempt begin? `left` counts it in; None means there is no limit.

    `at` belongs to the refusal: when it opens, when it closed, or when the wait is over.
    """

    left: int | None
    refusal: Refusal | None = None
    at: datetime | None = None

    @property
    def allowed(self) -> bool:
        return self.refusal is None


def may_start(
    limits: Limits, *, now: datetime, used: int, last_ended_at: datetime | None
) -> StartVerdict:
    """May a learner with so many attempts, the last of which ended then, begin another?"""
    left = max(0, limits.attempts - used) if limits.attempts else None
    if limits.closes_at is not None and now >= limits.closes_at:
        return StartVerdict(left, Refusal.CLOSED, limits.closes_at)
    if left == 0:
        return StartVerdict(left, Refusal.NONE_LEFT)
    if limits.opens_at is not None and now < limits.opens_at:
        return StartVerdict(left, Refusal.NOT_OPEN, limits.opens_at)
    free_at = _waited_until(limits, used, last_ended_at)
    if free_at is None or now >= free_at:
        return StartVerdict(left)
    in_vain = limits.closes_at is not None and free_at >= limits.closes_at
    return StartVerdict(left, Refusal.CANNOT_WAIT if in_vain else Refusal.WAIT, free_at)


def _waited_until(limits: Limits, used: int, last_ended_at: datetime | None) -> datetime | None:
    delay = limits.first_delay if used == 1 else limits.later_delay
    return last_ended_at + timedelta(minutes=delay) if last_ended_at and delay else None


def deadline(started_at: datetime, limits: Limits) -> datetime | None:
    """When an attempt ends: its time is up or the quiz closes, whichever comes first; None without
    a limit."""
    ends = [limits.closes_at] if limits.closes_at else []
    if limits.time_limit:
        ends.append(started_at + timedelta(minutes=limits.time_limit))
    return min(ends, default=None)


def ends_by_closing(started_at: datetime, limits: Limits) -> bool:
    """Does the closing end an attempt before its own time is up?"""
    return limits.closes_at is not None and (
        not limits.time_limit
        or limits.closes_at < started_at + timedelta(minutes=limits.time_limit)
    )


def ended_at(
    submitted_at: datetime | None, deadline_at: datetime | None, now: datetime
) -> datetime | None:
    """When an attempt ended; None while it goes on. One whose time is up has ended, whether or not
    somebody has submitted it."""
    return submitted_at or (deadline_at if is_over(deadline_at, now) else None)


def is_over(deadline_at: datetime | None, now: datetime) -> bool:
    """Is the time up, so that no page for answering is shown any more?"""
    return deadline_at is not None and now >= deadline_at


def is_closed_to_saves(deadline_at: datetime | None, now: datetime) -> bool:
    """Is a save refused? Up to a minute after the end it is still taken."""
    return deadline_at is not None and now > deadline_at + GRACE


@dataclass(frozen=True)
class Section:
    """A run of questions of a quiz: `draw` of those at these positions, and under which heading.
    No two sections of a quiz share a position."""

    title: str
    shuffle: bool
    draw: int
    questions: tuple[int, ...]


def drawn(section: Section, seen: Mapping[int, int], random: Random) -> list[int]:
    """The positions that an attempt asks, in their order. `seen` says how often the learner has
    met the question at a position; those met least go first, chance decides among equals."""
    pool = list(section.questions)
    random.shuffle(pool)
    pool.sort(key=lambda position: seen.get(position, 0))
    found = pool[: section.draw]
    if section.shuffle:
        random.shuffle(found)
    else:
        found.sort()
    return found


# ── Saving ───────────────────────────────────────────────────────────────────────────────────


class SaveVerdict(StrEnum):
    STORE = "store"
    SAME = "same"
    STALE = "stale"


def judge_save(
    *, stored_seq: int, stored: list[int] | str, seq: int, value: list[int] | str
) -> SaveVerdict:
    """Decide over one save of an answer by the client's sequence number.

    A higher number is stored; the same save again is no change; anything older, or a different
    value under a number already used, never wins (mechanics.md section 2).
    """
    if seq > stored_seq:
        return SaveVerdict.STORE
    return SaveVerdict.SAME if stored == value else SaveVerdict.STALE


# ── Grading ──────────────────────────────────────────────────────────────────────────────────


def percent(fractions: Sequence[Decimal]) -> Decimal:
    """The score of an attempt: every question counts the same; percent 0-100, two places."""
    if not fractions:
        return Decimal(0)
    return round_percent(sum(fractions, Decimal(0)) / len(fractions) * HUNDRED)


def percent_by_tag(marks: Sequence[tuple[Sequence[str], Decimal]]) -> dict[str, Decimal]:
    """The score of the questions with a tag, for every tag, as of a whole attempt. `marks` are the
    tags and the fraction of each question."""
    by_tag: dict[str, list[Decimal]] = {}
    for tags, value in marks:
        for tag in tags:
            by_tag.setdefault(tag, []).append(value)
    return {tag: percent(values) for tag, values in by_tag.items()}


def normalised_gain(before: Decimal, after: Decimal) -> Decimal | None:
    """The share of what could still be gained that was gained, of two percents: 60 and 85 give
    0.625. Negative for a loss; None where nothing was left to gain."""
    return None if before == HUNDRED else (after - before) / (HUNDRED - before)


def counted(method: GradeMethod, percents: Sequence[Decimal | None]) -> Decimal | None:
    """The score of a quiz from the percents of its attempts, in the order in which they were begun;
    None for one that waits for a marker. An average is rounded half up to two places.

    None without an attempt, and as long as an attempt that waits could change it for the worse."""
    made = [percents[place] for place in counting(method, percents)]
    known = [percent for percent in made if percent is not None]
    if not known or len(known) < len(made):
        return None
    if method is GradeMethod.AVERAGE:
        return round_percent(sum(known, Decimal(0)) / len(known))
    return known[0]


def counting(method: GradeMethod, percents: Sequence[Decimal | None]) -> Sequence[int]:
    """Which of these attempts make the score of the quiz, by their places; the first one of
    several that are as high."""
    if not percents or method is GradeMethod.AVERAGE:
        return range(len(percents))
    if method is GradeMethod.HIGHEST:
        known = [percent for percent in percents if percent is not None]
        return (percents.index(max(known)),) if known else ()
    return (0,) if method is GradeMethod.FIRST else (len(percents) - 1,)


def passes(score: Decimal | None, needed: Decimal) -> bool:
    return score is not None and score >= needed


# ── Reviewing ────────────────────────────────────────────────────────────────────────────────


class Shown(StrEnum):
    """What of an attempt its learner may see. `ATTEMPT` is the questions with the own answers, on
    which the feedback and the right answer hang; `MARKS` is the score."""

    ATTEMPT = "attempt"
    CORRECTNESS = "correctness"
    MARKS = "marks"
    OPTION_FEEDBACK = "option-feedback"
    GENERAL_FEEDBACK = "general-feedback"
    RIGHT_ANSWER = "right-answer"
    OVERALL_FEEDBACK = "overall-feedback"


class Moment(StrEnum):
    """When somebody looks: up to two minutes after submitting, later while the quiz is open, or
    after it has closed."""

    IMMEDIATELY = "immediately"
    LATER = "later"
    CLOSED = "closed"


IMMEDIATELY = timedelta(minutes=2)
NOTHING: frozenset[Shown] = frozenset()


@dataclass(frozen=True)
class Review:
    """What is shown at which moment; and at any of them once the quiz is passed."""

    immediately: frozenset[Shown] = NOTHING
    later: frozenset[Shown] = NOTHING
    closed: frozenset[Shown] = NOTHING
    passed: frozenset[Shown] = NOTHING


def moment(submitted_at: datetime | None, closes_at: datetime | None, now: datetime) -> Moment:
    """`submitted_at` None asks about the quiz as a whole, without any one attempt."""
    if closes_at is not None and now >= closes_at:
        return Moment.CLOSED
    if submitted_at is not None and now <= submitted_at + IMMEDIATELY:
        return Moment.IMMEDIATELY
    return Moment.LATER


def ever_shown(review: Review) -> frozenset[Shown]:
    """What a learner may see at some moment; practice shows it at once."""
    return review.immediately | review.later | review.closed | review.passed


def shown(review: Review, at: Moment, *, passed: bool) -> frozenset[Shown]:
    """What may be seen; feedback and right answers only together with their questions."""
    found = {
        Moment.IMMEDIATELY: review.immediately,
        Moment.LATER: review.later,
        Moment.CLOSED: review.closed,
    }[at]
    return found | review.passed if passed else found


def band(bands: Sequence[tuple[Decimal, str]], percent: Decimal) -> str:
    """What is said about a score: the text of the highest band whose least percent it reaches;
    empty below all of them."""
    return max(((least, text) for least, text in bands if least <= percent), default=(0, ""))[1]
