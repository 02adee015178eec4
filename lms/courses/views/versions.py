"""A published version: how it differs from another one, what was said before it was published, and
a draft that begins from it."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lms.core.access import Permission, current_actor, requires
from lms.core.errors import NotFound
from lms.core.forms import EmptyForm, writing
from lms.courses.actions import outline as acts
from lms.courses.actions import question_index
from lms.courses.actions.drafts import COURSE_FILE
from lms.courses.queries.drafts import role_in, source_of, written_course
from lms.courses.queries.studio import versions_of, workshop
from lms.courses.queries.versions import Change, changes, comments_of, version_for
from lms.courses.rules import CourseRole
from lms.courses.views.blueprint import bp
from lms.formats import difference

USE = Permission.COURSES_STUDIO_USE
READERS = (CourseRole.AUTHOR, CourseRole.REVIEWER)


@bp.get("/studio/<slug:slug>/versions/<int:number>")
@requires(USE)
def version(slug: str, number: int) -> ResponseReturnValue:
    """What differs from another version, the one before where none is named; with `file`, the two
    texts of it side by side."""
    actor = current_actor()
    course = written_course(actor, slug, *READERS)
    shown = version_for(course, number)
    others = [each.number for each in versions_of(course) if each.number != number]
    since = _since(others, number)
    found, rows, chosen = [], [], None
    if since is not None:
        before, after = source_of(version_for(course, since)), source_of(shown)
        found = changes(before, after)
        chosen = _chosen(found)
        if chosen is not None:
            texts = (before["texts"].get(chosen.before, ""), after["texts"].get(chosen.after, ""))
            rows = difference.rows(*texts)
    return render_template(
        "courses/version.html",
        course=workshop(course),
        version=shown,
        since=since,
        others=others,
        changes=[(each, _title(each), _kind_words(each)) for each in found],
        chosen=chosen and _title(chosen),
        rows=rows,
        comments=comments_of(shown),
        may_begin=role_in(actor, course) in (CourseRole.OWNER, CourseRole.AUTHOR),
        zone=actor.time_zone,
        form=EmptyForm(formdata=None),
    )


def _since(others: list[int], number: int) -> int | None:
    """The version to compare with; None where there is no other one."""
    asked = request.args.get("since", "")
    if asked.isascii() and asked.isdecimal() and int(asked[:9]) in others:
        return int(asked[:9])
    earlier = [each for each in others if each < number]
    return max(earlier) if earlier else min(others, default=None)


def _chosen(found: list[Change]) -> Change | None:
    path = request.args.get("file", "")
    if not path:
        return None
    for each in found:
        if each.is_text and path in (each.after, each.before):
            return each
    raise NotFound


def _title(change: Change) -> str:
    path = change.after or change.before
    if path == COURSE_FILE:
        return gettext("Pengaturan kursus")
    if path.endswith(".gift"):
        return gettext("Soal: %(title)s", title=change.title)
    return change.title


def _kind_words(change: Change) -> str:
    if not change.before:
        return gettext("ditambahkan")
    if not change.after:
        return gettext("dihapus")
    return gettext("dipindahkan") if change.has_moved else gettext("diubah")


@bp.post("/studio/<slug:slug>/versions/<int:number>/draft")
@requires(USE)
def begin_draft_from(slug: str, number: int) -> ResponseReturnValue:
    """Begin to change a course from a former version, to bring that back."""
    actor = current_actor()
    course = written_course(actor, slug, CourseRole.AUTHOR)
    ahead = question_index.read_ahead(source_of(version_for(course, number))["texts"])
    with writing():
        course = written_course(actor, slug, CourseRole.AUTHOR)
        acts.draft_from(actor, course, version_for(course, number), ahead)
    flash(
        gettext("Draf berisi versi %(number)s. Terbitkan untuk memakainya lagi.", number=number),
        "ok",
    )
    return redirect(url_for(".outline", slug=slug))
