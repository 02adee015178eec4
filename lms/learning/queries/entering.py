"""How people get into courses: whom a course takes in and how, who asked and who was invited."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, select
from sqlalchemy.orm import aliased, joinedload

from lms.accounts import rules as people
from lms.accounts.models import Person, Position, Unit
from lms.accounts.queries import Post, posts_of
from lms.accounts.queries.register import in_reach
from lms.accounts.rules import PositionKind, kind_of_tier
from lms.core import clock
from lms.core.access import Actor, Permission
from lms.core.db import db, read
from lms.core.errors import NotFound
from lms.courses.models import Course, CourseMember, CoursePrerequisite, CourseVersion
from lms.courses.queries import catalogue
from lms.courses.rules import CourseRole
from lms.learning import rules
from lms.learning.models import (
    Admission,
    CourseAudience,
    Enrolment,
    EnrolmentPolicy,
    Obligation,
)
from lms.learning.queries.duties import OWED
from lms.learning.rules import (
    AdmissionKind,
    AdmissionState,
    Audience,
    EnrolmentState,
    EnrolmentWay,
    Entry,
    Place,
)

PAGE = 25
MOST_CHOICES = 300  # units or positions in a list to choose from
MOST_FOUND = 20


@dataclass(frozen=True)
class Policy:
    """Whom a course takes in, and how; `units` and `positions` by code, each with its name."""

    way: EnrolmentWay = EnrolmentWay.DIRECT
    audience: Audience = Audience()  # noqa: RUF009 - it is frozen
    units: tuple[tuple[str, str], ...] = ()
    positions: tuple[tuple[str, str], ...] = ()
    kinds: tuple[PositionKind, ...] = ()
    by_run: bool = False


@dataclass(frozen=True)
class Admitted:
    """The latest request or invitation of somebody to a course."""

    uuid: UUID
    kind: AdmissionKind
    state: AdmissionState
    answer: str
    made_at: datetime


@dataclass(frozen=True)
class Required:
    """A course that comes first. `language` of its title."""

    slug: str
    title: str
    language: str


@dataclass(frozen=True)
class Door:
    """How somebody who is not in a course gets into it; `lacking` is what keeps them out."""

    entry: Entry
    policy: Policy
    last: Admitted | None
    lacking: tuple[Required, ...] = ()


_LATEST = (
    select(func.max(Admission.id))
    .where(Admission.person_id == bindparam("person_id"), Admission.course_id == Course.id)
    .correlate(Course)
    .scalar_subquery()
)
_COMPLETED = exists().where(
    Enrolment.person_id == bindparam("person_id"),
    Enrolment.course_id == CoursePrerequisite.requires_id,
    Enrolment.state == EnrolmentState.COMPLETED,
)
_REQUIRED = (
    select(CoursePrerequisite.course_id, Course.slug, CourseVersion.title, CourseVersion.language)
    .join(Course, CoursePrerequisite.requires_id == Course.id)
    .join(CourseVersion, Course.current_version_id == CourseVersion.id)
    .where(CoursePrerequisite.course_id.in_(bindparam("course_ids", expanding=True)))
    .order_by(CourseVersion.title, Course.id)
)
_LACKING = _REQUIRED.where(~_COMPLETED.correlate(CoursePrerequisite))
_DOORS = (
    select(
        Course.id,
        Course.archived_at,
        Course.is_withdrawn,
        EnrolmentPolicy.way,
        EnrolmentPolicy.by_run,
        CourseAudience.position_kind,
        Unit.path,
        Unit.code.label("unit_code"),
        Unit.name.label("unit_name"),
        Position.id.label("position_id"),
        Position.code.label("position_code"),
        Position.name.label("position_name"),
        Admission.uuid,
        Admission.kind,
        Admission.state,
        Admission.answer,
        Admission.made_at,
        exists()
        .where(
            Obligation.person_id == bindparam("person_id"), Obligation.course_id == Course.id, OWED
        )
        .correlate(Course)
        .label("is_owed"),
        exists()
        .where(CoursePrerequisite.course_id == Course.id, ~_COMPLETED.correlate(CoursePrerequisite))
        .correlate(Course)
        .label("is_lacking"),
    )
    .select_from(Course)
    .outerjoin(EnrolmentPolicy, EnrolmentPolicy.course_id == Course.id)
    .outerjoin(CourseAudience, CourseAudience.course_id == Course.id)
    .outerjoin(Unit, CourseAudience.unit_id == Unit.id)
    .outerjoin(Position, CourseAudience.position_id == Position.id)
    .outerjoin(Admission, Admission.id == _LATEST)
    .where(Course.id.in_(bindparam("course_ids", expanding=True)))
    .order_by(CourseAudience.id)
)
_DOORS_AND_STATE = _DOORS.add_columns(*catalogue.STATE)


def doors(person_id: int, post: Post | None, course_ids: Sequence[int]) -> dict[int, Door]:
    """How somebody who stands there today gets into each of the courses: in one query. It is asked
    of courses that they are not in."""
    rows = read(_DOORS, person_id=person_id, course_ids=list(course_ids)) if course_ids else ()
    made = _made(rows, post)
    closed = [course_id for course_id, door in made.items() if door.entry is Entry.LACKING]
    if closed:
        lacking: dict[int, list[Required]] = {}
        for course_id, *words in read(_LACKING, person_id=person_id, course_ids=closed):
            lacking.setdefault(course_id, []).append(Required(*words))
        for course_id, courses in lacking.items():
            made[course_id] = replace(made[course_id], lacking=tuple(courses))
    return made


def enterable(
    person_id: int, post: Post | None, course_ids: Sequence[int]
) -> tuple[set[int], tuple[Any, ...]]:
    """Those of the courses that somebody who stands there today and is not in them may enter, or
    ask to be let into, with the state of the catalogue: in one query."""
    welcome = (Entry.OPEN, Entry.INVITED, Entry.ASK)
    rows = read(_DOORS_AND_STATE, person_id=person_id, course_ids=list(course_ids)).all()
    made = _made(rows, post)
    state = tuple(rows[0][-len(catalogue.STATE) :]) if rows else ()
    return {course_id for course_id, door in made.items() if door.entry in welcome}, state


def _made(rows: Iterable[Any], post: Post | None) -> dict[int, Door]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.id, []).append(row)
    return {course_id: _door(each, post) for course_id, each in found.items()}


def required_of(course_id: int) -> list[Required]:
    """What comes before a course, by title. The caller has authorised."""
    return [Required(*row) for _, *row in read(_REQUIRED, course_ids=[course_id])]


def _door(rows: list[Any], post: Post | None) -> Door:
    policy, first = _policy(rows), rows[0]
    last = None
    if first.uuid is not None:
        last = Admitted(first.uuid, first.kind, first.state, first.answer, first.made_at)
    # With cohorts an approval or an accepted invitation is not the seat: it lets one take it, wait
    # for it, and take another one later.
    is_kept = policy.by_run and last is not None and last.state is AdmissionState.ACCEPTED
    entry = rules.entry(
        policy.way,
        is_for=policy.audience.includes(place_of(post)),
        is_owed=first.is_owed,
        is_archived=first.archived_at is not None,
        is_withdrawn=first.is_withdrawn,
        waiting=last.kind if last and last.state is AdmissionState.WAITING else None,
        is_lacking=first.is_lacking,
        accepted=last.kind if last and is_kept else None,
    )
    return Door(entry, policy, last)


def _policy(rows: list[Any]) -> Policy:
    units = [row for row in rows if row.path is not None]
    positions = [row for row in rows if row.position_id is not None]
    kinds = tuple(row.position_kind for row in rows if row.position_kind is not None)
    return Policy(
        way=rows[0].way or EnrolmentWay.DIRECT,
        audience=Audience(
            tuple(row.path for row in units),
            frozenset(row.position_id for row in positions),
            frozenset(kinds),
        ),
        units=tuple((row.unit_code, row.unit_name) for row in units),
        positions=tuple((row.position_code, row.position_name) for row in positions),
        kinds=kinds,
        by_run=bool(rows[0].by_run),
    )


def place_of(post: Post | None) -> Place | None:
    return Place(post.unit_path, post.position_id, kind_of_tier(post.tier).value) if post else None


def policy_of(course_id: int) -> Policy:
    """The caller has authorised."""
    rows = read(_DOORS, person_id=0, course_ids=[course_id]).all()
    return _policy(list(rows))


# ── What may be chosen ───────────────────────────────────────────────────────────────────────


def unit_choices() -> list[Any]:
    """Code and name of all units in the order of the tree; none where they are too many."""
    rows = db.session.execute(
        select(Unit.code, Unit.name).order_by(Unit.path).limit(MOST_CHOICES + 1)
    ).all()
    return list(rows) if len(rows) <= MOST_CHOICES else []


def position_choices() -> list[Any]:
    """Code and name of all positions by name; none where they are too many."""
    rows = db.session.execute(
        select(Position.code, Position.name).order_by(Position.name).limit(MOST_CHOICES + 1)
    ).all()
    return list(rows) if len(rows) <= MOST_CHOICES else []


# ── Requests and invitations ─────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Waiting:
    """How many requests and invitations of a course have no answer yet."""

    requests: int
    invitations: int


def waiting_of(course_id: int) -> Waiting:
    rows = db.session.execute(
        select(Admission.kind, func.count())
        .where(Admission.course_id == course_id, Admission.state == AdmissionState.WAITING)
        .group_by(Admission.kind)
    )
    counts = {kind: count for kind, count in rows}  # noqa: C416 - rows are not pairs
    return Waiting(counts.get(AdmissionKind.REQUEST, 0), counts.get(AdmissionKind.INVITATION, 0))


@dataclass(frozen=True)
class Listed:
    """A request or an invitation with the person. `by` made it."""

    id: int
    uuid: UUID
    name: str
    nip: str
    post: Post | None
    state: AdmissionState
    reason: str
    answer: str
    made_at: datetime
    by: str


def requests_of(course_id: int, search: str, after: int | None) -> tuple[list[Listed], bool]:
    """A page of the requests that wait, the oldest first, and whether there are more."""
    query = _listed(course_id, AdmissionKind.REQUEST, search).where(
        Admission.state == AdmissionState.WAITING, Admission.id > (after or 0)
    )
    return _page(query.order_by(Admission.id))


def invitations_of(
    course_id: int, search: str, state: AdmissionState | None, before: int | None
) -> tuple[list[Listed], bool]:
    """A page of the invitations, the newest first, and whether there are more."""
    query = _listed(course_id, AdmissionKind.INVITATION, search)
    if state is not None:
        query = query.where(Admission.state == state)
    if before is not None:
        query = query.where(Admission.id < before)
    return _page(query.order_by(Admission.id.desc()))


def _listed(course_id: int, kind: AdmissionKind, search: str) -> Select[*tuple[Any, ...]]:
    by = aliased(Person)
    query: Select[*tuple[Any, ...]] = (
        select(
            Admission.id, Admission.uuid, Admission.person_id, Person.name, Person.nip,
            Admission.state, Admission.reason, Admission.answer, Admission.made_at,
            by.name.label("by"),
        )
        .join(Person, Admission.person_id == Person.id)
        .join(by, Admission.made_by_id == by.id)
        .where(Admission.course_id == course_id, Admission.kind == kind, *_matches(search))
    )  # fmt: skip
    return query


def _page(query: Select[*tuple[Any, ...]]) -> tuple[list[Listed], bool]:
    rows = db.session.execute(query.limit(PAGE + 1)).all()
    posts = posts_of([row.person_id for row in rows[:PAGE]])
    page = [
        Listed(
            row.id, row.uuid, row.name, row.nip, posts.get(row.person_id), row.state, row.reason,
            row.answer, row.made_at, row.by,
        )
        for row in rows[:PAGE]
    ]  # fmt: skip
    return page, len(rows) > PAGE


def _matches(search: str) -> list[ColumnElement[bool]]:
    if people.begins_a_nip(search):
        return [Person.nip.startswith(people.tidy_nip(search))]
    return [
        func.lower(Person.name).contains(word, autoescape=True)
        for word in search.lower().split()[:6]
    ]


def asking(course_id: int, uuids: Sequence[UUID]) -> list[Person]:
    """Whose requests these are, in the order of their UUIDs."""
    query = (
        select(Person)
        .join(Admission, Admission.person_id == Person.id)
        .where(Admission.course_id == course_id, Admission.uuid.in_(uuids))
    )
    return sorted(db.session.scalars(query), key=lambda person: person.uuid)


def chosen(course_id: int, kind: AdmissionKind, uuids: Sequence[UUID]) -> list[Admission]:
    """For acts: those that wait, locked in one order by everybody."""
    query = (
        select(Admission)
        .where(
            Admission.course_id == course_id,
            Admission.kind == kind,
            Admission.state == AdmissionState.WAITING,
            Admission.uuid.in_(uuids),
        )
        .options(joinedload(Admission.person, innerjoin=True))
        .order_by(Admission.id)
    )
    return list(db.session.scalars(query.with_for_update(of=Admission)))


def waiting_for(person_id: int, course_id: int) -> Admission | None:
    """For acts: the request or invitation of somebody that waits."""
    return db.session.scalar(
        select(Admission)
        .where(
            Admission.person_id == person_id,
            Admission.course_id == course_id,
            Admission.state == AdmissionState.WAITING,
        )
        .with_for_update()
    )


def owner_ids(course_id: int) -> Sequence[int]:
    """Who is told of requests: the owners by name, not everybody who may act as one."""
    return db.session.scalars(
        select(CourseMember.person_id)
        .where(CourseMember.course_id == course_id, CourseMember.role == CourseRole.OWNER)
        .order_by(CourseMember.person_id)
    ).all()


# ── Whom to invite ───────────────────────────────────────────────────────────────────────────


def _within_reach(actor: Actor) -> ColumnElement[bool]:
    """SQL condition on Person: active, and placed where the actor's role reaches."""
    paths = actor.paths_of(Permission.COURSES_STUDIO_USE)
    reach = in_reach(paths, clock.today(actor.time_zone))
    return and_(reach, Person.deactivated_at.is_(None))


def _outside(course_id: int) -> ColumnElement[bool]:
    """SQL condition on Person: neither in the course, nor done with it, nor asked or asking."""
    inside = exists().where(
        Enrolment.person_id == Person.id,
        Enrolment.course_id == course_id,
        Enrolment.state != EnrolmentState.WITHDRAWN,
    )
    waits = exists().where(
        Admission.person_id == Person.id,
        Admission.course_id == course_id,
        Admission.state == AdmissionState.WAITING,
    )
    return and_(~inside, ~waits)


def may_be_invited(person_id: int, course_id: int) -> bool:
    """Is the person neither in the course, nor done with it, nor asked or asking?"""
    query = select(Person.id).where(Person.id == person_id, _outside(course_id))
    return db.session.scalar(query) is not None


def invitation_for(course_id: int, uuid: UUID) -> Admission:
    """Raises NotFound, also for one to another course. The caller has authorised for the course."""
    found = db.session.scalar(
        select(Admission).where(
            Admission.uuid == uuid,
            Admission.course_id == course_id,
            Admission.kind == AdmissionKind.INVITATION,
        )
    )
    if found is None:
        raise NotFound
    return found


def to_invite(actor: Actor, course_id: int, search: str) -> list[Any]:
    """`uuid`, `name` and `nip` of people within reach who fit the words and could be invited."""
    query = (
        select(Person.uuid, Person.name, Person.nip)
        .where(_within_reach(actor), _outside(course_id), *_matches(search))
        .order_by(Person.name, Person.id)
    )
    return list(db.session.execute(query.limit(MOST_FOUND)))


def invitable(
    actor: Actor, course_id: int, which: ColumnElement[bool], most: int
) -> tuple[list[Person], int]:
    """For acts: those of some people (a condition on Person) within reach who can be invited, at
    most so many and one; and how many of them are within reach, up to the same number."""
    within = select(Person).where(_within_reach(actor), which)
    known = db.session.scalar(
        select(func.count()).select_from(
            within.with_only_columns(Person.id).limit(most + 1).subquery()
        )
    )
    rows = db.session.scalars(within.where(_outside(course_id)).order_by(Person.id).limit(most + 1))
    return list(rows), known or 0


def unknown_nips(actor: Actor, nips: Sequence[str]) -> list[str]:
    """Those of the numbers that nobody within reach has, in the order in which they were given."""
    known = set(
        db.session.scalars(select(Person.nip).where(_within_reach(actor), Person.nip.in_(nips)))
    )
    return [nip for nip in nips if nip not in known]
