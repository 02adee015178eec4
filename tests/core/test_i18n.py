"""Numbers, days and instants as people read them, in two languages and three zones."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask import Flask, g
from flask_babel import force_locale, gettext

from lms.core import i18n
from tests.cast import Cast
from tests.client import PageClient, words
from tests.conftest import SetClock

AT = datetime(2026, 11, 21, 16, 5, tzinfo=UTC)

INSTANTS = [
    # language, zone, as shown
    ("id", "Asia/Jakarta", "21 November 2026, 23.05 WIB"),
    ("id", "Asia/Makassar", "22 November 2026, 00.05 WITA"),
    ("id", "Asia/Jayapura", "22 November 2026, 01.05 WIT"),
    ("en", "Asia/Jakarta", "21 November 2026, 23:05 WIB"),
    ("en", "Asia/Makassar", "22 November 2026, 00:05 WITA"),
    ("en", "Asia/Jayapura", "22 November 2026, 01:05 WIT"),
    ("id", "Europe/Berlin", "21 November 2026, 17.05 Europe/Berlin"),
]


@pytest.mark.parametrize(("language", "zone", "shown"), INSTANTS)
def test_an_instant_is_shown_in_the_zone_with_its_name(
    context: Flask, language: str, zone: str, shown: str
) -> None:
    with context.test_request_context(), force_locale(language):
        assert i18n.instant(AT, zone) == shown


DAYS = [
    ("id", date(2026, 8, 17), "17 Agustus 2026", "Senin, 17 Agustus 2026"),
    ("en", date(2026, 8, 17), "17 August 2026", "Monday, 17 August 2026"),
    ("id", date(2028, 2, 29), "29 Februari 2028", "Selasa, 29 Februari 2028"),
    ("en", date(2027, 1, 1), "1 January 2027", "Friday, 1 January 2027"),
]


@pytest.mark.parametrize(("language", "day", "short", "long"), DAYS)
def test_a_day(context: Flask, language: str, day: date, short: str, long: str) -> None:
    with context.test_request_context(), force_locale(language):
        assert (i18n.long_date(day), i18n.long_day(day)) == (short, long)


NUMBERS = [
    ("id", Decimal("1234.50"), "1.234,5"),
    ("en", Decimal("1234.50"), "1,234.5"),
    ("id", Decimal("20.00"), "20"),
    ("id", Decimal("0.75"), "0,75"),
    ("id", Decimal("-3.2"), "-3,2"),
    ("id", 1_000_000, "1.000.000"),
    ("en", 0, "0"),
]


@pytest.mark.parametrize(("language", "value", "shown"), NUMBERS)
def test_a_number(context: Flask, language: str, value: Decimal | int, shown: str) -> None:
    with context.test_request_context(), force_locale(language):
        assert i18n.number(value) == shown


SCORES = [
    ("id", None, "–"),
    ("id", Decimal("100"), "100"),
    ("id", Decimal("66.67"), "66,67"),
    ("en", Decimal("66.67"), "66.67"),
    ("id", Decimal("0.00"), "0"),
    ("id", Decimal("33.33"), "33,33"),
    # never rounded up to a mark that was not reached
    ("id", Decimal("69.99"), "69,99"),
    ("id", Decimal("69.95"), "69,95"),
    ("id", Decimal("99.99"), "99,99"),
    ("id", Decimal("70.00"), "70"),
]


@pytest.mark.parametrize(("language", "percent", "shown"), SCORES)
def test_a_score(context: Flask, language: str, percent: Decimal | None, shown: str) -> None:
    with context.test_request_context(), force_locale(language):
        assert i18n.points(percent) == shown


HOURS = [
    # hour in UTC, greeting in Jakarta (+7), greeting in Jayapura (+9)
    (21, "Selamat pagi", "Selamat pagi"),  # 04, 06
    (20, "Selamat malam", "Selamat pagi"),  # 03, 05
    (3, "Selamat pagi", "Selamat siang"),  # 10, 12
    (4, "Selamat siang", "Selamat siang"),  # 11, 13
    (8, "Selamat sore", "Selamat sore"),  # 15, 17
    (11, "Selamat malam", "Selamat malam"),  # 18, 20
]


@pytest.mark.parametrize(("hour", "jakarta", "jayapura"), HOURS)
def test_the_greeting_follows_the_local_hour(
    context: Flask, at: SetClock, hour: int, jakarta: str, jayapura: str
) -> None:
    at(datetime(2026, 5, 5, hour, tzinfo=UTC))
    with context.test_request_context():
        assert i18n.greeting("Asia/Jakarta") == jakarta
        assert i18n.greeting("Asia/Jayapura") == jayapura


CHOICES = [
    # language of the account, cookie of the device, the choice
    (None, None, "id"),
    (None, "en", "en"),
    ("id", "en", "id"),
    ("en", None, "en"),
    ("en", "id", "en"),
    (None, "fr", "id"),
    (None, "", "id"),
    (None, "../en", "id"),
    ("xx", "en", "id"),
]


@pytest.mark.parametrize(("account", "cookie", "choice"), CHOICES)
def test_the_account_decides_then_the_device_then_indonesian(
    context: Flask, account: str | None, cookie: str | None, choice: str
) -> None:
    headers = {"Cookie": f"language={cookie}"} if cookie is not None else {}
    with context.test_request_context(headers=headers):
        if account:
            g._login_user = type("Actor", (), {"language": account})()
        assert i18n.choose_language() == choice


def test_without_a_request_it_is_indonesian(context: Flask) -> None:
    assert i18n.choose_language() == "id"
    assert i18n.language() == "id"
    assert i18n.long_date(date(2026, 8, 17)) == "17 Agustus 2026"


def test_the_browsers_own_language_is_not_asked(client: PageClient) -> None:
    page = client.get("/sign-in", headers={"Accept-Language": "en-GB,en"})
    assert '<html lang="id"' in page.get_data(as_text=True)


def test_the_choice_of_a_device_is_kept_and_that_of_a_person_follows_them(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    client.send("/preferences", {"language": "en", "next": "/sign-in"})
    assert "Password" in words(client.get("/sign-in"))
    client.sign_in(cast.people["learner"])
    client.send("/preferences", {"language": "en", "next": "/"})
    elsewhere = app.test_client()
    assert isinstance(elsewhere, PageClient)
    elsewhere.sign_in(cast.people["learner"])
    assert '<html lang="en"' in elsewhere.get("/").get_data(as_text=True)
    client.send("/preferences", {"language": "xx", "next": "/"})
    assert '<html lang="en"' in elsewhere.get("/").get_data(as_text=True)


def test_the_readers_language_is_back_even_after_a_fault(context: Flask) -> None:
    with context.test_request_context():
        with i18n.in_language("en"):
            assert gettext("Beranda") == "Home"
        with pytest.raises(RuntimeError), i18n.in_language("en"):
            raise RuntimeError(gettext("Beranda"))
        assert gettext("Beranda") == "Beranda"


@pytest.mark.parametrize(
    ("shown_in", "code", "name"),
    [
        ("id", "id", "Indonesia"),
        ("id", "en", "Inggris"),
        ("en", "id", "Indonesian"),
        ("en", "jv", "Javanese"),
        ("id", "mad", "Madura"),
        ("en", "ban", "Balinese"),
        ("id", "en-GB", "Inggris (Inggris Raya)"),
        ("id", "qq", "qq"),  # there is none
    ],
)
def test_a_language_is_named_in_that_of_the_page(
    context: Flask, shown_in: str, code: str, name: str
) -> None:
    with context.test_request_context(), force_locale(shown_in):
        assert i18n.language_name(code) == name
