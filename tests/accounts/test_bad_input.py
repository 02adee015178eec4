"""Every form of this room, every field, filled in to break it: never a fault of ours."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.accounts.models import CredentialTry
from tests.accounts.door import EMAIL, NEW_PASSWORD, change, form_on, reset_link, sessions
from tests.cast import PASSWORD, Cast
from tests.client import PageClient

BAD: dict[str, str | bytes] = {
    "empty": "",
    "blank": " \t\r\n\u00a0",
    "long": "x" * 5_000,
    "very long": "é" * 100_000,
    "NUL": "a\x00b",  # PostgreSQL refuses it in text
    "NUL alone": "\x00",
    "control characters": "\x01\x02\x1b[31m\x7f\x85",
    "line breaks": "a\r\nSet-Cookie: b=c\r\n\r\n<p>",
    "emoji": "👩🏽‍🌾🌾",
    "right to left": "\u202e\u2066تجربة\u200f\u2069",
    "no width": "\u200b\ufeff\u2060",
    "markup": "\"'><script>alert(1)</script><img src=x onerror=alert(1)>",
    "templates": "{{ 7*7 }}{% raw %} %(num)d %s %n ${x}",
    "patterns": "' OR ''='; DROP TABLE person; -- %_*",
    "half a pair": b"\xed\xa0\x80",  # no character: half of one above 65535
    "not UTF-8": b"\xff\xfe\x80",
    "combining": "a" + "\u0301" * 500,
    "digits of other scripts": "١٩٩٠٠٤٠٤٢٠١٥٠٤٢٠٠٤",
    "many digits": "9" * 254,
}

NEW = {"password": NEW_PASSWORD, "password_again": NEW_PASSWORD}
FORMS: dict[str, dict[str, str]] = {
    "/sign-in": {
        "identifier": EMAIL, "password": PASSWORD, "remember": "y", "next": "/", "held": "",
    },
    "/password/forgot": {"identifier": EMAIL},
    "/password/change": {"current": PASSWORD, **NEW},
    "RESET": NEW,  # stands for the link
    "/preferences": {"language": "id", "theme": "dark", "next": "/"},
    "/my/sessions/end-others": {"anything": "x"},
    "/sign-out": {"anything": "x"},
}  # fmt: skip
FIELDS = [(path, field) for path, fields in FORMS.items() for field in fields]
SIGNED_IN = {"/password/change", "/my/sessions/end-others"}


@pytest.fixture
def paths(app: Flask, cast: Cast, client: PageClient) -> Callable[[str], str]:
    """The path of a form, with a living link for the reset."""

    def path_of(path: str) -> str:
        if path != "RESET":
            return path
        change(app, sa.delete(CredentialTry))
        client.send("/password/forgot", {"identifier": EMAIL})
        return reset_link(app)

    return path_of


@pytest.mark.parametrize(("path", "field"), FIELDS)
def test_no_field_of_any_form_can_be_filled_in_to_break_it(
    app: Flask,
    cast: Cast,
    client: PageClient,
    paths: Callable[[str], str],
    path: str,
    field: str,
) -> None:
    """Done, or shown again with 422; the client checks that what is shown is sound HTML. A NUL is
    refused at the gate: nobody types one."""
    if path in SIGNED_IN:
        client.sign_in(cast.people["learner"])
    real = paths(path)
    for kind, value in BAD.items():
        response = client.send(real, {**FORMS[path], field: value})
        expected = (400,) if "NUL" in kind else (200, 302, 422)
        assert response.status_code in expected, f"{kind}: {response.status_code}"
        if isinstance(value, str) and "<script>" in value:
            assert "<script>alert" not in response.get_data(as_text=True)
        assert "b=c" not in str(response.headers.getlist("Set-Cookie"))
        change(app, sa.delete(CredentialTry))
        if path in ("/password/change", "RESET"):
            assert response.status_code != 302, f"{kind} was taken for a password"


@pytest.mark.parametrize("path", sorted(FORMS))
def test_a_form_with_all_fields_missing_twofold_or_foreign_is_survived(
    app: Flask, cast: Cast, client: PageClient, paths: Callable[[str], str], path: str
) -> None:
    if path in SIGNED_IN:
        client.sign_in(cast.people["learner"])
    real = paths(path)
    twofold = {name: [value, value + "x"] for name, value in FORMS[path].items()}
    foreign: dict[str, Any] = {"nip": "1", "initial_password_at": "", "person_id": "1"}
    for data in ({}, twofold, foreign):
        assert client.send(real, data).status_code in (200, 302, 422)


@pytest.mark.parametrize("kind", sorted(set(BAD) - {"NUL", "NUL alone", "line breaks"}))
def test_what_the_browser_says_of_itself_breaks_nothing(
    app: Flask, cast: Cast, client: PageClient, kind: str
) -> None:
    """The name of the device is stored as it comes. (No server lets NUL or a line break pass.)"""
    value = BAD[kind]
    raw = value if isinstance(value, bytes) else value.encode()
    agent = raw.decode("latin-1")[:4000].replace("\r", " ").replace("\n", " ")
    headers = {"User-Agent": agent, "Referer": agent}
    data = {"identifier": EMAIL, "password": PASSWORD}
    assert client.send("/sign-in", data, environ_overrides=_as_server(headers)).status_code == 302
    assert len(sessions(app)[0].device) <= 200
    assert client.get("/my/settings").status_code == 200


def _as_server(headers: dict[str, str]) -> dict[str, str]:
    return {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}


def test_a_body_that_is_too_large_is_refused_before_it_is_read(
    app: Flask, cast: Cast, client: PageClient
) -> None:
    data = {"identifier": EMAIL, "password": "x" * 3_000_000}
    assert client.send("/sign-in", data).status_code == 413
    assert sessions(app) == []


@pytest.mark.parametrize(
    "address",
    [
        "/sign-in?next=%ff%fe",
        "/sign-in?next=" + "%2Fa" * 3000,
        "/sign-in?next=/a&next=//b",
        "/sign-in?identifier=x&password=y&held=z",
        "/password/forgot?identifier=%3Cscript%3E",
        "/password/reset/" + "a" * 5000,
        "/password/reset/a.b.c",
    ],
)
def test_an_address_made_to_break_a_page_is_survived(client: PageClient, address: str) -> None:
    response = client.get(address)
    assert response.status_code in (200, 422)
    assert "<script>alert" not in response.get_data(as_text=True)


def test_a_credential_in_the_address_is_not_taken(
    app: Flask, cast: Cast, client: PageClient
) -> None:
    """What stands in an address stands in logs and histories."""
    query = {"identifier": EMAIL, "password": PASSWORD}
    page = client.get("/sign-in", query_string=query)
    assert form_on(page, "identifier").fields["identifier"] == [""]
    token = client.csrf()
    response = client.post("/sign-in", query_string=query, data={"csrf_token": token})
    assert response.status_code == 422
    assert sessions(app) == []


def test_fields_that_no_form_has_write_nothing(app: Flask, cast: Cast, client: PageClient) -> None:
    """Mass assignment: a session is made from our own values only."""
    data = {"identifier": EMAIL, "password": PASSWORD, "person_id": "1", "expires_at": "9999"}
    assert client.send("/sign-in", data).status_code == 302
    (session,) = sessions(app)
    assert session.person_id == cast.people["learner"]
    assert session.address == "127.0.0.1"
