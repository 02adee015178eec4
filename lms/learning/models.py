"""Enrolments, progress and completions; what people are obliged to learn."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.accounts.models import Person, Position, Unit
from lms.accounts.rules import PositionKind
from lms.core.db import Hundredths, Model, UtcDateTime, enum_column, new_uuid
from lms.core.ledger import Chained, name_once
from lms.courses.models import Course, CourseVersion
from lms.learning.rules import (
    AdmissionKind,
    AdmissionState,
    BulkKind,
    Ending,
    EnrolmentSource,
    EnrolmentState,
    EnrolmentWay,
    Notice,
    RegradeEffect,
    RegradeState,
    WithdrawalStep,
)
from lms.quizzes.rules import CorrectionKind

_OPEN = text("state = 'open'")


class Enrolment(Model):
    """A person in a course, on one version. At most one is open per person and course; any number
    may be closed. Its UUID holds the quiz attempts.

    `done_parts` and `next_key`, the part to go on with, are projections of the progress, written
    with it, for lists of many people. `nudged_at` is when a trainer last reminded of it. `run_id`
    is the cohort in which they have a seat.
    """

    __tablename__ = "enrolment"
    __table_args__ = (
        Index(
            "uq_enrolment_open", "person_id", "course_id", unique=True,
            sqlite_where=_OPEN, postgresql_where=_OPEN,
        ),
        # With the course in it, or SQLite takes the index of the course for one learner's row.
        Index("ix_enrolment_person", "person_id", "course_id", "id"),
        Index("ix_enrolment_version", "version_id", "state"),
        Index("ix_enrolment_course", "course_id", "id"),
        Index("ix_enrolment_run", "run_id", "state"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("course_version.id"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("course_run.id"))
    state: Mapped[EnrolmentState] = enum_column(EnrolmentState, default=EnrolmentState.OPEN)
    source: Mapped[EnrolmentSource] = enum_column(EnrolmentSource)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_active_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_parts: Mapped[int] = mapped_column(default=0)
    next_key: Mapped[str | None] = mapped_column(String(60))
    nudged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    final_score: Mapped[Decimal | None] = mapped_column(Hundredths)

    person: Mapped[Person] = relationship()
    course: Mapped[Course] = relationship()
    version: Mapped[CourseVersion] = relationship()


class LessonDone(Model):
    """A lesson that a learner marked as done, by its key: it stays done in later versions."""

    __tablename__ = "lesson_done"

    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"), primary_key=True)
    activity_key: Mapped[str] = mapped_column(String(60), primary_key=True)
    done_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ActivityProgress(Model):
    """How far a learner has come within a part, as its page reported it, by the part's key.

    `position` is the place to go on from: of a text, a thousand for every block above it and the
    thousandths of the block itself; of a video or sound, the second. `seconds` were spent with the
    page in sight; `seq` numbers the reports; `read_at` is when the end was first reached; `watched`
    are the seconds of a video or sound that were played, as merged ranges.
    """

    __tablename__ = "activity_progress"

    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"), primary_key=True)
    activity_key: Mapped[str] = mapped_column(String(60), primary_key=True)
    position: Mapped[int] = mapped_column(default=0)
    seconds: Mapped[int] = mapped_column(default=0)
    seq: Mapped[int] = mapped_column(default=0)
    reported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    watched: Mapped[list[list[int]]] = mapped_column(JSON, default=list)


class LessonNote(Model):
    """What a learner wrote for themselves beside a part of a course. Nobody else sees it; it
    stays through enrolments and versions. `seq` numbers the saves; an empty text is no note."""

    __tablename__ = "lesson_note"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    activity_key: Mapped[str] = mapped_column(String(60), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    seq: Mapped[int]
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Completion(Chained, Model):
    """A course completed under a version, with its final score. Append-only, chained per person.

    One that was not borne out after all is taken back by an entry that names it and the reason. Of
    an enrolment one stands at most.
    """

    __tablename__ = "completion"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("course_version.id"))
    final_score: Mapped[Decimal | None] = mapped_column(Hundredths)
    completed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    earned_on: Mapped[date]
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("completion.id"))
    reason: Mapped[str | None] = mapped_column(String(300))

    enrolment: Mapped[Enrolment] = relationship()
    person: Mapped[Person] = relationship()
    version: Mapped[CourseVersion] = relationship()
    reverses: Mapped["Completion | None"] = relationship(remote_side=id)


name_once(Completion.reverses_id)


class Assignment(Model):
    """A course that people must complete by a day, on somebody's word.

    With `covers_unit` it is for everybody placed in the unit or below it, who comes later too;
    else for those who have an obligation of it, and the unit says whose head gave it.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        Index("ix_assignment_unit", "unit_id", "id"),
        Index(
            "ix_assignment_check",
            "check_at",
            sqlite_where=text("check_at IS NOT NULL"),
            postgresql_where=text("check_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    # Whose head gave it: it is hers to change, and that of the heads above.
    headed_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    covers_unit: Mapped[bool]
    due_on: Mapped[date]  # until the end of that day where each person works
    reason: Mapped[str] = mapped_column(String(300))
    assigned_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    # The position of then: "Plt." of an acting head, "a.n." of whoever stands in for one.
    assigned_as: Mapped[str] = mapped_column(String(200))
    on_behalf_of_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    assigned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # When it is next looked who came to the unit and who left; None: nobody comes, nothing is owed.
    check_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    course: Mapped[Course] = relationship()
    unit: Mapped[Unit] = relationship(foreign_keys=[unit_id])
    headed_unit: Mapped[Unit] = relationship(foreign_keys=[headed_unit_id])
    assigned_by: Mapped[Person] = relationship(foreign_keys=[assigned_by_id])


_OWED = "done_at IS NULL AND ended_at IS NULL"


class Obligation(Model):
    """One person's duty to complete a course, from one assignment. At most one is open for each
    person and course.

    `due_at` is the end of `due_on` in the zone of the person's unit. `notice` is the next thing
    to tell, at `notice_at`.
    """

    __tablename__ = "obligation"
    __table_args__ = (
        Index(
            "uq_obligation_open", "person_id", "course_id", unique=True,
            sqlite_where=text(_OWED), postgresql_where=text(_OWED),
        ),
        Index("ix_obligation_person", "person_id", "due_at"),
        Index("ix_obligation_assignment", "assignment_id", "person_id"),
        Index(
            "ix_obligation_acted_by",
            "acted_by_id",
            sqlite_where=text("acted_by_id IS NOT NULL"),
            postgresql_where=text("acted_by_id IS NOT NULL"),
        ),
        Index(
            "ix_obligation_notice",
            "notice_at",
            sqlite_where=text("notice_at IS NOT NULL"),
            postgresql_where=text("notice_at IS NOT NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    due_on: Mapped[date]
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    time_zone: Mapped[str] = mapped_column(String(40))
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ending: Mapped[Ending | None] = enum_column(Ending, nullable=True)
    notice: Mapped[Notice | None] = enum_column(Notice, nullable=True)
    notice_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Who reminded, moved the deadline or took it back last, and why: told with the notice.
    acted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    acted_reason: Mapped[str | None] = mapped_column(String(300))
    acted_as: Mapped[str | None] = mapped_column(String(200))  # "a.n. …" of whoever stood in

    assignment: Mapped[Assignment] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    course: Mapped[Course] = relationship()
    acted_by: Mapped[Person | None] = relationship(foreign_keys=[acted_by_id])


_RUN_HOLDING = "ended_at IS NULL AND run_id IS NOT NULL"


class QuizAllowance(Model):
    """What a trainer allows beyond the limits of a quiz, by the quiz's key, through all versions of
    the course: see `quizzes.rules.Allowance`. It is one person's, or that of a cohort: of whoever
    is in it then. At most one holds for each of them and a quiz; giving another ends it."""

    __tablename__ = "quiz_allowance"
    __table_args__ = (
        Index(
            "uq_quiz_allowance_holding", "person_id", "course_id", "quiz_key", unique=True,
            sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "uq_quiz_allowance_run_holding", "run_id", "quiz_key", unique=True,
            sqlite_where=text(_RUN_HOLDING), postgresql_where=text(_RUN_HOLDING),
        ),
        Index("ix_quiz_allowance_course", "course_id", "id"),
        CheckConstraint("(person_id IS NULL) <> (run_id IS NULL)", name="one_holder"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("course_run.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    quiz_key: Mapped[str] = mapped_column(String(60))
    extra_time: Mapped[int]  # minutes
    extra_attempts: Mapped[int]
    closes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(300))
    given_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
    run: Mapped["CourseRun | None"] = relationship()
    given_by: Mapped[Person] = relationship(foreign_keys=[given_by_id])


class TimeRight(Model):
    """A person's standing right to more time in every quiz, on the word of HR: `percent` of the
    time limit, 150 for one and a half times. At most one holds; giving another ends it."""

    __tablename__ = "time_right"
    __table_args__ = (
        Index(
            "uq_time_right_holding", "person_id", unique=True,
            sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_time_right_person", "person_id", "id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    percent: Mapped[int]
    reason: Mapped[str] = mapped_column(String(300))
    given_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    given_by: Mapped[Person] = relationship(foreign_keys=[given_by_id])


class CourseAnalysis(Model):
    """What was last counted over all learners of a course: see `queries.analytics`. `asked_at`:
    somebody wants it counted anew."""

    __tablename__ = "course_analysis"

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    version_id: Mapped[int | None] = mapped_column(ForeignKey("course_version.id"))
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    counted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    figures: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), deferred=True)


class EnrolmentPolicy(Model):
    """How a course is entered, on this site; a course without one takes in everybody at once.
    `by_run`: only with a seat in a cohort."""

    __tablename__ = "enrolment_policy"

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    way: Mapped[EnrolmentWay] = enum_column(EnrolmentWay)
    by_run: Mapped[bool] = mapped_column(default=False)


class CourseAudience(Model):
    """One of those for whom a course is: a unit with all below it, a position, or a kind of
    positions; one of the three. See `rules.Audience`."""

    __tablename__ = "course_audience"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    position_id: Mapped[int | None] = mapped_column(ForeignKey("position.id"))
    position_kind: Mapped[PositionKind | None] = enum_column(PositionKind, nullable=True)

    unit: Mapped[Unit | None] = relationship()
    position: Mapped[Position | None] = relationship()


_WAITING = text("state = 'waiting'")


class Admission(Model):
    """A request of somebody to be let into a course, with their `reason`, or an invitation to it.
    At most one waits for each person and course.

    `answer` is why it was refused or declined. `decided_by` answered it, or took it back.
    """

    __tablename__ = "admission"
    __table_args__ = (
        Index(
            "uq_admission_waiting", "person_id", "course_id", unique=True,
            sqlite_where=_WAITING, postgresql_where=_WAITING,
        ),
        Index("ix_admission_person", "person_id", "course_id", "id"),
        Index("ix_admission_course", "course_id", "kind", "state", "id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[AdmissionKind] = enum_column(AdmissionKind)
    state: Mapped[AdmissionState] = enum_column(AdmissionState, default=AdmissionState.WAITING)
    reason: Mapped[str] = mapped_column(String(300), default="")
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(String(300), default="")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    made_by: Mapped[Person] = relationship(foreign_keys=[made_by_id])
    decided_by: Mapped[Person | None] = relationship(foreign_keys=[decided_by_id])


class BulkAct(Model):
    """What is being done to more learners of a course than one request can bear: a job does it to
    those who are under way and match `asked`, with `settings` that its kind names.

    `after_id` is the last enrolment that it has come to, of none above `until_id`; `seen` how many
    of `total`, `reached` to how many it was done. `stopped`: it could not go on; `cancelled`:
    somebody wanted no more of it.
    """

    __tablename__ = "bulk_act"
    __table_args__ = (
        Index("ix_bulk_act_ended", "ended_at"),
        Index("ix_bulk_act_course", "course_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    kind: Mapped[BulkKind] = enum_column(BulkKind)
    asked: Mapped[dict[str, Any]] = mapped_column(JSON)
    settings: Mapped[dict[str, Any]] = mapped_column(JSON)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    after_id: Mapped[int] = mapped_column(default=0)
    until_id: Mapped[int]
    total: Mapped[int]
    seen: Mapped[int] = mapped_column(default=0)
    reached: Mapped[int] = mapped_column(default=0)
    stopped: Mapped[bool] = mapped_column(default=False)
    cancelled: Mapped[bool] = mapped_column(default=False)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    by: Mapped[Person] = relationship()


_WORKING = "state IN ('counting', 'applying')"


class Regrade(Model):
    """A correction of a question as it is tried on all graded attempts, and then applied to all or
    to some. `options` only with a new key, as in `Question.options`.

    A job counts and applies; `after_id` is the last attempt that it has looked at, `seen` how many
    of `total`. `everybody`: it is applied to all. The correction holds from when it was applied
    first (`correction_id`). READY again afterwards: some are left.
    """

    __tablename__ = "regrade"
    __table_args__ = (
        Index(
            "ix_regrade_waiting", "state",
            sqlite_where=text(_WORKING), postgresql_where=text(_WORKING),
        ),
        Index("ix_regrade_course", "course_id", "id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    quiz_key: Mapped[str] = mapped_column(String(60))
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"))
    kind: Mapped[CorrectionKind] = enum_column(CorrectionKind)
    options: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(String(300))
    state: Mapped[RegradeState] = enum_column(RegradeState)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    counted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    correction_id: Mapped[int | None] = mapped_column(ForeignKey("correction.id"))
    applied_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    everybody: Mapped[bool] = mapped_column(default=False)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    after_id: Mapped[int] = mapped_column(default=0)
    seen: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)

    by: Mapped[Person] = relationship(foreign_keys=[by_id])
    applied_by: Mapped[Person | None] = relationship(foreign_keys=[applied_by_id])


class RegradeRow(Model):
    """An attempt whose score a regrade changes, as it was counted; `effect` is that on the course
    of its learner. `wanted`: it was chosen, `applied_at` None: not changed yet."""

    __tablename__ = "regrade_row"

    regrade_id: Mapped[int] = mapped_column(ForeignKey("regrade.id"), primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    percent_before: Mapped[Decimal] = mapped_column(Hundredths)
    percent_after: Mapped[Decimal] = mapped_column(Hundredths)
    passed_before: Mapped[bool]
    passed_after: Mapped[bool]
    effect: Mapped[RegradeEffect] = enum_column(RegradeEffect)
    wanted: Mapped[bool]
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CourseWithdrawal(Model):
    """What a withdrawn course means for its learners under way: they are told, and after `ends_on`
    (a day of `time_zone`; None: they may finish) their enrolments are closed. A job does both when
    `due_at` has come; `after_id` is the last enrolment that it has told."""

    __tablename__ = "course_withdrawal"
    __table_args__ = (
        Index(
            "ix_course_withdrawal_due", "due_at",
            sqlite_where=text("due_at IS NOT NULL"), postgresql_where=text("due_at IS NOT NULL"),
        ),
    )  # fmt: skip

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    step: Mapped[WithdrawalStep] = enum_column(WithdrawalStep)
    ends_on: Mapped[date | None]
    time_zone: Mapped[str] = mapped_column(String(40))
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    after_id: Mapped[int] = mapped_column(default=0)

    course: Mapped[Course] = relationship()


class CourseRun(Model):
    """A cohort that takes a course together (angkatan). The days are those of `time_zone`; who
    registers does so from `registers_from` to the end of `registers_until`. `ends_on` None: no end
    is planned; `seats` 0: no limit."""

    __tablename__ = "course_run"
    __table_args__ = (UniqueConstraint("course_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    name: Mapped[str] = mapped_column(String(80))
    registers_from: Mapped[date]
    registers_until: Mapped[date]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    time_zone: Mapped[str] = mapped_column(String(40))
    seats: Mapped[int]
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    course: Mapped[Course] = relationship()


class RunAnalysis(Model):
    """What was last counted over the learners of a cohort, together with those of its course: see
    `CourseAnalysis`."""

    __tablename__ = "run_analysis"

    run_id: Mapped[int] = mapped_column(ForeignKey("course_run.id"), primary_key=True)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON, deferred=True)


_IN_LIST = text("ended_at IS NULL")


class RunWaiting(Model):
    """Somebody who waits for a seat in a cohort; who came first has the lowest id. At most one is
    open for each person and course."""

    __tablename__ = "run_waiting"
    __table_args__ = (
        Index(
            "uq_run_waiting_open", "person_id", "course_id", unique=True,
            sqlite_where=_IN_LIST, postgresql_where=_IN_LIST,
        ),
        Index("ix_run_waiting_run", "run_id", "ended_at", "id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("course_run.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    since_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    promoted: Mapped[bool] = mapped_column(default=False)  # got a seat

    person: Mapped[Person] = relationship()
