"""Angkatan: the cohorts of a course, their seats and waiting lists, for whoever owns it."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from lms.accounts import rules as people
from lms.core import i18n, paging
from lms.core.access import Permission, current_actor, requires
from lms.core.forms import Form, writing
from lms.courses.queries.drafts import entered, role_in, written_course
from lms.courses.queries.studio import workshop
from lms.courses.rules import CourseRole
from lms.learning.actions import bulk, running
from lms.learning.actions.running import RunPlan
from lms.learning.forms import CancelRunForm, MoveForm, RunForm
from lms.learning.queries import runs as queries
from lms.learning.queries.entering import policy_of
from lms.learning.views.analytics import taught
from lms.learning.views.blueprint import bp
from lms.learning.views.choosing import back, chosen, kept, onward
from lms.learning.views.run_words import run_words

STUDIO = Permission.COURSES_STUDIO_USE


@bp.route("/studio/<slug:slug>/runs", methods=["GET", "POST"], endpoint="runs")
@requires(STUDIO)
def runs_page(slug: str) -> ResponseReturnValue:
    """Every cohort; plans another one."""
    actor, form, status = current_actor(), RunForm(), 200
    course = taught(actor, slug)
    if request.method == "POST":
        written_course(actor, slug)
        status = 422
        if form.validate():
            with writing(form):
                run = running.create_run(actor, written_course(actor, slug), _plan(form))
                flash(gettext("%(name)s disimpan.", name=run.name), "ok")
                return redirect(url_for(".runs", slug=slug))
        course = taught(actor, slug)
    page = render_template(
        "learning/runs.html",
        course=workshop(course),
        rows=[(run, *run_words(run)) for run in queries.runs_of(course.id)],
        by_run=policy_of(course.id).by_run,
        is_owner=role_in(actor, course) is CourseRole.OWNER,
        form=form,
    )
    return page, status


@bp.route("/studio/<slug:slug>/runs/<uuid:uuid>", methods=["GET", "POST"])
@requires(STUDIO)
def run(slug: str, uuid: UUID) -> ResponseReturnValue:
    """One cohort: its plan, and who waits for a seat."""
    actor, status = current_actor(), 200
    course = entered(actor, slug)
    view = queries.run_view(course.id, uuid)
    form = RunForm(data={name: getattr(view, name) for name in RunPlan.__dataclass_fields__})
    if request.method == "POST":
        status = 422
        if form.validate():
            with writing(form):
                course = written_course(actor, slug)
                running.change_run(actor, course, queries.run_for(course.id, uuid), _plan(form))
                flash(gettext("Angkatan disimpan."), "ok")
                return redirect(url_for(".run", slug=slug, uuid=uuid))
    return _run_page(slug, uuid, form, CancelRunForm(formdata=None)), status


@bp.post("/studio/<slug:slug>/runs/<uuid:uuid>/cancel")
@requires(STUDIO)
def cancel_run(slug: str, uuid: UUID) -> ResponseReturnValue:
    actor, form = current_actor(), CancelRunForm()
    course = entered(actor, slug)
    view = queries.run_view(course.id, uuid)
    if form.validate():
        with writing(form):
            course = written_course(actor, slug)
            running.cancel_run(
                actor, course, queries.run_for(course.id, uuid), reason=form.reason.data or ""
            )
            flash(gettext("Angkatan dibatalkan."), "ok")
            return redirect(url_for(".runs", slug=slug))
    plan = RunForm(
        formdata=None, data={name: getattr(view, name) for name in RunPlan.__dataclass_fields__}
    )
    return _run_page(slug, uuid, plan, form), 422


def _run_page(slug: str, uuid: UUID, form: RunForm, cancel: Form) -> str:
    actor = current_actor()
    course = written_course(actor, slug)
    view = queries.run_view(course.id, uuid)
    dates, seats = run_words(view)
    return render_template(
        "learning/run.html",
        course=workshop(course),
        run=view,
        dates=dates,
        seats=seats,
        waiting=[
            (row.name, people.spaced_nip(row.nip), i18n.instant(row.since_at, actor.time_zone))
            for row in queries.waiting_people(view.id)
        ],
        form=form,
        cancel=cancel,
    )


def _plan(form: RunForm) -> RunPlan:
    return RunPlan(
        name=form.name.data or "",
        registers_from=form.registers_from.data,
        registers_until=form.registers_until.data,
        starts_on=form.starts_on.data,
        ends_on=form.ends_on.data,
        seats=form.seats.data or 0,
    )


@bp.post("/studio/<slug:slug>/learners/move")
@requires(STUDIO)
def move_learners(slug: str) -> ResponseReturnValue:
    """The form for the learners chosen, and then the act."""
    actor = current_actor()
    course = entered(actor, slug)
    is_sent, status = "run" in request.form, 200
    whom = chosen(course, is_sent=is_sent)
    if whom is None:
        return back(slug)
    form = MoveForm() if is_sent else MoveForm(formdata=None)
    found = [run for run in queries.runs_of(course.id) if not (run.cancelled_at or run.is_over)]
    form.run.choices = [(str(run.uuid), f"{run.name} ({run_words(run)[1]})") for run in found]
    if is_sent:
        status = 422
        uuid = paging.public_id(form.run.data or "")
        if form.validate() and uuid:
            with writing(form):
                course = written_course(actor, slug)
                outcome = bulk.move(actor, course, whom.whom, queries.run_for(course.id, uuid))
                told = ngettext(
                    "%(num)s peserta dipindahkan.", "%(num)s peserta dipindahkan.", outcome.count
                )
                return onward(slug, outcome, told)
    page = render_template(
        "learning/move_learners.html",
        course=workshop(course),
        kept=kept(),
        chosen=whom,
        form=form,
    )
    return page, status
