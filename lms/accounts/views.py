"""Signing in and out, the password, the own account and its sessions."""

import math
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import UUID

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from structlog import get_logger

from lms.accounts import actions, queries, rules
from lms.accounts.forms import (
    ChangePasswordForm,
    ForgotPasswordForm,
    NewPasswordForm,
    SignInForm,
)
from lms.accounts.queries import SignedIn
from lms.core import clock, i18n, tokens
from lms.core.access import Permission, current_actor, is_signed_in, public, requires
from lms.core.db import SAFE_METHODS, db, transaction
from lms.core.errors import DomainError, wants_json
from lms.core.forms import EmptyForm, writing
from lms.core.passwords import hash_password, is_right_password, needs_rehash

if TYPE_CHECKING:
    from lms.accounts.models import Person

bp = Blueprint("accounts", __name__)
log = get_logger()

HELD = "held-act"
HELD_SECONDS = 12 * 3600
HELD_LIMIT = 60_000
CSRF_KEY = "csrf_token"
SECRET_FIELDS = {"password", "password_again", "current"}
# What a page cannot carry in a hidden field: control characters but tab and line breaks.
UNCARRIED = dict.fromkeys({*range(32), 127} - {9, 10, 13})


# ── Signing in and out ───────────────────────────────────────────────────────────────────────


@bp.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    if is_signed_in():
        return redirect(_inside(request.args.get("next")))
    form = SignInForm(next=request.args.get("next", ""))
    return _sign_in_page(form)


@bp.post("/sign-in")
@public
def try_sign_in() -> ResponseReturnValue:
    form = SignInForm()
    if not form.validate():
        return _sign_in_page(form), 422
    identifier, password = form.identifier.data or "", form.password.data or ""
    with transaction():
        verdict = actions.reserve_try(actions.SIGN_IN, identifier, _address())
    if not verdict.allowed:
        form.form_errors = [_wait_words(verdict)]
        log.info("sign-in held back")
        return _sign_in_page(form), 429
    person = queries.person_by_identifier(identifier)
    stored = person.password_hash if person and not person.deactivated_at else None
    db.session.rollback()
    if not is_right_password(stored, password) or person is None:
        form.form_errors = [_refusal_words(verdict.left)]
        account = actions.account_digest(identifier)
        log.info("sign-in refused", left=verdict.left, account=account[:16], address=_address())
        return _sign_in_page(form), 422
    new_hash = hash_password(password) if stored and needs_rehash(stored) else None
    remembered = bool(form.remember.data)
    with transaction():
        # By itself: two people who change places must not wait for each other's audit chain.
        actions.end_replaced_session(session.get("_user_id", ""))
    with writing(form):
        actions.assert_unchanged(person, stored)
        key = actions.open_session(
            person,
            remembered=remembered,
            device=request.headers.get("User-Agent", ""),
            address=_address(),
            new_hash=new_hash,
        )
        _begin_browser_session(key, person.uuid, remembered=remembered)
        held = _held_act(form.held.data or "", person)
        if held:
            return render_template("accounts/resume.html", **held)
        return redirect(_inside(form.next.data))
    return _sign_in_page(form), 422


@bp.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    if is_signed_in():
        actor = _actor()
        with writing():
            actions.end_session(actor, queries.own_session(actor, actor.session_uuid))
    session.clear()
    session["_remember"] = "clear"  # Flask-Login removes its cookie by this
    response = make_response(redirect(url_for("accounts.sign_in")))
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def unauthorized() -> ResponseReturnValue:
    """Somebody without a live session asked for a page that needs one.

    What was being sent is not lost: it is signed, put into the sign-in form, and offered again
    after the same person has signed in.
    """
    if wants_json():
        return {
            "error": gettext("Sesi Anda berakhir."),
            "sign_in": url_for("accounts.sign_in"),
        }, 401
    if request.method in SAFE_METHODS:
        return redirect(url_for("accounts.sign_in", next=_own_address()))
    form = SignInForm(formdata=None, next=_page_before(), held=_hold_act())
    return _sign_in_page(form, ended=True), 401


def _sign_in_page(form: SignInForm, *, ended: bool = False) -> str:
    held = tokens.unsign(HELD, form.held.data or "", HELD_SECONDS) is not None
    if not held:
        form.held.data = ""
    return render_template(
        "accounts/sign_in.html",
        form=form,
        held=held,
        ended=ended,
        demo_accounts=current_app.config["DEMO_ACCOUNTS"],
    )


def _wait_words(verdict: rules.TryVerdict) -> str:
    assert verdict.retry_at is not None
    minutes = max(1, math.ceil((verdict.retry_at - clock.now()).total_seconds() / 60))
    return ngettext(
        "Terlalu banyak percobaan. Coba lagi dalam %(num)d menit.",
        "Terlalu banyak percobaan. Coba lagi dalam %(num)d menit.",
        minutes,
    )


def _refusal_words(left: int) -> str:
    if left == 0:
        return gettext("NIP, surel, atau kata sandi tidak cocok. Akun ditahan 15 menit.")
    return ngettext(
        "NIP, surel, atau kata sandi tidak cocok. Sisa %(num)d percobaan.",
        "NIP, surel, atau kata sandi tidak cocok. Sisa %(num)d percobaan.",
        left,
    )


def _begin_browser_session(key: str, person_uuid: UUID, *, remembered: bool) -> None:
    """A fresh cookie. Only when the same person signs in again does the CSRF token live on, so
    that pages open in other tabs can still be sent."""
    before = queries.holder_of_session(session.get("_user_id", ""))
    csrf = session.get(CSRF_KEY) if before == person_uuid else None
    session.clear()
    g.pop(CSRF_KEY, None)  # a token made for the page that was sent belongs to the old cookie
    if csrf:
        session[CSRF_KEY] = csrf
    session["_user_id"] = key
    session["_fresh"] = True
    # By this Flask-Login sets its cookie, or removes that of whoever was here before.
    session["_remember"] = "set" if remembered else "clear"


def _hold_act() -> str:
    """What was sent, signed for its sender; empty where it holds a password or is too large."""
    owner = queries.holder_of_session(session.get("_user_id", ""))
    if owner is None or SECRET_FIELDS & set(request.form):
        return ""
    fields = [
        (name.translate(UNCARRIED), value.translate(UNCARRIED))
        for name, value in request.form.items(multi=True)
        if name != CSRF_KEY
    ]
    value = {
        "person": str(owner),
        "action": _own_address(),
        "fields": fields,
        "at": clock.now().isoformat(),
    }
    token = tokens.sign(HELD, value)
    return token if len(token) <= HELD_LIMIT else ""


def _held_act(token: str, person: "Person") -> dict[str, object] | None:
    value = tokens.unsign(HELD, token, HELD_SECONDS)
    if value is None or value["person"] != str(person.uuid):
        return None
    post = queries.post_of(person.id)
    zone = post.time_zone if post else queries.DEFAULT_ZONE
    return {
        "held_action": _inside(value["action"]),
        "held_fields": value["fields"],
        "held_at": i18n.instant(datetime.fromisoformat(value["at"]), zone),
    }


def _own_address() -> str:
    return request.full_path.rstrip("?")


def _page_before() -> str:
    """The page of this site that the form was on: where to go after signing in."""
    try:
        before = urlsplit(request.referrer or "")
    except ValueError:
        return ""
    return f"{before.path}?{before.query}".rstrip("?") if before.netloc == request.host else ""


def _inside(address: str | None) -> str:
    """The address if it is a path of this site, else the home page: no open redirect."""
    return rules.inner_path(address) or url_for("learning.home")


def _address() -> str:
    return (request.remote_addr or "")[:45]


# ── Passwords ────────────────────────────────────────────────────────────────────────────────


@bp.route("/password/forgot", methods=["GET", "POST"])
@public
def forgot_password() -> ResponseReturnValue:
    form = ForgotPasswordForm()
    if request.method == "GET":
        return render_template("accounts/forgot_password.html", form=form)
    if not form.validate():
        return render_template("accounts/forgot_password.html", form=form), 422
    with writing():
        identifier = form.identifier.data or ""
        verdict = actions.reserve_try(actions.RESET, identifier, _address())
        person = queries.person_by_identifier(identifier)
        if verdict.allowed and person is not None:
            actions.send_reset_link(person)
    # The same words whether or not there is such an account.
    return render_template("accounts/forgot_password_sent.html", hours=actions.RESET_HOURS)


@bp.route("/password/reset/<token>", methods=["GET", "POST"])
@public
def reset_password(token: str) -> ResponseReturnValue:
    person = actions.person_of_reset_link(token)
    if person is None:
        form = ForgotPasswordForm(formdata=None)
        form.form_errors = [
            gettext("Tautan ini sudah dipakai atau kedaluwarsa. Minta tautan baru.")
        ]
        return render_template("accounts/forgot_password.html", form=form), 422
    form = NewPasswordForm()
    if request.method == "POST" and form.validate():
        try:
            actions.check_new_password(person, form.password.data or "")
        except DomainError as error:
            form.refuse(error)
        else:
            new_hash = hash_password(form.password.data or "")
            with writing(form):
                actions.reset_password(person, token, new_hash)
                flash(gettext("Kata sandi baru tersimpan. Masuk dengan kata sandi itu."), "ok")
                return redirect(url_for("accounts.sign_in"))
    status = 422 if request.method == "POST" else 200
    page = render_template("accounts/reset_password.html", form=form, username=person.email)
    return page, status


@bp.route("/password/change", methods=["GET", "POST"])
@requires(Permission.ACCOUNTS_OWN_MANAGE)
def change_password() -> ResponseReturnValue:
    actor, form, status = _actor(), ChangePasswordForm(), 200
    if request.method == "POST":
        status = 422
        if form.validate():
            status = _try_change(actor, form)
    if status == 302:
        flash(gettext("Kata sandi baru tersimpan. Sesi lain sudah diakhiri."), "ok")
        return redirect(url_for("learning.home"))
    person = queries.own_person(actor)
    page = render_template(
        "accounts/change_password.html",
        form=form,
        forced=actor.must_change_password,
        username=person.email or person.nip,
    )
    return page, status


def _try_change(actor: SignedIn, form: ChangePasswordForm) -> int:
    """Change the password if all is well; the status of the answer. The current password is asked
    for like one at the door: each try counts, and both count together."""
    current, new = form.current.data or "", form.password.data or ""
    person = queries.own_person(actor)
    stored = person.password_hash
    try:
        actions.check_new_password(person, new)
        if new == current:
            raise DomainError(gettext("Kata sandi baru sama dengan yang sekarang"), "password")
        with transaction():
            verdict = actions.reserve_try(actions.SIGN_IN, person.nip, _address())
        if not verdict.allowed:
            form.refuse(DomainError(_wait_words(verdict)))
            return 429
        if not is_right_password(stored, current):
            raise DomainError(gettext("Kata sandi sekarang tidak cocok"), "current")
    except DomainError as error:
        form.refuse(error)
        return 422
    new_hash = hash_password(new)
    with writing(form):
        actions.change_password(
            actor, person, new_hash, checked_hash=stored, keep=actor.session_uuid
        )
        return 302
    return 422


def require_new_password() -> ResponseReturnValue | None:
    """Before every request: an initial password must be replaced before anything else."""
    free = ("accounts.change_password", "accounts.sign_out", "accounts.preferences", None)
    if request.endpoint in free or request.blueprint == "core" or not is_signed_in():
        return None
    return redirect(url_for("accounts.change_password")) if _actor().must_change_password else None


# ── The own account ──────────────────────────────────────────────────────────────────────────


@bp.get("/my/settings")
@requires(Permission.ACCOUNTS_OWN_MANAGE)
def settings() -> ResponseReturnValue:
    actor = _actor()
    person = queries.own_person(actor)
    post = actor.post
    facts = [
        (gettext("Nama"), person.name),
        (_number_label(person.employment), rules.spaced_nip(person.nip)),
        (gettext("Surel"), person.email or gettext("belum ada")),
        (gettext("Jabatan"), post.position_name if post else gettext("belum ditempatkan")),
        (gettext("Unit kerja"), post.unit_name if post else gettext("belum ditempatkan")),
    ]
    roles = [f"{_role_words(grant.role)}, {grant.unit.name}" for grant in queries.own_roles(actor)]
    if roles:
        facts.append((gettext("Peran"), "; ".join(roles)))
    return render_template(
        "accounts/settings.html", facts=facts, sessions=_session_rows(actor), form=EmptyForm()
    )


@bp.post("/my/sessions/<uuid:uuid>/end")
@requires(Permission.ACCOUNTS_OWN_MANAGE)
def end_session(uuid: UUID) -> ResponseReturnValue:
    actor = _actor()
    with writing():
        actions.end_session(actor, queries.own_session(actor, uuid))
    flash(gettext("Sesi diakhiri."), "ok")
    return redirect(url_for("accounts.settings"))


@bp.post("/my/sessions/end-others")
@requires(Permission.ACCOUNTS_OWN_MANAGE)
def end_other_sessions() -> ResponseReturnValue:
    actor = _actor()
    with writing():
        ended = actions.end_other_sessions(actor, actor.session_uuid)
    flash(ngettext("%(num)d sesi diakhiri.", "%(num)d sesi diakhiri.", ended), "ok")
    return redirect(url_for("accounts.settings"))


@bp.post("/preferences")
@public
def preferences() -> ResponseReturnValue:
    """Language and theme, kept on this device; the language also with the account."""
    response = make_response(redirect(_inside(request.form.get("next"))))
    language, theme = request.form.get("language"), request.form.get("theme")
    if language in i18n.LANGUAGES:
        if is_signed_in():
            with writing():
                actions.set_language(current_actor(), language)
        _keep(response, "language", language)
    if theme in ("light", "dark"):
        _keep(response, "theme", theme)
    elif theme == "auto":
        response.delete_cookie("theme")
    return response


def _keep(response: Response, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=365 * 86400,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )


def _session_rows(actor: SignedIn) -> list[dict[str, object]]:
    return [
        {
            "uuid": row.uuid,
            "device": _device_words(row.device),
            "address": row.address,
            "started": i18n.instant(row.created_at, actor.time_zone),
            "last_seen": i18n.instant(row.last_seen_at, actor.time_zone),
            "is_current": row.uuid == actor.session_uuid,
        }
        for row in queries.own_sessions(actor)
    ]


def _device_words(agent: str) -> str:
    systems = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux")
    browsers = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"),
                ("Safari", "Safari"))  # fmt: skip
    system = next((name for name in systems if name in agent), "")
    browser = next((name for mark, name in browsers if mark in agent), "")
    return ", ".join(filter(None, (browser, system))) or gettext("Perangkat tidak dikenal")


def _number_label(employment: rules.Employment) -> str:
    return "NI PPPK" if employment is rules.Employment.PPPK else "NIP"


def _role_words(role: rules.Role) -> str:
    return {
        rules.Role.TRAINER: gettext("Pengajar"),
        rules.Role.HR: gettext("Admin SDM"),
        rules.Role.AUDITOR: gettext("Auditor"),
        rules.Role.ADMIN: gettext("Admin sistem"),
    }[role]


def _actor() -> SignedIn:
    actor = current_actor()
    assert isinstance(actor, SignedIn)
    return actor
