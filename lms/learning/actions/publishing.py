"""Publishing a draft from the studio, with what it means for the learners under way; and giving one
up."""

from flask_babel import gettext
from sqlalchemy import delete

from lms.core.access import Actor
from lms.core.db import db, lock_row
from lms.core.errors import DomainError
from lms.courses.actions import drafts, publishing
from lms.courses.actions.publishing import Imported, ImportState
from lms.courses.actions.rendering import Prepared
from lms.courses.models import Course
from lms.courses.queries.drafts import draft_of
from lms.courses.queries.studio import draft_mark
from lms.learning.actions import move_learners, offering
from lms.learning.models import CourseAnalysis, CourseAudience, CourseRun, EnrolmentPolicy


def publish_draft(
    actor: Actor, course: Course, prepared: Prepared, *, mark: str, small: bool, note: str
) -> tuple[Imported, int]:
    """Publish what was prepared of the draft as it was at `mark` (`draft_mark`), and take the draft
    away; also how many learners were moved. A withdrawn course is offered again by it.

    Raises DomainError where somebody has published or changed the draft since, or it says nothing
    new.
    """
    lock_row(course)
    draft = draft_of(course)
    if draft is None or draft_mark(draft) != mark:
        raise DomainError(
            gettext("Draf ini berubah, atau sudah terbit, sesudah diperiksa. Periksa sekali lagi.")
        )
    done = publishing.publish(prepared, small=small, actor=actor, note=note)
    if done.state is ImportState.UNCHANGED:
        words = gettext("Isi draf sama dengan versi %(number)s.", number=done.version.number)
        raise DomainError(words)
    done.version.approved_by_id = draft.approved_by_id
    moved = 0
    if done.version.is_small and done.before is not None:
        moved = move_learners(done.before, done.version)
    if course.is_withdrawn:
        offering.offer_again(actor, course)
    drafts.keep_comments(draft, done.version)
    drafts.delete_draft(draft)
    return done, moved


def discard_draft(actor: Actor, course: Course) -> None:
    """Give up the draft of a course, if there is one. A course that was never published goes with
    it, and with the course what was said of entering it."""
    lock_row(course)
    draft = draft_of(course)
    if draft is None:
        return
    if course.current_version_id is None:
        for model in (CourseAudience, EnrolmentPolicy, CourseRun, CourseAnalysis):
            db.session.execute(delete(model).where(model.course_id == course.id))
    drafts.discard_draft(actor, draft)
