"""The review of a draft by a second person."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lms.core.access import Permission, current_actor, requires
from lms.core.errors import DomainError, NotFound
from lms.core.forms import EmptyForm, writing
from lms.courses.actions import reviewing as acts
from lms.courses.actions.previewing import problems_in
from lms.courses.forms.review import CommentForm, DecisionForm
from lms.courses.queries.drafts import draft_of, entered, file_for, role_in
from lms.courses.queries.reviewing import (
    asked_of,
    comment_for,
    comments_of,
    part_file,
    question_in,
    writers_since,
)
from lms.courses.queries.studio import workshop
from lms.courses.rules import CourseRole, DraftState
from lms.courses.views.blueprint import bp
from lms.courses.views.places import file_title, place_of, preview_of, question_place
from lms.courses.views.remarks import Remark, remarks, uuid_in

if TYPE_CHECKING:
    from lms.courses.models import Draft, ReviewComment
    from lms.courses.queries.studio import Workshop

USE = Permission.COURSES_STUDIO_USE
AUTHOR, REVIEWER = CourseRole.AUTHOR, CourseRole.REVIEWER


@dataclass(frozen=True)
class Listed:
    """A comment in the list: what it is about, where it is read, and where that is written."""

    remark: Remark
    title: str
    preview: str | None
    editor: str | None


@bp.get("/studio/<slug:slug>/review")
@requires(USE)
def review(slug: str) -> ResponseReturnValue:
    return _page(slug)


def _page(
    slug: str, comment: CommentForm | None = None, decision: DecisionForm | None = None
) -> str:
    actor = current_actor()
    course = entered(actor, slug, AUTHOR, REVIEWER)
    shown, role = workshop(course), role_in(actor, course)
    draft = shown.draft
    if draft is None:
        raise NotFound
    comment = comment or CommentForm(formdata=None)
    comment.file.choices = [
        ("", gettext("Seluruh kursus")),
        *((str(shown.files[p].uuid), file_title(shown, p)) for p in _told_of(shown)),
    ]
    decision = decision or DecisionForm(formdata=None)
    decision.mark.raw_data, decision.mark.data = None, draft.changed_at.isoformat()
    may_write = role in (CourseRole.OWNER, AUTHOR)
    said = comments_of(draft)
    asker = draft.asked_by_id if draft.state is DraftState.IN_REVIEW else None
    return render_template(
        "courses/review.html",
        course=shown,
        comments=[_listed(shown, each, may_write=may_write) for each in said],
        may_write=may_write,
        may_decide=role in (CourseRole.OWNER, REVIEWER) and asker != actor.person_id,
        has_written=actor.person_id in writers_since(draft),
        asked=[person.name for person in asked_of(draft, asker or actor.person_id)],
        open=sum(each.settled_at is None for each in said),
        problems=problems_in(draft),
        comment_form=comment,
        decision_form=decision,
        form=EmptyForm(formdata=None),
    )


def _told_of(course: "Workshop") -> list[str]:
    """Paths of the files that one can say something about, in the order of the course."""
    modules = [path for m in course.modules for path in (m.file, *(p.path for p in m.parts))]
    return [path for path in ("course.toml", *modules) if path in course.files]


def _listed(course: "Workshop", comment: "ReviewComment", *, may_write: bool) -> Listed:
    [remark] = remarks([comment])
    path = comment.file.path if comment.file else ""
    if comment.question and course.draft is not None:
        try:
            path = question_in(course.draft, comment.question)[1].path
        except NotFound:
            path = ""
    is_there = path in course.files and not remark.is_gone
    editor = None
    if may_write and is_there:
        editor = question_place(course, path, comment.question) or place_of(course, path)
    return Listed(
        remark,
        file_title(course, path) if path else "",
        preview_of(course, path, f"komentar-{comment.uuid}") if is_there else None,
        editor,
    )


@bp.post("/studio/<slug:slug>/review/ask")
@requires(USE)
def ask_review(slug: str) -> ResponseReturnValue:
    actor = current_actor()
    _draft(slug, AUTHOR)
    try:
        with writing():
            asked = acts.ask_review(actor, _draft(slug, AUTHOR))
            flash(gettext("Tinjauan diminta kepada: %(names)s", names="; ".join(asked)), "ok")
    except DomainError as error:
        flash(error.message, "warn")
    return redirect(url_for(".review", slug=slug))


@bp.post("/studio/<slug:slug>/review/withdraw")
@requires(USE)
def withdraw_review(slug: str) -> ResponseReturnValue:
    actor = current_actor()
    _draft(slug, AUTHOR)
    with writing():
        acts.withdraw_review(actor, _draft(slug, AUTHOR))
        flash(gettext("Permintaan tinjauan dibatalkan."), "ok")
    return redirect(url_for(".review", slug=slug))


@bp.post("/studio/<slug:slug>/review/comments")
@requires(USE)
def add_comment(slug: str) -> ResponseReturnValue:
    actor, form = current_actor(), CommentForm()
    _draft(slug, AUTHOR, REVIEWER)
    if form.validate():
        with writing(form):
            draft = _draft(slug, AUTHOR, REVIEWER)
            file = file_for(draft, uuid_in(form.file.data)) if form.file.data else None
            acts.comment(actor, draft, form.text.data or "", acts.About(file))
            flash(gettext("Komentar disimpan."), "ok")
            return redirect(url_for(".review", slug=slug))
    return _page(slug, comment=form), 422


@bp.post("/studio/<slug:slug>/review/comments/<uuid:uuid>/settle")
@requires(USE)
def settle_comment(slug: str, uuid: UUID) -> ResponseReturnValue:
    _draft(slug, AUTHOR, REVIEWER)
    with writing():
        acts.settle(comment_for(_draft(slug, AUTHOR, REVIEWER), uuid))
        flash(gettext("Komentar beres. Di Tinjauan dapat dibuka lagi."), "ok")
        return redirect(_back(slug, uuid))


@bp.post("/studio/<slug:slug>/review/comments/<uuid:uuid>/reopen")
@requires(USE)
def reopen_comment(slug: str, uuid: UUID) -> ResponseReturnValue:
    _draft(slug, AUTHOR, REVIEWER)
    with writing():
        acts.reopen(comment_for(_draft(slug, AUTHOR, REVIEWER), uuid))
        flash(gettext("Komentar dibuka lagi."), "ok")
        return redirect(_back(slug, uuid))


def _back(slug: str, uuid: UUID) -> str:
    """To the part in whose preview the button was, else to the list."""
    key = request.form.get("part", "")
    if key:
        part_file(_draft(slug, AUTHOR, REVIEWER), key)
        return url_for(".preview", slug=slug, key=key, _anchor="komentar")
    return url_for(".review", slug=slug, _anchor=f"komentar-{uuid}")


@bp.post("/studio/<slug:slug>/review/decide")
@requires(USE)
def decide_review(slug: str) -> ResponseReturnValue:
    """Approve the draft, or return it with a note."""
    actor, form = current_actor(), DecisionForm()
    _draft(slug, REVIEWER)
    approves = request.form.get("decision") == "approve"
    if not approves and not (form.note.data or ""):
        form.validate()
        form.refuse(DomainError(gettext("Tulis apa yang perlu diperbaiki."), "note"))
        return _page(slug, decision=form), 422
    if form.validate():
        with writing(form):
            draft = _draft(slug, REVIEWER)
            note, mark = form.note.data or "", form.mark.data or ""
            acts.decide(actor, draft, approves=approves, note=note, mark=mark)
            flash(gettext("Draf disetujui.") if approves else gettext("Draf dikembalikan."), "ok")
            return redirect(url_for(".review", slug=slug))
    return _page(slug, decision=form), 422


def _draft(slug: str, *roles: CourseRole) -> "Draft":
    draft = draft_of(entered(current_actor(), slug, *roles))
    if draft is None:
        raise NotFound
    return draft
