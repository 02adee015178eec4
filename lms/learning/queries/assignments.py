"""What is read of assignments by those who give them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from lms.accounts import queries as accounts
from lms.accounts.models import Person, Unit
from lms.accounts.queries import delegations, team
from lms.accounts.queries.team import Scope
from lms.accounts.rules import is_within, path_contains
from lms.core import clock
from lms.core.access import Actor, Delegated, Permission
from lms.core.db import db, lock_row, read
from lms.core.errors import NotFound
from lms.courses.models import Course, CourseVersion
from lms.learning.models import Assignment, Enrolment, Obligation
from lms.learning.queries.duties import COUNTS, NOTHING, OWED, DutyCount
from lms.learning.rules import EnrolmentState

PAGE = 25
CHOICES = 500  # units to choose from

AS_HR = "Admin SDM"  # stands where a head's position does, as a position in Indonesian

# ── Before it is given ───────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Target:
    """Whom an assignment is for, within the right of whoever gives it: a whole unit with those
    below it (`person_ids` None), or people named one by one."""

    unit_id: int
    unit_name: str
    scope: Scope
    person_ids: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Reach:
    """What an assignment would do: how many are in it, have completed the course already, have to
    complete it already; and one page of them."""

    people: int
    completed: int
    obliged: int
    rows: tuple[Any, ...]
    more: bool

    @property
    def new(self) -> int:
        return self.people - self.completed - self.obliged


def paths_of(actor: Actor) -> tuple[str, ...]:
    """Where the actor may assign, and in all below: units headed today, and the reach of HR."""
    return (*actor.headed_paths, *actor.paths_of(Permission.LEARNING_TEAM_ASSIGN))


def _reach(actor: Actor) -> Scope:
    """Everybody there but the actor and whom she stands in for: nobody obliges or frees herself."""
    return _scope(actor, *team.outermost(paths_of(actor)))


def unit_target(actor: Actor, uuid: UUID) -> Target:
    """A unit in which the actor may assign. Raises NotFound for every other."""
    row = db.session.execute(
        select(Unit.id, Unit.name, Unit.path).where(
            Unit.uuid == uuid, accounts.within(paths_of(actor))
        )
    ).first()
    if row is None:
        raise NotFound
    return Target(row.id, row.name, _scope(actor, row.path))


def _scope(actor: Actor, *paths: str) -> Scope:
    return Scope(paths, clock.today(actor.time_zone), left_out(actor))


def left_out(actor: Actor) -> tuple[int, ...]:
    """Ids of whom the actor neither obliges nor frees, wherever they are placed."""
    own = (*actor.own_headed_paths, *actor.paths_of(Permission.LEARNING_TEAM_ASSIGN))
    return team.without(actor, own)


def people_targets(actor: Actor, uuids: Sequence[UUID]) -> list[Target]:
    """People whom the actor may oblige, by the topmost unit that they belong to. Raises NotFound
    when one of them is out of reach."""
    scope = _reach(actor)
    found = team.members(scope, uuids)
    if len(found) != len(set(uuids)):
        raise NotFound
    places = team.places(scope, [row.id for row in found])
    targets = []
    for unit in team.units_at(scope.paths):
        ids = tuple(  # who moved away since the statement before has no place any more
            row.id
            for row in found
            if row.id in places and path_contains(unit.path, places[row.id].path)
        )
        if ids:
            targets.append(Target(unit.id, unit.name, _scope(actor, unit.path), ids))
    if not targets:
        raise NotFound
    return targets


def names_of(actor: Actor, uuids: Sequence[UUID]) -> list[Any]:
    """`uuid` and `name` of people whom the actor may oblige, by name. Raises NotFound when one of
    them is out of reach."""
    found = team.members(_reach(actor), uuids)
    if len(found) != len(set(uuids)):
        raise NotFound
    return found


def units_below(actor: Actor, chosen: UUID | None = None) -> list[Any]:
    """`uuid`, `name` and `path` of the units in which the actor may assign, by path: at most so
    many, and the chosen one in any case."""
    mine = select(Unit.uuid, Unit.name, Unit.path).where(accounts.within(paths_of(actor)))
    found = list(db.session.execute(mine.order_by(Unit.path).limit(CHOICES)))
    if chosen is not None and all(row.uuid != chosen for row in found):
        found += db.session.execute(mine.where(Unit.uuid == chosen))
    return found


def in_target(scope: Scope, person_ids: Sequence[int] | None) -> ColumnElement[bool]:
    """SQL condition on Person, of everybody of the scope or of some of them; run with
    `scope.values`."""
    inside = team.is_member(len(scope.paths), large=person_ids is not None)
    return inside if person_ids is None else and_(Person.id.in_(person_ids), inside)


def has_completed(course_id: int) -> ColumnElement[bool]:
    """SQL condition on Person. A completion counts whenever it was: it cannot be had twice."""
    return (
        select(Enrolment.id)
        .where(
            Enrolment.person_id == Person.id,
            Enrolment.course_id == course_id,
            Enrolment.state == EnrolmentState.COMPLETED,
        )
        .exists()
    )


def is_obliged(course_id: int) -> ColumnElement[bool]:
    """SQL condition on Person: has to complete the course already, from whichever assignment."""
    return (
        select(Obligation.id)
        .where(Obligation.person_id == Person.id, Obligation.course_id == course_id, OWED)
        .exists()
    )


def reach(targets: Sequence[Target], course_id: int, after: UUID | None = None) -> Reach:
    """Whom assignments to a unit, or to people of several headed units, would touch; the page of
    them begins after a person."""
    scope, person_ids = _together(targets)
    completed, obliged = has_completed(course_id), is_obliged(course_id)
    people = select(
        Person.id,
        Person.uuid,
        Person.name,
        completed.label("completed"),
        obliged.label("obliged"),
    ).where(in_target(scope, person_ids))
    all_of_them = people.subquery()
    counts = read(
        select(
            func.count(),
            func.count().filter(all_of_them.c.completed),
            func.count().filter(all_of_them.c.obliged, ~all_of_them.c.completed),
        ).select_from(all_of_them),
        **scope.values,
    ).one()
    if after is not None:
        last = read(people.where(Person.uuid == after), **scope.values).first()
        people = people.where(_after(last)) if last else people
    rows = read(people.order_by(Person.name, Person.id).limit(PAGE + 1), **scope.values).all()
    return Reach(counts[0], counts[1], counts[2], tuple(rows[:PAGE]), len(rows) > PAGE)


def _together(targets: Sequence[Target]) -> tuple[Scope, tuple[int, ...] | None]:
    """Everybody in one list, which pages by name can go through."""
    first = targets[0]
    if first.person_ids is None:
        return first.scope, None
    paths = tuple(path for target in targets for path in target.scope.paths)
    people = tuple(number for target in targets for number in target.person_ids or ())
    return replace(first.scope, paths=paths), people


def _after(row: Any) -> ColumnElement[bool]:
    return and_(Person.name >= row.name, or_(Person.name > row.name, Person.id > row.id))


@dataclass(frozen=True)
class Right:
    """By which unit somebody acts, and as what: "Plt. Kepala Bidang", HR, or "a.n. Kepala Bidang"
    on behalf of whoever gave the right."""

    unit_id: int
    position: str
    given: Delegated | None = None


def acting_as(actor: Actor, path: str) -> Right:
    """The right by which the actor may act on a unit: of the same unit or one above it; an own one
    before one that was delegated. Raises NotFound where there is none any more."""
    for place in accounts.placements_of(actor.person_id, clock.now()):
        if place.heads_unit and path_contains(place.path, path):
            position = delegations.position_words(place.position_name, place.standing)
            return Right(place.unit_id, position)
    for grant in accounts.own_roles(actor):
        may = Permission.LEARNING_TEAM_ASSIGN in accounts.OF_ROLE[grant.role]
        if may and path_contains(grant.unit.path, path):
            return Right(grant.unit_id, AS_HR)
    given = delegations.covering(actor, path)
    if given is None:
        raise NotFound
    return Right(given.unit_id, delegations.signs_as(given), given)


def covers_already(unit_id: int, course_id: int) -> bool:
    """Is the course assigned to the whole unit, for who comes later too?"""
    return bool(
        db.session.scalar(
            select(
                exists().where(
                    Assignment.unit_id == unit_id,
                    Assignment.course_id == course_id,
                    Assignment.covers_unit,
                    Assignment.closed_at.is_(None),
                )
            )
        )
    )


# ── What was given ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Given:
    """An assignment with how far its people are, of those whom the reader may see."""

    id: int
    uuid: UUID
    course_id: int
    slug: str
    title: str
    language: str
    unit: str
    unit_path: str
    headed_unit: str
    headed_path: str
    covers_unit: bool
    due_on: date
    reason: str
    source: str
    source_id: int
    source_position: str
    assigned_at: datetime
    closed_at: datetime | None
    progress: DutyCount = NOTHING

    def may_change(self, actor: Actor) -> bool:
        return is_within(self.headed_path, paths_of(actor))


_HeadedUnit = aliased(Unit)
_GIVEN = (
    select(
        Assignment.id,
        Assignment.uuid,
        Assignment.course_id,
        Course.slug,
        CourseVersion.title,
        CourseVersion.language,
        Unit.name.label("unit"),
        Unit.path.label("unit_path"),
        _HeadedUnit.name.label("headed_unit"),
        _HeadedUnit.path.label("headed_path"),
        Assignment.covers_unit,
        Assignment.due_on,
        Assignment.reason,
        Person.name.label("source"),
        Person.id.label("source_id"),
        Assignment.assigned_as.label("source_position"),
        Assignment.assigned_at,
        Assignment.closed_at,
    )
    .join(Course, Assignment.course_id == Course.id)
    .join(CourseVersion, Course.current_version_id == CourseVersion.id)
    .join(Unit, Assignment.unit_id == Unit.id)
    .join(_HeadedUnit, Assignment.headed_unit_id == _HeadedUnit.id)
    .join(Person, Assignment.assigned_by_id == Person.id)
)


def given(actor: Actor, before: int | None = None) -> tuple[list[Given], bool]:
    """Assignments of the units in which the actor may assign, the latest first, those with an id
    below `before`; and whether there are more."""
    query = _GIVEN.where(accounts.within(paths_of(actor)))
    if before is not None:
        query = query.where(Assignment.id < before)
    rows = read(query.order_by(Assignment.id.desc()).limit(PAGE + 1)).all()
    progress = _progress(actor, [row.id for row in rows[:PAGE]])
    found = [_with_progress(row, progress) for row in rows[:PAGE]]
    return found, len(rows) > PAGE


def _with_progress(row: Any, progress: dict[int, DutyCount]) -> Given:
    return Given(**row._mapping, progress=progress.get(row.id, NOTHING))


def given_for(actor: Actor, uuid: UUID) -> Given:
    """One of them. Raises NotFound for every other."""
    query = _GIVEN.where(accounts.within(paths_of(actor)), Assignment.uuid == uuid)
    row = read(query).first()
    if row is None:
        raise NotFound
    return _with_progress(row, _progress(actor, [row.id]))


def assignment_for(actor: Actor, uuid: UUID) -> Assignment:
    """For acts: kept from other writers until the commit, and its course before it, since an end
    touches every assignment of the course. Raises NotFound."""
    found = db.session.scalar(
        select(Assignment)
        .join(Assignment.unit)
        .where(accounts.within(paths_of(actor)), Assignment.uuid == uuid)
    )
    if found is None:
        raise NotFound
    lock_row(found.course)
    lock_row(found)
    return found


def visible(actor: Actor) -> tuple[ColumnElement[bool], Scope]:
    """SQL condition on Person: within the actor's reach today; who moved away is not any more."""
    scope = _reach(actor)
    return team.is_member(len(scope.paths), large=True), scope


def _progress(actor: Actor, assignment_ids: Sequence[int]) -> dict[int, DutyCount]:
    inside, scope = visible(actor)
    rows = read(
        select(Obligation.assignment_id, *COUNTS)
        .join(Person, Obligation.person_id == Person.id)
        .where(Obligation.assignment_id.in_(assignment_ids), inside)
        .group_by(Obligation.assignment_id),
        **scope.values,
        now=clock.now(),
    )
    return {row[0]: DutyCount(*row[1:]) for row in rows}


def people_of(
    actor: Actor, assignment_id: int, after: UUID | None, only: UUID | None = None
) -> tuple[list[Any], bool]:
    """`uuid`, `name`, `due_on`, `due_at`, `done_at`, `ended_at`, `ending`: one page of the people
    of an assignment, by name; and whether there are more. `only`: one of them alone."""
    inside, scope = visible(actor)
    query = (
        select(
            Person.id, Person.uuid, Person.name,
            Obligation.due_on, Obligation.due_at, Obligation.done_at, Obligation.ended_at,
            Obligation.ending,
        )
        .join(Person, Obligation.person_id == Person.id)
        .where(
            Obligation.assignment_id == assignment_id, inside,
            Obligation.id.in_(_latest_each(assignment_id)),
        )
    )  # fmt: skip
    if only is not None:
        query = query.where(Person.uuid == only)
    elif after is not None:
        last = read(query.where(Person.uuid == after), **scope.values).first()
        query = query.where(_after(last)) if last else query
    rows = read(query.order_by(Person.name, Person.id).limit(PAGE + 1), **scope.values).all()
    return list(rows[:PAGE]), len(rows) > PAGE


def _latest_each(assignment_id: int) -> Select[int]:
    """Somebody who left a unit and came back has two obligations of the same assignment."""
    return (
        select(func.max(Obligation.id))
        .where(Obligation.assignment_id == assignment_id)
        .group_by(Obligation.person_id)
    )


def due_checks(now: datetime, limit: int) -> list[int]:
    """Ids of assignments for which it is time to look who came and who left."""
    due = select(Assignment.id).where(Assignment.check_at <= now)
    return list(db.session.scalars(due.order_by(Assignment.check_at).limit(limit)))
