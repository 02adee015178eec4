"""The register of people: who sees whom, and how it is searched."""

import re
from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.accounts.actions import people, placements
from lms.accounts.models import ActivationCode, Person
from lms.accounts.rules import Employment, Role
from lms.core import clock
from lms.core.db import transaction
from tests.accounts.door import rows
from tests.accounts.register import a_position, grant, page_of
from tests.cast import Cast
from tests.client import PageClient, words
from tests.conftest import SetClock


@pytest.mark.parametrize("name", ["hr", "auditor", "admin"])
def test_a_role_for_the_root_shows_everybody(
    app: Flask, cast: Cast, client: PageClient, name: str
) -> None:
    with app.app_context(), transaction():
        people.add_person(
            nip="199001012015011001",
            name="Belum Ditempatkan",
            email=None,
            employment=Employment.PNS,
        )
    client.sign_in(cast.people[name])
    seen = words(client.get("/people"))
    for person in ("Sari Wulandari", "Andi Tenri", "Ratna Dewi", "Belum Ditempatkan"):
        assert person in seen


def test_a_role_for_a_unit_shows_who_is_placed_there_today(unit_admin: PageClient) -> None:
    seen = words(unit_admin.get("/people"))
    assert "Sari Wulandari" in seen
    assert "Hasan Basri" in seen
    for outside in ("Andi Tenri", "Ratna Dewi", "Putu Ayu Lestari"):  # the last one has moved on
        assert outside not in seen


def test_today_is_the_day_of_whoever_looks(
    app: Flask, cast: Cast, client: PageClient, at: SetClock
) -> None:
    """Half past midnight in Makassar, where the other head works, is yesterday in Jakarta."""
    grant(app, cast, "other_head", Role.AUDITOR, "b")
    at(clock.now().replace(hour=16, minute=30))
    with app.app_context(), transaction():
        placements.place_person(
            cast.person("learner"), cast.unit("b"), a_position(),
            start_on=clock.today("Asia/Makassar"),
        )  # fmt: skip
    assert clock.today("Asia/Makassar") > clock.today("Asia/Jakarta")
    page = page_of(app, cast, "learner")
    client.sign_in(cast.people["other_head"])
    assert "Sari Wulandari" in words(client.get("/people"))
    assert client.get(page).status_code == 200


@pytest.mark.parametrize("outside", ["stranger", "wali", "mover"])
def test_nobody_beyond_the_reach_can_be_opened_or_acted_on(
    app: Flask, cast: Cast, unit_admin: PageClient, outside: str
) -> None:
    page = page_of(app, cast, outside)
    assert unit_admin.get(page).status_code == 404
    for act in ("activation-code", "close", "open", "roles"):
        assert unit_admin.send(f"{page}/{act}").status_code == 404, act
    assert rows(app, sa.select(ActivationCode.id)) == []


def test_a_role_that_is_over_opens_nothing(app: Flask, cast: Cast, client: PageClient) -> None:
    grant(app, cast, "learner", Role.ADMIN, "city", end_on=date(2021, 1, 1))
    client.sign_in(cast.people["learner"])
    assert client.get("/people").status_code == 403
    assert "Log audit" not in words(client.get("/my/settings"))


def test_hr_and_auditors_change_nothing(app: Flask, cast: Cast, client: PageClient) -> None:
    page = page_of(app, cast, "learner")
    for name in ("hr", "auditor"):
        client.sign_in(cast.people[name])
        shown = words(client.get(page))
        assert "Tutup akun" not in shown
        assert "Beri peran" not in shown
        for act in ("activation-code", "close", "open", "roles"):
            assert client.send(f"{page}/{act}").status_code == 403, act


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=wulan+sari", {"Sari Wulandari"}),
        ("q=19900404", {"Sari Wulandari"}),
        ("q=1990 0404", {"Sari Wulandari"}),
        ("q=%25", set()),
        ("unit=A1", {"Bagus Prasetyo", "Daud Kogoya", "Sari Wulandari"}),
        ("unit=TIDAK", set()),
        ("state=closed", {"Daud Kogoya"}),
        ("state=waiting", {"Andi Tenri"}),
        ("state=waiting&unit=A1", set()),
    ],
)
def test_search_unit_and_state_narrow(
    app: Flask, cast: Cast, client: PageClient, query: str, found: set[str]
) -> None:
    with app.app_context(), transaction():
        people.deactivate_person(None, cast.person("colleague"))
        cast.person("stranger").password_hash = None
    client.sign_in(cast.people["admin"])
    page = client.get(f"/people?{query}").get_data(as_text=True)
    assert set(re.findall(r'class="pname"[^>]*>([^<]+)', page)) == found


def test_pages_go_on_by_key(app: Flask, cast: Cast, client: PageClient) -> None:
    with app.app_context(), transaction():
        for n in range(1, 61):
            person = people.add_person(
                nip=f"19900101201501{1 + n % 2}{n:03d}", name="Nama Sama", email=None,
                employment=Employment.PNS,
            )  # fmt: skip
            assert person.id
    client.sign_in(cast.people["admin"])
    address, seen, pages = "/people", list[str](), 0
    while address:
        page = client.get(address).get_data(as_text=True)
        seen += re.findall(r'class="pname" href="([^"]+)"', page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        address, pages = (following[1].replace("&amp;", "&") if following else ""), pages + 1
    everybody = rows(app, sa.select(sa.func.count(Person.id)))[0][0]
    assert len(seen) == len(set(seen)) == everybody
    assert pages == 3
