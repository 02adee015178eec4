"""Cohorts: making them, taking seats in them, waiting for one, leaving and moving.

Every act on the seats of a course locks the course first, so that seats and waiting lists are
counted by one at a time; who acts for oneself has locked the own enrolments before that.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from flask_babel import gettext
from sqlalchemy import select

from lms.accounts import rules as people
from lms.accounts.actions.reasons import checked_reason
from lms.accounts.models import Person
from lms.accounts.rules import tidy_line
from lms.core import audit, clock, jobs, ledger
from lms.core.access import Actor
from lms.core.db import db, lock_row, new_uuid, transaction
from lms.core.errors import DomainError
from lms.courses.models import Course
from lms.courses.queries import current_version_of
from lms.learning import actions, queries, rules
from lms.learning.actions import allowing, entering
from lms.learning.models import CourseRun, Enrolment, RunWaiting
from lms.learning.queries import allowances, learners, runs
from lms.learning.rules import EnrolmentState, Registration
from lms.notifications.actions import notify_many
from lms.notifications.rules import NotificationKind

MOST_SEATS = 100_000
SWEEP = "seats"
AT_ONCE = 20  # of those who wait move up in one transaction, some 60 ms; the sweep gives the rest


@dataclass(frozen=True)
class RunPlan:
    """What is said of a cohort: see `models.CourseRun`."""

    name: str
    registers_from: date
    registers_until: date
    starts_on: date
    ends_on: date | None
    seats: int


# ── Planning ─────────────────────────────────────────────────────────────────────────────────


def create_run(actor: Actor, course: Course, plan: RunPlan) -> CourseRun:
    """Plan a cohort; its days are those of the actor's zone. Raises DomainError on the field of
    the plan that will not do."""
    lock_row(course)
    plan = _checked(course, plan, None)
    run = CourseRun(uuid=new_uuid(), course_id=course.id, time_zone=actor.time_zone, **asdict(plan))
    db.session.add(run)
    db.session.flush()
    _record(actor, course, run)
    return run


def change_run(actor: Actor, course: Course, run: CourseRun, plan: RunPlan) -> None:
    """Change a cohort; more seats go to those who wait, many of them by the sweep. Raises
    DomainError as `create_run`, and where there would be fewer seats than are taken."""
    lock_row(course)
    lock_row(run)
    plan = _checked(course, plan, run)
    taken = runs.taken_in(run)
    if plan.seats and plan.seats < taken:
        raise DomainError(
            gettext("Sudah %(num)s peserta; kursi tidak dapat kurang dari itu.", num=taken), "seats"
        )
    for name, value in asdict(plan).items():
        setattr(run, name, value)
    db.session.flush()
    _record(actor, course, run)
    _promote(course, run)


def _checked(course: Course, plan: RunPlan, run: CourseRun | None) -> RunPlan:
    name = tidy_line(plan.name)
    if not 0 < len(name) <= 80:
        raise DomainError(gettext("Isi nama, paling banyak %(n)d karakter.", n=80), "name")
    same = select(CourseRun.id).where(CourseRun.course_id == course.id, CourseRun.name == name)
    if db.session.scalar(same) not in (None, run.id if run else None):
        raise DomainError(gettext("Nama ini sudah dipakai angkatan lain."), "name")
    if plan.registers_until < plan.registers_from:
        raise DomainError(gettext("Pendaftaran ditutup sesudah dibuka."), "registers_until")
    if plan.ends_on is not None and plan.ends_on < plan.starts_on:
        raise DomainError(gettext("Angkatan berakhir sesudah dimulai."), "ends_on")
    if plan.ends_on is not None and plan.ends_on < plan.registers_until:
        raise DomainError(
            gettext("Pendaftaran ditutup paling lambat saat angkatan berakhir."), "registers_until"
        )
    return RunPlan(**{**asdict(plan), "name": name})


def _record(actor: Actor, course: Course, run: CourseRun) -> None:
    audit.record(
        actor, "learning.run_set", "course", course.uuid, run=run.uuid, name=run.name,
        registers_from=run.registers_from, registers_until=run.registers_until,
        start_on=run.starts_on, end_on=run.ends_on, seats=run.seats,
    )  # fmt: skip


def cancel_run(actor: Actor, course: Course, run: CourseRun, *, reason: str) -> None:
    """Cancel a cohort that nobody has a seat in; who waits is told. Twice is once. Raises
    DomainError on `reason`, and while somebody has a seat."""
    reason = checked_reason(reason)
    lock_row(course)
    lock_row(run)
    if run.cancelled_at is not None:
        return
    if runs.taken_in(run):
        raise DomainError(gettext("Pindahkan dahulu pesertanya ke angkatan lain."))
    run.cancelled_at = clock.now()
    waited = db.session.scalars(runs.in_list(run.id)).all()
    for waiting in waited:
        waiting.ended_at = clock.now()
    db.session.flush()
    waiters = [waiting.person_id for waiting in waited]
    _tell(waiters, course, run, NotificationKind.RUN_CANCELLED, reason=reason)
    audit.record(
        actor, "learning.run_cancelled", "course", course.uuid,
        run=run.uuid, name=run.name, reason=reason,
    )  # fmt: skip


# ── Seats ────────────────────────────────────────────────────────────────────────────────────


def join(actor: Actor, course: Course, uuid: UUID) -> int:
    """Take a seat in a cohort, or a place at the end of its waiting list: 0, or that place. Twice
    is once; who waits for another cohort of the course waits for this one from now on.

    Raises DomainError where the policy does not let them in, the cohort does not register now, or
    they are in the course outside this cohort; NotFound for a cohort of another course.
    """
    ledger.lock_chain(Enrolment.__tablename__, actor.person_uuid)
    lock_row(course)
    enrolment = actions.enrolment_in(actor.person_id, course)
    run = runs.run_for(course.id, uuid)
    if enrolment is not None:
        _assert_seat(enrolment, run)
        return 0
    waiting = runs.waiting_of(actor.person_id, course.id)
    if waiting is not None and waiting.run_id == run.id:
        return runs.place_of(waiting)
    entering.assert_open(actor.person_id, course)
    _assert_registers(run)
    if waiting is not None:
        waiting.ended_at = clock.now()
        db.session.flush()
    source = entering.settle_admission(actor.person_id, course)
    if _unclaimed(run) > 0:
        actions.begin(actor, actor.person_id, course, source, run.id)
        return 0
    waiting = RunWaiting(
        uuid=new_uuid(), run_id=run.id, course_id=course.id, person_id=actor.person_id,
        since_at=clock.now(),
    )  # fmt: skip
    db.session.add(waiting)
    db.session.flush()
    audit.record(actor, "learning.run_awaited", "course", course.uuid, run=run.uuid, name=run.name)
    return runs.place_of(waiting)


def _assert_seat(enrolment: Enrolment, run: CourseRun) -> None:
    if enrolment.run_id is None:
        raise DomainError(gettext("Anda sudah terdaftar di kursus ini."))
    if enrolment.run_id != run.id:
        own = db.session.get_one(CourseRun, enrolment.run_id)
        raise DomainError(gettext("Anda sudah mendapat kursi di angkatan %(name)s.", name=own.name))


def _assert_registers(run: CourseRun) -> None:
    state = rules.registration(
        clock.today(run.time_zone),
        opens_on=run.registers_from,
        closes_on=run.registers_until,
        is_cancelled=run.cancelled_at is not None,
    )
    if state is not Registration.OPEN:
        raise DomainError(gettext("Angkatan ini tidak membuka pendaftaran hari ini."))


def _free(run: CourseRun) -> int:
    """Seats that nobody has; without a limit there is always one."""
    return run.seats - runs.taken_in(run) if run.seats else 1


def _unclaimed(run: CourseRun) -> int:
    """Free seats beyond those of who waits and has not moved up yet."""
    return _free(run) - runs.waiting_in(run) if run.seats else 1


def leave(actor: Actor, course: Course) -> None:
    """Give up a seat in a cohort, or a place in a waiting list; where there is neither, nothing
    happens. Raises DomainError once the cohort has begun (see `rules.may_leave`)."""
    ledger.lock_chain(Enrolment.__tablename__, actor.person_uuid)
    lock_row(course)
    waiting = runs.waiting_of(actor.person_id, course.id)
    if waiting is not None:
        waiting.ended_at = clock.now()
        db.session.flush()
        audit.record(actor, "learning.run_left", "course", course.uuid, run=_uuid(waiting.run_id))
        return
    enrolment = queries.open_enrolment_of(actor.person_id, course.slug)
    if enrolment is None or enrolment.run_id is None:
        return
    if not runs.may_leave(queries.enrolment_view(enrolment.uuid)):
        raise DomainError(
            gettext("Angkatan ini sudah dimulai. Hubungi pengelola kursus bila ingin berhenti.")
        )
    _close(_lock_open(enrolment), [enrolment])
    audit.record(actor, "learning.run_left", "course", course.uuid, run=_uuid(enrolment.run_id))


def _uuid(run_id: int) -> UUID:
    return db.session.get_one(CourseRun, run_id).uuid


def withdraw(actor: Actor | None, person: Person, slug: str, *, reason: str) -> None:
    """Close a person's open enrolment; a seat in a cohort goes to the first who waits. What was
    done in it stays on record and counts no more; a new enrolment begins with fresh attempts. The
    learner is told.
    Raises DomainError without an open enrolment."""
    enrolment = queries.open_enrolment_of(person.id, slug)
    if enrolment is None:
        raise DomainError(gettext("Tidak ada kursus yang sedang diikuti dengan nama ini."))
    course = _lock_open(enrolment)
    by = actor.person_uuid if actor else None
    take_out_all(by, course, [enrolment], reason[: people.REASON_MAX])


def take_out(by: Person, course: Course, uuids: Sequence[UUID], reason: str) -> int:
    """Close the enrolments of learners who are under way, as `withdraw` does; how many."""
    lock_row(course)
    query = learners.chosen(course.id, uuids).with_for_update()
    found = db.session.scalars(query.execution_options(populate_existing=True)).all()
    take_out_all(by.uuid, course, found, reason)
    return len(found)


def take_out_all(
    actor: UUID | None, course: Course, enrolments: Sequence[Enrolment], reason: str
) -> None:
    """The same for enrolments of a course that are under way and locked, as the course is."""
    _close(course, enrolments)
    audit.record_many(
        actor, "learning.withdrawn", "enrolment", [(e.uuid, {"reason": reason}) for e in enrolments]
    )
    told = {each.person_id: {"course": each.version.title, "reason": reason} for each in enrolments}
    notify_many(told, NotificationKind.TAKEN_OUT, url=f"/courses/{course.slug}")


def _lock_open(enrolment: Enrolment) -> Course:
    """Raises DomainError where it is closed."""
    course = db.session.get_one(Course, enrolment.course_id)
    if enrolment.run_id is not None:
        lock_row(course)
    lock_row(enrolment)
    if enrolment.state is not EnrolmentState.OPEN:  # completed while the lock was waited for
        raise DomainError(gettext("Kursus ini sudah selesai atau sudah ditinggalkan."))
    return course


def _close(course: Course, enrolments: Sequence[Enrolment]) -> None:
    now = clock.now()
    for enrolment in enrolments:
        enrolment.state, enrolment.closed_at = EnrolmentState.WITHDRAWN, now
    db.session.flush()
    _fill(course, {each.run_id for each in enrolments})


def _fill(course: Course, left: Collection[int | None]) -> None:
    """Give seats of cohorts that somebody has left to those who wait."""
    for run_id in sorted(each for each in left if each is not None):
        _promote(course, db.session.get_one(CourseRun, run_id))


def assert_room(run: CourseRun, count: int) -> None:
    """Raises DomainError where a cohort has not so many seats left, is cancelled or over."""
    is_over = run.ends_on is not None and clock.today(run.time_zone) > run.ends_on
    if run.cancelled_at is not None or is_over:
        raise DomainError(gettext("Angkatan ini sudah berakhir atau dibatalkan."), "run")
    if run.seats and count > (left := max(0, _unclaimed(run))):
        raise DomainError(gettext("Kursi yang tersisa hanya %(num)s.", num=left), "run")


def move(course: Course, uuids: Sequence[UUID], run: CourseRun) -> int:
    """Move learners who are under way, from another cohort or from none, into one; how many were
    moved. Seats that become free go to those who wait, and attempts that go on last as long as is
    allowed in the new cohort. Raises DomainError as `assert_room`."""
    lock_row(course)
    lock_row(run)
    query = learners.chosen(course.id, uuids).with_for_update()
    found = db.session.scalars(query.execution_options(populate_existing=True))
    moving = [enrolment for enrolment in found if enrolment.run_id != run.id]
    assert_room(run, len(moving))
    left = {enrolment.run_id for enrolment in moving}
    for enrolment in moving:
        enrolment.run_id = run.id
    db.session.flush()
    _tell([each.person_id for each in moving], course, run, NotificationKind.RUN_MOVED)
    for key in allowances.quizzes_eased(run.id):
        allowing.lengthen([enrolment.uuid for enrolment in moving], key)
    _fill(course, left)
    return len(moving)


def fill_seats(run_id: int) -> bool:
    """A step of the sweep: some of those who wait for a cohort move up. Are more left?"""
    with transaction():
        run = db.session.get_one(CourseRun, run_id)
        course = db.session.get_one(Course, run.course_id)
        lock_row(course)
        lock_row(run)
        return _promote(course, run)


def _promote(course: Course, run: CourseRun) -> bool:
    """Give free seats of a cohort to those who wait, the first first, and ask the sweep to go on
    where more could be given: that is told. Of a cohort that has ended, or of an archived course,
    nobody gets one. The caller holds the lock on the course."""
    if run.cancelled_at is not None or course.archived_at is not None:
        return False
    if run.ends_on is not None and clock.today(run.time_zone) > run.ends_on:
        return False
    seen = 0
    while first := _first_in_list(run, AT_ONCE):
        if seen >= AT_ONCE:
            jobs.hint(SWEEP)
            return True
        seen += len(first)
        for waiting in first:
            _move_up(course, run, waiting)
        db.session.flush()
        up = [waiting.person_id for waiting in first if waiting.promoted]
        _tell(up, course, run, NotificationKind.RUN_PROMOTED)
    return False


def _first_in_list(run: CourseRun, most: int) -> Sequence[RunWaiting]:
    """As many as there are free seats, and no more than so many."""
    most = min(max(0, _free(run)), most) if run.seats else most
    return db.session.scalars(runs.in_list(run.id).limit(most)).all()


def _move_up(course: Course, run: CourseRun, waiting: RunWaiting) -> None:
    """Somebody who has left the service, or is in the course already, leaves only the list."""
    waiting.ended_at = clock.now()
    person = db.session.get_one(Person, waiting.person_id)
    inside = queries.latest_enrolment_of(person.id, course.slug)
    if inside is None and person.deactivated_at is None:
        waiting.promoted = True
        source = entering.settle_admission(person.id, course)
        actions.begin(None, person.id, course, source, run.id)


def _tell(
    person_ids: Sequence[int], course: Course, run: CourseRun, kind: NotificationKind, **values: str
) -> None:
    told = {
        "course": current_version_of(course.id).title, "run": run.name,
        "starts": run.starts_on.isoformat(), **values,
    }  # fmt: skip
    notify_many(dict.fromkeys(person_ids, told), kind, url=f"/courses/{course.slug}")
