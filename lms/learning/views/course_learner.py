"""One learner of a course, for whoever teaches it: each part, and each attempt."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lms.core import i18n
from lms.core.access import Permission, current_actor, requires
from lms.core.errors import NotFound
from lms.core.forms import writing
from lms.courses.queries.drafts import role_in
from lms.courses.rules import CourseRole
from lms.learning import queries
from lms.learning.actions import voiding
from lms.learning.forms import VoidForm
from lms.learning.queries import learners
from lms.learning.views.analytics import taught
from lms.learning.views.blueprint import bp
from lms.learning.views.outline import kind_words
from lms.quizzes import queries as quizzes

if TYPE_CHECKING:
    from lms.quizzes.models import Attempt

STUDIO = Permission.COURSES_STUDIO_USE


@bp.get("/studio/<slug:slug>/learners/<uuid:uuid>")
@requires(STUDIO)
def course_learner(slug: str, uuid: UUID) -> ResponseReturnValue:
    zone = current_actor().time_zone
    course = taught(current_actor(), slug)
    enrolment, name = learners.learner_for(course.id, uuid)
    learning = queries.learning_of(enrolment)
    return render_template(
        "learning/course_learner.html",
        course=course,
        uuid=uuid,
        name=name,
        learning=learning,
        is_owner=role_in(current_actor(), course) is CourseRole.OWNER,
        rows=[
            {
                "part": part,
                "words": kind_words(part),
                "is_done": part.key in learning.done,
                "score": learning.scores.get(part.key),
                "attempts": [
                    _attempt(attempt, zone) for attempt in quizzes.attempts_of(uuid, part.key)
                ]
                if part.quiz_id
                else [],
            }
            for part in learning.outline.parts
        ],
    )


@bp.route(
    "/studio/<slug:slug>/learners/<uuid:uuid>/attempts/<int:number>/<slug:key>",
    methods=["GET", "POST"],
)
@requires(STUDIO)
def void_attempt(slug: str, uuid: UUID, number: int, key: str) -> ResponseReturnValue:
    """Asks for the reason, then lets the attempt count for nothing."""
    actor, form, status = current_actor(), VoidForm(), 200
    course = taught(actor, slug)
    enrolment, name = learners.learner_for(course.id, uuid)
    part = enrolment.outline.part(key)
    attempt = _attempt_for(uuid, key, number)
    if request.method == "POST":
        status = 422
        if form.validate():
            with writing(form):
                voiding.void_attempt(
                    actor, _attempt_for(uuid, key, number), reason=form.reason.data or ""
                )
                flash(gettext("Percobaan dibatalkan. Jawabannya tetap tersimpan."), "ok")
                return redirect(url_for(".course_learner", slug=slug, uuid=uuid))
    page = render_template(
        "learning/void_attempt.html",
        course=course,
        uuid=uuid,
        name=name,
        part=part,
        attempt=_attempt(attempt, actor.time_zone),
        form=form,
    )
    return page, status


def _attempt_for(uuid: UUID, key: str, number: int) -> "Attempt":
    for attempt in quizzes.attempts_of(uuid, key):
        if attempt.number == number:
            return attempt
    raise NotFound


def _attempt(attempt: "Attempt", zone: str) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "began": i18n.instant(attempt.started_at, zone),
        "is_open": attempt.submitted_at is None,
        "percent": attempt.percent,
        "is_waiting": attempt.percent is None and attempt.waits_since is not None,
        "is_voided": attempt.voided_at is not None,
        "reason": attempt.void_reason,
    }
