"""What waits for the superior and for HR: one by one, or several at once."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from lms.core import paging
from lms.core.access import Actor, Permission, current_actor, requires
from lms.core.errors import DomainError
from lms.core.forms import writing
from lms.development import actions, queries, rules
from lms.development.forms import ReturnForm
from lms.development.rules import ClaimState
from lms.development.views.blueprint import bp, row_of
from lms.development.views.own import claim_page

if TYPE_CHECKING:
    from lms.development.models import EvidenceClaim

TEAM, HR = Permission.DEVELOPMENT_TEAM_VERIFY, Permission.DEVELOPMENT_CLAIMS_VERIFY


@bp.get("/team/claims")
@requires(TEAM)
def team_claims() -> ResponseReturnValue:
    actor, after = current_actor(), paging.after_uuid()
    found, more = queries.team_queue(actor, after)
    return render_template(
        "development/team_claims.html",
        rows=[row_of(claim, actor.time_zone) for claim in found],
        most=rules.BULK_MAX,
        first_url=url_for(".team_claims") if after else None,
        next_url=url_for(".team_claims", after=found[-1].uuid) if more else None,
    )


@bp.get("/claims")
@requires(HR)
def claims() -> ResponseReturnValue:
    actor, after = current_actor(), paging.after_uuid()
    waits_above = request.args.get("state") == ClaimState.SUBMITTED
    state = ClaimState.SUBMITTED if waits_above else ClaimState.ENDORSED
    found, more = queries.hr_queue(actor, after, state)
    chosen: dict[str, Any] = {"state": state if waits_above else None}
    return render_template(
        "development/claims.html",
        rows=[row_of(claim, actor.time_zone) for claim in found],
        waits_above=waits_above,
        first_url=url_for(".claims", **chosen) if after else None,
        next_url=url_for(".claims", **chosen, after=found[-1].uuid) if more else None,
    )


@bp.post("/team/claims/endorse")
@requires(TEAM)
def endorse_claims() -> ResponseReturnValue:
    return _many(".team_claims", queries.team_claim, actions.endorse_claim)


@bp.post("/claims/approve")
@requires(HR)
def approve_claims() -> ResponseReturnValue:
    return _many(".claims", queries.hr_claim, actions.approve_claim)


@bp.post("/team/claims/<uuid:uuid>/return")
@requires(TEAM)
def return_team_claim(uuid: UUID) -> ResponseReturnValue:
    return _return(uuid, ".team_claims", queries.team_claim, ClaimState.SUBMITTED)


@bp.post("/claims/<uuid:uuid>/return")
@requires(HR)
def return_claim(uuid: UUID) -> ResponseReturnValue:
    return _return(uuid, ".claims", queries.hr_claim, ClaimState.ENDORSED)


def _many(
    queue: str,
    load: "Callable[[Actor, UUID], EvidenceClaim]",
    act: "Callable[[Actor, EvidenceClaim], bool]",
) -> ResponseReturnValue:
    actor, uuids = current_actor(), _ticked()
    if not 0 < len(uuids) <= rules.BULK_MAX:
        flash(gettext("Pilih dahulu klaimnya, paling banyak %(num)s.", num=rules.BULK_MAX), "warn")
        return redirect(url_for(queue))
    try:
        with writing():
            count = actions.verify_many(actor, uuids, load, act)
    except DomainError as error:
        flash(error.message, "warn")
        return redirect(url_for(queue))
    if count:
        words = ngettext("%(num)s klaim diverifikasi.", "%(num)s klaim diverifikasi.", count)
        flash(words, "ok")
    else:
        flash(gettext("Klaim itu sudah diverifikasi."), "warn")
    return redirect(url_for(queue))


def _return(
    uuid: UUID, queue: str, load: "Callable[[Actor, UUID], EvidenceClaim]", state: ClaimState
) -> ResponseReturnValue:
    """Back to the person, with the reason, from whom it waits for."""
    actor, form = current_actor(), ReturnForm()
    if form.validate():
        with writing(form):
            reason = (form.reason.data or "").strip()
            actions.return_claim(actor, load(actor, uuid), waits_in=state, reason=reason)
            flash(gettext("Klaim dikembalikan, dan orangnya dikabari."), "ok")
            return redirect(url_for(queue))
    else:
        load(actor, uuid)
    return claim_page(uuid, form), 422


def _ticked() -> list[UUID]:
    found = []
    for written in request.form.getlist("c"):
        try:
            found.append(UUID(written))
        except ValueError:
            continue
    return found
