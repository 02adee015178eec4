"""The own account: what is known of it, its sessions, language and theme."""

from uuid import UUID

from flask import (
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from lms.accounts import queries, rules
from lms.accounts.actions import people, sessions
from lms.accounts.queries import SignedIn
from lms.accounts.queries.sessions import own_session, own_sessions
from lms.accounts.views.blueprint import acting, bp, inside
from lms.core import i18n
from lms.core.access import Permission, current_actor, is_signed_in, public, requires
from lms.core.display import CHOICES
from lms.core.forms import EmptyForm, writing


@bp.get("/my/settings")
@requires(Permission.ACCOUNTS_OWN_MANAGE)
def settings() -> ResponseReturnValue:
    actor = acting()
    person = queries.own_person(actor)
    post = actor.post
    facts = [
        (gettext("Nama"), person.name),
        (number_label(person.employment), rules.spaced_nip(person.nip)),
        (gettext("Surel"), person.email or gettext("belum ada")),
        (gettext("Jabatan"), post.position_name if post else gettext("belum ditempatkan")),
        (gettext("Unit kerja"), post.unit_name if post else gettext("belum ditempatkan")),
    ]
    roles = [f"{role_words(grant.role)}, {grant.unit.name}" for grant in queries.own_roles(actor)]
    if roles:
        facts.append((gettext("Peran"), "; ".join(roles)))
    return render_template(
        "accounts/settings.html",
        facts=facts,
        email=person.email,
        mail_choice=person.mail_choice or rules.USUAL_MAIL,
        sessions=_session_rows(actor),
        form=EmptyForm(),
    )


@bp.post("/my/settings/mail")
@requires(Permission.ACCOUNTS_OWN_MANAGE)
def choose_mail() -> ResponseReturnValue:
    """When news come by mail as well."""
    actor = acting()
    choice = request.form.get("mail")
    if choice in set(rules.MailChoice):
        with writing():
            people.set_mail_choice(actor, rules.MailChoice(choice))
        flash(gettext("Pilihan surel disimpan."), "ok")
    return redirect(url_for("accounts.settings"))


@bp.post("/my/sessions/<uuid:uuid>/end")
@requires(Permission.ACCOUNTS_OWN_MANAGE)
def end_session(uuid: UUID) -> ResponseReturnValue:
    actor = acting()
    with writing():
        sessions.end_session(actor, own_session(actor, uuid))
    flash(gettext("Sesi diakhiri."), "ok")
    return redirect(url_for("accounts.settings"))


@bp.post("/my/sessions/end-others")
@requires(Permission.ACCOUNTS_OWN_MANAGE)
def end_other_sessions() -> ResponseReturnValue:
    actor = acting()
    with writing():
        ended = sessions.end_other_sessions(actor, actor.session_uuid)
    flash(ngettext("%(num)d sesi diakhiri.", "%(num)d sesi diakhiri.", ended), "ok")
    return redirect(url_for("accounts.settings"))


@bp.post("/preferences")
@public
def preferences() -> ResponseReturnValue:
    """Language, appearance and data saver, kept on this device; the language also with the
    account."""
    response = make_response(redirect(inside(request.form.get("next"))))
    language = request.form.get("language")
    if language in i18n.LANGUAGES:
        if is_signed_in():
            with writing():
                people.set_language(current_actor(), language)
        _keep(response, "language", language)
    for name, (usual, others) in CHOICES.items():
        value = request.form.get(name)
        if value in others:
            _keep(response, name, value)
        elif value == usual:
            response.delete_cookie(name)
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
        for row in own_sessions(actor)
    ]


def _device_words(agent: str) -> str:
    systems = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux")
    browsers = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"),
                ("Safari", "Safari"))  # fmt: skip
    system = next((name for name in systems if name in agent), "")
    browser = next((name for mark, name in browsers if mark in agent), "")
    return ", ".join(filter(None, (browser, system))) or gettext("Perangkat tidak dikenal")


def number_label(employment: rules.Employment) -> str:
    return "NI PPPK" if employment is rules.Employment.PPPK else "NIP"


def role_words(role: rules.Role) -> str:
    return {
        rules.Role.TRAINER: gettext("Pengajar"),
        rules.Role.HR: gettext("Admin SDM"),
        rules.Role.AUDITOR: gettext("Auditor"),
        rules.Role.ADMIN: gettext("Admin sistem"),
    }[role]
