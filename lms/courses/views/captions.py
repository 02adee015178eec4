"""What makes a video or sound open to everybody: captions, a transcript, and a picture before it
plays."""

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from lms.core import files, i18n
from lms.core.access import Permission, current_actor, requires
from lms.core.errors import DomainError, NotFound
from lms.core.forms import writing
from lms.courses.actions import captions as acts
from lms.courses.actions import media
from lms.courses.actions.drafts import StaleFile
from lms.courses.forms.captions import (
    LANGUAGES,
    CaptionsForm,
    LanguageForm,
    PosterForm,
    TranscriptForm,
)
from lms.courses.queries import drafts as queries
from lms.courses.rules import CourseRole
from lms.courses.views.blueprint import bp
from lms.courses.views.outline import stale_words
from lms.formats import webvtt
from lms.formats.course_folder.folder import MEDIA_LIMIT, TEXT_LIMIT
from lms.formats.course_folder.medium import POSTERS
from lms.formats.course_folder.outline import settings_of, title_of

if TYPE_CHECKING:
    from lms.courses.models import Draft, DraftFile

USE = Permission.COURSES_STUDIO_USE
_PLAYED = ("video", "audio")


@dataclass(frozen=True)
class Played:
    """A part that plays, as its settings say; `own` is the language of the course."""

    draft: "Draft"
    part: "DraftFile"
    kind: str
    title: str
    own: str
    values: dict[str, object]

    @property
    def slug(self) -> str:
        return self.draft.course.slug


@dataclass(frozen=True)
class Track:
    """Captions in one language. `address` is "" where their file is not there."""

    code: str
    language: str
    address: str
    told: str
    is_good: bool


@bp.get("/studio/<slug:slug>/outline/<uuid:file>/captions")
@requires(USE)
def captions(slug: str, file: UUID) -> ResponseReturnValue:
    played = _played(slug, file)
    chosen = request.args.get("language", "").lower()
    if chosen and played.kind == "video":
        _code(played, chosen)
        return redirect(url_for(".edit_captions", slug=slug, file=file, language=chosen))
    return _page(played)


@bp.route(
    "/studio/<slug:slug>/outline/<uuid:file>/captions/<slug:language>", methods=["GET", "POST"]
)
@requires(USE)
@files.takes_documents(TEXT_LIMIT)
def edit_captions(slug: str, file: UUID, language: str) -> ResponseReturnValue:
    """Type or upload the captions in one language; they are kept when nothing is wrong."""
    played = _played(slug, file, "video")
    code = _code(played, language)
    if request.method == "GET":
        text, base = _content(played, code)
        form = CaptionsForm(formdata=None, text=text, base=base)
        return _editor(played, code, form, webvtt.read(text.encode())[1] if text else [])
    form = CaptionsForm()
    form.validate()
    content = _sent(form)
    faults = [] if form.errors else webvtt.read(content)[1]
    if faults or form.errors:
        with suppress(UnicodeDecodeError):  # then the field keeps what stood there
            form.text.data = content.decode()
        return _editor(played, code, form, faults), 422
    digest = files.save(content)
    try:
        with writing(form):
            played = _played(slug, file, "video")
            gone = acts.put_captions(
                current_actor(), played.draft, played.part, code, played.own, digest,
                form.base.data or "",
            )  # fmt: skip
            name = i18n.language_name(code)
            flash(gettext("Takarir %(language)s disimpan.", language=name), "ok")
            return redirect(_back(played, code, gone))
    except StaleFile:
        pass
    played = _played(slug, file, "video")
    theirs, form.base.data = _content(played, code)
    form.text.data = content.decode()
    form.refuse(DomainError(stale_words()))
    return _editor(played, code, form, [], theirs), 409


@bp.post("/studio/<slug:slug>/outline/<uuid:file>/captions/<slug:language>/remove")
@requires(USE)
def remove_captions(slug: str, file: UUID, language: str) -> ResponseReturnValue:
    _played(slug, file, "video")
    with writing():
        played = _played(slug, file, "video")
        code = _code(played, language)
        gone = acts.remove_captions(current_actor(), played.draft, played.part, code, played.own)
    flash(gettext("Takarir %(language)s dihapus.", language=i18n.language_name(code)), "ok")
    return redirect(_back(played, code, gone))


@bp.post("/studio/<slug:slug>/outline/<uuid:file>/captions/<slug:language>/restore")
@requires(USE)
def restore_captions(slug: str, file: UUID, language: str) -> ResponseReturnValue:
    """Undo: bring back what was removed or replaced."""
    _played(slug, file, "video")
    with writing():
        played = _played(slug, file, "video")
        gone = queries.file_for(played.draft, _uuid(request.form.get("gone")), removed=True)
        code = _code(played, language)
        acts.restore_captions(current_actor(), played.draft, played.part, code, played.own, gone)
    flash(gettext("Takarir dikembalikan."), "ok")
    return redirect(url_for(".captions", slug=slug, file=file))


@bp.post("/studio/<slug:slug>/outline/<uuid:file>/poster")
@requires(USE)
@files.takes_documents(MEDIA_LIMIT)
def save_poster(slug: str, file: UUID) -> ResponseReturnValue:
    """A picture of the library, or one that is sent, which the library gets too."""
    played, form = _played(slug, file, "video"), PosterForm()
    taken = None
    name = form.picture.data or ""
    if name and name not in _pictures(played):
        form.refuse(DomainError(gettext("Pilih gambar dari daftar."), "picture"))
    if form.upload.data:
        try:
            taken = media.take_in(form.upload.data.filename or "", form.upload.data.stream)
            if taken.picture is None:
                raise DomainError(gettext("Pilih gambar PNG, JPG, atau WebP."))
        except DomainError as error:
            form.refuse(DomainError(error.message, "upload"))
    if not form.errors and form.validate():
        with writing(form):
            played = _played(slug, file, "video")
            if taken:
                added = media.add_medium(current_actor(), played.draft, taken)
                name = added.path
            acts.set_poster(current_actor(), played.draft, played.part, name)
            flash(gettext("Gambar awal disimpan."), "ok")
            return redirect(url_for(".captions", slug=slug, file=file))
    return _page(played, poster=form), 422


@bp.post("/studio/<slug:slug>/outline/<uuid:file>/transcript")
@requires(USE)
@files.takes_documents(TEXT_LIMIT)
def save_transcript(slug: str, file: UUID) -> ResponseReturnValue:
    played, form, status = _played(slug, file), TranscriptForm(), 422
    if form.file.data:
        form.text.data = _text_of(form)
    if not form.errors and form.validate():
        try:
            with writing(form):
                played = _played(slug, file)
                acts.save_transcript(
                    current_actor(), played.draft, played.part,
                    (form.text.data or "").replace("\r\n", "\n"), form.number.data or 0,
                )  # fmt: skip
                flash(gettext("Transkrip disimpan."), "ok")
                return redirect(url_for(".captions", slug=slug, file=file))
        except StaleFile as stale:
            form.number.raw_data, form.number.data = None, stale.current.number
            form.refuse(DomainError(stale_words()))
            status = 409
    return _page(_played(slug, file), transcript=form), status


def _text_of(form: TranscriptForm) -> str:
    """The text that was sent as a file; what is wrong with it is told beside it."""
    content = form.file.data.read(TEXT_LIMIT + 1)
    try:
        return str(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        form.refuse(
            DomainError(gettext("Berkas ini bukan teks UTF-8; simpan ulang sebagai UTF-8."), "file")
        )
        return form.text.data or ""


def _sent(form: CaptionsForm) -> bytes:
    """The captions as sent, as a file or typed."""
    if form.file.data:
        content = bytes(form.file.data.read(TEXT_LIMIT + 1))
        if len(content) > TEXT_LIMIT:
            form.refuse(DomainError(gettext("Berkas ini lebih besar dari 1 MB."), "file"))
        return content
    return (form.text.data or "").replace("\r\n", "\n").encode()


def _played(slug: str, file: UUID, *kinds: str) -> Played:
    """Raises NotFound for what is no part of this course that plays."""
    course = queries.written_course(current_actor(), slug, CourseRole.AUTHOR)
    draft = queries.draft_of(course)
    if draft is None:
        raise NotFound
    part = queries.file_for(draft, file)
    values = settings_of(part.path, part.text or "") or {}
    kind = values.get("kind")
    if "/" not in part.path or not part.path.endswith(".toml") or kind not in (kinds or _PLAYED):
        raise NotFound
    title = title_of(part.text or "") or part.path
    return Played(draft, part, str(kind), title, queries.head_of(draft).language, values)


def _code(played: Played, language: str) -> str:
    """The code of a language as the settings write it (pt-BR), which an address does not."""
    written = acts.names_of(played.part, played.own)
    known = {code.lower(): code for code in (*LANGUAGES, played.own, *written)}
    if language not in known:
        raise NotFound
    return known[language]


def _content(played: Played, code: str) -> tuple[str, str]:
    """The captions in a language as they are, and their digest."""
    name = acts.names_of(played.part, played.own).get(code, "")
    found = acts.named(queries.files_of(played.draft), played.part, name)
    if found is None or found.digest is None:
        return "", ""
    return files.Kept(found.digest).content.decode(errors="replace"), found.digest


def _back(played: Played, code: str, gone: "DraftFile | None") -> str:
    """The page, with what takes the last act back."""
    of = code if gone else None
    return url_for(
        ".captions", slug=played.slug, file=played.part.uuid, gone=gone and gone.uuid, of=of
    )


def _page(
    played: Played, poster: PosterForm | None = None, transcript: TranscriptForm | None = None
) -> str:
    part, text, now = played.part, played.values.get("text"), played.values.get("poster")
    present = queries.files_of(played.draft)
    tracks = _tracks(played, present)
    language = LanguageForm(formdata=None)
    language.language.choices = [
        (code, i18n.language_name(code))
        for code in dict.fromkeys((played.own, *LANGUAGES))
        if code not in {track.code for track in tracks}
    ]
    poster = poster or PosterForm(formdata=None, picture=now if isinstance(now, str) else "")
    poster.picture.choices = [
        ("", gettext("Tanpa gambar")),
        *((name, name.removeprefix("media/")) for name in _pictures(played)),
    ]
    transcript = transcript or TranscriptForm(
        formdata=None, text=text if isinstance(text, str) else "", number=part.number
    )
    return render_template(
        "courses/captions.html",
        slug=played.slug,
        course=queries.head_of(played.draft),
        played=played,
        file=_address(played, present, played.values.get("file")),
        picture=_address(played, present, now),
        tracks=tracks,
        language_form=language,
        poster_form=poster,
        transcript_form=transcript,
        undo=_undo(played),
    )


def _tracks(played: Played, present: "list[DraftFile]") -> list[Track]:
    if played.kind != "video":
        return []
    found = []
    for code, name in acts.names_of(played.part, played.own).items():
        file = acts.named(present, played.part, name)
        if file is None or file.digest is None:
            told = gettext("Berkas %(name)s tidak ada", name=name)
            found.append(Track(code, i18n.language_name(code), "", told, is_good=False))
            continue
        cues, faults = webvtt.read(files.Kept(file.digest).content)
        told = (
            ngettext("%(num)s kesalahan", "%(num)s kesalahan", len(faults))
            if faults
            else ngettext("%(num)s takarir", "%(num)s takarir", len(cues))
        )
        address = _address(played, present, name)
        found.append(Track(code, i18n.language_name(code), address, told, is_good=not faults))
    return found


def _address(played: Played, present: "list[DraftFile]", name: object) -> str:
    file = acts.named(present, played.part, name) if isinstance(name, str) else None
    if file is None:
        return ""
    return url_for(".preview_file", slug=played.slug, name=file.path, v=file.digest)


def _pictures(played: Played) -> list[str]:
    """Pictures that the part can name."""
    folders = (f"{played.part.path.partition('/')[0]}/media/", "media/")
    return sorted(
        {
            f"media/{file.path.rpartition('/')[2]}"
            for file in queries.files_of(played.draft)
            if file.path.startswith(folders) and file.path.lower().endswith(POSTERS)
        }
    )


def _undo(played: Played) -> tuple[UUID, str] | None:
    """The file that went just now and can be brought back, and its language as an address says
    it."""
    try:
        gone = UUID(request.args.get("gone", ""))
        queries.file_for(played.draft, gone, removed=True)
        return gone, _code(played, request.args.get("of", "").lower()).lower()
    except (ValueError, NotFound):
        return None


def _uuid(value: str | None) -> UUID:
    try:
        return UUID(value or "")
    except ValueError as error:
        raise NotFound from error


def _editor(
    played: Played, code: str, form: CaptionsForm, faults: list[webvtt.Fault], theirs: str = ""
) -> str:
    return render_template(
        "courses/caption_editor.html",
        slug=played.slug,
        course=queries.head_of(played.draft),
        played=played,
        code=code,
        language=i18n.language_name(code),
        form=form,
        faults=faults,
        theirs=theirs,
    )
