"""A new password by a link in a mail: once, for an hour, and telling nobody who exists."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_babel import gettext
from werkzeug.test import TestResponse

from lms.accounts.actions import tries
from lms.accounts.models import Person
from lms.accounts.rules import ACCOUNT_TRIES, RESET_TRIES, TRY_WINDOW
from lms.core import clock, tokens
from tests.accounts.door import (
    EMAIL,
    NEW_PASSWORD,
    NIP,
    change,
    form_on,
    is_in,
    mails,
    reset_link,
    rows,
    send_form,
    sessions,
    sign_in,
)
from tests.cast import PASSWORD, Cast
from tests.client import PageClient, words
from tests.conftest import SetClock

DEAD = "Tautan ini sudah dipakai atau kedaluwarsa. Minta tautan baru."


def ask(client: PageClient, name: str = EMAIL) -> TestResponse:
    """Ask for a link by the form of the page."""
    return send_form(client, form_on(client.get("/password/forgot"), "identifier"), identifier=name)


def use(client: PageClient, link: str, new: str = NEW_PASSWORD) -> TestResponse:
    form = form_on(client.get(link), "password")
    return send_form(client, form, password=new, password_again=new)


def test_a_link_sets_a_new_password_and_ends_every_session(
    app: Flask, cast: Cast, client: PageClient, browser: Callable[[], PageClient]
) -> None:
    sign_in(lost := browser(), remember="y")
    sign_in(stranger := browser(), "andi@contoh.test")
    ask(client, "19900404 201504 2 004")
    link = reset_link(app)
    response = use(client, link)
    assert response.location == "/sign-in"
    assert "Kata sandi baru tersimpan. Masuk dengan kata sandi itu." in words(
        client.get("/sign-in")
    )
    assert (is_in(client), is_in(lost), is_in(stranger)) == (False, False, True)
    assert sign_in(browser()).status_code == 422
    assert sign_in(client, EMAIL, NEW_PASSWORD).status_code == 302
    assert [m.subject for m in mails(app)] == ["Atur ulang kata sandi", "Kata sandi Anda diubah"]


def test_the_mail_holds_the_whole_address_and_says_how_long_it_works(
    app: Flask, cast: Cast, client: PageClient
) -> None:
    # A forged host must not get into the mail.
    form = form_on(client.get("/password/forgot"), "identifier")
    data = {**form.fields, "identifier": EMAIL}
    client.post("/password/forgot", data=data, headers={"X-Forwarded-Host": "evil.test"})
    (mail,) = mails(app)
    assert mail.recipient == EMAIL
    assert "http://localhost/password/reset/" in mail.body
    assert "dalam 1 jam" in mail.body
    assert "evil.test" not in mail.body
    for secret in (NIP, PASSWORD, "&#39;"):
        assert secret not in mail.body


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_mail_is_in_the_language_of_its_reader_not_of_the_asker(
    app: Flask, cast: Cast, client: PageClient, language: str
) -> None:
    mine = Person.id == cast.people["learner"]
    change(app, sa.update(Person).where(mine).values(language=language))
    asked = {"id": "en", "en": "id"}[language]
    client.set_cookie("language", asked)
    ask(client)
    with app.test_request_context(headers={"Cookie": f"language={language}"}):
        subject = gettext("Atur ulang kata sandi")
    assert mails(app)[0].subject == subject


def test_nobody_learns_who_has_an_account(
    app: Flask, cast: Cast, browser: Callable[[], PageClient]
) -> None:
    """Same words, same status; mail only where there is somebody to get it."""
    gone = Person.id == cast.people["stranger"]
    change(app, sa.update(Person).where(gone).values(deactivated_at=datetime.now(UTC)))
    seen = set()
    for name in (
        EMAIL,  # exists
        "tiada@contoh.test",  # does not
        "199004042015042999",
        "andi@contoh.test",  # deactivated
        "199105052019211005",  # exists, without an address
        "bukan siapa-siapa",
    ):
        response = ask(browser(), name)
        seen.add((response.status_code, words(response)))
    assert len(seen) == 1
    status, page = seen.pop()
    assert status == 200
    assert "Periksa surel Anda" in page
    assert "berlaku 1 jam" in page
    assert [m.recipient for m in mails(app)] == [EMAIL]


def test_an_empty_field_is_named(cast: Cast, client: PageClient) -> None:
    response = ask(client, "  ")
    assert response.status_code == 422
    assert "Isi NIP atau surel Anda" in words(response)


def test_asking_is_throttled_in_the_same_words(
    app: Flask, cast: Cast, client: PageClient, at: SetClock
) -> None:
    start = clock.now()
    at(start)
    pages = {words(ask(client, name)) for name in (EMAIL, NIP, EMAIL.upper(), EMAIL, NIP)}
    assert len(pages) == 1
    assert len(mails(app)) == RESET_TRIES
    assert sign_in(client).status_code == 302  # asking does not hold the door
    at(start + TRY_WINDOW)
    client.send("/sign-out")
    ask(client)
    assert len(mails(app)) == RESET_TRIES + 1


# ── Links that work no more ──────────────────────────────────────────────────────────────────


def is_dead(client: PageClient, link: str) -> bool:
    """Does the page of the link offer a new one, by a form that leads to the right place?"""
    page = client.get(link)
    if page.status_code == 200:
        return False
    assert page.status_code == 422
    assert DEAD in words(page)
    assert form_on(page, "identifier").action == "/password/forgot"
    data = {"password": "tak-akan-tersimpan", "password_again": "tak-akan-tersimpan"}
    assert client.send(link, data).status_code == 422
    return True


@pytest.fixture
def link(app: Flask, cast: Cast, client: PageClient) -> str:
    ask(client)
    return reset_link(app)


def test_a_link_works_once(client: PageClient, link: str) -> None:
    assert not is_dead(client, link)
    use(client, link)
    assert is_dead(client, link)


def test_a_dead_link_leads_to_a_living_one(app: Flask, client: PageClient, link: str) -> None:
    use(client, link)
    fresh = send_form(client, form_on(client.get(link), "identifier"), identifier=EMAIL)
    assert "Periksa surel Anda" in words(fresh)
    assert not is_dead(client, reset_link(app))


def test_all_links_of_one_password_die_together(app: Flask, client: PageClient, link: str) -> None:
    ask(client)
    second = reset_link(app)
    use(client, link)
    assert is_dead(client, second)


@pytest.mark.parametrize(("after", "dead"), [(3600, False), (3601, True)])
def test_a_link_lives_for_an_hour(
    app: Flask, cast: Cast, client: PageClient, at: SetClock, after: int, dead: bool
) -> None:
    start = clock.now().replace(microsecond=0)
    at(start)
    ask(client)
    at(start + timedelta(seconds=after))
    assert is_dead(client, reset_link(app)) is dead


def test_a_link_dies_when_the_password_is_changed_otherwise(
    client: PageClient, link: str, browser: Callable[[], PageClient]
) -> None:
    sign_in(other := browser())
    form = form_on(other.get("/password/change"), "current")
    typed = {"password": NEW_PASSWORD, "password_again": NEW_PASSWORD}
    assert send_form(other, form, current=PASSWORD, **typed).status_code == 302
    assert is_dead(client, link)


def test_a_link_dies_with_the_account(
    app: Flask, cast: Cast, client: PageClient, link: str
) -> None:
    mine = Person.id == cast.people["learner"]
    change(app, sa.update(Person).where(mine).values(deactivated_at=datetime.now(UTC)))
    assert is_dead(client, link)


def test_a_forged_link_is_dead(app: Flask, cast: Cast, client: PageClient, link: str) -> None:
    ((uuid,),) = rows(app, sa.select(Person.uuid).where(Person.id == cast.people["head"]))
    token = link.rsplit("/", 1)[1]
    payload = token.split(".")[0]
    with app.app_context():
        other_purpose = tokens.sign("held-act", {"person": str(uuid), "mark": ""})
        wrong_mark = tokens.sign(tries.RESET, {"person": str(uuid), "mark": "0" * 16})
        nobody = tokens.sign(tries.RESET, {"person": str(uuid4()), "mark": "0" * 16})
    for forged in (
        "x", "..", "é", payload, token[:-1], token.swapcase(), payload[:-2] + token[len(payload):],
        other_purpose, wrong_mark, nobody,
    ):  # fmt: skip
        assert is_dead(client, f"/password/reset/{forged}"), forged


@pytest.mark.parametrize(
    ("new", "again", "message"),
    [
        ("pendek", "pendek", "Kata sandi paling sedikit 10 karakter"),
        (NEW_PASSWORD, "lain", "Kedua kata sandi tidak sama"),
        ("", "", "Isi kata sandi baru"),
        ("indonesia123", "indonesia123", "Kata sandi ini mudah ditebak"),
        ("wulandari-sari", "wulandari-sari", "memuat nama, NIP, atau surel Anda"),
        ("pendek" * 30, "pendek" * 30, "Kata sandi paling banyak 128 karakter"),
    ],
)
def test_a_refused_password_keeps_the_link_alive(
    app: Flask, client: PageClient, link: str, new: str, again: str, message: str
) -> None:
    form = form_on(client.get(link), "password")
    response = send_form(client, form, password=new, password_again=again)
    assert response.status_code == 422
    assert message in words(response)
    assert not new or new not in response.get_data(as_text=True)
    assert use(client, link).status_code == 302


def test_a_link_frees_a_held_account(
    client: PageClient, link: str, browser: Callable[[], PageClient]
) -> None:
    """Whoever reads the mailbox has proved more than the guesser who held the account."""
    for _ in range(ACCOUNT_TRIES):
        sign_in(client, EMAIL, "salah-sama-sekali")
    use(client, link)
    assert sign_in(browser(), EMAIL, NEW_PASSWORD).status_code == 302


def test_an_address_removed_meanwhile_does_not_break_the_link(
    app: Flask, cast: Cast, client: PageClient, link: str
) -> None:
    change(app, sa.update(Person).where(Person.id == cast.people["learner"]).values(email=None))
    assert use(client, link).location == "/sign-in"
    assert len(mails(app)) == 1


def test_a_link_used_twice_at_once_is_used_once(
    app: Flask, link: str, browser: Callable[[], PageClient]
) -> None:
    gate, found = threading.Barrier(4), []
    browsers = [browser() for _ in range(4)]
    forms = [form_on(one.get(link), "password") for one in browsers]

    def run(number: int) -> None:
        new = f"{NEW_PASSWORD}-{number}"
        gate.wait()
        answer = send_form(browsers[number], forms[number], password=new, password_again=new)
        found.append((answer.status_code, new))

    threads = [threading.Thread(target=run, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(status for status, _ in found) == [302, 422, 422, 422]
    winner = next(new for status, new in found if status == 302)
    assert sign_in(browser(), EMAIL, winner).status_code == 302
    assert len(sessions(app)) == 1


def test_the_link_page_tells_password_managers_whose_password_it_is(
    client: PageClient, link: str
) -> None:
    page = client.get(link)
    assert form_on(page, "password").fields["username"] == [EMAIL]
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
