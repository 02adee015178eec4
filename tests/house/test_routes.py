"""The house rules of routes: every one is declared, named as the others are, and open to whom it
says, for every role and method."""

import re
import uuid

import pytest
from flask import Blueprint, Flask
from werkzeug.routing import Rule

from lms import create_app
from lms.config import Settings
from lms.core import access
from lms.core.access import PUBLIC, Permission, access_of
from lms.core.errors import StartError
from tests.cast import Cast
from tests.client import PageClient
from tests.reports import delegating

# Who may pass the gate of a route, by its mark. Objects inside are the loaders' matter.
ROLES = ("anonymous", "learner", "head", "delegate", "trainer", "hr", "auditor", "admin")
SIGNED_IN = {*ROLES} - {"anonymous"}
OPEN_TO: dict[Permission | str, set[str]] = {
    PUBLIC: {*ROLES},
    Permission.ACCOUNTS_PEOPLE_MANAGE: {"admin"},
    Permission.ACCOUNTS_PEOPLE_READ: {"hr", "auditor", "admin"},
    Permission.AUDIT_LOG_READ: {"auditor", "admin"},
    Permission.COMPETENCIES_DICTIONARY_MANAGE: {"hr"},
    Permission.COMPETENCIES_RATINGS_RECORD: {"hr"},
    Permission.COURSES_STUDIO_USE: {"trainer", "hr"},
    Permission.CREDENTIALS_PEOPLE_MANAGE: {"hr"},
    Permission.DEVELOPMENT_CLAIMS_VERIFY: {"hr"},
    Permission.LEARNING_TIME_GRANT: {"hr"},
    Permission.REPORTS_UNITS_READ: {"hr"},
    Permission.SITE_UPKEEP_MANAGE: {"admin"},
    **{p: {"head", "delegate"} for p in access.DELEGATE},
    Permission.ACCOUNTS_TEAM_DELEGATE: {"head"},
    Permission.LEARNING_TEAM_ASSIGN: {"head", "delegate", "hr"},
    **dict.fromkeys(access.EVERYBODY, SIGNED_IN),
}
PEOPLE = {
    "learner": "learner", "head": "head", "delegate": "colleague", "trainer": "stranger",
    "hr": "hr", "auditor": "auditor", "admin": "admin",
}  # fmt: skip


def rules(app: Flask) -> list[Rule]:
    return sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))


def test_every_route_declares_its_access(site: Flask) -> None:
    for rule in rules(site):
        mark = access_of(site.view_functions[rule.endpoint])
        assert mark == PUBLIC or isinstance(mark, Permission), rule.endpoint


def test_an_application_with_an_undeclared_route_refuses_to_start(
    site: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    stray = Blueprint("stray", __name__)
    stray.add_url_rule("/stray", "page", lambda: "open to all by mistake")
    monkeypatch.setattr("lms.cli.init_app", lambda app: app.register_blueprint(stray))
    settings = Settings(
        **{key: site.config[key] for key in ("DATABASE_URL", "DATA_DIR", "UPLOADS_DIR")}
    )
    with pytest.raises(StartError, match=r"stray\.page"):
        create_app(settings)


def test_addresses_are_kebab_case_with_typed_parameters(site: Flask) -> None:
    for rule in rules(site):
        for part in rule.rule.strip("/").split("/"):
            if part.startswith("<"):
                assert re.fullmatch(r"<(slug|uuid|int|path):[a-z]+>|<token>", part), rule.rule
            else:
                assert re.fullmatch(r"[a-z]*(-[a-z]+)*", part), rule.rule


def test_an_endpoint_is_named_room_dot_page(site: Flask) -> None:
    for rule in rules(site):
        assert re.fullmatch(r"[a-z]+\.[a-z_]+", rule.endpoint), rule.endpoint


def test_nothing_that_changes_something_answers_to_get(site: Flask) -> None:
    """A route with a form answers GET and POST; one that only acts answers POST alone."""
    with_a_page = {"accounts.end_role", "upkeep.outbox"}  # asks for the reason; a list
    acting = re.compile(
        r"/(done|enrol|attempts|submit|end|end-others|open|read|read-all|mail|progress|note|activation-code|close|roles|print|extend|withdraw|undo|preview|remind|assign|draft|export|set|endorse|approve|return|apply|recheck|count|run|retry|modules|parts|move|remove|restore|archive|unarchive|message|give|ask|comments|settle|reopen|decide|decline|cancel|leave)$|^/sign-out$|^/preferences$"
    )
    for rule in rules(site):
        if acting.search(rule.rule) and rule.endpoint not in with_a_page:
            assert "GET" not in (rule.methods or ()), rule.rule


def cells(app: Flask) -> list[tuple[str, str, str]]:
    return [
        (rule.rule, method, role)
        for rule in rules(app)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        for role in ROLES
    ]


def test_the_matrix_of_routes_and_roles(app: Flask, cast: Cast) -> None:
    """Every route x method x role: who has no right gets 401, 403 or the sign-in page, and nobody
    gets a fault of ours."""
    delegating.give(app, cast, "agency_head", "colleague", "a")
    clients = {role: app.test_client() for role in ROLES}
    for role, name in PEOPLE.items():
        client = clients[role]
        assert isinstance(client, PageClient)
        client.sign_in(cast.people[name])
    endpoints = {rule.rule: rule.endpoint for rule in rules(app)}
    wrong = []
    for path, method, role in cells(app):
        if path == "/sign-out":
            continue  # would end the session of the cells that follow
        mark = access_of(app.view_functions[endpoints[path]])
        assert mark is not None
        client = clients[role]
        assert isinstance(client, PageClient)
        answer = (
            client.get(_filled(path)) if method == "GET" else client.send(_filled(path), {"seq": 1})
        )
        inside = role in OPEN_TO[mark]
        if not _as_declared(
            answer.status_code, answer.headers.get("Location", ""), method, role, inside
        ):
            wrong.append(f"{method} {path} as {role}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def _filled(path: str) -> str:
    values = {"slug": "tidak-ada", "uuid": str(uuid.uuid4()), "int": "1", "path": "media/x.png"}
    path = path.replace("<token>", "palsu")
    return re.sub(r"<(\w+):\w+>", lambda m: values[m.group(1)], path)


def _as_declared(status: int, location: str, method: str, role: str, inside: bool) -> bool:
    if status >= 500:
        return False
    if inside:
        return status != 401 and not (
            status == 302 and "/sign-in" in location and role != "anonymous"
        )
    if role == "anonymous":
        return (status == 302 and "/sign-in" in location) if method == "GET" else status == 401
    return status == 403
