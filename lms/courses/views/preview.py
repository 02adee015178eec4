"""The draft as its learners would get it, without a trace: no enrolment, no progress. Whoever
reviews it comments at the text."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lms.core import files, headers, i18n
from lms.core.access import Permission, current_actor, requires
from lms.core.errors import DomainError, NotFound
from lms.core.forms import writing
from lms.courses.actions import previewing, reviewing
from lms.courses.actions.previewing import PreviewCourse, PreviewPart
from lms.courses.actions.rendering import writes_comma
from lms.courses.forms.review import RemarkForm
from lms.courses.queries import drafts as queries
from lms.courses.queries.banks import shown_course
from lms.courses.queries.reviewing import open_comments, part_file
from lms.courses.rules import ActivityKind, CourseRole
from lms.courses.views.blueprint import bp
from lms.courses.views.remarks import Remark, remarks
from lms.courses.views.trial import Asked, Trial, asked
from lms.formats.course_folder.blocks import Block, blocks
from lms.formats.media import content_type

if TYPE_CHECKING:
    from lms.courses.models import Draft, DraftFile

_READERS = (CourseRole.AUTHOR, CourseRole.REVIEWER)  # and owners


@dataclass(frozen=True)
class Talk:
    """What was said about a part: at its blocks by their lines, at its questions by their keys, and
    about it as a whole; and the form of the next comment."""

    by_line: dict[int, list[Remark]]
    by_question: dict[str, list[Remark]]
    whole: list[Remark]
    form: RemarkForm


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
    """With `line` or `question` the form of a comment stands there."""
    form = RemarkForm(
        formdata=None, line=request.args.get("line", type=int),
        question=request.args.get("question", ""),
    )  # fmt: skip
    return _page(slug, key, form)


@bp.post("/studio/<slug:slug>/preview/<slug:key>")
@requires(Permission.COURSES_STUDIO_USE)
def try_answer(slug: str, key: str) -> ResponseReturnValue:
    """How right an answer is; nothing is stored."""
    trial = Trial(request.form.get("question", ""), request.form.getlist("answer"))
    return _page(slug, key, RemarkForm(formdata=None), trial)


@bp.post("/studio/<slug:slug>/preview/<slug:key>/comments")
@requires(Permission.COURSES_STUDIO_USE)
def comment_on_part(slug: str, key: str) -> ResponseReturnValue:
    form = RemarkForm()
    _draft(slug, *_READERS)
    if form.validate():
        with writing(form):
            draft = _draft(slug, *_READERS)
            about = reviewing.About(part_file(draft, key), form.line.data, form.question.data or "")
            said = reviewing.comment(current_actor(), draft, form.text.data or "", about)
            flash(gettext("Komentar disimpan."), "ok")
            anchor = f"komentar-{said.uuid}"
            return redirect(url_for(".preview", slug=slug, key=key, _anchor=anchor))
    return _page(slug, key, form, status=422)


def _page(
    slug: str, key: str, form: RemarkForm, trial: Trial | None = None, status: int = 200
) -> ResponseReturnValue:
    draft = _draft(slug)
    course = previewing.preview_course(draft)
    part = course.part(key)
    base = url_for(".preview_file", slug=slug, name="")
    medium = previewing.medium_of(course, part, base)
    html = refusal = ""
    questions: list[Asked] = []
    try:
        html = previewing.html_of(course, part, base)
        questions = _questions(course, part, base, trial)
    except DomainError as error:
        refusal = error.message
    file = part_file(draft, key)
    text = blocks(html, (file.text or "").split("\n"))
    place = course.parts.index(part)
    page = make_response(
        render_template(
            "courses/preview.html",
            slug=slug,
            course=course,
            part=part,
            modules=_modules(course),
            blocks=text,
            refusal=refusal,
            questions=questions,
            comma=writes_comma(course.language),
            are_keys_shown=request.args.get("keys") == "shown",
            medium={"title": part.title, "kind": part.kind, "medium": medium} if medium else None,
            sizes=(i18n.megabytes(medium.size), i18n.megabytes(medium.audio_size))
            if medium
            else (),
            before=course.parts[place - 1] if place else None,
            after=course.parts[place + 1] if place + 1 < len(course.parts) else None,
            talk=_talk(draft, file, form, text, questions),
        ),
        422 if any(each.refusal for each in questions) else status,
    )
    if part.kind is ActivityKind.DOCUMENT:
        headers.show_frames(page)
    return page


def _questions(
    course: PreviewCourse, part: PreviewPart, base: str, trial: Trial | None
) -> list[Asked]:
    if part.kind is not ActivityKind.QUIZ:
        return []
    sources = previewing.questions_of(course, part, base)
    return asked(map(previewing.view_of, sources), previewing.marking_of(course, part), trial)


def _talk(
    draft: "Draft", file: "DraftFile", form: RemarkForm, text: list[Block], questions: list[Asked]
) -> Talk | None:
    """None for whoever has no say in the text."""
    role = queries.role_in(current_actor(), draft.course)
    if draft.course.is_bank or role not in (CourseRole.OWNER, *_READERS):
        return None
    lines = [block.line for block in text if block.line]
    if form.line.data not in lines:
        form.line.data = None
    keys = [each.view.key for each in questions]
    if form.question.data not in keys:
        form.question.data = ""
    talk = Talk({}, {}, [], form)
    said = open_comments(draft, files=[file.id], questions=keys)
    for remark in remarks(said):
        at = max((line for line in lines if line <= remark.line), default=0)
        if remark.question:
            talk.by_question.setdefault(remark.question, []).append(remark)
        elif at:
            talk.by_line.setdefault(at, []).append(remark)
        else:
            talk.whole.append(remark)
    return talk


def _modules(course: PreviewCourse) -> list[tuple[str, list[PreviewPart]]]:
    """Titles of the modules, each with its parts."""
    modules: list[tuple[str, list[PreviewPart]]] = []
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


def _draft(slug: str, *roles: CourseRole) -> "Draft":
    """For all who have a part in the course, or for owners and these. Raises NotFound where the
    course has none."""
    course = queries.entered(current_actor(), slug, *(roles or CourseRole))
    draft = queries.draft_of(course)
    if draft is None:
        raise NotFound
    return draft
