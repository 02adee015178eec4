"""Who is on the team, and where they stand. Only people placed today in the units headed today.

What a page shows of its 25 people is read for them alone. The figures over everybody are counted
anew for a team of up to `team.LARGE`; those of a larger one are kept for some minutes, and the page
says when they were counted.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
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
from lms.accounts.queries import Post, post_of, team
from lms.accounts.queries.team import Scope
from lms.accounts.rules import Employment
from lms.competencies import queries as competencies
from lms.competencies.models import HourEntry
from lms.core import clock
from lms.core.access import Actor
from lms.core.db import Hundredths, UtcDateTime, db, read
from lms.core.errors import NotFound
from lms.credentials import queries as credentials
from lms.credentials.models import Certificate
from lms.learning.models import Enrolment, Obligation
from lms.learning.queries.duties import NOTHING, OWED, DutyCount, duty_counts
from lms.learning.queries.summaries import LearnerSummary, summaries
from lms.learning.rules import EnrolmentState
from lms.reports.queries.kept import Kept

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


@dataclass(frozen=True)
class Member:
    """A row of the team board."""

    person_id: int
    uuid: UUID
    name: str
    nip: str
    employment: Employment
    position: str
    unit: str
    summary: LearnerSummary
    duties: DutyCount
    hours: Decimal
    target: Decimal | None
    ends_on: date | None = None  # the certificate that runs out first


@dataclass(frozen=True)
class Figures:
    """Over the whole team: people, those under their target of hours, courses that had to be
    completed, the people who are late or have not begun, and those with a certificate that runs
    out. `counted_at` is given for a large team, whose figures are kept for some minutes."""

    people: int
    under_target: int
    duties: DutyCount = NOTHING
    late: int = 0
    not_started: int = 0
    expiring: int = 0
    counted_at: datetime | None = None

    @property
    def is_large(self) -> bool:
        return self.counted_at is not None

    def count(self, standing: Standing | None) -> int:
        return {
            None: self.people,
            Standing.LATE: self.late,
            Standing.UNDER_TARGET: self.under_target,
            Standing.NOT_STARTED: self.not_started,
            Standing.EXPIRING: self.expiring,
        }[standing]


@dataclass(frozen=True)
class Team:
    """One page of the team and the figures over all of it. `count`: how many are asked for, None
    where they are more than is counted for each page."""

    members: tuple[Member, ...]
    count: int | None
    has_more: bool
    figures: Figures


# ── Conditions on one person ─────────────────────────────────────────────────────────────────

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
_IN_COURSE = (
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
    Standing.NOT_STARTED: select(Obligation.id).where(_OWES, ~_IN_COURSE).exists(),
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
class _Shape:
    """All that a statement over the members depends on, beside its values."""

    paths: int
    large: bool
    words: int = 0
    by_nip: bool = False
    standing: Standing | None = None
    order: Order = Order.NAME
    descending: bool = False


def _shape(scope: Scope, asked: Asked, *, large: bool) -> _Shape:
    by_nip = people.looks_like_nip(asked.search)
    return _Shape(
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
    targets = competencies.targets_on(date(scope.day.year, 12, 31))
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
def _found(shape: _Shape) -> Select[*tuple[Any, ...]]:
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
def _page(shape: _Shape, *, after: bool) -> Select[*tuple[Any, ...]]:
    """One page and one row more; after the row whose sort value, name and id are given."""
    query, key = _found(shape), _SORTS[shape.order]
    if after and shape.order is Order.NAME:
        query = query.where(_by_name(descending=shape.descending))
    elif after:
        last = bindparam("last_value", type_=key.type)
        further = key < last if shape.descending else key > last
        query = query.where(or_(further, and_(key == last, _by_name(descending=False))))
    return query.order_by(*_sorting(shape)).limit(PAGE + 1)


def _by_name(*, descending: bool) -> ColumnElement[bool]:
    """After a name, and among namesakes after an id; its first part is a range of the index."""
    name, number = bindparam("last_name", type_=String), bindparam("last_id", type_=Integer)
    if descending:
        return and_(Person.name <= name, or_(Person.name < name, Person.id < number))
    return and_(Person.name >= name, or_(Person.name > name, Person.id > number))


def _sorting(shape: _Shape) -> list[Any]:
    key = _SORTS[shape.order]
    if shape.order is Order.NAME:
        both = (Person.name, Person.id)
        return [column.desc() for column in both] if shape.descending else list(both)
    return [key.desc() if shape.descending else key, Person.name, Person.id]


@lru_cache(256)
def _count_found(shape: _Shape) -> Select[*tuple[Any, ...]]:
    return select(func.count()).select_from(_found(shape).limit(team.LARGE + 1).subquery())


# ── The board ────────────────────────────────────────────────────────────────────────────────


def _scope(actor: Actor, asked: Asked) -> Scope:
    scope = team.scope_of(actor)
    if asked.unit is None or asked.unit.path not in actor.headed_paths:
        return scope
    return replace(scope, paths=(asked.unit.path,))


def board(actor: Actor, asked: Asked, after: UUID | None) -> Team:
    """One page as asked for; `after` is the last person of the page before."""
    scope = _scope(actor, asked)
    values = values_of(scope, asked)
    figures = _figures(scope, values)
    shape = _shape(scope, asked, large=figures.is_large)
    last = _last(shape, values, after)
    rows = read(_page(shape, after=last is not None), **values, **_place(last)).all()
    found, more = rows[:PAGE], len(rows) > PAGE
    count: int | None = figures.count(asked.standing)
    if asked.search:
        whole = last is None and not more
        count = len(found) if whole else read(_count_found(shape), **values).scalar_one()
        count = count if count is not None and count <= team.LARGE else None
    return Team(with_figures(found, scope), count, more, figures)


def _last(shape: _Shape, values: dict[str, object], after: UUID | None) -> Any:
    """Where the page before ended. Who does not belong there any more is still a place in the
    order; who is not on the team is none."""
    if after is None:
        return None
    anybody = _Shape(shape.paths, large=True, order=shape.order, descending=shape.descending)
    return read(_found(anybody).where(Person.uuid == after), **values).first()


def _place(last: Any) -> dict[str, object]:
    if last is None:
        return {}
    return {"last_name": last.name, "last_id": last.id, "last_value": last.sorted_by}


def whole_team(actor: Actor, asked: Asked) -> Iterator[Member]:
    """Everybody asked for, in the order asked for, read in batches: memory stays flat however
    large the team. Needs the transaction to stay open until the last one."""
    scope = _scope(actor, asked)
    values = values_of(scope, asked)
    shape = _shape(scope, asked, large=_count_few(scope, values) is None)
    query = _found(shape).order_by(*_sorting(shape)).execution_options(yield_per=BATCH)
    for batch in db.session.execute(query, values).partitions():
        yield from with_figures(batch, scope)


def chosen(actor: Actor, asked: Asked, most: int) -> list[UUID]:
    """Public ids of everybody asked for, at most so many and one more."""
    scope = _scope(actor, asked)
    query = _found(_shape(scope, asked, large=False)).limit(most + 1)
    return [row.uuid for row in read(query, **values_of(scope, asked))]


def with_figures(rows: Sequence[Any], scope: Scope) -> tuple[Member, ...]:
    """What was learnt and earned, in a few queries for all of them together. Who moved away since
    the rows were read is left out."""
    ids = [row.id for row in rows]
    places = team.places(scope, ids) if ids else {}
    figures = summaries(ids)
    duties = duty_counts(ids)
    hours = competencies.hours_by_person(ids, scope.day.year)
    targets = competencies.targets_on(date(scope.day.year, 12, 31))
    ends = credentials.first_ends(ids, scope.day)
    return tuple(
        Member(
            person_id=row.id,
            uuid=row.uuid,
            name=row.name,
            nip=row.nip,
            employment=row.employment,
            position=places[row.id].position,
            unit=places[row.id].unit,
            summary=figures.get(row.id, LearnerSummary()),
            duties=duties.get(row.id, NOTHING),
            hours=hours.get(row.id, Decimal(0)),
            target=targets.get(row.employment),
            ends_on=ends.get(row.id),
        )
        for row in rows
        if row.id in places
    )


# ── Figures over everybody ───────────────────────────────────────────────────────────────────


@lru_cache(64)
def _count_people(paths: int, *, all_of_them: bool) -> Select[*tuple[Any, ...]]:
    """How many are placed there, how many of them are on the team, and how many of these under
    their target. Stops when there are more than LARGE, unless all of them are wanted."""
    ids = team.placed(paths).distinct()
    if not all_of_them:  # the limit stands inside: around it, everybody would be gathered first
        ids = ids.limit(team.LARGE + 2)
    there = ids.subquery()
    return (
        select(
            func.count(),
            func.count().filter(team.COUNTS),
            func.count().filter(team.COUNTS, IS_UNDER),
        )
        .select_from(there)
        .join(Person, Person.id == there.c.person_id)
    )


@lru_cache(64)
def _count_duties(paths: int) -> Select[*tuple[Any, ...]]:
    is_late, not_begun = Obligation.due_at <= NOW, ~_IN_COURSE
    return (
        select(
            func.count().filter(Obligation.done_at.is_not(None)),
            func.count().filter(OWED),
            func.count().filter(OWED, is_late),
            func.count(Obligation.person_id.distinct()).filter(OWED, is_late),
            func.count(Obligation.person_id.distinct()).filter(OWED, not_begun),
        )
        .join(Person, Obligation.person_id == Person.id)
        .where(team.is_member(paths, large=False))
    )


_kept: Kept[Scope, Figures] = Kept()


@lru_cache(64)
def _count_expiring(paths: int) -> Select[*tuple[Any, ...]]:
    return (
        select(func.count(Certificate.person_id.distinct()))
        .join(Person, Certificate.person_id == Person.id)
        .where(credentials.RUNS_OUT, team.is_member(paths, large=False))
    )


def _count_few(scope: Scope, values: dict[str, object]) -> tuple[int, int] | None:
    """People and those under their target; None for a large team."""
    there, count, under = read(_count_people(len(scope.paths), all_of_them=False), **values).one()
    return None if there > team.LARGE + 1 else (count, under)


def _figures(scope: Scope, values: dict[str, object]) -> Figures:
    few = _count_few(scope, values)
    if few is not None:
        return Figures(few[0], few[1], *_other_figures(scope, values))
    counted_at, found = _kept.get(scope, lambda: _count_large(scope, values))
    return replace(found, counted_at=counted_at)


def _count_large(scope: Scope, values: dict[str, object]) -> Figures:
    _, count, under = read(_count_people(len(scope.paths), all_of_them=True), **values).one()
    return Figures(count, under, *_other_figures(scope, values))


def _other_figures(scope: Scope, values: dict[str, object]) -> tuple[DutyCount, int, int, int]:
    row = read(_count_duties(len(scope.paths)), **values).one()
    expiring = read(_count_expiring(len(scope.paths)), **values).scalar_one()
    return DutyCount(*row[:3]), row[3], row[4], expiring


# ── One person ───────────────────────────────────────────────────────────────────────────────


def team_member(actor: Actor, uuid: UUID) -> tuple[Person, Post | None]:
    """A person of the team with where they stand. NotFound for everybody else, the actor too."""
    found = team.members(team.scope_of(actor), [uuid])
    if not found:
        raise NotFound
    person = db.session.get_one(Person, found[0].id)
    return person, post_of(person.id)
