"""The settings of a course as a whole, and the bare text of a file that no form can read."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lms.competencies.queries import competencies_by_code
from lms.core.access import Permission, current_actor, requires
from lms.core.errors import NotFound
from lms.core.forms import writing
from lms.courses.actions import drafts, questions
from lms.courses.actions import outline as acts
from lms.courses.actions.drafts import COURSE_FILE
from lms.courses.actions.publishing import check_folder
from lms.courses.forms.course import CourseForm, TextForm
from lms.courses.queries.drafts import (
    draft_of,
    entered,
    file_for,
    folder_of,
    source_of_draft,
    written_course,
)
from lms.courses.queries.studio import workshop
from lms.courses.rules import CourseRole
from lms.courses.views import conflicts
from lms.courses.views.blueprint import bp
from lms.courses.views.outline import sent_file
from lms.formats.course_folder.outline import settings_of

if TYPE_CHECKING:
    from lms.courses.models import Draft

AUTHOR = CourseRole.AUTHOR
USE = Permission.COURSES_STUDIO_USE


@bp.route("/studio/<slug:slug>/settings", methods=["GET", "POST"])
@requires(USE)
def course_settings(slug: str) -> ResponseReturnValue:
    actor, status = current_actor(), 200
    shown = workshop(entered(actor, slug, AUTHOR))
    if shown.draft is None:
        raise NotFound
    file = shown.files.get(COURSE_FILE)
    values = settings_of(COURSE_FILE, file.text or "") if file else None
    if file is None or values is None:
        if file is None:
            raise NotFound
        return redirect(url_for(".text", slug=slug, file=file.uuid))
    known = competencies_by_code()
    offered = [(code, f"{code} {known[code].name}") for code in sorted(known)]
    form, conflict = _form(values, file.number, offered), None
    if request.method == "GET":
        form.base.data = conflicts.base_of(form)
    else:
        status = 422
        if form.validate():
            try:
                with writing(form):
                    draft = _draft(slug)
                    acts.change_settings(
                        actor, draft, file_for(draft, file.uuid), form.settings(),
                        form.number.data or 0,
                    )  # fmt: skip
                    flash(gettext("Pengaturan disimpan."), "ok")
                    return redirect(url_for(".course_settings", slug=slug))
            except drafts.StaleFile as stale:
                now = stale.current
                form, conflict = conflicts.join(
                    now, form,
                    lambda own: _form(
                        conflicts.with_own(now, own), now.number, offered, is_sent=False
                    ),
                )  # fmt: skip
                status = 409
    page = render_template(
        "courses/settings.html", course=shown, form=form, file=file.uuid, conflict=conflict
    )
    return page, status


def _form(
    values: dict[str, Any], number: int, offered: list[tuple[str, str]], *, is_sent: bool = True
) -> CourseForm:
    """`is_sent`: what was typed goes before the values, where something was."""
    data = {**_filled(values), "number": number}
    form = CourseForm(data=data) if is_sent else CourseForm(formdata=None, data=data)
    form.offer(offered, spare=not is_sent or not form.is_submitted())
    return form


@bp.route("/studio/<slug:slug>/files/<uuid:file>", methods=["GET", "POST"])
@requires(USE)
def text(slug: str, file: UUID) -> ResponseReturnValue:
    """The text of a file as it is, with what is wrong with it."""
    actor, status, conflict = current_actor(), 200, None
    course = written_course(actor, slug, AUTHOR)
    found = sent_file(_draft(slug), file)
    if found.text is None:
        raise NotFound
    form = TextForm(data={"text": found.text, "number": found.number})
    if request.method == "POST":
        status = 422
        typed = (form.text.data or "").replace("\r\n", "\n")
        if found.removed_at is not None:
            status, conflict = 409, conflicts.removed()
        elif form.validate():
            try:
                with writing(form):
                    draft = _draft(slug)
                    saved = drafts.save_text(
                        actor, draft, file_for(draft, file), typed, form.number.data or 0
                    )
                    questions.forget_essays_in(actor, draft, saved)
                    flash(gettext("Berkas disimpan."), "ok")
                    return redirect(url_for(".text", slug=slug, file=file))
            except drafts.StaleFile as stale:
                form.number.raw_data, form.number.data = None, stale.current.number
                status, conflict = 409, conflicts.of_text(stale.current, typed)
        course = written_course(actor, slug, AUTHOR)
    shown = workshop(course)
    assert shown.draft is not None
    _, problems = check_folder(folder_of(slug, source_of_draft(shown.draft)))
    path = found.path
    page = render_template(
        "courses/text.html",
        course=shown,
        file=file,
        path=path,
        form=form,
        problems=[each for each in problems if each.file == path],
        conflict=conflict,
    )
    return page, status


def _filled(values: dict[str, Any]) -> dict[str, Any]:
    """The settings as the form has them. What is of another kind than it should be is left out."""
    passing = values.get("pass")
    return {
        **{k: v for k, v in values.items() if not isinstance(v, dict | list)},
        "certificate": values.get("certificate", True) is True,
        "score": passing.get("score") if isinstance(passing, dict) else None,
        "outcomes": [
            {"competency": row.get("competency"), "level_from": row.get("from"),
             "level_to": row.get("to")}
            for row in _tables(values.get("outcomes"))
        ],
        "goals": _tables(values.get("goals")),
    }  # fmt: skip


def _tables(value: object) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _draft(slug: str) -> "Draft":
    draft = draft_of(written_course(current_actor(), slug, AUTHOR))
    if draft is None:
        raise NotFound
    return draft
