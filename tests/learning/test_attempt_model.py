"""Random sequences of everything that can happen to attempts, against a simple model of them."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from random import Random

import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from hypothesis.stateful import run_state_machine_as_test as run

from lms.accounts.models import Person
from lms.accounts.queries import DEFAULT_ZONE
from lms.core import clock
from lms.core.access import EVERYBODY
from lms.core.db import db, transaction
from lms.core.errors import DomainError
from lms.courses import queries as courses
from lms.courses.models import Course
from lms.demo.past import Learner
from lms.learning import actions, jobs
from lms.learning.actions import allowing, regrading
from lms.learning.models import Enrolment, QuizAllowance, Regrade, TimeRight
from lms.learning.queries import allowances
from lms.learning.rules import EnrolmentState, RegradeState
from lms.quizzes import actions as quizzes
from lms.quizzes import keys, queries
from lms.quizzes.actions import correcting
from lms.quizzes.models import Attempt
from lms.quizzes.queries import QuestionView, corrections
from lms.quizzes.queries.corrections import Proposal
from lms.quizzes.rules import CorrectionKind
from tests.cast import Cast
from tests.sample_course import import_course, write_course

NINE = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
WAIT, GRACE = timedelta(minutes=10), timedelta(seconds=60)
CLOSES = NINE + timedelta(minutes=100)  # 10.40 WIB
NEXT_DAY = date(2026, 11, 20)  # to its end, in WIB
NEXT_CLOSE = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
IN_TWO_WEEKS = datetime(2026, 12, 4, 17, 0, tzinfo=UTC)  # to the end of the day, in WIB
ATTEMPTS = 4
PASS = 70
AS_PUBLISHED, LEAVE_OUT = CorrectionKind.AS_PUBLISHED, CorrectionKind.LEAVE_OUT
# By question: the weights that were published, and with another key.
WEIGHTS = ((100, 0, 0), (50, 50, -50, -50), (0, 100))
OTHER_KEY = ({1}, {0, 2}, {0})
OTHER_WEIGHTS = ((0, 100, 0), (50, -50, 50, -50), (100, 0))
SETTINGS = "closes = 2026-11-20T10:40:00\nwait = 10\n"
# Question, number of the save, option as shown: few of each, so that saves often meet.
SAVES = st.tuples(st.integers(1, 2), st.integers(1, 3), st.sampled_from([(0,), (1,), ()]))


def points(at: int, chosen: list[int], kind: CorrectionKind) -> Fraction:
    """What an answer to a question earns, worked out by itself."""
    if kind is CorrectionKind.ACCEPT_ALL:
        return Fraction(bool(chosen))
    weights = OTHER_WEIGHTS if kind is CorrectionKind.NEW_KEY else WEIGHTS
    return max(Fraction(0), Fraction(sum(weights[at][each] for each in chosen), 100))


@dataclass
class Expected:
    """An attempt as it ought to be. `saved` is (seq, what was sent) by question."""

    started: datetime
    end: datetime
    saved: dict[int, tuple[int, tuple[int, ...]]] = field(default_factory=dict)
    submitted: datetime | None = None
    graded: bool = False
    marked: dict[int, CorrectionKind] = field(default_factory=dict)  # by question, once graded


class Attempts(RuleBasedStateMachine):
    """One learner at one quiz. The stage is set by the test, once for all sequences."""

    learner: Learner
    trainer: Learner
    quiz_id: int

    def __init__(self) -> None:
        super().__init__()
        self.now = NINE
        clock.set_clock(lambda: self.now)
        self.expected: list[Expected] = []
        self.sent: list[tuple[int, int, tuple[int, ...]]] = []  # of the attempt that goes on
        self.extra, self.more, self.closes, self.percent = 0, 0, CLOSES, 100
        self.kinds: dict[int, CorrectionKind] = {}  # the corrections that hold, by question
        with transaction():
            # What went before belongs to another enrolment, and counts for nothing here.
            for row in db.session.scalars(sa.select(Enrolment)):
                row.state = EnrolmentState.WITHDRAWN
            for attempt in db.session.scalars(sa.select(Attempt)):
                attempt.submitted_at = attempt.submitted_at or NINE
                attempt.graded_at, attempt.voided_at = attempt.graded_at or NINE, NINE
            for model in (QuizAllowance, TimeRight):
                db.session.execute(sa.delete(model))
            course = self.course()
            by = db.session.get_one(Person, self.trainer.person_id)
            for question in corrections.in_force("akhir", self.questions()):
                correcting.add_correction(
                    by, course.uuid, "akhir", question, Proposal(AS_PUBLISHED), reason="Dari awal"
                )
            self.holder = actions.enrol(self.learner, course).uuid

    def teardown(self) -> None:
        db.session.remove()
        clock.set_clock(None)

    # ── What can happen ──────────────────────────────────────────────────────────────────────

    @rule(seconds=st.sampled_from([1, 59, 600, 3000]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @precondition(lambda self: self.expected)
    @rule(seconds=st.sampled_from([-1, 0, 59, 60, 61]))
    def time_comes_to_the_end_of_an_attempt(self, seconds: int) -> None:
        self.now = max(self.now, self.expected[-1].end + timedelta(seconds=seconds))

    @precondition(lambda self: self.expected and self.expected[-1].submitted)
    @rule(seconds=st.sampled_from([-1, 0]))
    def time_comes_to_the_end_of_the_wait(self, seconds: int) -> None:
        ended = self.expected[-1].submitted
        assert ended is not None
        self.now = max(self.now, ended + WAIT + timedelta(seconds=seconds))

    @initialize()
    def begin(self) -> None:
        self.start(0)

    @rule(seed=st.integers(0, 3))
    def start(self, seed: int) -> None:
        may = self.may_start()
        running = self.running()
        part = courses.outline(self.version()).part("akhir")
        try:
            with transaction():
                number = actions.start_quiz(self.learner, self.holder, part, Random(seed)).number
        except DomainError:
            assert not may
            assert running is None
            return
        assert number == len(self.expected) + (running is None)
        if running is None:
            assert may
            self.expected.append(Expected(self.now, self.end_of(self.now)))
            self.sent = []

    @precondition(lambda self: self.expected)
    @rule(saves=st.lists(SAVES, min_size=1, max_size=6))
    def save(self, saves: list[tuple[int, int, tuple[int, ...]]]) -> None:
        for number, seq, shown in saves:
            self.send(number, seq, shown)

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def send_again_or_late(self, data: st.DataObject) -> None:
        """A save that was sent before arrives once more, after whatever came since."""
        self.send(*data.draw(st.sampled_from(self.sent)))

    @precondition(lambda self: self.expected)
    @rule()
    def submit(self) -> None:
        last = self.expected[-1]
        with transaction():
            done = quizzes.submit_attempt(self.rows()[-1])
        assert done is (last.submitted is None)
        if last.submitted is None:
            last.submitted = min(self.now, last.end)

    @precondition(lambda self: self.expected)
    @rule()
    def grade(self) -> None:
        last = self.expected[-1]
        with transaction():
            done = quizzes.grade_attempt(self.rows()[-1])
        assert done is (last.submitted is not None and not last.graded)
        if done:
            self.note_graded(last)

    @rule()
    def sweep(self) -> None:
        jobs.sweep_attempts()
        for each in self.expected:
            if each.submitted is None and self.now > each.end + GRACE:
                each.submitted = each.end
            if each.submitted is not None and not each.graded:
                self.note_graded(each)

    @rule(extra=st.sampled_from([0, 7]), more=st.sampled_from([0, 1]), later=st.booleans())
    def somebody_allows_more(self, extra: int, more: int, later: bool) -> None:
        course = self.course()
        part = courses.outline(self.version()).part("akhir")
        try:
            with transaction():
                gift = allowing.checked_gift(
                    self.trainer, part, extra_time=extra, extra_attempts=more,
                    closes_on=NEXT_DAY if later else None, reason="Listrik padam",
                )  # fmt: skip
                by = db.session.get_one(Person, self.trainer.person_id)
                count = allowing.allow(by, course, part.key, [self.holder], gift)
        except DomainError:
            assert not (extra or more or later) or (later and self.now >= NEXT_CLOSE)
            return
        assert count == 1
        self.extra, self.more = extra, more
        self.closes = NEXT_CLOSE if later else CLOSES
        self.lengthen()

    @rule()
    def what_was_allowed_ends(self) -> None:
        with transaction():
            for row in db.session.scalars(sa.select(QuizAllowance)):
                allowing.end_allowance(self.trainer, row)
        self.extra, self.more, self.closes = 0, 0, CLOSES

    @rule(percent=st.sampled_from([0, 133, 150]))
    def the_right_to_more_time_changes(self, percent: int) -> None:
        with transaction():
            person = db.session.get_one(Person, self.learner.person_id)
            if percent:
                allowing.grant_time(self.trainer, person, percent=percent, reason="Hak tetap")
            else:
                allowing.end_time(self.trainer, person)
        self.percent = percent or 100
        if percent:
            self.lengthen()

    @rule(at=st.integers(0, 2), kind=st.sampled_from(list(CorrectionKind)))
    def somebody_corrects_a_question(self, at: int, kind: CorrectionKind) -> None:
        question, view = self.questions()[at], self.views()[at]
        out = {id_ for id_, each in self.kinds.items() if each is LEAVE_OUT} - {question}
        proposal = Proposal(kind)
        if kind is CorrectionKind.NEW_KEY:
            proposal = Proposal(kind, keys.with_right(view.kind, view.options, OTHER_KEY[at]))
        try:
            with transaction():
                regrade = regrading.propose(
                    self.trainer, self.course(), "akhir", question, proposal, reason="Keliru"
                ).id
        except DomainError:
            assert kind is LEAVE_OUT
            assert len(out) == 2
            return
        jobs.sweep_regrades()
        before = self.marks()
        with transaction():
            regrading.apply(self.trainer, db.session.get_one(Regrade, regrade))
        jobs.sweep_regrades()
        assert db.session.get_one(Regrade, regrade).state is RegradeState.DONE
        self.kinds[question] = kind
        for n, each in enumerate(self.expected):
            if each.graded:
                each.marked[question] = kind
                mark = self.mark(self.rows()[n], each)
                self.note_marks(before, [*before[:n], mark, *before[n + 1 :]])
                before[n] = mark

    # ── What must hold ───────────────────────────────────────────────────────────────────────

    @invariant()
    def the_database_agrees_with_the_model(self) -> None:
        db.session.remove()
        rows = self.rows()
        assert [row.number for row in rows] == list(range(1, len(self.expected) + 1))
        for row, expected in zip(rows, self.expected, strict=True):
            assert (row.started_at, row.deadline_at) == (expected.started, expected.end)
            assert row.submitted_at == expected.submitted
            assert row.graded_at is not None or not expected.graded
            assert row.percent == (self.mark(row, expected) if expected.graded else None)
            slots = {slot.question_id: slot for slot in queries.slots(row)}
            found = {
                slots[id_].number: (each.seq, tuple(map(slots[id_].order.index, each.value)))
                for id_, each in queries.answers_of(row.id).items()
            }
            assert found == expected.saved
        db.session.remove()

    @invariant()
    def it_is_told_whether_another_may_begin(self) -> None:
        version = self.version()
        allowance = allowances.allowance_of(
            self.learner.person_id, version.course_id, "akhir", None
        )
        part = allowances.with_allowance(courses.outline(version).part("akhir"), allowance)
        verdict = queries.may_start(part.limits, self.rows(), self.now)
        if self.running() is None:
            assert verdict.allowed is self.may_start()
        assert verdict.left == max(0, ATTEMPTS + self.more - len(self.expected))
        db.session.remove()

    # ── The model ────────────────────────────────────────────────────────────────────────────

    def running(self) -> Expected | None:
        last = self.expected[-1] if self.expected else None
        return last if last is not None and last.submitted is None else None

    def end_of(self, started: datetime) -> datetime:
        """Of an attempt that began then; 133 percent of 20 minutes are 27, rounded up."""
        minutes = {100: 20, 133: 27, 150: 30}[self.percent] + self.extra
        return min(started + timedelta(minutes=minutes), self.closes)

    def lengthen(self) -> None:
        """What was allowed holds for an attempt that goes on, unless its time is over."""
        running = self.running()
        if running is not None and self.now < running.end:
            running.end = max(running.end, self.end_of(running.started))

    def note_graded(self, attempt: Expected) -> None:
        attempt.graded, attempt.marked = True, dict(self.kinds)

    def mark(self, row: Attempt, expected: Expected) -> Decimal:
        """The score of an attempt, worked out by itself."""
        earned = []
        for slot in queries.slots(row):
            at = self.questions().index(slot.question_id)
            shown = expected.saved.get(slot.number, (0, ()))[1]
            kind = expected.marked.get(slot.question_id, AS_PUBLISHED)
            if kind is not LEAVE_OUT:
                earned.append(points(at, [slot.order[each] for each in shown], kind))
        mean = sum(earned, Fraction(0)) / len(earned) * 100
        exact = Decimal(mean.numerator) / Decimal(mean.denominator)
        return exact.quantize(Decimal("0.01"), ROUND_HALF_UP)

    def marks(self) -> list[Decimal | None]:
        rows = zip(self.rows(), self.expected, strict=True)
        return [self.mark(row, each) if each.graded else None for row, each in rows]

    def note_marks(self, before: list[Decimal | None], after: list[Decimal | None]) -> None:
        """Whoever had passed by the best attempt and has not any more may try again."""
        best = [max((m for m in marks if m is not None), default=Decimal(0))
                for marks in (before, after)]  # fmt: skip
        if not best[0] >= PASS > best[1]:
            return
        last = self.expected[-1]
        ended = last.submitted or (last.end if self.now >= last.end else None)
        left = ATTEMPTS + self.more - len(self.expected)
        waits = ended is not None and self.now < ended + WAIT
        in_vain = left > 0 and waits and ended is not None and ended + WAIT >= self.closes
        if self.now >= self.closes or in_vain:
            self.closes = IN_TWO_WEEKS
        self.more += left <= 0

    def may_start(self) -> bool:
        if self.now >= self.closes or len(self.expected) >= ATTEMPTS + self.more:
            return False
        last = self.expected[-1] if self.expected else None
        return last is None or (last.submitted is not None and self.now >= last.submitted + WAIT)

    def send(self, number: int, seq: int, shown: tuple[int, ...]) -> None:
        last = self.expected[-1]
        is_open = last.submitted is None and self.now <= last.end + GRACE
        self.sent.append((number, seq, shown))
        try:
            with transaction():
                result = actions.save_answer(
                    self.rows()[-1], number, sent=[str(i + 1) for i in shown], seq=seq
                )
        except DomainError:
            assert not is_open
            return
        assert is_open
        before = last.saved.get(number, (0, ()))
        if seq > before[0]:
            last.saved[number] = (seq, shown)
        stored = (result.seq, tuple(int(each) - 1 for each in result.sent))
        assert stored == last.saved[number]

    # ── The stage ────────────────────────────────────────────────────────────────────────────

    def rows(self) -> list[Attempt]:
        return queries.attempts_of(self.holder, "akhir")

    def course(self) -> Course:
        course = courses.course_by_slug("melayani")
        assert course is not None
        return course

    def questions(self) -> list[int]:
        """Ids of the questions, in the order of the course."""
        part = courses.outline(self.version()).part("akhir")
        assert part.quiz_id is not None
        return queries.question_ids_of(part.quiz_id)

    def views(self) -> list[QuestionView]:
        views = queries.questions(self.questions())
        return [views[id_] for id_ in self.questions()]

    def version(self) -> courses.VersionView:
        course = self.course()
        assert course.current_version is not None
        return courses.version_view(course.current_version.uuid, course.current_version.id)


def test_whatever_happens_attempts_are_as_the_model_says(
    context: Flask, cast: Cast, tmp_path: Path
) -> None:
    import_course(write_course(tmp_path, settings=SETTINGS, time_limit=20, attempts=ATTEMPTS))
    person = cast.person("learner")
    trainer = cast.person("stranger")
    Attempts.trainer = Learner(trainer.id, trainer.uuid, trainer.name, DEFAULT_ZONE, EVERYBODY)
    Attempts.learner = Learner(person.id, person.uuid, person.name, DEFAULT_ZONE, EVERYBODY)
    db.session.remove()
    run(
        Attempts,
        settings=settings(
            max_examples=50,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
