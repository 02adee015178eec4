"""Whom a head has stand in for her: for which unit, from when to when."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lms.accounts import rules
from lms.accounts.queries import delegations as queries
from lms.accounts.queries import team as teams
from lms.accounts.queries.delegations import Given
from lms.accounts.rules.delegating import DELEGATION_DAYS, DelegationState
from lms.core import clock, i18n, paging
from lms.core.access import Actor, Permission, current_actor, requires
from lms.core.errors import DomainError
from lms.core.forms import writing
from lms.reports import actions
from lms.reports.forms import DelegateForm
from lms.reports.queries import team_member
from lms.reports.views.blueprint import bp


@bp.route("/team/delegations", methods=["GET", "POST"])
@requires(Permission.ACCOUNTS_TEAM_DELEGATE)
def delegations() -> ResponseReturnValue:
    actor, form = current_actor(), DelegateForm()
    form.unit.choices = _units(actor)
    if request.method == "GET":
        return _page(actor, None)
    if form.validate():
        assert form.start_on.data
        assert form.end_on.data
        with writing(form):
            given = actions.delegate(
                actor,
                form.identifier.data or "",
                paging.public_id(form.unit.data or ""),
                start_on=form.start_on.data,
                end_on=form.end_on.data,
                reason=form.reason.data or "",
            )
            words = gettext("Wewenang untuk %(name)s disimpan.", name=given.delegate.name)
            flash(words, "ok")
            return redirect(url_for(".delegations"))
    return _page(actor, form), 422


@bp.post("/team/delegations/<uuid:uuid>/end")
@requires(Permission.REPORTS_TEAM_READ)
def end_delegation(uuid: UUID) -> ResponseReturnValue:
    """By the head who gave it, or by whoever holds it."""
    actor = current_actor()
    gave = False
    try:
        with writing():
            given = queries.delegation_for(actor, uuid)
            gave = given.giver_id == actor.person_id
            actions.end_delegation(actor, given)
    except DomainError as error:
        flash(error.message, "warn")
    else:
        flash(gettext("Pelimpahan diakhiri."), "ok")
    if gave:
        return redirect(url_for(".delegations"))
    left = [each for each in actor.delegations if each.uuid != uuid]
    return redirect(url_for(".team" if left or actor.own_headed_paths else "learning.home"))


def _units(actor: Actor) -> list[tuple[str, str]]:
    """UUID and name of the units that the actor heads by a placement."""
    return [(str(unit.uuid), unit.name) for unit in teams.units_at(actor.own_headed_paths)]


def _page(actor: Actor, form: DelegateForm | None) -> str:
    before, today = paging.after_id("before"), clock.today(actor.time_zone)
    rows, more = queries.given_by(actor, before)
    if form is None:
        form = DelegateForm(
            formdata=None, start_on=today, identifier=_nip_of(actor, request.args.get("person", ""))
        )  # begun here, or on the page of somebody of the team
        form.unit.choices = _units(actor)
    return render_template(
        "reports/delegations.html",
        form=form,
        rows=[_row(actor, row) for row in rows],
        earliest=today,
        latest=today + timedelta(days=2 * DELEGATION_DAYS),
        first_url=url_for(".delegations") if before else None,
        next_url=url_for(".delegations", before=rows[-1].id) if more else None,
    )


def _nip_of(actor: Actor, written: str) -> str:
    """Of somebody of the team. Raises NotFound for everybody else."""
    uuid = paging.public_id(written)
    return rules.spaced_nip(team_member(actor, uuid)[0].nip) if uuid else ""


def _row(actor: Actor, given: Given) -> dict[str, Any]:
    state = given.state(actor)
    return {
        "uuid": given.uuid,
        "name": given.delegate,
        "nip": rules.spaced_nip(given.nip),
        "unit": given.unit,
        "start_on": given.start_on,
        "end_on": given.end_on,
        "reason": given.reason,
        "state": state,
        "state_words": _state_words(state),
        "ended": gettext(
            "diakhiri %(when)s oleh %(name)s",
            when=i18n.instant(given.revoked_at, actor.time_zone), name=given.revoked_by,
        ) if given.revoked_at else "",
        "may_end": state in (DelegationState.ACTIVE, DelegationState.UPCOMING),
    }  # fmt: skip


def _state_words(state: DelegationState) -> str:
    return {
        DelegationState.UPCOMING: gettext("Belum mulai"),
        DelegationState.ACTIVE: gettext("Berlaku"),
        DelegationState.OVER: gettext("Berakhir"),
        DelegationState.REVOKED: gettext("Diakhiri"),
        DelegationState.SUSPENDED: gettext("Tidak berlaku"),
    }[state]
