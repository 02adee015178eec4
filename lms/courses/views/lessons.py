"""The editor of lessons: text beside its preview, saved by number."""

from typing import TYPE_CHECKING
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from lms.core import i18n
from lms.core.access import Permission, current_actor, requires
from lms.core.db import begin_write, db
from lms.core.errors import NotFound, wants_json
from lms.courses.actions import drafts, lessons
from lms.courses.forms.lessons import FileForm, LessonForm
from lms.courses.queries import drafts as queries
from lms.courses.queries.reviewing import open_comments
from lms.courses.queries.studio import workshop
from lms.courses.rules import CourseRole
from lms.courses.views.blueprint import bp
from lms.courses.views.media import markdown_of, thumbnails
from lms.courses.views.remarks import remarks, settle_pressed
from lms.formats import difference

if TYPE_CHECKING:
    from lms.courses.models import Draft, DraftFile
    from lms.formats.course_folder.outline import OutlinePart


@bp.get("/studio/<slug:slug>/lessons/<uuid:file>")
@requires(Permission.COURSES_STUDIO_USE)
def lesson_editor(slug: str, file: UUID) -> ResponseReturnValue:
    draft, lesson = _lesson(slug, file)
    assert lesson.text is not None
    written = lessons.written(lesson.text)
    form: FileForm = FileForm(formdata=None, text=written.body, number=lesson.number)
    if not written.is_raw:
        form = LessonForm(
            formdata=None, title=written.title, minutes=written.minutes, text=written.body,
            number=lesson.number, base=lessons.base_of(lesson.text),
        )  # fmt: skip
    return _editor(draft, lesson, form, _preview(draft, lesson, lesson.text))


@bp.post("/studio/<slug:slug>/lessons/<uuid:file>")
@requires(Permission.COURSES_STUDIO_USE)
def save_lesson(slug: str, file: UUID) -> ResponseReturnValue:
    """Save, or with `go=preview` only show. The script saves while one writes."""
    form = LessonForm() if "title" in request.form else FileForm()
    try:
        draft, lesson = _lesson(slug, file)
    except NotFound:
        draft, lesson = _lesson(slug, file, removed=True)
        if wants_json():
            words = gettext("Pelajaran ini sudah dihapus. Tekan Simpan untuk melihat teks Anda.")
            return {"error": words, "is_gone": True}, 409
        return _conflict(draft, lesson, form, ""), 409
    assert lesson.text is not None
    if not form.validate():
        if wants_json():
            return {"error": _first_error(form)}, 422
        preview = _preview(draft, lesson, _file_text(lesson.text, form))
        return _editor(draft, lesson, form, preview), 422
    if request.form.get("go") == "preview":
        text = _file_text(lesson.text, form)
        preview = _preview(draft, lesson, text)
        return _editor(draft, lesson, form, preview, is_unsaved=text != lesson.text)
    typed = form.text.data
    number = _join(form, lesson)
    if wants_json() and form.text.data != typed:  # the text is written on meanwhile
        return {"error": _stale_words(lesson)}, 409
    text = _file_text(lesson.text, form)
    preview = _preview(draft, lesson, text)
    begin_write()
    try:
        lesson = drafts.save_text(current_actor(), draft, lesson, text, number)
        settle_pressed(draft, "go")
    except drafts.StaleFile:
        db.session.rollback()
        draft, lesson = _lesson(slug, file)
        assert lesson.text is not None
        if wants_json():
            return {"error": _stale_words(lesson)}, 409
        return _conflict(draft, lesson, form, _file_text(lesson.text, form)), 409
    if wants_json():
        look = render_template("courses/lesson_look.html", **_look(preview))
        saved = {"number": lesson.number, "state": _saved_words(lesson), "look": look}
        return {**saved, "kept": _kept(form, text)}
    flash(_saved_words(lesson), "ok")
    return redirect(url_for(".lesson_editor", slug=slug, file=file))


def _join(form: FileForm, lesson: "DraftFile") -> int:
    """Fill a form that comes too late with what others changed since; gives the save that it can
    replace now."""
    if not isinstance(form, LessonForm) or form.began_from == lesson.number:
        return form.began_from
    mine = lessons.Written(
        (form.title.data or "").strip(), form.minutes.data, form.text.data or "", is_raw=False
    )
    joined, is_settled = lessons.join(
        form.base.data or "", mine, lessons.written(lesson.text or "")
    )
    form.title.data, form.minutes.data, form.text.data = joined.title, joined.minutes, joined.body
    form.minutes.raw_data = None
    return lesson.number if is_settled else form.began_from


def _kept(form: FileForm, text: str) -> dict[str, object]:
    """What the fields beside the text say after a save, for the script that saves."""
    if not isinstance(form, LessonForm):
        return {}
    found = lessons.written(text)
    return {"title": found.title, "minutes": found.minutes, "base": lessons.base_of(text)}


def _lesson(slug: str, uuid: UUID, *, removed: bool = False) -> "tuple[Draft, DraftFile]":
    """Raises NotFound for what is no lesson of this course's draft."""
    course = queries.written_course(current_actor(), slug, CourseRole.AUTHOR)
    draft = queries.draft_of(course)
    if draft is None:
        raise NotFound
    file = queries.file_for(draft, uuid, removed=removed)
    if not file.path.endswith(".md"):
        raise NotFound
    return draft, file


def _file_text(before: str, form: FileForm) -> str:
    """The whole file, with what was typed."""
    body = form.text.data or ""
    if isinstance(form, LessonForm):
        minutes = form.minutes.data or lessons.written(before).minutes or 1
        return lessons.file_text(before, (form.title.data or "").strip(), minutes, body)
    return lessons.file_text(before, "", None, body)


def _preview(draft: "Draft", lesson: "DraftFile", text: str) -> lessons.Preview:
    base = url_for(".preview_file", slug=draft.course.slug, name="")
    return lessons.preview(draft, lesson, text, base, queries.head_of(draft).language)


def _look(preview: lessons.Preview) -> dict[str, object]:
    words = ngettext("%(num)s kata", "%(num)s kata", preview.words)
    minutes = gettext("sekitar %(num)s menit baca", num=preview.reading_minutes)
    return {
        "html": preview.html,
        "refusal": preview.refusal,
        "findings": preview.findings,
        "counts": f"{words}, {minutes}",
    }


def _editor(
    draft: "Draft",
    lesson: "DraftFile",
    form: FileForm,
    preview: lessons.Preview,
    *,
    is_unsaved: bool = False,
) -> str:
    assert lesson.text is not None
    return render_template(
        "courses/lesson_editor.html",
        form=form,
        slug=draft.course.slug,
        key=lessons.written(lesson.text).key,
        course=queries.head_of(draft),
        file=lesson,
        state=gettext("Belum tersimpan") if is_unsaved else _saved_words(lesson),
        is_unsaved=is_unsaved or bool(form.errors),
        boxes=_boxes(),
        markdown_rows=_markdown_rows(),
        others=_other_parts(draft, lesson),
        media=_media_for(draft, lesson),
        remarks=remarks(
            open_comments(draft, files=[lesson.id]), lessons.written(lesson.text).above
        ),
        **_look(preview),
    )


def _boxes() -> list[tuple[str, str]]:
    """Marks of boxes in a lesson, and what the reader calls them."""
    return [
        ("NOTE", gettext("Info")),
        ("TIP", gettext("Tip")),
        ("IMPORTANT", gettext("Penting")),
        ("WARNING", gettext("Peringatan")),
    ]


def _markdown_rows() -> list[tuple[str, str]]:
    """What a lesson can show beyond plain text, and how it is written."""
    box, title, note = gettext("Isi kotak."), gettext("Judulnya"), gettext("Teks catatan kaki.")
    key = gettext("kunci-pelajaran")
    return [
        *((gettext("Kotak: %(name)s", name=name), f"> [!{m}]\n> {box}") for m, name in _boxes()),
        (gettext("Bagian yang dapat dibuka"), f"> [!DETAILS] {title}\n> {box}"),
        (gettext("Catatan kaki"), f"{gettext('Kalimat dengan catatan.')}[^1]\n\n[^1]: {note}"),
        (gettext("Tautan ke bagian lain"), f"[{gettext('Judul pelajaran')}](part/{key})"),
        (gettext("Istilah yang dijelaskan"), f"{gettext('Istilah')}\n:   {gettext('Artinya.')}"),
        (gettext("Daftar periksa"), f"- ☐ {gettext('Butir pertama')}"),
    ]


def _media_for(draft: "Draft", lesson: "DraftFile") -> list[dict[str, str]]:
    """Files that a lesson can name: of its module, and of the course where no such file is."""
    present = [file for file in queries.files_of(draft) if file.digest is not None]
    module, small = lesson.path.partition("/")[0], thumbnails(draft.course.slug, present)
    found: dict[str, DraftFile] = {}
    for folder in ("media/", f"{module}/media/"):
        found |= {f.path.rpartition("/")[2]: f for f in present if f.path.startswith(folder)}
    return [
        {"name": name, "thumbnail": small.get(f.path, ""), "markdown": markdown_of(f)}
        for name, f in sorted(found.items())
    ]


def _other_parts(draft: "Draft", lesson: "DraftFile") -> "list[OutlinePart]":
    """What a lesson can link to."""
    modules = workshop(draft.course).modules
    return [p for m in modules for p in m.parts if p.key and p.path != lesson.path]


def _conflict(draft: "Draft", lesson: "DraftFile", form: FileForm, mine: str) -> str:
    """What was typed, beside what somebody else has saved meanwhile."""
    assert lesson.text is not None
    form.number.data = str(lesson.number)
    if isinstance(form, LessonForm):
        form.base.data = lessons.base_of(lesson.text)
    return render_template(
        "courses/conflict.html",
        form=form,
        slug=draft.course.slug,
        course=queries.head_of(draft),
        file=lesson,
        is_removed=lesson.removed_at is not None,
        rows=difference.rows(lesson.text, mine) if lesson.removed_at is None else (),
        told=_stale_words(lesson),
    )


def _saved_words(lesson: "DraftFile") -> str:
    at = i18n.clock_time(lesson.changed_at, current_actor().time_zone)
    return gettext("Tersimpan pukul %(time)s", time=at)


def _stale_words(lesson: "DraftFile") -> str:
    at = i18n.instant(lesson.changed_at, current_actor().time_zone)
    return gettext(
        "%(name)s menyimpan pelajaran ini pada %(at)s, sesudah Anda membukanya.",
        name=lesson.changed_by.name,
        at=at,
    )


def _first_error(form: FileForm) -> str:
    return str(next(error for errors in form.errors.values() for error in errors))
