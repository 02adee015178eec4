"""Corrections beside one another: several of a quiz, some attempts first, the rest left alone."""

from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask

from lms.core.db import db, transaction
from lms.core.errors import DomainError
from lms.demo.past import Learner
from lms.learning import jobs
from lms.learning.actions import regrading
from lms.learning.models import Regrade
from lms.learning.queries import regrades
from lms.learning.rules import RegradeState
from lms.quizzes.queries.corrections import Proposal
from lms.quizzes.rules import CorrectionKind
from lms.upkeep import records
from tests.cast import Cast
from tests.learning import classes
from tests.learning.corrected import NONE, attempts, publish, question
from tests.learning.test_regrading import (
    BEFORE,
    THIRD,
    TWO_THIRDS,
    apply,
    percents,
    propose,
    state,
    told,
    whole,
)

ACCEPT_ALL, LEAVE_OUT = Proposal(CorrectionKind.ACCEPT_ALL), Proposal(CorrectionKind.LEAVE_OUT)


@pytest.fixture
def trainer(context: Flask, cast: Cast, tmp_path: Path) -> Learner:
    publish(tmp_path)
    person = cast.person("stranger")
    return Learner(person.id, person.uuid, person.name)


def discard(regrade: int) -> None:
    with transaction():
        regrading.discard(db.session.get_one(Regrade, regrade))


def test_two_that_leave_questions_out_leave_something_to_count(
    app: Flask, trainer: Learner
) -> None:
    """Each alone would leave the other's question."""
    classes.sit(app, 1)
    for number in (1, 2):
        whole(trainer, LEAVE_OUT, number)
    third, fourth = propose(trainer, LEAVE_OUT, 3), propose(trainer, LEAVE_OUT, 4)
    jobs.sweep_regrades()
    assert state(fourth) is RegradeState.READY
    apply(trainer, third)
    for _ in range(3):
        with pytest.raises(DomainError, match=r"harus tetap dinilai|belum selesai dihitung"):
            apply(trainer, fourth)
        jobs.sweep_regrades()
    assert (state(third), state(fourth)) == (RegradeState.DONE, RegradeState.READY)
    with pytest.raises(DomainError, match="harus tetap dinilai"):
        apply(trainer, fourth)
    assert percents() == [100, 0, 0, 0, 0, 0]


def test_what_one_has_changed_the_others_of_the_quiz_are_counted_by(
    app: Flask, trainer: Learner
) -> None:
    classes.sit(app, 1)
    first, second = propose(trainer, ACCEPT_ALL, 4), propose(trainer, LEAVE_OUT, 3)
    jobs.sweep_regrades()
    apply(trainer, first)
    with pytest.raises(DomainError, match="sedang diterapkan"):
        apply(trainer, second)
    jobs.sweep_regrades()
    with pytest.raises(DomainError, match="belum selesai dihitung"):
        apply(trainer, second)
    jobs.sweep_regrades()
    rows, _ = regrades.listed(second, None, None)
    assert [(row.percent_before, row.percent_after) for row in rows] == [
        (Decimal(before), after)
        for before, after in ((75, 100), (75, TWO_THIRDS), (50, TWO_THIRDS), (25, THIRD))
    ]
    assert db.session.get_one(Regrade, second).total == 6
    apply(trainer, second)
    jobs.sweep_regrades()
    assert state(second) is RegradeState.DONE
    assert list(records.faults()) == []


def test_the_rest_may_be_left_as_it_is(app: Flask, trainer: Learner) -> None:
    """Whoever owns a course alone has nobody who regrades an attempt of their own."""
    classes.answer(trainer, "akhir", NONE)
    regrade = propose(trainer, ACCEPT_ALL, 4)
    jobs.sweep_regrades()
    apply(trainer, regrade)
    with pytest.raises(DomainError, match="sedang diterapkan"):
        discard(regrade)
    jobs.sweep_regrades()
    assert state(regrade) is RegradeState.READY
    with pytest.raises(DomainError, match="sedang berjalan"):
        propose(trainer, LEAVE_OUT, 4)
    for _ in range(2):
        discard(regrade)
    assert state(regrade) is RegradeState.DONE
    assert percents() == [0]
    assert propose(trainer, LEAVE_OUT, 4) != regrade


def test_once_all_of_the_list_are_chosen_nobody_keeps_the_old_answer(
    app: Flask, trainer: Learner
) -> None:
    """Neither who was graded since the list was made, nor whose score stays."""
    classes.sit(app, 1)
    regrade = propose(trainer, ACCEPT_ALL, 4)
    jobs.sweep_regrades()
    apply(trainer, regrade, attempts()[1:3])
    jobs.sweep_regrades()
    assert state(regrade) is RegradeState.READY
    assert percents() == [100, 100, 75, *BEFORE[3:]]
    assert attempts()[0].corrected == {}
    apply(trainer, regrade, attempts()[3:])
    jobs.sweep_regrades()
    assert state(regrade) is RegradeState.DONE
    assert percents() == [100, 100, 75, 75, 50, 25]
    assert [str(question(4)) in attempt.corrected for attempt in attempts()] == [True] * 6
    assert told() == 5


def test_two_jobs_at_once_go_over_all_once(
    app: Flask, trainer: Learner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one, which read the list as well, ends nothing before its time."""
    classes.sit(app, 1)
    regrade = propose(trainer, ACCEPT_ALL, 4)
    jobs.sweep_regrades()
    apply(trainer, regrade, attempts()[1:])
    real, calls = regrading._free_waiting, []

    def second_meanwhile(regrade_id: int) -> None:
        calls.append(regrade_id)
        if len(calls) == 1:
            assert regrading.step(regrade_id)
        real(regrade_id)

    monkeypatch.setattr(regrading, "_free_waiting", second_meanwhile)
    regrading.step(regrade)
    assert state(regrade) is RegradeState.APPLYING
    jobs.sweep_regrades()
    assert state(regrade) is RegradeState.DONE
    assert all(str(question(4)) in attempt.corrected for attempt in attempts())
    assert told() == 5


def test_who_was_graded_after_the_list_was_made_is_corrected_at_the_end(
    app: Flask, trainer: Learner
) -> None:
    classes.sit(app, 1)
    regrade = propose(trainer, ACCEPT_ALL, 4)
    jobs.sweep_regrades()
    listed = attempts()[1:]
    classes.answer(classes.learner(50), "akhir", [1, 0, 0, 0])
    apply(trainer, regrade, listed)
    jobs.sweep_regrades()
    assert state(regrade) is RegradeState.DONE
    assert percents() == [100, 100, 75, 75, 50, 25, 50]
    counts = regrades.counts_of(regrade)
    assert (counts.all, counts.left, told()) == (6, 0, 6)
