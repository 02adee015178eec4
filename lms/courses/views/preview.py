"""The draft as its learners would get it, without a trace: no enrolment, no progress."""

from typing import TYPE_CHECKING

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.core import files, headers, i18n
from lms.core.access import Permission, current_actor, requires
from lms.core.errors import DomainError, NotFound
from lms.courses.actions import previewing
from lms.courses.queries import drafts as queries
from lms.courses.queries.banks import shown_course
from lms.courses.rules import ActivityKind, CourseRole
from lms.courses.views.blueprint import bp
from lms.formats.media import content_type

if TYPE_CHECKING:
    from lms.courses.models import Draft


@bp.get("/studio/<slug:slug>/as-learner")
@requires(Permission.COURSES_STUDIO_USE)
def preview_start(slug: str) -> ResponseReturnValue:
    """To the first part of the draft."""
    try:
        course = previewing.preview_course(_draft(slug))
    except DomainError as error:
        flash(error.message, "warn")
        return redirect(url_for(".outline", slug=slug))
    return redirect(url_for(".preview", slug=slug, key=course.parts[0].key))


@bp.get("/studio/<slug:slug>/preview/<slug:key>")
@requires(Permission.COURSES_STUDIO_USE)
def preview(slug: str, key: str) -> ResponseReturnValue:
    course = previewing.preview_course(_draft(slug))
    part = course.part(key)
    base = url_for(".preview_file", slug=slug, name="")
    medium = previewing.medium_of(course, part, base)
    html = refusal = ""
    questions: tuple[object, ...] = ()
    try:
        html = previewing.html_of(course, part, base)
        questions = previewing.questions_of(course, part, base)
    except DomainError as error:
        refusal = error.message
    place = course.parts.index(part)
    page = make_response(
        render_template(
            "courses/preview.html",
            slug=slug,
            course=course,
            part=part,
            modules=_modules(course),
            html=html,
            refusal=refusal,
            questions=questions,
            are_keys_shown=request.args.get("keys") == "shown",
            medium={"title": part.title, "kind": part.kind, "medium": medium} if medium else None,
            sizes=(i18n.megabytes(medium.size), i18n.megabytes(medium.audio_size))
            if medium
            else (),
            before=course.parts[place - 1] if place else None,
            after=course.parts[place + 1] if place + 1 < len(course.parts) else None,
        )
    )
    if part.kind is ActivityKind.DOCUMENT:
        headers.show_frames(page)
    return page


def _modules(
    course: previewing.PreviewCourse,
) -> list[tuple[str, list[previewing.PreviewPart]]]:
    """Titles of the modules, each with its parts."""
    modules: list[tuple[str, list[previewing.PreviewPart]]] = []
    for part in course.parts:
        if not modules or modules[-1][0] != part.module:
            modules.append((part.module, []))
        modules[-1][1].append(part)
    return modules


@bp.get("/studio/<slug:slug>/preview/<path:name>")
@requires(Permission.COURSES_STUDIO_USE)
def preview_file(slug: str, name: str) -> ResponseReturnValue:
    """A file of the draft, of the current version where there is none, for everybody who has a part
    in the course or may read the bank."""
    course = shown_course(current_actor(), slug, *CourseRole)
    return files.answer(queries.medium_at(course, name), content_type(name))


def _draft(slug: str) -> "Draft":
    """Raises NotFound where the course has none."""
    draft = queries.draft_of(queries.entered(current_actor(), slug, *CourseRole))
    if draft is None:
        raise NotFound
    return draft
