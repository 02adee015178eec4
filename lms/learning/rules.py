"""Pure decisions about enrolments, progress and completion."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from lms.accounts.rules import path_contains


class EnrolmentState(StrEnum):
    OPEN = "open"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"


class EnrolmentSource(StrEnum):
    """Who put the person into the course."""

    SELF = "self"
    APPROVED = "approved"  # asked, and an owner of the course agreed
    INVITED = "invited"  # by an owner of the course, and accepted


class EnrolmentWay(StrEnum):
    """How those for whom a course is get into it."""

    DIRECT = "direct"
    APPROVAL = "approval"
    INVITATION = "invitation"


class AdmissionKind(StrEnum):
    REQUEST = "request"
    INVITATION = "invitation"


class AdmissionState(StrEnum):
    """What became of a request or an invitation. `WITHDRAWN`: by whoever had made it."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class BulkKind(StrEnum):
    """What is done to many learners of a course at once. LENGTHEN: their running attempts, because
    of an allowance of their cohort."""

    REMIND = "remind"
    MESSAGE = "message"
    ALLOW = "allow"
    MOVE = "move"
    TAKE_OUT = "take-out"
    LENGTHEN = "lengthen"


class RegradeState(StrEnum):
    """COUNTING and APPLYING are work of a job; in READY a person decides."""

    COUNTING = "counting"
    READY = "ready"
    APPLYING = "applying"
    DONE = "done"
    DISCARDED = "discarded"


class RegradeEffect(StrEnum):
    """What a changed score means for the course of its learner."""

    NONE = "none"
    COMPLETES = "completes"
    REOPENS = "reopens"
    RESCORES = "rescores"


def is_noted(state: EnrolmentState, *, optional: bool) -> bool:
    """Whether what a learner does in a lesson is kept: until the course is completed, and from then
    on in optional parts, which change nothing of what was earned."""
    return state is EnrolmentState.OPEN or (optional and state is EnrolmentState.COMPLETED)


# The form of development that a course of this product counts as (domain.md section 1.2).
E_LEARNING = "NKL03"


@dataclass(frozen=True)
class Requirement:
    """A part of the course as the pass rule sees it. Lessons have no `pass_percent`; `requires` are
    keys of parts and modules to be done before. What is `optional` is never missing, and has no
    weight."""

    key: str
    pass_percent: Decimal | None
    weight: int = 0
    requires: tuple[str, ...] = ()
    optional: bool = False

    @property
    def is_quiz(self) -> bool:
        return self.pass_percent is not None


class Missing(StrEnum):
    LESSON = "lesson"
    QUIZ = "quiz"
    SCORE = "score"


@dataclass(frozen=True)
class Judgement:
    """Where a learner stands: what is done, the final score so far, what is still missing.

    `final_score` is percent 0-100 or None for a course without weighted quizzes.
    """

    done: frozenset[str]
    final_score: Decimal | None
    missing: tuple[tuple[Missing, str], ...]

    @property
    def passed(self) -> bool:
        return not self.missing


def judge(
    parts: Sequence[Requirement],
    *,
    lessons_done: Collection[str],
    scores: Mapping[str, Decimal],
    pass_score: Decimal,
) -> Judgement:
    """The pass rule of a course, the only one (docs/course-format.md, "When a learner passes").

    Every lesson is marked done, every quiz has a score of at least its own pass mark, but for what
    is optional; and the final score, where there is one, is at least the course's. `scores` are
    percents by the grade method of each quiz.
    """
    done, missing = set(), []
    for part in parts:
        if part.pass_percent is not None:
            reached = part.key in scores and scores[part.key] >= part.pass_percent
            kind = Missing.QUIZ
        else:
            reached, kind = part.key in lessons_done, Missing.LESSON
        if reached:
            done.add(part.key)
        elif not part.optional:
            missing.append((kind, part.key))
    score = final_score(parts, scores)
    if score is not None and score < pass_score:
        missing.append((Missing.SCORE, ""))
    return Judgement(frozenset(done), score, tuple(missing))


def earns_certificate(
    judgement: Judgement, *, is_completed: bool, completed_score: Decimal | None
) -> bool:
    """The gate of a certificate, asked once more at its issue: the completion stands, it carries
    this score, and every rule of the course is met."""
    return is_completed and judgement.passed and judgement.final_score == completed_score


def final_score(parts: Sequence[Requirement], scores: Mapping[str, Decimal]) -> Decimal | None:
    """Weighted mean of the scores of the weighted quizzes, two places, half up; a quiz
    never submitted counts 0. None where no quiz has a weight."""
    weighted = [p for p in parts if p.is_quiz and p.weight > 0]
    if not weighted:
        return None
    total = sum((scores.get(p.key, Decimal(0)) * p.weight for p in weighted), Decimal(0))
    mean = total / sum(p.weight for p in weighted)
    return mean.quantize(Decimal("0.01"), ROUND_HALF_UP)


# ── What quizzes are evidence of ─────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class GoalResult:
    """The score of the questions of a goal, and what reaching `needed` of it shows of a competency
    (its code); both percent 0-100."""

    competency: str
    level: int
    proves: bool
    needed: Decimal
    percent: Decimal


@dataclass(frozen=True)
class Achieved:
    """A level of a competency that a quiz shows, by which score, and whether it may prove it."""

    competency: str
    level: int
    proves: bool
    percent: Decimal


def achieved(results: Sequence[GoalResult]) -> list[Achieved]:
    """What a quiz shows, at most one level of each competency.

    A level is shown when every goal that was asked at it and below it has reached what it needs.
    It is proved when all its goals are to prove, and its score is that of its weakest goal.
    """
    found = []
    for competency in dict.fromkeys(result.competency for result in results):
        own = [result for result in results if result.competency == competency]
        missed = [result.level for result in own if result.percent < result.needed]
        level = max((r.level for r in own if not missed or r.level < min(missed)), default=None)
        if level is not None:
            deciding = [result for result in own if result.level == level]
            found.append(
                Achieved(
                    competency, level, all(result.proves for result in deciding),
                    min(result.percent for result in deciding),
                )
            )  # fmt: skip
    return found


def locked(
    parts: Sequence[Requirement], modules: Mapping[str, Collection[str]], done: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """What each locked part still waits for: keys of parts, and of modules not done as a whole.

    A part once done stays open, whatever becomes of what it required.
    """
    found = {}
    for part in parts:
        if part.requires and part.key not in done:
            waits = tuple(
                key for key in part.requires if not all(p in done for p in modules.get(key, (key,)))
            )
            if waits:
                found[part.key] = waits
    return found


def opens_at(
    *, at: datetime | None, after: int, began_at: datetime, run_at: datetime | None
) -> datetime:
    """When a part opens for a learner: at its own time, so many days after they began, or with
    their cohort, whichever comes last. In a cohort everybody begins with it."""
    begin = run_at or began_at
    return max(filter(None, (at, begin + timedelta(days=after))))


def resume_key(
    order: Sequence[str], done: Collection[str], locked: Collection[str] = ()
) -> str | None:
    """Where to go on: the first part that is open and not done yet, else the first that is not
    done, the last one when everything is; None for an empty course."""
    undone = [key for key in order if key not in done]
    ready = (key for key in undone if key not in locked)
    last = order[-1] if order else None
    return next(ready, undone[0] if undone else last)


def minutes_left(minutes: Mapping[str, int], done: Collection[str]) -> int:
    return sum(m for key, m in minutes.items() if key not in done)


# ── Within a lesson ──────────────────────────────────────────────────────────────────────────


class Lack(StrEnum):
    """What keeps a lesson or a file from being done."""

    END = "end"
    TIME = "time"
    WATCHED = "watched"


Ranges = Sequence[Sequence[int]]  # [from, to) in seconds


def lacks(
    *, read_to_end: bool, min_minutes: int, has_read: bool, seconds: int
) -> tuple[tuple[Lack, int], ...]:
    """What is still missing before a lesson counts as done, with the minutes that are (rounded up;
    0 where it is none of time)."""
    found = []
    if read_to_end and not has_read:
        found.append((Lack.END, 0))
    missing = min_minutes * 60 - seconds
    if missing > 0:
        found.append((Lack.TIME, -(-missing // 60)))
    return tuple(found)


def lacks_watching(
    *, percent: int, length: int, watched: Ranges, has_read: bool, seconds: int
) -> tuple[tuple[Lack, int], ...]:
    """What is missing of a video or sound of `length` seconds, of which a percent is to be watched;
    with the percent reached. Its text read to the end counts instead, for who cannot hear, see or
    pay for the file, when at least half the time was spent with it that watching would take."""
    needed = percent * length
    by_text = has_read and seconds * 200 >= needed
    if by_text or played(watched) * 100 >= needed:
        return ()
    return ((Lack.WATCHED, min(99, played(watched) * 100 // length)),)


def played(ranges: Ranges) -> int:
    """Seconds in merged ranges."""
    return sum(end - start for start, end in ranges)


def merged(ranges: Ranges) -> list[list[int]]:
    """The same seconds as few ranges in order, each second once."""
    found: list[list[int]] = []
    for start, end in sorted((start, end) for start, end in ranges):
        if found and start <= found[-1][1]:
            found[-1][1] = max(found[-1][1], end)
        elif end > start:
            found.append([start, end])
    return found


def clipped(ranges: Ranges, *, length: int, most: int) -> list[list[int]]:
    """Of what a page says was played: within the file's length, and no more than `most` seconds."""
    found, left = [], max(0, most)
    for start, end in merged(ranges):
        start, end = min(start, length), min(end, length, start + left)
        if end > start:
            found.append([start, end])
            left -= end - start
    return found


FASTEST = 2  # times the usual speed; what was played faster does not count in full


def credited(claimed: int, *, since: datetime, now: datetime) -> int:
    """Seconds that count of those that a page claims: never more than have passed on the server's
    clock since the page was opened and since the last report of the same course."""
    return max(0, min(claimed, int((now - since).total_seconds())))


# ── What somebody must learn by a day ────────────────────────────────────────────────────────

LONGEST = timedelta(days=730)  # a later deadline is a slip of the keyboard
UNDO = timedelta(seconds=60)  # nothing is told so long, so that an act can be taken back unnoticed
REMIND_EVERY = timedelta(hours=24)
NOTICE_HOUR = 6  # local; the digest of the day goes out at the same hour


class Ending(StrEnum):
    """Why an obligation ended without the course being completed."""

    WITHDRAWN = "withdrawn"
    LEFT = "left"  # the person left the unit that it was given to


class Notice(StrEnum):
    """What is told about an obligation."""

    ASSIGNED = "assigned"
    MOVED = "moved"
    WITHDRAWN = "withdrawn"
    REMINDED = "reminded"
    NEAR = "near"
    LATE = "late"


def end_of_day(day: date, zone: str) -> datetime:
    """The instant in UTC at which a local day is over."""
    return _local(day + timedelta(days=1), 0, zone)


def _local(day: date, hour: int, zone: str) -> datetime:
    return datetime.combine(day, time(hour), ZoneInfo(zone)).astimezone(UTC)


def due_for(*, assigned_on: date, due_on: date, joined_on: date) -> date:
    """The deadline of somebody who comes later to a unit: never less time than the others had, and
    never over already where it is a day later than at whoever assigned it."""
    return max(due_on, joined_on, joined_on + (due_on - assigned_on))


def next_notice(
    now: datetime, *, due_on: date, zone: str, days_before: Sequence[int]
) -> tuple[Notice, datetime] | None:
    """What is told of a deadline after `now`, and when: some days before it, and on the morning
    after it. What was missed is not made up for."""
    times = [
        (_local(due_on - timedelta(days=days), NOTICE_HOUR, zone), Notice.NEAR)
        for days in days_before
    ]
    times.append((_local(due_on + timedelta(days=1), NOTICE_HOUR, zone), Notice.LATE))
    return min(((kind, at) for at, kind in times if at > now), key=lambda n: n[1], default=None)


# ── Getting into a course ────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Place:
    """Where somebody works: the path of the unit, and the position."""

    unit_path: str
    position_id: int
    position_kind: str


@dataclass(frozen=True)
class Audience:
    """Whom a course is for: who is placed in one of the units or below, in one of the positions or
    of one of the kinds. Where no unit is named it is all of them; so with the positions."""

    unit_paths: tuple[str, ...] = ()
    position_ids: frozenset[int] = frozenset()
    position_kinds: frozenset[str] = frozenset()

    def includes(self, place: Place | None) -> bool:
        if not (self.unit_paths or self.position_ids or self.position_kinds):
            return True
        if place is None:
            return False
        is_there = any(path_contains(path, place.unit_path) for path in self.unit_paths)
        holds = place.position_id in self.position_ids or place.position_kind in self.position_kinds
        return (is_there or not self.unit_paths) and (
            holds or not (self.position_ids or self.position_kinds)
        )


class Entry(StrEnum):
    """What somebody who is not in a course can do about it."""

    OPEN = "open"  # enrol, at once
    INVITED = "invited"  # the same, or decline
    ASK = "ask"
    ASKED = "asked"  # wait for the answer
    NOT_FOR = "not_for"
    BY_INVITATION = "by_invitation"
    LACKING = "lacking"  # complete what comes first
    ARCHIVED = "archived"
    WITHDRAWN = "withdrawn"

    @property
    def is_open(self) -> bool:
        return self in (Entry.OPEN, Entry.INVITED)


def entry(
    way: EnrolmentWay,
    *,
    is_for: bool,
    is_owed: bool,
    is_archived: bool,
    waiting: AdmissionKind | None,
    accepted: AdmissionKind | None = None,
    is_lacking: bool = False,
    is_withdrawn: bool = False,
) -> Entry:
    """How a course is entered. One that was withdrawn is not, by nobody. A duty to complete it goes
    before every policy; an invitation goes
    before who the course is for, and who asks must be of those. `accepted`: a request or an
    invitation that was, and may be used still; `is_lacking`: a course that comes first is not
    completed."""
    if is_withdrawn:
        return Entry.WITHDRAWN
    if is_owed:
        return Entry.OPEN
    if is_archived:
        return Entry.ARCHIVED
    if waiting is AdmissionKind.INVITATION:
        return Entry.INVITED
    if accepted is AdmissionKind.INVITATION:
        return Entry.OPEN
    if way is EnrolmentWay.INVITATION:
        return Entry.BY_INVITATION
    if not is_for:
        return Entry.NOT_FOR
    if is_lacking:
        return Entry.LACKING
    if way is EnrolmentWay.APPROVAL and accepted is None:
        return Entry.ASKED if waiting is AdmissionKind.REQUEST else Entry.ASK
    return Entry.OPEN


class WithdrawalStep(StrEnum):
    """What is next for the learners under way in a course that was withdrawn, or offered again."""

    TELLING = "telling"
    ENDING = "ending"
    RESUMING = "resuming"  # they are told that it does not end after all


# ── Cohorts ──────────────────────────────────────────────────────────────────────────────────


class Registration(StrEnum):
    """May one register with a cohort today?"""

    SOON = "soon"
    OPEN = "open"
    OVER = "over"
    CANCELLED = "cancelled"


def registration(
    today: date, *, opens_on: date, closes_on: date, is_cancelled: bool
) -> Registration:
    if is_cancelled:
        return Registration.CANCELLED
    if today < opens_on:
        return Registration.SOON
    return Registration.OPEN if today <= closes_on else Registration.OVER


def may_leave(
    now: datetime, *, begins_at: datetime, promoted_at: datetime | None, done_parts: int
) -> bool:
    """May a seat in a cohort be given up by who has it? Until it begins; and by who got it after
    that from the waiting list, unasked, as long as no part is done."""
    if now < begins_at:
        return True
    return promoted_at is not None and promoted_at >= begins_at and not done_parts


def begin_of_day(day: date, zone: str) -> datetime:
    """The instant in UTC at which a local day begins."""
    return _local(day, 0, zone)
