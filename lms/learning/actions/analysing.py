"""Keeping what was counted over all learners of a course."""

from datetime import datetime

from lms.core import audit, clock, jobs
from lms.core.access import Actor
from lms.core.db import db, lock_row
from lms.courses.models import Course
from lms.learning.models import CourseAnalysis, RunAnalysis
from lms.learning.queries.analytics import Counted, as_stored

SWEEP = "analyses"


def ask_count(actor: Actor, course: Course) -> None:
    """Ask that a course is counted anew; the job does it within a minute. Asking twice is once."""
    ask(course)
    audit.record(actor, "learning.count_asked", "course", course.uuid)


def ask(course: Course) -> None:
    """What was counted is not true any more."""
    _row(course).asked_at = clock.now()
    db.session.flush()
    jobs.hint(SWEEP)


def keep_figures(course_id: int, version_id: int, counted: Counted, began_at: datetime) -> None:
    """Keep what was counted with the parts of a version. Whoever has asked since it began has it
    counted once more."""
    row = _row(db.session.get_one(Course, course_id))
    row.version_id, row.figures = version_id, as_stored(counted.course)
    for run_id, figures in counted.runs.items():
        db.session.merge(RunAnalysis(run_id=run_id, figures=as_stored(figures)))
    row.counted_at = began_at
    if row.asked_at is not None and row.asked_at <= began_at:
        row.asked_at = None
    db.session.flush()


def _row(course: Course) -> CourseAnalysis:
    lock_row(course)  # so that two at once do not both begin it
    row = db.session.get(CourseAnalysis, course.id)
    if row is None:
        row = CourseAnalysis(course_id=course.id)
        db.session.add(row)
    return row


def note_export(actor: Actor, course: Course, table: str, *, rows: int) -> None:
    """Write into the audit that a table of a course was taken out."""
    audit.record(actor, "learning.exported", "course", course.uuid, table=table, rows=rows)
