"""Quizzes, versioned questions, attempts and their answers."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.accounts.models import Person
from lms.core.db import Hundredths, Model, UtcDateTime, enum_column, new_uuid
from lms.core.ledger import Chained
from lms.quizzes.marking import Scoring, Value
from lms.quizzes.rules import CorrectionKind, GradeCause, GradeMethod, QuestionKind


class Quiz(Model):
    """One published quiz. Never changed: a new course version has a new one.

    `first_delay` and `later_delay` are minutes between attempts: see `rules.Limits`. `review` is
    what is shown by moment: see `rules.Review`. `feedback` is a list of [least percent, text],
    `sections` one of {title, shuffle, draw, questions (positions in the quiz)}.
    `hints` are HTML by question key, shown one after each wrong try in a practice quiz.
    """

    __tablename__ = "quiz"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    key: Mapped[str] = mapped_column(String(60))
    pass_percent: Mapped[Decimal] = mapped_column(Hundredths)
    attempts: Mapped[int]  # 0 = any number
    time_limit: Mapped[int]  # minutes, 0 = none
    opens_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_delay: Mapped[int] = mapped_column(default=0)
    later_delay: Mapped[int] = mapped_column(default=0)
    grade_method: Mapped[GradeMethod] = enum_column(GradeMethod, default=GradeMethod.HIGHEST)
    shuffle_options: Mapped[bool]
    review: Mapped[dict[str, list[str]]] = mapped_column(JSON)
    feedback: Mapped[list[list[str]]] = mapped_column(JSON)
    scoring: Mapped[Scoring] = enum_column(Scoring)
    match_case: Mapped[bool]
    match_accents: Mapped[bool]
    decimal_comma: Mapped[bool]
    pretest_key: Mapped[str | None] = mapped_column(String(60))
    sections: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    practice: Mapped[bool]
    hints: Mapped[dict[str, list[str]]] = mapped_column(JSON)


class Question(Model):
    """One version of a question of a bank. Immutable; editing makes the next number.

    `options` is a list of {html, weight (percent as text), feedback, answer}; see `marking.Option`.
    `essay` is what an essay asks for, see `essays.essay_of`.
    """

    __tablename__ = "question"
    __table_args__ = (UniqueConstraint("bank", "key", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    bank: Mapped[UUID]
    key: Mapped[str] = mapped_column(String(60))
    number: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    kind: Mapped[QuestionKind] = enum_column(QuestionKind)
    html: Mapped[str] = mapped_column(Text)
    options: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    feedback: Mapped[str] = mapped_column(Text)
    last_option_fixed: Mapped[bool] = mapped_column(default=False)
    tags: Mapped[list[str]] = mapped_column(JSON)
    essay: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    pipeline: Mapped[int]


class QuizQuestion(Model):
    """Which version of which question stands where in a quiz."""

    __tablename__ = "quiz_question"

    quiz_id: Mapped[int] = mapped_column(ForeignKey("quiz.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"))

    question: Mapped[Question] = relationship()


_OPEN = text("submitted_at IS NULL")
_UNGRADED = text("graded_at IS NULL AND waits_since IS NULL")


class Attempt(Model):
    """One attempt. Exists from the start; in progress, then submitted, then graded. With essays
    it waits in between, from `waits_since`, until the last of them is marked.

    `holder` is whoever the attempt counts for (an enrolment), by UUID; `quiz_key` stays the same
    over the versions of a course. `layout` freezes the questions, their order and the order of
    what they show: a list of [question id, [positions, see `marking.shown_order`]]. `headings`
    says above which numbers a section begins: a list of [number from 1, title], empty without
    sections. One that is voided stays on record with all its answers, and counts for nothing.
    `corrected` says by question id with which correction it was marked: {id, kind}.
    """

    __tablename__ = "attempt"
    __table_args__ = (
        UniqueConstraint("holder", "quiz_key", "number"),
        Index(
            "uq_attempt_open", "holder", "quiz_key", unique=True,
            sqlite_where=_OPEN, postgresql_where=_OPEN,
        ),
        Index("ix_attempt_quiz", "quiz_id", "id"),
        Index("ix_attempt_due", "deadline_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index(
            "ix_attempt_ungraded", "submitted_at",
            sqlite_where=_UNGRADED, postgresql_where=_UNGRADED,
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    quiz_id: Mapped[int] = mapped_column(ForeignKey("quiz.id"))
    quiz_key: Mapped[str] = mapped_column(String(60))
    holder: Mapped[UUID]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    number: Mapped[int]
    layout: Mapped[list[Any]] = mapped_column(JSON)
    headings: Mapped[list[Any]] = mapped_column(JSON)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deadline_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    graded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    waits_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    percent: Mapped[Decimal | None] = mapped_column(Hundredths)
    voided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    void_reason: Mapped[str | None] = mapped_column(String(300))
    corrected: Mapped[dict[str, dict[str, Any]]] = mapped_column(JSON, default=dict)


class Answer(Model):
    """The latest answer to one question of an attempt. `value` depends on the kind of question, see
    `marking`; `seq` is the client's number of the save that stands."""

    __tablename__ = "answer"

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"), primary_key=True)
    value: Mapped[Value] = mapped_column(JSON, default=list)
    seq: Mapped[int] = mapped_column(default=0)
    flagged: Mapped[bool] = mapped_column(default=False)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    fraction: Mapped[str | None] = mapped_column(String(12))  # 0-1 as text, once graded


class AnswerTry(Model):
    """One checked answer in a practice quiz: number 1, 2, 3 … Only ever added to."""

    __tablename__ = "answer_try"

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[Value] = mapped_column(JSON)
    fraction: Mapped[str] = mapped_column(String(12))  # 0-1 as text, before any penalty
    checked_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Correction(Chained, Model):
    """How a question of a quiz is marked from an instant on, beside the published version, which
    never changes; by the key of the quiz, so that it holds in later versions that ask the very
    same question. The latest one holds. Append-only, chained per course.

    `options` are those to mark by, with a new key: see `Question.options`.
    """

    __tablename__ = "correction"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    quiz_key: Mapped[str] = mapped_column(String(60))
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"), index=True)
    kind: Mapped[CorrectionKind] = enum_column(CorrectionKind)
    options: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(String(300))

    question: Mapped[Question] = relationship()
    by: Mapped[Person] = relationship()


class GradeChange(Chained, Model):
    """A changed mark of a graded attempt, and why. Append-only, chained per learner.

    `points_*` are what the question earned, 0-1 as text as in `Answer.fraction`; None where it does
    not count. `percent_*` and `passed_*` are those of the attempt.
    """

    __tablename__ = "grade_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), index=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"))
    cause: Mapped[GradeCause] = enum_column(GradeCause)
    points_before: Mapped[str | None] = mapped_column(String(12))
    points_after: Mapped[str | None] = mapped_column(String(12))
    percent_before: Mapped[Decimal] = mapped_column(Hundredths)
    percent_after: Mapped[Decimal] = mapped_column(Hundredths)
    passed_before: Mapped[bool]
    passed_after: Mapped[bool]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(String(300))

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    attempt: Mapped[Attempt] = relationship()
    question: Mapped[Question] = relationship()
    by: Mapped[Person] = relationship(foreign_keys=[by_id])


class AnswerFile(Model):
    """The file handed in with an essay, by its digest (`core.files`); `kind` is that of its
    content, `size` bytes. Sending another one replaces it."""

    __tablename__ = "answer_file"

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(10))
    size: Mapped[int]
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AnswerMark(Model):
    """An answered essay of a submitted attempt, for its marker: unmarked while `marked_at` is None.

    `bank` is that of the question, so that each course finds its own. `levels` are the places of
    the chosen levels, by criterion of the rubric; `feedback` is for the learner; `number` counts
    the saves, so that one that did not see the last is noticed.
    """

    __tablename__ = "answer_mark"
    __table_args__ = (
        UniqueConstraint("attempt_id", "question_id"),
        Index("ix_answer_mark_queue", "bank", "marked_at", "submitted_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"))
    bank: Mapped[UUID]
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    points: Mapped[Decimal | None] = mapped_column(Hundredths)
    levels: Mapped[list[int]] = mapped_column(JSON, default=list)
    feedback: Mapped[str] = mapped_column(Text, default="")
    number: Mapped[int] = mapped_column(default=0)
    marked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    marked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)

    attempt: Mapped[Attempt] = relationship()
    question: Mapped[Question] = relationship()
