"""Who is on the team, and where they stand. Only people placed today in the units headed today.

What a page shows of its 25 people is read for them alone. The figures over everybody are counted
anew for a team of up to `team.LARGE`; those of a larger one are kept for some minutes, and the page
says when they were counted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from lms.accounts.models import Person
from lms.accounts.queries import Post, post_of, team
from lms.accounts.queries.team import Scope
from lms.accounts.rules import Employment
from lms.competencies.queries.hours import hours_by_person, targets_on
from lms.core.access import Actor
from lms.core.db import db, read
from lms.core.errors import NotFound
from lms.credentials import queries as credentials
from lms.learning.queries.duties import NOTHING, DutyCount, duty_counts
from lms.learning.queries.summaries import LearnerSummary, summaries
from lms.reports.queries import members
from lms.reports.queries.figures import Figures, count_few, figures_of
from lms.reports.queries.members import BATCH, Asked, Shape, shape_of, values_of


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
class Team:
    """One page of the team and the figures over all of it. `count`: how many are asked for, None
    where they are more than is counted for each page."""

    members: tuple[Member, ...]
    count: int | None
    has_more: bool
    figures: Figures


def _scope(actor: Actor, asked: Asked) -> Scope:
    scope = team.scope_of(actor)
    if asked.unit is None or asked.unit.path not in actor.headed_paths:
        return scope
    return replace(scope, paths=(asked.unit.path,))


def board(actor: Actor, asked: Asked, after: UUID | None) -> Team:
    """One page as asked for; `after` is the last person of the page before."""
    scope = _scope(actor, asked)
    values = values_of(scope, asked)
    figures = figures_of(scope, values)
    shape = shape_of(scope, asked, large=figures.is_large)
    last = _last(shape, values, after)
    rows = read(members.page(shape, after=last is not None), **values, **_place(last)).all()
    found, more = rows[: members.PAGE], len(rows) > members.PAGE
    count: int | None = figures.count(asked.standing)
    if asked.search:
        whole = last is None and not more
        count = len(found) if whole else read(members.count_found(shape), **values).scalar_one()
        count = count if count is not None and count <= team.LARGE else None
    return Team(with_figures(found, scope), count, more, figures)


def _last(shape: Shape, values: dict[str, object], after: UUID | None) -> Any:
    """Where the page before ended. Who does not belong there any more is still a place in the
    order; who is not on the team is none."""
    if after is None:
        return None
    anybody = Shape(shape.paths, large=True, order=shape.order, descending=shape.descending)
    return read(members.found(anybody).where(Person.uuid == after), **values).first()


def _place(last: Any) -> dict[str, object]:
    if last is None:
        return {}
    return {"last_name": last.name, "last_id": last.id, "last_value": last.sorted_by}


def whole_team(actor: Actor, asked: Asked) -> Iterator[Member]:
    """Everybody asked for, in the order asked for, read in batches: memory stays flat however
    large the team. Needs the transaction to stay open until the last one."""
    scope = _scope(actor, asked)
    values = values_of(scope, asked)
    shape = shape_of(scope, asked, large=count_few(scope, values) is None)
    query = (
        members.found(shape).order_by(*members.sorting(shape)).execution_options(yield_per=BATCH)
    )
    for batch in db.session.execute(query, values).partitions():
        yield from with_figures(batch, scope)


def chosen(actor: Actor, asked: Asked, most: int) -> list[UUID]:
    """Public ids of everybody asked for, at most so many and one more."""
    scope = _scope(actor, asked)
    query = members.found(shape_of(scope, asked, large=False)).limit(most + 1)
    return [row.uuid for row in read(query, **values_of(scope, asked))]


def with_figures(rows: Sequence[Any], scope: Scope) -> tuple[Member, ...]:
    """What was learnt and earned, in a few queries for all of them together. Who moved away since
    the rows were read is left out."""
    ids = [row.id for row in rows]
    places = team.places(scope, ids) if ids else {}
    figures = summaries(ids)
    duties = duty_counts(ids)
    hours = hours_by_person(ids, scope.day.year)
    targets = targets_on(date(scope.day.year, 12, 31))
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


def team_member(actor: Actor, uuid: UUID) -> tuple[Person, Post | None]:
    """A person of the team with where they stand. NotFound for everybody else, the actor too."""
    found = team.members(team.scope_of(actor), [uuid])
    if not found:
        raise NotFound
    person = db.session.get_one(Person, found[0].id)
    return person, post_of(person.id)
