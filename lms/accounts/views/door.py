"""Signing in and out, and what becomes of an act when a session ended before it was sent."""

import secrets
from urllib.parse import urlsplit
from uuid import UUID

from flask import (
    current_app,
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
from flask_wtf.csrf import CSRFError
from structlog import get_logger

from lms.accounts import queries
from lms.accounts.actions import passwords, sessions, tries
from lms.accounts.forms import SignInForm
from lms.accounts.queries.sessions import holder_of_session, own_session
from lms.accounts.views import held
from lms.accounts.views.blueprint import acting, bp, inside, network_address, wait_words
from lms.core.access import is_open_to_all, is_signed_in, public
from lms.core.db import SAFE_METHODS, db, transaction
from lms.core.errors import DomainError, error_page, wants_json
from lms.core.forms import writing
from lms.core.passwords import hash_password, is_right_password, needs_rehash

log = get_logger()


@bp.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    if is_signed_in():
        return redirect(inside(request.args.get("next")))
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
        verdict = tries.reserve_try(tries.SIGN_IN, identifier, network_address())
    if not verdict.allowed:
        form.form_errors = [wait_words(verdict)]
        log.info("sign-in held back")
        return _sign_in_page(form), 429
    person = queries.person_by_identifier(identifier)
    stored = person.password_hash if person and not person.deactivated_at else None
    db.session.rollback()
    if not is_right_password(stored, password) or person is None:
        form.form_errors = [_refusal_words(verdict.left)]
        account = tries.account_digest(identifier)
        log.info(
            "sign-in refused", left=verdict.left, account=account[:16], address=network_address()
        )
        return _sign_in_page(form), 422
    try:
        passwords.assert_not_over(person)
    except DomainError as error:
        form.refuse(error)
        account = tries.account_digest(identifier)
        log.info("sign-in refused", over=True, account=account[:16], address=network_address())
        return _sign_in_page(form), 422
    new_hash = hash_password(password) if stored and needs_rehash(stored) else None
    remembered = bool(form.remember.data)
    with transaction():
        # By itself: two people who change places must not wait for each other's audit chain.
        sessions.end_replaced_session(session.get("_user_id", ""))
    with writing(form):
        passwords.assert_unchanged(person, stored)
        key = sessions.open_session(
            person,
            remembered=remembered,
            device=request.headers.get("User-Agent", ""),
            address=network_address(),
            new_hash=new_hash,
        )
        _begin_browser_session(key, person.uuid, remembered=remembered)
        act = held.act_of(form.held.data or "", person.uuid, person.id)
        if act:
            return render_template("accounts/resume.html", **act)
        return redirect(inside(form.next.data))
    return _sign_in_page(form), 422


@bp.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    if is_signed_in():
        actor = acting()
        with writing():
            sessions.end_session(actor, own_session(actor, actor.session_uuid))
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
        return redirect(url_for("accounts.sign_in", next=held.own_address()))
    form = SignInForm(formdata=None, next=_page_before(), held=held.hold_act())
    return _sign_in_page(form, ended=True), 401


def csrf_refused(error: CSRFError) -> ResponseReturnValue:
    """A form came with a token that does not fit this browser's session: it is forged, or the
    browser has lost its cookies or signed in anew since the page was made.

    What came from a page of ours is not lost: it is offered again to the person of that page.
    """
    log.info("csrf refused", reason=error.description)
    owner = held.owner_of_page()
    foreign = request.headers.get("Sec-Fetch-Site") == "cross-site"
    if owner is None or foreign or is_open_to_all():
        return _refused_form()
    if wants_json() or not is_signed_in():
        return unauthorized()
    actor = acting()
    act = held.act_of(held.hold_act(), actor.person_uuid, actor.person_id)
    return (render_template("accounts/resume.html", **act), 400) if act else _refused_form()


def _refused_form() -> ResponseReturnValue:
    page = error_page(400)
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        # The browser kept its cookie back from another site's form; a new one would replace it.
        session.modified = False
    return page


def begin_csrf(person_uuid: UUID) -> None:
    """A new CSRF token for this browser's session, made out to the person: by it a form tells whose
    page it was on, also when the browser has lost the session."""
    session[held.CSRF_KEY] = f"{secrets.token_hex(20)}.{person_uuid}"


def _sign_in_page(form: SignInForm, *, ended: bool = False) -> str:
    if not held.is_held(form.held.data):
        form.held.data = ""
    return render_template(
        "accounts/sign_in.html",
        form=form,
        held=bool(form.held.data),
        ended=ended,
        demo_accounts=current_app.config["DEMO_ACCOUNTS"],
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
    before = holder_of_session(session.get("_user_id", ""))
    csrf = session.get(held.CSRF_KEY) if before == person_uuid else None
    session.clear()
    g.pop(held.CSRF_KEY, None)  # a token made for the page that was sent belongs to the old cookie
    if csrf:
        session[held.CSRF_KEY] = csrf
    else:
        begin_csrf(person_uuid)
    session["_user_id"] = key
    session["_fresh"] = True
    # By this Flask-Login sets its cookie, or removes that of whoever was here before.
    session["_remember"] = "set" if remembered else "clear"


def _page_before() -> str:
    """The page of this site that the form was on: where to go after signing in."""
    try:
        before = urlsplit(request.referrer or "")
    except ValueError:
        return ""
    return f"{before.path}?{before.query}".rstrip("?") if before.netloc == request.host else ""
