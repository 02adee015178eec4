"""Courses, their versions, and the drafts that become versions. A published version and everything
in it never changes."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.accounts.models import Person, Unit
from lms.competencies.models import Competency
from lms.core.db import Hundredths, Model, UtcDateTime, enum_column, new_uuid
from lms.courses.rules import ActivityKind, CourseRole, DraftState
from lms.formats.gift.questions import QuestionKind, QuestionState
from lms.quizzes.models import Quiz


class Course(Model):
    """A course through all its versions. Learners start on the current one; None: not published.

    `owner_unit_id` None: the site's own. One that is archived takes nobody in any more, for the
    `closed_reason`; `is_withdrawn`: it was taken back, not only put away, so that no duty lets
    anybody in either. `is_bank`: it is a bank of questions, which has a draft and is never
    published.
    """

    __tablename__ = "course"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    owner_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    current_version_id: Mapped[int | None] = mapped_column(
        ForeignKey("course_version.id", use_alter=True, name="fk_course_current_version")
    )
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_withdrawn: Mapped[bool] = mapped_column(default=False)
    closed_reason: Mapped[str] = mapped_column(String(300), default="")
    is_bank: Mapped[bool] = mapped_column(default=False)

    owner_unit: Mapped[Unit | None] = relationship()
    draft: Mapped["Draft | None"] = relationship(viewonly=True)
    current_version: Mapped["CourseVersion | None"] = relationship(
        foreign_keys=[current_version_id], post_update=True
    )


class CourseVersion(Model):
    """One published state of a course: number 1, 2, 3 … `goals` is a list of {key, text,
    competency, level, score (percent as text), standing}; no competency: no evidence.
    `note` says what its publisher changed, "" where nobody said; `approved_by` is who reviewed and
    approved it before, None where nobody did.
    `certificate`: does a pass give one, which runs out after `validity_months`; 0: never.
    `source` is the course folder that it was made from, file by file: see `rules.Source`."""

    __tablename__ = "course_version"
    __table_args__ = (
        UniqueConstraint("course_id", "number"),
        Index("ix_course_version_title", "title", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    number: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    is_small: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(Text, default="")
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    title: Mapped[str] = mapped_column(String(120))
    summary: Mapped[str] = mapped_column(String(200))
    purpose: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(10))
    category: Mapped[str] = mapped_column(String(80))
    trainer: Mapped[str] = mapped_column(String(160))
    organiser: Mapped[str] = mapped_column(String(160))
    jp: Mapped[Decimal] = mapped_column(Hundredths)
    minutes: Mapped[int]
    parts: Mapped[int]
    pass_score: Mapped[Decimal] = mapped_column(Hundredths)
    goals: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, deferred=True)
    source: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON, deferred=True)
    certificate: Mapped[bool] = mapped_column(default=True)
    validity_months: Mapped[int] = mapped_column(default=0)

    course: Mapped[Course] = relationship(foreign_keys=[course_id])
    approved_by: Mapped[Person | None] = relationship()


class Module(Model):
    __tablename__ = "module"
    __table_args__ = (UniqueConstraint("version_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("course_version.id"))
    position: Mapped[int]
    key: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(120))


class Activity(Model):
    """A part of a module: a lesson with its HTML, a quiz, or a file. `key` is the same in all
    versions.

    `read_to_end` and `min_minutes` are what completes a lesson; with neither, the learner's own
    act does. `requires` are keys of parts and modules that are to be done before: its module's and
    its own. It opens at `opens_at` and `opens_after` days after the learner has begun, whichever
    comes later; when a quiz as such opens, the quiz says.

    `medium` holds the names, sizes (bytes) and length (seconds) of the files of a part that is one,
    and `html` its text; `watched` is the percent of it that completes the part, 0 for none. What
    is `optional` need not be done.
    """

    __tablename__ = "activity"
    __table_args__ = (UniqueConstraint("version_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("course_version.id"))
    module_id: Mapped[int] = mapped_column(ForeignKey("module.id"))
    position: Mapped[int]
    key: Mapped[str] = mapped_column(String(60))
    kind: Mapped[ActivityKind] = enum_column(ActivityKind)
    title: Mapped[str] = mapped_column(String(120))
    minutes: Mapped[int]
    html: Mapped[str | None] = mapped_column(Text)
    pipeline: Mapped[int | None]
    quiz_id: Mapped[int | None] = mapped_column(ForeignKey("quiz.id"))
    weight: Mapped[int] = mapped_column(default=0)
    read_to_end: Mapped[bool] = mapped_column(default=False)
    min_minutes: Mapped[int] = mapped_column(default=0)
    requires: Mapped[list[str]] = mapped_column(JSON)
    watched: Mapped[int] = mapped_column(default=0)
    opens_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opens_after: Mapped[int] = mapped_column(default=0)  # days
    optional: Mapped[bool] = mapped_column(default=False)
    medium: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    module: Mapped[Module] = relationship()
    quiz: Mapped[Quiz | None] = relationship()


class Outcome(Model):
    """A competency that the course raises, from one level to another."""

    __tablename__ = "outcome"

    version_id: Mapped[int] = mapped_column(ForeignKey("course_version.id"), primary_key=True)
    competency_id: Mapped[int] = mapped_column(ForeignKey("competency.id"), primary_key=True)
    level_from: Mapped[int]
    level_to: Mapped[int]

    competency: Mapped[Competency] = relationship()


class MediaFile(Model):
    """A file that lessons of a version show, or a smaller copy of a picture among them
    (`rules.copy_name`). `name` is relative to the address of a lesson."""

    __tablename__ = "media_file"

    version_id: Mapped[int] = mapped_column(ForeignKey("course_version.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(220), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    content_type: Mapped[str] = mapped_column(String(80))


class Picture(Model):
    """A kept picture by its content: its size in pixels, and its smaller copies as lists of width,
    digest and bytes. Nothing is lost with it: it can be made again."""

    __tablename__ = "picture"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    width: Mapped[int]
    height: Mapped[int]
    smaller: Mapped[list[list[Any]]] = mapped_column(JSON)


class CourseMember(Model):
    """What somebody may do to a course, through all its versions. Every change is audited."""

    __tablename__ = "course_member"

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    role: Mapped[CourseRole] = enum_column(CourseRole)
    since_at: Mapped[datetime] = mapped_column(UtcDateTime)

    course: Mapped[Course] = relationship()
    person: Mapped[Person] = relationship()


class CoursePrerequisite(Model):
    """A course that is to be completed before another one is entered, on this site."""

    __tablename__ = "course_prerequisite"

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    requires_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True, index=True)


class Draft(Model):
    """The working copy of a course: a course folder kept as rows. At most one for a course.

    `base_version_id` is the version it began from; None: the course was never published. `title`
    is what its course.toml says, the slug where it says none; for lists. `asked_by` wants it
    reviewed; `approved_by` has approved it as it is now: every change takes that back. `decided_at`
    is when somebody last approved or returned it.
    """

    __tablename__ = "draft"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), unique=True)
    base_version_id: Mapped[int | None] = mapped_column(ForeignKey("course_version.id"))
    state: Mapped[DraftState] = enum_column(DraftState, default=DraftState.WRITING)
    title: Mapped[str] = mapped_column(String(120))
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    course: Mapped[Course] = relationship()
    asked_by: Mapped[Person | None] = relationship(foreign_keys=[asked_by_id])
    approved_by: Mapped[Person | None] = relationship(foreign_keys=[approved_by_id])


_PRESENT = text("removed_at IS NULL")


class DraftFile(Model):
    """A file of a draft as it is now: a text, or a medium by its digest (`core.files`).

    Moving changes the `path`, never the file. `number` counts its saves, so that a save that did
    not see the last one is noticed. What was removed stays for undoing.
    """

    __tablename__ = "draft_file"
    __table_args__ = (
        Index(
            "uq_draft_file_present", "draft_id", "path", unique=True,
            sqlite_where=_PRESENT, postgresql_where=_PRESENT,
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"))
    path: Mapped[str] = mapped_column(String(200))
    number: Mapped[int]
    text: Mapped[str | None] = mapped_column(Text)
    digest: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int]  # bytes
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    changed_by: Mapped[Person] = relationship()


class DraftRevision(Model):
    """A text of a draft as somebody left it. What one person saves within ten minutes is one."""

    __tablename__ = "draft_revision"

    file_id: Mapped[int] = mapped_column(ForeignKey("draft_file.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    saved_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))

    saved_by: Mapped[Person] = relationship()


class BankQuestion(Model):
    """A question of a draft, or of the current version of a course, for lists and searches. It
    follows from the text of its file, is written together with it, and can be made anew at any
    time (`actions.question_index`). It has a `file_id` in a draft; published, an `activity_id`.

    `kind`, `state` and `same` are None where it cannot be read. `same` is equal for questions that
    ask the same; `words` is what is searched, in lower case; `digest` that of its text.
    """

    __tablename__ = "bank_question"
    __table_args__ = (Index("ix_bank_question_place", "file_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("draft_file.id"))
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id"), index=True)
    position: Mapped[int]
    key: Mapped[str] = mapped_column(String(60), index=True)
    kind: Mapped[QuestionKind | None] = enum_column(QuestionKind, nullable=True)
    state: Mapped[QuestionState | None] = enum_column(QuestionState, nullable=True)
    author: Mapped[str] = mapped_column(String(160))
    source: Mapped[str] = mapped_column(String(160))
    shown: Mapped[str] = mapped_column(String(160))
    words: Mapped[str] = mapped_column(Text)
    same: Mapped[str | None] = mapped_column(String(64), index=True)
    digest: Mapped[str] = mapped_column(String(64))


class BankTag(Model):
    """A tag of a `BankQuestion`; the file stands here too, where there is one, so that those of a
    bank are told from one index."""

    __tablename__ = "bank_tag"
    __table_args__ = (Index("ix_bank_tag_file", "file_id", "tag"),)

    question_id: Mapped[int] = mapped_column(ForeignKey("bank_question.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(60), primary_key=True)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("draft_file.id"))


class BankCopy(Model):
    """That a question of a course was copied from a bank or another course. It outlives the drafts
    of both; keys are those of the questions then."""

    __tablename__ = "bank_copy"
    __table_args__ = (Index("ix_bank_copy_from", "from_course_id", "from_key"),)

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    from_course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    from_key: Mapped[str] = mapped_column(String(60))
    copied_at: Mapped[datetime] = mapped_column(UtcDateTime)
    copied_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class ReviewComment(Model):
    """What somebody says about a draft: about a line of a file, a question, a whole file, or all
    of it (no file). It goes with the draft.

    `line` is that of the file when it was written, `question` the key of one, else ""; `quote` is
    what stood there, by which the line is found again when it has moved.
    """

    __tablename__ = "review_comment"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"), index=True)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("draft_file.id"))
    line: Mapped[int | None]
    question: Mapped[str] = mapped_column(String(60), default="")
    quote: Mapped[str] = mapped_column(Text, default="")
    text: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    written_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    file: Mapped[DraftFile | None] = relationship()
    written_by: Mapped[Person] = relationship()


class VersionComment(Model):
    """What was said about the draft that a version was made from. `path` "": about all of it;
    `settled`: it was done with when the version was published."""

    __tablename__ = "version_comment"

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("course_version.id"), index=True)
    path: Mapped[str] = mapped_column(String(200))
    line: Mapped[int | None]
    text: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    written_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    settled: Mapped[bool]

    written_by: Mapped[Person] = relationship()
