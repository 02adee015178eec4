"""Pengecualian: more time, more attempts and a later closing for some, in one quiz or in all."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from lms.accounts.queries import register
from lms.core import i18n, paging
from lms.core.access import Actor, Permission, current_actor, requires
from lms.core.errors import NotFound
from lms.core.forms import EmptyForm, writing
from lms.courses import queries as courses
from lms.courses.queries import Part
from lms.learning.actions import allowing, bulk
from lms.learning.actions.allowing import Gift
from lms.learning.forms import AllowanceForm, RunAllowanceForm, TimeRightForm
from lms.learning.queries import allowances as queries
from lms.learning.queries import runs
from lms.learning.views.analytics import taught
from lms.learning.views.blueprint import bp
from lms.learning.views.choosing import back, chosen, kept, onward

STUDIO, GRANT = Permission.COURSES_STUDIO_USE, Permission.LEARNING_TIME_GRANT


@bp.get("/studio/<slug:slug>/allowances")
@requires(STUDIO)
def allowances(slug: str) -> ResponseReturnValue:
    """What was allowed in this course, by whom and why."""
    actor = current_actor()
    course = taught(actor, slug)
    before = paging.after_id("before")
    rows, more = queries.given_in(course.id, before)
    return render_template(
        "learning/allowances.html",
        **_frame(course),
        rows=[
            {
                "given": row,
                "words": _words(row, actor.time_zone),
                "at": i18n.instant(row.given_at, actor.time_zone),
                "ended": i18n.instant(row.ended_at, actor.time_zone) if row.ended_at else "",
            }
            for row in rows
        ],
        has_runs=bool(runs.runs_of(course.id)),
        form=EmptyForm(),
        first_url=url_for(".allowances", slug=slug) if before else None,
        next_url=url_for(".allowances", slug=slug, before=rows[-1].id) if more else None,
    )


@bp.post("/studio/<slug:slug>/allowances/give")
@requires(STUDIO)
def give_allowance(slug: str) -> ResponseReturnValue:
    """The form for the learners chosen, and then the act."""
    actor = current_actor()
    course = taught(actor, slug)
    is_sent, status = "quiz" in request.form, 200
    found = chosen(course, is_sent=is_sent)
    if found is None:
        return back(slug)
    form = AllowanceForm() if is_sent else AllowanceForm(formdata=None)
    quizzes = _offer_quizzes(form, course, actor.time_zone)
    if is_sent:
        status = 422
        if form.validate():
            part = quizzes[form.quiz.data]
            with writing(form):
                outcome = bulk.allow(actor, course, found.whom, part.key, _gift(actor, part, form))
                told = ngettext(
                    "Berlaku bagi %(num)s peserta, juga pada percobaan yang sedang berjalan.",
                    "Berlaku bagi %(num)s peserta, juga pada percobaan yang sedang berjalan.",
                    outcome.count,
                )
                return onward(slug, outcome, told, url_for(".allowances", slug=slug))
    page = render_template(
        "learning/give_allowance.html", **_frame(course), kept=kept(), chosen=found, form=form
    )
    return page, status


@bp.route("/studio/<slug:slug>/allowances/cohort", methods=["GET", "POST"])
@requires(STUDIO)
def give_run_allowance(slug: str) -> ResponseReturnValue:
    """For whoever is in a cohort, now or later."""
    actor, status = current_actor(), 200
    course = taught(actor, slug)
    cohorts = [run for run in runs.runs_of(course.id) if not (run.cancelled_at or run.is_over)]
    form = RunAllowanceForm(run=request.args.get("run", ""))
    form.run.choices = [(str(run.uuid), run.name) for run in cohorts]
    quizzes = _offer_quizzes(form, course, actor.time_zone)
    if request.method == "POST":
        status = 422
        if form.validate():
            part, uuid = quizzes[form.quiz.data], UUID(form.run.data)
            with writing(form):
                outcome = bulk.allow_run(
                    actor, course, runs.run_for(course.id, uuid), part.key,
                    _gift(actor, part, form),
                )  # fmt: skip
                flash(
                    gettext(
                        "Berlaku bagi seluruh angkatan, juga bagi yang bergabung nanti dan pada "
                        "percobaan yang sedang berjalan."
                    ),
                    "ok",
                )
                if outcome.job:
                    return redirect(url_for(".bulk_act", slug=slug, uuid=outcome.job))
                return redirect(url_for(".allowances", slug=slug))
    page = render_template("learning/give_run_allowance.html", **_frame(course), form=form)
    return page, status


@bp.post("/studio/<slug:slug>/allowances/<uuid:uuid>/end")
@requires(STUDIO)
def end_allowance(slug: str, uuid: UUID) -> ResponseReturnValue:
    actor = current_actor()
    course = taught(actor, slug)
    with writing():
        allowing.end_allowance(actor, queries.allowance_for(course.id, uuid))
    flash(
        gettext("Pengecualian diakhiri. Percobaan yang sedang berjalan tetap seperti semula."), "ok"
    )
    return redirect(url_for(".allowances", slug=slug))


@bp.post("/studio/<slug:slug>/allowances/<uuid:uuid>/restore")
@requires(STUDIO)
def restore_allowance(slug: str, uuid: UUID) -> ResponseReturnValue:
    """Undo an end."""
    actor = current_actor()
    course = taught(actor, slug)
    with writing():
        bulk.restore_allowance(actor, course, queries.allowance_for(course.id, uuid))
    flash(gettext("Pengecualian berlaku lagi, juga pada percobaan yang sedang berjalan."), "ok")
    return redirect(url_for(".allowances", slug=slug))


@bp.route("/people/<uuid:uuid>/extra-time", methods=["GET", "POST"])
@requires(GRANT)
def extra_time(uuid: UUID) -> ResponseReturnValue:
    """A person's standing right to more time in every quiz."""
    actor, status = current_actor(), 200
    person = register.person_within(actor, uuid, GRANT)
    form = TimeRightForm()
    if request.method == "POST":
        status = 422
        if form.validate():
            with writing(form):
                person = register.person_within(actor, uuid, GRANT)
                allowing.grant_time(
                    actor, person, percent=form.percent.data or 0, reason=form.reason.data or ""
                )
                flash(gettext("Waktu tambahan diberikan, juga bagi kuis yang berjalan."), "ok")
                return redirect(url_for(".extra_time", uuid=uuid))
    rights = queries.time_rights_of(person.id)
    page = render_template(
        "learning/extra_time.html",
        uuid=uuid,
        name=person.name,
        rows=[
            {
                "percent": right.percent,
                "reason": right.reason,
                "by": right.given_by.name,
                "at": i18n.instant(right.given_at, actor.time_zone),
                "ended": i18n.instant(right.ended_at, actor.time_zone) if right.ended_at else "",
            }
            for right in rights
        ],
        holds=any(right.ended_at is None for right in rights),
        is_self=person.id == actor.person_id,
        form=form,
    )
    return page, status


@bp.post("/people/<uuid:uuid>/extra-time/end")
@requires(GRANT)
def end_extra_time(uuid: UUID) -> ResponseReturnValue:
    actor = current_actor()
    with writing():
        ended = allowing.end_time(actor, register.person_within(actor, uuid, GRANT))
    if ended:
        flash(gettext("Waktu tambahan diakhiri."), "ok")
    return redirect(url_for(".extra_time", uuid=uuid))


def _offer_quizzes(form: AllowanceForm, course: Any, zone: str) -> dict[str, Part]:
    parts = [part for part in courses.outline(_version(course)).parts if part.quiz_id]
    form.quiz.choices = [(part.key, _quiz_words(part, zone)) for part in parts]
    return {part.key: part for part in parts}


def _gift(actor: Actor, part: Part, form: AllowanceForm) -> Gift:
    return allowing.checked_gift(
        actor, part,
        extra_time=form.extra_time.data or 0,
        extra_attempts=form.extra_attempts.data or 0,
        closes_on=form.closes_on.data,
        reason=form.reason.data or "",
    )  # fmt: skip


def _version(course: Any) -> courses.VersionView:
    """Raises NotFound for a course that was never published: it has no learners."""
    if course.current_version_id is None:
        raise NotFound
    return courses.current_version_of(course.id)


def _frame(course: Any) -> dict[str, object]:
    version = course.current_version
    titles = {}
    if version is not None:
        titles = {part.key: part.title for part in courses.outline(version).parts}
    return {
        "course": course,
        "title": version.title if version else course.slug,
        "language": version.language if version else "id",
        "titles": titles,
    }


def _quiz_words(part: Part, zone: str) -> str:
    """The title of a quiz with its limits, so that one sees what can be eased."""
    limits = part.limits
    words = []
    if limits.time_limit:
        words.append(i18n.duration(limits.time_limit))
    if limits.attempts:
        words.append(ngettext("%(num)s kesempatan", "%(num)s kesempatan", limits.attempts))
    if limits.closes_at:
        words.append(gettext("ditutup %(at)s", at=i18n.instant(limits.closes_at, zone)))
    return f"{part.title} ({', '.join(words) or gettext('tanpa batas')})"


def _words(row: queries.Given, zone: str) -> str:
    words = []
    if row.extra_time:
        words.append(gettext("waktu ditambah %(time)s", time=i18n.duration(row.extra_time)))
    if row.extra_attempts:
        more = row.extra_attempts
        words.append(ngettext("%(num)s kesempatan lagi", "%(num)s kesempatan lagi", more))
    if row.closes_at:
        words.append(gettext("ditutup %(at)s", at=i18n.instant(row.closes_at, zone)))
    return "; ".join(words)
