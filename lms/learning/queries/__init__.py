"""What a learner sees of their own learning. Everything here is loaded for one actor."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CompoundSelect,
    Integer,
    and_,
    bindparam,
    cast,
    null,
    or_,
    select,
    union_all,
)

from lms.core import clock
from lms.core.access import Actor
from lms.core.db import Hundredths, db, read
from lms.core.errors import NotFound
from lms.courses import queries as courses
from lms.courses.models import Course, CourseVersion
from lms.courses.queries import Outline, Part, VersionView
from lms.learning import rules
from lms.learning.models import Completion, CourseRun, CourseWithdrawal, Enrolment, LessonDone
from lms.learning.queries.ledgers import stands
from lms.learning.rules import EnrolmentState, Judgement, Requirement
from lms.quizzes import queries as quizzes
from lms.quizzes import rules as quiz_rules
from lms.quizzes.models import Attempt
from lms.quizzes.rules import Shown


@dataclass(frozen=True)
class RunDates:
    """The cohort of an enrolment."""

    id: int
    name: str
    starts_on: date
    ends_on: date | None
    time_zone: str

    @property
    def starts_at(self) -> datetime:
        return rules.begin_of_day(self.starts_on, self.time_zone)


@dataclass(frozen=True)
class Withdrawn:
    """That the course of an enrolment was withdrawn; `ends_on` None: one may finish."""

    reason: str
    ends_on: date | None


@dataclass(frozen=True)
class EnrolmentView:
    """An enrolment as plain values, with the version it is on: what pages read. Acts load the
    model itself, inside their transaction. `withdrawn` only where one was asked for by course."""

    id: int
    uuid: UUID
    state: EnrolmentState
    done_parts: int
    final_score: Decimal | None
    version: VersionView
    started_at: datetime
    run: RunDates | None = None
    withdrawn: Withdrawn | None = None

    @property
    def is_open(self) -> bool:
        return self.state is EnrolmentState.OPEN

    @property
    def run_id(self) -> int | None:
        return self.run.id if self.run else None

    @property
    def outline(self) -> Outline:
        return courses.outline(self.version)


@dataclass(frozen=True)
class Learning:
    """An enrolment with where its learner stands, derived from facts of the server."""

    enrolment: EnrolmentView
    judgement: Judgement
    scores: dict[str, Decimal]  # percent by quiz, as its grade method counts
    first_scores: dict[str, Decimal]  # of the first attempt: what was known before learning
    waiting: frozenset[str] = frozenset()  # quizzes with an attempt that waits for a marker

    @property
    def outline(self) -> Outline:
        return self.enrolment.outline

    @property
    def version(self) -> VersionView:
        return self.enrolment.version

    @property
    def is_open(self) -> bool:
        return self.enrolment.is_open

    @property
    def done(self) -> frozenset[str]:
        return self.judgement.done

    def keeps(self, part: Part) -> bool:
        """Whether what the learner does in this lesson is kept."""
        return rules.is_noted(self.enrolment.state, optional=part.optional)

    @cached_property
    def progress(self) -> int:
        """How many of the required parts are done."""
        return sum(part.key in self.done for part in self.outline.required)

    @cached_property
    def opening(self) -> dict[str, datetime]:
        """When each part opens that is not done and opens later, by key. Nothing once the enrolment
        is closed."""
        if not self.is_open:
            return {}
        now, run = clock.now(), self.enrolment.run
        found = {
            part.key: rules.opens_at(
                at=part.opens_at,
                after=part.opens_after,
                began_at=self.enrolment.started_at,
                run_at=run.starts_at if run else None,
            )
            for part in self.outline.parts
            if part.key not in self.done
        }
        return {key: at for key, at in found.items() if at > now}

    @cached_property
    def locked(self) -> dict[str, tuple[str, ...]]:
        """What each locked part waits for, by key: other parts, none where it only opens later.
        Nothing once the enrolment is closed."""
        if not self.is_open:
            return {}
        return {**dict.fromkeys(self.opening, ()), **locked(self.outline, self.done)}

    @property
    def next_part(self) -> Part | None:
        """Nobody stays at a quiz that waits for its marker, or is sent to an optional part."""
        settled = self.done | self.waiting
        order = [part.key for part in self.outline.required]
        key = rules.resume_key(order, settled, self.locked)
        opening = [part for part in order if part in self.opening]
        if key in self.locked and opening:  # nothing is open now: what opens first
            key = min(opening, key=self.opening.__getitem__)
        return self.outline.part(key) if key else None

    @property
    def minutes_left(self) -> int:
        return rules.minutes_left({p.key: p.minutes for p in self.outline.required}, self.done)


MOST_OWN = 500


_ENROLMENTS = select(
    Enrolment.id,
    Enrolment.uuid,
    Enrolment.course_id,
    Enrolment.state,
    Enrolment.closed_at,
    Enrolment.done_parts,
    Enrolment.final_score,
    Enrolment.version_id,
    Enrolment.started_at,
    CourseVersion.uuid.label("version_uuid"),
    CourseRun.id.label("run_id"),
    CourseRun.name.label("run_name"),
    CourseRun.starts_on,
    CourseRun.ends_on,
    CourseRun.time_zone,
)
_ENROLMENTS = _ENROLMENTS.join(CourseVersion, Enrolment.version_id == CourseVersion.id).outerjoin(
    CourseRun, Enrolment.run_id == CourseRun.id
)
_OWN = _ENROLMENTS.where(
    Enrolment.person_id == bindparam("person_id"), Enrolment.state != EnrolmentState.WITHDRAWN
)
_LATEST_FIRST = (Enrolment.last_active_at.desc(), Enrolment.id.desc())
_OWN_IN_COURSE = (
    _OWN.add_columns(
        Course.is_withdrawn,
        Course.closed_reason,
        CourseWithdrawal.ends_on.label("course_ends_on"),
    )
    .join(Course, Enrolment.course_id == Course.id)
    .outerjoin(CourseWithdrawal, CourseWithdrawal.course_id == Course.id)
    .where(Course.slug == bindparam("slug"))
    .order_by(Enrolment.state.desc(), Enrolment.id.desc())  # 'open' sorts after 'completed'
    .limit(1)
)
_OWN_LATEST = _OWN.order_by(*_LATEST_FIRST).limit(bindparam("most"))
_OWN_WITH_RESULT = (
    _OWN.add_columns(
        Attempt.uuid.label("attempt_uuid"), Attempt.quiz_key, Attempt.percent, Attempt.graded_at
    )
    .outerjoin(Attempt, and_(Attempt.holder == Enrolment.uuid, Attempt.id == quizzes.LATEST_RESULT))
    .order_by(*_LATEST_FIRST)
    .limit(MOST_OWN)
)
_BY_UUID = _ENROLMENTS.where(Enrolment.uuid == bindparam("uuid"))


def _view(row: Any) -> EnrolmentView:
    version = courses.version_view(row.version_uuid, row.version_id)
    run = None
    if row.run_id is not None:
        run = RunDates(row.run_id, row.run_name, row.starts_on, row.ends_on, row.time_zone)
    withdrawn = None
    if getattr(row, "is_withdrawn", False):
        withdrawn = Withdrawn(row.closed_reason, row.course_ends_on)
    return EnrolmentView(
        row.id,
        row.uuid,
        row.state,
        row.done_parts,
        row.final_score,
        version,
        row.started_at,
        run,
        withdrawn,
    )


def own_enrolment(actor: Actor, slug: str) -> EnrolmentView:
    """The actor's enrolment in a course: the open one, else the latest. NotFound without one."""
    found = own_enrolment_or_none(actor, slug)
    if found is None:
        raise NotFound
    return found


def own_enrolment_or_none(actor: Actor, slug: str) -> EnrolmentView | None:
    return latest_enrolment_of(actor.person_id, slug)


def latest_enrolment_of(person_id: int, slug: str) -> EnrolmentView | None:
    """The open enrolment of somebody in a course, else the latest; None without one. The caller
    has authorised."""
    row = read(_OWN_IN_COURSE, person_id=person_id, slug=slug).first()
    return _view(row) if row else None


def enrolments_of(person_id: int, limit: int = 100) -> list[EnrolmentView]:
    """Courses of one person, the one last worked on first. The caller has authorised."""
    return [_view(row) for row in read(_OWN_LATEST, person_id=person_id, most=limit)]


@dataclass(frozen=True)
class Result:
    """A score and what it is of: a quiz by its part, or (part None) a whole course."""

    version: VersionView
    part: Part | None
    percent: Decimal
    attempt_uuid: UUID | None


@dataclass(frozen=True)
class OwnCourses:
    """What the start page tells of one's courses: the last ones worked on, the open one to go on
    with, the state of each by course id, and the latest result."""

    shown: list[EnrolmentView]
    more: bool
    current: EnrolmentView | None
    states: dict[int, EnrolmentState]
    result: Result | None


def own_courses(actor: Actor, shown: int) -> OwnCourses:
    """In one query, however many courses there are."""
    rows = read(_OWN_WITH_RESULT, person_id=actor.person_id).all()
    current = next((row for row in rows if row.state is EnrolmentState.OPEN), None)
    by_state = sorted(rows, key=lambda row: (str(row.state), row.id))  # the open one goes last
    return OwnCourses(
        shown=[_view(row) for row in rows[:shown]],
        more=len(rows) > shown,
        current=_view(current) if current else None,
        states={row.course_id: row.state for row in by_state},
        result=_latest_result(rows),
    )


def _latest_result(rows: Sequence[Any]) -> Result | None:
    """The later of the last completion with a score and the last quiz. Both are written at once
    when a quiz completes a course: then it is the course's."""
    attempt = next((row for row in rows if row.attempt_uuid), None)
    completed = max(
        (
            row
            for row in rows
            if row.state is EnrolmentState.COMPLETED and row.final_score is not None
        ),
        key=lambda row: row.closed_at,
        default=None,
    )
    if completed and (attempt is None or completed.closed_at >= attempt.graded_at):
        return Result(_view(completed).version, None, completed.final_score, None)
    if attempt is None or attempt.percent is None:
        return None
    view = _view(attempt)
    part = next((p for p in view.outline.parts if p.key == attempt.quiz_key), None)
    return Result(view.version, part, attempt.percent, attempt.attempt_uuid) if part else None


def enrolment_view(uuid: UUID) -> EnrolmentView:
    """What an attempt counts for; access is decided by the caller. Raises NotFound."""
    row = read(_BY_UUID, uuid=uuid).first()
    if row is None:
        raise NotFound
    return _view(row)


def locked_enrolment(uuid: UUID) -> Enrolment:
    """For acts: read anew and kept from other writers until the commit. Access is decided by the
    caller. Raises NotFound."""
    enrolment = db.session.scalar(
        select(Enrolment)
        .where(Enrolment.uuid == uuid)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if enrolment is None:
        raise NotFound
    return enrolment


def open_enrolment_of(person_id: int, slug: str) -> Enrolment | None:
    return db.session.scalar(
        select(Enrolment)
        .join(Enrolment.course)
        .where(
            Enrolment.person_id == person_id,
            Enrolment.state == EnrolmentState.OPEN,
            Course.slug == slug,
        )
    )


# Of an attempt that waits for a marker the percent is not known yet.
_FACTS: CompoundSelect[str, int | None, Decimal | None] = union_all(
    select(
        LessonDone.activity_key,
        cast(null(), Integer).label("number"),
        cast(null(), Hundredths).label("percent"),
    ).where(LessonDone.enrolment_id == bindparam("enrolment_id")),
    select(Attempt.quiz_key, Attempt.number, Attempt.percent).where(
        Attempt.holder == bindparam("holder"),
        or_(Attempt.graded_at.is_not(None), Attempt.waits_since.is_not(None)),
        Attempt.voided_at.is_(None),
    ),
)


def learning_of(enrolment: EnrolmentView) -> Learning:
    """Where a learner stands: lessons done, and the score of every quiz. One query beside the
    outline, which is in memory."""
    rows = read(_FACTS, enrolment_id=enrolment.id, holder=enrolment.uuid).all()
    return learning_from(
        enrolment,
        lessons_done={key for key, number, _ in rows if number is None},
        graded=sorted(
            ((key, number, percent) for key, number, percent in rows if number),
            key=lambda row: row[:2],
        ),
    )


def learning_from(
    enrolment: EnrolmentView,
    *,
    lessons_done: Collection[str],
    graded: Sequence[tuple[str, int, Decimal | None]],
) -> Learning:
    """The same from facts at hand: keys of lessons done, and (key, number, percent) of the graded
    attempts, the first one of each quiz first; percent None for one that waits for a marker."""
    scores, first_scores, attempts = {}, {}, dict[str, list[Decimal | None]]()
    for key, _, percent in graded:
        attempts.setdefault(key, []).append(percent)
    for part in enrolment.outline.parts if attempts else ():
        percents = attempts.get(part.key, [])
        score = quiz_rules.counted(part.grade_method, percents) if percents else None
        if score is not None:
            scores[part.key] = score
        if percents and percents[0] is not None:
            first_scores[part.key] = percents[0]
    judgement = rules.judge(
        requirements(enrolment.outline),
        lessons_done=lessons_done,
        scores=scores,
        pass_score=enrolment.version.pass_score,
    )
    waiting = frozenset(key for key, _, percent in graded if percent is None)
    return Learning(enrolment, judgement, scores, first_scores, waiting)


def requirements(outline: Outline) -> list[Requirement]:
    return [
        Requirement(p.key, p.pass_percent, p.weight, p.requires, p.optional) for p in outline.parts
    ]


def opening(outline: Outline) -> dict[str, datetime]:
    """When each part opens that opens later, by key, for somebody who is not in the course."""
    now = clock.now()
    return {p.key: p.opens_at for p in outline.parts if p.opens_at is not None and p.opens_at > now}


def locked(outline: Outline, done: Collection[str] = ()) -> dict[str, tuple[str, ...]]:
    """What each locked part waits for, for somebody who has done these."""
    return rules.locked(requirements(outline), outline.awaited, done)


_OWN_STATES = (
    select(Enrolment.course_id, Enrolment.state)
    .where(
        Enrolment.person_id == bindparam("person_id"),
        Enrolment.state != EnrolmentState.WITHDRAWN,
    )
    .order_by(Enrolment.state, Enrolment.id)
)


def own_states(actor: Actor) -> dict[int, EnrolmentState]:
    """State of the actor's enrolments by course id; the open one goes before closed ones."""
    rows = read(_OWN_STATES, person_id=actor.person_id)
    return {course_id: state for course_id, state in rows}  # noqa: C416 - rows are not pairs


class AttemptContext:
    """An attempt of the actor; the enrolment it counts for and its place in the course are looked
    up when asked for."""

    def __init__(self, attempt: Attempt) -> None:
        self.attempt = attempt

    @cached_property
    def enrolment(self) -> EnrolmentView:
        return enrolment_view(self.attempt.holder)

    @property
    def part(self) -> Part:
        return self.enrolment.outline.part(self.attempt.quiz_key)


def shown_of(
    learning: Learning, part: Part, submitted_at: datetime | None = None
) -> frozenset[Shown]:
    """What the learner may see now of an attempt at a quiz that was submitted then; or of its
    score, whichever attempts make it."""
    at = quiz_rules.moment(submitted_at, part.limits.closes_at, clock.now())
    return quiz_rules.shown(part.review, at, passed=part.key in learning.done)


def shown_scores(learning: Learning) -> dict[str, Decimal]:
    """Score by quiz, of those whose score the learner may see now."""
    return {
        part.key: learning.scores[part.key]
        for part in learning.outline.parts
        if part.key in learning.scores and Shown.MARKS in shown_of(learning, part)
    }


def expired_attempts(enrolment: EnrolmentView, part: Part) -> list[UUID]:
    """Attempts at a quiz whose time and grace are over, which nobody has submitted yet."""
    return [
        attempt.uuid
        for attempt in quizzes.attempts_of(enrolment.uuid, part.key)
        if attempt.submitted_at is None
        and quiz_rules.is_closed_to_saves(attempt.deadline_at, clock.now())
    ]


def own_attempt(actor: Actor, uuid: UUID) -> AttemptContext:
    """Raises NotFound for anybody else's attempt."""
    attempt = quizzes.attempt_by_uuid(uuid, actor.person_id)
    if attempt is None:
        raise NotFound
    return AttemptContext(attempt)


_COMPLETION = select(Completion.uuid, Completion.final_score, Completion.earned_on).where(
    Completion.enrolment_id == bindparam("enrolment_id"), stands()
)


def completion_of(enrolment: EnrolmentView) -> Any:
    """`uuid`, `final_score` and `earned_on` of the completion of an enrolment that stands, or
    None."""
    return read(_COMPLETION, enrolment_id=enrolment.id).first()


def days_of_learning(enrolment: Enrolment, zone: str, until: datetime) -> int:
    """On how many different local days a lesson was done or a quiz handed in. What comes after the
    completion, `until`, is no part of it, also when it is given anew."""
    done = select(LessonDone.done_at).where(
        LessonDone.enrolment_id == enrolment.id, LessonDone.done_at <= until
    )
    handed_in = select(Attempt.submitted_at).where(
        Attempt.holder == enrolment.uuid, Attempt.submitted_at <= until
    )
    instants = [*db.session.scalars(done), *db.session.scalars(handed_in)]
    return len({clock.local_day(at, zone) for at in instants if at is not None})


def completion_slugs(source_uuids: Sequence[UUID]) -> dict[UUID, str]:
    """Course slug by completion: where evidence of a course leads to."""
    rows = db.session.execute(
        select(Completion.uuid, Course.slug)
        .join(CourseVersion, Completion.version_id == CourseVersion.id)
        .join(Course, CourseVersion.course_id == Course.id)
        .where(Completion.uuid.in_(source_uuids))
    )
    return {key: value for key, value in rows}  # noqa: C416 - rows are not pairs to the type checker
