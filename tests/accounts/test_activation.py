"""A first password by a code from a letter: once, for 30 days, and telling nobody who exists."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from lms.accounts import rules
from lms.accounts.actions import activation, people
from lms.accounts.models import ActivationCode, CredentialTry, Person
from lms.core import clock
from lms.core.db import transaction
from lms.core.errors import DomainError
from lms.formats.codes import SIGNS, grouped, tidy
from tests.accounts.door import (
    NEW_PASSWORD,
    NIP,
    change_to,
    form_on,
    is_in,
    rows,
    send_form,
    sign_in,
)
from tests.cast import PASSWORD, Cast
from tests.client import PageClient, words
from tests.conftest import SetClock

WRONG = "NIP atau kode tidak cocok, atau kodenya tidak berlaku lagi."
DEAD = "Kode ini sudah dipakai atau tidak berlaku lagi. Minta kode baru."


def given(app: Flask, cast: Cast, name: str = "learner") -> str:
    with app.app_context(), transaction():
        return activation.give_code(None, cast.person(name))


def enter(client: PageClient, code: str, identifier: str = NIP) -> TestResponse:
    form = form_on(client.get("/activate"), "code")
    return send_form(client, form, identifier=identifier, code=code)


def choose(client: PageClient, address: str, password: str = NEW_PASSWORD) -> TestResponse:
    form = form_on(client.get(address), "password_again")
    return send_form(client, form, password=password, password_again=password)


def test_a_code_makes_a_password_once(
    app: Flask, cast: Cast, client: PageClient, browser: Callable[[], PageClient]
) -> None:
    sign_in(elsewhere := browser())
    code = given(app, cast)
    step = enter(client, code)
    assert step.status_code == 302
    done = choose(client, step.location)
    assert done.location == "/sign-in"
    assert not is_in(elsewhere)  # every session before ended
    assert sign_in(client, NIP, NEW_PASSWORD).status_code == 302
    assert WRONG in words(enter(browser(), code))
    assert DEAD in words(client.get(step.location, follow_redirects=True))


@pytest.mark.parametrize("spelling", [str.lower, grouped, lambda c: f" {grouped(c.lower())} "])
def test_small_letters_blanks_and_hyphens_do_not_matter(
    app: Flask, cast: Cast, client: PageClient, spelling: Callable[[str], str]
) -> None:
    assert enter(client, spelling(given(app, cast))).status_code == 302


def test_letters_that_look_like_digits_are_read_as_digits() -> None:
    assert tidy("o0-iL1") == "00111"
    assert grouped("7K2M9PQR4TVX") == "7K2M-9PQR-4TVX"


def test_codes_are_long_and_their_signs_are_told_apart(app: Flask, cast: Cast) -> None:
    codes = {given(app, cast) for _ in range(50)}
    assert len(codes) == 50
    assert all(re.fullmatch(rf"[{SIGNS}]{{12}}", code) for code in codes)
    assert not set("ILOU") & set(SIGNS)


def test_the_table_does_not_hold_the_code(app: Flask, cast: Cast) -> None:
    code = given(app, cast)
    stored = rows(app, sa.select(ActivationCode.__table__))
    assert code not in str(stored)


def test_a_new_code_replaces_the_one_before(app: Flask, cast: Cast, client: PageClient) -> None:
    before, after = given(app, cast), given(app, cast)
    assert WRONG in words(enter(client, before))
    assert enter(client, after).status_code == 302
    open_ones = sa.select(sa.func.count()).where(
        ActivationCode.used_at.is_(None), ActivationCode.void_at.is_(None)
    )
    assert rows(app, open_ones) == [(1,)]


def test_a_code_runs_out(app: Flask, cast: Cast, client: PageClient, at: SetClock) -> None:
    at(now := clock.now())
    code = given(app, cast)
    at(now + timedelta(days=rules.ACTIVATION_DAYS, seconds=-1))
    step = enter(client, code)
    assert step.status_code == 302
    at(now + timedelta(days=rules.ACTIVATION_DAYS))
    assert DEAD in words(client.get(step.location, follow_redirects=True))
    assert WRONG in words(enter(client, code))


def test_the_second_step_waits_half_an_hour(
    app: Flask, cast: Cast, client: PageClient, at: SetClock
) -> None:
    step = enter(client, given(app, cast))
    at(clock.now() + timedelta(seconds=activation.STEP_SECONDS + 1))
    assert DEAD in words(client.get(step.location, follow_redirects=True))


def test_the_password_stays_until_the_code_is_used(
    app: Flask, cast: Cast, client: PageClient
) -> None:
    given(app, cast)
    assert sign_in(client, NIP, PASSWORD).status_code == 302


def test_wrong_codes_are_counted_and_held_back(app: Flask, cast: Cast, client: PageClient) -> None:
    code = given(app, cast)
    for left in reversed(range(rules.ACCOUNT_TRIES)):
        answer = enter(client, "0000-0000-0000")
        assert answer.status_code == 422
        assert f"Sisa {left} percobaan." in words(answer)
    held = enter(client, code)
    assert held.status_code == 429
    assert "Terlalu banyak percobaan" in words(held)


def test_the_answer_does_not_tell_whether_the_account_exists(
    app: Flask, cast: Cast, client: PageClient
) -> None:
    given(app, cast)
    real = enter(client, "0000-0000-0000")
    strange = enter(client, "0000-0000-0000", "199912312022031099")
    assert words(real).replace(NIP, "") == words(strange).replace("199912312022031099", "")


def test_another_persons_code_is_a_wrong_one(app: Flask, cast: Cast, client: PageClient) -> None:
    assert WRONG in words(enter(client, given(app, cast, "stranger")))


def test_a_weak_password_is_refused_and_the_code_still_works(
    app: Flask, cast: Cast, client: PageClient
) -> None:
    step = enter(client, given(app, cast))
    assert choose(client, step.location, "pendek").status_code == 422
    assert choose(client, step.location).location == "/sign-in"


def test_a_closed_account_has_no_code(app: Flask, cast: Cast, client: PageClient) -> None:
    code = given(app, cast)
    with app.app_context(), transaction():
        people.deactivate_person(None, cast.person("learner"))
    assert WRONG in words(enter(client, code))
    with app.app_context(), transaction():
        people.reactivate_person(None, cast.person("learner"))
    assert WRONG in words(enter(client, code)), "closing the account voids the code"
    with app.app_context(), transaction():
        people.deactivate_person(None, person := cast.person("learner"))
        with pytest.raises(DomainError):
            activation.give_code(None, person)


def test_a_forged_token_leads_back(client: PageClient, cast: Cast) -> None:
    assert client.get("/activate/palsu").location == "/activate"


def test_a_person_without_a_password_gets_in(app: Flask, cast: Cast, client: PageClient) -> None:
    with app.app_context(), transaction():
        cast.person("learner").password_hash = None
    step = enter(client, given(app, cast))
    choose(client, step.location)
    assert sign_in(client, NIP, NEW_PASSWORD).status_code == 302
    assert rows(app, sa.select(Person.initial_password_at).where(Person.nip == NIP)) == [(None,)]


def test_old_codes_are_swept(app: Flask, cast: Cast, at: SetClock) -> None:
    at(now := clock.now())
    given(app, cast)
    kept = timedelta(days=rules.ACTIVATION_DAYS) + activation.KEPT
    with app.app_context():
        at(now + kept)
        with transaction():
            assert activation.remove_old_codes(10) == 0
        at(now + kept + timedelta(seconds=1))
        with transaction():
            assert activation.remove_old_codes(10) == 1


def test_a_new_password_by_another_way_voids_the_code(
    app: Flask, cast: Cast, client: PageClient
) -> None:
    code = given(app, cast)
    sign_in(client)
    change_to(client)
    assert WRONG in words(enter(client, code))


def test_a_hall_of_people_behind_one_address_is_not_held_back(
    app: Flask, cast: Cast, client: PageClient
) -> None:
    """A right code is no failed try, also before its password is chosen."""
    for _ in range(3):
        assert enter(client, given(app, cast)).status_code == 302
    assert rows(app, sa.select(CredentialTry.id)) == []
