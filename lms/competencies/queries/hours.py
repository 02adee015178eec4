"""Learning hours (JP) of a person and of many, against the target of the year."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, bindparam, func, or_, select, true

from lms.accounts.rules import Employment
from lms.competencies.models import HourEntry, HourForm, HourTarget
from lms.competencies.queries import name_of
from lms.competencies.queries.dated import in_force
from lms.core.db import db, read


@dataclass(frozen=True)
class HourYear:
    """Hours of a year against the target. `target` None: no target row for this status."""

    year: int
    earned: Decimal
    target: Decimal | None
    source: str
    needs_verification: bool
    entries: tuple[Any, ...] = ()  # rows of _HOURS

    @property
    def missing(self) -> Decimal:
        return max(Decimal(0), (self.target or Decimal(0)) - self.earned)


_HOURS = (
    select(
        HourEntry.uuid,
        HourEntry.seq,
        HourEntry.form,
        HourEntry.hours,
        HourEntry.title,
        HourEntry.source_uuid,
        HourEntry.earned_on,
        HourEntry.reverses_id,
        HourEntry.reason,
    )
    .where(HourEntry.person_id == bindparam("person_id"), HourEntry.year == bindparam("year"))
    .order_by(HourEntry.seq.desc())
)
_TARGET = (
    select(HourTarget.target_jp, HourTarget.source, HourTarget.needs_verification)
    .where(HourTarget.employment == bindparam("employment"), in_force(HourTarget))
    .order_by(HourTarget.start_on.desc())
    .limit(1)
)


def hours_of(person_id: int, employment: Employment, year: int) -> HourYear:
    """Hours of a year with their entries, the newest first, against the target of 31 December."""
    entries = tuple(read(_HOURS, person_id=person_id, year=year))
    target = target_of(employment, date(year, 12, 31))
    return HourYear(
        year=year,
        earned=sum((e.hours for e in entries), Decimal(0)),
        target=target.target_jp if target else None,
        source=target.source if target else "",
        needs_verification=bool(target and target.needs_verification),
        entries=entries,
    )


_TOTAL = (
    select(func.sum(HourEntry.hours).label("earned"))
    .where(HourEntry.person_id == bindparam("person_id"), HourEntry.year == bindparam("year"))
    .subquery()
)
_NOW = _TARGET.subquery()
_TOTAL_AND_TARGET = select(_TOTAL, _NOW).select_from(_TOTAL.outerjoin(_NOW, true()))


def hour_total_of(person_id: int, employment: Employment, year: int) -> HourYear:
    """The same without the entries, in one query."""
    row = read(
        _TOTAL_AND_TARGET, person_id=person_id, year=year, employment=employment,
        day=date(year, 12, 31),
    ).one()  # fmt: skip
    return HourYear(
        year=year,
        earned=row.earned or Decimal(0),
        target=row.target_jp,
        source=row.source or "",
        needs_verification=bool(row.needs_verification),
    )


def target_of(employment: Employment, day: date) -> Any:
    """`target_jp`, `source` and `needs_verification` of the target in force on a day, or None."""
    return read(_TARGET, employment=employment, day=day).first()


_TARGETS = (
    select(HourTarget.employment, HourTarget.target_jp)
    .where(in_force(HourTarget))
    .order_by(HourTarget.start_on)
)


def targets_on(day: date) -> dict[Employment, Decimal]:
    """The targets in force on a day, by employment status; in one query."""
    return {row.employment: row.target_jp for row in read(_TARGETS, day=day)}  # the latest stays


_CAP = (
    select(HourForm.daily_cap)
    .where(HourForm.code == bindparam("code"), HourForm.cap_applies, in_force(HourForm))
    .order_by(HourForm.start_on.desc())
    .limit(1)
)
_FORMS = (
    select(HourForm.code, HourForm.name, HourForm.name_en)
    .where(
        HourForm.start_on <= bindparam("day", type_=Date),
        or_(HourForm.end_on.is_(None), HourForm.end_on >= HourForm.start_on),
    )
    .order_by(HourForm.start_on)
)


def daily_cap(form: str, day: date) -> Decimal | None:
    """The most that a course of a form credits for a day of learning; None: no limit is applied."""
    found: Decimal | None = read(_CAP, code=form, day=day).scalar()
    return found


def form_names(day: date) -> dict[str, str]:
    """Names of the forms by code, as they were called last by a day, in the language of the page:
    hours of a form that is no longer in use stay in the record."""
    return {row.code: name_of(row) for row in read(_FORMS, day=day)}


def hour_years_of(person_id: int) -> list[int]:
    """Years in which a person has entries, the newest first."""
    rows = select(HourEntry.year).where(HourEntry.person_id == person_id).distinct()
    return sorted(db.session.scalars(rows), reverse=True)


_HOURS_OF_MANY = (
    select(HourEntry.person_id, func.sum(HourEntry.hours))
    .where(
        HourEntry.person_id.in_(bindparam("person_ids", expanding=True)),
        HourEntry.year == bindparam("year"),
    )
    .group_by(HourEntry.person_id)
)


def hours_by_person(person_ids: Sequence[int], year: int) -> dict[int, Decimal]:
    """Hours of a year for many people in one query; people without entries are left out."""
    rows = read(_HOURS_OF_MANY, person_ids=person_ids, year=year)
    return {person_id: Decimal(total) for person_id, total in rows}
