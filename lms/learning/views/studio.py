"""Pages of the studio that also say how learners fare, on the blueprint of the other ones."""

from collections.abc import Iterable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from lms.core import paging
from lms.core.access import Actor, Permission, current_actor, requires
from lms.core.errors import NotFound
from lms.core.forms import EmptyForm, writing
from lms.courses.actions import problem_words
from lms.courses.actions import publishing as checking
from lms.courses.actions.rendering import prepare
from lms.courses.actions.samples import samples_in
from lms.courses.forms.release import SMALL, PublishForm
from lms.courses.queries.drafts import (
    draft_of,
    entered,
    folder_of,
    role_in,
    source_of_draft,
    written_course,
)
from lms.courses.queries.studio import (
    Standing,
    draft_mark,
    versions_of,
    workshop,
    written_courses,
)
from lms.courses.rules import CourseRole, Source
from lms.courses.views.blueprint import bp
from lms.courses.views.checklist import checklist
from lms.courses.views.places import mending_place, where
from lms.formats.course_folder.content import Problem
from lms.learning.actions.publishing import discard_draft, publish_draft
from lms.learning.queries.marking import waiting_for
from lms.learning.queries.studio import figures_of, under_way_on
from lms.learning.views.offering import ending_words

READERS = (CourseRole.AUTHOR, CourseRole.REVIEWER)


@bp.get("/studio", endpoint="studio")
@requires(Permission.COURSES_STUDIO_USE)
def studio_page() -> ResponseReturnValue:
    """The courses that one writes or manages."""
    actor, search, after = current_actor(), paging.search_words(), paging.after_uuid()
    written = request.args.get("state", "")
    standing = Standing(written) if written in set(Standing) else None
    found, more = written_courses(actor, search=search, standing=standing, after=after)
    chosen: dict[str, Any] = {"q": search or None, "state": standing}
    return render_template(
        "courses/studio.html",
        rows=found,
        figures=figures_of([row.id for row in found]),
        unmarked=waiting_for(actor),
        search=search,
        standing=standing,
        standings=standing_words(),
        is_filtered=bool(search or standing),
        first_url=url_for(".studio", **chosen) if after else None,
        next_url=url_for(".studio", **chosen, after=found[-1].uuid) if more else None,
    )


def standing_words() -> list[tuple[Standing, str]]:
    return [
        (Standing.DRAFT, gettext("Draf")),
        (Standing.IN_REVIEW, gettext("Ditinjau")),
        (Standing.PUBLISHED, gettext("Terbit")),
        (Standing.ARCHIVED, gettext("Arsip")),
    ]


# ── Publishing ───────────────────────────────────────────────────────────────────────────────


@bp.route("/studio/<slug:slug>/publish", methods=["GET", "POST"])
@requires(Permission.COURSES_STUDIO_USE)
def publishing(slug: str) -> ResponseReturnValue:
    """What is wrong with the draft and what publishing it would mean; then publishes it."""
    actor, form, status = current_actor(), PublishForm(), 200
    course = entered(actor, slug, *READERS)
    draft = draft_of(course)
    if draft is None:
        flash(gettext("Tidak ada draf yang menunggu diterbitkan."), "warn")
        return redirect(url_for(".versions", slug=slug))
    mark = draft_mark(draft)
    if request.method == "POST":
        written_course(actor, slug)  # who may see the check may not always publish
        status = 422
        if form.validate() and form.mark.data == mark:
            done = _publish(actor, slug, form, source_of_draft(draft))
            if done is not None:
                return done
        elif form.mark.data != mark:
            form.form_errors.append(gettext("Draf berubah sesudah diperiksa. Ini hasil yang baru."))
        course = entered(actor, slug, *READERS)
    form.mark.raw_data, form.mark.data = None, mark
    return _publishing_page(actor, course, form), status


def _publish(
    actor: Actor, slug: str, form: PublishForm, source: Source
) -> ResponseReturnValue | None:
    """The answer after publishing; None where the form or the check says why not."""
    content, _ = checking.check_folder(folder_of(slug, source))
    prepared = prepare(content, source) if content is not None else None
    if prepared is None:
        form.form_errors.append(gettext("Perbaiki dahulu masalah di bawah ini."))
        return None
    with writing(form):
        done, moved = publish_draft(
            actor, written_course(actor, slug), prepared, mark=form.mark.data or "",
            small=form.change.data == SMALL, note=form.note.data or "",
        )  # fmt: skip
        words = gettext("Versi %(number)s terbit.", number=done.version.number)
        if moved:
            words += " " + ngettext(
                "%(num)s peserta dipindahkan.", "%(num)s peserta dipindahkan.", moved
            )
        flash(words, "ok")
        return redirect(url_for(".versions", slug=slug))
    return None


def _publishing_page(actor: Actor, course: Any, form: PublishForm) -> str:
    shown = workshop(course)
    assert shown.draft is not None
    source = source_of_draft(shown.draft)
    content, problems = checking.look_over(folder_of(shown.slug, source))
    warnings = [*samples_in(source), *(content.warnings if content else ())]
    before, role = course.current_version, role_in(actor, course)

    def told(some: Iterable[Problem]) -> list[tuple[str, str, str | None]]:
        """What is wrong, where, and the page on which it is mended; reviewers mend nothing."""
        mends = role in (CourseRole.OWNER, CourseRole.AUTHOR)
        return [
            (
                problem_words.told(each),
                where(shown, each),
                mending_place(shown, each) if mends else None,
            )
            for each in some
        ]

    return render_template(
        "courses/publish.html",
        course=shown,
        form=form,
        may_publish=role is CourseRole.OWNER,
        problems=told(problems),
        warnings=told(warnings),
        checklist=checklist(shown, content, problems, warnings),
        number=before.number if before else 0,
        may_be_small=content is not None and not problems and checking.is_small(course, content),
        under_way=under_way_on([before.id]).get(before.id, 0) if before else 0,
    )


@bp.route("/studio/<slug:slug>/discard", methods=["GET", "POST"])
@requires(Permission.COURSES_STUDIO_USE)
def discard(slug: str) -> ResponseReturnValue:
    """Asks, then gives the draft up; a bank is nothing but one."""
    actor = current_actor()
    course = written_course(actor, slug)
    if request.method == "GET":
        shown = workshop(course)
        if shown.draft is None:
            raise NotFound
        return render_template("courses/discard.html", course=shown, form=EmptyForm(formdata=None))
    is_bank = course.is_bank
    with writing():
        discard_draft(actor, written_course(actor, slug))
    flash(gettext("Bank soal dibuang.") if is_bank else gettext("Draf dibuang."), "ok")
    return redirect(url_for(".banks" if is_bank else ".studio"))


@bp.get("/studio/<slug:slug>/versions")
@requires(Permission.COURSES_STUDIO_USE)
def versions(slug: str) -> ResponseReturnValue:
    """Every published version with its note, and the course as a whole."""
    actor = current_actor()
    course = entered(actor, slug, *CourseRole)
    found = versions_of(course)
    role = role_in(actor, course)
    return render_template(
        "courses/versions.html",
        course=workshop(course),
        versions=found,
        under_way=under_way_on([each.id for each in found]),
        is_owner=role is CourseRole.OWNER,
        reason=course.closed_reason,
        ending=ending_words(course) if course.is_withdrawn else "",
        may_correct=role in (CourseRole.OWNER, CourseRole.AUTHOR),
        may_export=role in (CourseRole.OWNER, *READERS),
        form=EmptyForm(formdata=None),
    )
