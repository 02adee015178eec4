"""Closing a course to newcomers and offering it again, on the blueprint of the studio."""

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lms.core import i18n
from lms.core.access import Permission, current_actor, requires
from lms.core.errors import NotFound
from lms.core.forms import Form, writing
from lms.courses.queries.drafts import written_course
from lms.courses.queries.studio import workshop
from lms.courses.views.blueprint import bp
from lms.learning.actions import offering
from lms.learning.forms.offering import ArchiveForm, WithdrawForm
from lms.learning.queries import offering as queries

if TYPE_CHECKING:
    from lms.courses.models import Course

USE = Permission.COURSES_STUDIO_USE


@bp.route("/studio/<slug:slug>/archiving", methods=["GET", "POST"])
@requires(USE)
def archive_course(slug: str) -> ResponseReturnValue:
    """Shows what it means, then puts the course away."""
    actor, form = current_actor(), ArchiveForm()
    course = _published(slug)
    if request.method == "POST" and form.validate():
        with writing(form):
            offering.archive(actor, written_course(actor, slug), reason=form.reason.data or "")
            flash(
                gettext(
                    "Kursus diarsipkan. Peserta yang sedang belajar tetap dapat menyelesaikannya."
                ),
                "ok",
            )
            return redirect(url_for(".versions", slug=slug))
    return _page(course, form)


@bp.route("/studio/<slug:slug>/withdrawal", methods=["GET", "POST"])
@requires(USE)
def withdraw_course(slug: str) -> ResponseReturnValue:
    """Shows what it means, then takes the course back."""
    actor, form = current_actor(), WithdrawForm()
    course = _published(slug)
    if request.method == "POST" and form.validate():
        with writing(form):
            offering.withdraw(
                actor, written_course(actor, slug), reason=form.reason.data or "",
                ends_on=form.last_day,
            )  # fmt: skip
            flash(gettext("Kursus ditarik. Peserta diberi tahu dalam beberapa menit."), "ok")
            return redirect(url_for(".versions", slug=slug))
    return _page(course, form)


@bp.post("/studio/<slug:slug>/unarchive")
@requires(USE)
def unarchive_course(slug: str) -> ResponseReturnValue:
    """Offer the course again, whichever way it was closed."""
    actor = current_actor()
    _published(slug)
    with writing():
        offering.offer_again(actor, written_course(actor, slug))
    flash(gettext("Kursus kembali ke katalog."), "ok")
    return redirect(url_for(".versions", slug=slug))


def _published(slug: str) -> "Course":
    course = written_course(current_actor(), slug)
    if course.current_version_id is None:
        raise NotFound
    return course


def _page(course: "Course", form: Form) -> ResponseReturnValue:
    page = render_template(
        "courses/close.html",
        course=workshop(course),
        form=form,
        effect=queries.effect_of(course),
    )
    return page, 422 if form.errors else 200


def ending_words(course: "Course") -> str:
    """What a withdrawn course means for its learners under way."""
    kept = queries.withdrawal_of(course.id)
    if kept is None or kept.ends_on is None:
        return gettext("Peserta yang sedang belajar boleh menyelesaikannya.")
    day = i18n.long_date(kept.ends_on)
    return gettext("Bagi peserta yang sedang belajar kursus berakhir sesudah %(day)s.", day=day)
