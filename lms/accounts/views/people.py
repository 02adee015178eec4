"""The register of people for HR, auditors and admins: who is there, in which unit, with which
roles; and what an admin may change about an account."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lms.accounts import rules
from lms.accounts.actions import activation, people, roles
from lms.accounts.forms import EndRoleForm, GrantRoleForm
from lms.accounts.queries import SignedIn, imports, register
from lms.accounts.queries.register import AccountState
from lms.accounts.views.account import number_label, role_words
from lms.accounts.views.blueprint import acting, bp
from lms.core import clock, i18n, paging
from lms.core.access import Permission, requires
from lms.core.errors import DomainError, NotFound
from lms.core.forms import EmptyForm, writing
from lms.formats import codes

if TYPE_CHECKING:
    from lms.accounts.models import Person, Placement, RegisterImport, RoleGrant, Unit

READ, MANAGE = Permission.ACCOUNTS_PEOPLE_READ, Permission.ACCOUNTS_PEOPLE_MANAGE


@bp.get("/people", endpoint="people")
@requires(READ)
def people_page() -> ResponseReturnValue:
    actor, search, after = acting(), paging.search_words(), paging.after_uuid()
    state = _state(request.args.get("state", ""))
    code = request.args.get("unit", "")[: rules.CODE_MAX]
    unit = register.unit_within(actor, code, READ) if code else None
    found, more = list[register.Listed](), False
    if unit or not code:
        found, more = register.people_in(actor, search=search, state=state, unit=unit, after=after)
    chosen: dict[str, Any] = {"q": search or None, "state": state, "unit": code or None}
    return render_template(
        "accounts/people.html",
        rows=[_row(row) for row in found],
        search=search,
        state=state,
        states=[(s, _state_words(s)) for s in AccountState],
        unit=unit,
        unit_code=code,
        units=register.units_within(actor, READ),
        is_filtered=bool(search or state or code),
        may_manage=MANAGE in actor.permissions,
        first_url=url_for(".people", **chosen) if after else None,
        next_url=url_for(".people", **chosen, after=found[-1].uuid) if more else None,
    )


@bp.get("/people/letters")
@requires(MANAGE)
def letters() -> ResponseReturnValue:
    """For whom letters with activation codes would be made, before they are."""
    actor, code = acting(), request.args.get("unit", "")[: rules.CODE_MAX]
    unit = register.unit_within(actor, code, MANAGE) if code else None
    imported = _imported(actor, request.args.get("import", ""))
    waiting, more = _waiting(actor, unit, imported)
    return render_template(
        "accounts/letters.html",
        unit=unit,
        unit_code=code,
        imported=imported,
        units=register.units_within(actor, MANAGE),
        waiting=[_row(row) for row in waiting],
        more=more,
        limit=rules.LETTERS_MAX,
        form=EmptyForm(),
    )


@bp.post("/people/letters/print")
@requires(MANAGE)
def print_letters() -> ResponseReturnValue:
    """Letters to print, one a page. The codes stand on this answer only, and nowhere else."""
    actor = acting()
    unit = register.unit_within(actor, request.form.get("unit", "")[: rules.CODE_MAX], MANAGE)
    listed, _ = _waiting(actor, unit, _imported(actor, request.form.get("import", "")))
    uuids = [row.uuid for row in listed]
    with writing():
        persons = register.persons_within(actor, uuids, MANAGE)
        given, left_out = activation.give_codes(actor, persons)
    return _letters_page(
        [(person.name, person.nip, code) for person, code in given],
        left_out=[person.name for person in left_out],
    )


@bp.get("/people/<uuid:uuid>", endpoint="person")
@requires(READ)
def person_page(uuid: UUID) -> ResponseReturnValue:
    return _person_page(acting(), uuid)


@bp.post("/people/<uuid:uuid>/activation-code")
@requires(MANAGE)
def give_code(uuid: UUID) -> ResponseReturnValue:
    """A letter with a new code for one person."""
    actor = acting()
    try:
        with writing():
            person = register.person_within(actor, uuid, MANAGE)
            code = activation.give_code(actor, person)
    except DomainError as error:
        return _refused(uuid, error)
    return _letters_page([(person.name, person.nip, code)])


@bp.post("/people/<uuid:uuid>/close")
@requires(MANAGE)
def close_account(uuid: UUID) -> ResponseReturnValue:
    actor = acting()
    try:
        with writing():
            people.deactivate_person(actor, register.person_within(actor, uuid, MANAGE))
    except DomainError as error:
        return _refused(uuid, error)
    flash(gettext("Akun ditutup. Rekam jejaknya tetap tersimpan."), "ok")
    return redirect(url_for(".person", uuid=uuid))


@bp.post("/people/<uuid:uuid>/open")
@requires(MANAGE)
def open_account(uuid: UUID) -> ResponseReturnValue:
    actor = acting()
    try:
        with writing():
            people.reactivate_person(actor, register.person_within(actor, uuid, MANAGE))
    except DomainError as error:
        return _refused(uuid, error)
    flash(gettext("Akun dibuka kembali."), "ok")
    return redirect(url_for(".person", uuid=uuid))


@bp.post("/people/<uuid:uuid>/roles")
@requires(MANAGE)
def grant_role(uuid: UUID) -> ResponseReturnValue:
    actor, form = acting(), GrantRoleForm()
    person = register.person_within(actor, uuid, MANAGE)
    form.role.choices = _role_choices()
    if form.validate():
        unit = register.unit_within(actor, form.unit.data or "", MANAGE)
        if unit is None:
            form.refuse(
                DomainError(gettext("Tidak ada unit dengan kode ini dalam wewenang Anda"), "unit")
            )
            return _person_page(actor, uuid, form), 422
        with writing(form):
            roles.grant_role(
                person,
                rules.Role(form.role.data),
                unit,
                start_on=form.start_on.data or clock.today(unit.time_zone),
                end_on=form.end_on.data,
                reason=form.reason.data or "",
                actor=actor,
            )
            flash(gettext("Peran diberikan."), "ok")
            return redirect(url_for(".person", uuid=uuid))
    return _person_page(actor, uuid, form), 422


@bp.route("/people/<uuid:uuid>/roles/<uuid:grant>/end", methods=["GET", "POST"])
@requires(MANAGE)
def end_role(uuid: UUID, grant: UUID) -> ResponseReturnValue:
    """Asks for the reason, then ends the role."""
    actor, form, status = acting(), EndRoleForm(), 200
    person = register.person_within(actor, uuid, MANAGE)
    held = register.role_within(actor, person, grant)
    if request.method == "POST":
        status = 422
        if form.validate():
            with writing(form):
                roles.end_role(actor, held, reason=form.reason.data or "")
                flash(gettext("Peran diakhiri."), "ok")
                return redirect(url_for(".person", uuid=uuid))
    page = render_template(
        "accounts/end_role.html",
        person_uuid=uuid,
        name=person.name,
        role=role_words(held.role),
        unit=held.unit.name,
        form=form,
    )
    return page, status


def _refused(uuid: UUID, error: DomainError) -> ResponseReturnValue:
    flash(error.message, "bad")
    return redirect(url_for(".person", uuid=uuid))


def _imported(actor: SignedIn, typed: str) -> "RegisterImport | None":
    try:
        return imports.import_for(actor, UUID(typed)) if typed else None
    except ValueError:
        raise NotFound from None


def _waiting(
    actor: SignedIn, unit: "Unit | None", imported: "RegisterImport | None"
) -> tuple[list[register.Listed], bool]:
    """Who has neither password nor code yet in a unit and below, or of an import; at most as many
    as are printed at a time."""
    if unit is None and imported is None:
        return [], False
    return register.people_in(
        actor,
        state=AccountState.WAITING,
        unit=unit,
        imported=imported,
        without_code=True,
        limit=rules.LETTERS_MAX,
    )


def _letters_page(
    given: list[tuple[str, str, str]], left_out: Sequence[str] = ()
) -> ResponseReturnValue:
    page = render_template(
        "accounts/letters_print.html",
        letters=[
            {"name": name, "nip": rules.spaced_nip(nip), "code": codes.grouped(code)}
            for name, nip, code in given
        ],
        left_out=left_out,
        days=rules.ACTIVATION_DAYS,
    )
    return page, 200, {"Cache-Control": "no-store"}


def _person_page(actor: SignedIn, uuid: UUID, form: GrantRoleForm | None = None) -> str:
    person = register.person_within(actor, uuid, READ)
    may_manage = MANAGE in actor.permissions and _is_within(actor, uuid)
    if may_manage and form is None:
        form = GrantRoleForm(formdata=None, start_on=clock.today(actor.time_zone))
        form.role.choices = _role_choices()
    code, seen = register.code_of(person), register.last_seen(person)
    placed = register.history_of(person)
    return render_template(
        "accounts/person.html",
        uuid=uuid,
        name=person.name,
        initials=rules.initials(person.name),
        number_label=number_label(person.employment),
        number=rules.spaced_nip(person.nip),
        email=person.email,
        state=_state_of(person.password_hash, person.deactivated_at),
        state_words=_state_words(_state_of(person.password_hash, person.deactivated_at)),
        closed=i18n.instant(person.deactivated_at, actor.time_zone)
        if person.deactivated_at
        else "",
        seen=i18n.instant(seen, actor.time_zone) if seen else "",
        code_until=i18n.instant(code.expires_at, actor.time_zone) if code else "",
        placements=[_placement_row(p) for p in placed],
        roles=[_role_row(actor, g) for g in register.roles_of(person)],
        is_self=person.id == actor.person_id,
        may_manage=may_manage,
        may_assign=_may_assign(actor, person, placed),
        may_grant_time=Permission.LEARNING_TIME_GRANT in actor.permissions,
        units=register.units_within(actor, MANAGE) if may_manage else [],
        form=form,
        button=EmptyForm(formdata=None),
    )


def _is_within(actor: SignedIn, uuid: UUID) -> bool:
    try:
        register.person_within(actor, uuid, MANAGE)
    except NotFound:
        return False
    return True


def _may_assign(actor: SignedIn, person: "Person", placed: "Sequence[Placement]") -> bool:
    """As HR: to whoever has an open account and is placed within reach, and is not the actor."""
    reach, day = actor.paths_of(Permission.LEARNING_TEAM_ASSIGN), clock.today(actor.time_zone)
    is_there = any(
        rules.is_within(p.unit.path, reach) and rules.covers(day, p.start_on, p.end_on)
        for p in placed
    )
    return is_there and person.id != actor.person_id and person.deactivated_at is None


def _state(typed: str) -> AccountState | None:
    return AccountState(typed) if typed in set(AccountState) else None


def _state_of(password_hash: str | None, closed: object) -> AccountState:
    if closed:
        return AccountState.CLOSED
    return AccountState.ACTIVE if password_hash else AccountState.WAITING


def _state_words(state: AccountState) -> str:
    return {
        AccountState.ACTIVE: gettext("Aktif"),
        AccountState.WAITING: gettext("Belum aktivasi"),
        AccountState.CLOSED: gettext("Ditutup"),
    }[state]


def _row(row: register.Listed) -> dict[str, object]:
    return {
        "uuid": row.uuid,
        "name": row.name,
        "nip": rules.spaced_nip(row.nip),
        "state": row.state,
        "state_words": _state_words(row.state),
        "position": row.post.position_name if row.post else "",
        "unit": row.post.unit_name if row.post else "",
    }


def _placement_row(placement: "Placement") -> dict[str, object]:
    return {
        "position": placement.position.name,
        "unit": placement.unit.name,
        "span": _span(placement.start_on, placement.end_on),
        "acting": placement.standing is rules.PlacementStanding.ACTING,
        "heads": placement.heads_unit,
    }


def _role_row(actor: SignedIn, grant: "RoleGrant") -> dict[str, object]:
    today = clock.today(grant.unit.time_zone)
    reach = actor.paths_of(MANAGE)
    within = rules.is_within(grant.unit.path, reach)
    over = grant.end_on is not None and grant.end_on < today
    return {
        "uuid": grant.uuid,
        "role": role_words(grant.role),
        "unit": grant.unit.name,
        "span": _span(grant.start_on, grant.end_on),
        "reason": grant.reason,
        "over": over,
        "may_end": within and not over and grant.person_id != actor.person_id,
    }


def _span(start_on: date, end_on: date | None) -> str:
    since = i18n.long_date(start_on)
    if end_on is not None and end_on < start_on:
        return gettext("ditarik sebelum %(day)s berlalu", day=since)
    if end_on is None:
        return gettext("sejak %(day)s", day=since)
    return gettext("%(first)s sampai %(last)s", first=since, last=i18n.long_date(end_on))


def _role_choices() -> list[tuple[str, str]]:
    return [(role.value, role_words(role)) for role in rules.Role]
