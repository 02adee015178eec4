"""The learners of a course, for whoever teaches it: who is where, the late ones first.

One page is read by key, and what its people did for them alone.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select

from lms.accounts import rules as people
from lms.accounts.models import Person, Placement, Unit
from lms.accounts.queries import DEFAULT_ZONE, Post, in_force, posts_of, within
from lms.core import clock
from lms.core.db import db
from lms.core.errors import NotFound
from lms.courses import queries as courses
from lms.courses.models import CourseVersion
from lms.courses.queries import VersionView
from lms.learning.models import CourseRun, Enrolment, Obligation
from lms.learning.queries import EnrolmentView, Learning, enrolment_view
from lms.learning.queries.counting import QUIET, standings
from lms.learning.queries.duties import OWED
from lms.learning.queries.reaching import Reached, in_band, reaching
from lms.learning.rules import EnrolmentState

PAGE = 25
BATCH = 500
MOST_WORDS = 6


class LearnerState(StrEnum):
    """Whom the list is narrowed to. `QUIET`: under way and not seen for two weeks. Who withdrew is
    in no other list."""

    LATE = "late"
    QUIET = "quiet"
    OPEN = "open"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Asked:
    """What a reader wants to see. `path` is that of a unit, "" for all; `next_key` the part that
    they would go on with, `run_id` that of a cohort. `reached` in the part `key`; `low` is the
    least final score of a band of ten, of those who completed the course."""

    search: str = ""
    state: LearnerState | None = None
    path: str = ""
    next_key: str = ""
    run_id: int | None = None
    key: str = ""
    reached: Reached | None = None
    low: int | None = None
    nowhere: bool = False  # of a unit that there is not


# Whom an act is for: those that a list is narrowed to, or the enrolments that were chosen.
Whom = Asked | tuple[UUID, ...]


@dataclass(frozen=True)
class Cell:
    """One part for one learner: "done", "begun" or "", and the score of a quiz."""

    state: str
    score: Decimal | None


@dataclass(frozen=True)
class LearnerRow:
    """A learner of the course. `due_at` is when they have to have completed it, in `time_zone`.
    `final_score` is there when the course is completed: before that, what is not done counts 0."""

    uuid: UUID
    person_uuid: UUID
    name: str
    nip: str
    post: Post | None
    learning: Learning
    cells: tuple[Cell, ...]
    due_at: datetime | None
    is_late: bool
    is_quiet: bool
    is_withdrawn: bool
    last_active_at: datetime
    final_score: Decimal | None
    run: str


@dataclass(frozen=True)
class Counts:
    """Over everybody who has not withdrawn, but for those who did."""

    all: int
    late: int
    quiet: int
    open: int
    completed: int
    withdrawn: int

    def of(self, state: LearnerState | None) -> int:
        return self.all if state is None else int(getattr(self, state.value))


def _joined(*columns: Any) -> Select[Any]:
    """Enrolments with their person, and what that person still owes of the course: one row each,
    because at most one duty is open for a person and a course."""
    duty = and_(
        Obligation.person_id == Enrolment.person_id,
        Obligation.course_id == Enrolment.course_id,
        OWED,
    )
    return (
        select(*columns)
        .select_from(Enrolment)
        .join(Person, Enrolment.person_id == Person.id)
        .outerjoin(Obligation, duty)
    )


def _conditions(now: datetime) -> dict[LearnerState, ColumnElement[bool]]:
    is_open = Enrolment.state == EnrolmentState.OPEN
    return {
        LearnerState.LATE: and_(is_open, Obligation.due_at <= now),
        LearnerState.QUIET: and_(is_open, Enrolment.last_active_at < now - QUIET),
        LearnerState.OPEN: is_open,
        LearnerState.COMPLETED: Enrolment.state == EnrolmentState.COMPLETED,
        LearnerState.WITHDRAWN: Enrolment.state == EnrolmentState.WITHDRAWN,
    }


_STAYED = Enrolment.state != EnrolmentState.WITHDRAWN


def counts_of(course_id: int) -> Counts:
    conditions = _conditions(clock.now())
    row = db.session.execute(
        _joined(
            func.count().filter(_STAYED),
            *(func.count().filter(conditions[s]) for s in LearnerState),
        ).where(Enrolment.course_id == course_id)
    ).one()
    return Counts(*row)


def _listed(now: datetime) -> Select[Any]:
    """Rows as lists have them, and in their order."""
    rank = _rank(now)
    query = _joined(
        Enrolment.id,
        Enrolment.uuid,
        Enrolment.state,
        Enrolment.done_parts,
        Enrolment.final_score,
        Enrolment.last_active_at,
        Enrolment.started_at,
        Enrolment.version_id,
        CourseVersion.uuid.label("version_uuid"),
        Person.id.label("person_id"),
        Person.uuid.label("person_uuid"),
        Person.name,
        Person.nip,
        Obligation.due_at,
        CourseRun.name.label("run_name"),
        rank.label("rank"),
    ).join(CourseVersion, Enrolment.version_id == CourseVersion.id)
    query = query.outerjoin(CourseRun, Enrolment.run_id == CourseRun.id)
    return query.order_by(rank, Person.name, Enrolment.id)


def _rank(now: datetime) -> ColumnElement[int]:
    return case((_conditions(now)[LearnerState.LATE], 0), else_=1)


def _found(course_id: int, asked: Asked, now: datetime) -> Select[Any]:
    narrowed = _narrowed(course_id, asked, now)
    return _listed(now).where(Enrolment.course_id == course_id, *narrowed)


def _narrowed(course_id: int, asked: Asked, now: datetime) -> list[ColumnElement[bool]]:
    found = [_conditions(now)[asked.state] if asked.state else _STAYED]
    if asked.nowhere:
        found.append(false())
    if asked.next_key:
        found += [Enrolment.next_key == asked.next_key, Enrolment.state == EnrolmentState.OPEN]
    if asked.run_id is not None:
        found.append(Enrolment.run_id == asked.run_id)
    if asked.path:
        found.append(Person.id.in_(_placed(asked.path)))
    if asked.key and asked.reached:
        found.append(reaching(course_id, asked.key, asked.reached))
    if asked.low is not None:
        found += [
            Enrolment.state == EnrolmentState.COMPLETED, *in_band(Enrolment.final_score, asked.low),
        ]  # fmt: skip
    return found + _matches(asked.search)


def count_of(course_id: int, asked: Asked) -> int:
    """How many are asked for."""
    query = _joined(func.count()).where(
        Enrolment.course_id == course_id, *_narrowed(course_id, asked, clock.now())
    )
    return db.session.scalar(query) or 0


def _placed(path: str) -> Select[Any]:
    return (
        select(Placement.person_id)
        .join(Unit, Placement.unit_id == Unit.id)
        .where(in_force(Placement, clock.today(DEFAULT_ZONE)), within((path,)))
    )


def _matches(search: str) -> list[ColumnElement[bool]]:
    if people.looks_like_nip(search):
        return [Person.nip == people.tidy_nip(search)]
    patterns = ("%" + re.sub(r"([%_\\])", r"\\\1", word) + "%" for word in search.lower().split())
    return [
        func.lower(Person.name).like(pattern, escape="\\")
        for _, pattern in zip(range(MOST_WORDS), patterns, strict=False)
    ]


def page_of(
    course_id: int, version: VersionView, asked: Asked, after: UUID | None
) -> tuple[list[LearnerRow], bool]:
    """One page of learners, and whether there are more; `after` is the enrolment that the page
    before ended with. The columns are the parts of a version."""
    now = clock.now()
    query, rank = _found(course_id, asked, now), _rank(now)
    last = (
        after
        and db.session.execute(
            _found(course_id, Asked(state=_withdrawn(asked)), now).where(Enrolment.uuid == after)
        ).first()
    )
    if last:
        query = query.where(
            or_(
                rank > last.rank,
                and_(rank == last.rank, Person.name > last.name),
                and_(rank == last.rank, Person.name == last.name, Enrolment.id > last.id),
            )
        )
    rows = db.session.execute(query.limit(PAGE + 1)).all()
    return _rows(rows[:PAGE], version, now), len(rows) > PAGE


def _withdrawn(asked: Asked) -> LearnerState | None:
    return asked.state if asked.state is LearnerState.WITHDRAWN else None


def everybody(course_id: int, version: VersionView, asked: Asked) -> Iterator[LearnerRow]:
    """All that are asked for, in the same order, which is made once; read by key, in batches."""
    now = clock.now()
    ids = db.session.execute(_found(course_id, asked, now).with_only_columns(Enrolment.id)).all()
    for at in range(0, len(ids), BATCH):
        some = [id_ for (id_,) in ids[at : at + BATCH]]
        rows = db.session.execute(_listed(now).where(Enrolment.id.in_(some))).all()
        yield from _rows(rows, version, now)


def _rows(rows: Sequence[Any], version: VersionView, now: datetime) -> list[LearnerRow]:
    posts = posts_of([row.person_id for row in rows])
    parts = courses.outline(version).parts
    found = []
    for row, standing in zip(rows, standings(rows), strict=True):
        done, begun, scores = standing.learning.done, standing.begun, standing.learning.scores
        found.append(
            LearnerRow(
                uuid=row.uuid,
                person_uuid=row.person_uuid,
                name=row.name,
                nip=row.nip,
                post=posts.get(row.person_id),
                learning=standing.learning,
                cells=tuple(
                    Cell(
                        "done" if p.key in done else ("begun" if p.key in begun else ""),
                        scores.get(p.key),
                    )
                    for p in parts
                ),
                due_at=row.due_at,
                is_late=row.rank == 0,
                is_quiet=row.state is EnrolmentState.OPEN and row.last_active_at < now - QUIET,
                is_withdrawn=row.state is EnrolmentState.WITHDRAWN,
                last_active_at=row.last_active_at,
                final_score=row.final_score if row.state is EnrolmentState.COMPLETED else None,
                run=row.run_name or "",
            )
        )
    return found


def chosen(course_id: int, uuids: Sequence[UUID]) -> Select[Enrolment]:
    """For acts: those of the enrolments that are open ones of this course, locked in one order by
    everybody."""
    return (
        select(Enrolment)
        .where(
            Enrolment.course_id == course_id,
            Enrolment.uuid.in_(uuids),
            Enrolment.state == EnrolmentState.OPEN,
        )
        .order_by(Enrolment.id)
    )


def _reachable(course_id: int, whom: Whom, *columns: Any) -> Select[Any]:
    is_open = Enrolment.state == EnrolmentState.OPEN
    query = _joined(*columns).where(Enrolment.course_id == course_id, is_open)
    if isinstance(whom, Asked):
        return query.where(*_narrowed(course_id, whom, clock.now()))
    return query.where(Enrolment.uuid.in_(whom))


def count_reachable(course_id: int, whom: Whom, *, outside_run: int | None = None) -> int:
    """How many an act on them reaches: those who are under way; `outside_run`, those of them who
    are not in that cohort."""
    query = _reachable(course_id, whom, func.count())
    if outside_run is not None:
        query = query.where(Enrolment.run_id.is_distinct_from(outside_run))
    return db.session.scalar(query) or 0


def last_reachable(course_id: int, whom: Whom) -> int:
    """The greatest id of their enrolments; 0 for nobody."""
    return db.session.scalar(_reachable(course_id, whom, func.max(Enrolment.id))) or 0


def next_reachable(
    course_id: int, whom: Whom, size: int, after: int = 0, until: int | None = None
) -> list[tuple[int, UUID]]:
    """Id and UUID of the next of their enrolments above `after`, up to `until`."""
    query = _reachable(course_id, whom, Enrolment.id, Enrolment.uuid).where(Enrolment.id > after)
    if until is not None:
        query = query.where(Enrolment.id <= until)
    rows = db.session.execute(query.order_by(Enrolment.id).limit(size))
    return [(id_, uuid) for id_, uuid in rows]


def unit_of(code: str) -> Unit | None:
    return db.session.scalar(select(Unit).where(Unit.code == code))


def learner_for(course_id: int, uuid: UUID) -> tuple[EnrolmentView, str]:
    """An enrolment of this course and the name of its learner. Raises NotFound for one of another
    course. The caller has authorised for the course."""
    name = db.session.scalar(
        select(Person.name)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .where(Enrolment.uuid == uuid, Enrolment.course_id == course_id)
    )
    if name is None:
        raise NotFound
    return enrolment_view(uuid), name
