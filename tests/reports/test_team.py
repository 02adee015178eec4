"""The team board: the people placed today in the units headed today, and nobody else."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.accounts.actions import people, placements
from lms.accounts.models import Person, Position
from lms.accounts.queries import team
from lms.accounts.queries.team import Scope
from lms.accounts.rules import Employment, PlacementStanding
from lms.core import clock
from lms.core.db import db, transaction
from tests.cast import Cast
from tests.client import PageClient, client_of, words
from tests.learning.assigning import today
from tests.queries import counted

NAMES = {
    "wali": "Ratna Dewi", "agency_head": "Hasan Basri", "head": "Bagus Prasetyo",
    "learner": "Sari Wulandari", "colleague": "Daud Kogoya", "other_head": "Meutia Rahmah",
    "stranger": "Andi Tenri", "mover": "Putu Ayu Lestari",
}  # fmt: skip


def board(app: Flask, cast: Cast, name: str, **query: str) -> str:
    client = client_of(app, cast, name)
    return words(client.get("/team", query_string=query))


@pytest.mark.parametrize(
    ("head", "team"),
    [
        ("head", {"learner", "colleague"}),  # not herself, not who moved away
        ("agency_head", {"head", "learner", "colleague"}),  # the units below too
        ("other_head", {"stranger", "mover"}),
        ("wali", set(NAMES) - {"wali"}),  # the whole city
    ],
)
def test_a_head_sees_the_people_of_today_in_the_own_units(
    app: Flask, cast: Cast, head: str, team: set[str]
) -> None:
    page = board(app, cast, head)
    main = page.split("Daftar pegawai", 1)[1]
    assert {name for name, full in NAMES.items() if full in main} == team
    assert f"{len(team)} pegawai" in page


def test_who_heads_nothing_has_no_board(app: Flask, cast: Cast, client: PageClient) -> None:
    client.sign_in(cast.people["learner"])
    assert client.get("/team").status_code == 403
    assert "Tim saya" not in words(client.get("/"))


def test_a_search_finds_nobody_outside_the_team(app: Flask, cast: Cast) -> None:
    for search in ("Andi", "andi tenri", "198807072012011007", "19880707 201201 1 007"):
        page = board(app, cast, "head", q=search)
        assert "Tidak ada yang cocok" in page
        assert "0 pegawai" in page
    assert "1 pegawai" in board(app, cast, "head", q="sari")
    assert "Sari Wulandari" in board(app, cast, "head", q="199004042015042004")
    for search in ("%", "_", "'", "\\"):
        assert "0 pegawai" in board(app, cast, "head", q=search)


@pytest.mark.parametrize("name", ["stranger", "mover", "agency_head", "head", "wali"])
def test_the_address_of_a_person_outside_the_team_is_not_found(
    app: Flask, cast: Cast, client: PageClient, name: str
) -> None:
    with app.app_context():
        uuid = cast.person(name).uuid
    client.sign_in(cast.people["head"])
    page = client.get(f"/team/{uuid}")
    unknown = client.get("/team/00000000-0000-4000-8000-000000000000")
    assert page.status_code == unknown.status_code == 404
    if name != "head":  # whose own name stands in the menu
        assert NAMES[name] not in words(page)


def test_the_page_of_a_person_shows_courses_competencies_and_hours(
    app: Flask, cast: Cast, client: PageClient
) -> None:
    with app.app_context():
        uuid = cast.person("learner").uuid
    client.sign_in(cast.people["head"])
    page = words(client.get(f"/team/{uuid}"))
    for expected in (
        "Sari Wulandari",
        "19900404 201504 2 004",
        "Belum mengikuti kursus",
        "0 dari 9",
    ):
        assert expected in page


def test_a_transfer_ends_the_sight_of_the_old_head_on_the_day(
    app: Flask, cast: Cast, client: PageClient
) -> None:
    today = clock.today("Asia/Jakarta")
    with app.app_context(), transaction():
        person = cast.person("learner")
        position = db.session.scalars(db.select(Position)).first()
        assert position is not None
        placements.place_person(person, cast.unit("b"), position, start_on=today)
    assert "Sari Wulandari" not in board(app, cast, "head")
    assert "Sari Wulandari" in board(app, cast, "other_head")


def test_a_future_placement_gives_no_sight_yet(app: Flask, cast: Cast) -> None:
    tomorrow = clock.today("Asia/Jakarta") + timedelta(days=2)
    _act(app, cast, "stranger", "a1", start_on=tomorrow)
    client = app.test_client()
    assert isinstance(client, PageClient)
    client.sign_in(cast.people["stranger"])
    assert client.get("/team").status_code == 403


def test_an_acting_head_sees_the_team_only_within_the_dates(app: Flask, cast: Cast) -> None:
    today = clock.today("Asia/Jakarta")
    _act(app, cast, "stranger", "a1", start_on=today - timedelta(days=9), end_on=today)
    assert "Sari Wulandari" in board(app, cast, "stranger")
    later = clock.now() + timedelta(days=2)
    clock.set_clock(lambda: later)
    client = app.test_client()
    assert isinstance(client, PageClient)
    client.sign_in(cast.people["stranger"])
    assert client.get("/team").status_code == 403


def test_somebody_with_two_placements_in_the_units_is_one_row(app: Flask, cast: Cast) -> None:
    today = clock.today("Asia/Jakarta")
    _act(app, cast, "learner", "a", start_on=today)
    page = board(app, cast, "wali")
    assert page.split("Daftar pegawai", 1)[1].count("Sari Wulandari") == 1
    assert "7 pegawai" in page


def test_deactivated_people_are_left_out(app: Flask, cast: Cast) -> None:
    with app.app_context(), transaction():
        people.deactivate_person(None, cast.person("colleague"))
    assert "Daud Kogoya" not in board(app, cast, "head")


def test_the_board_pages_by_key_and_costs_the_same_for_many(
    app: Flask, cast: Cast, client: PageClient
) -> None:
    client.sign_in(cast.people["head"])
    client.get("/team")
    with counted(app) as few:
        client.get("/team")
    _fill(app, cast, 60)
    with counted(app) as many:
        first = client.get("/team")
    assert len(many) == len(few)
    assert len(many) <= 16, "\n".join(many)
    assert "62 pegawai" in words(first)
    seen = []
    address: str | None = "/team"
    while address:
        html = client.get(address).get_data(as_text=True)
        seen += [f"Pegawai {i:02}" for i in range(60) if f">Pegawai {i:02}<" in html]
        found = html.split('rel="next"')[0].rsplit('href="', 1)[1] if 'rel="next"' in html else ""
        address = found.split('"')[0].replace("&amp;", "&") or None
    assert sorted(seen) == [f"Pegawai {i:02}" for i in range(60)]


def _act(
    app: Flask, cast: Cast, name: str, unit: str, *, start_on: date, end_on: date | None = None
) -> None:
    with app.app_context(), transaction():
        position = db.session.scalars(db.select(Position)).first()
        assert position is not None
        placements.place_person(
            cast.person(name), cast.unit(unit), position, start_on=start_on, end_on=end_on,
            standing=PlacementStanding.ACTING, heads_unit=True,
        )  # fmt: skip


def _fill(app: Flask, cast: Cast, count: int) -> None:
    with app.app_context(), transaction():
        position = db.session.scalars(db.select(Position)).first()
        assert position is not None
        for i in range(count):
            person = people.add_person(
                nip=f"1990010120150110{i + 10:02}", name=f"Pegawai {i:02}", email=None,
                employment=Employment.PNS,
            )  # fmt: skip
            placements.place_person(person, cast.unit("a1"), position, start_on=date(2024, 1, 1))


def test_a_team_without_units_is_empty(context: Flask, cast: Cast) -> None:
    nobody = Scope((), today(), (cast.people["head"],))
    query = sa.select(Person.id).where(team.is_member(0, large=False))
    assert db.session.scalars(query.params(**nobody.values)).all() == []
    query = sa.select(Person.id).where(team.is_member(0, large=True))
    assert db.session.scalars(query.params(**nobody.values)).all() == []
