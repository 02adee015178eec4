"""The own account: what the page tells, language and appearance."""

from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.accounts.actions import people, roles
from lms.accounts.models import Person
from lms.accounts.rules import Employment, Role
from lms.core.db import transaction
from tests.accounts.door import change, form_on, rows, send_form, sign_in
from tests.cast import Cast
from tests.client import PageClient, words


def settings(client: PageClient) -> str:
    return words(client.get("/my/settings"))


@pytest.mark.parametrize(
    ("name", "shown", "hidden"),
    [
        (
            "learner",
            [
                "Nama Sari Wulandari", "NIP 19900404 201504 2 004", "Surel sari@contoh.test",
                "Jabatan Pengelola Layanan Operasional", "Unit kerja Bidang A1",
            ],
            ["NI PPPK", "Peran Pengajar"],
        ),
        ("colleague", ["NI PPPK 19910505 201921 1 005", "Surel belum ada"], ["NIP 1991"]),
        ("stranger", ["Peran Pengajar, Kota Contoh", "Unit kerja Dinas B"], ["NI PPPK"]),
        ("mover", ["Unit kerja Dinas B"], ["Bidang A1"]),  # where the person is, not was
    ],
)  # fmt: skip
def test_the_page_tells_what_is_held_about_the_person(
    cast: Cast, client: PageClient, name: str, shown: list[str], hidden: list[str]
) -> None:
    client.sign_in(cast.people[name])
    page = settings(client)
    for fact in shown:
        assert fact in page
    for fact in hidden:
        assert fact not in page
    assert "Data ini berasal dari kepegawaian." in page


def test_somebody_without_placement_sees_so(app: Flask, cast: Cast, client: PageClient) -> None:
    with app.app_context(), transaction():
        person = people.add_person(
            nip="199209092018012009", name="Wayan", email=None, employment=Employment.PNS
        )
        person_id = person.id
    client.sign_in(person_id)
    page = settings(client)
    assert "Jabatan belum ditempatkan" in page
    assert "Unit kerja belum ditempatkan" in page
    assert "WIB" in page
    assert client.get("/").status_code == 200


def test_every_role_has_words_and_only_those_of_today_are_told(
    app: Flask, cast: Cast, client: PageClient
) -> None:
    with app.app_context(), transaction():
        person, unit = cast.person("learner"), cast.unit("a")
        for role in Role:
            roles.grant_role(person, role, unit, start_on=date(2020, 1, 1), reason="SK 2")
        over = roles.grant_role(
            person, Role.HR, cast.unit("b"), start_on=date(2020, 1, 1), reason="SK 3"
        )
        over.end_on = date(2020, 12, 31)
        roles.grant_role(
            person, Role.AUDITOR, cast.unit("city"), start_on=date(2100, 1, 1), reason="SK 4"
        )
    client.sign_in(cast.people["learner"])
    page = settings(client)
    for role_name in ("Admin sistem", "Auditor", "Admin SDM", "Pengajar"):
        assert page.count(f"{role_name}, Dinas A") == 1
    assert "Dinas B" not in page
    assert "Kota Contoh" not in page


def test_a_hostile_name_is_only_a_name(app: Flask, cast: Cast, client: PageClient) -> None:
    name = "<img src=x onerror=alert(1)> %(x)s {{ 7*7 }}"
    change(app, sa.update(Person).where(Person.id == cast.people["learner"]).values(name=name))
    client.sign_in(cast.people["learner"])
    page = client.get("/my/settings")
    assert name in words(page)
    assert "<img src=x" not in page.get_data(as_text=True)


# ── Language and appearance ──────────────────────────────────────────────────────────────────


def language_of(client: PageClient, address: str = "/sign-in") -> str:
    html = client.get(address).get_data(as_text=True)
    return html.split('<html lang="')[1][:2]


def test_a_visitors_language_is_kept_on_the_device(client: PageClient) -> None:
    form = form_on(client.get("/sign-in?next=%2Fcourses"), to="/preferences")
    response = send_form(client, form, language="en")
    assert response.location == "/sign-in?next=%2Fcourses"
    assert language_of(client) == "en"
    cookie = client.get_cookie("language")
    assert cookie is not None
    assert (cookie.value, cookie.http_only, cookie.same_site) == ("en", True, "Lax")
    assert cookie.max_age == 365 * 86400


def test_a_persons_language_goes_along_to_other_devices(
    app: Flask, cast: Cast, client: PageClient
) -> None:
    sign_in(client)
    form = form_on(client.get("/my/settings"), to="/preferences")
    assert send_form(client, form, language="en").location == "/my/settings"
    mine = sa.select(Person.language).where(Person.language.is_not(None))
    assert rows(app, mine) == [("en",)]
    elsewhere = app.test_client()
    assert isinstance(elsewhere, PageClient)
    assert language_of(elsewhere) == "id"
    sign_in(elsewhere)
    assert language_of(elsewhere, "/my/settings") == "en"
    elsewhere.set_cookie("language", "id")  # the account's choice comes before the device's
    assert language_of(elsewhere, "/my/settings") == "en"


@pytest.mark.parametrize("language", ["", "de", "ID", "en\x01", "en-GB", "../../x", "e" * 5000])
def test_an_unknown_language_changes_nothing(
    app: Flask, cast: Cast, client: PageClient, language: str
) -> None:
    sign_in(client)
    assert client.send("/preferences", {"language": language}).location == "/"
    assert client.get_cookie("language") is None
    client.set_cookie("language", "de")
    assert language_of(client, "/my/settings") == "id"
    assert rows(app, sa.select(Person.id).where(Person.language.is_not(None))) == []


def test_the_appearance_is_a_matter_of_the_device(client: PageClient) -> None:
    def theme() -> str:
        html = client.get("/sign-in").get_data(as_text=True)
        return html.split("<html")[1].split(">")[0]

    for chosen in ("dark", "light"):
        assert client.send("/preferences", {"theme": chosen}).status_code == 302
        assert f'data-theme="{chosen}"' in theme()
    client.send("/preferences", {"theme": "auto"})
    assert client.get_cookie("theme") is None
    assert "data-theme" not in theme()
    client.send("/preferences", {"theme": '"><script>'})
    client.set_cookie("theme", '"><script>')
    assert "data-theme" not in theme()


@pytest.mark.parametrize(
    ("asked", "leads_to"),
    [
        ("/courses?q=x", "/courses?q=x"),
        ("//evil.test", "/"),
        ("/\\evil.test", "/"),
        ("https://evil.test", "/"),
        ("http://[evil", "/"),
        ("javascript:alert(1)", "/"),
        ("/\r\nSet-Cookie: x=y", "/"),
        ("", "/"),
    ],
)
def test_choosing_leads_back_into_the_site_only(
    client: PageClient, asked: str, leads_to: str
) -> None:
    response = client.send("/preferences", {"theme": "dark", "next": asked})
    assert (response.status_code, response.location) == (302, leads_to)
    assert client.get_cookie("x") is None


def test_choosing_needs_a_token_and_a_post(client: PageClient) -> None:
    assert client.get("/preferences").status_code == 405
    assert client.post("/preferences", data={"theme": "dark"}).status_code == 400
    assert client.get_cookie("theme") is None


@pytest.mark.parametrize(
    ("name", "usual", "others", "mark"),
    [
        ("text", "normal", ("large", "larger"), 'data-text="{}"'),
        ("data", "all", ("less",), "data-saver"),
    ],
)
def test_text_size_and_data_saver_are_a_matter_of_the_device(
    client: PageClient, name: str, usual: str, others: tuple[str, ...], mark: str
) -> None:
    def root() -> str:
        html = client.get("/sign-in").get_data(as_text=True)
        return html.split("<html")[1].split(">")[0]

    before = root()
    for value in others:
        assert client.send("/preferences", {name: value}).status_code == 302
        cookie = client.get_cookie(name)
        assert cookie is not None
        assert (cookie.value, cookie.http_only, cookie.same_site) == (value, True, "Lax")
        assert mark.format(value) in root()
    client.send("/preferences", {name: usual})
    assert client.get_cookie(name) is None
    for strange in ('"><script>', "LARGE", "", "x" * 4000):
        client.send("/preferences", {name: strange})
        assert client.get_cookie(name) is None
        client.set_cookie(name, strange)
        assert root() == before
        client.delete_cookie(name)


def test_the_page_shows_what_the_device_has_chosen(cast: Cast, client: PageClient) -> None:
    client.sign_in(cast.people["learner"])
    client.send("/preferences", {"text": "larger", "data": "less"})
    html = client.get("/my/settings").get_data(as_text=True)
    for name, value in (("text", "larger"), ("data", "less"), ("theme", "auto")):
        assert f'name="{name}" value="{value}" aria-pressed="true"' in html
    assert html.count('aria-pressed="true"') == 6  # the theme stands there twice
