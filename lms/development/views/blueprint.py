"""The blueprint that all pages of this room share, and the words that they have in common."""

from typing import TYPE_CHECKING

from flask import Blueprint
from flask_babel import lazy_gettext as _l

from lms.competencies.queries import name_of
from lms.competencies.views.blueprint import UNITS
from lms.core import i18n
from lms.development import queries, rules
from lms.development.rules import ClaimAct, ClaimKind, ClaimState

if TYPE_CHECKING:
    from lms.development.models import EvidenceClaim

bp = Blueprint("development", __name__)

KINDS = {
    ClaimKind.EXTERNAL_TRAINING: _l("Pelatihan di luar platform"),
    ClaimKind.CERTIFICATE: _l("Sertifikat atau sertifikasi"),
}
STATES = {
    ClaimState.SUBMITTED: _l("Menunggu atasan"),
    ClaimState.ENDORSED: _l("Menunggu SDM"),
    ClaimState.RETURNED: _l("Dikembalikan"),
    ClaimState.APPROVED: _l("Disetujui"),
    ClaimState.WITHDRAWN: _l("Ditarik"),
}
ACTS = {
    ClaimAct.SUBMITTED: _l("Diajukan"),
    ClaimAct.CHANGED: _l("Diubah dan diajukan lagi"),
    ClaimAct.ENDORSED: _l("Diverifikasi atasan"),
    ClaimAct.APPROVED: _l("Disetujui SDM"),
    ClaimAct.RETURNED: _l("Dikembalikan"),
    ClaimAct.WITHDRAWN: _l("Ditarik"),
}


def row_of(claim: "EvidenceClaim", zone: str) -> dict[str, object]:
    """A claim as lists and pages show it."""
    form = queries.forms_on(claim.ended_on).get(claim.form)
    hours = rules.hours(form.rule, claim.quantity, abroad=claim.abroad) if form else None
    return {
        "uuid": claim.uuid,
        "person": claim.person.name,
        "kind": str(KINDS[claim.kind]),
        "title": claim.title,
        "organiser": claim.organiser,
        "number": claim.number,
        "started_on": claim.started_on,
        "ended_on": claim.ended_on,
        "valid_until": claim.valid_until,
        "form": form.name if form else claim.form,
        "quantity": claim.quantity,
        "unit": str(UNITS[form.unit]) if form else "",
        "abroad": claim.abroad,
        "hours": hours,
        "competency": name_of(claim.competency) if claim.competency else "",
        "level": claim.level,
        "document": claim.document_name,
        "document_kind": claim.document_kind.upper(),
        "document_size": i18n.megabytes(claim.document_size),
        "state": claim.state,
        "state_words": str(STATES[claim.state]),
        "since": i18n.instant(claim.waiting_since, zone),
        "reason": queries.last_reason(claim) if claim.state is ClaimState.RETURNED else "",
    }
