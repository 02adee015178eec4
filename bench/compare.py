"""`make bench-compare`: the latest measurement against a kept one. Exit code 1 when it got worse.

Ratios come first, for they hold on any machine; CPU and queries next. Times and requests a second
say little between machines and are left out.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import FOLDER, OUT

WORSE = 0.15
# Figure, its name, whether more of it is better, and below which difference nothing is said.
FIGURES = (
    ("ratio", "share of bare Flask", True, 0.0),
    ("cpu_ms", "CPU ms a request", False, 0.3),
    ("act_cpu_s", "CPU s an act", False, 0.001),
    ("queries", "queries", False, 0.0),
)
ACTS = ("attempt", "attempt-pages", "sign-in")  # elsewhere an act is a request
Whole = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """A figure then and now; `worse` by more than 15 %."""

    row: str
    figure: str
    before: float
    now: float
    worse: bool


def changes(before: Whole, now: Whole) -> list[Change]:
    """Every figure that both have, ratios first."""
    then = {_key(row): row for row in before["rows"] if row["figures"]}
    found = []
    for figure, name, more_is_better, least in FIGURES:
        for row in (row for row in now["rows"] if row["figures"] and _key(row) in then):
            if figure == "act_cpu_s" and row["scenario"] not in ACTS:
                continue
            old, new = then[_key(row)]["figures"].get(figure), row["figures"].get(figure)
            if old is not None and new is not None:
                loss = old - new if more_is_better else new - old
                worse = loss > least and loss > WORSE * abs(old)
                found.append(Change(" ".join(_key(row)), name, old, new, worse))
    return found


def _key(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["scenario"], row["size"], row["database"]


def differences(before: Whole, now: Whole) -> list[str]:
    """What beside the product is not the same, so that figures must be read with care."""
    found = [
        f"machine: {name} {before['machine'].get(name)} then, {now['machine'][name]} now"
        for name in ("cpu", "cores", "memory_gb")
        if before["machine"].get(name) != now["machine"][name]
    ]
    old, new = set(before["versions"]), set(now["versions"])
    if old != new:
        gone, come = ", ".join(sorted(old - new)), ", ".join(sorted(new - old))
        found.append(f"versions: {gone or 'none'} then, {come or 'none'} now")
    for name in ("seconds", "rounds", "clients", "crowd", "workers", "threads"):
        if before["options"].get(name) != now["options"].get(name):
            found.append(
                f"option {name}: {before['options'].get(name)} then, {now['options'].get(name)} now"
            )
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.compare", description=__doc__)
    parser.add_argument("--baseline", type=Path, default=FOLDER / "baseline.json")
    parser.add_argument("--latest", type=Path, default=OUT / "latest.json")
    options = parser.parse_args(arguments)
    before = _read(options.baseline, "keep one: cp bench/out/latest.json bench/baseline.json")
    now = _read(options.latest, "measure first: make bench")
    for difference in differences(before, now):
        print(f"Not the same: {difference}")
    found = changes(before, now)
    for change in found:
        mark = "WORSE" if change.worse else ""
        share = f"{(change.now - change.before) / change.before:+.0%}" if change.before else ""
        print(
            f"{mark:6}{change.figure:20} {change.row:38} "
            f"{change.before:9.2f} {change.now:9.2f} {share:>7}"
        )
    worse = sum(change.worse for change in found)
    print(f"{len(found)} figures compared with {before['revision'] or 'before'}, {worse} worse.")
    if worse or not found:
        sys.exit(1)


def _read(path: Path, advice: str) -> Whole:
    try:
        found: Whole = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        sys.exit(f"There is no {path.name}; {advice}.")
    except ValueError:
        sys.exit(f"{path.name} is no measurement; {advice}.")
    return found


if __name__ == "__main__":
    main()
