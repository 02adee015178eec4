"""What people are told of their duties, and when. Nothing is told for a minute, so that an act can
be taken back before anybody has heard of it."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

import structlog
from flask import current_app
from sqlalchemy import ColumnElement, case, literal, select

from lms.accounts.models import Person
from lms.accounts.queries.delegations import named, signed, signs_as
from lms.accounts.queries.team import on_behalf
from lms.core import audit, clock, i18n, jobs
from lms.core.access import Actor, Delegated
from lms.core.db import db
from lms.learning import rules
from lms.learning.models import Assignment, Obligation
from lms.learning.queries import duties
from lms.learning.rules import Notice
from lms.notifications.actions import notify
from lms.notifications.rules import NotificationKind

log = structlog.get_logger()
RETRY = timedelta(hours=1)
SWEEP = "assignments"


def unless_new(notice: Notice, instead: Notice | None) -> ColumnElement[Notice | None]:
    """SQL: what to tell next; who has not heard of the assignment yet is told something else."""
    kind = Obligation.notice.type
    is_new = Obligation.notice == Notice.ASSIGNED
    return case((is_new, literal(instead, kind)), else_=literal(notice, kind))


def told_next(
    notice: object, actor: Actor | None, reason: str | None, given: Delegated | None = None
) -> dict[str, object]:
    """`given`: the delegation by which the actor acts, where it is one."""
    return {
        "notice": notice,
        "notice_at": clock.now() + rules.UNDO,
        "acted_by_id": actor.person_id if actor else None,
        "acted_reason": reason,
        "acted_as": signs_as(given) if given else None,
    }


def remind(actor: Actor, uuids: Sequence[UUID]) -> int:
    """Remind people of the actor's team of what they have yet to complete; how many are. Each is
    reminded of a course once a day at most, and not of what is about to be told anyway."""
    now, reminded = clock.now(), set[int]()
    owed = db.session.scalars(duties.owed_by(actor, uuids).with_for_update()).all()
    behalf = on_behalf(actor, [obligation.person_id for obligation in owed])
    for obligation in owed:
        recently = obligation.reminded_at and now < obligation.reminded_at + rules.REMIND_EVERY
        waiting = obligation.notice_at and obligation.notice_at <= now + rules.UNDO
        if recently or waiting:
            continue
        given = behalf.get(obligation.person_id)
        for name, value in told_next(Notice.REMINDED, actor, None, given).items():
            setattr(obligation, name, value)
        obligation.reminded_at = now
        reminded.add(obligation.person_id)
    db.session.flush()
    if reminded:
        _record(actor, "learning.reminded", reminded, behalf)
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
    freed = set[int]()
    for obligation in db.session.scalars(waiting.with_for_update()):
        obligation.reminded_at = None
        plan_next(obligation)
        freed.add(obligation.person_id)
    db.session.flush()
    if freed:
        _record(actor, "learning.reminders_undone", freed, on_behalf(actor, list(freed)))
    return len(freed)


def _record(actor: Actor, action: str, ids: Collection[int], behalf: dict[int, Delegated]) -> None:
    """One entry for the own team, and one for each head on whose behalf it was done."""
    people = Counter(behalf[number].uuid if number in behalf else None for number in ids)
    given = {each.uuid: each for each in behalf.values()}
    for uuid, count in people.items():
        audit.record(actor, action, people=count, **named(given[uuid] if uuid else None))


def tell_due(limit: int) -> int:
    """Tell people what is due of their obligations, each thing once; how many were looked at. What
    cannot be told is tried again an hour later and keeps nobody else waiting."""
    due = duties.due_notices(clock.now(), limit)
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
    plan_next(obligation)
    if notice is Notice.NEAR and obligation.due_at <= clock.now():
        # The sweep stood still over the deadline.
        notice = None if obligation.notice is Notice.LATE else Notice.LATE
    if notice is not None:
        _tell(obligation, notice)


def plan_next(obligation: Obligation) -> None:
    """Tell of its deadline next, if there is still something to tell of that."""
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
    acted = notice in _BY_SOMEBODY
    by = obligation.acted_by if acted else assignment.assigned_by
    reason = obligation.acted_reason if acted else assignment.reason
    as_ = obligation.acted_as if acted else assignment.assigned_as
    version = course.current_version
    notify(
        obligation.person_id,
        _KINDS[notice],
        url=f"/courses/{course.slug}",  # told by a job, without a request
        course=version.title if version else course.slug,
        by=_source_words(by, as_, assignment) if by else "",
        reason=reason or "",
        due=obligation.due_on.isoformat(),
        zone=i18n.zone_name(obligation.time_zone),
    )


def _source_words(by: Person, as_: str | None, assignment: Assignment) -> str:
    """Who it is from, and as what: on whose behalf, or with the position of then where that person
    gave it."""
    gave_as_herself = by.id == assignment.assigned_by_id and assignment.on_behalf_of_id is None
    return signed(by.name, as_ or (assignment.assigned_as if gave_as_herself else None))
