"""Corrections of a published question: what they would change is counted, listed and applied."""

from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.core.db import db, transaction
from lms.core.errors import DomainError
from lms.demo.past import Learner
from lms.learning import actions, jobs
from lms.learning.actions import marks, regrading, voiding
from lms.learning.models import Completion, CourseAnalysis, Regrade
from lms.learning.queries import regrades
from lms.learning.queries.analytics import analysis_of
from lms.learning.queries.regrades import Narrowed
from lms.learning.rules import EnrolmentState, RegradeEffect, RegradeState
from lms.notifications.models import Notification
from lms.notifications.rules import NotificationKind
from lms.quizzes import keys
from lms.quizzes import queries as quizzes
from lms.quizzes.models import Attempt, Correction, GradeChange
from lms.quizzes.queries.corrections import Proposal, in_force
from lms.quizzes.rules import CorrectionKind
from lms.upkeep import records
from tests.cast import Cast
from tests.learning import classes
from tests.learning.assigning import actor_of
from tests.learning.corrected import (
    NONE,
    attempts,
    certificates,
    change,
    enrolment,
    hours,
    publish,
    question,
    standing,
    study,
)
from tests.sample_course import import_course, write_course

# Of the class of `classes.CLASS`, by learner: 100, 75, 50, 50, 25 and 0 of 100 before.
BEFORE = [Decimal(n) for n in (100, 75, 50, 50, 25, 0)]


@pytest.fixture
def trainer(context: Flask, cast: Cast, tmp_path: Path) -> Learner:
    publish(tmp_path)
    person = cast.person("stranger")
    return Learner(person.id, person.uuid, person.name)


def new_key(number: int, *right: int) -> Proposal:
    view = quizzes.questions([question(number)])[question(number)]
    options = keys.with_right(view.kind, view.options, right)
    return Proposal(CorrectionKind.NEW_KEY, options)


def propose(by: Learner, proposal: Proposal, number: int, reason: str = "Kunci keliru") -> int:
    with transaction():
        made = regrading.propose(
            by, classes.course(), "akhir", question(number), proposal, reason=reason
        )
        return made.id


def apply(by: Learner, regrade: int, chosen: list[Attempt] | None = None) -> None:
    uuids = None if chosen is None else [attempt.uuid for attempt in chosen]
    with transaction():
        regrading.apply(by, db.session.get_one(Regrade, regrade), uuids)


def whole(by: Learner, proposal: Proposal, number: int) -> int:
    """Counted and applied to all."""
    regrade = propose(by, proposal, number)
    jobs.sweep_regrades()
    apply(by, regrade)
    jobs.sweep_regrades()
    db.session.rollback()
    return regrade


def state(regrade: int) -> RegradeState:
    db.session.rollback()
    return db.session.get_one(Regrade, regrade).state


def percents() -> list[Decimal | None]:
    db.session.rollback()
    db.session.expire_all()
    return [attempt.percent for attempt in attempts()]


def told() -> int:
    kind = Notification.kind == NotificationKind.MARK_CHANGED
    return db.session.scalar(sa.select(sa.func.count(Notification.id)).where(kind)) or 0


THIRD, TWO_THIRDS = Decimal("33.33"), Decimal("66.67")
WORKED = {
    # Without question 3 the other three count a third each.
    "leave-out": (3, (100, TWO_THIRDS, TWO_THIRDS, THIRD, THIRD, 0), (4, 1, 0)),
    # Everybody who answered question 4 has it: 25 more for all but the first.
    "accept-all": (4, (100, 100, 75, 75, 50, 25), (5, 0, 2)),
    # The second option of question 1 is right, which only the last one chose.
    "new-key": (1, (75, 50, 25, 25, 0, 25), (6, 1, 0)),
}


@pytest.mark.parametrize("kind", WORKED)
def test_worked_figures(app: Flask, trainer: Learner, kind: str) -> None:
    number, after, (all_, fails, passes) = WORKED[kind]
    classes.sit(app, 1)
    proposal = new_key(number, 1) if kind == "new-key" else Proposal(CorrectionKind(kind))
    regrade = propose(trainer, proposal, number)
    jobs.sweep_regrades()
    assert state(regrade) is RegradeState.READY
    assert percents() == BEFORE  # nothing has changed yet
    assert db.session.scalars(sa.select(Correction)).all() == []
    counts = regrades.counts_of(regrade)
    assert (counts.all, counts.fails, counts.passes, counts.left) == (all_, fails, passes, all_)
    listed, more = regrades.listed(regrade, None, None)
    changed = [(b, a) for b, a in zip(BEFORE, after, strict=True) if a != b]
    assert [(row.percent_before, row.percent_after) for row in listed] == changed
    assert not more
    apply(trainer, regrade)
    jobs.sweep_regrades()
    assert state(regrade) is RegradeState.DONE
    assert percents() == list(after)
    assert told() == all_
    entries = db.session.scalars(sa.select(GradeChange).order_by(GradeChange.attempt_id)).all()
    assert [(e.percent_before, e.percent_after) for e in entries] == changed
    assert {(e.cause.value, e.reason) for e in entries} == {("regrade", "Kunci keliru")}
    assert [e.points_after is None for e in entries] == [kind == "leave-out"] * all_
    assert list(records.faults()) == []


def test_twice_is_once_and_back_again_is_what_was_published(app: Flask, trainer: Learner) -> None:
    classes.sit(app, 1)
    for _ in range(2):
        whole(trainer, Proposal(CorrectionKind.ACCEPT_ALL), 4)
    assert told() == 5
    whole(trainer, Proposal(CorrectionKind.LEAVE_OUT), 4)
    assert percents() == [100, 100, TWO_THIRDS, TWO_THIRDS, THIRD, 0]
    whole(trainer, Proposal(CorrectionKind.AS_PUBLISHED), 4)
    assert percents() == BEFORE
    assert list(records.faults()) == []


def test_two_corrections_of_a_quiz_stand_beside_each_other(app: Flask, trainer: Learner) -> None:
    classes.sit(app, 1)
    whole(trainer, Proposal(CorrectionKind.LEAVE_OUT), 3)
    whole(trainer, Proposal(CorrectionKind.ACCEPT_ALL), 4)
    # Of questions 1, 2 and 4: 3, 3, 3, 2, 2, 1 of 3.
    assert percents() == [100, 100, 100, TWO_THIRDS, TWO_THIRDS, THIRD]


def test_what_is_under_way_is_marked_with_it_when_it_is_sent(
    app: Flask, trainer: Learner, cast: Cast
) -> None:
    person = cast.person("learner")
    learner = Learner(person.id, person.uuid, person.name)
    with transaction():
        found = actions.enrol(learner, classes.course())
        attempt = actions.start_quiz(learner, found.uuid, classes.part("akhir"))
        for slot in quizzes.slots(attempt):
            wrong = slot.order.index(1) + 1
            actions.save_answer(attempt, slot.number, sent=[str(wrong)], seq=1)
    regrade = whole(trainer, new_key(1, 1), 1)
    assert state(regrade) is RegradeState.DONE
    assert regrades.counts_of(regrade).all == 0
    with transaction():
        actions.submit_quiz(learner, attempts()[0])
        actions.grade_quiz(attempts()[0])
    assert percents() == [25]
    assert told() == 0
    classes.answer(learner, "akhir", [0, 1, 1, 0])  # and what begins later
    assert percents() == [25, 75]


def test_who_was_graded_after_the_counting_is_not_left_out(app: Flask, trainer: Learner) -> None:
    regrade = propose(trainer, Proposal(CorrectionKind.ACCEPT_ALL), 4)
    jobs.sweep_regrades()
    classes.sit(app, 1)
    apply(trainer, regrade)
    jobs.sweep_regrades()
    assert percents() == [100, 100, 75, 75, 50, 25]
    assert (regrades.counts_of(regrade).all, regrades.counts_of(regrade).left) == (5, 0)


def test_chosen_ones_first_and_the_rest_later(app: Flask, trainer: Learner) -> None:
    classes.sit(app, 1)
    regrade = propose(trainer, Proposal(CorrectionKind.ACCEPT_ALL), 4)
    jobs.sweep_regrades()
    apply(trainer, regrade, attempts()[2:4])
    jobs.sweep_regrades()
    assert percents() == [100, 75, 75, 75, 25, 0]
    assert state(regrade) is RegradeState.READY
    assert (regrades.counts_of(regrade).left, told()) == (3, 2)
    with pytest.raises(DomainError, match="sekurangnya satu"):
        apply(trainer, regrade, attempts()[2:4])
    apply(trainer, regrade)
    jobs.sweep_regrades()
    assert state(regrade) is RegradeState.DONE
    assert percents() == [100, 100, 75, 75, 50, 25]
    assert told() == 5
    assert len(db.session.scalars(sa.select(Correction)).all()) == 1


def test_points_given_by_hand_stay(app: Flask, trainer: Learner, cast: Cast) -> None:
    classes.sit(app, 1)
    assert change(cast.person("head"), "0.5", number=4, attempt=5)  # 0 to 12.5
    whole(trainer, Proposal(CorrectionKind.ACCEPT_ALL), 4)
    assert percents() == [100, 100, 75, 75, 50, Decimal("12.5")]


def test_what_changed_otherwise_meanwhile_keeps_nothing_open(
    app: Flask, trainer: Learner, cast: Cast
) -> None:
    classes.sit(app, 1)
    regrade = propose(trainer, Proposal(CorrectionKind.ACCEPT_ALL), 4)
    jobs.sweep_regrades()
    head = actor_of(cast, "head")
    with transaction():
        voiding.void_attempt(head, attempts()[1], reason="Bekerja berdua")
    assert change(cast.person("head"), "1", number=4, attempt=2)
    apply(trainer, regrade)
    jobs.sweep_regrades()
    assert state(regrade) is RegradeState.DONE
    assert percents() == [100, 75, 75, 75, 50, 25]
    assert told() == 4  # by hand once, and three of the regrade


def test_nobody_regrades_their_own(app: Flask, trainer: Learner, cast: Cast) -> None:
    classes.answer(trainer, "akhir", NONE)
    regrade = whole(trainer, Proposal(CorrectionKind.ACCEPT_ALL), 4)
    assert percents() == [0]
    assert state(regrade) is RegradeState.READY
    other = cast.person("head")
    apply(Learner(other.id, other.uuid, other.name), regrade)
    jobs.sweep_regrades()
    assert percents() == [25]
    assert state(regrade) is RegradeState.DONE
    assert db.session.scalars(sa.select(GradeChange)).one().by_id == other.id


def test_completion_follows_and_is_told_before(trainer: Learner, cast: Cast) -> None:
    person = cast.person("learner")
    study(Learner(person.id, person.uuid, person.name), [0, 1, 1, 1])
    regrade = propose(trainer, new_key(2, 1), 2)
    jobs.sweep_regrades()
    [row], _ = regrades.listed(regrade, Narrowed.REOPENS, None)
    assert (row.effect, row.passed_before, row.passed_after) == (RegradeEffect.REOPENS, True, False)
    apply(trainer, regrade)
    jobs.sweep_regrades()
    db.session.rollback()
    assert enrolment().state is EnrolmentState.OPEN
    assert (hours(), standing(Completion)) == (0, [])
    whole(trainer, Proposal(CorrectionKind.AS_PUBLISHED), 2)
    assert enrolment().state is EnrolmentState.COMPLETED
    assert (hours(), len(certificates())) == (2, 2)
    regrade = propose(trainer, Proposal(CorrectionKind.ACCEPT_ALL), 1)
    jobs.sweep_regrades()
    [row], _ = regrades.listed(regrade, None, None)
    assert row.effect is RegradeEffect.RESCORES


def test_with_two_attempts_the_effect_is_that_of_both(trainer: Learner, cast: Cast) -> None:
    person = cast.person("learner")
    study(Learner(person.id, person.uuid, person.name), [1, 1, 1, 0], [1, 1, 1, 0])
    regrade = propose(trainer, new_key(1, 1), 1)
    jobs.sweep_regrades()
    rows, _ = regrades.listed(regrade, None, None)
    assert [row.effect for row in rows] == [RegradeEffect.REOPENS] * 2
    # Each by itself would leave the other, which is the best one then.
    apply(trainer, regrade, [attempts()[0]])
    jobs.sweep_regrades()
    db.session.rollback()
    assert enrolment().state is EnrolmentState.COMPLETED


def test_something_must_be_left_to_count(trainer: Learner) -> None:
    for number in (1, 2, 3):
        whole(trainer, Proposal(CorrectionKind.LEAVE_OUT), number)
    with pytest.raises(DomainError, match="harus tetap dinilai"):
        propose(trainer, Proposal(CorrectionKind.LEAVE_OUT), 4)


def test_one_at_a_time_and_discarded(app: Flask, trainer: Learner) -> None:
    classes.sit(app, 1)
    regrade = propose(trainer, Proposal(CorrectionKind.ACCEPT_ALL), 4)
    with pytest.raises(DomainError, match="sedang berjalan"):
        propose(trainer, Proposal(CorrectionKind.LEAVE_OUT), 4)
    with pytest.raises(DomainError, match="belum selesai dihitung"):
        apply(trainer, regrade)
    for _ in range(2):
        with transaction():
            regrading.discard(db.session.get_one(Regrade, regrade))
    jobs.sweep_regrades()
    assert state(regrade) is RegradeState.DISCARDED
    assert percents() == BEFORE
    assert in_force("akhir", [question(4)]) == {}
    again = whole(trainer, Proposal(CorrectionKind.ACCEPT_ALL), 4)
    with transaction():
        regrading.discard(db.session.get_one(Regrade, again))
    assert state(again) is RegradeState.DONE


def test_a_reason_is_needed(trainer: Learner) -> None:
    with pytest.raises(DomainError, match="alasan"):
        propose(trainer, Proposal(CorrectionKind.ACCEPT_ALL), 1, reason=" ")


def test_it_holds_in_the_next_version_while_the_question_is_the_same(
    trainer: Learner, cast: Cast, tmp_path: Path
) -> None:
    whole(trainer, new_key(1, 1), 1)
    changed = classes.QUESTIONS.replace("Soal nomor 2?", "Soal kedua?")
    import_course(write_course(tmp_path, final=changed, settings=classes.SETTINGS))
    person = cast.person("learner")
    classes.answer(Learner(person.id, person.uuid, person.name), "akhir", [0, 1, 1, 1])
    assert percents() == [100]


def test_figures_are_counted_anew(app: Flask, trainer: Learner) -> None:
    classes.sit(app, 1)
    jobs.count_course(classes.course().id)
    whole(trainer, Proposal(CorrectionKind.ACCEPT_ALL), 4)
    assert db.session.scalars(sa.select(CourseAnalysis.asked_at)).one() is not None
    jobs.sweep_analyses()
    figures = analysis_of(classes.course().id).figures
    assert figures is not None
    told = next(quiz for quiz in figures.quizzes if quiz.key == "akhir")
    assert told.statistics is not None
    assert told.statistics.mean == pytest.approx((100 + 100 + 75 + 75 + 50 + 25) / 6)
    item = next(item for item in told.items if item.question_id == question(4))
    assert item.statistics.facility == 1


def test_a_kill_in_the_middle_leaves_nothing_undone_and_nobody_told_twice(
    app: Flask, trainer: Learner, monkeypatch: pytest.MonkeyPatch
) -> None:
    classes.sit(app, 2)
    regrade = propose(trainer, Proposal(CorrectionKind.ACCEPT_ALL), 4)
    monkeypatch.setattr(regrading, "BATCH", 3)
    follow, calls = marks.follow, []

    class Killed(BaseException):
        pass

    def dies(*args: object) -> None:
        calls.append(1)
        if len(calls) in (2, 5):
            raise Killed
        follow(*args)  # type: ignore[arg-type]  # passed on

    jobs.sweep_regrades()
    apply(trainer, regrade)
    with monkeypatch.context() as patch:
        patch.setattr(marks, "follow", dies)
        for _ in range(2):
            with pytest.raises(Killed):
                jobs.sweep_regrades()
            db.session.rollback()
    jobs.sweep_regrades()
    assert state(regrade) is RegradeState.DONE
    assert percents() == [100, 100, 75, 75, 50, 25] * 2
    assert told() == 10
    assert db.session.scalar(sa.select(sa.func.count(GradeChange.id))) == 10
    assert regrades.counts_of(regrade).left == 0


def test_one_that_is_stopped_in_the_middle_of_a_batch_changes_no_more(
    app: Flask, trainer: Learner, monkeypatch: pytest.MonkeyPatch
) -> None:
    classes.sit(app, 1)
    regrade = propose(trainer, Proposal(CorrectionKind.ACCEPT_ALL), 4)
    jobs.sweep_regrades()
    apply(trainer, regrade)
    remark, seen = regrading._remark, []

    def then_stopped(row: Regrade, attempt: int) -> None:
        remark(row, attempt)
        seen.append(attempt)
        if len(seen) == 2:
            regrading.stop(trainer, row)

    with monkeypatch.context() as patch:
        patch.setattr(regrading, "_remark", then_stopped)
        jobs.sweep_regrades()
    assert len(seen) == 5
    assert state(regrade) is RegradeState.READY
    assert percents() == [100, 100, 75, 50, 25, 0]
    assert (told(), regrades.counts_of(regrade).left) == (2, 3)
    apply(trainer, regrade)
    jobs.sweep_regrades()
    assert percents() == [100, 100, 75, 75, 50, 25]
    assert told() == 5


def test_one_that_fails_keeps_nobody_waiting(
    app: Flask, trainer: Learner, monkeypatch: pytest.MonkeyPatch
) -> None:
    classes.sit(app, 1)
    regrade = propose(trainer, Proposal(CorrectionKind.ACCEPT_ALL), 4)
    jobs.sweep_regrades()
    apply(trainer, regrade)
    follow, broken = marks.follow, attempts()[2].id

    def fails(enrolment: object, before: object, change: GradeChange) -> None:
        if change.attempt_id == broken:
            raise RuntimeError("broken")
        follow(enrolment, before, change)  # type: ignore[arg-type]  # passed on

    with monkeypatch.context() as patch:
        patch.setattr(marks, "follow", fails)
        jobs.sweep_regrades()
    assert percents() == [100, 100, 50, 75, 50, 25]
    assert state(regrade) is RegradeState.READY
    apply(trainer, regrade)
    jobs.sweep_regrades()
    assert percents() == [100, 100, 75, 75, 50, 25]
    assert told() == 5


def test_the_best_of_what_a_full_list_says(app: Flask, trainer: Learner) -> None:
    classes.sit(app, 6)
    regrade = propose(trainer, Proposal(CorrectionKind.ACCEPT_ALL), 4)
    jobs.sweep_regrades()
    rows, more = regrades.listed(regrade, None, None)
    assert (len(rows), more) == (25, True)
    rest, more = regrades.listed(regrade, None, rows[-1].attempt_id)
    assert (len(rest), more) == (5, False)
    assert len(list(regrades.all_listed(regrade, None))) == 30
    assert len(list(regrades.all_listed(regrade, Narrowed.PASSES))) == 12


def test_several_right_options(trainer: Learner) -> None:
    view = quizzes.questions([question(1)])[question(1)]
    either = keys.with_right(view.kind, view.options, {0, 1})
    assert [o.weight for o in either] == [100, 100, 0]
