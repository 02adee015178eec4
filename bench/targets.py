"""What the figures must reach, as data beside the scenarios; the ratio first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.people import SIZES

Row = dict[str, Any]


@dataclass(frozen=True)
class Target:
    """A figure of a scenario that is at most or at least so much; at some sizes, or at all."""

    scenario: str
    figure: str
    title: str
    most: float | None = None
    least: float | None = None
    sizes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Growth:
    """A figure that at the largest size measured is at most so many times that of S."""

    scenario: str
    figure: str
    title: str
    most: float = 1.2


PAGES = ("lesson", "course", "home")
TARGETS: tuple[Target, ...] = (
    *(Target(p, "ratio", f"{p} page of bare Flask", least=0.6) for p in PAGES),
    *(Target(p, "p95_ms", f"{p} page p95 ms", most=100) for p in PAGES),
    *(Target(p, "queries", f"{p} page queries", most=8) for p in PAGES),
    Target("save", "cpu_ms", "save an answer CPU ms", most=5),
    Target("save", "commits", "save an answer commits", most=1),
    Target("save", "p99_ms", "save an answer p99 ms", most=50),
    Target("attempt", "act_cpu_s", "whole attempt, saves only, CPU s", most=0.12),
    Target("attempt-pages", "act_cpu_s", "whole attempt, every page, CPU s", most=0.12),
    Target("sign-in", "acts_s", "sign-ins a second", least=25),
    Target("storm", "sign_ins_s", "sign-ins a second beside saves", least=25),
    Target("storm", "p99_ms", "saves beside sign-ins p99 ms", most=100),
    Target("start", "p99_ms", "synchronised start p99 ms", most=5000),
    Target("start", "errors", "synchronised start errors", most=0),
    Target("rush", "errors", "deadline rush errors", most=0),
    Target("team", "p95_ms", "team board of a bidang p95 ms", most=150, sizes=("S",)),
    Target("team-all", "p95_ms", "team board of everybody p95 ms", most=150, sizes=("S",)),
    Target("team", "p95_ms", "team board of a bidang p95 ms", most=300, sizes=("L",)),
    Target("team-all", "p95_ms", "team board of everybody p95 ms", most=300, sizes=("L",)),
    Target("export", "export_seconds", "completion export s", most=2, sizes=("M",)),
    Target("export", "growth_mb", "completion export, memory more MB", most=20, sizes=("M",)),
    Target("slow", "errors", "lessons beside slow downloads, errors", most=0),
    Target("second-start", "start_seconds", "second start s", most=3),
    Target("memory", "memory_late_mb", "worker after all requests MB", most=150),
    Target("memory", "growth", "worker, growth since a tenth", most=1.05),
)
GROWTH: tuple[Growth, ...] = (
    *(
        Growth(name, "cpu_ms", f"{name}: CPU ms against S")
        for name in ("home", "course", "lesson", "done", "save", "team")
    ),
    Growth("team", "p95_ms", "team: p95 against S"),
)


def judged(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Every target of the scenarios that were run, met or missed. Where an answer was wrong, what
    the right ones took meets nothing."""
    found = []
    for row in (row for row in rows if not row["skipped"]):
        figures = {**row["figures"], "errors": row["errors"]}
        for target in TARGETS:
            asked = target.scenario == row["scenario"]
            if asked and (not target.sizes or row["size"] in target.sizes):
                found.append(_judged(target, row, figures.get(target.figure)))
    return found + _growth(rows)


def _judged(target: Target, row: Row, value: float | None) -> dict[str, Any]:
    met = value is not None and (
        (target.most is None or value <= target.most)
        and (target.least is None or value >= target.least)
        and not row["errors"]
    )
    wanted = f"at most {target.most:g}" if target.most is not None else f"at least {target.least:g}"
    return _verdict(target.title, row, wanted, value, met=met)


def _growth(rows: Sequence[Row]) -> list[dict[str, Any]]:
    found = []
    order = list(SIZES)
    for growth in GROWTH:
        same = [
            r
            for r in rows
            if r["scenario"] == growth.scenario and r["figures"] and r["size"] in SIZES
        ]
        for database in dict.fromkeys(r["database"] for r in same):
            by_size = {r["size"]: r for r in same if r["database"] == database}
            largest = max(by_size, key=order.index)
            if "S" not in by_size or largest == "S":
                continue
            before = by_size["S"]["figures"][growth.figure]
            ratio = by_size[largest]["figures"][growth.figure] / before if before else 0.0
            wrong = by_size["S"]["errors"] + by_size[largest]["errors"]
            met, wanted = ratio <= growth.most and not wrong, f"at most {growth.most:g}"
            found.append(_verdict(growth.title, by_size[largest], wanted, ratio, met=met))
    return found


def _verdict(
    title: str, row: Row, wanted: str, value: float | None, *, met: bool
) -> dict[str, Any]:
    return {
        "title": title,
        "scenario": row["scenario"],
        "size": row["size"],
        "database": row["database"],
        "wanted": wanted,
        "found": "nothing" if value is None else f"{value:.2f}",
        "met": met,
    }
