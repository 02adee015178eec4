"""Attempts whose time is over are submitted; submitted ones that are not graded are graded. Who
comes to a unit gets what is assigned to it, and what is due of deadlines is told. Courses are
counted for their authors."""

from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from lms.core import clock, jobs
from lms.core.db import db, transaction
from lms.courses import queries as courses
from lms.learning import actions
from lms.learning.actions import (
    analysing,
    assigning,
    bulk,
    offering,
    regrading,
    running,
    telling,
)
from lms.learning.queries import analytics, assignments, counting, runs
from lms.learning.queries import offering as offerings
from lms.quizzes import queries as quizzes

if TYPE_CHECKING:
    from lms.quizzes.models import Attempt

log = structlog.get_logger()
BATCH = 1000  # an exam that closes ends all its attempts at once
COUNTED_TOGETHER = 20
TOLD_TOGETHER = 20  # some 30 ms: others get to write in between


def sweep_attempts() -> None:
    for uuid, person_id in quizzes.overdue_attempts(clock.now(), BATCH):
        _try("submitting", uuid, person_id, lambda attempt: actions.submit_quiz(None, attempt))
    for uuid, person_id in quizzes.ungraded_attempts(BATCH):
        _try("grading", uuid, person_id, lambda attempt: actions.grade_quiz(attempt, tell=True))


def _try(step: str, uuid: UUID, person_id: int, act: Callable[["Attempt"], object]) -> None:
    """One attempt in its own transaction; one that fails must not keep the others waiting."""
    try:
        with transaction():
            attempt = quizzes.attempt_by_uuid(uuid, person_id)
            assert attempt is not None
            act(attempt)
    except Exception:
        log.exception(f"{step} failed", attempt=str(uuid))


def sweep_assignments() -> None:
    """A large unit gets its obligations, and everybody the news of theirs, in short transactions;
    what is left is for the next sweep."""
    for assignment_id in assignments.due_checks(clock.now(), BATCH):
        try:
            _bring_up_to_date(assignment_id)
        except Exception:  # one assignment must not keep the others waiting
            log.exception("assignment not brought up to date", assignment=assignment_id)
    for _ in range(BATCH // 10):
        with transaction():
            told = telling.tell_due(TOLD_TOGETHER)
        if told < TOLD_TOGETHER:
            return


def _bring_up_to_date(assignment_id: int) -> None:
    for _ in range(BATCH):
        with transaction():
            if assigning.bring_up_to_date(assignment_id):
                return


def sweep_regrades() -> None:
    regrading.work_on_regrades()


def sweep_withdrawals() -> None:
    """Learners of withdrawn courses are told, and taken out when their last day is over."""
    for course_id in offerings.due_withdrawals(clock.now(), BATCH):
        try:
            for _ in range(BATCH):
                with transaction():
                    if offering.carry_on(course_id):
                        break
        except Exception:  # one course must not keep the others waiting
            log.exception("withdrawal not carried on", course=course_id)


def sweep_seats() -> None:
    """Those who wait for a cohort move up to seats that are free."""
    jobs.in_steps(runs.due_runs(clock.now()), running.fill_seats, "seats not given")


def sweep_bulk_acts() -> None:
    bulk.work_on_acts()
    jobs.in_batches(bulk.remove_old_acts)


def sweep_analyses() -> None:
    """Courses whose figures are a day old or asked for are counted, outside any transaction that
    would keep others from writing."""
    for course_id in analytics.due_courses(clock.now(), COUNTED_TOGETHER):
        try:
            count_course(course_id)
        except Exception:  # one course must not keep the others waiting
            log.exception("course not counted", course=course_id)
        finally:
            db.session.rollback()


def count_course(course_id: int) -> None:
    """Count one published course with its cohorts now and keep what was counted."""
    began_at, version = clock.now(), courses.current_version_of(course_id)
    counted = counting.count_course(course_id, version, began_at)
    with transaction():
        analysing.keep_figures(course_id, version.id, counted, began_at)
