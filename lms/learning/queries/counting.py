"""Counting over all learners of a course: memory stays flat however many there are, but for the
newest first attempts of each quiz, which are compared with one another."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, bindparam, select

from lms.core.db import read
from lms.courses import queries as courses
from lms.courses.models import CourseVersion
from lms.courses.queries import Outline, Part, VersionView
from lms.learning import queries
from lms.learning.models import ActivityProgress, CourseRun, Enrolment, LessonDone
from lms.learning.queries import EnrolmentView, Learning
from lms.learning.queries.analytics import (
    Counted,
    CourseFigures,
    GainFigures,
    ItemFigures,
    PartFigures,
    QuizFigures,
)
from lms.learning.rules import EnrolmentState
from lms.quizzes import queries as quizzes
from lms.quizzes import statistics
from lms.quizzes.marking import CHOICES, TYPED, Marking, Value, fraction, right_value, stems
from lms.quizzes.models import Answer, Attempt
from lms.quizzes.queries import QuestionView, corrections
from lms.quizzes.rules import CorrectionKind, QuestionKind
from lms.quizzes.statistics import ItemStatistics, QuizStatistics

BATCH = 500
QUIET = timedelta(days=14)
MOST_ATTEMPTS = 10_000  # of a quiz: about 200 bytes for each answer
MOST_TYPED = 8  # answers that are told of a question
TYPED_BY = 2  # learners who must have typed the same: what one alone wrote may name somebody

_ENROLMENTS = (
    select(
        Enrolment.id,
        Enrolment.uuid,
        Enrolment.state,
        Enrolment.done_parts,
        Enrolment.final_score,
        Enrolment.last_active_at,
        Enrolment.started_at,
        Enrolment.version_id,
        Enrolment.run_id,
        CourseVersion.uuid.label("version_uuid"),
    )
    .join(CourseVersion, Enrolment.version_id == CourseVersion.id)
    .where(Enrolment.course_id == bindparam("course_id"), Enrolment.id > bindparam("after"))
    .order_by(Enrolment.id)
    .limit(BATCH)
)
_DONE = select(LessonDone.enrolment_id, LessonDone.activity_key).where(
    LessonDone.enrolment_id.in_(bindparam("ids", expanding=True))
)
_PROGRESS = select(
    ActivityProgress.enrolment_id, ActivityProgress.activity_key, ActivityProgress.seconds
).where(ActivityProgress.enrolment_id.in_(bindparam("ids", expanding=True)))
_ATTEMPTS = (
    select(
        Attempt.id,
        Attempt.holder,
        Attempt.quiz_key,
        Attempt.number,
        Attempt.percent,
        Attempt.started_at,
        Attempt.submitted_at,
        Attempt.graded_at,
        Attempt.waits_since,
    )
    .where(Attempt.holder.in_(bindparam("holders", expanding=True)), Attempt.voided_at.is_(None))
    .order_by(Attempt.holder, Attempt.quiz_key, Attempt.number)
)
_LAYOUTS = select(Attempt.id, Attempt.layout, Attempt.percent, Attempt.corrected).where(
    Attempt.id.in_(bindparam("ids", expanding=True))
)
_ANSWERS = select(Answer.attempt_id, Answer.question_id, Answer.value, Answer.fraction).where(
    Answer.attempt_id.in_(bindparam("ids", expanding=True))
)


_RUNS = select(CourseRun.id).where(CourseRun.course_id == bindparam("course_id"))


def count_course(course_id: int, version: VersionView, now: datetime) -> Counted:
    """Everything that is told of a course and its learners, and of each of its cohorts, with the
    parts of one version."""
    outline = courses.outline(version)
    tally = _Tally(outline, now)
    cohorts = {row.id: _Tally(outline, now) for row in read(_RUNS, course_id=course_id)}
    for batch in _batches(course_id):
        for row, standing in zip(batch, standings(batch), strict=True):
            tally.add(row, standing)
            if row.run_id in cohorts:  # one begun in the meantime is for the next count
                cohorts[row.run_id].add(row, standing)
    return Counted(tally.figures(), {id_: each.figures() for id_, each in cohorts.items()})


def _batches(course_id: int) -> Iterator[Sequence[Row[Any]]]:
    after = 0
    while rows := read(_ENROLMENTS, course_id=course_id, after=after).all():
        yield rows
        after = rows[-1].id


@dataclass(frozen=True)
class Standing:
    """Where a learner stands, with the seconds spent by part and the attempts taken, the first one
    of each quiz first."""

    learning: Learning
    spent: Mapping[str, int]
    taken: Sequence[Any]

    @property
    def first(self) -> list[Any]:
        """The first attempt at each quiz."""
        return list({attempt.quiz_key: attempt for attempt in reversed(self.taken)}.values())

    @property
    def begun(self) -> set[str]:
        """Keys of the parts that were opened and worked on."""
        return {*self.learning.done, *self.spent, *(a.quiz_key for a in self.taken)}


def standings(batch: Sequence[Row[Any]]) -> Iterator[Standing]:
    """Of each row in turn, which has the columns of an `EnrolmentView` and of its version; three
    queries for all of them."""
    ids = [row.id for row in batch]
    done: dict[int, set[str]] = defaultdict(set)
    for enrolment_id, key in read(_DONE, ids=ids):
        done[enrolment_id].add(key)
    spent: dict[int, dict[str, int]] = defaultdict(dict)
    for enrolment_id, key, seconds in read(_PROGRESS, ids=ids):
        spent[enrolment_id][key] = seconds
    taken = defaultdict(list)
    for attempt in read(_ATTEMPTS, holders=[row.uuid for row in batch]):
        taken[attempt.holder].append(attempt)
    for row in batch:
        version = courses.version_view(row.version_uuid, row.version_id)
        view = EnrolmentView(
            row.id, row.uuid, row.state, row.done_parts, row.final_score, version, row.started_at
        )
        graded = [
            (a.quiz_key, a.number, a.percent)
            for a in taken[row.uuid]
            if a.graded_at is not None or a.waits_since is not None
        ]
        learning = queries.learning_from(view, lessons_done=done[row.id], graded=graded)
        yield Standing(learning, spent[row.id], taken[row.uuid])


@dataclass
class _PartTally:
    begun: int = 0
    done: int = 0
    stopped: int = 0
    minutes: Counter[int] = field(default_factory=Counter)  # tenths of a minute


@dataclass
class _GainTally:
    count: int = 0
    before: Decimal = Decimal(0)
    after: Decimal = Decimal(0)


class _Tally:
    """Counts while the learners pass by."""

    def __init__(self, outline: Outline, now: datetime) -> None:
        self.outline, self.quiet_since = outline, now - QUIET
        self.learners = self.completed = self.quiet = self.withdrawn = 0
        self.scores: Counter[Decimal] = Counter()
        self.parts = {part.key: _PartTally() for part in outline.parts}
        self.gains = {part.key: _GainTally() for part in outline.parts if part.pretest}
        self.first: dict[str, deque[int]] = {
            part.key: deque(maxlen=MOST_ATTEMPTS) for part in outline.parts if part.quiz_id
        }
        self.counts: Counter[str] = Counter()

    def add(self, row: Any, standing: Standing) -> None:
        if row.state is EnrolmentState.WITHDRAWN:
            self.withdrawn += 1
            return
        self.learners += 1
        self._add_state(row, standing.learning)
        self._add_parts(standing)
        for attempt in standing.first:
            if attempt.graded_at and attempt.quiz_key in self.first:
                self.first[attempt.quiz_key].append(attempt.id)
                self.counts[attempt.quiz_key] += 1

    def _add_state(self, row: Any, learning: Learning) -> None:
        if row.state is EnrolmentState.COMPLETED:
            self.completed += 1
            if row.final_score is not None:
                self.scores[row.final_score] += 1
        elif row.last_active_at < self.quiet_since:
            self.quiet += 1
            part = learning.next_part
            if part is not None and part.key in self.parts:
                self.parts[part.key].stopped += 1
        for part in self.outline.parts:
            if part.pretest in learning.first_scores and part.key in learning.scores:
                gain = self.gains[part.key]
                gain.count += 1
                gain.before += learning.first_scores[part.pretest]
                gain.after += learning.scores[part.key]

    def _add_parts(self, standing: Standing) -> None:
        begun, spent = standing.begun, standing.spent
        for key, tally in self.parts.items():
            tally.begun += key in begun
            tally.done += key in standing.learning.done
            if spent.get(key):
                tally.minutes[spent[key] // 6] += 1
        for attempt in standing.first:
            if attempt.submitted_at and attempt.quiz_key in self.parts:
                length = attempt.submitted_at - attempt.started_at
                self.parts[attempt.quiz_key].minutes[int(length / timedelta(seconds=6))] += 1

    def figures(self) -> CourseFigures:
        total = sum(self.scores.values())
        mean = sum(score * count for score, count in self.scores.items()) / total if total else None
        return CourseFigures(
            learners=self.learners,
            completed=self.completed,
            quiet=self.quiet,
            withdrawn=self.withdrawn,
            scores=tuple(statistics.histogram(float(s) for s in self.scores.elements())),
            mean_score=None if mean is None else float(mean),
            parts=tuple(self._part(part) for part in self.outline.parts),
            quizzes=tuple(self._quiz(part) for part in self.outline.parts if part.quiz_id),
        )

    def _part(self, part: Part) -> PartFigures:
        tally = self.parts[part.key]
        return PartFigures(
            key=part.key,
            begun=tally.begun,
            done=tally.done,
            stopped=tally.stopped,
            minutes=_median(tally.minutes),
            timed=sum(tally.minutes.values()),
        )

    def _quiz(self, part: Part) -> QuizFigures:
        gain = self.gains.get(part.key)
        ids = list(self.first[part.key])
        return count_quiz(
            part,
            ids,
            is_cut=self.counts[part.key] > len(ids),
            gain=GainFigures(
                gain.count, float(gain.before / gain.count), float(gain.after / gain.count)
            )
            if gain and gain.count
            else None,
        )


def _median(tenths: Counter[int]) -> float | None:
    """Of lengths counted in tenths of a minute, in minutes."""
    total, seen = sum(tenths.values()), 0
    found: list[int] = []
    for length in sorted(tenths):
        seen += tenths[length]
        if seen * 2 >= total and not found:
            found.append(length)
        if seen * 2 > total:
            found.append(length)
            break
    return (found[0] + found[-1]) / 20 if found else None


# ── One quiz ─────────────────────────────────────────────────────────────────────────────────


def count_quiz(
    part: Part, ids: Sequence[int], *, is_cut: bool, gain: GainFigures | None
) -> QuizFigures:
    """A quiz over these attempts: the questions that it asks today, and those that it asked in
    earlier versions."""
    assert part.quiz_id is not None
    quiz = quizzes.quiz_by_id(part.quiz_id)
    asked = quizzes.question_ids_of(part.quiz_id)
    views = corrections.as_corrected(part.key, quizzes.questions(asked))
    tally = _QuizTally(part.key, views, quizzes.marking_of(quiz))
    for start in range(0, len(ids), BATCH):
        tally.add(ids[start : start + BATCH])
    told = statistics.item_statistics(tally.attempts, tally.beside)
    return QuizFigures(
        key=part.key,
        statistics=tally.summary(),
        histogram=tuple(statistics.histogram(tally.percents)),
        is_cut=is_cut,
        gain=gain,
        items=tuple(tally.item(id_, told[id_]) for id_ in asked if id_ in told),
        earlier=tuple(tally.item(id_, told[id_]) for id_ in sorted(told.keys() - set(asked))),
    )


class _QuizTally:
    """`attempts` are the questions that count in each attempt, `beside` those that were left out
    of it by a correction, with their fractions."""

    def __init__(self, key: str, views: dict[int, QuestionView], settings: Marking) -> None:
        self.key, self.views, self.settings = key, views, settings
        self.attempts: list[dict[int, float]] = []
        self.beside: list[dict[int, float]] = []
        self.percents: list[float] = []
        self.chosen: dict[int, Counter[int]] = defaultdict(Counter)
        self.typed: dict[int, Counter[str]] = defaultdict(Counter)
        self.open: Counter[int] = Counter()

    def add(self, ids: Sequence[int]) -> None:
        answers: dict[int, dict[int, Any]] = defaultdict(dict)
        for row in read(_ANSWERS, ids=ids):
            answers[row.attempt_id][row.question_id] = row
        rows = read(_LAYOUTS, ids=ids).all()
        self._know({question_id for _, layout, _, _ in rows for question_id, _ in layout})
        for attempt_id, layout, percent, corrected in rows:
            given = answers[attempt_id]
            asked = [question_id for question_id, _order in layout]
            earned = {q: float(given[q].fraction or 0) if q in given else 0.0 for q in asked}
            left_out = {
                q for q in asked
                if corrected.get(str(q), {}).get("kind") == CorrectionKind.LEAVE_OUT
            }  # fmt: skip
            self.attempts.append({q: f for q, f in earned.items() if q not in left_out})
            self.beside.append({q: f for q, f in earned.items() if q in left_out})
            self.percents.append(float(percent))
            for question_id in asked:
                self._note(question_id, given[question_id].value if question_id in given else [])

    def summary(self) -> QuizStatistics | None:
        """By question where the same ones count in all attempts; else without consistency, because
        then the places of attempts cannot be compared. None where nothing counts."""
        counted = [attempt for attempt in self.attempts if attempt]
        if not counted:
            return None
        same = all(attempt.keys() == counted[0].keys() for attempt in counted)
        by_place = [
            [attempt[id_] for id_ in (counted[0] if same else attempt)] for attempt in counted
        ]
        found = statistics.quiz_statistics(by_place)
        return found if same else found.without_consistency()

    def _know(self, asked: set[int]) -> None:
        missing = asked - self.views.keys()
        if missing:
            self.views.update(corrections.as_corrected(self.key, quizzes.questions(missing)))

    def _note(self, question_id: int, value: Value) -> None:
        view = self.views[question_id]
        if not value:
            self.open[question_id] += 1
        elif view.essay is not None:
            return  # no two are alike, and each may name its author
        elif isinstance(value, str):
            self.typed[question_id][value.casefold()] += 1
        else:
            self.chosen[question_id].update(hits(view, value))

    def item(self, question_id: int, told: ItemStatistics) -> ItemFigures:
        view = self.views[question_id]
        is_left_out = not any(question_id in each for each in self.attempts)
        places = len(stems(view.options) if view.kind is QuestionKind.MATCHING else view.options)
        chosen = tuple(self.chosen[view.id][at] for at in range(places))
        weighed = [
            (option.weight > 0, count)
            for option, count in zip(view.options, chosen, strict=False)
            if view.kind in CHOICES
        ]
        return ItemFigures(
            question_id=view.id,
            statistics=told,
            chosen=() if view.kind in TYPED else chosen,
            typed=tuple(
                (text, count, fraction(view.kind, view.options, text, self.settings) > 0)
                for text, count in self.typed[view.id].most_common(MOST_TYPED)
                if count >= TYPED_BY
            ),
            open=self.open[view.id],
            flags=() if is_left_out else statistics.flags(told, weighed),
            is_left_out=is_left_out,
        )


def hits(view: QuestionView, value: list[int]) -> list[int]:
    """Of a choice the options chosen; of a matching the stems matched rightly; of an ordering the
    items in their right place."""
    if view.kind in CHOICES:
        return value
    right = right_value(view.kind, view.options)
    return [at for at, to in enumerate(value) if to == right[at]]
