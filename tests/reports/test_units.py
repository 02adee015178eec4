"""The units of HR: figures that add up, each person counted once, and the people behind them."""

from datetime import timedelta

import pytest
from flask import Flask

from lms.accounts.actions import people
from lms.accounts.queries import team
from lms.core import clock
from lms.core.db import transaction
from lms.reports.queries import unit_people, units
from lms.reports.queries.unit_people import Wanted
from lms.reports.queries.units import UnitOrder
from tests.cast import Cast
from tests.client import PageClient, words
from tests.conftest import SetClock
from tests.learning.assigning import give
from tests.reports.sights import NAMES, OF_A, OF_B, act_in, figures, look

pytestmark = pytest.mark.usefixtures("noon")


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
