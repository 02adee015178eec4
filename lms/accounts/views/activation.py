"""The first password by a code from a letter: the code, then the password."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from lms.accounts.actions import activation, passwords, tries
from lms.accounts.forms import ActivateForm, NewPasswordForm
from lms.accounts.views.blueprint import bp, network_address, wait_words
from lms.core.access import public
from lms.core.db import db, transaction
from lms.core.errors import DomainError
from lms.core.forms import writing
from lms.core.passwords import hash_password


@bp.route("/activate", methods=["GET", "POST"])
@public
def activate() -> ResponseReturnValue:
    """Number and code. The answer does not tell whether there is such an account."""
    form, status = ActivateForm(), 200
    if request.method == "POST":
        status = 422
        if form.validate():
            identifier = form.identifier.data or ""
            with transaction():
                verdict = tries.reserve_try(tries.ACTIVATE, identifier, network_address())
            if verdict.allowed:
                token = activation.token_of_code(identifier, form.code.data or "")
                if token:
                    with transaction():
                        tries.forget_tries_of(identifier)
                    return redirect(url_for(".new_password", token=token))
                form.form_errors = [
                    gettext("NIP atau kode tidak cocok, atau kodenya tidak berlaku lagi."),
                    ngettext("Sisa %(num)d percobaan.", "Sisa %(num)d percobaan.", verdict.left),
                ]
            else:
                form.form_errors, status = [wait_words(verdict)], 429
    return render_template("accounts/activate.html", form=form), status


@bp.route("/activate/<token>", methods=["GET", "POST"])
@public
def new_password(token: str) -> ResponseReturnValue:
    person = activation.person_of_token(token)
    if person is None:
        flash(gettext("Kode ini sudah dipakai atau tidak berlaku lagi. Minta kode baru."), "bad")
        return redirect(url_for(".activate"))
    form, status = NewPasswordForm(), 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                passwords.check_new_password(person, form.password.data or "")
            except DomainError as error:
                form.refuse(error)
            else:
                db.session.rollback()  # no connection is held while hashing
                new_hash = hash_password(form.password.data or "")
                with writing(form):
                    activation.activate(person, token, new_hash)
                    flash(gettext("Akun Anda aktif. Masuk dengan kata sandi baru."), "ok")
                    return redirect(url_for(".sign_in"))
    username = person.email or person.nip
    return render_template("accounts/reset_password.html", form=form, username=username), status
