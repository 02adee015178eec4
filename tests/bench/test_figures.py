"""Percentiles, figures of rounds, targets, digests, and who is who on the scratch site."""

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from bench import chains, figures, people, targets
from bench.client import Answer, Tally
from bench.people import Office
from bench.scenarios import SCENARIOS
from bench.server import Cpu
from lms.accounts.rules import nip_fault
from lms.competencies.rules import EvidenceKind
from lms.core import ledger

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("percent", "expected"), [(50, 50), (95, 95), (99, 99), (100, 100), (0, 1), (99.5, 100)]
)
def test_a_percentile_is_one_of_the_values(percent: float, expected: float) -> None:
    assert figures.percentile([float(n) for n in range(100, 0, -1)], percent) == expected


def test_percentiles_of_few_values() -> None:
    assert figures.percentile([7.0], 99) == 7
    assert figures.percentile([], 50) == 0


def tally_of(times: list[float], took: float, acts: int) -> Tally:
    tally = Tally(acts=acts, took=took)
    for seconds in times:
        tally.note("page", seconds, Answer(200, "", "", 2000, 500))
    return tally


def test_the_figures_of_a_round() -> None:
    tally = tally_of([0.1, 0.3], took=2.0, acts=1)
    lines = [{"queries": 5}, {"queries": 7}]
    found = figures.of_round(tally, "page", Cpu(0.05, 9.0, 0.02), lines, 80.0)
    assert (found["rps"], found["acts_s"]) == (1.0, 0.5)
    assert (found["p50_ms"], found["p99_ms"]) == (100.0, 300.0)
    assert (found["cpu_ms"], found["act_cpu_s"], found["database_cpu_ms"]) == (25.0, 0.05, 10.0)
    assert (found["queries"], found["page_bytes"], found["wire_bytes"]) == (7.0, 2000, 500)


def test_a_round_without_any_answer_has_figures_too() -> None:
    found = figures.of_round(tally_of([], 2.0, 0), "page", Cpu(1.0, 0.0, 0.0), [], 80.0)
    assert found["rps"] == found["cpu_ms"] == found["p95_ms"] == found["queries"] == 0


def test_the_middle_of_three_rounds() -> None:
    rounds = [
        {"rps": 10.0, "p95_ms": 3.0},
        {"rps": 30.0, "p95_ms": 1.0},
        {"rps": 20.0, "p95_ms": 2.0},
    ]
    assert figures.middle(rounds) == {"rps": 20.0, "p95_ms": 2.0}


# ── Targets ──────────────────────────────────────────────────────────────────────────────────


def row(scenario: str, size: str = "S", errors: int = 0, **found: float) -> dict[str, Any]:
    return {
        "scenario": scenario, "size": size, "database": "sqlite", "errors": errors, "skipped": "",
        "title": scenario, "figures": found, "told": [],
    }  # fmt: skip


def verdicts(*rows: dict[str, Any]) -> dict[tuple[str, str], bool]:
    return {(each["title"], each["size"]): each["met"] for each in targets.judged(rows)}


def test_a_target_is_met_at_its_bound() -> None:
    found = verdicts(row("lesson", ratio=0.6, p95_ms=100.1, queries=8))
    assert found == {
        ("lesson page of bare Flask", "S"): True,
        ("lesson page p95 ms", "S"): False,
        ("lesson page queries", "S"): True,
    }


def test_errors_are_a_figure_and_sizes_have_targets_of_their_own() -> None:
    assert verdicts(row("start", errors=1, p99_ms=10))[("synchronised start errors", "S")] is False
    name = "team board of a bidang p95 ms"
    found = verdicts(row("team", p95_ms=200, cpu_ms=1), row("team", "L", p95_ms=200, cpu_ms=1))
    assert (found[(name, "S")], found[(name, "L")]) == (False, True)


def test_wrong_answers_and_none_meet_nothing() -> None:
    (wrong, *_), (none, *_) = (
        [t for t in targets.judged([each]) if t["title"] == "sign-ins a second"]
        for each in (row("sign-in", errors=1, acts_s=99.0), row("sign-in", errors=1))
    )
    assert (wrong["found"], wrong["met"]) == ("99.00", False)
    assert (none["found"], none["met"]) == ("nothing", False)


def test_growth_compares_the_largest_size_with_s() -> None:
    rows = [row("done", s, cpu_ms=c) for s, c in (("S", 10.0), ("M", 50.0), ("L", 12.1))]
    assert verdicts(*rows) == {("done: CPU ms against S", "L"): False}
    assert verdicts(*rows[:2]) == {("done: CPU ms against S", "M"): False}
    assert verdicts(rows[2]) == {}


def test_what_was_skipped_is_not_judged() -> None:
    assert targets.judged([row("export", "M") | {"skipped": "not there"}]) == []


def test_every_target_names_a_figure_that_a_scenario_gives() -> None:
    known = {scenario.name for scenario in SCENARIOS} | {"second-start"}
    assert {target.scenario for target in targets.TARGETS} <= known
    assert {growth.scenario for growth in targets.GROWTH} <= known


# ── Digests ──────────────────────────────────────────────────────────────────────────────────


def test_the_quick_digest_is_the_ledgers() -> None:
    entry = SimpleNamespace(
        schema=1, chain=UUID(int=7), seq=2, previous_digest="a" * 64,
        recorded_at=datetime(2026, 3, 1, 2, 5, tzinfo=UTC),
    )  # fmt: skip
    facts = {
        "uuid": UUID(int=9), "kind": EvidenceKind.COURSE_COMPLETION, "level": 1, "score": None,
        "earned_on": date(2026, 3, 1), "title": "Melayani “warga”", "hours": Decimal("2.50"),
        "whole": Decimal(100), "none": Decimal("0.00"), "details": {"course": "x", "a": "é"},
    }  # fmt: skip
    assert chains.digest_of(entry, facts) == ledger.digest_of(entry, facts)


# ── People ───────────────────────────────────────────────────────────────────────────────────


def test_everybody_has_a_number_of_their_own_that_could_be_one() -> None:
    numbers = [people.nip_of(n) for n in range(1, 5001)]
    assert len(set(numbers)) == len(numbers)
    assert [n for n in numbers if nip_fault(n, TODAY)] == []


@pytest.mark.parametrize("count", [60, 1_000, 1_013])
def test_units_have_one_head_each_and_their_people(count: int) -> None:
    office = Office(count)
    units = [office.unit_of(n) for n in range(1, count + 1)]
    heads = [office.unit_of(n) for n in range(1, count + 1) if office.heads_unit(n)]
    assert sorted(heads) == sorted(set(units))
    assert [office.unit_of(n) for n in office.team_heads()] == sorted(set(units))[-office.teams :]
    for head in office.team_heads():
        unit = office.unit_of(head)
        assert office.team_size(unit) == units.count(unit) - 1
        assert office.parent_of(office.parent_of(unit) or 0) == 1
    learners = office.learners(20)
    assert len(set(learners)) == 20
    assert not [n for n in learners if office.heads_unit(n)]
