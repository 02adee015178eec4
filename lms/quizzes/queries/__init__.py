"""What is read of quizzes and attempts. Access is the conductor's matter: it holds the holder."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import joinedload

from lms.accounts.models import Person
from lms.core import ledger
from lms.core.db import db, read
from lms.quizzes import essays, marking, rules
from lms.quizzes.essays import Essay
from lms.quizzes.marking import Marking, Option, Try, Value
from lms.quizzes.models import (
    Answer,
    AnswerFile,
    AnswerMark,
    AnswerTry,
    Attempt,
    GradeChange,
    Question,
    Quiz,
    QuizQuestion,
)
from lms.quizzes.rules import (
    CorrectionKind,
    Limits,
    QuestionKind,
    Review,
    Section,
    Shown,
    StartVerdict,
)

MOST_QUESTIONS = 5000  # in memory, about 2 kB each
MOST_QUIZZES = 1000  # in memory, a few kB each


@dataclass(frozen=True)
class QuestionView:
    """A question version as plain values; `essay` is what one asks for."""

    id: int
    key: str
    kind: QuestionKind
    html: str
    options: tuple[Option, ...]
    feedback: str
    last_option_fixed: bool
    tags: tuple[str, ...]
    essay: Essay | None = None


@dataclass(frozen=True)
class Slot:
    """One question of an attempt: its number as shown (from 1) and the order of what it shows."""

    number: int
    question_id: int
    order: tuple[int, ...]


def slots(attempt: Attempt) -> tuple[Slot, ...]:
    return tuple(
        Slot(number, question_id, tuple(order))
        for number, (question_id, order) in enumerate(attempt.layout, start=1)
    )


_ATTEMPT = select(Attempt).where(
    Attempt.uuid == bindparam("uuid"), Attempt.person_id == bindparam("person_id")
)
_ATTEMPTS = (
    select(Attempt)
    .where(Attempt.holder == bindparam("holder"), Attempt.quiz_key == bindparam("quiz_key"))
    .order_by(Attempt.number)
)


def attempt_by_uuid(uuid: UUID, person_id: int) -> Attempt | None:
    """An attempt of this person."""
    return db.session.scalar(_ATTEMPT, {"uuid": uuid, "person_id": person_id})


def attempts_of(holder: UUID, quiz_key: str) -> list[Attempt]:
    """All attempts of a holder at one quiz, the first one first; those that were voided too."""
    return list(db.session.scalars(_ATTEMPTS, {"holder": holder, "quiz_key": quiz_key}))


@dataclass(frozen=True)
class AnswerView:
    """A saved answer: its value (see `marking`), the client's number of the save, the mark to come
    back, and the fraction 0-1 earned, as text, once graded."""

    question_id: int
    value: Value
    seq: int
    flagged: bool
    fraction: str | None


_ANSWERS = select(*(getattr(Answer, field.name) for field in fields(AnswerView))).where(
    Answer.attempt_id == bindparam("attempt_id")
)


def answers_of(attempt_id: int) -> dict[int, AnswerView]:
    """The saved answers of an attempt by question id."""
    rows = read(_ANSWERS, attempt_id=attempt_id)
    return {row.question_id: AnswerView(*row) for row in rows}


NO_POINTS = "0.0000000"


def counted_slots(attempt: Attempt) -> list[Slot]:
    """The questions of an attempt but those that were left out by a correction."""
    out = {
        int(question_id)
        for question_id, mark in attempt.corrected.items()
        if mark["kind"] == CorrectionKind.LEAVE_OUT
    }
    return [slot for slot in slots(attempt) if slot.question_id not in out]


def points_of(attempt: Attempt) -> dict[int, str]:
    """What each question of a graded attempt earned, 0-1 as text, in their order, but for those
    that were left out by a correction."""
    answers = answers_of(attempt.id)
    return {
        slot.question_id: (row.fraction if row else None) or NO_POINTS
        for slot in counted_slots(attempt)
        for row in [answers.get(slot.question_id)]
    }


def tag_percents(attempt: Attempt) -> dict[str, Decimal]:
    """Score of a graded attempt by tag of its questions; percent 0-100."""
    points = points_of(attempt)
    views = questions(points)
    return rules.percent_by_tag([(views[id_].tags, Decimal(each)) for id_, each in points.items()])


def answer_rows(attempt_id: int) -> dict[int, Answer]:
    """The same for grading, which writes to them."""
    rows = db.session.scalars(select(Answer).where(Answer.attempt_id == attempt_id))
    return {answer.question_id: answer for answer in rows}


_TRIES = (
    select(AnswerTry.question_id, AnswerTry.value, AnswerTry.fraction)
    .where(AnswerTry.attempt_id == bindparam("attempt_id"))
    .order_by(AnswerTry.number)
)


def tries_of(attempt_id: int) -> dict[int, list[Try]]:
    """What was checked in an attempt at a practice quiz, by question id, in order."""
    found: dict[int, list[Try]] = {}
    for question_id, value, fraction in read(_TRIES, attempt_id=attempt_id):
        found.setdefault(question_id, []).append(Try(value, Decimal(fraction)))
    return found


@dataclass(frozen=True)
class FileView:
    """The file handed in with an essay; see `AnswerFile`."""

    question_id: int
    digest: str
    name: str
    kind: str
    size: int

    @property
    def full_name(self) -> str:
        return f"{self.name}.{self.kind}"


_FILES = select(*(getattr(AnswerFile, field.name) for field in fields(FileView))).where(
    AnswerFile.attempt_id == bindparam("attempt_id")
)


def files_of(attempt_id: int) -> dict[int, FileView]:
    """The files of an attempt by question id."""
    return {row.question_id: FileView(*row) for row in read(_FILES, attempt_id=attempt_id)}


@dataclass(frozen=True)
class MarkView:
    """The mark of an essay; see `AnswerMark`. `marked_at` None: nobody has marked it yet."""

    question_id: int
    points: Decimal | None
    levels: list[int]
    feedback: str
    marked_at: datetime | None


_MARKS = select(*(getattr(AnswerMark, field.name) for field in fields(MarkView))).where(
    AnswerMark.attempt_id == bindparam("attempt_id")
)


def marks_of(attempt_id: int) -> dict[int, MarkView]:
    """The marks of the answered essays of a submitted attempt by question id."""
    return {row.question_id: MarkView(*row) for row in read(_MARKS, attempt_id=attempt_id)}


def mark_by_uuid(uuid: UUID) -> AnswerMark | None:
    """With its attempt and question; the caller authorises."""
    return db.session.scalar(
        select(AnswerMark)
        .where(AnswerMark.uuid == uuid)
        .options(joinedload(AnswerMark.attempt), joinedload(AnswerMark.question))
    )


def is_complete(view: QuestionView, value: Value, *, has_file: bool = False) -> bool:
    """Is the question answered, with nothing left open?"""
    if view.essay is None:
        return marking.is_complete(value)
    return essays.is_complete(view.essay, text_of(value), has_file=has_file)


def text_of(value: Value) -> str:
    return value if isinstance(value, str) else ""


def has_essays(attempt: Attempt) -> bool:
    views = questions(slot.question_id for slot in slots(attempt))
    return any(view.essay is not None for view in views.values())


def questions(ids: Iterable[int]) -> dict[int, QuestionView]:
    """Question versions by id, in one query at most: a version never changes, so it is kept in
    memory. Only attempts ask for them, and those are of published quizzes."""
    found = {id_: _questions.get(id_) for id_ in ids}
    missing = [id_ for id_, view in found.items() if view is None]
    if missing:
        if len(_questions) > MOST_QUESTIONS:
            _questions.clear()
        for row in db.session.scalars(select(Question).where(Question.id.in_(missing))):
            found[row.id] = _questions[row.id] = _view(row)
    return {id_: view for id_, view in found.items() if view is not None}


_questions: dict[int, QuestionView] = {}


_COUNTS = (
    select(Attempt.quiz_key, func.count())
    .where(Attempt.holder == bindparam("holder"), Attempt.voided_at.is_(None))
    .group_by(Attempt.quiz_key)
)


def attempt_counts(holder: UUID) -> dict[str, int]:
    """How many attempts that count a holder has begun, by quiz key."""
    return {key: count for key, count in read(_COUNTS, holder=holder)}  # noqa: C416 - no pairs


# The id of the latest graded attempt of a person, for statements that read it with others.
LATEST_RESULT = (
    select(Attempt.id)
    .where(Attempt.person_id == bindparam("person_id"), Attempt.graded_at.is_not(None))
    .where(Attempt.voided_at.is_(None))
    .order_by(Attempt.id.desc())
    .limit(1)
    .scalar_subquery()
)


def quiz_by_id(quiz_id: int) -> Quiz:
    """A published quiz, kept in memory outside every session: it never changes."""
    found = _quizzes.get(quiz_id)
    if found is None:
        if len(_quizzes) >= MOST_QUIZZES:
            _quizzes.clear()
        found = db.session.get_one(Quiz, quiz_id)
        db.session.expunge(found)
        _quizzes[quiz_id] = found
    return found


_quizzes: dict[int, Quiz] = {}


def most_tries(quiz: Quiz) -> int:
    """How many tries the question of a practice quiz with the most hints allows; 0 for others."""
    return 1 + max(map(len, quiz.hints.values()), default=0) if quiz.practice else 0


def limits_of(quiz: Quiz) -> Limits:
    return Limits(*(getattr(quiz, field.name) for field in fields(Limits)))


def review_of(quiz: Quiz) -> Review:
    return Review(**{moment: frozenset(map(Shown, shown)) for moment, shown in quiz.review.items()})


def sections_of(quiz: Quiz) -> list[Section]:
    return [
        Section(each["title"], each["shuffle"], each["draw"], tuple(each["questions"]))
        for each in quiz.sections
    ]


def overall_feedback(quiz: Quiz, percent: Decimal) -> str:
    """What the quiz says about a score; empty where it says nothing."""
    return rules.band([(Decimal(least), text) for least, text in quiz.feedback], percent)


def may_start(limits: Limits, attempts: Sequence[Attempt], now: datetime) -> StartVerdict:
    """May the holder of these attempts, the first one first, begin another? Voided ones do not
    count."""
    counted = [attempt for attempt in attempts if attempt.voided_at is None]
    last = counted[-1] if counted else None
    return rules.may_start(
        limits,
        now=now,
        used=len(counted),
        last_ended_at=rules.ended_at(last.submitted_at, last.deadline_at, now) if last else None,
    )


def marking_of(quiz: Quiz) -> Marking:
    return Marking(quiz.scoring, quiz.match_case, quiz.match_accents, quiz.decimal_comma)


def question_ids_of(quiz_id: int) -> list[int]:
    return list(
        db.session.scalars(
            select(QuizQuestion.question_id)
            .where(QuizQuestion.quiz_id == quiz_id)
            .order_by(QuizQuestion.position)
        )
    )


def times_met(holder: UUID, question_ids: Sequence[int]) -> dict[int, int]:
    """How often the holder has been asked the question at each position of the list, in whichever
    version and in whichever quiz."""
    layouts = db.session.scalars(select(Attempt.layout).where(Attempt.holder == holder))
    met = Counter(question_id for layout in layouts for question_id, _order in layout)
    known = {*met, *question_ids}
    rows = db.session.execute(select(Question.id, Question.key).where(Question.id.in_(known)))
    key_of = {id_: key for id_, key in rows}  # noqa: C416 - rows are not pairs to the type checker
    by_key: Counter[str] = Counter()
    for id_, times in met.items():
        by_key[key_of[id_]] += times
    return {position: by_key[key_of[id_]] for position, id_ in enumerate(question_ids)}


def running_attempts(
    person_id: int, holder: UUID | None = None, quiz_key: str | None = None
) -> list[Attempt]:
    """Attempts of a person that nobody has submitted yet; all, or those of a holder, or of a holder
    at a quiz."""
    query = select(Attempt).where(Attempt.person_id == person_id, Attempt.submitted_at.is_(None))
    if holder is not None:
        query = query.where(Attempt.holder == holder)
    if quiz_key is not None:
        query = query.where(Attempt.quiz_key == quiz_key)
    return list(db.session.scalars(query.order_by(Attempt.id)))


def overdue_attempts(now: datetime, limit: int) -> list[tuple[UUID, int]]:
    """(uuid, person id) of open attempts whose time and grace are over."""
    rows = db.session.execute(
        select(Attempt.uuid, Attempt.person_id)
        .where(Attempt.submitted_at.is_(None), Attempt.deadline_at < now - rules.GRACE)
        .order_by(Attempt.deadline_at)
        .limit(limit)
    )
    return [(uuid, person_id) for uuid, person_id in rows]


def ungraded_attempts(limit: int) -> list[tuple[UUID, int]]:
    """(uuid, person id) of submitted attempts that are not graded yet; not those that wait for a
    marker."""
    rows = db.session.execute(
        select(Attempt.uuid, Attempt.person_id)
        .where(
            Attempt.submitted_at.is_not(None),
            Attempt.graded_at.is_(None),
            Attempt.waits_since.is_(None),
        )
        .order_by(Attempt.submitted_at)
        .limit(limit)
    )
    return [(uuid, person_id) for uuid, person_id in rows]


def _view(row: Question) -> QuestionView:
    return QuestionView(
        id=row.id,
        key=row.key,
        kind=row.kind,
        html=row.html,
        options=tuple(
            Option(o["html"], Decimal(o["weight"]), o["feedback"], o["answer"]) for o in row.options
        ),
        feedback=row.feedback,
        last_option_fixed=row.last_option_fixed,
        tags=tuple(row.tags),
        essay=essays.essay_of(row.essay) if row.essay is not None else None,
    )


# ── The ledger of changed marks ──────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class ChangeView:
    """A changed mark as its learner may read it; see `GradeChange`."""

    at: datetime
    question_id: int
    percent_before: Decimal
    percent_after: Decimal
    by: str
    reason: str


_CHANGES = (
    select(
        GradeChange.recorded_at,
        GradeChange.question_id,
        GradeChange.percent_before,
        GradeChange.percent_after,
        Person.name,
        GradeChange.reason,
    )
    .join(Person, GradeChange.by_id == Person.id)
    .where(GradeChange.attempt_id == bindparam("attempt_id"))
    .order_by(GradeChange.id.desc())
)


def changes_of(attempt_id: int) -> list[ChangeView]:
    """What became of the mark of an attempt after it was graded, the newest first."""
    return [ChangeView(*row) for row in read(_CHANGES, attempt_id=attempt_id)]


def change_facts(entry: GradeChange) -> ledger.Facts:
    """What the digest of a changed mark covers."""
    return {
        "uuid": entry.uuid,
        "person": entry.person.uuid,
        "attempt": entry.attempt.uuid,
        "question": entry.question.uuid,
        "cause": entry.cause,
        "points_before": entry.points_before,
        "points_after": entry.points_after,
        "percent_before": entry.percent_before,
        "percent_after": entry.percent_after,
        "passed_before": entry.passed_before,
        "passed_after": entry.passed_after,
        "by": entry.by.uuid,
        "reason": entry.reason,
    }


def grade_changes() -> Select[GradeChange]:
    """All entries with what their facts need, for verification."""
    return select(GradeChange).options(
        joinedload(GradeChange.person),
        joinedload(GradeChange.attempt),
        joinedload(GradeChange.question),
        joinedload(GradeChange.by),
    )
