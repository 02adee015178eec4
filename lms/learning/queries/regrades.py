"""Corrections that are tried or applied, and what they change for whom."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, func, select
from sqlalchemy.orm import joinedload

from lms.accounts.models import Person
from lms.core.db import db, read
from lms.core.errors import NotFound
from lms.courses.models import Activity, CourseVersion
from lms.learning import queries
from lms.learning.models import Enrolment, Regrade, RegradeRow
from lms.learning.queries.counting import Standing, standings
from lms.learning.rules import EnrolmentState, RegradeEffect, RegradeState
from lms.quizzes import rules as quiz_rules
from lms.quizzes.models import Attempt, GradeChange, Quiz, QuizQuestion
from lms.quizzes.queries import corrections, questions, quiz_by_id
from lms.quizzes.queries.corrections import Proposal

PAGE = 25
BATCH = 500
WAITING = (RegradeState.COUNTING, RegradeState.APPLYING)
OPEN = (*WAITING, RegradeState.READY)


class Narrowed(StrEnum):
    """What the list is narrowed to: which way passing changes, of the attempt or of the course;
    and what is not applied yet."""

    FAILS = "fails"
    PASSES = "passes"
    REOPENS = "reopens"
    COMPLETES = "completes"
    LEFT = "left"


def _condition(narrowed: Narrowed) -> ColumnElement[bool]:
    before, after = RegradeRow.passed_before, RegradeRow.passed_after
    return {
        Narrowed.FAILS: and_(before.is_(True), after.is_(False)),
        Narrowed.PASSES: and_(before.is_(False), after.is_(True)),
        Narrowed.REOPENS: RegradeRow.effect == RegradeEffect.REOPENS,
        Narrowed.COMPLETES: RegradeRow.effect == RegradeEffect.COMPLETES,
        Narrowed.LEFT: RegradeRow.applied_at.is_(None),
    }[narrowed]


# ── What is tried ────────────────────────────────────────────────────────────────────────────


def regrade_for(course_id: int, uuid: UUID) -> Regrade:
    """Raises NotFound, also for one of another course. The caller has authorised for the course."""
    found = db.session.scalar(
        select(Regrade)
        .where(Regrade.uuid == uuid, Regrade.course_id == course_id)
        .options(joinedload(Regrade.by), joinedload(Regrade.applied_by))
    )
    if found is None:
        raise NotFound
    return found


def regrades_of(course_id: int, before: int | None) -> tuple[list[Regrade], bool]:
    """Those of a course, the newest first; with a smaller id than `before`."""
    query = (
        select(Regrade)
        .where(Regrade.course_id == course_id)
        .options(joinedload(Regrade.by))
        .order_by(Regrade.id.desc())
        .limit(PAGE + 1)
    )
    if before is not None:
        query = query.where(Regrade.id < before)
    rows = list(db.session.scalars(query))
    return rows[:PAGE], len(rows) > PAGE


def under_way(course_id: int, quiz_key: str, question_id: int) -> Regrade | None:
    """The one of a question that is neither done nor discarded."""
    return db.session.scalar(
        select(Regrade).where(
            Regrade.course_id == course_id,
            Regrade.quiz_key == quiz_key,
            Regrade.question_id == question_id,
            Regrade.state.in_(OPEN),
        )
    )


def is_applying(course_id: int, quiz_key: str) -> bool:
    """Is one of any question of a quiz being applied?"""
    found = select(Regrade.id).where(
        Regrade.course_id == course_id,
        Regrade.quiz_key == quiz_key,
        Regrade.state == RegradeState.APPLYING,
    )
    return db.session.scalar(found.limit(1)) is not None


def due_regrades() -> list[int]:
    """Ids of those that a job has to go on with, the oldest first."""
    return list(
        db.session.scalars(
            select(Regrade.id).where(Regrade.state.in_(WAITING)).order_by(Regrade.id)
        )
    )


def proposal_of(regrade: Regrade) -> Proposal:
    return Proposal(regrade.kind, corrections.options_of(regrade.options))


def quiz_ids(course_id: int, quiz_key: str, question_id: int) -> list[int]:
    """Ids of the quizzes with this key, one for each version of the course, that ask a question."""
    return list(
        db.session.scalars(
            select(Activity.quiz_id)
            .join(CourseVersion, Activity.version_id == CourseVersion.id)
            .join(QuizQuestion, QuizQuestion.quiz_id == Activity.quiz_id)
            .where(
                CourseVersion.course_id == course_id,
                Activity.key == quiz_key,
                QuizQuestion.question_id == question_id,
            )
            .order_by(Activity.quiz_id)
        )
    )


def quizzes_asking(course_id: int, quiz_key: str, question_id: int) -> list[Quiz]:
    return [quiz_by_id(id_) for id_ in quiz_ids(course_id, quiz_key, question_id)]


# ── What it would change ─────────────────────────────────────────────────────────────────────

_HOLDERS = (
    select(
        Enrolment.id,
        Enrolment.uuid,
        Enrolment.state,
        Enrolment.done_parts,
        Enrolment.final_score,
        Enrolment.version_id,
        Enrolment.started_at,
        CourseVersion.uuid.label("version_uuid"),
    )
    .join(CourseVersion, Enrolment.version_id == CourseVersion.id)
    .where(Enrolment.uuid.in_(bindparam("holders", expanding=True)))
)


def rows_for(regrade: Regrade, attempts: Sequence[Attempt]) -> list[RegradeRow]:
    """A row for each of these attempts whose score would change. What that means for the course
    is told with all attempts of the learner at the quiz."""
    view, proposal = questions([regrade.question_id])[regrade.question_id], proposal_of(regrade)
    found = [t for t in corrections.trials(attempts, view, proposal) if t.changes]
    if not found:
        return []
    holders = {trial.attempt.holder for trial in found}
    siblings = list(
        db.session.scalars(
            select(Attempt).where(
                Attempt.holder.in_(holders),
                Attempt.quiz_key == regrade.quiz_key,
                Attempt.graded_at.is_not(None),
                Attempt.voided_at.is_(None),
            )
        )
    )
    percents = {t.attempt.id: t.percent for t in corrections.trials(siblings, view, proposal)}
    batch = read(_HOLDERS, holders=list(holders)).all()
    effects = {
        row.uuid: (row.id, _effect(row, standing, percents))
        for row, standing in zip(batch, standings(batch), strict=True)
    }
    rows = []
    for trial in found:
        attempt, before = trial.attempt, trial.attempt.percent
        assert before is not None, "a graded attempt has a score"
        needed = quiz_by_id(attempt.quiz_id).pass_percent
        enrolment_id, effect = effects[attempt.holder]
        rows.append(
            RegradeRow(
                regrade_id=regrade.id, attempt_id=attempt.id, enrolment_id=enrolment_id,
                person_id=attempt.person_id, percent_before=before, percent_after=trial.percent,
                passed_before=quiz_rules.passes(before, needed),
                passed_after=quiz_rules.passes(trial.percent, needed),
                effect=effect, wanted=False,
            )
        )  # fmt: skip
    return rows


def _effect(row: Any, standing: Standing, percents: Mapping[int, Decimal]) -> RegradeEffect:
    graded = [
        (a.quiz_key, a.number, percents.get(a.id, a.percent))
        for a in standing.taken
        if a.graded_at is not None or a.waits_since is not None
    ]
    after = queries.learning_from(
        standing.learning.enrolment, lessons_done=standing.learning.done, graded=graded
    ).judgement
    if row.state is EnrolmentState.OPEN:
        return RegradeEffect.COMPLETES if after.passed else RegradeEffect.NONE
    if row.state is not EnrolmentState.COMPLETED:
        return RegradeEffect.NONE
    if not after.passed:
        return RegradeEffect.REOPENS
    same = after.final_score == row.final_score
    return RegradeEffect.NONE if same else RegradeEffect.RESCORES


def row_of(regrade: Regrade, change: GradeChange, enrolment: Enrolment) -> RegradeRow:
    """Of an attempt that was graded after the counting."""
    return RegradeRow(
        regrade_id=regrade.id, attempt_id=change.attempt.id, enrolment_id=enrolment.id,
        person_id=enrolment.person_id, percent_before=change.percent_before,
        percent_after=change.percent_after, passed_before=change.passed_before,
        passed_after=change.passed_after, effect=RegradeEffect.NONE, wanted=True,
    )  # fmt: skip


def completed_of(holders: Collection[UUID]) -> set[UUID]:
    """Those of some enrolments that are completed."""
    query = select(Enrolment.uuid).where(
        Enrolment.uuid.in_(holders), Enrolment.state == EnrolmentState.COMPLETED
    )
    return set(db.session.scalars(query))


def count_left(regrade_id: int) -> int:
    """How many attempts of the list that count are not marked anew yet."""
    found = (
        select(func.count())
        .select_from(RegradeRow)
        .join(Attempt, RegradeRow.attempt_id == Attempt.id)
        .where(
            RegradeRow.regrade_id == regrade_id,
            RegradeRow.applied_at.is_(None),
            Attempt.voided_at.is_(None),
        )
    )
    return db.session.scalar(found) or 0


def wanted_attempts(regrade_id: int, after: int, limit: int) -> list[int]:
    """Attempts that were chosen and are not marked anew yet."""
    return list(
        db.session.scalars(
            select(RegradeRow.attempt_id)
            .where(
                RegradeRow.regrade_id == regrade_id,
                RegradeRow.attempt_id > after,
                RegradeRow.wanted.is_(True),
                RegradeRow.applied_at.is_(None),
            )
            .order_by(RegradeRow.attempt_id)
            .limit(limit)
        )
    )


def locked_attempts(ids: Sequence[int], *, but_of: int) -> list[Attempt]:
    """For acts: graded attempts that count, but those of one person, kept from others until the
    commit."""
    return list(
        db.session.scalars(
            select(Attempt)
            .where(Attempt.id.in_(ids), Attempt.person_id != but_of, Attempt.voided_at.is_(None))
            .order_by(Attempt.id)
            .with_for_update(of=Attempt)
            .execution_options(populate_existing=True)
        )
    )


# ── The list ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Listed:
    """An attempt whose score changes. `uuid` is the attempt's, `enrolment` leads to its learner."""

    attempt_id: int
    uuid: UUID
    number: int
    enrolment: UUID
    person_id: int
    name: str
    nip: str
    percent_before: Decimal
    percent_after: Decimal
    passed_before: bool
    passed_after: bool
    effect: RegradeEffect
    applied_at: datetime | None


@dataclass(frozen=True)
class Counts:
    """Of the attempts whose score changes."""

    all: int
    fails: int
    passes: int
    reopens: int
    completes: int
    left: int

    def of(self, narrowed: Narrowed) -> int:
        return int(getattr(self, narrowed.value))


def counts_of(regrade_id: int) -> Counts:
    each: list[Any] = [func.count().filter(_condition(narrowed)) for narrowed in Narrowed]
    row: Any = db.session.execute(
        select(func.count(), *each).where(RegradeRow.regrade_id == regrade_id)
    ).one()
    return Counts(*row)


def listed(
    regrade_id: int, narrowed: Narrowed | None, after: int | None, limit: int = PAGE
) -> tuple[list[Listed], bool]:
    """A page, in the order of the attempts; after the row of an attempt."""
    query = (
        select(
            RegradeRow.attempt_id, Attempt.uuid, Attempt.number, Enrolment.uuid,
            RegradeRow.person_id, Person.name, Person.nip, RegradeRow.percent_before,
            RegradeRow.percent_after, RegradeRow.passed_before, RegradeRow.passed_after,
            RegradeRow.effect, RegradeRow.applied_at,
        )
        .join(Attempt, RegradeRow.attempt_id == Attempt.id)
        .join(Enrolment, RegradeRow.enrolment_id == Enrolment.id)
        .join(Person, RegradeRow.person_id == Person.id)
        .where(RegradeRow.regrade_id == regrade_id, RegradeRow.attempt_id > (after or 0))
        .order_by(RegradeRow.attempt_id)
        .limit(limit + 1)
    )  # fmt: skip
    if narrowed is not None:
        query = query.where(_condition(narrowed))
    found: Any = db.session.execute(query)
    rows = [Listed(*row) for row in found]
    return rows[:limit], len(rows) > limit


def all_listed(regrade_id: int, narrowed: Narrowed | None) -> Iterator[Listed]:
    """For a file, in batches."""
    after, more = 0, True
    while more:
        rows, more = listed(regrade_id, narrowed, after, BATCH)
        yield from rows
        after = rows[-1].attempt_id if rows else after
