"""Enrolments, progress and completions."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.accounts.models import Person
from lms.core.db import Hundredths, Model, UtcDateTime, enum_column, new_uuid
from lms.core.ledger import Chained
from lms.courses.models import Course, CourseVersion
from lms.learning.rules import EnrolmentSource, EnrolmentState

_OPEN = text("state = 'open'")


class Enrolment(Model):
    """A person in a course, on one version. At most one is open per person and course; any number
    may be closed. Its UUID holds the quiz attempts.

    `done_parts` is a projection of the progress, written with it, for lists of many people.
    """

    __tablename__ = "enrolment"
    __table_args__ = (
        Index(
            "uq_enrolment_open", "person_id", "course_id", unique=True,
            sqlite_where=_OPEN, postgresql_where=_OPEN,
        ),
        Index("ix_enrolment_person", "person_id", "id"),
        Index("ix_enrolment_version", "version_id", "state"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("course_version.id"))
    state: Mapped[EnrolmentState] = enum_column(EnrolmentState, default=EnrolmentState.OPEN)
    source: Mapped[EnrolmentSource] = enum_column(EnrolmentSource)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_active_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_parts: Mapped[int] = mapped_column(default=0)
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
    """A course completed under a version, with its final score. Append-only, chained per person."""

    __tablename__ = "completion"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("course_version.id"))
    final_score: Mapped[Decimal | None] = mapped_column(Hundredths)
    completed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    earned_on: Mapped[date]

    enrolment: Mapped[Enrolment] = relationship()
    person: Mapped[Person] = relationship()
    version: Mapped[CourseVersion] = relationship()
