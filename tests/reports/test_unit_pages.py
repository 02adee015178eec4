"""The pages and files of HR's units: nobody of another's units, everything that the figures say."""

import csv
import io
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from lms.accounts.actions import placements, roles
from lms.accounts.rules import Role
from lms.core import clock
from lms.core.audit import AuditEntry
from lms.core.db import db, new_uuid, transaction
from lms.core.errors import NotFound
from lms.reports.queries import gaps, unit_people
from lms.reports.queries.gaps import Kinds
from lms.reports.queries.members import Asked, Standing
from lms.reports.queries.unit_people import Wanted
from tests.cast import Cast
from tests.client import PageClient, words
from tests.conftest import SetClock
from tests.formats.spreadsheet import cells
from tests.learning.assigning import give
from tests.queries import inside
from tests.reports.sights import NAMES, OF_A, OF_B, figures, look, uuid_of

pytestmark = pytest.mark.usefixtures("noon")


def test_hr_of_one_agency_sees_nothing_of_another(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    a, b, city = (uuid_of(app, cast, name) for name in ("a", "b", "city"))
    column = inside(app, lambda: gaps.heat_map(look(cast), Kinds.GENERAL).columns[0].uuid)
    client.sign_in(cast.people["hr_a"])
    foreign = {NAMES[name] for name in (*OF_B, "wali")} | {"Dinas B", "Kota Contoh"}
    for address in (
        "/units", "/units/gaps", f"/units/{a}", f"/units/{a}/gaps", f"/units/{a}/people",
        f"/units/{a}/people?competency={column}",
    ):  # fmt: skip
        page = words(client.get(address))
        assert not [name for name in foreign if name in page], address
    assert "Sari Wulandari" in words(client.get(f"/units/{a}/people"))
    for unit in (b, city, new_uuid()):
        for address in ("", "/gaps", "/people", f"/people?competency={column}"):
            assert client.get(f"/units/{unit}{address}").status_code == 404, address
        for table in ("completion", "gaps", "people"):
            sent = client.send("/units/export", {"table": table, "unit": str(unit)})
            assert sent.status_code == 404
    for table in ("completion", "gaps"):
        text = client.send("/units/export", {"table": table}).data.decode("utf-8-sig")
        assert not [name for name in foreign if name in text]


def test_two_reaches_are_two_rows_and_have_no_page_of_their_own(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    with app.app_context(), transaction():
        roles.grant_role(
            cast.person("hr_a"), Role.HR, cast.unit("b"), start_on=date(2024, 1, 1), reason="SK 4"
        )
    assert inside(app, lambda: figures(look(cast, "hr_a"))) == {
        "Dinas A": (4, 4, 0, 0), "Dinas B": (3, 3, 0, 0)
    }  # fmt: skip
    client.sign_in(cast.people["hr_a"])
    page = words(client.get("/units"))
    assert "7 pegawai" in page
    assert "Dinas A" in words(client.get("/units/gaps"))
    a, a1 = uuid_of(app, cast, "a"), uuid_of(app, cast, "a1")
    page_of_a = client.get(f"/units/{a}").get_data(as_text=True)
    assert f'href="/units/{a}/gaps"' in page_of_a  # and not the map of both
    assert 'href="/units">Unit kerja</a>' in page_of_a
    assert f'href="/units/{a}"' in client.get(f"/units/{a}/gaps").get_data(as_text=True)
    assert f'href="/units/{a}">Dinas A</a>' in client.get(f"/units/{a1}").get_data(as_text=True)
    assert client.get(f"/units/{uuid_of(app, cast, 'city')}").status_code == 404


def test_who_has_no_such_role_has_no_units(app: Flask, client: PageClient, cast: Cast) -> None:
    client.sign_in(cast.people["head"])
    assert client.get("/units").status_code == 403
    with pytest.raises(NotFound):
        inside(app, lambda: look(cast, "head"))


def test_from_the_start_page_to_a_person(app: Flask, client: PageClient, cast: Cast) -> None:
    client.sign_in(cast.people["hr"])
    home = client.get("/").get_data(as_text=True)
    assert 'href="/units"' in home
    start = client.get("/units").get_data(as_text=True)
    a = uuid_of(app, cast, "a")
    assert f'href="/units/{a}"' in start
    assert f'href="/units/{a}/people"' in start
    found = client.get(f"/units/{a}/people?q=sari").get_data(as_text=True)
    person = inside(app, cast.person, "learner").uuid
    assert f'href="/people/{person}"' in found
    assert client.get(f"/people/{person}").status_code == 200
    heat = client.get("/units/gaps").get_data(as_text=True)
    assert f"/units/{a}/people?competency=" in heat
    link = heat.split(f'href="/units/{a}/people?competency=')[1].split('"')[0]
    behind = words(client.get(f"/units/{a}/people?competency={link}"))
    assert "4 dari 4 pegawai yang wajib memilikinya di bawah standar." in behind
    assert "Belum terukur" in behind


def test_late_people_are_behind_the_figure(
    app: Flask, client: PageClient, cast: Cast, at: SetClock
) -> None:
    inside(app, give, cast, "head", people=("learner",), days=2)
    at(clock.now() + timedelta(days=3))
    client.sign_in(cast.people["hr"])
    a1 = uuid_of(app, cast, "a1")
    page = words(client.get(f"/units/{a1}/people?state=late"))
    assert "1 pegawai" in page
    assert "Sari Wulandari" in page
    assert "Daud Kogoya" not in page
    found = inside(
        app, lambda: unit_people.count_people(
            look(cast, unit="a1"), Wanted(Asked(standing=Standing.LATE))
        ),
    )  # fmt: skip
    assert found == 1


def test_a_unit_without_anybody(app: Flask, client: PageClient, cast: Cast) -> None:
    with app.app_context(), transaction():
        placements.add_unit(code="A2", name="Bidang A2", parent=cast.unit("a"))
    client.sign_in(cast.people["hr"])
    a = uuid_of(app, cast, "a")
    assert "Bidang A2" in words(client.get(f"/units/{a}"))
    empty = client.get(f"/units/{a}").get_data(as_text=True).split("Bidang A2")[0]
    uuid = empty.rsplit("/units/", 1)[1].split('"')[0]
    assert "Belum ada pegawai" in words(client.get(f"/units/{uuid}"))
    assert "Belum ada standar" in words(client.get(f"/units/{uuid}/gaps"))
    assert "Tidak ada yang cocok" in words(client.get(f"/units/{uuid}/people"))


def test_nonsense_in_an_address_shows_the_page(app: Flask, client: PageClient, cast: Cast) -> None:
    client.sign_in(cast.people["hr"])
    a = uuid_of(app, cast, "a")
    for query in ("sort=x", "sort=--late", "sort=-", "kind=x", "after=x"):
        assert client.get(f"/units?{query}").status_code == 200
        assert client.get(f"/units/gaps?{query}").status_code == 200
    for query in ("state=x", "after=x", "direct=x", f"after={new_uuid()}", "q=%25"):
        assert client.get(f"/units/{a}/people?{query}").status_code == 200
    for query in ("competency=x", f"competency={new_uuid()}"):
        assert client.get(f"/units/{a}/people?{query}").status_code == 404
    assert client.send("/units/export", {"table": "x"}).status_code == 302
    assert client.send("/units/export", {"table": "gaps", "unit": "x"}).status_code == 404


def test_the_files_hold_what_the_pages_show(app: Flask, client: PageClient, cast: Cast) -> None:
    client.sign_in(cast.people["hr"])
    a = uuid_of(app, cast, "a")
    completion = table(client, {"table": "completion", "sort": "-name"})
    assert [row["Unit kerja"] for row in completion] == [
        "Dinas B", "Dinas A", "Langsung di Kota Contoh", "Semua",
    ]  # fmt: skip
    assert [row["Pegawai"] for row in completion] == ["3", "4", "1", "8"]
    heat = table(client, {"table": "gaps", "unit": a})
    assert [row["Unit kerja"] for row in heat] == ["Langsung di Dinas A", "Bidang A1", "Semua"]
    assert len(heat[0]) == 2 + 9
    persons = table(client, {"table": "people", "unit": a, "q": "sari"})
    assert [row["Nama"] for row in persons] == ["Sari Wulandari"]
    column = inside(app, lambda: gaps.heat_map(look(cast), Kinds.GENERAL).columns[0].uuid)
    lacking = table(client, {"table": "people", "unit": a, "competency": str(column)})
    assert {row["Nama"] for row in lacking} == {NAMES[name] for name in OF_A}
    assert {row["Tingkat"] for row in lacking} == {""}
    with app.app_context():
        noted = db.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "reports.exported")
        ).all()
        assert [entry.details["table"] for entry in noted] == [
            "units.completion", "units.gaps", "units.people", "units.people",
        ]  # fmt: skip
        assert [entry.details["unit"] for entry in noted[1:]] == [a, a, a]
        assert noted[3].details["competency"]


def test_a_spreadsheet_holds_the_means_as_numbers(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    client.sign_in(cast.people["hr"])
    answer = client.send("/units/export", {"table": "gaps", "format": "xlsx"})
    rows = cells(answer.data)
    assert rows[0][:2] == ["Unit kerja", "Pegawai"]
    assert all(0 <= float(mean) <= 5 for mean in rows[1][2:])


def table(client: PageClient, sent: dict[str, str]) -> list[dict[str, str]]:
    answer = client.send("/units/export", sent)
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    text = answer.data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))
