"""The dictionary, the standards, and the two ledgers with their projection."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.accounts.models import Person, Position, Unit
from lms.accounts.rules import Employment, PositionTier
from lms.competencies.rules import (
    CompetencyKind,
    EvidenceKind,
    EvidenceStanding,
    HourCategory,
    HourUnit,
    RatingRule,
)
from lms.core.db import Hundredths, Model, UtcDateTime, enum_column, new_uuid
from lms.core.ledger import Chained, name_once


class Competency(Model):
    """An entry of the competency dictionary, as it reads now.

    `levels` holds the indicators of levels 1 to 5, a list of texts each; `field` is the area of
    government (urusan) of a technical one.
    """

    __tablename__ = "competency"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    code: Mapped[str] = mapped_column(String(30), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str | None] = mapped_column(String(120))
    kind: Mapped[CompetencyKind] = enum_column(CompetencyKind)
    field: Mapped[str | None] = mapped_column(String(120))
    definition: Mapped[str] = mapped_column(Text)
    levels: Mapped[list[list[str]]] = mapped_column(JSON)
    rating_rule: Mapped[RatingRule] = enum_column(RatingRule, default=RatingRule.HIGHEST)


class CompetencyRevision(Model):
    """How an entry of the dictionary read from an instant on. Rows are added, never changed;
    `changed_by` None is the reference data."""

    __tablename__ = "competency_revision"
    __table_args__ = (UniqueConstraint("competency_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    competency_id: Mapped[int] = mapped_column(ForeignKey("competency.id"))
    number: Mapped[int]
    name: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str | None] = mapped_column(String(120))
    field: Mapped[str | None] = mapped_column(String(120))
    definition: Mapped[str] = mapped_column(Text)
    levels: Mapped[list[list[str]]] = mapped_column(JSON)
    rating_rule: Mapped[RatingRule] = enum_column(RatingRule, default=RatingRule.HIGHEST)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(String(300))

    changed_by: Mapped[Person | None] = relationship()


class LevelRecount(Model):
    """That the levels of a competency are worked out anew since its rating rule was changed, and
    up to which person that has come. The row goes when it is done."""

    __tablename__ = "level_recount"

    competency_id: Mapped[int] = mapped_column(ForeignKey("competency.id"), primary_key=True)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_to: Mapped[int] = mapped_column(default=0)  # id of a person


class CompetencyStandard(Model):
    """The level that a position, or every position of a tier, requires; dated, with its source.

    A row of a position goes before the row of its tier. `weight` counts in the Job Person Match.
    A change ends the row and adds another; one that ends before it starts never held.
    """

    __tablename__ = "competency_standard"
    __table_args__ = (
        CheckConstraint("(position_id IS NULL) <> (tier IS NULL)", name="one_target"),
        CheckConstraint("required_level BETWEEN 1 AND 5", name="level"),
        CheckConstraint("weight BETWEEN 1 AND 100", name="weight"),
        Index("ix_competency_standard_target", "tier", "position_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    position_id: Mapped[int | None] = mapped_column(ForeignKey("position.id"))
    tier: Mapped[PositionTier | None] = enum_column(PositionTier, nullable=True)
    competency_id: Mapped[int] = mapped_column(ForeignKey("competency.id"))
    required_level: Mapped[int]
    weight: Mapped[int] = mapped_column(default=1)
    start_on: Mapped[date]
    end_on: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(200))
    needs_verification: Mapped[bool] = mapped_column(default=False)
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # None: reference data

    competency: Mapped[Competency] = relationship()
    set_by: Mapped[Person | None] = relationship()


class EvidenceRule(Model):
    """Up to which level a kind of evidence proves; dated, with its source. A change ends the row
    and adds another; what was recorded before keeps the standing that it has."""

    __tablename__ = "evidence_rule"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[EvidenceKind] = enum_column(EvidenceKind)
    proves_up_to: Mapped[int]
    start_on: Mapped[date]
    end_on: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(200))
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # None: reference data

    set_by: Mapped[Person | None] = relationship()


class MatchCategory(Model):
    """What a Job Person Match of so many percent and more is called; dated, with its source.
    A change ends the row of the name and adds another."""

    __tablename__ = "match_category"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str | None] = mapped_column(String(60))
    from_percent: Mapped[int]
    start_on: Mapped[date]
    end_on: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(200))
    needs_verification: Mapped[bool] = mapped_column(default=False)
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # None: reference data

    set_by: Mapped[Person | None] = relationship()


class HourTarget(Model):
    """Learning hours (JP) a year by employment status; dated, with its source. The target of a year
    is that of its 31 December. A change ends the row and adds another."""

    __tablename__ = "hour_target"

    id: Mapped[int] = mapped_column(primary_key=True)
    employment: Mapped[Employment] = enum_column(Employment)
    target_jp: Mapped[Decimal] = mapped_column(Hundredths)
    start_on: Mapped[date]
    end_on: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(200))
    needs_verification: Mapped[bool] = mapped_column(default=False)
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # None: reference data

    set_by: Mapped[Person | None] = relationship()


class HourForm(Model):
    """A form of development and how it becomes hours; dated, with its source. A change ends the row
    of the code and adds another; hours that are recorded stay.

    `jp` and `jp_abroad` for each unit, at home and at an international event; None: the hours of
    the curriculum. `daily_cap` limits what a course credits for a day of learning, where
    `cap_applies`; `monthly_times` how often in a month it may be counted.
    """

    __tablename__ = "hour_form"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str | None] = mapped_column(String(120))
    category: Mapped[HourCategory] = enum_column(HourCategory)
    unit: Mapped[HourUnit] = enum_column(HourUnit)
    jp: Mapped[Decimal | None] = mapped_column(Hundredths)
    jp_abroad: Mapped[Decimal | None] = mapped_column(Hundredths)
    daily_cap: Mapped[Decimal | None] = mapped_column(Hundredths)
    cap_applies: Mapped[bool] = mapped_column(default=False)
    monthly_times: Mapped[int | None]
    start_on: Mapped[date]
    end_on: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(200))
    needs_verification: Mapped[bool] = mapped_column(default=False)
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # None: reference data

    set_by: Mapped[Person | None] = relationship()


class Evidence(Chained, Model):
    """One piece of evidence for one competency of one person. Append-only, chained per person.

    After `valid_until` it still counts, and is shown as old; None: never.
    Unit and position are those of the day. `part_of_uuid` names what it stands and falls with,
    where that is not its source: the result of a quiz goes with the completion. A correction is an
    entry that reverses another.
    """

    __tablename__ = "evidence"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    competency_id: Mapped[int] = mapped_column(ForeignKey("competency.id"))
    kind: Mapped[EvidenceKind] = enum_column(EvidenceKind)
    level: Mapped[int]
    standing: Mapped[EvidenceStanding] = enum_column(EvidenceStanding)
    score: Mapped[Decimal | None] = mapped_column(Hundredths)  # percent 0-100
    title: Mapped[str] = mapped_column(String(200))
    source_uuid: Mapped[UUID] = mapped_column(index=True)
    part_of_uuid: Mapped[UUID | None] = mapped_column(index=True)
    earned_on: Mapped[date]
    valid_until: Mapped[date | None]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    position_id: Mapped[int | None] = mapped_column(ForeignKey("position.id"), index=True)
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("evidence.id"))
    reason: Mapped[str | None] = mapped_column(String(300))

    person: Mapped[Person] = relationship()
    competency: Mapped[Competency] = relationship()
    unit: Mapped[Unit | None] = relationship()
    position: Mapped[Position | None] = relationship()
    reverses: Mapped["Evidence | None"] = relationship(remote_side=id)


name_once(Evidence.reverses_id)


class Rating(Model):
    """A superior's observation or an assessor's rating; its UUID is the source of the evidence.
    Rows are added, never changed."""

    __tablename__ = "rating"
    __table_args__ = (CheckConstraint("level BETWEEN 1 AND 5", name="level"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    competency_id: Mapped[int] = mapped_column(ForeignKey("competency.id"))
    kind: Mapped[EvidenceKind] = enum_column(EvidenceKind)
    level: Mapped[int]
    occasion: Mapped[str] = mapped_column(String(200))
    note: Mapped[str | None] = mapped_column(String(1000))
    rated_on: Mapped[date]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    by_as: Mapped[str | None] = mapped_column(String(200))  # "a.n. …" of whoever stood in
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    person: Mapped[Person] = relationship(foreign_keys=person_id)
    competency: Mapped[Competency] = relationship()
    by: Mapped[Person] = relationship(foreign_keys=by_id)


class SelfAssessment(Model):
    """The level that a person gives herself; the newest row of a competency is what she says now,
    0 nothing any more. Never evidence. Rows are added, never changed."""

    __tablename__ = "self_assessment"
    __table_args__ = (
        CheckConstraint("level BETWEEN 0 AND 5", name="level"),
        Index("ix_self_assessment_person", "person_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    competency_id: Mapped[int] = mapped_column(ForeignKey("competency.id"))
    level: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class HourEntry(Chained, Model):
    """Learning hours of one activity. Append-only, chained per person; 1 JP = 45 minutes.

    `form` is the code of an `HourForm`.
    """

    __tablename__ = "hour_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    form: Mapped[str] = mapped_column(String(10))
    hours: Mapped[Decimal] = mapped_column(Hundredths)
    title: Mapped[str] = mapped_column(String(200))
    source_uuid: Mapped[UUID] = mapped_column(index=True)
    earned_on: Mapped[date]
    year: Mapped[int]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    position_id: Mapped[int | None] = mapped_column(ForeignKey("position.id"), index=True)
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("hour_entry.id"))
    reason: Mapped[str | None] = mapped_column(String(300))

    person: Mapped[Person] = relationship()
    unit: Mapped[Unit | None] = relationship()
    position: Mapped[Position | None] = relationship()
    reverses: Mapped["HourEntry | None"] = relationship(remote_side=id)


name_once(HourEntry.reverses_id)


Index("ix_hour_entry_person_year", HourEntry.person_id, HourEntry.year)


class CompetencyState(Model):
    """The level of a person in a competency now: a projection of the evidence ledger, written in
    the same transaction and recomputable at any time."""

    __tablename__ = "competency_state"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    competency_id: Mapped[int] = mapped_column(ForeignKey("competency.id"), primary_key=True)
    level: Mapped[int]
    evidence_id: Mapped[int | None] = mapped_column(ForeignKey("evidence.id"))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
