"""Corrections of published questions, and what they would do to attempts that are graded."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, exists, func, select
from sqlalchemy.orm import aliased, joinedload

from lms.accounts.models import Person
from lms.core import ledger
from lms.core.db import db, read
from lms.core.errors import NotFound
from lms.quizzes import marking, queries, rules
from lms.quizzes.marking import Key, Option, Try, Value
from lms.quizzes.models import (
    Answer,
    AnswerMark,
    AnswerTry,
    Attempt,
    Correction,
    GradeChange,
    Question,
    Quiz,
)
from lms.quizzes.queries import NO_POINTS, QuestionView
from lms.quizzes.rules import CorrectionKind, GradeCause

MOST = 5000  # in memory


@dataclass(frozen=True)
class CorrectionView:
    """How a question is marked from an instant on. `options` are those to mark by: the question's
    own where the key is not changed."""

    id: int
    uuid: UUID
    question_id: int
    kind: CorrectionKind
    options: tuple[Option, ...]
    reason: str
    by: str
    at: datetime


_COLUMNS = (
    select(
        Correction.id, Correction.uuid, Correction.question_id, Correction.kind, Correction.options,
        Correction.reason, Person.name, Correction.recorded_at,
    )
    .join(Person, Correction.by_id == Person.id)
)  # fmt: skip
_BY_ID = _COLUMNS.where(Correction.id.in_(bindparam("ids", expanding=True)))
_LATEST = _COLUMNS.where(
    Correction.id.in_(
        select(func.max(Correction.id))
        .where(
            Correction.quiz_key == bindparam("quiz_key"),
            Correction.question_id.in_(bindparam("question_ids", expanding=True)),
        )
        .group_by(Correction.question_id)
    )
)
_HISTORY = _COLUMNS.where(
    Correction.quiz_key == bindparam("quiz_key"),
    Correction.question_id == bindparam("question_id"),
).order_by(Correction.id.desc())


def _view(row: Any) -> CorrectionView:
    id_, uuid, question_id, kind, options, reason, by, at = row
    return CorrectionView(id_, uuid, question_id, kind, options_of(options or ()), reason, by, at)


def options_of(stored: Iterable[Mapping[str, Any]]) -> tuple[Option, ...]:
    return tuple(
        Option(o["html"], Decimal(o["weight"]), o["feedback"], o["answer"]) for o in stored
    )


def in_force(quiz_key: str, question_ids: Iterable[int]) -> dict[int, CorrectionView]:
    """The corrections that hold now for questions of a quiz, by question."""
    ids = list(question_ids)
    rows = read(_LATEST, quiz_key=quiz_key, question_ids=ids) if ids else ()
    return {row.question_id: _view(row) for row in rows}


def history(quiz_key: str, question_id: int) -> list[CorrectionView]:
    """Everything that was corrected in a question of a quiz, the newest first."""
    return [_view(row) for row in read(_HISTORY, quiz_key=quiz_key, question_id=question_id)]


_known: dict[int, CorrectionView] = {}


def of_id(correction_id: int) -> CorrectionView:
    return _view(read(_BY_ID, ids=[correction_id]).one())


def of_attempt(attempt: Attempt) -> dict[int, CorrectionView]:
    """The corrections that an attempt was marked with, by question. They never change, so they are
    kept in memory."""
    ids = {int(question): mark["id"] for question, mark in attempt.corrected.items()}
    missing = [id_ for id_ in ids.values() if id_ not in _known]
    if missing:
        if len(_known) > MOST:
            _known.clear()
        for row in read(_BY_ID, ids=missing):
            _known[row.id] = _view(row)
    return {question: _known[id_] for question, id_ in ids.items()}


def corrected(view: QuestionView, correction: "CorrectionView | Proposal | None") -> QuestionView:
    """A question with the key that it is marked by."""
    if correction is None or correction.kind is not CorrectionKind.NEW_KEY:
        return view
    return replace(view, options=correction.options)


def as_corrected(quiz_key: str, views: Mapping[int, QuestionView]) -> dict[int, QuestionView]:
    """Questions of a quiz with the keys that hold now."""
    holding = in_force(quiz_key, views)
    return {id_: corrected(view, holding.get(id_)) for id_, view in views.items()}


def key_for(quiz: Quiz, view: QuestionView, correction: "CorrectionView | Proposal | None") -> Key:
    """What answers to a question of a quiz are held against."""
    options, accepts = view.options, False
    if correction is not None:
        accepts = correction.kind is CorrectionKind.ACCEPT_ALL
        if correction.kind is CorrectionKind.NEW_KEY:
            options = correction.options
    hints = len(quiz.hints.get(view.key, ())) if quiz.practice else None
    return Key(view.kind, options, queries.marking_of(quiz), accepts, hints)


# ── What a correction would do ───────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Proposal:
    """A correction that is thought of. `options` only with a new key."""

    kind: CorrectionKind
    options: tuple[Option, ...] = ()


@dataclass(frozen=True)
class Trial:
    """An attempt under a correction. `points` are what the question would earn, as text, whether or
    not it counts; `percent` is the score; `moves`: the question counts no more, or again."""

    attempt: Attempt
    points_before: str
    points: str
    percent: Decimal
    moves: bool

    @property
    def changes(self) -> bool:
        return self.percent != self.attempt.percent


def question_by_uuid(uuid: UUID) -> QuestionView:
    """Raises NotFound. The caller checks whose it is."""
    id_ = db.session.scalar(select(Question.id).where(Question.uuid == uuid))
    if id_ is None:
        raise NotFound
    return queries.questions([id_])[id_]


def uuids_of(question_ids: Sequence[int]) -> dict[int, UUID]:
    rows = db.session.execute(
        select(Question.id, Question.uuid).where(Question.id.in_(question_ids))
    )
    return {id_: uuid for id_, uuid in rows}  # noqa: C416 - rows are not pairs to the type checker


def count_graded(quiz_ids: Sequence[int]) -> int:
    return db.session.scalar(
        select(func.count()).select_from(_graded(quiz_ids, 0).subquery())
    ) or 0  # fmt: skip


def graded_attempts(quiz_ids: Sequence[int], after: int, limit: int) -> list[Attempt]:
    """Graded attempts at quizzes that count, after an id, in order."""
    query = _graded(quiz_ids, after).order_by(Attempt.id).limit(limit)
    return list(db.session.scalars(query))


def _graded(quiz_ids: Sequence[int], after: int) -> Select[Attempt]:
    return select(Attempt).where(
        Attempt.quiz_id.in_(quiz_ids),
        Attempt.id > after,
        Attempt.graded_at.is_not(None),
        Attempt.voided_at.is_(None),
    )


def waiting_attempts(quiz_ids: Sequence[int], question_id: int) -> list[int]:
    """Ids of attempts at quizzes that count and wait for an essay to be marked."""
    query = (
        select(Attempt.id)
        .join(AnswerMark, AnswerMark.attempt_id == Attempt.id)
        .where(
            Attempt.quiz_id.in_(quiz_ids),
            Attempt.graded_at.is_(None),
            Attempt.voided_at.is_(None),
            AnswerMark.question_id == question_id,
            AnswerMark.marked_at.is_(None),
        )
        .order_by(Attempt.id)
    )
    return list(db.session.scalars(query))


_ANSWERS = select(Answer.attempt_id, Answer.question_id, Answer.value, Answer.fraction).where(
    Answer.attempt_id.in_(bindparam("ids", expanding=True))
)
_TRIES = (
    select(AnswerTry.attempt_id, AnswerTry.value, AnswerTry.fraction)
    .where(
        AnswerTry.attempt_id.in_(bindparam("ids", expanding=True)),
        AnswerTry.question_id == bindparam("question_id"),
    )
    .order_by(AnswerTry.attempt_id, AnswerTry.number)
)
_BY_HAND = select(GradeChange.attempt_id).where(
    GradeChange.attempt_id.in_(bindparam("ids", expanding=True)),
    GradeChange.question_id == bindparam("question_id"),
    GradeChange.cause == GradeCause.MANUAL,
)


def trials(
    attempts: Sequence[Attempt], view: QuestionView, proposal: "Proposal | CorrectionView"
) -> list[Trial]:
    """What a correction makes of each attempt that was asked the question; three queries for all of
    them. Points that were given by hand stay, those of an essay among them."""
    asked = [a for a in attempts if any(question == view.id for question, _ in a.layout)]
    ids = [attempt.id for attempt in asked]
    if not ids:
        return []
    answers: dict[int, dict[int, Any]] = defaultdict(dict)
    for row in read(_ANSWERS, ids=ids):
        answers[row.attempt_id][row.question_id] = row
    tries: dict[int, list[Try]] = defaultdict(list)
    for attempt_id, value, fraction in read(_TRIES, ids=ids, question_id=view.id):
        tries[attempt_id].append(Try(value, Decimal(fraction)))
    by_hand = {row.attempt_id for row in read(_BY_HAND, ids=ids, question_id=view.id)}
    return [
        _trial(a, view, proposal, answers[a.id], tries[a.id], by_hand=a.id in by_hand)
        for a in asked
    ]


def _trial(
    attempt: Attempt, view: QuestionView, proposal: "Proposal | CorrectionView",
    answers: Mapping[int, Any], tries: Sequence[Try], *, by_hand: bool,
) -> Trial:  # fmt: skip
    row = answers.get(view.id)
    value: Value = row.value if row else []
    counts = proposal.kind is not CorrectionKind.LEAVE_OUT
    points = stored = (row.fraction if row else None) or NO_POINTS
    if counts and not by_hand and view.essay is None:
        key = key_for(queries.quiz_by_id(attempt.quiz_id), view, proposal)
        points = f"{marking.points(key, value, tries):.7f}"
    earned = {
        slot.question_id: Decimal((other.fraction if other else None) or NO_POINTS)
        for slot in queries.counted_slots(attempt)
        for other in [answers.get(slot.question_id)]
    }
    before = earned.pop(view.id, None)
    if counts:
        earned[view.id] = Decimal(points)
    same = before == earned.get(view.id)
    percent = attempt.percent if same else rules.percent(list(earned.values()))
    assert percent is not None, "a graded attempt has a score"
    return Trial(attempt, stored, points, percent, moves=(before is not None) != counts)


def least_counted(quiz: Quiz, left_out: Iterable[int]) -> int:
    """How many questions count at least in an attempt at a quiz with these left out."""
    ids, out = queries.question_ids_of(quiz.id), set(left_out)
    return sum(
        max(0, section.draw - sum(ids[at] in out for at in section.questions))
        for section in queries.sections_of(quiz)
    )


_NEWER = aliased(Correction)


def is_left_out(quiz_key: Any, question_id: Any) -> ColumnElement[bool]:
    """SQL condition on columns of another table: the question does not count in the quiz now."""
    newer = exists().where(
        _NEWER.quiz_key == Correction.quiz_key,
        _NEWER.question_id == Correction.question_id,
        _NEWER.id > Correction.id,
    )
    return exists().where(
        Correction.quiz_key == quiz_key,
        Correction.question_id == question_id,
        Correction.kind == CorrectionKind.LEAVE_OUT,
        ~newer,
    )


def left_out_of(quiz: Quiz) -> set[int]:
    """Questions of a quiz that do not count any more."""
    holding = in_force(quiz.key, queries.question_ids_of(quiz.id))
    return {id_ for id_, each in holding.items() if each.kind is CorrectionKind.LEAVE_OUT}


# ── The ledger ───────────────────────────────────────────────────────────────────────────────


def correction_facts(entry: Correction) -> ledger.Facts:
    """What the digest of a correction covers."""
    return {
        "uuid": entry.uuid,
        "quiz": entry.quiz_key,
        "question": entry.question.uuid,
        "kind": entry.kind,
        "options": entry.options,
        "by": entry.by.uuid,
        "reason": entry.reason,
    }


def all_corrections() -> Select[Correction]:
    """All entries with what their facts need, for verification."""
    return select(Correction).options(joinedload(Correction.question), joinedload(Correction.by))
