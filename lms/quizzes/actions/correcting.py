"""Correcting questions of published quizzes, and marking attempts by it."""

from collections.abc import Collection, Sequence
from uuid import UUID

from lms.accounts.models import Person
from lms.core import ledger
from lms.core.db import db, lock_row, new_uuid
from lms.quizzes.actions import answer_row
from lms.quizzes.actions.marks import Because, assert_changeable, note_change
from lms.quizzes.models import Attempt, Correction, GradeChange, Question
from lms.quizzes.queries import corrections, points_of, questions
from lms.quizzes.queries.corrections import CorrectionView, Proposal, Trial
from lms.quizzes.rules import CorrectionKind


def add_correction(
    by: Person, bank: UUID, quiz_key: str, question_id: int, proposal: Proposal, *, reason: str
) -> Correction:
    """Let a question of a quiz be marked otherwise from now on, in attempts under way too. Those
    that are graded stay as they are: see `remark`. The caller has checked the reason."""
    options = [
        {"html": o.html, "weight": str(o.weight), "feedback": o.feedback, "answer": o.answer}
        for o in proposal.options
    ]
    entry = Correction(
        chain=bank,
        uuid=new_uuid(),
        quiz_key=quiz_key,
        question=db.session.get_one(Question, question_id),
        kind=proposal.kind,
        options=options if proposal.kind is CorrectionKind.NEW_KEY else None,
        by=by,
        reason=reason,
    )
    ledger.append(entry, corrections.correction_facts)
    return entry


def remark(attempt: Attempt, correction: CorrectionView, because: Because) -> GradeChange | None:
    """Mark a question of a graded attempt by a correction; None where its score stays. Twice is
    once. Raises DomainError where the attempt is not graded, or was voided."""
    lock_row(attempt)
    assert_changeable(attempt)
    if _is_marked(attempt, correction):
        return None
    [trial] = _trials([attempt], correction)
    before = points_of(attempt).get(correction.question_id)
    _mark(trial, correction)
    db.session.flush()
    if not trial.changes:
        return None
    return note_change(attempt, correction.question_id, before, because)


def remark_unchanged(
    attempts: Sequence[Attempt], correction: CorrectionView, watched: Collection[UUID]
) -> list[int]:
    """Mark by a correction all whose score stays; ids of the others. The caller has locked them.
    `watched`: holders for whom it matters too which questions make a score that stays; theirs are
    among the others where the question counts no more, or again."""
    changing = []
    for trial in _trials([a for a in attempts if not _is_marked(a, correction)], correction):
        if trial.changes or (trial.moves and trial.attempt.holder in watched):
            changing.append(trial.attempt.id)
        else:
            _mark(trial, correction)
    db.session.flush()
    return changing


def _is_marked(attempt: Attempt, correction: CorrectionView) -> bool:
    mark = attempt.corrected.get(str(correction.question_id))
    return mark is not None and mark["id"] == correction.id


def _trials(attempts: Sequence[Attempt], correction: CorrectionView) -> list[Trial]:
    view = questions([correction.question_id])[correction.question_id]
    return corrections.trials(attempts, view, correction)


def _mark(trial: Trial, correction: CorrectionView) -> None:
    attempt, id_ = trial.attempt, correction.question_id
    mark = {"id": correction.id, "kind": correction.kind.value}
    attempt.corrected = {**attempt.corrected, str(id_): mark}
    if trial.points != trial.points_before:
        answer_row(attempt, id_).fraction = trial.points
