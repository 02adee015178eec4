"""An initial password, made by somebody else: to be replaced first, and for a week only."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from lms.accounts.actions import passwords
from lms.core.db import transaction
from lms.core.passwords import hash_password
from tests.accounts.door import (
    CHANGE_PAGE,
    EMAIL,
    NEW_PASSWORD,
    change_to,
    form_on,
    is_in,
    reset_link,
    send_form,
    sessions,
    sign_in,
)
from tests.cast import Cast
from tests.client import PageClient, words
from tests.conftest import SetClock

MADE = "dibuatkan-untuk-sari"
OVER = "Kata sandi awal ini hanya berlaku 7 hari dan sudah kedaluwarsa."


@pytest.fixture
def newcomer(app: Flask, cast: Cast, client: PageClient) -> PageClient:
    """Sari, signed in with a password that somebody else made."""
    sign_in(client)
    with app.app_context():
        made = hash_password(MADE)
        with transaction():
            passwords.set_initial_password(cast.person("learner"), made)
    assert not is_in(client)  # every session ended
    assert sign_in(client, EMAIL, MADE).status_code == 302
    return client


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/courses",
        "/my/settings",
        "/my/competencies",
        "/my/hours",
        "/notifications",
        "/sign-in",
    ],
)
def test_every_page_leads_to_the_change(newcomer: PageClient, address: str) -> None:
    response = newcomer.get(address)
    assert (response.status_code, response.location) == (302, CHANGE_PAGE)


def test_no_act_is_done_before_the_change(
    app: Flask, newcomer: PageClient, browser: Callable[[], PageClient]
) -> None:
    sign_in(browser(), EMAIL, MADE)
    response = newcomer.send("/my/sessions/end-others")
    assert response.status_code == 403
    assert "Yang baru Anda kirim menunggu di halaman ini." in words(response)
    assert len(sessions(app, live=True)) == 2


def test_what_was_sent_is_offered_again_after_the_change(
    app: Flask, newcomer: PageClient, browser: Callable[[], PageClient]
) -> None:
    sign_in(browser(), EMAIL, MADE)
    asked = newcomer.send("/my/sessions/end-others", {"kept": "<yes>"})
    typed = {"password": NEW_PASSWORD, "password_again": NEW_PASSWORD}
    wrong = send_form(newcomer, form_on(asked, to=CHANGE_PAGE), current="salah sekali", **typed)
    assert wrong.status_code == 422
    offered = send_form(newcomer, form_on(wrong, to=CHANGE_PAGE), current=MADE, **typed)
    again = form_on(offered, to="/my/sessions/end-others")
    assert again.fields["kept"] == ["<yes>"]
    assert send_form(newcomer, again).status_code == 302
    assert len(sessions(app, live=True)) == 1


def test_a_script_is_told_that_it_may_not_go_on(newcomer: PageClient) -> None:
    response = newcomer.send("/my/sessions/end-others", headers={"Accept": "application/json"})
    assert response.status_code == 401
    assert response.json == {"error": "Buat kata sandi sendiri dahulu.", "sign_in": CHANGE_PAGE}


def test_an_address_that_does_not_exist_is_still_not_found(newcomer: PageClient) -> None:
    assert newcomer.get("/tidak-ada").status_code == 404


def test_language_and_leaving_stay_possible(app: Flask, newcomer: PageClient) -> None:
    page = newcomer.get(CHANGE_PAGE)
    assert "Kata sandi Anda masih yang dibuatkan orang lain." in words(page)
    response = send_form(newcomer, form_on(page, to="/preferences"), language="en")
    assert response.location == CHANGE_PAGE
    assert newcomer.get(CHANGE_PAGE).get_data(as_text=True).count('<html lang="en"') == 1
    out = send_form(newcomer, form_on(newcomer.get(CHANGE_PAGE), to="/sign-out"))
    assert out.location == "/sign-in"
    assert sessions(app, live=True) == []


def test_the_initial_password_cannot_be_kept(newcomer: PageClient) -> None:
    response = change_to(newcomer, MADE, MADE, MADE)
    assert response.status_code == 422
    assert newcomer.get("/").location == CHANGE_PAGE


def test_after_the_change_everything_is_open(newcomer: PageClient) -> None:
    assert change_to(newcomer, current=MADE).location == "/"
    assert newcomer.get("/").status_code == 200
    assert is_in(newcomer)


# ── Its end ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def given(app: Flask, cast: Cast, at: SetClock) -> datetime:
    """Sari was given a password at this instant and has not used it."""
    instant = datetime(2026, 11, 2, 1, tzinfo=UTC)
    at(instant)
    with app.app_context():
        made = hash_password(MADE)
        with transaction():
            passwords.set_initial_password(cast.person("learner"), made)
    return instant


def test_the_initial_password_works_until_the_seventh_day_is_over(
    app: Flask, client: PageClient, at: SetClock, given: datetime
) -> None:
    at(given + timedelta(days=7))
    late = sign_in(client, EMAIL, MADE)
    assert late.status_code == 422
    assert OVER in words(late)
    assert sessions(app) == []
    at(given + timedelta(days=7, seconds=-1))
    assert sign_in(client, EMAIL, MADE).location == "/"
    assert change_to(client, current=MADE).location == "/"
    at(given + timedelta(days=400))
    assert sign_in(client, EMAIL, NEW_PASSWORD).location == "/"  # one's own has no end


def test_who_does_not_know_it_is_not_told_that_it_is_over(
    app: Flask, client: PageClient, at: SetClock, given: datetime
) -> None:
    at(given + timedelta(days=30))
    for name in (EMAIL, "nobody@contoh.test"):
        page = sign_in(client, name, "salah-sama-sekali")
        assert page.status_code == 422
        assert "tidak cocok. Sisa 4 percobaan." in words(page)
        assert OVER not in words(page)


def test_guesses_count_also_where_the_password_is_over(
    client: PageClient, at: SetClock, given: datetime
) -> None:
    """What is over does not clear the tries, or it could be used to guess on."""
    at(given + timedelta(days=30))
    assert [sign_in(client, EMAIL, MADE).status_code for _ in range(6)] == [422] * 5 + [429]


def test_a_session_from_before_cannot_make_it_last(
    client: PageClient, at: SetClock, given: datetime
) -> None:
    at(given + timedelta(days=6))
    assert sign_in(client, EMAIL, MADE, remember="y").status_code == 302
    at(given + timedelta(days=7))
    late = change_to(client, current=MADE)
    assert late.status_code == 422
    assert OVER in words(late)


def test_a_new_initial_password_or_an_own_one_by_mail_opens_the_account_again(
    app: Flask, cast: Cast, client: PageClient, at: SetClock, given: datetime
) -> None:
    at(given + timedelta(days=30))
    client.send("/password/forgot", {"identifier": EMAIL})
    typed = {"password": NEW_PASSWORD, "password_again": NEW_PASSWORD}
    assert client.send(reset_link(app), typed).location == "/sign-in"
    assert sign_in(client, EMAIL, NEW_PASSWORD).location == "/"
    with app.app_context():
        made = hash_password(MADE)
        with transaction():
            passwords.set_initial_password(cast.person("learner"), made)
    assert sign_in(client, EMAIL, MADE).location == "/"
    assert client.get("/").location == CHANGE_PAGE
