"""One's own claims: enter, change, withdraw; and the document of any claim that one may see."""

from contextlib import closing
from typing import TYPE_CHECKING
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lms.accounts.queries.delegations import signed
from lms.competencies.queries import dictionary
from lms.competencies.views.blueprint import UNITS
from lms.core import clock, files, i18n, paging, tokens
from lms.core.access import Actor, Permission, current_actor, requires
from lms.core.db import new_uuid
from lms.core.errors import DomainError
from lms.core.forms import EmptyForm, writing
from lms.development import actions, queries, rules
from lms.development.actions import Claimed, Document
from lms.development.forms import ClaimForm
from lms.development.rules import ClaimKind
from lms.development.views.blueprint import ACTS, KINDS, bp, row_of
from lms.formats.document import CONTENT_TYPES, kind_of

if TYPE_CHECKING:
    from lms.development.models import EvidenceClaim

OWN = Permission.DEVELOPMENT_OWN_CLAIM
_KEPT = "claim-document"
_KEPT_FOR = 24 * 60 * 60  # seconds


@bp.get("/my/claims")
@requires(OWN)
def own_claims() -> ResponseReturnValue:
    actor, before = current_actor(), paging.after_id("before")
    found, more = queries.own_claims(actor, before)
    return render_template(
        "development/own_claims.html",
        rows=[row_of(claim, actor.time_zone) for claim in found],
        first_url=url_for(".own_claims") if before else None,
        next_url=url_for(".own_claims", before=found[-1].id) if more else None,
    )


@bp.route("/my/claims/new", methods=["GET", "POST"])
@requires(OWN)
@files.takes_documents(rules.DOCUMENT_MAX)
def new_claim() -> ResponseReturnValue:
    actor = current_actor()
    if request.method == "GET":
        return _page(ClaimForm(formdata=None, key=str(new_uuid())))
    form, key = ClaimForm(), _uuid(request.form.get("key", ""))
    document = _read(actor, form, needed=True)
    if not form.errors and document is not None and key is not None:
        with writing(form):
            claim = actions.submit_claim(actor, key, _claimed(form), document)
            flash(gettext("Klaim diajukan. Anda dikabari setelah diverifikasi."), "ok")
            return redirect(url_for(".claim", uuid=claim.uuid))
    return _page(form, document), 422


@bp.route("/my/claims/<uuid:uuid>/edit", methods=["GET", "POST"])
@requires(OWN)
@files.takes_documents(rules.DOCUMENT_MAX)
def edit_claim(uuid: UUID) -> ResponseReturnValue:
    actor = current_actor()
    found = queries.own_claim(actor, uuid)
    if request.method == "GET":
        return _page(_filled(found), changed=uuid)
    form = ClaimForm()
    document = _read(actor, form, needed=False)
    if not form.errors:
        with writing(form):
            actions.change_claim(actor, queries.own_claim(actor, uuid), _claimed(form), document)
            flash(gettext("Klaim diajukan lagi."), "ok")
            return redirect(url_for(".claim", uuid=uuid))
    return _page(form, document, changed=uuid), 422


@bp.post("/my/claims/<uuid:uuid>/withdraw")
@requires(OWN)
def withdraw_claim(uuid: UUID) -> ResponseReturnValue:
    actor = current_actor()
    try:
        with writing():
            actions.withdraw_claim(actor, queries.own_claim(actor, uuid))
    except DomainError as error:
        flash(error.message, "warn")
        return redirect(url_for(".claim", uuid=uuid))
    flash(gettext("Klaim ditarik."), "ok")
    return redirect(url_for(".own_claims"))


@bp.get("/claims/<uuid:uuid>")
@requires(OWN)
def claim(uuid: UUID) -> ResponseReturnValue:
    """For its person, for whoever supervises the person today, and for HR."""
    return claim_page(uuid)


@bp.get("/claims/<uuid:uuid>/document")
@requires(OWN)
def document(uuid: UUID) -> ResponseReturnValue:
    """Always as an attachment, so that no browser opens what somebody has uploaded as a page."""
    found, _ = queries.claim_for(current_actor(), uuid)
    return files.attachment(
        found.document_digest,
        CONTENT_TYPES[found.document_kind],
        f"{found.document_name}.{found.document_kind}",
    )


def claim_page(uuid: UUID, return_form: object = None) -> str:
    actor = current_actor()
    found, rights = queries.claim_for(actor, uuid)
    return render_template(
        "development/claim.html",
        claim=row_of(found, actor.time_zone),
        rights=rights,
        may_change=rights.owns and found.state in rules.CHANGEABLE,
        may_withdraw=rights.owns and found.state not in rules.ENDED,
        may_endorse=rights.supervises and found.state is rules.ClaimState.SUBMITTED,
        may_approve=rights.reaches and found.state is rules.ClaimState.ENDORSED,
        events=[
            (str(ACTS[event.act]), i18n.instant(event.at, actor.time_zone),
             signed(event.by.name, event.by_as), event.reason or "")
            for event in queries.events_of(found)
        ],
        form=EmptyForm(),
        return_form=return_form,
    )  # fmt: skip


# ── What was typed ───────────────────────────────────────────────────────────────────────────


def _read(actor: Actor, form: ClaimForm, *, needed: bool) -> Document | None:
    """Look at the whole form. The document is kept under its digest, also when another field is
    refused; or it is that of the try before. What is wrong stands on the form."""
    document: Document | None = None
    form.validate()
    sent = request.files.get("document")
    if sent is not None and sent.filename:
        with closing(sent):
            content = sent.stream.read(rules.DOCUMENT_MAX + 1)
        try:
            return _kept(content, sent.filename)
        except DomainError as error:
            form.refuse(error)
            return None
    value = tokens.unsign(_KEPT, form.kept.data or "", _KEPT_FOR)
    if value is not None and value.pop("person") == str(actor.person_uuid):
        document = Document(**value)
    if document is None and needed:
        form.refuse(DomainError(gettext("Pilih dokumen PDF, JPG, atau PNG."), "document"))
    return document


def _kept(content: bytes, name: str) -> Document:
    """Raises DomainError for what is too large, or no document by its content."""
    if len(content) > rules.DOCUMENT_MAX:
        words = gettext("Berkas lebih dari 5 MB. Perkecil, lalu pilih lagi.")
        raise DomainError(words, "document")
    kind = kind_of(content)
    if kind is None:
        words = gettext("Isi berkas ini bukan PDF, JPG, atau PNG yang utuh. Pilih berkas lain.")
        raise DomainError(words, "document")
    return Document(files.save(content), files.bare_name(name, rules.NAME_MAX), kind, len(content))


def _claimed(form: ClaimForm) -> Claimed:
    """Raises DomainError for a competency that is not known, or a level without one."""
    chosen, level = form.competency.data or "", form.level.data or ""
    competency = dictionary.competency_by_code(chosen) if chosen else None
    if chosen and competency is None:
        raise DomainError(gettext("Pilih kompetensi dari daftar"), "competency")
    if bool(chosen) != bool(level):
        raise DomainError(
            gettext("Pilih kompetensi beserta tingkatnya, atau kosongkan keduanya"), "level"
        )
    assert form.started_on.data
    assert form.ended_on.data
    return Claimed(
        kind=ClaimKind(form.kind.data),
        title=_line(form.title.data),
        organiser=_line(form.organiser.data),
        number=_line(form.number.data) or None,
        started_on=form.started_on.data,
        ended_on=form.ended_on.data,
        valid_until=form.valid_until.data,
        form=form.form.data,
        quantity=form.quantity.data,
        abroad=bool(form.abroad.data),
        competency=competency,
        level=int(level) if level else None,
    )


def _line(typed: str | None) -> str:
    return " ".join((typed or "").split())


def _filled(found: "EvidenceClaim") -> ClaimForm:
    names = ("title", "organiser", "number", "started_on", "ended_on", "valid_until", "form")
    return ClaimForm(
        formdata=None,
        **{name: getattr(found, name) for name in names},
        kind=found.kind.value,
        quantity=found.quantity,
        abroad=found.abroad,
        competency=found.competency.code if found.competency else "",
        level=str(found.level or ""),
    )


def _page(form: ClaimForm, kept: Document | None = None, changed: UUID | None = None) -> str:
    actor = current_actor()
    today = clock.today(actor.time_zone)
    form.kind.choices = [(kind.value, str(words)) for kind, words in KINDS.items()]
    form.form.choices = [
        (each.code, f"{each.name} ({UNITS[each.unit]})")
        for each in queries.forms_on(today).values()
    ]
    form.competency.choices = [
        ("", gettext("tidak ada")), *((row.code, row.name) for row in dictionary.choices())
    ]  # fmt: skip
    form.level.choices = [("", gettext("tidak ada")), *((str(n), str(n)) for n in range(1, 6))]
    if kept is not None:
        form.kept.data = tokens.sign(_KEPT, {**vars(kept), "person": str(actor.person_uuid)})
    return render_template(
        "development/edit_claim.html", form=form, kept=kept.name if kept else "", changed=changed,
        today=today,
    )  # fmt: skip


def _uuid(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None
