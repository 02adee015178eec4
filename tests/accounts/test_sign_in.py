"""The page where people sign in: who gets in, who does not, and where they get to."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from flask import Flask

from lms.accounts.models import CredentialTry, Person
from lms.core import passwords
from lms.core.audit import AuditEntry
from tests.accounts.door import (
    EMAIL,
    NIP,
    change,
    form_on,
    is_in,
    key_of,
    rows,
    send_form,
    sessions,
    sign_in,
    tries,
)
from tests.cast import PASSWORD, Cast
from tests.client import PageClient, words

NOW = datetime.now(UTC)


@pytest.mark.parametrize(
    "typed",
    [
        NIP,
        "19900404 201504 2 004",
        " 19900404-201504-2-004\t",
        "\u202a199004042015042004\u202c",  # copied with marks of direction
        EMAIL,
        "SARI@Contoh.Test",
        "  sari@contoh.test ",
        "sari@contoh.test\u200b",  # copied with a blank of no width
    ],
)
def test_a_person_signs_in_by_nip_or_address(
    app: Flask, cast: Cast, client: PageClient, typed: str
) -> None:
    response = sign_in(client, typed)
    assert (response.status_code, response.location) == (302, "/")
    assert "Sari" in words(client.get("/"))
    (session,) = sessions(app)
    assert session.person_id == cast.people["learner"]


def close_two_ways_in(app: Flask, cast: Cast) -> None:
    """Andi is deactivated, Bagus has no password."""
    gone, bare = cast.people["stranger"], cast.people["head"]
    change(app, sa.update(Person).where(Person.id == gone).values(deactivated_at=NOW))
    change(app, sa.update(Person).where(Person.id == bare).values(password_hash=None))


REFUSED = [
    ("sari@contoh.test", "salah-sama-sekali"),  # a wrong password
    ("sari@contoh.test", PASSWORD.upper()),
    ("sari@contoh.test", PASSWORD + " "),
    ("sari@contoh.test", PASSWORD[:-1]),
    ("199004042015042999", PASSWORD),  # no such number
    ("tiada@contoh.test", PASSWORD),  # no such address
    ("andi@contoh.test", PASSWORD),  # deactivated
    ("198807072012011007", PASSWORD),  # deactivated, by number
    ("head@contoh.test", PASSWORD),  # has no password
    ("head@contoh.test", "nobody has this password"),  # what is verified in its place
    ("tiada@contoh.test", "nobody has this password"),
    ("%", PASSWORD),  # no pattern
    ("' OR 1=1 --", PASSWORD),
]


def test_every_refusal_has_the_same_words_and_the_same_status(
    app: Flask, cast: Cast, browser: Callable[[], PageClient]
) -> None:
    close_two_ways_in(app, cast)
    seen = set()
    for name, password in REFUSED:
        change(app, sa.delete(CredentialTry))
        response = sign_in(browser(), name, password)
        assert response.status_code == 422, name
        seen.add(words(response))
    assert len(seen) == 1
    assert "NIP, surel, atau kata sandi tidak cocok. Sisa 4 percobaan." in seen.pop()
    assert sessions(app) == []


class CountingHasher:
    """Argon2 itself, counting how often it verifies: what an answer costs in time."""

    def __init__(self, hasher: PasswordHasher) -> None:
        self.hasher, self.count = hasher, 0

    def verify(self, stored: str, password: str) -> bool:
        self.count += 1
        return self.hasher.verify(stored, password)


def test_every_refusal_takes_the_time_of_one_verification(
    app: Flask, cast: Cast, client: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    close_two_ways_in(app, cast)
    hasher = CountingHasher(passwords._hasher)
    monkeypatch.setattr(passwords, "_hasher", hasher)
    for name in ("sari@contoh.test", "tiada@contoh.test", "andi@contoh.test", "head@contoh.test"):
        hasher.count = 0
        assert sign_in(client, name, "salah-sama-sekali").status_code == 422
        assert hasher.count == 1, name


@pytest.mark.parametrize(
    ("name", "password", "field", "message"),
    [
        ("", "apa pun", "identifier", "Isi NIP atau surel Anda"),
        (" \t\u200b ", "apa pun", "identifier", "Isi NIP atau surel Anda"),  # nothing one can see
        (EMAIL, "", "password", "Isi kata sandi Anda"),
        ("x" * 255, "apa pun", "identifier", "Paling banyak 254 karakter."),
        (EMAIL, "x" * 1001, "password", "Paling banyak 1000 karakter."),
    ],
)
def test_an_unusable_field_is_named_beside_it(
    app: Flask, cast: Cast, client: PageClient, name: str, password: str, field: str, message: str
) -> None:
    response = sign_in(client, name, password)
    assert response.status_code == 422
    html = response.get_data(as_text=True)
    control = re.search(rf'<input[^>]*id="{field}"[^>]*>', html)
    assert control
    assert 'aria-invalid="true"' in control.group(0)
    assert f'aria-describedby="{field}-error"' in control.group(0)
    beside = re.search(rf'id="{field}-error".*?</span></span>', html, re.S)
    assert beside
    assert message in beside.group(0)
    assert tries(app) == []


def test_both_fields_missing_are_both_named(cast: Cast, client: PageClient) -> None:
    page = words(sign_in(client, "", ""))
    assert "Ada 2 isian yang perlu diperbaiki" in page


@pytest.mark.parametrize("password", ["rahasia-saya-7", "x" * 1001])
def test_the_name_is_kept_and_the_password_never_shown_again(
    cast: Cast, client: PageClient, password: str
) -> None:
    response = sign_in(client, "19900404 201504 2 004", password, remember="y", next="/courses")
    html = response.get_data(as_text=True)
    assert response.status_code == 422
    form = form_on(response, "identifier")
    assert form.fields["identifier"] == ["19900404 201504 2 004"]
    assert form.fields["next"] == ["/courses"]
    assert form.fields["remember"] == ["y"]
    assert form.fields["password"] == [""]
    assert password not in html


def test_without_a_csrf_token_nobody_signs_in(app: Flask, cast: Cast, client: PageClient) -> None:
    client.get("/sign-in")
    response = client.post("/sign-in", data={"identifier": EMAIL, "password": PASSWORD})
    assert response.status_code == 400
    assert sessions(app) == []


def test_the_form_of_the_page_leads_to_the_door(cast: Cast, client: PageClient) -> None:
    """This page may be the answer at any address, so the form must say where it goes."""
    html = client.get("/sign-in").get_data(as_text=True)
    assert '<form class="stack stack--4" method="post" action="/sign-in"' in html


def test_the_cookie_is_new_and_holds_nothing_of_the_one_before(
    app: Flask, cast: Cast, client: PageClient
) -> None:
    form = form_on(client.get("/sign-in"), "identifier")
    with client.session_transaction() as session:
        session["_user_id"] = "a key that somebody else planted"
        session["planted"] = "yes"
        token = session["csrf_token"]
    assert send_form(client, form, identifier=EMAIL, password=PASSWORD).status_code == 302
    with client.session_transaction() as session:
        assert session["_user_id"] != "a key that somebody else planted"
        assert len(session["_user_id"]) >= 43  # 256 bits
        assert "planted" not in session
        assert session.get("csrf_token") != token


def test_each_sign_in_has_its_own_key_and_the_database_only_a_digest(
    app: Flask, cast: Cast, browser: Callable[[], PageClient]
) -> None:
    first, second = browser(), browser()
    sign_in(first)
    sign_in(second)
    assert key_of(first) != key_of(second)
    stored = str(sessions(app))
    assert key_of(first) not in stored
    assert key_of(second) not in stored
    assert is_in(first)
    assert is_in(second)


def test_signing_in_again_ends_the_session_that_this_browser_had(
    app: Flask, cast: Cast, client: PageClient
) -> None:
    sign_in(client)
    again = client.send("/sign-in", {"identifier": "andi@contoh.test", "password": PASSWORD})
    assert again.status_code == 302
    live = sessions(app, live=True)
    assert [s.person_id for s in live] == [cast.people["stranger"]]


def test_a_sign_in_is_in_the_audit_log(app: Flask, cast: Cast, client: PageClient) -> None:
    sign_in(client)
    query = sa.select(Person.id).join(AuditEntry, AuditEntry.chain == Person.uuid)
    signed_in = query.where(AuditEntry.action == "accounts.signed_in")
    assert rows(app, signed_in) == [(cast.people["learner"],)]


@pytest.mark.parametrize(
    ("asked", "leads_to"),
    [
        ("/courses", "/courses"),
        ("/courses?q=a%20b&after=c", "/courses?q=a%20b&after=c"),
        ("", "/"),
        ("//evil.test", "/"),
        ("///evil.test", "/"),
        ("/\\evil.test", "/"),
        ("\\\\evil.test", "/"),
        ("https://evil.test/", "/"),
        ("https:evil.test", "/"),
        ("/\t/evil.test", "/"),
        ("/\n/evil.test", "/"),
        ("\t//evil.test", "/"),
        (" //evil.test", "/"),
        ("javascript:alert(1)", "/"),
        ("http://[evil", "/"),  # what cannot be read as an address
        ("//[evil", "/"),
        ("/\x01x", "/"),
        ("/" + "a" * 3000, "/"),
    ],
)
def test_after_signing_in_one_stays_on_this_site(
    cast: Cast, client: PageClient, asked: str, leads_to: str
) -> None:
    page = client.get("/sign-in", query_string={"next": asked})
    assert page.status_code == 200
    form = form_on(page, "identifier")
    assert send_form(client, form, identifier=EMAIL, password=PASSWORD).location == leads_to
    assert client.get("/sign-in", query_string={"next": asked}).location == leads_to  # is in
    client.send("/sign-out")
    assert sign_in(client, next=asked).location == leads_to  # a form sent by hand


def test_a_page_that_needs_a_session_is_come_back_to(cast: Cast, client: PageClient) -> None:
    asked = client.get("/courses?q=ramah%20tamah")
    assert asked.status_code == 302
    form = form_on(client.get(asked.location), "identifier")
    after = send_form(client, form, identifier=EMAIL, password=PASSWORD)
    assert after.location == "/courses?q=ramah%20tamah"
    assert client.head("/courses").status_code == 200


def test_asking_for_the_head_of_a_page_is_asking_for_the_page(client: PageClient) -> None:
    assert client.head("/my/settings").status_code == 302


def test_an_old_hash_is_made_anew_at_sign_in(app: Flask, cast: Cast, client: PageClient) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    mine = Person.id == cast.people["learner"]
    change(app, sa.update(Person).where(mine).values(password_hash=weak))
    assert sign_in(client).status_code == 302
    ((stored,),) = rows(app, sa.select(Person.password_hash).where(mine))
    assert stored != weak
    assert "m=19456,t=2,p=1" in stored
    with app.app_context():
        assert passwords.is_right_password(stored, PASSWORD)


@pytest.mark.parametrize("meanwhile", ["changed", "deactivated"])
def test_a_password_changed_while_it_is_verified_opens_nothing(
    app: Flask, cast: Cast, client: PageClient, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    """Verifying is slow; a change that commits in that time must win, and must not be undone by
    the hash that the sign-in would store."""
    mine = Person.id == cast.people["learner"]
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    change(app, sa.update(Person).where(mine).values(password_hash=weak))
    new = PasswordHasher().hash("kata-sandi-yang-baru")

    def verify_slowly(stored: str | None, password: str) -> bool:
        right = passwords.is_right_password(stored, password)
        mine_now = sa.update(Person).where(mine)
        if meanwhile == "changed":
            change(app, mine_now.values(password_hash=new))
        else:
            change(app, mine_now.values(deactivated_at=NOW))
        return right

    monkeypatch.setattr("lms.accounts.views.door.is_right_password", verify_slowly)
    response = sign_in(client)
    assert response.status_code == 422
    assert "baru saja diubah" in words(response)
    assert sessions(app) == []
    ((stored,),) = rows(app, sa.select(Person.password_hash).where(mine))
    assert stored == (new if meanwhile == "changed" else weak)
