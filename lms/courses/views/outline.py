"""The outline of a course that is being written: its modules and parts."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from lms.core.access import Permission, current_actor, requires
from lms.core.forms import EmptyForm, writing
from lms.courses.actions import drafts
from lms.courses.queries.drafts import written_course
from lms.courses.queries.studio import workshop
from lms.courses.rules import CourseRole
from lms.courses.views.blueprint import bp

AUTHOR = CourseRole.AUTHOR


@bp.get("/studio/<slug:slug>", endpoint="outline")
@requires(Permission.COURSES_STUDIO_USE)
def outline_page(slug: str) -> ResponseReturnValue:
    course = workshop(written_course(current_actor(), slug, *CourseRole))
    return render_template("courses/outline.html", course=course, form=EmptyForm(formdata=None))


@bp.post("/studio/<slug:slug>/draft")
@requires(Permission.COURSES_STUDIO_USE)
def begin_draft(slug: str) -> ResponseReturnValue:
    """Begin to change a published course; goes on with the draft where there is one."""
    actor = current_actor()
    with writing():
        drafts.open_draft(actor, written_course(actor, slug, AUTHOR))
    return redirect(url_for(".outline", slug=slug))
