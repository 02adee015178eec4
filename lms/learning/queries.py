"""What a learner sees of their own learning. Everything here is loaded for one actor."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from lms.competencies.models import Competency
from lms.core import ledger
from lms.core.access import Actor
from lms.core.db import db
from lms.core.errors import NotFound
from lms.courses import queries as courses
from lms.courses.models import Course, CourseVersion, Outcome
from lms.courses.queries import Outline, Part
from lms.learning import rules
from lms.learning.models import Completion, Enrolment, LessonDone
from lms.learning.rules import EnrolmentState, Judgement, Requirement
from lms.quizzes import queries as quizzes
from lms.quizzes.models import Attempt


@dataclass(frozen=True)
class Learning:
    """An enrolment with where its learner stands, derived from facts of the server."""

    enrolment: Enrolment
    outline: Outline
    judgement: Judgement
    best: dict[str, Decimal]

    @property
    def is_open(self) -> bool:
        return self.enrolment.state is EnrolmentState.OPEN

    @property
    def done(self) -> frozenset[str]:
        return self.judgement.done

    @property
    def next_part(self) -> Part | None:
        key = rules.resume_key([p.key for p in self.outline.parts], self.done)
        return self.outline.part(key) if key else None

    @property
    def minutes_left(self) -> int:
        return rules.minutes_left({p.key: p.minutes for p in self.outline.parts}, self.done)


def own_enrolment(actor: Actor, slug: str) -> Enrolment:
    """The actor's enrolment in a course: the open one, else the latest. NotFound without one."""
    enrolment = db.session.scalar(
        _enrolments()
        .where(
            Enrolment.person_id == actor.person_id,
            Enrolment.state != EnrolmentState.WITHDRAWN,
            Course.slug == slug,
        )
        .order_by(Enrolment.state.desc(), Enrolment.id.desc())  # 'open' sorts after 'completed'
        .limit(1)
    )
    if enrolment is None:
        raise NotFound
    return enrolment


def own_enrolment_or_none(actor: Actor, slug: str) -> Enrolment | None:
    try:
        return own_enrolment(actor, slug)
    except NotFound:
        return None


def open_enrolment_of(person_id: int, slug: str) -> Enrolment | None:
    return db.session.scalar(
        _enrolments().where(
            Enrolment.person_id == person_id,
            Enrolment.state == EnrolmentState.OPEN,
            Course.slug == slug,
        )
    )


def latest_open(actor: Actor) -> Enrolment | None:
    """The open enrolment that the actor last worked on."""
    return db.session.scalar(
        _enrolments()
        .where(Enrolment.person_id == actor.person_id, Enrolment.state == EnrolmentState.OPEN)
        .order_by(Enrolment.last_active_at.desc(), Enrolment.id.desc())
        .limit(1)
    )


def enrolment_by_uuid(uuid: UUID) -> Enrolment:
    """For jobs and for what an attempt counts for; access is decided by the caller."""
    enrolment = db.session.scalar(_enrolments().where(Enrolment.uuid == uuid))
    if enrolment is None:
        raise NotFound
    return enrolment


def _enrolments() -> Select[Enrolment]:
    return (
        select(Enrolment)
        .join(Enrolment.course)
        .join(Enrolment.version)
        .options(contains_eager(Enrolment.course), contains_eager(Enrolment.version))
    )


def learning_of(enrolment: Enrolment) -> Learning:
    """Where a learner stands. Two queries beside the outline, which is in memory."""
    outline = courses.outline(enrolment.version)
    lessons = db.session.scalars(
        select(LessonDone.activity_key).where(LessonDone.enrolment_id == enrolment.id)
    )
    best = quizzes.best_percents(enrolment.uuid)
    judgement = rules.judge(
        requirements(outline),
        lessons_done=set(lessons),
        best=best,
        pass_score=enrolment.version.pass_score,
    )
    return Learning(enrolment, outline, judgement, best)


def requirements(outline: Outline) -> list[Requirement]:
    return [Requirement(p.key, p.pass_percent, p.weight) for p in outline.parts]


def own_states(actor: Actor, course_ids: Sequence[int]) -> dict[int, Enrolment]:
    """The actor's enrolment by course id; the open one goes before closed ones."""
    rows = db.session.scalars(
        select(Enrolment)
        .where(
            Enrolment.person_id == actor.person_id,
            Enrolment.state != EnrolmentState.WITHDRAWN,
            Enrolment.course_id.in_(course_ids),
        )
        .order_by(Enrolment.state, Enrolment.id)
    )
    return {row.course_id: row for row in rows}


@dataclass(frozen=True)
class AttemptContext:
    """An attempt of the actor, with the enrolment it counts for and its place in the course."""

    attempt: Attempt
    enrolment: Enrolment
    part: Part


def own_attempt(actor: Actor, uuid: UUID) -> AttemptContext:
    """Raises NotFound for anybody else's attempt."""
    attempt = quizzes.attempt_by_uuid(uuid, actor.person_id)
    if attempt is None:
        raise NotFound
    enrolment = enrolment_by_uuid(attempt.holder)
    return AttemptContext(attempt, enrolment, part_of(attempt, enrolment))


def part_of(attempt: Attempt, enrolment: Enrolment) -> Part:
    return courses.outline(enrolment.version).part(attempt.quiz_key)


def completion_of(enrolment: Enrolment) -> Completion | None:
    return db.session.scalar(select(Completion).where(Completion.enrolment_id == enrolment.id))


def completion_slugs(source_uuids: Sequence[UUID]) -> dict[UUID, str]:
    """Course slug by completion: where evidence of a course leads to."""
    rows = db.session.execute(
        select(Completion.uuid, Course.slug)
        .join(CourseVersion, Completion.version_id == CourseVersion.id)
        .join(Course, CourseVersion.course_id == Course.id)
        .where(Completion.uuid.in_(source_uuids))
    )
    return {key: value for key, value in rows}  # noqa: C416 - rows are not pairs to the type checker


@dataclass(frozen=True)
class Suggestion:
    """A published course that raises a competency."""

    slug: str
    title: str
    jp: Decimal
    level_from: int
    level_to: int


def suggestions(actor: Actor, codes: dict[str, int]) -> dict[str, Suggestion]:
    """For each competency code with the level held: the shortest published course that leads
    higher and that the actor is not in and has not completed."""
    if not codes:
        return {}
    taken = select(Enrolment.course_id).where(
        Enrolment.person_id == actor.person_id, Enrolment.state != EnrolmentState.WITHDRAWN
    )
    rows = db.session.execute(
        select(
            Competency.code,
            Course.slug,
            CourseVersion.title,
            CourseVersion.jp,
            Outcome.level_from,
            Outcome.level_to,
        )
        .join(Competency, Outcome.competency_id == Competency.id)
        .join(CourseVersion, Outcome.version_id == CourseVersion.id)
        .join(Course, Course.current_version_id == CourseVersion.id)
        .where(Competency.code.in_(codes), Course.id.not_in(taken))
        .order_by(CourseVersion.minutes.desc(), CourseVersion.id)
    )
    return {
        code: Suggestion(slug, title, jp, low, high)
        for code, slug, title, jp, low, high in rows
        if high > codes[code]
    }


# ── For reports over many people ─────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class LearnerSummary:
    """Courses of a person in figures: open and completed, parts done of all, the latest score."""

    open: int = 0
    completed: int = 0
    done_parts: int = 0
    parts: int = 0
    latest_score: Decimal | None = None


def summaries(person_ids: Sequence[int]) -> dict[int, LearnerSummary]:
    """Figures for many people in two queries; people without an enrolment are left out."""
    rows = db.session.execute(
        select(
            Enrolment.person_id,
            func.count().filter(Enrolment.state == EnrolmentState.OPEN),
            func.count().filter(Enrolment.state == EnrolmentState.COMPLETED),
            func.sum(Enrolment.done_parts),
            func.sum(CourseVersion.parts),
        )
        .join(CourseVersion, Enrolment.version_id == CourseVersion.id)
        .where(Enrolment.person_id.in_(person_ids), Enrolment.state != EnrolmentState.WITHDRAWN)
        .group_by(Enrolment.person_id)
    ).all()
    scores = _latest_scores(person_ids)
    return {
        person_id: LearnerSummary(
            open=open_, completed=completed, done_parts=int(done), parts=int(parts),
            latest_score=scores.get(person_id),
        )
        for person_id, open_, completed, done, parts in rows
    }  # fmt: skip


def _latest_scores(person_ids: Sequence[int]) -> dict[int, Decimal | None]:
    latest = (
        select(func.max(Completion.id))
        .where(Completion.person_id.in_(person_ids))
        .group_by(Completion.person_id)
    )
    rows = db.session.execute(
        select(Completion.person_id, Completion.final_score).where(Completion.id.in_(latest))
    )
    return {key: value for key, value in rows}  # noqa: C416 - rows are not pairs to the type checker


def enrolments_of(person_id: int, limit: int = 100) -> list[Enrolment]:
    """Courses of one person, the one last worked on first. The caller has authorised."""
    return list(
        db.session.scalars(
            _enrolments()
            .where(Enrolment.person_id == person_id, Enrolment.state != EnrolmentState.WITHDRAWN)
            .order_by(Enrolment.last_active_at.desc(), Enrolment.id.desc())
            .limit(limit)
        )
    )


# ── What the ledger vouches for ──────────────────────────────────────────────────────────────


def completion_facts(entry: Completion) -> ledger.Facts:
    """What the digest of a completion covers."""
    return {
        "uuid": entry.uuid,
        "person": entry.person.uuid,
        "enrolment": entry.enrolment.uuid,
        "version": entry.version.uuid,
        "final_score": entry.final_score,
        "completed_at": entry.completed_at,
        "earned_on": entry.earned_on,
    }


def completions() -> Select[Completion]:
    """All entries with what their facts need, for verification."""
    return select(Completion).options(
        joinedload(Completion.person),
        joinedload(Completion.enrolment),
        joinedload(Completion.version),
    )
