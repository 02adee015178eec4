"""Obliging people to complete a course by a day, and keeping to it who come and leave.

An assignment to a unit is for whoever is placed in it: who comes later has it too, with no less
time than the others had, and who leaves is free of it. Nobody has a course twice: the first
assignment counts until it ends, then the next one does.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from flask_babel import gettext
from sqlalchemy import exists, insert, literal, select, update
from sqlalchemy.orm import aliased

from lms.accounts.actions.reasons import checked_reason
from lms.accounts.models import Person, Placement, Unit
from lms.accounts.queries import in_force, team, within
from lms.accounts.queries.delegations import named
from lms.accounts.queries.team import Scope
from lms.core import audit, clock, jobs
from lms.core.access import Actor
from lms.core.db import db, lock_row, new_uuid
from lms.core.errors import DomainError
from lms.courses.models import Course
from lms.learning import rules
from lms.learning.actions.telling import SWEEP, plan_next, told_next, unless_new
from lms.learning.models import Assignment, Enrolment, Obligation
from lms.learning.queries import assignments
from lms.learning.queries.assignments import Target
from lms.learning.queries.duties import OWED
from lms.learning.rules import Ending, EnrolmentState, Notice

BATCH = 1000  # obligations that one transaction gives: some 20 ms
CHECK_EVERY = timedelta(hours=1)
SELDOM = timedelta(days=1)  # of people named one by one, and once the deadline has passed
MOST_CHOSEN = 500


def assign(
    actor: Actor, course: Course, targets: Sequence[Target], *, due_on: date, reason: str
) -> list[Assignment]:
    """Assign a course; one assignment for each target. Of a large unit the sweep gives the rest.

    Raises DomainError on `due_on` and `reason`, where there is nobody to give it to, where a whole
    unit has it already, and for an archived course.
    """
    reason = checked_reason(reason)
    check_day(actor, due_on)
    lock_row(course)  # two heads at once: the second finds what the first has given
    if course.archived_at is not None:
        raise DomainError(gettext("Kursus ini sudah diarsipkan dan tidak menerima peserta baru."))
    for target in targets:
        if target.person_ids is None and assignments.covers_already(target.unit_id, course.id):
            raise DomainError(
                gettext(
                    "Kursus ini sudah wajib untuk %(unit)s. Perpanjang atau tarik penugasannya.",
                    unit=target.unit_name,
                )
            )
    made = [_assign_one(actor, course, target, due_on, reason) for target in targets]
    if not any(given for _, given in made):
        raise DomainError(
            gettext("Semua yang dipilih sudah menyelesaikan kursus ini atau sudah wajib.")
        )
    jobs.hint(SWEEP)
    return [assignment for assignment, _ in made]


def _assign_one(
    actor: Actor, course: Course, target: Target, due_on: date, reason: str
) -> tuple[Assignment, int]:
    now = clock.now()
    covers_unit = target.person_ids is None
    right = assignments.acting_as(actor, target.scope.paths[0])
    assignment = Assignment(
        uuid=new_uuid(),
        course_id=course.id,
        unit_id=target.unit_id,
        headed_unit_id=right.unit_id,
        covers_unit=covers_unit,
        due_on=due_on,
        reason=reason,
        assigned_by_id=actor.person_id,
        assigned_as=right.position,
        on_behalf_of_id=right.given.giver_id if right.given else None,
        assigned_at=now,
        check_at=now,
    )
    db.session.add(assignment)
    db.session.flush()
    given = _give(assignment, target)
    audit.record(
        actor, "learning.assigned", "assignment", assignment.uuid,
        course=course.uuid, unit=db.session.get_one(Unit, target.unit_id).uuid,
        whole_unit=covers_unit, people_so_far=given, due_on=due_on, reason=reason,
        **named(right.given),
    )  # fmt: skip
    return assignment, given


def check_day(actor: Actor, due_on: date) -> None:
    today = clock.today(actor.time_zone)
    if due_on < today:
        raise DomainError(gettext("Batas tidak dapat sebelum hari ini"), "due_on")
    if due_on > today + rules.LONGEST:
        raise DomainError(gettext("Batas paling lambat dua tahun dari sekarang"), "due_on")


def _give(assignment: Assignment, target: Target) -> int:
    """Oblige people of the target who neither have completed the course nor have to already, in
    the zone of the unit where each works; how many, at most a batch."""
    zones = select(Unit.time_zone).where(within(target.scope.paths)).distinct()
    given = 0
    for zone in db.session.scalars(zones).all():
        if given < BATCH:
            given += _give_in(assignment, target, zone, BATCH - given)
    return given


def _give_in(assignment: Assignment, target: Target, zone: str, limit: int) -> int:
    now = clock.now()
    due_on = rules.due_for(
        assigned_on=clock.local_day(assignment.assigned_at, zone),
        due_on=assignment.due_on,
        joined_on=clock.local_day(now, zone),
    )
    works_there = (
        select(Placement.id)
        .join(Unit, Placement.unit_id == Unit.id)
        .where(
            Placement.person_id == Person.id,
            in_force(Placement, target.scope.day),
            within(target.scope.paths),
            Unit.time_zone == zone,
        )
        .exists()
    )
    had_it = (  # and was freed of it, as a person and not by leaving
        select(Obligation.id)
        .where(
            Obligation.person_id == Person.id,
            Obligation.assignment_id == assignment.id,
            Obligation.ending == Ending.WITHDRAWN,
        )
        .exists()
    )
    values = {
        Obligation.assignment_id: assignment.id,
        Obligation.course_id: assignment.course_id,
        Obligation.due_on: due_on,
        Obligation.due_at: rules.end_of_day(due_on, zone),
        Obligation.time_zone: zone,
        Obligation.given_at: now,
        Obligation.notice: Notice.ASSIGNED,
        Obligation.notice_at: now + rules.UNDO,
    }
    chosen = (
        select(Person.id, *(literal(value, column.type) for column, value in values.items()))
        .where(
            assignments.in_target(target.scope, target.person_ids),
            works_there,
            ~assignments.has_completed(assignment.course_id),
            ~assignments.is_obliged(assignment.course_id),
            ~had_it,
        )
        .limit(limit)
    )
    columns = [Obligation.person_id, *values]
    statement = insert(Obligation).from_select(columns, chosen.params(**target.scope.values))
    statement = statement.execution_options(preserve_rowcount=True)
    return db.session.connection().execute(statement).rowcount


def bring_up_to_date(assignment_id: int) -> bool:
    """Look who came to the unit of an assignment, who left it, and who completed the course in the
    very moment in which it was assigned. False: there are more people than one transaction gives;
    call again."""
    assignment = db.session.get_one(Assignment, assignment_id)
    course = db.session.get_one(Course, assignment.course_id)
    lock_row(course)
    lock_row(assignment)
    if assignment.check_at is None:
        return True
    unit = db.session.get_one(Unit, assignment.unit_id)
    scope = Scope((unit.path,), clock.today(unit.time_zone), _givers(assignment))
    _note_completed(assignment)
    _let_go(assignment, scope)
    takes_newcomers = assignment.covers_unit and assignment.closed_at is None
    is_open = takes_newcomers and course.archived_at is None
    if is_open and _give(assignment, Target(unit.id, unit.name, scope)) == BATCH:
        db.session.flush()
        return False
    if takes_newcomers and scope.day <= assignment.due_on:
        assignment.check_at = clock.now() + CHECK_EVERY
    elif takes_newcomers or _is_owed(assignment):
        assignment.check_at = clock.now() + SELDOM
    else:
        assignment.check_at = None
    db.session.flush()
    return True


def _givers(assignment: Assignment) -> tuple[int, ...]:
    """Whoever gave it, and on whose behalf, does not have it."""
    of = assignment.on_behalf_of_id
    return (assignment.assigned_by_id,) if of is None else (assignment.assigned_by_id, of)


def _is_owed(assignment: Assignment) -> bool:
    owed = exists().where(Obligation.assignment_id == assignment.id, OWED)
    return bool(db.session.scalar(select(owed)))


def _let_go(assignment: Assignment, scope: Scope) -> None:
    """Nobody on whose team they are now could free them. Of a duty that was given to somebody by
    name the end is told; a closed account does not end it."""
    notice: dict[str, object] = {"notice": None, "notice_at": None}
    if assignment.covers_unit:
        inside = select(Person.id).where(team.is_member(len(scope.paths), large=False))
    else:
        inside = team.placed(len(scope.paths))
        notice = told_next(unless_new(Notice.WITHDRAWN, None), None, None)
    db.session.execute(
        update(Obligation)
        .where(
            Obligation.assignment_id == assignment.id,
            OWED,
            Obligation.person_id.not_in(inside.params(**scope.values)),
        )
        .values(ended_at=clock.now(), ending=Ending.LEFT, **notice)
        .execution_options(synchronize_session=False)
    )


def _note_completed(assignment: Assignment) -> None:
    completed = exists().where(
        Enrolment.person_id == Obligation.person_id,
        Enrolment.course_id == assignment.course_id,
        Enrolment.state == EnrolmentState.COMPLETED,
    )
    db.session.execute(
        update(Obligation)
        .where(Obligation.assignment_id == assignment.id, OWED, completed)
        .values(done_at=clock.now(), notice=None, notice_at=None)
        .execution_options(synchronize_session=False)
    )


def note_reversal(person_id: int, course_id: int, at: datetime) -> None:
    """The completion of that instant was taken back: what it had settled is owed again, but for
    what was withdrawn since or is owed from elsewhere. The next notice is that of its deadline."""
    owed = aliased(Obligation)
    again = (
        select(Obligation)
        .join(Assignment, Obligation.assignment_id == Assignment.id)
        .where(
            Obligation.person_id == person_id,
            Obligation.course_id == course_id,
            Obligation.done_at == at,
            Assignment.closed_at.is_(None),
            ~exists().where(
                owed.person_id == person_id,
                owed.course_id == course_id,
                owed.done_at.is_(None),
                owed.ended_at.is_(None),
            ),
        )
        .order_by(Obligation.id.desc())
        .limit(1)
    )
    obligation = db.session.scalar(again)
    if obligation is None:
        return
    obligation.assignment.check_at = clock.now()
    db.session.flush()  # the assignment is locked before what is owed of it, as the sweep does
    obligation.done_at = None
    plan_next(obligation)
    db.session.flush()


def note_completion(person_id: int, course_id: int, at: datetime) -> None:
    """A course was completed: nothing is owed any more, and nothing left to tell of it."""
    db.session.execute(
        update(Obligation)
        .where(Obligation.person_id == person_id, Obligation.course_id == course_id, OWED)
        .values(done_at=at, notice=None, notice_at=None)
        .execution_options(synchronize_session=False)
    )
