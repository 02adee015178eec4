"""One module or part taken over from another course, or once more within its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lms.core import files as kept_files
from lms.core import i18n, paging
from lms.core.access import Permission, current_actor, requires
from lms.core.errors import DomainError, NotFound
from lms.core.forms import writing
from lms.courses.actions import copying as acts
from lms.courses.actions import question_index
from lms.courses.forms.outline import PlaceForm
from lms.courses.queries import studio
from lms.courses.queries.banks import media_of
from lms.courses.queries.drafts import (
    draft_of,
    file_for,
    source_of,
    source_of_draft,
    written_course,
)
from lms.courses.rules import CourseRole
from lms.courses.views.blueprint import bp
from lms.courses.views.outline import assert_of_outline
from lms.courses.views.quizzes import written
from lms.formats.course_folder.outline import outline
from lms.formats.gift import reader as gift

if TYPE_CHECKING:
    from lms.courses.models import Course, Draft, DraftFile
    from lms.courses.queries.studio import Workshop
    from lms.courses.rules import Source
    from lms.formats.course_folder.copying import Copy

USE = Permission.COURSES_STUDIO_USE
_WRITERS = (CourseRole.OWNER, CourseRole.AUTHOR)
_SHOWN = 6  # names in one note


@dataclass(frozen=True)
class Coming:
    """What a copy brings, for its preview. `media` are names and sizes in words, `notes` what
    changes or stays behind."""

    copy: "Copy"
    is_module: bool
    questions: int
    media: Sequence[tuple[str, str]]
    notes: Sequence[str]


@bp.route("/studio/<slug:slug>/parts/copy", methods=["GET", "POST"])
@requires(USE)
def copy_part(slug: str) -> ResponseReturnValue:
    """Another course, then a module or part of it, then its place: chosen one after the other."""
    actor, course, draft = written(slug)
    chosen, path = (request.args.get(name, "")[:200] for name in ("from", "part"))
    if course.is_bank or chosen == slug:
        raise NotFound
    if not chosen:
        return _courses_page(course, draft)
    origin, source = _origin(chosen)
    if not path:
        return _parts_page(course, draft, origin, source)
    coming = _coming(draft, source, path)
    form = PlaceForm()
    form.place.choices = _places(studio.workshop(course), is_module=coming.is_module)
    if request.method == "POST":
        ahead = question_index.read_ahead(coming.copy.texts)
        if form.validate() and form.place.choices:
            with writing(form):
                _, course, draft = written(slug)
                chosen = form.place.data or ""
                place = _place(draft, course, chosen, is_module=coming.is_module)
                _, undo = acts.copy_in(actor, draft, origin, source, path, place, ahead)
                return redirect(url_for(".outline", slug=slug, copied=undo))
    page = render_template(
        "courses/copy_part.html",
        slug=slug,
        title=draft.title,
        origin=studio.workshop(origin),
        coming=coming,
        form=form,
        path=path,
    )
    return page, 422 if request.method == "POST" else 200


def _courses_page(course: "Course", draft: "Draft") -> str:
    """The courses to take something from: those that one may write."""
    search, after = paging.search_words(), paging.after_uuid()
    found, more = studio.written_courses(
        current_actor(), search=search, after=after, roles=_WRITERS
    )
    return render_template(
        "courses/copy_from.html",
        slug=course.slug,
        title=draft.title,
        courses_found=[each for each in found if each.id != course.id],
        search=search,
        first_url=url_for(".copy_part", slug=course.slug, q=search or None) if after else None,
        next_url=url_for(".copy_part", slug=course.slug, q=search or None, after=found[-1].uuid)
        if more
        else None,
    )


def _parts_page(course: "Course", draft: "Draft", origin: "Course", source: "Source") -> str:
    return render_template(
        "courses/copy_what.html",
        slug=course.slug,
        title=draft.title,
        origin=studio.workshop(origin),
        modules=outline(source["texts"]),
    )


def _origin(slug: str) -> "tuple[Course, Source]":
    """A course that the actor writes, and what is in it: its draft, its current version where there
    is none. Raises NotFound."""
    origin = written_course(current_actor(), slug, CourseRole.AUTHOR)
    draft = draft_of(origin)
    if origin.is_bank:
        raise NotFound
    if draft is not None:
        return origin, source_of_draft(draft)
    if origin.current_version is None:
        raise NotFound
    return origin, source_of(origin.current_version)


def _place(draft: "Draft", course: "Course", chosen: str, *, is_module: bool) -> "DraftFile | None":
    offered = dict(_places(studio.workshop(course), is_module=is_module))
    if chosen not in offered:
        gone = gettext("Tempat ini baru saja diubah orang lain; pilih lagi.")
        raise DomainError(gone, "place")
    return file_for(draft, UUID(chosen)) if chosen else None


def _places(shown: "Workshop", *, is_module: bool) -> list[tuple[str, str]]:
    """Where a module or part can be put: the file that it goes before, or the module at whose end.
    Modules stand with the last one first, as what comes new mostly goes there; "" is the end."""
    present = [module for module in shown.modules if module.file in shown.files]
    if is_module:
        before = [
            (
                str(shown.files[each.file].uuid),
                gettext("Sebelum modul “%(title)s”", title=each.title),
            )
            for each in present
        ]
        return [("", gettext("Di akhir kursus")), *before]
    found = []
    for module in reversed(present):
        title = module.title
        found.append(
            (str(shown.files[module.file].uuid), gettext("Di akhir modul “%(title)s”", title=title))
        )
        found += [
            (
                str(shown.files[part.path].uuid),
                gettext("Modul “%(title)s”, sebelum “%(part)s”", title=title, part=part.title),
            )
            for part in module.parts
        ]
    return found


def _coming(draft: "Draft", source: "Source", path: str) -> Coming:
    copy = acts.planned(draft, source, path)
    named = {name: source["media"][at] for each in copy.media.values() for name, at in each.items()}
    sizes = {name: kept_files.Kept(digest).size for name, digest in named.items()}
    count = sum(
        len(gift.parse(text)[0]) for each, text in copy.texts.items() if each.endswith(".gift")
    )
    return Coming(
        copy=copy,
        is_module=path not in copy.texts,
        questions=count,
        media=[(name.partition("/")[2], i18n.megabytes(size)) for name, size in sizes.items()],
        notes=_notes(draft, source, copy, named),
    )


def _notes(draft: "Draft", source: "Source", copy: "Copy", media: dict[str, str]) -> list[str]:
    """What changes on the way, and what does not come along."""
    modules = outline(source["texts"])
    titles = {module.key: module.title for module in modules}
    titles |= {part.key: part.title for module in modules for part in module.parts}
    present = media_of(draft.id)
    other = [name.partition("/")[2] for name, d in media.items() if present.get(name, d) != d]
    lost = copy.lost
    told = {
        gettext("Syarat yang dihapus karena tidak ikut"): [titles.get(k, k) for k in lost.requires],
        gettext("Tautan ke bagian yang tidak ikut menjadi teks biasa"): [
            titles.get(key, key) for key in lost.links
        ],
        gettext("Perbandingan yang dihapus karena kuisnya tidak ikut"): [
            titles.get(key, key) for key in lost.pretests
        ],
        gettext("Soal ikut dari kuis yang ditanyakan"): [titles.get(k, k) for k in copy.lent],
        gettext("Tag tujuan atau pelajaran yang tidak ada di kursus ini menjadi tag biasa"): [
            *lost.tags
        ],
        gettext("Kunci yang sudah dipakai diberi nomor baru"): [
            f"{old} → {new}" for old, new in copy.keys.items()
        ],
        gettext("Berkas dengan nama sama tetapi isi lain diberi nama baru"): other,
    }
    return [f"{words}: {_some(names)}" for words, names in told.items() if names]


def _some(names: list[str]) -> str:
    """The first of them in their order, and how many more there are."""
    shown = ", ".join(sorted(names)[:_SHOWN])
    more = len(names) - _SHOWN
    if more <= 0:
        return shown
    return gettext("%(names)s, dan %(num)s lagi", names=shown, num=more)


@bp.post("/studio/<slug:slug>/outline/<uuid:file>/duplicate")
@requires(USE)
def duplicate_part(slug: str, file: UUID) -> ResponseReturnValue:
    """A module or part once more, right after itself."""
    actor, course, draft = written(slug)
    if course.is_bank:
        raise NotFound
    with writing():
        _, _, draft = written(slug)
        found = file_for(draft, file)
        assert_of_outline(found)
        _, undo = acts.duplicate(actor, draft, found)
    return redirect(url_for(".outline", slug=slug, copied=undo))


@bp.post("/studio/<slug:slug>/outline/copies/<uuid:file>/undo")
@requires(USE)
def undo_copy(slug: str, file: UUID) -> ResponseReturnValue:
    """Take out what was just copied in."""
    actor, _, draft = written(slug)
    with writing():
        _, _, draft = written(slug)
        removed = acts.undo_copy(actor, draft, file)
    return redirect(url_for(".outline", slug=slug, removed=removed.uuid))
