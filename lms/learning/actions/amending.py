"""Changing what was given: a later deadline, a duty taken back, and an act undone in time."""

from datetime import date, datetime
from uuid import UUID

from flask_babel import gettext
from sqlalchemy import ColumnElement, and_, exists, select, update

from lms.accounts.actions.reasons import checked_reason
from lms.accounts.models import Person
from lms.accounts.queries.delegations import named
from lms.accounts.rules import is_within
from lms.core import audit, clock, i18n, jobs
from lms.core.access import Actor, Delegated
from lms.core.db import db, rows_changed
from lms.core.errors import DomainError
from lms.learning import rules
from lms.learning.actions.assigning import check_day
from lms.learning.actions.telling import SWEEP, told_next, unless_new
from lms.learning.models import Assignment, Obligation
from lms.learning.queries import assignments
from lms.learning.queries.duties import OWED
from lms.learning.rules import Ending, Notice


def extend(
    actor: Actor, assignment: Assignment, *, due_on: date, reason: str, person: UUID | None = None
) -> int:
    """Move a deadline to a later day, of one person or of everybody who still owes the course; how
    many. Nobody moves her own.

    Raises DomainError on `due_on` and `reason`, when nothing is owed any more, and on what a head
    above has given.
    """
    reason = checked_reason(reason)
    given = _checked_right(actor, assignment)
    _check_open(actor, assignment, person)
    check_day(actor, due_on)
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
                **told_next(unless_new(Notice.MOVED, Notice.ASSIGNED), actor, reason, given),
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
        due_on=due_on, people=moved, person=person, reason=reason, **named(given),
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
    reason = checked_reason(reason)
    given = _checked_right(actor, assignment)
    _check_open(actor, assignment, person)
    notice = told_next(unless_new(Notice.WITHDRAWN, None), actor, reason, given)
    freed = _end(actor, assignment, person, notice)
    if person is not None and not freed:
        raise DomainError(gettext("Orang ini tidak lagi wajib menyelesaikan kursus ini."))
    if person is None:
        _close(assignment)
    audit.record(
        actor, "learning.assignment_withdrawn", "assignment", assignment.uuid,
        people=freed, person=person, reason=reason, **named(given),
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
    given = _checked_right(actor, assignment)
    freed = _end(actor, assignment, None, told_next(None, actor, gettext("diurungkan"), given))
    _close(assignment)
    audit.record(
        actor, "learning.assignment_undone", "assignment", assignment.uuid,
        people=freed, **named(given),
    )  # fmt: skip


def _checked_right(actor: Actor, assignment: Assignment) -> Delegated | None:
    """The delegation by which the actor changes it, where it is one. Who heads a unit below sees
    it, but does not undo what was ordered from above."""
    if not is_within(assignment.headed_unit.path, assignments.paths_of(actor)):
        raise DomainError(
            gettext(
                "Penugasan ini diberikan untuk %(unit)s. Hanya kepala unit itu, atasannya, dan "
                "SDM unit itu yang dapat mengubahnya.",
                unit=assignment.headed_unit.name,
            )
        )
    return assignments.acting_as(actor, assignment.headed_unit.path).given


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
    actor: Actor, assignment: Assignment, person: UUID | None, notice: dict[str, object]
) -> int:
    return rows_changed(
        update(Obligation)
        .where(_theirs(actor, assignment, person))
        .values(ended_at=clock.now(), ending=Ending.WITHDRAWN, **notice)
        .execution_options(synchronize_session=False)
    )


def _theirs(actor: Actor, assignment: Assignment, person: UUID | None) -> ColumnElement[bool]:
    """SQL condition: what is owed of an assignment by anybody but the actor and whom she stands in
    for, also by who moved away or has no open account today; or by one person of her team."""
    whose = Obligation.person_id.not_in(assignments.left_out(actor))
    if person is not None:
        inside, scope = assignments.visible(actor)
        one = select(Person.id).where(Person.uuid == person, inside)
        whose = Obligation.person_id.in_(one.params(**scope.values))
    return and_(Obligation.assignment_id == assignment.id, OWED, whose)
