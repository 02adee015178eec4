"""The map of gaps: each cell the mean of its people's profiles, and those people behind it."""

from decimal import Decimal

import pytest
from flask import Flask

from lms.accounts.queries import post_of
from lms.competencies.queries import levels_of
from lms.core import clock
from lms.reports.queries import gaps, lacking, unit_people
from lms.reports.queries.gaps import Kinds
from lms.reports.queries.unit_people import Wanted
from tests.cast import Cast
from tests.reports.sights import OF_A, OF_B, act_in, look, prove

pytestmark = pytest.mark.usefixtures("noon")


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
