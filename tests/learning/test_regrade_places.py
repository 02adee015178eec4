"""New keys for matching and ordering: counted, applied, and taken back again."""

from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from flask import Flask

from lms.core.db import db, transaction
from lms.courses import queries as courses
from lms.demo.past import Learner
from lms.learning import actions
from lms.learning.actions import regrading
from lms.learning.models import Completion, Regrade
from lms.learning.queries import regrades
from lms.quizzes import queries as quizzes
from lms.quizzes.keys import with_pairs, with_places
from lms.quizzes.marking import as_sent, right_value
from lms.quizzes.queries.corrections import Proposal
from lms.quizzes.rules import CorrectionKind
from tests.cast import Cast
from tests.learning import classes
from tests.learning.corrected import attempts, hours, question, standing
from tests.sample_course import import_course, write_course

QUESTIONS = """
// [id:pasang]
Jodohkan ibu kota. {
=Jawa Barat -> Bandung
=Banten -> Serang
= -> Bogor
}

// [id:urut]
Urutkan layanan. {>
Sapa warga
Dengar keluhan
Selesaikan urusan
}
"""
MATCHING, ORDERING = 1, 2


@pytest.fixture
def by(app: Flask, cast: Cast, tmp_path: Path) -> Learner:
    with app.test_request_context():
        import_course(
            write_course(tmp_path, final=QUESTIONS, settings=classes.SETTINGS, attempts=2)
        )
        take(classes.learner(1), [0, 1], [0, 1, 2])  # everything right
        take(classes.learner(2), [2, 1], [1, 0, 2])  # one of two pairs, one of three places
        person = cast.person("stranger")
        actor = Learner(person.id, person.uuid, person.name)
        db.session.remove()
    return actor


def take(actor: Learner, *values: list[int]) -> None:
    """The whole course, the final quiz with these answers, the small quiz last."""
    with transaction():
        enrolment = actions.enrol(actor, classes.course())
        outline = courses.outline(enrolment.version)
        attempt = actions.start_quiz(actor, enrolment.uuid, outline.part("akhir"), Random(1))
        views = quizzes.questions(slot.question_id for slot in quizzes.slots(attempt))
        for slot, value in zip(quizzes.slots(attempt), values, strict=True):
            sent = as_sent(views[slot.question_id].kind, value, slot.order)
            actions.save_answer(attempt, slot.number, sent=sent, seq=1)
        actions.submit_quiz(actor, attempt)
        actions.grade_quiz(attempt)
        for key in ("sapa", "dengar"):
            actions.mark_lesson_done(enrolment.uuid, outline.part(key))
    classes.answer(actor, "kuis-1", [1, 1])


def correct(by: Learner, number: int, proposal: Proposal, *, apply: bool = True) -> Regrade:
    with transaction():
        made = regrading.propose(
            by, classes.course(), "akhir", question(number), proposal, reason="Kunci keliru"
        )
        id_ = made.id
    regrading.work_on_regrades()
    if apply:
        with transaction():
            regrading.apply(by, db.session.get_one(Regrade, id_))
        regrading.work_on_regrades()
    return db.session.get_one(Regrade, id_)


def new_key(number: int, places: list[int]) -> Proposal:
    id_ = question(number)
    options = quizzes.questions([id_])[id_].options
    key = with_pairs if number == MATCHING else with_places
    return Proposal(CorrectionKind.NEW_KEY, key(options, places))


def percents() -> list[Decimal | None]:
    return [attempt.percent for attempt in attempts()]


def test_a_new_order_is_tried_applied_and_taken_back(app: Flask, by: Learner) -> None:
    with app.test_request_context():
        was = hours()
        assert len(standing(Completion)) == 1
        tried = correct(by, ORDERING, new_key(ORDERING, [1, 0, 2]), apply=False)
        rows, _ = regrades.listed(tried.id, None, None)
        told = {(str(row.percent_before), str(row.percent_after)) for row in rows}
        assert told == {("100", "66.67"), ("41.67", "75")}
        counts = regrades.counts_of(tried.id)
        assert (counts.fails, counts.passes, counts.reopens, counts.completes) == (1, 1, 1, 1)
        assert percents() == [100, Decimal("41.67")]  # nothing has changed yet
        with transaction():
            regrading.discard(db.session.get_one(Regrade, tried.id))

        correct(by, ORDERING, new_key(ORDERING, [1, 0, 2]))
        assert percents() == [Decimal("66.67"), 75]
        [completion] = standing(Completion)
        assert completion.person_id == attempts()[1].person_id
        assert hours() == was  # one taken back, one given

        correct(by, ORDERING, Proposal(CorrectionKind.AS_PUBLISHED))
        assert percents() == [100, Decimal("41.67")]
        [completion] = standing(Completion)
        assert completion.person_id == attempts()[0].person_id


def test_a_new_pair_leaves_the_others_where_they_are(app: Flask, by: Learner) -> None:
    """The choice that was no stem's is now right: nobody's answer means another choice by it."""
    with app.test_request_context():
        correct(by, MATCHING, new_key(MATCHING, [2, 1]))
        assert percents() == [75, Decimal("66.67")]
        correct(by, MATCHING, new_key(MATCHING, [1, 0]))
        assert percents() == [50, Decimal("16.67")]


def test_a_new_key_says_what_is_right(app: Flask, by: Learner) -> None:
    with app.test_request_context():
        for number, places in ((MATCHING, [2, 1]), (MATCHING, [0, 0]), (ORDERING, [2, 0, 1])):
            view = quizzes.questions([question(number)])[question(number)]
            once = new_key(number, places).options
            assert right_value(view.kind, once) == places
            again = (with_pairs if number == MATCHING else with_places)(once, places)
            assert right_value(view.kind, again) == places
