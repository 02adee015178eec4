"""Kompeten: learning and competency records for civil servants. Assembly of the rooms."""

from collections.abc import Callable, MutableMapping
from dataclasses import replace
from functools import cache
from types import SimpleNamespace
from typing import Any

from flask import Flask, Response, g, request, url_for
from flask.templating import Environment
from flask_babel import gettext
from flask_compress import Compress
from flask_login import LoginManager, current_user
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from structlog import get_logger
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter

from lms import cli
from lms.accounts import jobs as account_jobs
from lms.accounts.actions import sessions
from lms.accounts.queries import SignedIn
from lms.accounts.queries.register import reaches_all
from lms.accounts.queries.sessions import signed_in_for
from lms.accounts.views import account, activation, audit_log, door, imports, password
from lms.accounts.views import blueprint as account_views
from lms.accounts.views import people as people_views
from lms.competencies import jobs as competency_jobs
from lms.competencies.views import blueprint as competency_views
from lms.competencies.views import (
    dictionary,
    hour_policies,
    policies,
    ratings,
    standards,
    tables,
)
from lms.config import ROOT, Settings, flask_config, from_environment
from lms.core import (
    access,
    assets,
    clock,
    db,
    display,
    errors,
    files,
    headers,
    i18n,
    jobs,
    logs,
    mail,
)  # fmt: skip
from lms.core import views as core_views
from lms.core.access import Permission
from lms.core.db import transaction
from lms.courses.views import bank as course_bank
from lms.courses.views import bank_settings as course_bank_settings
from lms.courses.views import banks as course_banks
from lms.courses.views import blueprint as course_views
from lms.courses.views import captions, history, lessons, media, preview
from lms.courses.views import copying as course_copying
from lms.courses.views import members as course_members
from lms.courses.views import new as new_course
from lms.courses.views import outline as course_outline
from lms.courses.views import published as course_published
from lms.courses.views import question as course_question
from lms.courses.views import question_history as course_question_history
from lms.courses.views import question_import as course_import
from lms.courses.views import quizzes as course_quizzes
from lms.courses.views import release as course_release
from lms.courses.views import review as course_review
from lms.courses.views import settings as course_settings
from lms.courses.views import versions as course_versions
from lms.courses.views.tabs import tabs_of
from lms.credentials import jobs as certificate_jobs
from lms.credentials import views as credentials_views
from lms.demo import DEMO_ACCOUNTS, is_demo
from lms.development.views import blueprint as development_views
from lms.development.views import own, queues
from lms.learning import jobs as learning_jobs
from lms.learning.queries.marking import waiting_in
from lms.learning.views import (
    allowances,
    analytics,
    assignments,
    behind,
    catalogue,
    course_learner,
    enrolment,
    entering,
    essay,
    home,
    learners,
    marking,
    offering,
    person_profile,
    player,
    profile,
    quiz,
    reading,
    regrades,
    revoking,
    runs,
    studio,
    transcript,
)
from lms.learning.views import blueprint as learning_views
from lms.notifications import jobs as notification_jobs
from lms.notifications import queries as inbox
from lms.notifications import views as notifications_views
from lms.reports.views import blueprint as report_views
from lms.reports.views import delegations, team, units
from lms.upkeep import verification
from lms.upkeep import views as upkeep_views

log = get_logger()
# Importing them puts them on the blueprint of their room.
PAGES = (
    account, activation, allowances, analytics, assignments, audit_log, behind, captions,
    catalogue, course_bank, course_bank_settings, course_banks, course_copying,
    course_import, course_learner, course_members, course_outline, course_published,
    course_question, course_question_history, course_quizzes, course_release, course_review,
    course_settings, course_versions,
    delegations, dictionary, door, enrolment, entering, essay, history, home, hour_policies,
    imports, learners, lessons, marking, media, new_course, offering, own, password, people_views,
    person_profile, player, policies, preview, profile, queues, quiz, ratings, reading, regrades,
    revoking, runs, standards, studio,
    tables, team, transcript, units,
)  # fmt: skip


class _Environment(Environment):
    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        # Jinja's chain of dictionaries is walked at every import in every template of a page.
        return {**self.globals, **(d or {})}


class _App(Flask):
    jinja_environment = _Environment

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        # Nothing here is asynchronous; Flask would look at every hook at every request.
        return func


class SlugConverter(BaseConverter):
    """Lower-case words joined by hyphens."""

    regex = r"[a-z0-9]+(?:-[a-z0-9]+)*"


def create_app(settings: Settings | None = None, **overrides: Any) -> Flask:
    """Build the application. `overrides` replace single settings (tests, commands).

    Raises StartError, with a sentence for the operator, when it cannot start.
    """
    settings = replace(settings or from_environment(), **overrides)
    app = _App(
        "lms",
        root_path=str(ROOT / "lms"),
        template_folder=str(ROOT / "templates"),
        static_folder=None,
    )
    app.config.from_mapping(flask_config(settings))
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True, "autoescape": True}
    app.url_map.converters["slug"] = SlugConverter
    logs.init_app(app)
    db.init_app(app)
    Migrate(app, db.db, directory=str(ROOT / "migrations"))
    i18n.init_app(app)
    _init_sign_in(app)
    files.init_app(app)
    errors.init_app(app)
    CSRFProtect(app)
    app.register_error_handler(CSRFError, door.csrf_refused)
    access.init_app(app)
    app.before_request(password.require_new_password)
    headers.init_app(app)
    app.after_request(_touch_session)
    Compress(app)
    assets.init_app(app, ROOT / "static")
    jobs.init_app(
        app,
        {
            "analyses": learning_jobs.sweep_analyses,
            "regrades": learning_jobs.sweep_regrades,
            "withdrawals": learning_jobs.sweep_withdrawals,
            "seats": learning_jobs.sweep_seats,
            "bulk acts": learning_jobs.sweep_bulk_acts,
            "assignments": learning_jobs.sweep_assignments,
            "notifications": notification_jobs.sweep_mail,
            "mail": mail.send_due_mail,
            "attempts": learning_jobs.sweep_attempts,
            "certificates": certificate_jobs.sweep_files,
            "certificate reminders": certificate_jobs.sweep_reminders,
            "levels": competency_jobs.sweep_levels,
            "imports": account_jobs.sweep_imports,
            "old imports": account_jobs.sweep_old_imports,
            "verification": verification.sweep,
            "tries": account_jobs.sweep_tries,
            "sessions": account_jobs.sweep_sessions,
            "codes": account_jobs.sweep_codes,
            "old mail": mail.remove_old_mail,
        },
    )
    if settings.PROXIES:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.PROXIES, x_proto=settings.PROXIES, x_host=settings.PROXIES
        )
    for module in (
    core_views, account_views, competency_views, notifications_views, credentials_views,
    course_views, learning_views, report_views, development_views, upkeep_views,
    ):  # fmt: skip
        app.register_blueprint(module.bp)
    cli.init_app(app)
    _init_templates(app, settings)
    access.assert_every_route_is_marked(app)
    app.after_request(db.finish_request)
    return app


class _SignInManager(LoginManager):  # type: ignore[misc]  # Flask-Login has no types
    def _load_user_from_remember_cookie(self, cookie: str) -> Any:
        # Flask-Login compares signatures of ASCII text only and raises on anything else.
        user = super()._load_user_from_remember_cookie(cookie) if cookie.isascii() else None
        if user is not None:
            door.begin_csrf(user.person_uuid)
        return user


def _init_sign_in(app: Flask) -> None:
    manager = _SignInManager(app)
    manager.session_protection = None  # a phone changes its address; the session row decides
    manager.user_loader(signed_in_for)
    manager.unauthorized_handler(door.unauthorized)


def _touch_session(response: Response) -> Response:
    """Note that a session was seen, at most every five minutes, after the request's own commit."""
    actor = g.get("_login_user")
    if (
        isinstance(actor, SignedIn)
        and response.status_code < 500
        and clock.now() - actor.last_seen_at > sessions.LAST_SEEN_EVERY
    ):
        try:
            with transaction():
                sessions.touch_session(actor.session_id)
        except SQLAlchemyError as error:
            # The act itself is done; that it was seen now can be noted the next time.
            log.warning("last seen not noted", error=str(error))
    return response


def _init_templates(app: Flask, settings: Settings) -> None:
    site = SimpleNamespace(
        name=settings.SITE_NAME, short_name=settings.SITE_SHORT_NAME, url=settings.SITE_URL
    )

    app.jinja_env.globals["url_for"] = _address
    app.jinja_env.globals["waiting_essays"] = waiting_in
    app.jinja_env.globals["studio_tabs"] = tabs_of

    @app.context_processor
    def page_frame() -> dict[str, Any]:
        # An error page of ours must not ask the database again.
        plain = g.get("plain_page", False)
        signed_in = not plain and current_user.is_authenticated
        actor = current_user._get_current_object() if signed_in else None
        return {
            "site": site,
            "actor": actor,
            "nav": _nav(actor) if actor else (),
            "unread": inbox.unread_count(actor) if actor else 0,
            "locale": i18n.language(),
            "theme": display.chosen("theme"),
            "text_size": display.chosen("text"),
            "saves_data": display.chosen("data") == "less",
        }

    @app.before_request
    def note_demo() -> None:
        # Whether the process lives must not depend on the database.
        if not hasattr(site, "demo") and request.blueprint != "core":
            site.demo = is_demo()
            app.config["DEMO_ACCOUNTS"] = DEMO_ACCOUNTS if site.demo else ()


def _address(endpoint: str, **values: Any) -> str:
    """`url_for` of templates: most addresses of a page have no values and never change."""
    return url_for(endpoint, **values) if values else _fixed_address(endpoint)


@cache
def _fixed_address(endpoint: str) -> str:
    return url_for(endpoint)


def _nav(actor: Any) -> tuple[SimpleNamespace, ...]:
    held = actor.permissions
    if not reaches_all(actor.paths_of(Permission.SITE_UPKEEP_MANAGE)):
        held -= {Permission.SITE_UPKEEP_MANAGE}
    return _places(i18n.language(), held)


@cache
def _places(language: str, held: frozenset[Permission]) -> tuple[SimpleNamespace, ...]:
    """The places that one can go to, in the order of the bar; the language is the request's."""
    places = (
        ("home", gettext("Beranda"), "home", "learning.home", None),
        ("learn", gettext("Belajar"), "book-2", "learning.catalogue", None),
        ("hours", gettext("Transkrip"), "certificate", "learning.hours", None),
        ("team", gettext("Tim saya"), "users", "reports.team", Permission.REPORTS_TEAM_READ),
        (
            "units", gettext("Unit kerja"), "chart-bar", "reports.units",
            Permission.REPORTS_UNITS_READ,
        ),
        ("studio", gettext("Studio"), "edit", "courses.studio", Permission.COURSES_STUDIO_USE),
        ("profile", gettext("Profil"), "user", "learning.profile", None),
        (
            "people", gettext("Pegawai"), "users", "accounts.people",
            Permission.ACCOUNTS_PEOPLE_READ,
        ),
        (
            "claims", gettext("Klaim"), "shield-check", "development.claims",
            Permission.DEVELOPMENT_CLAIMS_VERIFY,
        ),
        (
            "oversight", gettext("Pengawasan"), "history", "upkeep.oversight",
            Permission.AUDIT_LOG_READ,
        ),
        (
            "site", gettext("Situs"), "adjustments-horizontal", "upkeep.site",
            Permission.SITE_UPKEEP_MANAGE,
        ),
    )  # fmt: skip
    items = [place[:4] for place in places if place[4] is None or place[4] in held]
    keys = [key for key, *_ in items]
    works = not {"team", "units", "studio"}.isdisjoint(keys)
    on_phones = [key for key in keys if not (works and key == "hours")][:4]
    # Eight fit a laptop's bar; the account menu holds the others, one's own record first.
    on_top = keys if len(keys) <= 8 else [k for k in keys if k not in {"hours", "profile"}][:8]
    return tuple(
        SimpleNamespace(
            key=key, label=label, icon=icon, url=url_for(endpoint),
            phone=key in on_phones,  # the bar at the foot holds four
            top=key in on_top,
        )
        for key, label, icon, endpoint in items
    )  # fmt: skip
