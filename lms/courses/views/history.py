"""What a text of a draft was: who saved it when, what changed since, and bringing it back."""

from typing import TYPE_CHECKING
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lms.core.access import Permission, current_actor, requires
from lms.core.db import begin_write
from lms.core.errors import DomainError, NotFound
from lms.courses.actions import drafts, questions
from lms.courses.actions.drafts import COURSE_FILE
from lms.courses.forms.lessons import RestoreForm
from lms.courses.queries import drafts as queries
from lms.courses.queries.studio import workshop
from lms.courses.rules import CourseRole
from lms.courses.views.blueprint import bp
from lms.courses.views.places import place_of
from lms.formats import difference
from lms.formats.course_folder.outline import settings_of

if TYPE_CHECKING:
    from lms.courses.models import Draft, DraftFile


@bp.get("/studio/<slug:slug>/files/<uuid:file>/history")
@requires(Permission.COURSES_STUDIO_USE)
def history(slug: str, file: UUID) -> ResponseReturnValue:
    draft, found = _text(slug, file)
    return render_template(
        "courses/history.html", revisions=queries.revisions_of(found), **_frame(draft, found)
    )


@bp.get("/studio/<slug:slug>/files/<uuid:file>/history/<int:number>")
@requires(Permission.COURSES_STUDIO_USE)
def revision(slug: str, file: UUID, number: int) -> ResponseReturnValue:
    """One revision beside the text as it is now."""
    draft, found = _text(slug, file)
    before = queries.revision_of(found, number)
    assert found.text is not None
    return render_template(
        "courses/revision.html",
        revision=before,
        is_same=before.text == found.text,
        rows=difference.rows(before.text, found.text),
        form=RestoreForm(formdata=None, number=found.number),
        **_frame(draft, found),
    )


@bp.post("/studio/<slug:slug>/files/<uuid:file>/history/<int:number>/restore")
@requires(Permission.COURSES_STUDIO_USE)
def restore_revision(slug: str, file: UUID, number: int) -> ResponseReturnValue:
    """Save a former text anew; what is there now stays in the history."""
    form = RestoreForm()
    begin_write()
    draft, found = _text(slug, file)
    text = queries.revision_of(found, number).text
    try:
        drafts.save_text(current_actor(), draft, found, text, form.began_from, apart=True)
        questions.forget_essays_in(current_actor(), draft, found)
    except drafts.StaleFile as error:
        raise DomainError(
            gettext("Teks ini baru saja diubah lagi. Lihat perbedaannya dahulu, lalu pulihkan.")
        ) from error
    flash(gettext("Dipulihkan. Teks sebelumnya tetap ada dalam riwayat."), "ok")
    return redirect(url_for(".history", slug=slug, file=file))


def _text(slug: str, uuid: UUID) -> "tuple[Draft, DraftFile]":
    """Raises NotFound for what is no text of this course's draft."""
    course = queries.written_course(current_actor(), slug, CourseRole.AUTHOR)
    draft = queries.draft_of(course)
    if draft is None:
        raise NotFound
    file = queries.file_for(draft, uuid)
    if file.text is None:
        raise NotFound
    return draft, file


def _frame(draft: "Draft", file: "DraftFile") -> dict[str, object]:
    assert file.text is not None
    place = place_of(workshop(draft.course), file.path)
    return {
        "slug": draft.course.slug,
        "course": queries.head_of(draft),
        "file": file,
        "zone": current_actor().time_zone,
        "title": _title(file),
        "editor_url": place or url_for(".outline", slug=draft.course.slug),
    }


def _title(file: "DraftFile") -> str:
    if file.path == COURSE_FILE:
        return gettext("Pengaturan kursus")
    title = (settings_of(file.path, file.text or "") or {}).get("title")
    return title if isinstance(title, str) and title.strip() else file.path
