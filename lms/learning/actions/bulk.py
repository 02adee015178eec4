"""Acts on many learners of a course: done at once where they are few, else by a job in short
steps, which may be cut short anywhere and goes on where it was.

Each reaches those who are under way, and nobody else. All raise DomainError where nobody is,
but reminding, which may find everybody reminded already.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from flask_babel import gettext

from lms.accounts.actions.reasons import checked_reason
from lms.accounts.models import Person
from lms.accounts.queries import own_person
from lms.core import audit, clock, jobs
from lms.core.access import Actor
from lms.core.db import db, delete_older, lock_row, new_uuid, transaction
from lms.core.errors import DomainError, Forbidden
from lms.courses.models import Course
from lms.learning.actions import allowing, nudging, running
from lms.learning.actions.allowing import Gift
from lms.learning.models import BulkAct, CourseRun, QuizAllowance
from lms.learning.queries import bulk, learners
from lms.learning.queries.learners import Asked, Whom
from lms.learning.rules import BulkKind

log = structlog.get_logger()
SWEEP = "bulk acts"
AT_ONCE = 25  # in a request: a page of them
STEP = 10  # in a step of the job: some 45 ms where as many move up from a waiting list
KEPT = timedelta(days=30)

Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """To how many something was done; or the act that a job does."""

    count: int
    job: UUID | None = None


def remind(actor: Actor, course: Course, whom: Whom) -> Outcome:
    """See `nudging.nudge`."""
    return _do(actor, course, whom, BulkKind.REMIND, {})


def send_message(actor: Actor, course: Course, whom: Whom, text: str) -> Outcome:
    """Raises DomainError on `text` too."""
    return _do(actor, course, whom, BulkKind.MESSAGE, {"text": nudging.tidy_message(text)})


def allow(actor: Actor, course: Course, whom: Whom, key: str, gift: Gift) -> Outcome:
    """See `allowing.allow`."""
    return _do(actor, course, whom, BulkKind.ALLOW, {"quiz": key, **_stored(gift)})


def allow_run(actor: Actor, course: Course, run: CourseRun, key: str, gift: Gift) -> Outcome:
    """See `allowing.allow_run`; attempts that go on last longer."""
    allowing.allow_run(own_person(actor), course, run, key, gift)
    return _do(actor, course, Asked(run_id=run.id), BulkKind.LENGTHEN, {"quiz": key})


def restore_allowance(actor: Actor, course: Course, allowance: QuizAllowance) -> None:
    """See `allowing.restore_allowance`; in a cohort, too, attempts that go on last longer."""
    allowing.restore_allowance(actor, allowance)
    if allowance.run_id is not None:
        whom = Asked(run_id=allowance.run_id)
        _do(actor, course, whom, BulkKind.LENGTHEN, {"quiz": allowance.quiz_key})


def move(actor: Actor, course: Course, whom: Whom, run: CourseRun) -> Outcome:
    """See `running.move`, also for what it raises."""
    lock_row(course)
    running.assert_room(run, learners.count_reachable(course.id, whom, outside_run=run.id))
    return _do(actor, course, whom, BulkKind.MOVE, {"run": run.id})


def take_out(actor: Actor, course: Course, whom: Whom, reason: str) -> Outcome:
    """See `running.take_out`. Raises DomainError on `reason` too."""
    return _do(actor, course, whom, BulkKind.TAKE_OUT, {"reason": checked_reason(reason)})


def _do(
    actor: Actor, course: Course, whom: Whom, kind: BulkKind, settings: dict[str, Any]
) -> Outcome:
    total, by = learners.count_reachable(course.id, whom), own_person(actor)
    if not total and kind not in (BulkKind.REMIND, BulkKind.LENGTHEN):
        raise DomainError(gettext("Di antara yang dipilih tidak ada yang sedang belajar."))
    if total <= AT_ONCE:
        uuids = [uuid for _, uuid in learners.next_reachable(course.id, whom, AT_ONCE)]
        count = _ACTS[kind](by, course, uuids, settings)
        _record(by, course, kind, settings, count)
        return Outcome(count)
    if not isinstance(whom, Asked):
        raise DomainError(gettext("Paling banyak %(num)s peserta sekaligus.", num=AT_ONCE))
    act = BulkAct(
        uuid=new_uuid(), course_id=course.id, kind=kind, asked=asdict(whom), settings=settings,
        by_id=by.id, asked_at=clock.now(), total=total,
        until_id=learners.last_reachable(course.id, whom),
    )  # fmt: skip
    db.session.add(act)
    db.session.flush()
    jobs.hint(SWEEP)
    return Outcome(total, act.uuid)


# ── What is done to a few ────────────────────────────────────────────────────────────────────


def _remind(by: Person, course: Course, uuids: Sequence[UUID], _settings: Settings) -> int:
    return nudging.nudge(by, course, uuids)


def _send(by: Person, course: Course, uuids: Sequence[UUID], settings: Settings) -> int:
    return nudging.send_message(by, course, uuids, settings["text"])


def _allow(by: Person, course: Course, uuids: Sequence[UUID], settings: Settings) -> int:
    return allowing.allow(by, course, settings["quiz"], uuids, _gift(settings))


def _move(_by: Person, course: Course, uuids: Sequence[UUID], settings: Settings) -> int:
    return running.move(course, uuids, db.session.get_one(CourseRun, settings["run"]))


def _take_out(by: Person, course: Course, uuids: Sequence[UUID], settings: Settings) -> int:
    return running.take_out(by, course, uuids, settings["reason"])


def _lengthen(_by: Person, _course: Course, uuids: Sequence[UUID], settings: Settings) -> int:
    return allowing.lengthen(uuids, settings["quiz"])


_ACTS: dict[BulkKind, Callable[[Person, Course, Sequence[UUID], Settings], int]] = {
    BulkKind.REMIND: _remind,
    BulkKind.MESSAGE: _send,
    BulkKind.ALLOW: _allow,
    BulkKind.MOVE: _move,
    BulkKind.TAKE_OUT: _take_out,
    BulkKind.LENGTHEN: _lengthen,
}


def _record(by: Person, course: Course, kind: BulkKind, settings: Settings, count: int) -> None:
    """The other kinds are recorded for each learner, or with what was allowed."""
    if not count:
        return
    if kind is BulkKind.REMIND:
        audit.record(by.uuid, "learning.nudged", "course", course.uuid, people=count)
    elif kind is BulkKind.MESSAGE:
        audit.record(by.uuid, "learning.messaged", "course", course.uuid, people=count)
    elif kind is BulkKind.MOVE:
        run = db.session.get_one(CourseRun, settings["run"])
        audit.record(
            by.uuid, "learning.run_moved", "course", course.uuid,
            people=count, run=run.uuid, name=run.name,
        )  # fmt: skip


def _stored(gift: Gift) -> dict[str, Any]:
    closes_at = gift.closes_at.isoformat() if gift.closes_at else None
    return {**asdict(gift), "closes_at": closes_at}


def _gift(settings: Settings) -> Gift:
    closes_at = settings["closes_at"]
    return Gift(
        settings["extra_time"],
        settings["extra_attempts"],
        datetime.fromisoformat(closes_at) if closes_at else None,
        settings["reason"],
    )


# ── The work of the job ──────────────────────────────────────────────────────────────────────


def work_on_acts() -> None:
    """Bring each one to its end, or as far as a turn allows."""
    jobs.in_steps(bulk.due_acts(), step, "bulk act failed")


def remove_old_acts(limit: int) -> int:
    """Who was meant and what was written is of no use any more; how many there were."""
    return delete_older(BulkAct, BulkAct.ended_at, clock.now() - KEPT, limit)


def step(act_id: int) -> bool:
    """One batch; False when nothing is left to do. Two at once do nothing twice."""
    try:
        with transaction():
            act = db.session.get_one(BulkAct, act_id)
            lock_row(act)
            return act.ended_at is None and _go_on(act)
    except DomainError as error:  # the seats are gone, for instance
        log.info("bulk act stopped", act=act_id, reason=error.message)
        with transaction():
            act = db.session.get_one(BulkAct, act_id)
            lock_row(act)
            act.stopped = True
            _end(act)
        return False


def stop(actor: Actor, act: BulkAct) -> bool:
    """Leave the rest undone; what was done stays. False where nothing was left. Raises Forbidden
    for whoever may not."""
    if not bulk.may_stop(actor, act):
        raise Forbidden
    lock_row(act)
    if act.ended_at is not None:
        return False
    act.cancelled = True
    _end(act)
    course = db.session.get_one(Course, act.course_id)
    audit.record(
        actor, "learning.bulk_act_stopped", "course", course.uuid,
        kind=act.kind.value, seen=act.seen, total=act.total,
    )  # fmt: skip
    return True


def _go_on(act: BulkAct) -> bool:
    course = db.session.get_one(Course, act.course_id)
    found = learners.next_reachable(course.id, bulk.asked_of(act), STEP, act.after_id, act.until_id)
    if found:
        uuids = [uuid for _, uuid in found]
        act.reached += _ACTS[act.kind](act.by, course, uuids, act.settings)
        act.seen, act.after_id = act.seen + len(found), found[-1][0]
    if len(found) < STEP:
        _end(act)
    db.session.flush()
    return act.ended_at is None


def _end(act: BulkAct) -> None:
    act.ended_at = clock.now()
    course = db.session.get_one(Course, act.course_id)
    _record(act.by, course, act.kind, act.settings, act.reached)
