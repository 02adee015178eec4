"""Obliging people to complete a course by a day, and everything that follows from it.

An assignment to a unit is for whoever is placed in it: who comes later has it too, with no less
time than the others had, and who leaves is free of it. Nobody has a course twice: the first
assignment counts until it ends, then the next one does. Nothing is told for a minute, so that an
act can be taken back before anybody has heard of it.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import structlog
from flask import current_app
from flask_babel import gettext
from sqlalchemy import ColumnElement, and_, case, exists, insert, literal, select, update

from lms.accounts import rules as people
from lms.accounts import team
from lms.accounts.models import Person, Placement, Unit
from lms.accounts.queries import in_force, within
from lms.accounts.team import Scope
from lms.core import audit, clock, i18n, jobs
from lms.core.access import Actor
from lms.core.db import db, lock_row, new_uuid, rows_changed
from lms.core.errors import DomainError
from lms.courses.models import Course
from lms.learning import assignments, rules
from lms.learning.assignments import OWED, Target
from lms.learning.models import Assignment, Enrolment, Obligation
from lms.learning.rules import Ending, EnrolmentState, Notice
from lms.notifications.actions import notify
from lms.notifications.rules import NotificationKind

log = structlog.get_logger()
BATCH = 1000  # obligations that one transaction gives: some 20 ms
CHECK_EVERY = timedelta(hours=1)
SELDOM = timedelta(days=1)  # of people named one by one, and once the deadline has passed
RETRY = timedelta(hours=1)
MOST_CHOSEN = 500
SWEEP = "assignments"


def assign(
    actor: Actor, course: Course, targets: Sequence[Target], *, due_on: date, reason: str
) -> list[Assignment]:
    """Assign a course; one assignment for each target. Of a large unit the sweep gives the rest.

    Raises DomainError on `due_on` and `reason`, where there is nobody to give it to, and where a
    whole unit has it already.
    """
    reason = _checked_reason(reason)
    _check_day(actor, due_on)
    lock_row(course)  # two heads at once: the second finds what the first has given
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
    headed_unit_id, position = assignments.acting_as(actor, target.scope.paths[0])
    assignment = Assignment(
        uuid=new_uuid(),
        course_id=course.id,
        unit_id=target.unit_id,
        headed_unit_id=headed_unit_id,
        covers_unit=covers_unit,
        due_on=due_on,
        reason=reason,
        assigned_by_id=actor.person_id,
        assigned_as=position,
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
    )  # fmt: skip
    return assignment, given


def _checked_reason(reason: str) -> str:
    reason = people.tidy_line(reason)
    if not 0 < len(reason) <= rules.REASON_MAX:
        raise DomainError(
            gettext("Isi alasan, paling banyak %(n)d karakter", n=rules.REASON_MAX), "reason"
        )
    return reason


def _check_day(actor: Actor, due_on: date) -> None:
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
            assignments.in_target(target),
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
    lock_row(db.session.get_one(Course, assignment.course_id))
    lock_row(assignment)
    if assignment.check_at is None:
        return True
    unit = db.session.get_one(Unit, assignment.unit_id)
    scope = Scope((unit.path,), clock.today(unit.time_zone), assignment.assigned_by_id)
    _note_completed(assignment)
    _let_go(assignment, scope)
    takes_newcomers = assignment.covers_unit and assignment.closed_at is None
    if takes_newcomers and _give(assignment, Target(unit.id, unit.name, scope)) == BATCH:
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
        notice = _told(_unless_new(Notice.WITHDRAWN, None), None, None)
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


def note_completion(person_id: int, course_id: int, at: datetime) -> None:
    """A course was completed: nothing is owed any more, and nothing left to tell of it."""
    db.session.execute(
        update(Obligation)
        .where(Obligation.person_id == person_id, Obligation.course_id == course_id, OWED)
        .values(done_at=at, notice=None, notice_at=None)
        .execution_options(synchronize_session=False)
    )


# ── Changing what was given ──────────────────────────────────────────────────────────────────


def extend(
    actor: Actor, assignment: Assignment, *, due_on: date, reason: str, person: UUID | None = None
) -> int:
    """Move a deadline to a later day, of one person or of everybody who still owes the course; how
    many. Nobody moves her own.

    Raises DomainError on `due_on` and `reason`, when nothing is owed any more, and on what a head
    above has given.
    """
    reason = _checked_reason(reason)
    _check_right(actor, assignment)
    _check_open(actor, assignment, person)
    _check_day(actor, due_on)
    if person is None and due_on <= assignment.due_on:
        raise DomainError(gettext("Batas baru harus setelah batas sekarang"), "due_on")
    moved = 0
    for zone in i18n.ZONE_NAMES:
        day = max(due_on, clock.today(zone))  # there it may be tomorrow already
        moved += rows_changed(
            update(Obligation)
            .where(
                _theirs(actor, assignment, person),
                Obligation.time_zone == zone,
                Obligation.due_on < due_on,
            )
            .values(
                due_on=day, due_at=rules.end_of_day(day, zone),
                **_told(_unless_new(Notice.MOVED, Notice.ASSIGNED), actor, reason),
            )
            .execution_options(synchronize_session=False)
        )  # fmt: skip
    if person is not None and not moved:
        raise DomainError(gettext("Batas baru harus setelah batas sekarang"), "due_on")
    if person is None:
        assignment.due_on = due_on
    db.session.flush()
    audit.record(
        actor, "learning.deadline_moved", "assignment", assignment.uuid,
        due_on=due_on, people=moved, person=person, reason=reason,
    )  # fmt: skip
    jobs.hint(SWEEP)
    return moved


def withdraw(
    actor: Actor, assignment: Assignment, *, reason: str, person: UUID | None = None
) -> int:
    """Take a duty back, from one person or from everybody who still owes the course; how many.
    What was completed stays. Nobody frees herself: what she owes of it a head above takes back.

    Raises DomainError on `reason`, when nothing is owed any more, and on what a head above has
    given.
    """
    reason = _checked_reason(reason)
    _check_right(actor, assignment)
    _check_open(actor, assignment, person)
    freed = _end(actor, assignment, reason, person, told=True)
    if person is not None and not freed:
        raise DomainError(gettext("Orang ini tidak lagi wajib menyelesaikan kursus ini."))
    if person is None:
        _close(assignment)
    audit.record(
        actor, "learning.assignment_withdrawn", "assignment", assignment.uuid,
        people=freed, person=person, reason=reason,
    )  # fmt: skip
    jobs.hint(SWEEP)
    return freed


def may_undo(assigned_by: int, assigned_at: datetime, actor: Actor) -> bool:
    """Only whoever gave it, and before anybody was told."""
    return assigned_by == actor.person_id and clock.now() < assigned_at + rules.UNDO


def undo(actor: Actor, assignment: Assignment) -> None:
    """Take an assignment back before anybody was told. Raises DomainError when it is too late."""
    if not may_undo(assignment.assigned_by_id, assignment.assigned_at, actor):
        raise DomainError(gettext("Penugasan ini sudah dikirim. Tarik kembali dengan alasan."))
    _check_open(actor, assignment, None)
    freed = _end(actor, assignment, gettext("diurungkan"), None, told=False)
    _close(assignment)
    audit.record(actor, "learning.assignment_undone", "assignment", assignment.uuid, people=freed)


def _check_right(actor: Actor, assignment: Assignment) -> None:
    """Who heads a unit below sees it, but does not undo what was ordered from above."""
    if not assignment.headed_unit.path.startswith(actor.headed_paths):
        raise DomainError(
            gettext(
                "Penugasan ini dari kepala %(unit)s. Hanya kepala unit itu dan atasannya yang "
                "dapat mengubahnya.",
                unit=assignment.headed_unit.name,
            )
        )


def _check_open(actor: Actor, assignment: Assignment, person: UUID | None) -> None:
    """Of a withdrawn one there is left what its head owed herself."""
    if assignment.closed_at is None:
        return
    left = select(exists().where(_theirs(actor, assignment, person)))
    if person is None or not db.session.scalar(left):
        raise DomainError(gettext("Penugasan ini sudah ditarik."))


def _close(assignment: Assignment) -> None:
    """Who has the course from another unit assignment as well is given that one by the sweep."""
    now = clock.now()
    assignment.closed_at = now
    db.session.flush()
    db.session.execute(
        update(Assignment)
        .where(Assignment.course_id == assignment.course_id, Assignment.check_at.is_not(None))
        .values(check_at=now)
        .execution_options(synchronize_session=False)
    )
    db.session.flush()


def _end(
    actor: Actor, assignment: Assignment, reason: str, person: UUID | None, *, told: bool
) -> int:
    notice = _told(_unless_new(Notice.WITHDRAWN, None) if told else None, actor, reason)
    return rows_changed(
        update(Obligation)
        .where(_theirs(actor, assignment, person))
        .values(ended_at=clock.now(), ending=Ending.WITHDRAWN, **notice)
        .execution_options(synchronize_session=False)
    )


def _theirs(actor: Actor, assignment: Assignment, person: UUID | None) -> ColumnElement[bool]:
    """SQL condition: what is owed of an assignment by anybody but the actor herself, also by who
    moved away or has no open account today; or by one person of the actor's team."""
    whose = Obligation.person_id != actor.person_id
    if person is not None:
        inside, scope = assignments.visible(actor)
        one = select(Person.id).where(Person.uuid == person, inside)
        whose = Obligation.person_id.in_(one.params(**scope.values))
    return and_(Obligation.assignment_id == assignment.id, OWED, whose)


def _unless_new(notice: Notice, instead: Notice | None) -> ColumnElement[Notice | None]:
    """SQL: what to tell next; who has not heard of the assignment yet is told something else."""
    kind = Obligation.notice.type
    is_new = Obligation.notice == Notice.ASSIGNED
    return case((is_new, literal(instead, kind)), else_=literal(notice, kind))


def _told(notice: object, actor: Actor | None, reason: str | None) -> dict[str, object]:
    return {
        "notice": notice,
        "notice_at": clock.now() + rules.UNDO,
        "acted_by_id": actor.person_id if actor else None,
        "acted_reason": reason,
    }


# ── Telling ──────────────────────────────────────────────────────────────────────────────────


def remind(actor: Actor, uuids: Sequence[UUID]) -> int:
    """Remind people of the actor's team of what they have yet to complete; how many are. Each is
    reminded of a course once a day at most, and not of what is about to be told anyway."""
    now, reminded = clock.now(), set()
    for obligation in db.session.scalars(assignments.owed_by(actor, uuids).with_for_update()):
        recently = obligation.reminded_at and now < obligation.reminded_at + rules.REMIND_EVERY
        waiting = obligation.notice_at and obligation.notice_at <= now + rules.UNDO
        if recently or waiting:
            continue
        for name, value in _told(Notice.REMINDED, actor, None).items():
            setattr(obligation, name, value)
        obligation.reminded_at = now
        reminded.add(obligation.person_id)
    db.session.flush()
    if reminded:
        audit.record(actor, "learning.reminded", people=len(reminded))
        jobs.hint(SWEEP)
    return len(reminded)


def undo_reminders(actor: Actor) -> int:
    """Take back what the actor has reminded of and nobody was told yet; how many people."""
    now = clock.now()
    waiting = (
        select(Obligation)
        .where(
            Obligation.notice == Notice.REMINDED,
            Obligation.acted_by_id == actor.person_id,
            Obligation.notice_at > now,
            Obligation.notice_at <= now + rules.UNDO,  # the rest of the index is of later days
        )
        .order_by(Obligation.id)
    )
    freed = set()
    for obligation in db.session.scalars(waiting.with_for_update()):
        obligation.reminded_at = None
        _plan_next(obligation)
        freed.add(obligation.person_id)
    db.session.flush()
    if freed:
        audit.record(actor, "learning.reminders_undone", people=len(freed))
    return len(freed)


def tell_due(limit: int) -> int:
    """Tell people what is due of their obligations, each thing once; how many were looked at. What
    cannot be told is tried again an hour later and keeps nobody else waiting."""
    due = assignments.due_notices(clock.now(), limit)
    for obligation in due:
        number = obligation.id
        try:
            with db.session.begin_nested():
                _tell_one(obligation)
        except Exception:
            log.exception("obligation not told of", obligation=number)
            obligation.notice_at = clock.now() + RETRY
    db.session.flush()
    return len(due)


def _tell_one(obligation: Obligation) -> None:
    notice = obligation.notice
    _plan_next(obligation)
    if notice is Notice.NEAR and obligation.due_at <= clock.now():
        # The sweep stood still over the deadline.
        notice = None if obligation.notice is Notice.LATE else Notice.LATE
    if notice is not None:
        _tell(obligation, notice)


def _plan_next(obligation: Obligation) -> None:
    found = None
    if obligation.done_at is None and obligation.ended_at is None:
        days = [int(day) for day in current_app.config["DEADLINE_NOTICE_DAYS"].split(",")]
        found = rules.next_notice(
            clock.now(),
            due_on=obligation.due_on,
            zone=obligation.time_zone,
            days_before=days,
        )
    obligation.notice, obligation.notice_at = found or (None, None)


_KINDS = {
    Notice.ASSIGNED: NotificationKind.COURSE_ASSIGNED,
    Notice.MOVED: NotificationKind.DEADLINE_MOVED,
    Notice.WITHDRAWN: NotificationKind.COURSE_WITHDRAWN,
    Notice.REMINDED: NotificationKind.COURSE_REMINDED,
    Notice.NEAR: NotificationKind.DEADLINE_NEAR,
    Notice.LATE: NotificationKind.DEADLINE_PASSED,
}
_BY_SOMEBODY = (Notice.MOVED, Notice.WITHDRAWN, Notice.REMINDED)


def _tell(obligation: Obligation, notice: Notice) -> None:
    assignment, course = obligation.assignment, obligation.course
    by = obligation.acted_by if notice in _BY_SOMEBODY else assignment.assigned_by
    reason = obligation.acted_reason if notice in _BY_SOMEBODY else assignment.reason
    version = course.current_version
    notify(
        obligation.person_id,
        _KINDS[notice],
        url=f"/courses/{course.slug}",  # told by a job, without a request
        course=version.title if version else course.slug,
        by=_source_words(by, assignment) if by else "",
        reason=reason or "",
        due=obligation.due_on.isoformat(),
        zone=i18n.zone_name(obligation.time_zone),
    )


def _source_words(by: Person, assignment: Assignment) -> str:
    """Who it is from, with the position of then where that person gave it."""
    as_ = assignment.assigned_as if by.id == assignment.assigned_by_id else ""
    return f"{by.name} ({as_})" if as_ else by.name
