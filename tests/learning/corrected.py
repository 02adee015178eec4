"""A course of two lessons, a quiz of two and a final quiz of four questions, taken by actions.

The final quiz is the only one with a weight: a question of it is 25 points, 70 are needed. The
first option of each of its questions is the right one.
"""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from lms.accounts.models import Person
from lms.competencies.models import HourEntry
from lms.core.db import db, transaction
from lms.courses import queries as courses
from lms.credentials.models import Certificate
from lms.demo.past import Learner
from lms.learning import actions
from lms.learning.actions import marks
from lms.learning.models import Enrolment
from lms.quizzes import queries as quizzes
from lms.quizzes.models import Attempt
from tests.learning import classes
from tests.sample_course import import_course, write_course

ALL, NONE = [1, 1, 1, 1], [0, 0, 0, 0]


def publish(
    folder: Path, *, attempts: int = 2, settings: str = "", show_answers: str = "after-pass"
) -> None:
    import_course(
        write_course(
            folder,
            attempts=attempts,
            final=classes.QUESTIONS,
            show_answers=show_answers,
            settings=classes.SETTINGS + settings,
        )
    )
    db.session.remove()


def study(actor: Learner, *finals: Sequence[int]) -> None:
    """Everything of the course: the final quiz so many times, the small quiz last."""
    for right in finals:
        classes.answer(actor, "akhir", list(right))
    with transaction():
        enrolment = actions.enrol(actor, classes.course())
        for key in ("sapa", "dengar"):
            actions.mark_lesson_done(enrolment.uuid, courses.outline(enrolment.version).part(key))
    classes.answer(actor, "kuis-1", [1, 1])


def attempts(key: str = "akhir") -> list[Attempt]:
    return list(
        db.session.scalars(sa.select(Attempt).where(Attempt.quiz_key == key).order_by(Attempt.id))
    )


def question(number: int) -> int:
    """Id of a question of the final quiz, from 1."""
    quiz_id = classes.part("akhir").quiz_id
    assert quiz_id is not None
    return quizzes.question_ids_of(quiz_id)[number - 1]


def change(
    by: Person, points: str, *, number: int = 1, attempt: int = 0, reason: str = "Dibaca lagi"
) -> bool:
    """Give a question of the final quiz other points."""
    with transaction():
        by = db.session.get_one(Person, by.id)
        return marks.change_mark(
            by, attempts()[attempt], question(number), Decimal(points), reason=reason
        )


def enrolment() -> Enrolment:
    return db.session.scalars(sa.select(Enrolment)).one()


def standing(model: Any) -> list[Any]:
    """The entries of a ledger that neither take back nor were taken back."""
    entries = list(db.session.scalars(sa.select(model).order_by(model.id)))
    gone = {entry.reverses_id for entry in entries}
    return [e for e in entries if e.reverses_id is None and e.id not in gone]


def certificates() -> list[Certificate]:
    return list(db.session.scalars(sa.select(Certificate).order_by(Certificate.id)))


def hours() -> float:
    return float(sum(db.session.scalars(sa.select(HourEntry.hours))))
