"""Whom of a team a reader asks for, and in which order: the statements over its members."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
)

from lms.accounts import rules as people
from lms.accounts.models import Person
from lms.accounts.queries import team
from lms.accounts.queries.team import Scope
from lms.accounts.rules import Employment
from lms.competencies.models import HourEntry
from lms.competencies.queries.hours import targets_on
from lms.core import clock
from lms.core.db import Hundredths, UtcDateTime
from lms.credentials import queries as credentials
from lms.credentials.models import Certificate
from lms.learning.models import Enrolment, Obligation
from lms.learning.queries.duties import OWED
from lms.learning.rules import EnrolmentState

PAGE = 25
BATCH = 1000
MOST_WORDS = 6


class Standing(StrEnum):
    """Whom the board is narrowed to."""

    LATE = "late"  # with a course that had to be completed by now
    UNDER_TARGET = "under-target"  # of learning hours this year
    NOT_STARTED = "not-started"  # with a course to complete that they are not in
    EXPIRING = "expiring"  # with a certificate that runs out


class Order(StrEnum):
    """What the board is sorted by. A large team is read along its names, so only by them."""

    NAME = "name"
    LATE = "late"
    HOURS = "hours"
    ACTIVE = "active"


@dataclass(frozen=True)
class Headed:
    """A unit that the reader heads."""

    uuid: UUID
    path: str


@dataclass(frozen=True)
class Asked:
    """What a reader wants to see of the team. `unit`: of one of the units headed today."""

    search: str = ""
    standing: Standing | None = None
    order: Order = Order.NAME
    descending: bool = False
    unit: Headed | None = None

    @property
    def narrows(self) -> bool:
        return bool(self.search or self.standing)


NOW = bindparam("now", type_=UtcDateTime)
_NEVER = literal(datetime(1970, 1, 1, tzinfo=UTC), UtcDateTime())
_HOURS = func.coalesce(
    select(func.sum(HourEntry.hours))
    .where(HourEntry.person_id == Person.id, HourEntry.year == bindparam("year"))
    .scalar_subquery(),
    literal(Decimal(0), Hundredths()),
)
_TARGET = case(
    *(
        (Person.employment == each, bindparam(f"target_{each}", type_=Hundredths()))
        for each in Employment
    )
)
IS_UNDER = _HOURS < _TARGET
_OWES = and_(Obligation.person_id == Person.id, OWED)
_LATE = (
    select(func.count()).where(_OWES, Obligation.due_at <= NOW).scalar_subquery()
)  # fmt: skip
IN_COURSE = (
    select(Enrolment.id)
    .where(
        Enrolment.person_id == Obligation.person_id,
        Enrolment.course_id == Obligation.course_id,
        Enrolment.state == EnrolmentState.OPEN,
    )
    .exists()
)
_ACTIVE = func.coalesce(
    select(func.max(Enrolment.last_active_at))
    .where(Enrolment.person_id == Person.id, Enrolment.state != EnrolmentState.WITHDRAWN)
    .scalar_subquery(),
    _NEVER,
)
STANDS: dict[Standing, ColumnElement[bool]] = {
    Standing.LATE: select(Obligation.id).where(_OWES, Obligation.due_at <= NOW).exists(),
    Standing.UNDER_TARGET: IS_UNDER,
    Standing.NOT_STARTED: select(Obligation.id).where(_OWES, ~IN_COURSE).exists(),
    Standing.EXPIRING: select(Certificate.id)
    .where(Certificate.person_id == Person.id, credentials.RUNS_OUT)
    .exists(),
}
_SORTS: dict[Order, ColumnElement[Any]] = {
    Order.NAME: Person.name.expression,
    Order.LATE: _LATE,
    Order.HOURS: _HOURS,
    Order.ACTIVE: _ACTIVE,
}


@dataclass(frozen=True)
class Shape:
    """All that a statement over the members depends on, beside its values."""

    paths: int
    large: bool
    words: int = 0
    by_nip: bool = False
    standing: Standing | None = None
    order: Order = Order.NAME
    descending: bool = False


def shape_of(scope: Scope, asked: Asked, *, large: bool) -> Shape:
    by_nip = people.looks_like_nip(asked.search)
    return Shape(
        paths=len(scope.paths),
        large=large,
        words=0 if by_nip else len(words_of(asked.search)),
        by_nip=by_nip,
        standing=asked.standing,
        order=Order.NAME if large else asked.order,
        descending=asked.descending,
    )


def words_of(search: str) -> list[str]:
    return search.lower().split()[:MOST_WORDS]


def values_of(scope: Scope, asked: Asked) -> dict[str, object]:
    targets = targets_on(date(scope.day.year, 12, 31))
    return {
        **scope.values,
        **{f"target_{each}": targets.get(each) for each in Employment},
        **{f"word_{number}": anywhere(w) for number, w in enumerate(words_of(asked.search))},
        "nip": people.tidy_nip(asked.search),
        "year": scope.day.year,
        "soon": credentials.soon(scope.day),
        "now": clock.now(),
    }


def anywhere(word: str) -> str:
    """The pattern of LIKE that finds a text as it stands."""
    return "%" + re.sub(r"([%_\\])", r"\\\1", word) + "%"


@lru_cache(256)
def found(shape: Shape) -> Select[*tuple[Any, ...]]:
    """The members asked for, not sorted yet, with the value that they are sorted by."""
    query = select(
        Person.id,
        Person.uuid,
        Person.name,
        Person.nip,
        Person.employment,
        _SORTS[shape.order].label("sorted_by"),
    )
    if shape.standing:  # stands first: cheaper to look up than the placements, and rarer
        query = query.where(STANDS[shape.standing])
    query = query.where(team.is_member(shape.paths, large=shape.large))
    if shape.by_nip:
        return query.where(Person.nip == bindparam("nip"))
    for number in range(shape.words):
        word = bindparam(f"word_{number}", type_=String)
        query = query.where(func.lower(Person.name).like(word, escape="\\"))
    return query


@lru_cache(256)
def page(shape: Shape, *, after: bool) -> Select[*tuple[Any, ...]]:
    """One page and one row more; after the row whose sort value, name and id are given."""
    query, key = found(shape), _SORTS[shape.order]
    if after and shape.order is Order.NAME:
        query = query.where(_by_name(descending=shape.descending))
    elif after:
        last = bindparam("last_value", type_=key.type)
        further = key < last if shape.descending else key > last
        query = query.where(or_(further, and_(key == last, _by_name(descending=False))))
    return query.order_by(*sorting(shape)).limit(PAGE + 1)


def _by_name(*, descending: bool) -> ColumnElement[bool]:
    """After a name, and among namesakes after an id; its first part is a range of the index."""
    name, number = bindparam("last_name", type_=String), bindparam("last_id", type_=Integer)
    if descending:
        return and_(Person.name <= name, or_(Person.name < name, Person.id < number))
    return and_(Person.name >= name, or_(Person.name > name, Person.id > number))


def sorting(shape: Shape) -> list[Any]:
    key = _SORTS[shape.order]
    if shape.order is Order.NAME:
        both = (Person.name, Person.id)
        return [column.desc() for column in both] if shape.descending else list(both)
    return [key.desc() if shape.descending else key, Person.name, Person.id]


@lru_cache(256)
def count_found(shape: Shape) -> Select[*tuple[Any, ...]]:
    return select(func.count()).select_from(found(shape).limit(team.LARGE + 1).subquery())
