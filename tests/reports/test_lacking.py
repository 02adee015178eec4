"""The people behind a cell of the map: each once and in order, however they are read."""

import os
import re
from collections.abc import Iterator

import pytest
from flask import Flask

from lms.accounts.queries import post_of, team
from lms.competencies.queries import levels_of
from lms.core import clock
from lms.core.db import db
from lms.reports.queries import gaps, lacking, unit_people, units
from lms.reports.queries.gaps import Kinds
from lms.reports.queries.unit_people import Wanted
from tests.cast import Cast
from tests.reports.sights import NAMES, OF_A, OF_B, act_in, look, prove


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    for forget in (gaps._kept.clear, lacking._kept.clear, units._few.cache_clear):
        forget()
    yield
    for forget in (gaps._kept.clear, lacking._kept.clear, units._few.cache_clear):
        forget()


# Few people are gathered and sorted; of many those with a gap are read along the names, or
# gathered where they are rare.
@pytest.mark.parametrize(("large", "step"), [(500, 4), (2, 0), (2, 10**9), (2, 4)])
def test_those_behind_a_cell_page_by_key_whatever_way_they_are_read(
    context: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch, large: int, step: int
) -> None:
    monkeypatch.setattr(team, "LARGE", large)
    monkeypatch.setattr(lacking, "STEP", step)
    monkeypatch.setattr(lacking, "PAGE", 2)
    prove(cast, "learner", {"M.01": 5})
    prove(cast, "stranger", {"M.01": 1})
    act_in(cast, "learner", "b")  # she counts where the definitive placement is
    sight = look(cast)
    uuid = gaps.heat_map(sight, Kinds.GENERAL).columns[0].uuid
    wanted = Wanted(competency=unit_people.competency_asked(uuid))
    seen: list[lacking.Lacking] = []
    after, more = None, True
    while more:
        page = lacking.lacking_page(sight, wanted, after)
        assert (page.counted_at is None) == (large == 500)
        assert page.count == 8
        assert len(page.rows) == 2
        seen += page.rows
        more, after = page.has_more, page.rows[-1].uuid
    assert [row.name for row in seen] == [r.name for r in lacking.all_lacking(sight, wanted)]
    assert {row.name for row in seen} == {NAMES[n] for n in {"wali", *OF_A, *OF_B}}
    assert [row.gap for row in seen] == sorted((row.gap for row in seen), reverse=True)
    day = clock.today("Asia/Jakarta")
    for row in seen:
        line = next(
            each for each in levels_of(row.person_id, post_of(row.person_id), day).lines
            if each.code == "M.01"
        )  # fmt: skip
        assert (row.level, row.required, row.gap) == (line.level, line.required, line.gap)


@pytest.mark.skipif(
    os.environ.get("TEST_DATABASE") == "postgresql", reason="plans of SQLite, which has no others"
)
def test_what_is_required_is_not_worked_out_for_each_person(context: Flask, cast: Cast) -> None:
    """And along the names nobody is sorted, nor read who comes after the page."""
    by_name = r"SCAN person USING INDEX ix_person_name"
    after_name = r"SEARCH person USING INDEX ix_person_name \(name>\?\)"
    by_uuid = r"SEARCH person USING INDEX \w+ \(uuid=\?\)"
    for statement, way in (
        (lacking._by_name(1, after=False), by_name),
        (lacking._by_name(1, after=True), after_name),
        (lacking._one(1), by_uuid),
        (lacking._by_gap(1, after=True), ""),
        (lacking._numbers(1), ""),
    ):
        compiled = statement.compile(db.engine)
        text = f"EXPLAIN QUERY PLAN {compiled}"
        rows = db.session.connection().exec_driver_sql(text, (None,) * text.count("?")).all()
        top = [step for _, parent, _, step in rows if parent == 0]
        by_id = {id_: (parent, step) for id_, parent, _, step in rows}
        for id_, _, _, step in rows:
            if "competency_standard" in step:
                while by_id[id_][0]:
                    id_ = by_id[id_][0]
                assert by_id[id_][1] == "MATERIALIZE required"
        if way:
            (person,) = [step for step in top if " person " in step]
            assert re.fullmatch(way, person)
            assert "USE TEMP B-TREE FOR ORDER BY" not in top
