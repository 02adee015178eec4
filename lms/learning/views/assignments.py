"""Courses that a head gives to people of the own units, with a deadline."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from lms.accounts.queries import team as teams
from lms.core import clock, paging
from lms.core.access import Actor, Permission, current_actor, requires
from lms.core.errors import DomainError, NotFound
from lms.core.forms import EmptyForm, writing
from lms.courses import queries as courses
from lms.courses.queries import catalogue
from lms.learning import rules
from lms.learning.actions import amending, assigning
from lms.learning.forms import AssignForm, ExtendForm, WithdrawForm
from lms.learning.queries import assignments as queries
from lms.learning.queries.assignments import Given, Target
from lms.learning.views.blueprint import bp


@bp.get("/assignments")
@requires(Permission.LEARNING_TEAM_ASSIGN)
def assignments() -> ResponseReturnValue:
    before = paging.after_id("before")
    rows, more = queries.given(current_actor(), before)
    return render_template(
        "learning/assignments.html",
        rows=rows,
        today=clock.today(current_actor().time_zone),
        first_url=url_for(".assignments") if before else None,
        next_url=url_for(".assignments", before=rows[-1].id) if more else None,
    )


@bp.get("/assignments/new")
@requires(Permission.LEARNING_TEAM_ASSIGN)
def new_assignment() -> ResponseReturnValue:
    """Begun on the team board, the page of a course, or that of a person."""
    person = request.args.get("person", "")
    form = AssignForm(
        formdata=None,
        course=request.args.get("course", ""),
        unit=request.args.get("unit", ""),
        person=[person] if person else [],
    )
    return _form_page(form)


def assign_to(uuids: Sequence[UUID]) -> ResponseReturnValue:
    """The form for people who were chosen on the team board."""
    return _form_page(AssignForm(formdata=None, person=[str(uuid) for uuid in uuids]))


@bp.post("/assignments/preview")
@requires(Permission.LEARNING_TEAM_ASSIGN)
def preview_assignment() -> ResponseReturnValue:
    """Whom it would touch. Only reads: nothing is written before the next step."""
    actor, form = current_actor(), AssignForm()
    if not form.validate():
        return _form_page(form), 422
    targets = _targets(actor, form)
    course = courses.course_for(actor, form.course.data)
    after = paging.public_id(request.form.get("after", ""))
    assert course.current_version is not None
    return render_template(
        "learning/assign_preview.html",
        form=form,
        title=course.current_version.title,
        language=course.current_version.language,
        units=[target.unit_name for target in targets],
        reach=queries.reach(targets, course.id, after),
    )


@bp.post("/assignments")
@requires(Permission.LEARNING_TEAM_ASSIGN)
def give_assignment() -> ResponseReturnValue:
    actor, form = current_actor(), AssignForm()
    if form.validate():
        with writing(form):
            made = assigning.assign(
                actor,
                courses.course_for(actor, form.course.data),
                _targets(actor, form),
                due_on=form.due_on.data,
                reason=form.reason.data,
            )
            if len(made) == 1:
                return redirect(url_for(".assignment", uuid=made[0].uuid))
            return redirect(url_for(".assignments"))
    return _form_page(form), 422


def _targets(actor: Actor, form: AssignForm) -> list[Target]:
    """Raises NotFound for a unit or a person outside the actor's right."""
    uuids = [paging.public_id(value) for value in form.person.data or []]
    if not uuids:
        unit = paging.public_id(form.unit.data or "")
        if unit is None:
            raise NotFound
        return [queries.unit_target(actor, unit)]
    if None in uuids or len(uuids) > assigning.MOST_CHOSEN:
        raise NotFound
    return queries.people_targets(actor, [uuid for uuid in uuids if uuid])


def _form_page(form: AssignForm) -> str:
    actor = current_actor()
    uuids = [uuid for value in form.person.data or [] if (uuid := paging.public_id(value))]
    chosen = paging.public_id(form.unit.data or "")
    return render_template(
        "learning/assign.html",
        form=form,
        courses=catalogue.current().entries,
        units=[] if uuids else _indented(queries.units_below(actor, chosen)),
        people=queries.names_of(actor, uuids) if uuids else [],
        earliest=clock.today(actor.time_zone),
        latest=clock.today(actor.time_zone) + rules.LONGEST,
    )


def _indented(rows: list[Any]) -> list[tuple[str, str]]:
    """(UUID, name) of units, each as far to the right as it lies below the highest shown."""
    least = min((row.path.count("/") for row in rows), default=0)
    return [(str(row.uuid), "– " * (row.path.count("/") - least) + row.name) for row in rows]


# ── One assignment ───────────────────────────────────────────────────────────────────────────


@bp.get("/assignments/<uuid:uuid>")
@requires(Permission.LEARNING_TEAM_ASSIGN)
def assignment(uuid: UUID) -> ResponseReturnValue:
    """With `person`: of this one alone."""
    return _assignment_page(uuid, ExtendForm(formdata=None), WithdrawForm(formdata=None))


@bp.post("/assignments/<uuid:uuid>/extend")
@requires(Permission.LEARNING_TEAM_ASSIGN)
def extend_assignment(uuid: UUID) -> ResponseReturnValue:
    actor, form = current_actor(), ExtendForm()
    if form.validate():
        with writing(form):
            moved = amending.extend(
                actor,
                queries.assignment_for(actor, uuid),
                due_on=form.due_on.data,
                reason=form.reason.data,
                person=_one_person(),
            )
            words = ngettext(
                "Batas diperpanjang untuk %(num)s pegawai.",
                "Batas diperpanjang untuk %(num)s pegawai.",
                moved,
            )
            flash(words, "ok")
            return redirect(url_for(".assignment", uuid=uuid))
    return _assignment_page(uuid, form, WithdrawForm(formdata=None)), 422


@bp.post("/assignments/<uuid:uuid>/withdraw")
@requires(Permission.LEARNING_TEAM_ASSIGN)
def withdraw_assignment(uuid: UUID) -> ResponseReturnValue:
    actor, form = current_actor(), WithdrawForm()
    if form.validate():
        with writing(form):
            freed = amending.withdraw(
                actor,
                queries.assignment_for(actor, uuid),
                reason=form.reason.data,
                person=_one_person(),
            )
            words = ngettext(
                "%(num)s pegawai tidak wajib lagi.", "%(num)s pegawai tidak wajib lagi.", freed
            )
            flash(words, "ok")
            return redirect(url_for(".assignment", uuid=uuid))
    return _assignment_page(uuid, ExtendForm(formdata=None), form), 422


@bp.post("/assignments/<uuid:uuid>/undo")
@requires(Permission.LEARNING_TEAM_ASSIGN)
def undo_assignment(uuid: UUID) -> ResponseReturnValue:
    actor = current_actor()
    try:
        with writing():
            amending.undo(actor, queries.assignment_for(actor, uuid))
    except DomainError as error:
        flash(error.message, "warn")
        return redirect(url_for(".assignment", uuid=uuid))
    flash(gettext("Penugasan diurungkan. Tidak ada yang dikabari."), "ok")
    return redirect(url_for(".assignments"))


def _one_person() -> UUID | None:
    """Of whom alone it is. Raises NotFound for an address that names nobody."""
    written = request.args.get("person")
    if written is None:
        return None
    found = paging.public_id(written)
    if found is None:
        raise NotFound
    return found


def _assignment_page(uuid: UUID, extend: ExtendForm, withdraw: WithdrawForm) -> str:
    actor = current_actor()
    found = queries.given_for(actor, uuid)
    person = _one_person()
    after = paging.after_uuid()
    rows, more = queries.people_of(actor, found.id, after, person)
    if person is not None and not rows:
        raise NotFound
    uuids = [row.uuid for row in rows]
    return render_template(
        "learning/assignment.html",
        given=found,
        rows=rows,
        team={each.uuid for each in teams.members(teams.scope_of(actor), uuids)},
        may_read=Permission.ACCOUNTS_PEOPLE_READ in actor.permissions,
        one=rows[0] if person is not None else None,
        now=clock.now(),
        extend=extend,
        withdraw=withdraw,
        may_undo=_may_undo(actor, found),
        may_change=found.may_change(actor),
        form=EmptyForm(),
        earliest=clock.today(actor.time_zone),
        latest=clock.today(actor.time_zone) + rules.LONGEST,
        first_url=url_for(".assignment", uuid=uuid) if after else None,
        next_url=url_for(".assignment", uuid=uuid, after=rows[-1].uuid) if more else None,
    )


def _may_undo(actor: Actor, found: Given) -> bool:
    is_open = found.closed_at is None
    return is_open and amending.may_undo(found.source_id, found.assigned_at, actor)
