"""The bench itself: a tiny site, the real server, every scenario once, and nothing goes wrong."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench import chart, report, site
from bench.__main__ import measure_site, read_options
from bench.databases import Database, PostgreSQL, SQLite
from bench.measure import Found
from bench.scenarios import SCENARIOS
from bench.site import Site
from lms.core import logs
from tests.postgres import server_url

PEOPLE = 60
FEW = "--rounds 1 --seconds 0.2 --clients 2 --crowd 12 --slow 3 --requests 60".split()


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Database:
    if os.environ.get("TEST_DATABASE") != "postgresql":
        return SQLite()
    base = tmp_path_factory.getbasetemp()
    folder = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    return PostgreSQL(server_url(folder), None)


@pytest.fixture(scope="module")
def built(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    found = site.built("T", PEOPLE, database, tmp_path_factory.mktemp("sites"))
    logs.configure("CRITICAL")
    yield found
    database.drop(found.url)


@pytest.fixture(scope="module")
def rows(built: Site, database: Database, tmp_path_factory: pytest.TempPathFactory) -> list[Found]:
    return measure_site(built, database, read_options(FEW), tmp_path_factory.mktemp("run") / "it")


def test_every_scenario_runs_without_an_error(rows: list[Found]) -> None:
    assert [row.told for row in rows if row.errors] == []
    names = [row.scenario for row in rows]
    assert names == ["records", "second-start", *(s.name for s in SCENARIOS)]
    for row in rows:
        assert row.skipped or row.figures, row.scenario
        if "rps" in row.figures:
            assert row.requests > 0, row.scenario
            assert row.figures["p50_ms"] > 0, row.scenario


def test_queries_and_commits_are_counted(rows: list[Found]) -> None:
    figures = {row.scenario: row.figures for row in rows}
    assert figures["save"]["commits"] == 1
    assert all(figures[name]["queries"] >= 3 for name in ("home", "course", "lesson", "save"))
    assert figures["slow"]["downloads"] == 3


def test_the_bare_page_is_as_large_as_the_products(rows: list[Found]) -> None:
    pages = [row.figures for row in rows if "ratio" in row.figures]
    assert len(pages) == 4
    for page in pages:
        assert page["bare_bytes"] == pytest.approx(page["page_bytes"], rel=0.06)
    lesson = next(row.figures for row in rows if row.scenario == "lesson")
    assert 18_000 < lesson["page_bytes"] < 24_000


def test_a_site_is_built_once(built: Site, database: Database) -> None:
    kept = built.uploads.parent.parent
    before = {path: path.stat().st_mtime_ns for path in kept.rglob("*")}
    again = site.built("T", PEOPLE, database, kept)
    assert replace(again, bytes=built.bytes) == built  # PostgreSQL tidies up meanwhile
    assert {path: path.stat().st_mtime_ns for path in kept.rglob("*")} == before


def test_what_was_found_is_written_and_shown(rows: list[Found], tmp_path: Path) -> None:
    options = vars(read_options(FEW)) | {"sizes": ["T"]}
    begun = datetime(2026, 11, 22, tzinfo=UTC)
    whole = report.whole(rows, report.machine(), ["SQLite 0"], options, begun)
    path = report.write(whole, tmp_path)
    assert path.read_text() == (tmp_path / "latest.json").read_text()
    shown = report.table(whole)
    assert all(len(line) <= 100 for line in shown.splitlines())
    assert "save an answer commits" in shown
    assert chart.drawn(whole).startswith("<svg")
