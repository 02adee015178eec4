"""The review of a draft by a second person."""

from typing import TYPE_CHECKING
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lms.core.access import Permission, current_actor, requires
from lms.core.errors import DomainError, NotFound
from lms.core.forms import EmptyForm, writing
from lms.courses.actions import reviewing as acts
from lms.courses.forms.review import CommentForm, DecisionForm
from lms.courses.queries.drafts import draft_of, entered, file_for, role_in
from lms.courses.queries.reviewing import comment_for, comments_of
from lms.courses.queries.studio import workshop
from lms.courses.rules import CourseRole
from lms.courses.views.blueprint import bp
from lms.courses.views.places import place_of

if TYPE_CHECKING:
    from lms.courses.models import Draft

USE = Permission.COURSES_STUDIO_USE
AUTHOR, REVIEWER = CourseRole.AUTHOR, CourseRole.REVIEWER


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
    if shown.draft is None:
        raise NotFound
    comment = comment or CommentForm(formdata=None)
    comment.file.choices = [
        ("", gettext("Seluruh kursus")),
        *((str(file.uuid), path) for path, file in shown.files.items() if file.text is not None),
    ]
    decision = decision or DecisionForm(formdata=None)
    decision.mark.raw_data, decision.mark.data = None, shown.draft.changed_at.isoformat()
    may_write = role in (CourseRole.OWNER, AUTHOR)
    return render_template(
        "courses/review.html",
        course=shown,
        comments=[
            (each, place_of(shown, each.file.path) if each.file and may_write else None)
            for each in comments_of(shown.draft)
        ],
        may_write=may_write,
        may_decide=role in (CourseRole.OWNER, REVIEWER)
        and shown.draft.asked_by_id != actor.person_id,
        comment_form=comment,
        decision_form=decision,
        form=EmptyForm(formdata=None),
    )


@bp.post("/studio/<slug:slug>/review/ask")
@requires(USE)
def ask_review(slug: str) -> ResponseReturnValue:
    actor = current_actor()
    _draft(slug, AUTHOR)
    with writing():
        acts.ask_review(actor, _draft(slug, AUTHOR))
    flash(gettext("Tinjauan diminta."), "ok")
    return redirect(url_for(".review", slug=slug))


@bp.post("/studio/<slug:slug>/review/comments")
@requires(USE)
def add_comment(slug: str) -> ResponseReturnValue:
    actor, form = current_actor(), CommentForm()
    _draft(slug, AUTHOR, REVIEWER)
    if form.validate():
        with writing(form):
            draft = _draft(slug, AUTHOR, REVIEWER)
            file = file_for(draft, _uuid(form.file.data)) if form.file.data else None
            line = form.line.data if file else None
            acts.comment(actor, draft, form.text.data or "", file, line)
            flash(gettext("Komentar disimpan."), "ok")
            return redirect(url_for(".review", slug=slug))
    return _page(slug, comment=form), 422


@bp.post("/studio/<slug:slug>/review/comments/<uuid:uuid>/settle")
@requires(USE)
def settle_comment(slug: str, uuid: UUID) -> ResponseReturnValue:
    _draft(slug, AUTHOR, REVIEWER)
    with writing():
        acts.settle(comment_for(_draft(slug, AUTHOR, REVIEWER), uuid))
    return redirect(url_for(".review", slug=slug))


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


def _uuid(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError as error:
        raise NotFound from error
