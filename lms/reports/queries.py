"""Who is on the team, and where they stand. Only people placed today in the units headed today."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from lms.accounts import rules as people
from lms.accounts.models import Person, Placement, Position, Unit
from lms.accounts.queries import Post, in_force, post_of, within
from lms.accounts.rules import Employment
from lms.competencies import queries as competencies
from lms.core import clock
from lms.core.access import Actor
from lms.core.db import db, read
from lms.core.errors import NotFound
from lms.learning import queries as learning
from lms.learning.queries import LearnerSummary

PAGE = 25
BATCH = 1000


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
    hours: Decimal
    target: Decimal | None


@dataclass(frozen=True)
class Team:
    """One page of the team and the figures over all of it."""

    members: tuple[Member, ...]
    count: int
    has_more: bool


def team(actor: Actor, search: str, after: UUID | None) -> Team:
    """One page by name; `after` is the last person of the page before."""
    day = clock.today(actor.time_zone)
    query = _members(actor, day, search)
    count = read(select(func.count()).select_from(query.subquery())).scalar() or 0
    last = db.session.execute(query.where(Person.uuid == after)).first() if after else None
    if last is not None:
        same_name = and_(Person.name == last.name, Person.id > last.id)
        query = query.where(or_(Person.name > last.name, same_name))
    rows = read(query.order_by(Person.name, Person.id).limit(PAGE + 1)).all()
    return Team(_with_figures(rows[:PAGE], day), count, len(rows) > PAGE)


def whole_team(actor: Actor, search: str) -> Iterator[Member]:
    """Everybody whom the search finds, by name, read in batches: memory stays flat however large
    the team. Needs the transaction to stay open until the last one."""
    day = clock.today(actor.time_zone)
    query = _members(actor, day, search).order_by(Person.name, Person.id)
    rows = db.session.execute(query.execution_options(yield_per=BATCH))
    for batch in rows.partitions():
        yield from _with_figures(batch, day)


def _with_figures(rows: Sequence[Any], day: date) -> tuple[Member, ...]:
    """What was learnt and earned, in a few queries for all of them together."""
    ids = [row.id for row in rows]
    summaries = learning.summaries(ids)
    hours = competencies.hours_by_person(ids, day.year)
    targets = {e: competencies.target_of(e, date(day.year, 12, 31)) for e in Employment}
    return tuple(
        Member(
            person_id=row.id,
            uuid=row.uuid,
            name=row.name,
            nip=row.nip,
            employment=row.employment,
            position=row.position,
            unit=row.unit,
            summary=summaries.get(row.id, LearnerSummary()),
            hours=hours.get(row.id, Decimal(0)),
            target=target.target_jp if (target := targets[row.employment]) else None,
        )
        for row in rows
    )


def _members(actor: Actor, day: date, search: str) -> Select[*tuple[Any, ...]]:
    """People placed today in the headed subtrees, each once, the actor left out."""
    first = (
        select(func.min(Placement.id))
        .join(Unit, Placement.unit_id == Unit.id)
        .where(in_force(Placement, day), within(actor.headed_paths))
        .group_by(Placement.person_id)
    )
    return (
        select(
            Person.id,
            Person.uuid,
            Person.name,
            Person.nip,
            Person.employment,
            Position.name.label("position"),
            Unit.name.label("unit"),
        )
        .join(Placement, Placement.person_id == Person.id)
        .join(Unit, Placement.unit_id == Unit.id)
        .join(Position, Placement.position_id == Position.id)
        .where(
            Placement.id.in_(first),
            Person.id != actor.person_id,
            Person.deactivated_at.is_(None),
            *_matches(search),
        )
    )


def _matches(search: str) -> list[ColumnElement[bool]]:
    if people.looks_like_nip(search):
        return [Person.nip == people.tidy_nip(search)]
    return [
        func.lower(Person.name).contains(word, autoescape=True)
        for word in search.lower().split()[:6]
    ]


def headed_units(actor: Actor) -> list[str]:
    """Names of the units that the actor heads today."""
    return list(
        db.session.scalars(
            select(Unit.name).where(Unit.path.in_(actor.headed_paths)).order_by(Unit.path)
        )
    )


def team_member(actor: Actor, uuid: UUID) -> tuple[Person, Post | None]:
    """A person of the team with where they stand. NotFound for everybody else, the actor too."""
    day = clock.today(actor.time_zone)
    found = db.session.execute(_members(actor, day, "").where(Person.uuid == uuid)).first()
    if found is None:
        raise NotFound
    person = db.session.get_one(Person, found[0])
    return person, post_of(person.id)
