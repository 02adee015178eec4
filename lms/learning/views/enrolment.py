"""Pendaftaran: whom a course takes in and how, the requests to it and the invitations."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from lms.accounts import rules as people
from lms.accounts.queries import position_by_code, unit_by_code
from lms.accounts.rules import PositionKind
from lms.core import i18n, paging
from lms.core.access import Permission, current_actor, requires
from lms.core.errors import DomainError
from lms.core.forms import EmptyForm, writing
from lms.courses.actions import prerequisites
from lms.courses.queries import catalogue
from lms.courses.queries.drafts import entered, role_in, written_course
from lms.courses.queries.studio import workshop
from lms.courses.rules import CourseRole
from lms.learning.actions import admitting
from lms.learning.forms import AnswerRequestsForm, InviteForm, PolicyForm
from lms.learning.queries import entering as queries
from lms.learning.rules import AdmissionState, EnrolmentWay
from lms.learning.views.analytics import taught
from lms.learning.views.blueprint import bp
from lms.learning.views.choosing import ticked
from lms.learning.views.doors import KINDS, audience_words, way_words

if TYPE_CHECKING:
    from lms.accounts.models import Position, Unit

STUDIO = Permission.COURSES_STUDIO_USE
APPROVE, REFUSE = "approve", "refuse"


@bp.route("/studio/<slug:slug>/enrolment", methods=["GET", "POST"])
@requires(STUDIO)
def enrolment(slug: str) -> ResponseReturnValue:
    """The policy: everybody who teaches the course sees it, its owners change it."""
    actor, status = current_actor(), 200
    course = taught(actor, slug)
    policy, required = queries.policy_of(course.id), queries.required_of(course.id)
    form = PolicyForm(
        data={
            "way": policy.way,
            "units": [code for code, _ in policy.units],
            "positions": [code for code, _ in policy.positions],
            "kinds": list(policy.kinds),
            "requires": [each.slug for each in required],
            "by_run": policy.by_run,
        }
    )
    if request.method == "POST":
        written_course(actor, slug)
        status = 422
        if form.validate():
            with writing(form):
                course = written_course(actor, slug)
                requires = [slug for slug in form.requires.data if slug]
                prerequisites.set_prerequisites(actor, course, requires)
                admitting.set_policy(
                    actor, course, EnrolmentWay(form.way.data),
                    units=_units(form), positions=_positions(form),
                    kinds=[kind for kind in PositionKind if kind in form.kinds.data],
                    by_run=form.by_run.data,
                )  # fmt: skip
                flash(gettext("Aturan pendaftaran disimpan."), "ok")
                return redirect(url_for(".enrolment", slug=slug))
        course = taught(actor, slug)
    form.spare()
    page = render_template(
        "learning/enrolment.html",
        course=workshop(course),
        form=form,
        is_owner=role_in(actor, course) is CourseRole.OWNER,
        required=required,
        published=catalogue.current().entries[: queries.MOST_CHOICES],
        now_words=[words for words in (audience_words(policy), way_words(policy.way)) if words],
        waiting=queries.waiting_of(course.id),
        kinds=list(KINDS.items()),
        units=queries.unit_choices(),
        positions=queries.position_choices(),
    )
    return page, status


def _units(form: PolicyForm) -> "list[Unit]":
    found: dict[str, Unit] = {}
    for code in filter(None, form.units.data):
        unit = unit_by_code(code)
        if unit is None:
            raise DomainError(gettext("Tidak ada unit dengan kode “%(code)s”", code=code), "units")
        found[code] = unit
    return list(found.values())


def _positions(form: PolicyForm) -> "list[Position]":
    found: dict[str, Position] = {}
    for code in filter(None, form.positions.data):
        position = position_by_code(code)
        if position is None:
            raise DomainError(
                gettext("Tidak ada jabatan dengan kode “%(code)s”", code=code), "positions"
            )
        found[code] = position
    return list(found.values())


# ── Requests ─────────────────────────────────────────────────────────────────────────────────


@bp.get("/studio/<slug:slug>/enrolment/requests")
@requires(STUDIO)
def enrolment_requests(slug: str) -> ResponseReturnValue:
    return _requests_page(slug, AnswerRequestsForm(formdata=None))


@bp.post("/studio/<slug:slug>/enrolment/requests/decide")
@requires(STUDIO)
def decide_requests(slug: str) -> ResponseReturnValue:
    """Approve or refuse those that were ticked."""
    actor, form = current_actor(), AnswerRequestsForm()
    entered(actor, slug)
    uuids = ticked()
    if not uuids or form.verdict.data not in (APPROVE, REFUSE):
        return redirect(url_for(".enrolment_requests", slug=slug))
    if form.validate():
        with writing(form):
            course = written_course(actor, slug)
            if form.verdict.data == APPROVE:
                count = admitting.approve(actor, course, uuids)
                told = ngettext(
                    "%(num)s permintaan disetujui.", "%(num)s permintaan disetujui.", count
                )
            else:
                count = admitting.refuse(actor, course, uuids, reason=form.reason.data or "")
                told = ngettext("%(num)s permintaan ditolak.", "%(num)s permintaan ditolak.", count)
            flash(told, "ok" if count else "warn")
            return redirect(url_for(".enrolment_requests", slug=slug))
    return _requests_page(slug, form), 422


def _requests_page(slug: str, form: AnswerRequestsForm) -> str:
    actor = current_actor()
    course = entered(actor, slug)
    search, after = paging.search_words(), paging.after_id("after")
    rows, more = queries.requests_of(course.id, search, after)
    kept: dict[str, Any] = {"q": search} if search else {}
    return render_template(
        "learning/enrolment_requests.html",
        course=workshop(course),
        rows=[_row(row, actor.time_zone) for row in rows],
        count=queries.waiting_of(course.id).requests,
        ticked=request.form.getlist("p"),
        search=search,
        form=form,
        first_url=url_for(".enrolment_requests", slug=slug, **kept) if after else None,
        next_url=url_for(".enrolment_requests", slug=slug, **kept, after=rows[-1].id)
        if more
        else None,
    )


def _row(row: queries.Listed, zone: str) -> dict[str, Any]:
    return {
        "uuid": row.uuid,
        "name": row.name,
        "nip": people.spaced_nip(row.nip),
        "post": row.post,
        "state": row.state,
        "reason": row.reason,
        "by": row.by,
        "at": i18n.instant(row.made_at, zone),
    }


# ── Invitations ──────────────────────────────────────────────────────────────────────────────


@bp.route("/studio/<slug:slug>/enrolment/invitations", methods=["GET", "POST"])
@requires(STUDIO)
def invitations(slug: str) -> ResponseReturnValue:
    """Who was invited and what they answered; invites others."""
    actor, form = current_actor(), InviteForm()
    entered(actor, slug)
    if request.method == "GET":
        return _invitations_page(slug, InviteForm(formdata=None))
    if form.validate():
        with writing(form):
            course = written_course(actor, slug)
            count, left_out = _invite(course, form)
            told = ngettext("%(num)s orang diundang.", "%(num)s orang diundang.", count)
            if left_out:
                told += " " + ngettext(
                    "%(num)s dilewati: sudah terdaftar, selesai, diundang, atau meminta.",
                    "%(num)s dilewati: sudah terdaftar, selesai, diundang, atau meminta.",
                    left_out,
                )
            flash(told, "ok" if count else "warn")
            return redirect(url_for(".invitations", slug=slug))
    return _invitations_page(slug, form), 422


def _invite(course: Any, form: InviteForm) -> tuple[int, int]:
    """Those ticked among the found, those whose numbers were typed, or a unit: one of the three."""
    actor = current_actor()
    ticked = [uuid for sent in request.form.getlist("p") if (uuid := paging.public_id(sent))]
    if ticked:
        return admitting.invite(actor, course, ticked)
    nips = [nip for line in (form.nips.data or "").splitlines() if (nip := people.tidy_nip(line))]
    if len(nips) > admitting.MOST_INVITED:
        raise DomainError(
            gettext("Paling banyak %(num)s NIP sekaligus.", num=admitting.MOST_INVITED), "nips"
        )
    if nips:
        return admitting.invite_by_nip(actor, course, list(dict.fromkeys(nips)))
    code = people.tidy_line(form.unit.data or "")
    if not code:
        raise DomainError(gettext("Isi NIP, atau kode unit."), "nips")
    unit = unit_by_code(code)
    if unit is None:
        raise DomainError(gettext("Tidak ada unit dengan kode “%(code)s”", code=code), "unit")
    return admitting.invite_unit(actor, course, unit)


@bp.post("/studio/<slug:slug>/enrolment/invitations/withdraw")
@requires(STUDIO)
def withdraw_invitations(slug: str) -> ResponseReturnValue:
    actor = current_actor()
    entered(actor, slug)
    uuids = ticked()
    if uuids:
        with writing():
            count = admitting.withdraw_invitations(actor, written_course(actor, slug), uuids)
        told = ngettext("%(num)s undangan ditarik.", "%(num)s undangan ditarik.", count)
        flash(told, "ok" if count else "warn")
    return redirect(url_for(".invitations", slug=slug))


@bp.post("/studio/<slug:slug>/enrolment/invitations/<uuid:uuid>/restore")
@requires(STUDIO)
def restore_invitation(slug: str, uuid: UUID) -> ResponseReturnValue:
    """Undo: an invitation that was taken back waits for its answer again."""
    actor = current_actor()
    entered(actor, slug)
    with writing():
        course = written_course(actor, slug)
        admitting.restore_invitation(actor, course, queries.invitation_for(course.id, uuid))
    flash(gettext("Undangan berlaku lagi."), "ok")
    return redirect(url_for(".invitations", slug=slug))


def _invitations_page(slug: str, form: InviteForm) -> str:
    actor = current_actor()
    course = written_course(actor, slug)
    state = request.args.get("state", "")
    kept: dict[str, Any] = {
        key: value
        for key, value in (
            ("q", paging.search_words()),
            ("state", state if state in set(AdmissionState) else ""),
        )
        if value
    }
    before, find = paging.after_id("before"), request.args.get("find", "").strip()[:100]
    rows, more = queries.invitations_of(
        course.id,
        kept.get("q", ""),
        AdmissionState(kept["state"]) if "state" in kept else None,
        before,
    )
    found = queries.to_invite(actor, course.id, find) if find else []
    return render_template(
        "learning/invitations.html",
        course=workshop(course),
        rows=[(_row(row, actor.time_zone), _state_words(row.state)) for row in rows],
        kept=kept,
        states=[(each, _state_words(each)) for each in AdmissionState],
        find=find,
        found=[(row, people.spaced_nip(row.nip)) for row in found],
        most=queries.MOST_FOUND,
        may_invite=course.current_version_id is not None and course.archived_at is None,
        units=queries.unit_choices(),
        form=form,
        empty=EmptyForm(formdata=None),
        first_url=url_for(".invitations", slug=slug, **kept) if before else None,
        next_url=url_for(".invitations", slug=slug, **kept, before=rows[-1].id) if more else None,
    )


def _state_words(state: AdmissionState) -> str:
    return {
        AdmissionState.WAITING: gettext("Belum dijawab"),
        AdmissionState.ACCEPTED: gettext("Diterima"),
        AdmissionState.REFUSED: gettext("Ditolak"),
        AdmissionState.WITHDRAWN: gettext("Ditarik"),
    }[state]
