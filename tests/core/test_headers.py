"""Security headers on every kind of response (ASVS 3.4), and who may say that it is https."""

import re
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from lms.core.headers import CONTENT_SECURITY_POLICY
from tests.cast import Cast
from tests.client import PageClient
from tests.core.conftest import MakeApp
from tests.sample_course import import_course, write_course

YEAR = 31536000


@pytest.fixture
def answers(app: Flask, client: PageClient, cast: Cast) -> dict[str, TestResponse]:
    """One response of every kind."""
    found = {
        "page": client.get("/sign-in"),
        "json": client.get("/healthz"),
        "redirect": client.get("/"),
        "missing": client.get("/nothing"),
        "wrong method": client.get("/sign-out"),
        "no token": client.post("/sign-in"),
        "too large": client.post("/sign-in", data=b"x" * (app.config["MAX_CONTENT_LENGTH"] + 1)),
        "options": client.options("/sign-in"),
        "head": client.head("/sign-in"),
        "static": client.get(asset(app, "css/app.css")),
        "static head": client.head(asset(app, "css/app.css")),
        "unknown static": client.get(asset(app, "css/none.css")),
        "nul": client.get("/%00"),
    }
    found["static unchanged"] = client.get(
        asset(app, "css/app.css"),
        headers={"If-Modified-Since": found["static"].headers["Last-Modified"]},
    )
    client.sign_in(cast.people["learner"])
    found["own page"] = client.get("/")
    found["refused"] = client.get("/team")
    found["form again"] = client.send("/password/change", {"current": "x"})
    found["script"] = client.get("/nothing", headers={"Accept": "application/json"})
    return found


def asset(app: Flask, name: str) -> str:
    with app.test_request_context():
        return str(app.jinja_env.globals["static"](name))  # type: ignore[operator]


def test_every_kind_of_response_is_there(answers: dict[str, TestResponse]) -> None:
    statuses = {kind: answer.status_code for kind, answer in answers.items()}
    assert statuses == {
        "page": 200, "json": 200, "redirect": 302, "missing": 404, "wrong method": 405,
        "no token": 400, "too large": 413, "options": 200, "head": 200, "static": 200,
        "static head": 200, "unknown static": 404, "nul": 400, "static unchanged": 304,
        "own page": 200, "refused": 403, "form again": 422, "script": 404,
    }  # fmt: skip


def test_every_response_carries_the_security_headers(answers: dict[str, TestResponse]) -> None:
    answers.pop("static unchanged")  # 304: the browser keeps the headers it has
    for kind, answer in answers.items():
        assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY, kind
        assert answer.headers["X-Content-Type-Options"] == "nosniff", kind
        assert answer.headers["Referrer-Policy"] == "strict-origin-when-cross-origin", kind
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin", kind
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", kind
        assert "camera=()" in answer.headers["Permissions-Policy"], kind
        assert "Server" not in answer.headers, kind
        assert "Access-Control-Allow-Origin" not in answer.headers, kind


def test_each_is_sent_once(answers: dict[str, TestResponse]) -> None:
    for kind, answer in answers.items():
        names = [name.lower() for name, _ in answer.headers if name.lower() != "set-cookie"]
        assert len(names) == len(set(names)), kind


def test_pages_are_kept_by_nobody_and_built_files_for_ever(
    answers: dict[str, TestResponse],
) -> None:
    for kind, answer in answers.items():
        if kind in ("static", "static head", "static unchanged"):
            assert f"max-age={YEAR}" in answer.headers["Cache-Control"], kind
            assert "immutable" in answer.headers["Cache-Control"], kind
        else:
            assert answer.headers["Cache-Control"] == "no-store", kind


def test_what_a_page_may_load_is_only_our_own() -> None:
    rules = dict(rule.split(" ", 1) for rule in CONTENT_SECURITY_POLICY.split("; "))
    assert rules["default-src"] == "'none'"  # objects, frames, workers, manifests
    assert rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["form-action"] == "'self'"
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "*" not in CONTENT_SECURITY_POLICY


def test_a_kind_of_content_and_its_alphabet_are_named(answers: dict[str, TestResponse]) -> None:
    for kind in ("page", "own page", "missing", "refused", "static", "redirect"):
        assert re.search('charset="?utf-8', answers[kind].headers["Content-Type"]), kind


@pytest.mark.parametrize("address", ["/sign-in", "/nothing", "/healthz", "static"])
def test_transport_security_is_promised_over_https_only(
    app: Flask, client: PageClient, address: str
) -> None:
    address = asset(app, "css/app.css") if address == "static" else address
    assert "Strict-Transport-Security" not in client.get(address).headers
    secure = client.get(address, base_url="https://localhost")
    promised = secure.headers.getlist("Strict-Transport-Security")
    assert promised == [f"max-age={YEAR}; includeSubDomains"]


def test_a_user_cannot_say_that_it_is_https(client: PageClient) -> None:
    """Without a proxy in front, X-Forwarded-* are a visitor's own words."""
    answer = client.get("/sign-in", headers={"X-Forwarded-Proto": "https"})
    assert "Strict-Transport-Security" not in answer.headers


@pytest.mark.parametrize(("proxies", "promised"), [(1, True), (2, False), (0, False)])
def test_the_stated_number_of_proxies_is_believed(
    make_app: MakeApp, proxies: int, promised: bool
) -> None:
    client = make_app(PROXIES=proxies).test_client()
    answer = client.get("/sign-in", headers={"X-Forwarded-Proto": "https"})
    assert ("Strict-Transport-Security" in answer.headers) is promised


@pytest.mark.parametrize("secure", [True, False])
def test_the_session_cookie_is_closed_to_scripts_and_other_sites(
    make_app: MakeApp, secure: bool
) -> None:
    client = make_app(SECURE_COOKIES=secure).test_client()
    cookie = client.get("/sign-in", base_url="https://localhost").headers["Set-Cookie"]
    assert cookie.startswith("__Host-kompeten=" if secure else "kompeten=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert ("Secure" in cookie) is secure


def test_a_learners_file_is_kept_privately_and_never_run(
    app: Flask, client: PageClient, cast: Cast, tmp_path: Path
) -> None:
    with app.app_context():
        import_course(write_course(tmp_path))
    client.sign_in(cast.people["learner"])
    client.send("/courses/melayani/enrol")
    page = client.get("/courses/melayani/learn/sapa").get_data(as_text=True)
    (name,) = re.findall(r'<img[^>]* src="([^"]+)"', page)
    answer = client.get(f"/courses/melayani/learn/{name}")
    assert answer.mimetype == "image/png"
    assert answer.headers["Cache-Control"].startswith("private")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
