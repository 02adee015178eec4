"""Changing the mark of an attempt that is graded. Every change stands in the ledger, with why."""

from dataclasses import dataclass
from decimal import Decimal

from flask_babel import gettext

from lms.accounts.models import Person
from lms.core import ledger
from lms.core.db import db, lock_row, new_uuid
from lms.core.errors import DomainError
from lms.quizzes import queries, rules
from lms.quizzes.actions import answer_row
from lms.quizzes.models import Attempt, GradeChange, Question
from lms.quizzes.rules import GradeCause


@dataclass(frozen=True)
class Because:
    """Why a mark changes, and on whose word. The reason was checked."""

    cause: GradeCause
    by: Person
    reason: str


def change_points(
    attempt: Attempt, question_id: int, points: Decimal, because: Because
) -> GradeChange | None:
    """Change what a question of a graded attempt earned, 0 to 1, and with it the score; None when
    it earned just that, or does not count: then the points are kept for when it does again. Raises
    DomainError where the attempt is not graded, or was voided."""
    lock_row(attempt)
    assert_changeable(attempt)
    before, after = queries.points_of(attempt).get(question_id), f"{points:.7f}"
    if before == after:
        return None
    answer_row(attempt, question_id).fraction = after
    if before is None:
        db.session.flush()
        return None
    return note_change(attempt, question_id, before, because)


def assert_changeable(attempt: Attempt) -> None:
    if attempt.graded_at is None:
        raise DomainError(gettext("Percobaan ini belum dinilai."))
    if attempt.voided_at is not None:
        raise DomainError(gettext("Percobaan ini dibatalkan; nilainya tidak diubah lagi."))


def note_change(
    attempt: Attempt, question_id: int, points_before: str | None, because: Because
) -> GradeChange:
    """Give the attempt the score that its questions make now, and write down what it was."""
    db.session.flush()
    points, before = queries.points_of(attempt), attempt.percent
    assert before is not None, "a graded attempt has a score"
    after = rules.percent([Decimal(each) for each in points.values()])
    needed = queries.quiz_by_id(attempt.quiz_id).pass_percent
    attempt.percent = after
    person = db.session.get_one(Person, attempt.person_id)
    change = GradeChange(
        chain=person.uuid,
        uuid=new_uuid(),
        person=person,
        attempt=attempt,
        question=db.session.get_one(Question, question_id),
        cause=because.cause,
        points_before=points_before,
        points_after=points.get(question_id),
        percent_before=before,
        percent_after=after,
        passed_before=rules.passes(before, needed),
        passed_after=rules.passes(after, needed),
        by=because.by,
        reason=because.reason,
    )
    ledger.append(change, queries.change_facts)
    return change
