"""The outline of a course that is being written: its modules and parts, and their settings."""

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from lms.accounts.queries import site_zone
from lms.core import i18n
from lms.core.access import Permission, current_actor, requires
from lms.core.errors import NotFound
from lms.core.forms import EmptyForm, writing
from lms.courses.actions import drafts, question_index
from lms.courses.actions import outline as acts
from lms.courses.forms.outline import (
    AddModuleForm,
    AddPartForm,
    LessonSettingsForm,
    MediumSettingsForm,
    ModuleSettingsForm,
    QuizSettingsForm,
    SettingsForm,
)
from lms.courses.queries.drafts import (
    draft_of,
    entered,
    file_for,
    role_in,
    source_of,
    written_course,
)
from lms.courses.queries.removed import removed_parts
from lms.courses.queries.studio import Workshop, copy_kept, workshop
from lms.courses.rules import CourseRole
from lms.courses.views import conflicts
from lms.courses.views.blueprint import bp
from lms.courses.views.places import place_of
from lms.formats.course_folder.outline import LESSON, QUIZ, outline, settings_of

if TYPE_CHECKING:
    from lms.courses.models import Course, Draft, DraftFile
    from lms.formats.course_folder.outline import OutlineModule, OutlinePart

AUTHOR = CourseRole.AUTHOR
USE = Permission.COURSES_STUDIO_USE


@bp.get("/studio/<slug:slug>", endpoint="outline")
@requires(USE)
def outline_page(slug: str) -> ResponseReturnValue:
    """A bank has its topics elsewhere."""
    if written_course(current_actor(), slug, *CourseRole).is_bank:
        return redirect(url_for(".bank", slug=slug))
    return _page(slug)


def _page(
    slug: str, module_form: AddModuleForm | None = None, part_form: AddPartForm | None = None
) -> str:
    actor = current_actor()
    course = written_course(actor, slug, *CourseRole)
    shown, role = workshop(course), role_in(actor, course)
    may_write = role in (CourseRole.OWNER, AUTHOR)
    part_form = part_form or AddPartForm(formdata=None)
    part_form.kind.choices = part_kinds()
    part_form.module.choices = [
        (str(shown.files[module.file].uuid), module.title)
        for module in shown.modules
        if module.file in shown.files
    ]
    return render_template(
        "courses/outline.html",
        course=shown,
        may_write=may_write,
        form=EmptyForm(formdata=None),
        module_form=module_form or AddModuleForm(formdata=None),
        part_form=part_form,
        moved=request.args.get("moved", ""),
        way=request.args.get("way", ""),
        back=_back(shown),
        removed=_removed(shown),
        gone=_gone(shown.draft) if shown.draft and may_write else (),
        copied=_copied(shown),
        waits=_waits(shown),
        places={
            part.path: place_of(shown, part.path)
            for module in shown.modules
            for part in module.parts
            if may_write or (part.kind == QUIZ and role is CourseRole.REVIEWER)
        },
    )


def _waits(shown: Workshop) -> dict[str, list[str]]:
    """What each module and part waits for before it opens, by its path."""
    parts = [part for module in shown.modules for part in module.parts]
    every: list[OutlineModule | OutlinePart] = [*shown.modules, *parts]
    titles = {each.key: each.title for each in every if each.key}
    found: dict[str, list[str]] = {}
    for each in every:
        first = [gettext("“%(title)s”", title=titles[k]) for k in each.requires if k in titles]
        if first:
            found[each.path] = [gettext("Sesudah %(parts)s", parts=i18n.listing(first))]
    zone = site_zone()
    for part in parts:
        words = found.setdefault(part.path, [])
        if part.opens:
            at = i18n.instant(part.opens.replace(tzinfo=ZoneInfo(zone)), zone)
            words.append(gettext("Dibuka %(at)s", at=at))
        if part.opens_after > 0:
            words.append(
                ngettext(
                    "Dibuka %(num)s hari sesudah mulai",
                    "Dibuka %(num)s hari sesudah mulai",
                    part.opens_after,
                )
            )
    return found


def home_of(course: "Course") -> str:
    """The page on which parts are moved and removed: of a bank its topics."""
    return ".bank_settings" if course.is_bank else ".outline"


def _back(shown: Workshop) -> UUID | None:
    """What a file stood before that was just dragged, if both are there."""
    try:
        moved, back = (UUID(request.args.get(name, "")) for name in ("moved", "back"))
    except ValueError:
        return None
    present = {file.uuid for file in shown.files.values()}
    return back if {moved, back} <= present else None


def _removed(shown: Workshop) -> UUID | None:
    """The file that was just removed and can be brought back."""
    try:
        uuid = UUID(request.args.get("removed", ""))
        if shown.draft is not None:
            file_for(shown.draft, uuid, removed=True)
            return uuid
    except (ValueError, NotFound):
        pass
    return None


def _gone(draft: "Draft") -> list[tuple[UUID, str, str]]:
    """All that can be brought back, with what it is and since when it is out."""
    kinds, zone = {**dict(part_kinds()), "module": gettext("Modul")}, current_actor().time_zone
    return [
        (
            part.uuid,
            part.title,
            gettext(
                "%(kind)s, dihapus %(at)s",
                kind=kinds[part.kind],
                at=i18n.instant(part.removed_at, zone),
            ),
        )
        for part in removed_parts(draft)
    ]


def _copied(shown: Workshop) -> UUID | None:
    """What takes out again what was just copied in."""
    try:
        uuid = UUID(request.args.get("copied", ""))
        if shown.draft is not None:
            copy_kept(shown.draft, uuid)
            return uuid
    except (ValueError, NotFound):
        pass
    return None


def part_kinds() -> list[tuple[str, str]]:
    return [
        ("lesson", gettext("Pelajaran")),
        ("quiz", gettext("Kuis")),
        ("video", gettext("Video")),
        ("audio", gettext("Audio")),
        ("document", gettext("Dokumen PDF")),
        ("image", gettext("Gambar")),
        ("link", gettext("Tautan luar")),
    ]


@bp.post("/studio/<slug:slug>/draft")
@requires(USE)
def begin_draft(slug: str) -> ResponseReturnValue:
    """Begin to change a published course; goes on with the draft where there is one."""
    actor = current_actor()
    course = entered(actor, slug, AUTHOR)
    texts = source_of(course.current_version)["texts"] if course.current_version else {}
    ahead = question_index.read_ahead(texts)
    with writing():
        drafts.open_draft(actor, written_course(actor, slug, AUTHOR), ahead)
    return redirect(url_for(".outline", slug=slug))


@bp.post("/studio/<slug:slug>/modules")
@requires(USE)
def add_module(slug: str) -> ResponseReturnValue:
    actor, form = current_actor(), AddModuleForm()
    entered(actor, slug, AUTHOR)
    if form.validate():
        with writing(form):
            acts.add_module(actor, _draft(slug), form.title.data or "")
            return redirect(url_for(".outline", slug=slug, _anchor="tambah"))
    return _page(slug, module_form=form), 422


@bp.post("/studio/<slug:slug>/parts")
@requires(USE)
def add_part(slug: str) -> ResponseReturnValue:
    actor, form = current_actor(), AddPartForm()
    entered(actor, slug, AUTHOR)
    form.kind.choices = part_kinds()
    if form.validate():
        with writing(form):
            draft = _draft(slug)
            module = file_for(draft, _uuid(form.module.data))
            file = acts.add_part(
                actor, draft, module, form.kind.data, form.title.data or "", form.address.data or ""
            )
            flash(gettext("“%(title)s” ditambahkan.", title=form.title.data), "ok")
            return redirect(url_for(".outline", slug=slug, _anchor=f"b-{file.uuid}"))
    return _page(slug, part_form=form), 422


@bp.post("/studio/<slug:slug>/outline/<uuid:file>/move")
@requires(USE)
def move_part(slug: str, file: UUID) -> ResponseReturnValue:
    """A part or a module, one place up or down; or, where a script drags it, before another."""
    actor = current_actor()
    way = "up" if request.form.get("way") == "up" else "down"
    before = request.form.get("before")
    course = written_course(actor, slug, AUTHOR)
    back = None
    with writing():
        draft = _draft(slug)
        moved = file_for(draft, file)
        if before:
            stood = acts.put_before(actor, draft, moved, file_for(draft, _uuid(before)))
            back = stood.uuid if stood and stood.uuid != _uuid(before) else None
        else:
            acts.move(actor, draft, moved, up=way == "up")
    # Without a fragment: browsers give no button the focus where the address names a place.
    return redirect(url_for(home_of(course), slug=slug, moved=file, way=way, back=back))


@bp.post("/studio/<slug:slug>/outline/<uuid:file>/remove")
@requires(USE)
def remove_part(slug: str, file: UUID) -> ResponseReturnValue:
    actor = current_actor()
    course = written_course(actor, slug, AUTHOR)
    with writing():
        draft = _draft(slug)
        found = file_for(draft, file)
        assert_of_outline(found)
        acts.remove(actor, draft, found)
    return redirect(url_for(home_of(course), slug=slug, removed=file))


@bp.post("/studio/<slug:slug>/outline/<uuid:file>/restore")
@requires(USE)
def restore_part(slug: str, file: UUID) -> ResponseReturnValue:
    """Undo a removal."""
    actor = current_actor()
    course = written_course(actor, slug, AUTHOR)
    with writing():
        draft = _draft(slug)
        acts.restore(actor, draft, file_for(draft, file, removed=True))
    flash(gettext("Dikembalikan."), "ok")
    return redirect(url_for(home_of(course), slug=slug, _anchor=f"b-{file}"))


@bp.route("/studio/<slug:slug>/outline/<uuid:file>", methods=["GET", "POST"])
@requires(USE)
def part_settings(slug: str, file: UUID) -> ResponseReturnValue:
    """Title, minutes, what comes first, and what completes a part; or those of a module."""
    actor, status, conflict = current_actor(), 200, None
    course = entered(actor, slug, AUTHOR)
    shown = workshop(course)
    found = sent_file(_draft(slug), file)
    assert_of_outline(found)
    values = settings_of(found.path, found.text or "")
    form = _settings_form(shown, found, values or {})
    if values is None:
        form.form_errors.append(gettext("Pengaturan berkas ini tidak terbaca. Perbaiki teksnya."))
    if request.method == "GET":
        form.base.data = conflicts.base_of(form)
    else:
        status = 422
        if found.removed_at is not None:
            status, conflict = 409, conflicts.removed()
        elif form.validate():
            try:
                with writing(form):
                    draft = _draft(slug)
                    acts.change_settings(
                        actor, draft, file_for(draft, file), form.settings(), form.number.data or 0
                    )
                    flash(gettext("Pengaturan disimpan."), "ok")
                    return redirect(url_for(".outline", slug=slug, _anchor=f"b-{file}"))
            except drafts.StaleFile as stale:
                now = stale.current
                form, conflict = conflicts.join(
                    now, form,
                    lambda own: _settings_form(
                        shown, now, conflicts.with_own(now, own), is_sent=False
                    ),
                )  # fmt: skip
                status = 409
    page = render_template(
        "courses/part_settings.html", course=shown, file=file, form=form, conflict=conflict
    )
    return page, status


def sent_file(draft: "Draft", uuid: UUID) -> "DraftFile":
    """A file that is there; or one that was removed, for who typed something into its page before
    that."""
    try:
        return file_for(draft, uuid)
    except NotFound:
        if request.method == "GET":
            raise
        return file_for(draft, uuid, removed=True)


def stale_words() -> str:
    return gettext(
        "Orang lain menyimpan perubahan sesudah halaman ini dibuka. Isian Anda masih ada di sini; "
        "simpan sekali lagi untuk memakainya."
    )


def _settings_form(
    shown: Workshop, file: "DraftFile", values: dict[str, Any], *, is_sent: bool = True
) -> SettingsForm:
    """`is_sent`: what was typed goes before the values, where something was."""
    kind = _kind_of(file)
    forms = {"module": ModuleSettingsForm, LESSON: LessonSettingsForm, QUIZ: QuizSettingsForm}
    if not isinstance(values.get("opens"), datetime):
        values = {**values, "opens": None}  # the check tells what is wrong with it
    make, data = forms.get(kind, MediumSettingsForm), {**values, "number": file.number}
    form = make(data=data) if is_sent else make(formdata=None, data=data)
    form.requires.choices = _requirable(shown, file)
    if isinstance(form, MediumSettingsForm):
        form.show_media(kind, _media_names(shown, file))
    return form


def _kind_of(file: "DraftFile") -> str:
    if file.path.endswith(f"/{acts.MODULE_FILE}"):
        return "module"
    return outline({file.path: file.text or ""})[0].parts[0].kind


def _requirable(shown: Workshop, file: "DraftFile") -> list[tuple[str, str]]:
    """Modules and parts that something can wait for, by key: all but itself and its module."""
    own = [module for module in shown.modules if file.path.startswith(f"{module.path}/")]
    found: list[tuple[str, str]] = []
    for module in shown.modules:
        if module.key and module not in own:
            found.append((module.key, module.title))
        if module in own and module.file == file.path:
            continue
        found += [(p.key, p.title) for p in module.parts if p.key and p.path != file.path]
    return found


def _media_names(shown: Workshop, file: "DraftFile") -> list[str]:
    """Media that the part can name: of its module and of the course."""
    folders = (f"{file.path.split('/')[0]}/media/", "media/")
    return sorted(
        {f"media/{path.rpartition('/')[2]}" for path in shown.files if path.startswith(folders)}
    )


def assert_of_outline(file: "DraftFile") -> None:
    """Media and questions are edited elsewhere."""
    if "/" not in file.path or not file.path.endswith((".md", ".toml")):
        raise NotFound


def _draft(slug: str) -> "Draft":
    """The draft of a course that the actor was let into. Raises NotFound where there is none."""
    draft = draft_of(written_course(current_actor(), slug, AUTHOR))
    if draft is None:
        raise NotFound
    return draft


def _uuid(value: str | None) -> UUID:
    try:
        return UUID(value or "")
    except ValueError as error:
        raise NotFound from error
