"""Asking to be let into a course, and declining an invitation to it."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lms.core.access import Permission, current_actor, requires
from lms.core.forms import writing
from lms.courses import queries as courses
from lms.learning.actions import admitting, running
from lms.learning.forms import AskForm
from lms.learning.views.blueprint import bp
from lms.learning.views.catalogue import course_page

OWN = Permission.LEARNING_OWN_ACT


@bp.post("/courses/<slug:slug>/ask")
@requires(OWN)
def ask(slug: str) -> ResponseReturnValue:
    """Minta ikut."""
    actor, form = current_actor(), AskForm()
    if form.validate():
        with writing(form):
            admitting.ask(actor, courses.course_for(actor, slug), reason=form.reason.data or "")
            flash(gettext("Permintaan dikirim. Anda mendapat kabar bila sudah dijawab."), "ok")
            return redirect(url_for(".course", slug=slug))
    return course_page(slug, form), 422


@bp.post("/courses/<slug:slug>/ask/withdraw")
@requires(OWN)
def withdraw_request(slug: str) -> ResponseReturnValue:
    actor = current_actor()
    with writing():
        admitting.withdraw_request(actor, courses.course_for(actor, slug))
    flash(gettext("Permintaan ditarik."), "ok")
    return redirect(url_for(".course", slug=slug))


@bp.post("/courses/<slug:slug>/decline")
@requires(OWN)
def decline_invitation(slug: str) -> ResponseReturnValue:
    actor = current_actor()
    with writing():
        admitting.decline(actor, courses.course_for(actor, slug))
    flash(gettext("Undangan ditolak."), "ok")
    return redirect(url_for(".course", slug=slug))


@bp.post("/courses/<slug:slug>/leave")
@requires(OWN)
def leave_run(slug: str) -> ResponseReturnValue:
    """Give up a seat in a cohort, or a place in its waiting list."""
    actor, form = current_actor(), AskForm(formdata=None)
    with writing(form):
        running.leave(actor, courses.course_for(actor, slug))
        flash(gettext("Anda keluar dari angkatan ini."), "ok")
        return redirect(url_for(".course", slug=slug))
    return course_page(slug, form), 422
