"""What is done to a bank as a whole: its name, the order of its topics, taking it out or away."""

from typing import TYPE_CHECKING
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lms.core.access import Permission, current_actor, requires
from lms.core.errors import DomainError, NotFound
from lms.core.forms import EmptyForm, writing
from lms.courses.actions import outline as acts
from lms.courses.actions.drafts import COURSE_FILE, StaleFile
from lms.courses.forms.bank import NameForm
from lms.courses.queries.banks import removed_topics
from lms.courses.queries.drafts import draft_of, role_in, written_course
from lms.courses.queries.studio import workshop
from lms.courses.rules import CourseRole
from lms.courses.views.blueprint import bp

if TYPE_CHECKING:
    from lms.courses.models import Course, Draft

USE = Permission.COURSES_STUDIO_USE
WRITERS = (CourseRole.OWNER, CourseRole.AUTHOR)


@bp.get("/studio/<slug:slug>/bank/settings")
@requires(USE)
def bank_settings(slug: str) -> ResponseReturnValue:
    return _page(slug)


@bp.post("/studio/<slug:slug>/bank/settings")
@requires(USE)
def rename_bank(slug: str) -> ResponseReturnValue:
    actor, form = current_actor(), NameForm()
    _bank(slug, CourseRole.AUTHOR)
    if not form.validate():
        return _page(slug, form), 422
    try:
        with writing(form):
            draft = _bank(slug, CourseRole.AUTHOR)[1]
            file = workshop(draft.course).files.get(COURSE_FILE)
            if file is None:
                raise DomainError(gettext("Bank ini tidak punya course.toml untuk namanya."))
            changes = {"title": form.title.data or ""}
            acts.change_settings(actor, draft, file, changes, form.number.data or 0)
            flash(gettext("Nama bank disimpan."), "ok")
            return redirect(url_for(".bank_settings", slug=slug))
    except StaleFile as stale:
        form.number.raw_data, form.number.data = None, stale.current.number
        words = gettext(
            "Orang lain baru saja menamainya “%(title)s”. Simpan lagi bila nama Anda yang dipakai.",
            title=_bank(slug, CourseRole.AUTHOR)[1].title,
        )
        form.refuse(DomainError(words, "title"))
        return _page(slug, form), 409
    return _page(slug, form), 422


def _page(slug: str, form: NameForm | None = None) -> str:
    course, draft = _bank(slug, CourseRole.AUTHOR, CourseRole.REVIEWER)
    shown, role = workshop(course), role_in(current_actor(), course)
    file = shown.files.get(COURSE_FILE)
    kept = NameForm(formdata=None, title=shown.title, number=file.number if file else 0)
    return render_template(
        "courses/bank_settings.html",
        course=shown,
        unit=course.owner_unit,
        topics=[
            (shown.files[part.path].uuid, part.title)
            for module in shown.modules
            for part in module.parts
        ],
        removed=removed_topics(draft),
        just_removed=_asked("removed"),
        moved=_asked("moved"),
        way=request.args.get("way", ""),
        form=form or kept,
        button=EmptyForm(formdata=None),
        may_write=role in WRITERS,
        is_owner=role is CourseRole.OWNER,
    )


def _asked(name: str) -> UUID | None:
    try:
        return UUID(request.args.get(name, ""))
    except ValueError:
        return None


def _bank(slug: str, *roles: CourseRole) -> "tuple[Course, Draft]":
    """Raises NotFound for a course."""
    course = written_course(current_actor(), slug, *roles)
    draft = draft_of(course)
    if not course.is_bank or draft is None:
        raise NotFound
    return course, draft
