"""The units of HR: figures that add up, the people behind them, and nobody of another's units."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from lms.accounts.actions import people, placements, roles
from lms.accounts.models import Position
from lms.accounts.queries import post_of, team
from lms.accounts.rules import Employment, PlacementStanding, Role
from lms.competencies import actions as competencies
from lms.competencies.queries import competencies_by_code, levels_of
from lms.competencies.rules import EvidenceKind
from lms.core import clock
from lms.core.audit import AuditEntry
from lms.core.db import db, new_uuid, transaction
from lms.core.errors import NotFound
from lms.reports.queries import Asked, Standing, gaps, lacking, unit_people, units
from lms.reports.queries.gaps import Kinds
from lms.reports.queries.kept import Kept
from lms.reports.queries.unit_people import Wanted
from lms.reports.queries.units import UnitOrder
from tests.cast import PEOPLE, Cast
from tests.client import PageClient, words
from tests.conftest import SetClock
from tests.formats.spreadsheet import cells
from tests.learning.assigning import actor_of, give
from tests.sample_course import import_course, write_course

NAMES = {name: full for name, _nip, full, *_ in PEOPLE}
OF_A = {"agency_head", "head", "learner", "colleague"}
OF_B = {"other_head", "stranger", "mover"}


@pytest.fixture(autouse=True)
def noon(app: Flask, cast: Cast, tmp_path: Path, at: SetClock) -> Iterator[None]:
    """10.00 WIB, with a published course; `hr_a` is HR for Dinas A alone; nothing kept."""
    with app.app_context():
        import_course(write_course(tmp_path))
        with transaction():
            person = people.add_person(
                nip="198501012010012020",
                name="Wahyuni Tamba",
                email=None,
                employment=Employment.PNS,
            )
            cast.people["hr_a"] = person.id
            roles.grant_role(
                person, Role.HR, cast.unit("a"), start_on=date(2024, 1, 1), reason="SK 3"
            )
        db.session.remove()
    at(clock.now().replace(hour=3, minute=0, second=0, microsecond=0))
    kept: list[Kept[Any, Any]] = [units._kept, gaps._kept, lacking._kept]
    for each in kept:
        each.clear()
    yield
    for each in kept:
        each.clear()


def inside(app: Flask, act: Callable[..., Any], *args: Any, **more: Any) -> Any:
    """Act without pages, in a context of its own: that of a request must not see it."""
    with app.app_context():
        found = act(*args, **more)
        db.session.remove()
        return found


def uuid_of(app: Flask, cast: Cast, unit: str) -> str:
    return str(inside(app, cast.unit, unit).uuid)


def look(cast: Cast, by: str = "hr", unit: str | None = None) -> units.Sight:
    return units.sight_of(actor_of(cast, by), cast.unit(unit).uuid if unit else None)


def figures(sight: units.Sight) -> dict[str, tuple[int, int, int, int]]:
    """By the name of the row: people, under their target, courses to complete, people late."""
    rows = {("= " if row.direct else "") + row.name: f for row, f in units.overview(sight).rows}
    return {name: (f.people, f.under_target, f.duties.all, f.late) for name, f in rows.items()}


def act_in(cast: Cast, name: str, unit: str) -> None:
    """An acting placement beside the definitive one."""
    with transaction():
        position = db.session.scalars(select(Position).order_by(Position.id)).first()
        assert position is not None
        placements.place_person(
            cast.person(name), cast.unit(unit), position, standing=PlacementStanding.ACTING,
            start_on=clock.today("Asia/Jakarta") - timedelta(days=3),
        )  # fmt: skip


def prove(cast: Cast, name: str, levels: dict[str, int]) -> None:
    with transaction():
        person, known = cast.person(name), competencies_by_code()
        for code, level in levels.items():
            competencies.record_evidence(
                person, known[code], kind=EvidenceKind.ASSESSMENT, level=level, score=None,
                title="Asesmen", source_uuid=new_uuid(), earned_on=clock.today("Asia/Jakarta"),
                post=post_of(person.id),
            )  # fmt: skip


# ── Completion ───────────────────────────────────────────────────────────────────────────────


def test_each_unit_counts_its_people_and_those_below(
    context: Flask, cast: Cast, at: SetClock
) -> None:
    give(cast, "wali", unit="a", days=2)
    at(clock.now() + timedelta(days=3))
    assert figures(look(cast)) == {
        "= Kota Contoh": (1, 1, 0, 0), "Dinas A": (4, 4, 4, 4), "Dinas B": (3, 3, 0, 0)
    }  # fmt: skip
    assert figures(look(cast, unit="a")) == {"= Dinas A": (1, 1, 1, 1), "Bidang A1": (3, 3, 3, 3)}
    assert figures(look(cast, unit="a1")) == {"= Bidang A1": (3, 3, 3, 3)}
    whole = units.overview(look(cast)).whole
    assert (whole.people, whole.late, whole.duties.late, whole.done_percent) == (8, 4, 4, 0)


def test_somebody_with_two_placements_counts_once_where_the_definitive_one_is(
    context: Flask, cast: Cast
) -> None:
    before = figures(look(cast))
    act_in(cast, "learner", "b")
    assert figures(look(cast)) == before
    found, _ = unit_people.people_page(look(cast, unit="b"), Wanted(), None)
    assert {row.name for row in found} == {NAMES[name] for name in OF_B}


def test_who_has_only_an_acting_placement_counts_there(context: Flask, cast: Cast) -> None:
    act_in(cast, "auditor", "a1")
    assert figures(look(cast, unit="a1"))["= Bidang A1"][0] == 4


def test_closed_accounts_count_nowhere(context: Flask, cast: Cast) -> None:
    with transaction():
        people.deactivate_person(None, cast.person("colleague"))
    assert figures(look(cast))["Dinas A"][0] == 3
    found, _ = unit_people.people_page(look(cast, unit="a"), Wanted(), None)
    assert NAMES["colleague"] not in {row.name for row in found}


@pytest.mark.parametrize(
    ("order", "descending", "first"),
    [
        (UnitOrder.NAME, False, "Kota Contoh"),
        (UnitOrder.NAME, True, "Dinas B"),
        (UnitOrder.LATE, True, "Dinas A"),
        (UnitOrder.LATE, False, "Kota Contoh"),
        (UnitOrder.UNDER_TARGET, True, "Dinas A"),
        (UnitOrder.DONE, False, "Dinas A"),  # where nothing is required stands last, either way
        (UnitOrder.DONE, True, "Dinas A"),
    ],
)
def test_units_are_sorted(
    context: Flask, cast: Cast, at: SetClock, order: UnitOrder, descending: bool, first: str
) -> None:
    give(cast, "wali", unit="a", days=2)
    at(clock.now() + timedelta(days=3))
    found = units.overview(look(cast), order, descending=descending)
    assert found.rows[0][0].name == first
    assert len(found.rows) == 3


# ── Gaps ─────────────────────────────────────────────────────────────────────────────────────


def test_every_cell_is_the_mean_of_what_the_profiles_of_its_people_say(
    context: Flask, cast: Cast
) -> None:
    prove(cast, "learner", {"M.01": 1, "M.02": 2, "SK.01": 5})
    prove(cast, "head", {"M.01": 3, "M.04": 1})
    prove(cast, "stranger", {"M.01": 2})
    act_in(cast, "learner", "b")  # her standard stays that of the definitive position
    found = gaps.heat_map(look(cast), Kinds.GENERAL)
    assert [row.unit.name for row in found.rows] == ["Kota Contoh", "Dinas A", "Dinas B"]
    assert len(found.columns) == 9
    day = clock.today("Asia/Jakarta")
    for row, names in zip(found.rows, ({"wali"}, OF_A, OF_B), strict=True):
        profiles = [levels_of(cast.people[n], post_of(cast.people[n]), day) for n in names]
        for column, cell in zip(found.columns, row.cells, strict=True):
            lines = [
                line for each in profiles for line in each.lines
                if line.code == column.code and line.required
            ]  # fmt: skip
            assert cell is not None
            assert cell.people == len(lines)
            assert cell.missing == sum(line.gap for line in lines)
            assert cell.below == sum(1 for line in lines if line.gap)
            assert cell.unmeasured == sum(1 for line in lines if not line.level)
    for number, total in enumerate(found.whole):
        of_rows = [row.cells[number] for row in found.rows]
        assert total.missing == sum(cell.missing for cell in of_rows if cell)


def test_the_mean_is_rounded_half_up_and_heats_the_cell() -> None:
    means = [(4, 1, "0.3", 0), (20, 9, "0.5", 1), (4, 3, "0.8", 1), (1, 1, "1.0", 2)]
    means += [(2, 3, "1.5", 3), (100, 249, "2.5", 4), (1, 5, "5.0", 4), (3, 0, "0.0", 0)]
    for count, missing, mean, heat in means:
        cell = gaps.Cell(count, 0, 0, missing)
        assert (cell.mean, cell.heat) == (Decimal(mean), heat)


def test_the_people_behind_a_cell_are_those_that_it_counts(context: Flask, cast: Cast) -> None:
    prove(cast, "learner", {"M.01": 5})
    sight = look(cast, unit="a1")
    found = gaps.heat_map(sight, Kinds.GENERAL)
    column = next(each for each in found.columns if each.code == "M.01")
    cell = found.rows[0].cells[found.columns.index(column)]
    assert cell is not None
    wanted = Wanted(competency=unit_people.competency_asked(column.uuid))
    page = lacking.lacking_page(sight, wanted, None)
    rows = page.rows
    assert not page.has_more
    assert (page.count, page.below) == (cell.people, cell.below) == (3, 2)
    assert sum(row.gap for row in rows) == cell.missing
    assert [row.gap for row in rows] == sorted((row.gap for row in rows), reverse=True)
    assert rows[-1].name == "Sari Wulandari"
    assert (rows[-1].level, rows[-1].gap) == (5, 0)
    assert [row.name for row in lacking.all_lacking(sight, wanted)] == [r.name for r in rows]


def test_a_list_pages_by_key_through_everybody_once(
    context: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unit_people, "PAGE", 2)
    seen: list[str] = []
    after, more = None, True
    while more:
        found, more = unit_people.people_page(look(cast), Wanted(), after)
        seen += [row.name for row in found]
        after = found[-1].uuid
    assert sorted(seen) == sorted(NAMES[n] for n in {"wali", *OF_A, *OF_B})


def test_only_those_who_stand_in_the_unit_itself(context: Flask, cast: Cast) -> None:
    sight = look(cast, unit="a")
    found, _ = unit_people.people_page(sight, Wanted(direct=True), None)
    assert [row.name for row in found] == ["Hasan Basri"]
    assert unit_people.count_people(sight, Wanted(direct=True)) == 1
    assert unit_people.count_people(sight, Wanted()) == 4


def test_a_competency_that_no_standard_asks_for_has_no_column(context: Flask, cast: Cast) -> None:
    found = gaps.heat_map(look(cast), Kinds.TECHNICAL)
    assert found.columns == ()


def test_columns_without_room_are_those_with_the_least_missing(context: Flask, cast: Cast) -> None:
    for name in ("learner", "head", "colleague", "agency_head"):
        prove(cast, name, {"M.03": 5})
    sight = look(cast, unit="a")
    few = gaps.heat_map(sight, Kinds.GENERAL, most=8)
    assert few.left_out == 1
    assert "M.03" not in {column.code for column in few.columns}
    assert len(gaps.heat_map(sight, Kinds.GENERAL, most=None).columns) == 9


# ── Very many people ─────────────────────────────────────────────────────────────────────────


def test_what_is_counted_over_many_people_is_kept_for_minutes_and_dated(
    app: Flask, client: PageClient, cast: Cast, at: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(team, "LARGE", 2)
    units._few.cache_clear()
    client.sign_in(cast.people["hr"])
    page = words(client.get("/units"))
    assert "Dihitung pukul 10.00 WIB." in page
    assert "8 pegawai" in page
    assert "Dihitung pukul 10.00 WIB." in words(client.get("/units/gaps"))
    with app.app_context(), transaction():
        people.deactivate_person(None, cast.person("mover"))
    assert "8 pegawai" in words(client.get("/units"))
    other = app.test_client()
    assert isinstance(other, PageClient)
    other.sign_in(cast.people["hr_a"])
    assert "4 pegawai" in words(other.get("/units"))  # nobody is shown another's figures
    at(clock.now() + timedelta(minutes=5))
    page = words(client.get("/units"))
    assert "7 pegawai" in page
    assert "Dihitung pukul 10.05 WIB." in page
    units._few.cache_clear()


# ── Whose units ──────────────────────────────────────────────────────────────────────────────


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


# ── Pages and files ──────────────────────────────────────────────────────────────────────────


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
