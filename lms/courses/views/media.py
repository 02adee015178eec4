"""The library of a course: its pictures, sounds, videos and documents, and where each is used."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lms.core import files, i18n
from lms.core.access import Permission, current_actor, requires
from lms.core.db import begin_write
from lms.core.errors import DomainError, NotFound, wants_json
from lms.courses.actions import lessons
from lms.courses.actions import media as actions
from lms.courses.forms.media import UploadForm
from lms.courses.queries import drafts as queries
from lms.courses.queries.pictures import known
from lms.courses.queries.removed import removed_media
from lms.courses.rules import CourseRole, copy_name
from lms.courses.views.blueprint import bp
from lms.formats.media import content_type

if TYPE_CHECKING:
    from lms.courses.models import Draft, DraftFile


@dataclass(frozen=True)
class Use:
    """A text that names the file; `url` empty where no page edits it."""

    title: str
    url: str


@dataclass(frozen=True)
class MediumRow:
    uuid: UUID
    name: str
    url: str
    size: str
    kind: str
    thumbnail: str
    markdown: str
    uses: tuple[Use, ...]


@bp.get("/studio/<slug:slug>/media")
@requires(Permission.COURSES_STUDIO_USE)
def media(slug: str) -> ResponseReturnValue:
    return _library(_draft(slug), UploadForm(formdata=None))


@bp.post("/studio/<slug:slug>/media")
@requires(Permission.COURSES_STUDIO_USE)
@files.takes_documents(actions.LARGEST)
def upload(slug: str) -> ResponseReturnValue:
    """Take files in; what one of them lacks does not keep the others out. A script sends one at a
    time and gets its Markdown."""
    form = UploadForm()
    draft = _draft(slug)
    taken: list[actions.Taken] = []
    refused: list[str] = []
    if form.validate():
        for sent in request.files.getlist("files"):
            try:
                taken.append(actions.take_in(sent.filename or "", sent.stream))
            except DomainError as error:
                refused.append(error.message)
            finally:
                sent.close()  # a large one is on the disk until then
    if taken:
        begin_write()
        draft = _draft(slug)
        before = {file.uuid for file in queries.files_of(draft)}
        added = [actions.add_medium(current_actor(), draft, each) for each in taken]
        words = [_added_words(file, is_new=file.uuid not in before) for file in added]
        if wants_json():
            markdown = "\n\n".join(markdown_of(file) for file in added)
            return {"markdown": markdown, "state": " ".join(words)}
        for message in words:
            flash(message, "ok")
        for message in refused:
            flash(message, "bad")
        return redirect(url_for(".media", slug=slug))
    refused += [str(error) for error in form.files.errors]
    if wants_json():
        return {"error": " ".join(refused)}, 422
    form.files.errors = refused
    return _library(draft, form), 422


def _added_words(file: "DraftFile", *, is_new: bool) -> str:
    if is_new:
        return gettext("%(name)s ditambahkan.", name=file.path)
    return gettext("Isi yang sama sudah ada sebagai %(name)s.", name=file.path)


@bp.post("/studio/<slug:slug>/media/<uuid:file>/remove")
@requires(Permission.COURSES_STUDIO_USE)
def remove_medium(slug: str, file: UUID) -> ResponseReturnValue:
    begin_write()
    draft = _draft(slug)
    actions.remove_medium(draft, _medium(draft, file))
    return redirect(url_for(".media", slug=slug, removed=file))


@bp.post("/studio/<slug:slug>/media/<uuid:file>/restore")
@requires(Permission.COURSES_STUDIO_USE)
def restore_medium(slug: str, file: UUID) -> ResponseReturnValue:
    begin_write()
    draft = _draft(slug)
    found = _medium(draft, file, removed=True)
    actions.restore_medium(draft, found)
    flash(gettext("%(name)s dikembalikan.", name=found.path), "ok")
    return redirect(url_for(".media", slug=slug))


def _draft(slug: str) -> "Draft":
    draft = queries.draft_of(queries.written_course(current_actor(), slug, CourseRole.AUTHOR))
    if draft is None:
        raise NotFound
    return draft


def _medium(draft: "Draft", uuid: UUID, *, removed: bool = False) -> "DraftFile":
    file = queries.file_for(draft, uuid, removed=removed)
    if file.digest is None:
        raise NotFound
    return file


def _library(draft: "Draft", form: UploadForm) -> str:
    present = queries.files_of(draft)
    uses = actions.uses(present)
    slug, zone = draft.course.slug, current_actor().time_zone
    small = thumbnails(slug, present)
    rows = [
        _row(slug, f, small.get(f.path, ""), uses.get(f.path, ()))
        for f in present
        if f.digest is not None
    ]
    return render_template(
        "courses/media.html",
        form=form,
        slug=slug,
        course=queries.head_of(draft),
        rows=rows,
        total=_size_words(sum(f.size for f in present if f.digest is not None)),
        removed=_removed(draft),
        gone=[
            (row.uuid, row.path, gettext("dihapus %(at)s", at=i18n.instant(row.removed_at, zone)))
            for row in removed_media(draft)
        ],
    )


def _removed(draft: "Draft") -> "DraftFile | None":
    """What was taken out just now and can be brought back."""
    try:
        return _medium(draft, UUID(request.args.get("removed", "")), removed=True)
    except (ValueError, NotFound):
        return None


def thumbnails(slug: str, present: "Sequence[DraftFile]") -> dict[str, str]:
    """Addresses of the pictures among files by path: of the smallest copy where there is one."""
    found = {}
    sized = known([file.digest for file in present if file.digest])
    for file in present:
        if file.digest and content_type(file.path).startswith("image/"):
            name, digest, picture = file.path, file.digest, sized.get(file.digest)
            if picture and picture.smaller:
                copy = picture.smaller[0]
                name, digest = copy_name(name, copy.width), copy.digest
            found[file.path] = url_for(".preview_file", slug=slug, name=name, v=digest)
    return found


def _row(slug: str, file: "DraftFile", thumbnail: str, uses: "Sequence[DraftFile]") -> MediumRow:
    kind = content_type(file.path)
    return MediumRow(
        uuid=file.uuid,
        name=file.path,
        url=url_for(".preview_file", slug=slug, name=file.path, v=file.digest),
        size=_size_words(file.size),
        kind=_kind_words(kind),
        thumbnail=thumbnail,
        markdown=markdown_of(file),
        uses=tuple(_use(slug, each) for each in uses),
    )


def _size_words(size: int) -> str:
    """48 kB / 1,2 MB"""
    if size < 100_000:
        return f"{i18n.number(max(1, round(size / 1000)))} kB"
    return i18n.megabytes(size)


def _kind_words(kind: str) -> str:
    if kind.startswith("image/"):
        return gettext("Gambar")
    named = {
        "video/mp4": gettext("Video"),
        "video/webm": gettext("Video"),
        "audio/mpeg": gettext("Suara"),
        "application/pdf": "PDF",
        "text/vtt": gettext("Teks terjemahan"),
    }
    return named.get(kind, kind)


def _use(slug: str, file: "DraftFile") -> Use:
    if not file.path.endswith(".md"):
        return Use(file.path, "")
    title = lessons.written(file.text or "").title or file.path
    return Use(title, url_for(".lesson_editor", slug=slug, file=file.uuid))


def markdown_of(file: "DraftFile") -> str:
    """A picture with room for the text that says what it shows; else a link."""
    name = file.path.rpartition("/")[2]
    if content_type(name).startswith("image/"):
        return f"![](media/{name})"
    return f"[{name}](media/{name})"
