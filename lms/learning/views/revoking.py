"""Revoking a certificate takes the course back with it, so it is done here and not in the room of
certificates."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lms.core import clock
from lms.core.access import Permission, current_actor, requires
from lms.core.forms import writing
from lms.credentials.forms import ReasonForm
from lms.credentials.queries import managed
from lms.learning.actions import reversing
from lms.learning.views.blueprint import bp


@bp.route("/certificates/<uuid:uuid>/revoke", methods=["GET", "POST"])
@requires(Permission.CREDENTIALS_PEOPLE_MANAGE)
def revoke_certificate(uuid: UUID) -> ResponseReturnValue:
    """Asks for the reason, then revokes the certificate for good."""
    actor, form, status = current_actor(), ReasonForm(), 200
    certificate, view = managed.managed_certificate(actor, uuid)
    if request.method == "POST":
        status = 422
        if form.validate():
            with writing(form):
                reversing.revoke_certificate(actor, certificate, reason=form.reason.data or "")
                flash(gettext("Sertifikat %(number)s dicabut.", number=view.number), "ok")
                return redirect(url_for("credentials.certificates", q=view.number))
    page = render_template(
        "credentials/change.html",
        certificate=view, day=clock.today(actor.time_zone), form=form, again=False,
    )  # fmt: skip
    return page, status
