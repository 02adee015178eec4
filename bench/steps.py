"""`python -m bench.steps`: how long a step of a job holds the write lock, on SQLite with 10,000
learners in a course: acts on all of them, the regrade of a quiz that each has taken, giving
seats to who waits, and telling people what is due.

The site is that of `make bench`, size M; each job works on a copy, for some fifty steps.
"""

import gc
import logging
import shutil
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask
from sqlalchemy import func, insert, select, update

from bench import content
from bench.bulk import Row
from bench.databases import SQLite
from bench.people import SIZES
from bench.site import Site, built
from lms import create_app
from lms.accounts.models import Person
from lms.accounts.rules import Employment
from lms.config import Settings
from lms.core import clock
from lms.core.db import db, new_uuid, transaction
from lms.courses.models import Course
from lms.courses.queries import Part, current_version_of, outline
from lms.demo.past import Learner
from lms.learning.actions import bulk, regrading, running, telling
from lms.learning.actions.allowing import Gift, allow_run
from lms.learning.jobs import TOLD_TOGETHER
from lms.learning.models import (
    Assignment,
    BulkAct,
    CourseRun,
    Enrolment,
    Obligation,
    Regrade,
    RunWaiting,
)
from lms.learning.queries.learners import Asked
from lms.learning.rules import Notice
from lms.quizzes.models import Answer, Attempt
from lms.quizzes.queries import question_ids_of
from lms.quizzes.queries.corrections import Proposal
from lms.quizzes.rules import CorrectionKind

STEPS, WAITING = 50, 2_000
REASON = "Listrik padam"
GIFT = Gift(extra_time=10, extra_attempts=0, closes_at=None, reason=REASON)


@dataclass
class Held:
    """How long write transactions lasted: wall time and CPU, in ms."""

    times: list[tuple[float, float]] = field(default_factory=list)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with transaction():
            begun = time.perf_counter(), time.process_time()
            yield
            db.session.flush()
            db.session.commit()
            now = time.perf_counter(), time.process_time()
            self.times.append(((now[0] - begun[0]) * 1000, (now[1] - begun[1]) * 1000))

    def tell(self, name: str) -> None:
        wall, cpu = zip(*self.times, strict=True)
        print(
            f"{name:<50}{len(wall):>6}{statistics.median(cpu):>8.1f}{max(cpu):>8.1f}"
            f"{statistics.median(wall):>8.1f}{max(wall):>8.1f}",
            flush=True,
        )


def main() -> None:
    logging.disable(logging.CRITICAL)
    site = built("M", SIZES["M"], SQLite())
    print(f"{'':<50}{'steps':>6}{'CPU ms':>8}{'most':>8}{'wall':>8}{'most':>8}")
    for name, prepare, begin in ACTS:
        with _copy(site):
            prepare()
            with transaction():
                begin(_actor(), _course())
            _time_act(name)
    for name, wrong in (("regrade: no score changes", 0), ("regrade: every score changes", 100)):
        with _copy(site):
            _attempts(wrong=wrong)
            _time_regrade(name)
    with _copy(site):
        _cohorts(WAITING)
        _time_seats()
    with _copy(site):
        _obligations()
        _time_telling()


@contextmanager
def _copy(site: Site) -> Iterator[Flask]:
    with TemporaryDirectory() as folder:
        shutil.copyfile(site.url.removeprefix("sqlite:///"), Path(folder) / "run.db")
        app = create_app(
            Settings(
                DATABASE_URL=f"sqlite:///{folder}/run.db", DATA_DIR=folder, DEMO=False,
                UPLOADS_DIR=str(site.uploads), LOG_LEVEL="CRITICAL",
            )
        )  # fmt: skip
        with app.app_context():
            db.session.scalar(select(func.count(Person.id)))
            gc.collect()
            gc.freeze()  # as the product does when it has started
            try:
                yield app
            finally:
                gc.unfreeze()
                db.session.remove()
                db.engine.dispose()


# ── The course ───────────────────────────────────────────────────────────────────────────────


def _actor() -> Learner:
    person = db.session.get_one(Person, 1)
    return Learner(person.id, person.uuid, person.name)


def _course() -> Course:
    return db.session.scalars(select(Course).where(Course.slug == content.BENCH)).one()


def _exam() -> Part:
    return outline(current_version_of(_course().id)).part(content.EXAM)


def _nothing() -> None:
    """The course as it is."""


def _attempts(*, wrong: int | None = None) -> None:
    """One for each learner: under way, or handed in, `wrong` of a hundred with the first question
    wrong."""
    part, now, course = _exam(), clock.now(), _course()
    assert part.quiz_id is not None
    questions = question_ids_of(part.quiz_id)
    first = (db.session.scalar(select(func.max(Attempt.id))) or 0) + 1
    learners = db.session.execute(
        select(Enrolment.uuid, Enrolment.person_id).where(Enrolment.course_id == course.id)
    ).all()
    end = None if wrong is None else now
    rows, answers = list[Row](), list[Row]()
    for number, (holder, person) in enumerate(learners):
        missed = wrong is not None and number % 100 < wrong
        score = None if wrong is None else Decimal(100 - 5 * missed)
        rows.append({
            "id": first + number, "uuid": new_uuid(), "quiz_id": part.quiz_id,
            "quiz_key": part.key, "holder": holder, "person_id": person, "number": 1,
            "layout": [[question, [0, 1, 2, 3]] for question in questions], "headings": [],
            "started_at": now, "deadline_at": now + timedelta(hours=1), "submitted_at": end,
            "graded_at": end, "percent": score, "corrected": {},
        })  # fmt: skip
        answers += [
            {
                "attempt_id": first + number, "question_id": question,
                "value": [(content.right_option(at) + (missed and not at)) % 4], "seq": 1,
                "flagged": False, "saved_at": now,
                "fraction": "0.0000000" if missed and not at else "1.0000000",
            }
            for at, question in enumerate(questions)
        ]  # fmt: skip
    with transaction():
        db.session.execute(insert(Attempt), rows)
        db.session.execute(insert(Answer), answers)


def _run(name: str, seats: int) -> CourseRun:
    day = clock.today("Asia/Jakarta")
    return running.create_run(
        _actor(), _course(), running.RunPlan(name, day, day, day - timedelta(days=3), None, seats)
    )


def _cohorts(waiting: int = 0) -> None:
    """Everybody sits in one cohort, for which some wait, and has an attempt under way; the other
    one has more time for it."""
    _attempts()
    with transaction():
        course = _course()
        one, other = _run("Satu", SIZES["M"]), _run("Dua", 0)
        of_course = Enrolment.course_id == course.id
        db.session.execute(update(Enrolment).where(of_course).values(run_id=one.id))
        allow_run(db.session.get_one(Person, 1), course, other, content.EXAM, GIFT)
        people = [
            Person(
                uuid=new_uuid(), nip=f"19990101202501{n:04}", name=f"Pegawai {n}",
                email=f"penunggu{n}@contoh.test", employment=Employment.PNS,
            )
            for n in range(waiting)
        ]  # fmt: skip
        db.session.add_all(people)
        db.session.flush()
        db.session.add_all(
            RunWaiting(
                uuid=new_uuid(), run_id=one.id, course_id=course.id, person_id=each.id,
                since_at=clock.now(),
            )
            for each in people
        )  # fmt: skip
        db.session.flush()


def _obligations() -> None:
    """Everybody has just been assigned the course."""
    now = clock.now()
    due = clock.local_day(now, "Asia/Jakarta") + timedelta(days=30)
    with transaction():
        assignment = Assignment(
            uuid=new_uuid(), course_id=_course().id, unit_id=1, headed_unit_id=1, covers_unit=True,
            due_on=due, reason=REASON, assigned_by_id=1, assigned_as="Kepala", assigned_at=now,
        )  # fmt: skip
        db.session.add(assignment)
        db.session.flush()
        told: Row = {
            "assignment_id": assignment.id, "course_id": assignment.course_id, "due_on": due,
            "due_at": now + timedelta(days=30), "time_zone": "Asia/Jakarta", "given_at": now,
            "notice": Notice.ASSIGNED, "notice_at": now,
        }  # fmt: skip
        people = db.session.scalars(select(Person.id).where(Person.id > 1).limit(WAITING))
        db.session.execute(insert(Obligation), [{**told, "person_id": each} for each in people])


# ── The jobs ─────────────────────────────────────────────────────────────────────────────────


def _remind(actor: Learner, course: Course) -> None:
    bulk.remind(actor, course, Asked())


def _message(actor: Learner, course: Course) -> None:
    bulk.send_message(actor, course, Asked(), "Sesi tanya jawab Senin pukul 9.")


def _allow(actor: Learner, course: Course) -> None:
    bulk.allow(actor, course, Asked(), content.EXAM, GIFT)


def _lengthen(actor: Learner, course: Course) -> None:
    run = db.session.scalars(select(CourseRun).where(CourseRun.name == "Satu")).one()
    bulk.allow_run(actor, course, run, content.EXAM, GIFT)


def _move(actor: Learner, course: Course) -> None:
    run = db.session.scalars(select(CourseRun).where(CourseRun.name == "Dua")).one()
    bulk.move(actor, course, Asked(), run)


def _take_out(actor: Learner, course: Course) -> None:
    bulk.take_out(actor, course, Asked(), REASON)


ACTS: tuple[tuple[str, Callable[[], None], Callable[[Learner, Course], None]], ...] = (
    ("remind", _nothing, _remind),
    ("send a message", _nothing, _message),
    ("allow more, all under way", _attempts, _allow),
    ("lengthen the attempts of a cohort", _cohorts, _lengthen),
    ("take out", _nothing, _take_out),
    ("take out, as many move up", lambda: _cohorts(WAITING), _take_out),
    ("move to another cohort", _cohorts, _move),
    ("move, as many move up", lambda: _cohorts(WAITING), _move),
)


def _time_act(name: str) -> None:
    act, held = db.session.scalars(select(BulkAct.id)).one(), Held()
    db.session.remove()
    bulk.step(act)  # the first reads what stays in memory
    with _held_by(bulk, held):
        for _ in range(STEPS):
            bulk.step(act)
            db.session.remove()
    held.tell(f"{name}, {bulk.STEP} learners")


def _time_regrade(name: str) -> None:
    quiz = _exam().quiz_id
    assert quiz is not None
    with transaction():
        regrade = regrading.propose(
            _actor(), _course(), content.EXAM, question_ids_of(quiz)[0],
            Proposal(CorrectionKind.ACCEPT_ALL), reason="Kunci keliru",
        ).id  # fmt: skip
    db.session.remove()
    held = Held()
    with _held_by(regrading, held):
        while regrading.step(regrade):
            pass
    held.tell(f"{name}: counted, {regrading.BATCH}")
    with transaction():
        regrading.apply(_actor(), db.session.get_one(Regrade, regrade))
    db.session.remove()
    held, stamps = Held(), Held()
    stamp = regrading._stamp

    def stamped(regrade_id: int, ids: Sequence[int]) -> list[int]:
        changing = stamp(regrade_id, ids)
        stamps.times.append(held.times.pop())
        return changing

    regrading._stamp = stamped
    try:
        with _held_by(regrading, held):
            for _ in range(5):
                regrading.step(regrade)
    finally:
        regrading._stamp = stamp
    stamps.tell(f"{name}: stamped, {regrading.STAMPED}")
    held.tell(f"{name}: marked one by one")


def _time_seats() -> None:
    """The cohort that everybody sits in gets a seat for each who waits."""
    with transaction():
        run = db.session.scalars(select(CourseRun).where(CourseRun.name == "Satu")).one()
        run.seats, number = 0, run.id
    db.session.remove()
    held = Held()
    with _held_by(running, held):
        for _ in range(STEPS):
            running.fill_seats(number)
            db.session.remove()
    held.tell(f"give seats to who waits, {running.AT_ONCE}")


def _time_telling() -> None:
    held = Held()
    for _ in range(STEPS):
        with held.transaction():
            telling.tell_due(TOLD_TOGETHER)
        db.session.remove()
    held.tell(f"tell what is due, {TOLD_TOGETHER} people")


@contextmanager
def _held_by(module: object, held: Held) -> Iterator[None]:
    """Time the write transactions that a module opens."""
    module.transaction = held.transaction  # type: ignore[attr-defined]  # it imports that name
    try:
        yield
    finally:
        module.transaction = transaction  # type: ignore[attr-defined]  # as above


if __name__ == "__main__":
    main()
