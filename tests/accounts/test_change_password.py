"""Changing the own password, and having to where somebody else made it."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.accounts.models import Person
from lms.accounts.rules import ACCOUNT_TRIES
from lms.core.audit import AuditEntry
from lms.core.passwords import hash_password, is_right_password
from tests.accounts.door import (
    CHANGE_PAGE,
    EMAIL,
    NEW_PASSWORD,
    NIP,
    change,
    change_to,
    form_on,
    is_in,
    mails,
    rows,
    sessions,
    sign_in,
    tries,
)
from tests.cast import PASSWORD, Cast
from tests.client import PageClient, words


def stored(app: Flask, cast: Cast) -> str:
    ((found,),) = rows(
        app, sa.select(Person.password_hash).where(Person.id == cast.people["learner"])
    )
    return str(found)


def test_a_new_password_ends_all_other_sessions_and_this_one_lives(
    app: Flask, cast: Cast, client: PageClient, browser: Callable[[], PageClient]
) -> None:
    sign_in(other := browser(), remember="y")
    sign_in(stranger := browser(), "andi@contoh.test")
    sign_in(client)
    response = change_to(client)
    assert response.location == "/"
    assert "Kata sandi baru tersimpan. Sesi lain sudah diakhiri." in words(client.get("/"))
    assert (is_in(client), is_in(other), is_in(stranger)) == (True, False, True)
    assert sign_in(browser()).status_code == 422  # the old one
    assert sign_in(browser(), EMAIL, NEW_PASSWORD).status_code == 302
    actions_done = rows(app, sa.select(AuditEntry.action))
    assert ("accounts.password_changed",) in actions_done


def test_the_person_is_told_by_mail(app: Flask, cast: Cast, client: PageClient) -> None:
    name = "Sari 'Wulan' Nur'aini <b>&"
    change(app, sa.update(Person).where(Person.id == cast.people["learner"]).values(name=name))
    sign_in(client)
    change_to(client)
    (mail,) = mails(app)
    assert (mail.recipient, mail.subject) == (EMAIL, "Kata sandi Anda diubah")
    assert mail.body.startswith(f"Yth. {name},\n")  # plain text: nothing is escaped
    assert "Kata sandi akun Anda di Pemerintah Kota Wanasari baru saja diubah" in mail.body
    for secret in (PASSWORD, NEW_PASSWORD, NIP):
        assert secret not in mail.body


def test_a_person_without_an_address_changes_it_without_mail(
    app: Flask, cast: Cast, client: PageClient
) -> None:
    client.sign_in(cast.people["colleague"])
    assert change_to(client).location == "/"
    assert mails(app) == []


@pytest.mark.parametrize(
    ("current", "new", "again", "message"),
    [
        ("salah-sama-sekali", NEW_PASSWORD, NEW_PASSWORD, "Kata sandi sekarang tidak cocok"),
        (PASSWORD, "pendek", "pendek", "Kata sandi paling sedikit 10 karakter"),
        (PASSWORD, "abcd" * 33, "abcd" * 33, "Kata sandi paling banyak 128 karakter"),
        (PASSWORD, NEW_PASSWORD, NEW_PASSWORD + "x", "Kedua kata sandi tidak sama"),
        (PASSWORD, PASSWORD, PASSWORD, "Kata sandi baru sama dengan yang sekarang"),
        (PASSWORD, "Merdeka 1945", "Merdeka 1945", "Kata sandi ini mudah ditebak"),
        (PASSWORD, "QWERTYUIOP", "QWERTYUIOP", "Kata sandi ini mudah ditebak"),
        (PASSWORD, "Pass-Word-123", "Pass-Word-123", "Kata sandi ini mudah ditebak"),
        (PASSWORD, "sari wulandari", "sari wulandari", "memuat nama, NIP, atau surel Anda"),
        (PASSWORD, f"x{NIP}", f"x{NIP}", "memuat nama, NIP, atau surel Anda"),
        ("", NEW_PASSWORD, NEW_PASSWORD, "Isi kata sandi Anda sekarang"),
        (PASSWORD, "", "", "Isi kata sandi baru"),
        (PASSWORD, NEW_PASSWORD, "", "Ulangi kata sandi baru"),
        ("x" * 1001, NEW_PASSWORD, NEW_PASSWORD, "Paling banyak 1000 karakter."),
    ],
)
def test_a_refused_change_says_why_and_changes_nothing(
    app: Flask, cast: Cast, client: PageClient, current: str, new: str, again: str, message: str
) -> None:
    sign_in(client)
    before, live = stored(app, cast), sessions(app, live=True)
    response = change_to(client, new, again, current)
    assert response.status_code == 422
    assert message in words(response)
    html = response.get_data(as_text=True)
    assert all(typed not in html for typed in (current, new, again) if len(typed) > 6)
    assert stored(app, cast) == before
    assert sessions(app, live=True) == live
    assert mails(app) == []


def test_a_password_of_any_signs_is_taken_whole(
    app: Flask, cast: Cast, client: PageClient, browser: Callable[[], PageClient]
) -> None:
    new = "  Padi 🌾 menguning\tdi أرض <b>&'\"%s" + "z" * 90
    sign_in(client)
    assert change_to(client, new).status_code == 302
    assert sign_in(browser(), EMAIL, new[:-1]).status_code == 422
    assert sign_in(browser(), EMAIL, new.strip()).status_code == 422
    assert sign_in(browser(), EMAIL, new).status_code == 302


def test_guessing_the_current_password_is_throttled_with_the_door(
    app: Flask, cast: Cast, client: PageClient, browser: Callable[[], PageClient]
) -> None:
    """A stolen session must not become a stolen password (every way in shares one throttle)."""
    sign_in(client)
    sign_in(browser(), EMAIL, "salah-sama-sekali")
    for _ in range(ACCOUNT_TRIES - 1):
        assert change_to(client, current="salah-sama-sekali").status_code == 422
    response = change_to(client)
    assert response.status_code == 429
    assert "Terlalu banyak percobaan. Coba lagi dalam 15 menit." in words(response)
    assert sign_in(browser()).status_code == 429
    assert len(tries(app)) == ACCOUNT_TRIES


def test_a_new_password_that_would_be_refused_costs_no_try(
    app: Flask, cast: Cast, client: PageClient
) -> None:
    sign_in(client)
    change_to(client, "pendek")
    assert tries(app) == []
    change_to(client, current="salah-sama-sekali")
    assert len(tries(app)) == 1
    change_to(client)
    assert tries(app) == []  # the person proved to be who they are


def test_a_change_that_commits_meanwhile_wins(
    app: Flask, cast: Cast, client: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hashing is slow; a reset in that time ends this session, and must not be overwritten."""
    sign_in(client)
    with app.app_context():
        reset = hash_password("pintu-kayu-tua")

    def verify_slowly(stored_hash: str | None, password: str) -> bool:
        right = is_right_password(stored_hash, password)
        mine = Person.id == cast.people["learner"]
        change(app, sa.update(Person).where(mine).values(password_hash=reset))
        return right

    monkeypatch.setattr("lms.accounts.views.password.is_right_password", verify_slowly)
    response = change_to(client)
    assert response.status_code == 422
    assert "Kata sandi Anda baru saja diubah" in words(response)
    assert stored(app, cast) == reset


def test_the_page_tells_password_managers_whose_password_it_is(
    cast: Cast, client: PageClient
) -> None:
    sign_in(client)
    page = client.get(CHANGE_PAGE)
    assert form_on(page, "current").fields["username"] == [EMAIL]
    assert "Paling sedikit 10 karakter." in words(page)
    client.sign_in(cast.people["colleague"])
    assert form_on(client.get(CHANGE_PAGE), "current").fields["username"] == ["199105052019211005"]
