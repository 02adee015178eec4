"""Beginning a course: blank, from a template, a ZIP file, or as a copy."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lms.accounts.queries import register
from lms.core import files
from lms.core.access import Actor, Permission, current_actor, requires
from lms.core.errors import DomainError
from lms.core.forms import writing
from lms.courses.actions import beginning, drafts, pictures, question_index
from lms.courses.forms.new import ARCHIVE, BeginCourseForm, NewCourseForm
from lms.courses.queries import studio
from lms.courses.queries.drafts import entered
from lms.courses.rules import CourseRole, Source
from lms.courses.views.blueprint import bp
from lms.formats.course_folder import archive
from lms.formats.course_folder.writing import slug_of

USE = Permission.COURSES_STUDIO_USE


@bp.route("/studio/new", methods=["GET", "POST"])
@requires(USE)
@files.takes_documents(archive.MOST_BYTES)
def new_course() -> ResponseReturnValue:
    actor, form = current_actor(), BeginCourseForm()
    if request.method == "POST" and form.validate():
        begun = _begun(form)
        if begun is not None and _create(actor, form, *begun):
            return redirect(url_for(".outline", slug=form.slug.data))
    return _page(actor, form, "courses/new.html")


@bp.route("/studio/<slug:slug>/copy", methods=["GET", "POST"])
@requires(USE)
def copy_course(slug: str) -> ResponseReturnValue:
    """Begin a course with what is in another one that one writes."""
    actor = current_actor()
    course = entered(actor, slug, CourseRole.AUTHOR)
    title = studio.workshop(course).title
    form = NewCourseForm(data={"title": gettext("Salinan %(title)s", title=title)[:120]})
    if request.method == "POST" and form.validate():
        source = beginning.copy_of(course, form.title.data or "")
        if _create(actor, form, "", source):
            return redirect(url_for(".outline", slug=form.slug.data))
    return _page(actor, form, "courses/copy.html", course_slug=slug, course_title=title)


def _begun(form: BeginCourseForm) -> tuple[str, Source] | None:
    """The address and the files that the form asks for; None: it says what is wrong."""
    title, language = form.title.data or "", form.language.data
    if form.beginning.data != ARCHIVE:
        blank = form.beginning.data == "blank"
        source = (
            beginning.blank(title, language)
            if blank
            else beginning.from_template(form.beginning.data, title, language)
        )
        return "", source
    try:
        address, source = beginning.from_archive(form.archive.data.stream)
        return address, beginning.named(source, title, address, language)
    except DomainError as error:
        form.refuse(error)
        return None


def _create(actor: Actor, form: NewCourseForm, proposed: str, source: Source) -> bool:
    """Create the course; False where the form says why not."""
    unit = register.unit_within(actor, form.unit.data or "", USE)
    if unit is None:
        form.refuse(
            DomainError(gettext("Tidak ada unit dengan kode ini dalam wewenang Anda"), "unit")
        )
        return False
    ahead = question_index.read_ahead(source["texts"])
    made = pictures.sized_all(set(source["media"].values()))
    with writing(form):
        pictures.keep(made.values())
        slug = form.slug.data or studio.free_slug(proposed or slug_of(form.title.data or ""))
        owner = register.unit_within(actor, unit.code, USE)
        drafts.create_course(actor, slug, owner, source, ahead=ahead)
        form.slug.data = slug
        flash(gettext("Draf kursus dibuat."), "ok")
        return True
    return False


def _page(actor: Actor, form: NewCourseForm, template: str, **more: object) -> ResponseReturnValue:
    units = register.units_within(actor, USE)
    if request.method == "GET" and units:
        form.unit.data = units[0].code
    page = render_template(template, form=form, units=units, **more)
    return page, 200 if request.method == "GET" else 422
