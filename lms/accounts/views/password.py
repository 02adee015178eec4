"""Passwords forgotten, reset by a link, and changed."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lms.accounts import queries
from lms.accounts.actions import passwords, tries
from lms.accounts.forms import ChangePasswordForm, ForgotPasswordForm, NewPasswordForm
from lms.accounts.queries import SignedIn
from lms.accounts.views import held
from lms.accounts.views.blueprint import acting, bp, network_address, wait_words
from lms.core.access import Permission, is_signed_in, public, requires
from lms.core.db import SAFE_METHODS, transaction
from lms.core.errors import DomainError, wants_json
from lms.core.forms import writing
from lms.core.passwords import hash_password, is_right_password


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
        verdict = tries.reserve_try(tries.RESET, identifier, network_address())
        person = queries.person_by_identifier(identifier)
        if verdict.allowed and person is not None:
            passwords.send_reset_link(person)
    # The same words whether or not there is such an account.
    return render_template("accounts/forgot_password_sent.html", hours=passwords.RESET_HOURS)


@bp.route("/password/reset/<token>", methods=["GET", "POST"])
@public
def reset_password(token: str) -> ResponseReturnValue:
    person = passwords.person_of_reset_link(token)
    if person is None:
        form = ForgotPasswordForm(formdata=None)
        form.form_errors = [
            gettext("Tautan ini sudah dipakai atau kedaluwarsa. Minta tautan baru.")
        ]
        return render_template("accounts/forgot_password.html", form=form), 422
    form = NewPasswordForm()
    if request.method == "POST" and form.validate():
        try:
            passwords.check_new_password(person, form.password.data or "")
        except DomainError as error:
            form.refuse(error)
        else:
            new_hash = hash_password(form.password.data or "")
            with writing(form):
                passwords.reset_password(person, token, new_hash)
                flash(gettext("Kata sandi baru tersimpan. Masuk dengan kata sandi itu."), "ok")
                return redirect(url_for("accounts.sign_in"))
    status = 422 if request.method == "POST" else 200
    page = render_template("accounts/reset_password.html", form=form, username=person.email)
    return page, status


@bp.route("/password/change", methods=["GET", "POST"])
@requires(Permission.ACCOUNTS_OWN_MANAGE)
def change_password() -> ResponseReturnValue:
    actor, form, status = acting(), ChangePasswordForm(), 200
    if request.method == "POST":
        status = 422
        if form.validate():
            status = _try_change(actor, form)
    if status == 302:
        flash(gettext("Kata sandi baru tersimpan. Sesi lain sudah diakhiri."), "ok")
        act = held.act_of(form.held.data or "", actor.person_uuid, actor.person_id)
        if act:
            return render_template("accounts/resume.html", **act)
        return redirect(url_for("learning.home"))
    return _change_page(actor, form), status


def _change_page(actor: SignedIn, form: ChangePasswordForm) -> str:
    person = queries.own_person(actor)
    return render_template(
        "accounts/change_password.html",
        form=form,
        forced=actor.must_change_password,
        username=person.email or person.nip,
    )


def _try_change(actor: SignedIn, form: ChangePasswordForm) -> int:
    """Change the password if all is well; the status of the answer. The current password is asked
    for like one at the door: each try counts, and both count together."""
    current, new = form.current.data or "", form.password.data or ""
    person = queries.own_person(actor)
    stored = person.password_hash
    try:
        passwords.check_new_password(person, new)
        if new == current:
            raise DomainError(gettext("Kata sandi baru sama dengan yang sekarang"), "password")
        with transaction():
            verdict = tries.reserve_try(tries.SIGN_IN, person.nip, network_address())
        if not verdict.allowed:
            form.refuse(DomainError(wait_words(verdict)))
            return 429
        if not is_right_password(stored, current):
            raise DomainError(gettext("Kata sandi sekarang tidak cocok"), "current")
    except DomainError as error:
        form.refuse(error)
        return 422
    new_hash = hash_password(new)
    with writing(form):
        passwords.change_password(
            actor, person, new_hash, checked_hash=stored, keep=actor.session_uuid
        )
        return 302
    return 422


def require_new_password() -> ResponseReturnValue | None:
    """Before every request: an initial password must be replaced before anything else. What was
    being sent waits, as at the door."""
    free = ("accounts.change_password", "accounts.sign_out", "accounts.preferences", None)
    if request.endpoint in free or request.blueprint == "core" or not is_signed_in():
        return None
    if not acting().must_change_password:
        return None
    if wants_json():
        words = gettext("Buat kata sandi sendiri dahulu.")
        return {"error": words, "sign_in": url_for("accounts.change_password")}, 401
    if request.method in SAFE_METHODS:
        return redirect(url_for("accounts.change_password"))
    form = ChangePasswordForm(formdata=None, held=held.hold_act())
    return _change_page(acting(), form), 403
