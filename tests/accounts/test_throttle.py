"""Guessing passwords: counted before the password is looked at, whatever happens afterwards."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from lms.accounts.jobs import sweep_tries
from lms.accounts.rules import ACCOUNT_TRIES, ADDRESS_TRIES, TRY_WINDOW
from lms.core import clock
from lms.core.passwords import is_right_password
from tests.accounts.door import EMAIL, NIP, form_on, is_in, send_form, sign_in, tries
from tests.cast import PASSWORD, Cast
from tests.client import PageClient, words
from tests.conftest import SetClock

WRONG = "salah-sama-sekali"


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were really verified, in order."""
    found: list[str] = []

    def note(stored: str | None, password: str) -> bool:
        found.append(password)
        return is_right_password(stored, password)

    for views in ("door", "password"):
        monkeypatch.setattr(f"lms.accounts.views.{views}.is_right_password", note)
    return found


def guess(client: PageClient, name: str = EMAIL, count: int = 1, **kwargs: str) -> list[int]:
    data = {"identifier": name, "password": WRONG}
    return [client.send("/sign-in", data, **kwargs).status_code for _ in range(count)]


def test_an_account_takes_a_number_of_guesses_and_no_more(
    cast: Cast, client: PageClient, verified: list[str]
) -> None:
    assert guess(client, count=ACCOUNT_TRIES + 3) == [422] * ACCOUNT_TRIES + [429] * 3
    assert len(verified) == ACCOUNT_TRIES
    response = sign_in(client, EMAIL, PASSWORD)  # the right one is not looked at either
    assert response.status_code == 429
    assert len(verified) == ACCOUNT_TRIES
    assert "Terlalu banyak percobaan. Coba lagi dalam 15 menit." in words(response)
    assert not is_in(client)


def test_the_words_count_down_and_say_when_the_account_is_held(
    cast: Cast, client: PageClient
) -> None:
    pages = [words(sign_in(client, EMAIL, WRONG)) for _ in range(ACCOUNT_TRIES)]
    for left, page in zip(range(ACCOUNT_TRIES - 1, 0, -1), pages, strict=False):
        assert f"Sisa {left} percobaan." in page
    assert "Akun ditahan 15 menit." in pages[-1]


def test_a_refused_try_is_counted_though_the_request_was_refused(
    app: Flask, cast: Cast, client: PageClient
) -> None:
    assert guess(client) == [422]
    assert len(tries(app)) == 1
    guess(client, count=ACCOUNT_TRIES)
    assert len(tries(app)) == ACCOUNT_TRIES  # one that was not looked at is not counted


@pytest.mark.parametrize(
    "spellings",
    [
        [NIP, EMAIL, "19900404 201504 2 004", "SARI@contoh.test", "1990.0404.2015042004"],
        # An account that does not exist must not be told apart by being counted otherwise.
        ["199004042015042999", "19900404 201504 2 999", "1990-0404-2015042999"],
        ["tiada@contoh.test", "TIADA@contoh.test", " tiada@contoh.test\u200b"],
    ],
)
def test_all_spellings_of_an_account_are_one(
    app: Flask, cast: Cast, client: PageClient, spellings: list[str]
) -> None:
    for name in spellings:
        assert guess(client, name) == [422]
    assert len({t.account_digest for t in tries(app)}) == 1
    assert all(name not in str(tries(app)) for name in spellings)
    left = ACCOUNT_TRIES - len(spellings)
    assert guess(client, spellings[0], left + 1) == [422] * left + [429]


def test_one_account_held_holds_no_other(cast: Cast, client: PageClient) -> None:
    guess(client, count=ACCOUNT_TRIES + 1)
    assert sign_in(client, "andi@contoh.test").status_code == 302


def test_a_slot_frees_when_the_oldest_guess_leaves_the_window(
    cast: Cast, client: PageClient, at: SetClock
) -> None:
    start = clock.now()
    for minute in range(ACCOUNT_TRIES):  # at minute 0, 1, 2, 3, 4
        at(start + timedelta(minutes=minute))
        assert guess(client) == [422]
    at(start + TRY_WINDOW - timedelta(seconds=1))
    response = sign_in(client, EMAIL, PASSWORD)
    assert response.status_code == 429
    assert "Coba lagi dalam 1 menit." in words(response)
    at(start + TRY_WINDOW)
    assert guess(client, count=2) == [422, 429]  # one slot, not all of them
    at(start + TRY_WINDOW + timedelta(minutes=1))
    assert sign_in(client, EMAIL, PASSWORD).status_code == 302


def test_the_wait_is_never_told_too_short(cast: Cast, client: PageClient, at: SetClock) -> None:
    start = clock.now()
    at(start)
    guess(client, count=ACCOUNT_TRIES)
    at(start + TRY_WINDOW - timedelta(seconds=60.5))
    assert "dalam 2 menit" in words(sign_in(client, EMAIL, PASSWORD))


def test_success_clears_the_tries_of_that_account_only(
    app: Flask, cast: Cast, client: PageClient, browser: Callable[[], PageClient]
) -> None:
    guess(client, "andi@contoh.test", 2)
    guess(client, count=ACCOUNT_TRIES - 1)
    assert sign_in(client, NIP).status_code == 302
    assert len(tries(app)) == 2
    assert guess(browser(), count=ACCOUNT_TRIES + 1) == [422] * ACCOUNT_TRIES + [429]


def test_somebody_elses_success_does_not_win_new_guesses(
    cast: Cast, browser: Callable[[], PageClient], verified: list[str]
) -> None:
    """An attacker with an account of their own signs in between, to reset a counter."""
    for _ in range(ACCOUNT_TRIES + 2):
        guess(browser())
        assert sign_in(browser(), "andi@contoh.test").status_code == 302
    assert verified.count(WRONG) == ACCOUNT_TRIES


def test_an_address_is_held_after_many_accounts(
    app: Flask, cast: Cast, client: PageClient, at: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lms.accounts.rules.ADDRESS_TRIES", 7)  # fewer, for a quick test
    start = clock.now()
    at(start)
    for n in range(7):
        assert guess(client, f"orang{n}@contoh.test") == [422]
    assert guess(client, "lain@contoh.test") == [429]
    assert sign_in(client, EMAIL, PASSWORD).status_code == 429
    elsewhere = {"environ_base": {"REMOTE_ADDR": "192.0.2.9"}}
    data = {"identifier": EMAIL, "password": PASSWORD}
    assert client.send("/sign-in", data, **elsewhere).status_code == 302
    assert {t.address for t in tries(app)} == {"127.0.0.1"}
    at(start + TRY_WINDOW)
    assert guess(client, "lain@contoh.test") == [422]
    assert ADDRESS_TRIES == 100  # a whole office stands behind one address


def test_a_forwarded_address_is_not_believed(app: Flask, cast: Cast, client: PageClient) -> None:
    """Without a proxy in front (PROXIES=0) the header is the visitor's own invention."""
    form = form_on(client.get("/sign-in"), "identifier")
    data = {**form.fields, "identifier": EMAIL, "password": WRONG}
    client.post("/sign-in", data=data, headers={"X-Forwarded-For": "203.0.113.7"})
    assert [t.address for t in tries(app)] == ["127.0.0.1"]


def test_an_address_that_is_too_long_for_its_column_is_cut(
    app: Flask, cast: Cast, client: PageClient
) -> None:
    data = {"identifier": EMAIL, "password": WRONG}
    response = client.send("/sign-in", data, environ_base={"REMOTE_ADDR": "fe80::1%" + "e" * 60})
    assert response.status_code == 422
    assert [len(t.address) for t in tries(app)] == [45]


def in_parallel(browsers: list[PageClient], act: Callable[[PageClient], int]) -> list[int]:
    """Everybody does it at the same moment; the statuses."""
    gate, found = threading.Barrier(len(browsers)), []

    def run(browser: PageClient) -> None:
        gate.wait()
        found.append(act(browser))

    threads = [threading.Thread(target=run, args=(b,)) for b in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) == len(browsers)
    return sorted(found)


def test_parallel_guesses_never_pass_the_limit(
    app: Flask, cast: Cast, browser: Callable[[], PageClient], verified: list[str]
) -> None:
    browsers = [browser() for _ in range(12)]
    for one in browsers:
        one.get("/sign-in")
    names = [NIP, EMAIL, "SARI@CONTOH.TEST", "19900404 201504 2 004"] * 3
    name_of = dict(zip(map(id, browsers), names, strict=True))
    for number, one in enumerate(browsers):  # from everywhere: no address is held back
        one.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
    found = in_parallel(browsers, lambda one: guess(one, name_of[id(one)])[0])
    assert found == [422] * ACCOUNT_TRIES + [429] * 7
    assert len(verified) == ACCOUNT_TRIES
    assert len(tries(app)) == ACCOUNT_TRIES


def test_parallel_guesses_at_many_accounts_never_pass_the_limit_of_an_address(
    app: Flask,
    cast: Cast,
    browser: Callable[[], PageClient],
    verified: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lms.accounts.rules.ADDRESS_TRIES", 4)
    browsers = [browser() for _ in range(10)]
    name_of = {id(one): f"orang{n}@contoh.test" for n, one in enumerate(browsers)}
    found = in_parallel(browsers, lambda one: guess(one, name_of[id(one)])[0])
    assert found == [422] * 4 + [429] * 6
    assert len(verified) == len(tries(app)) == 4


def test_the_right_password_among_parallel_guesses_signs_in_at_most_once_each(
    app: Flask, cast: Cast, browser: Callable[[], PageClient], verified: list[str]
) -> None:
    """Success clears the tries; still no more is verified than the limit and the successes."""
    browsers = [browser() for _ in range(10)]
    right = {id(browsers[0]), id(browsers[5])}

    def act(one: PageClient) -> int:
        password = PASSWORD if id(one) in right else WRONG
        return one.send("/sign-in", {"identifier": EMAIL, "password": password}).status_code

    found = in_parallel(browsers, act)
    successes = found.count(302)
    assert set(found) <= {302, 422, 429}
    assert len(verified) <= ACCOUNT_TRIES * (successes + 1)


def test_old_tries_are_swept_and_fresh_ones_kept(
    app: Flask, cast: Cast, client: PageClient, at: SetClock
) -> None:
    start = clock.now()
    at(start)
    guess(client)
    at(start + timedelta(hours=23))
    guess(client)
    at(start + timedelta(days=1, seconds=1))
    with app.app_context():
        sweep_tries()
    assert [t.at.replace(tzinfo=None) for t in tries(app)] == [
        (start + timedelta(hours=23)).replace(tzinfo=None)
    ]


def test_a_form_kept_open_while_held_still_works_afterwards(
    cast: Cast, client: PageClient, at: SetClock
) -> None:
    start = clock.now()
    at(start)
    guess(client, count=ACCOUNT_TRIES)
    held = form_on(sign_in(client, EMAIL, PASSWORD), "identifier")
    at(start + TRY_WINDOW)
    assert send_form(client, held, password=PASSWORD).status_code == 302
