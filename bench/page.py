"""The figures in docs/performance.md, between two marks; what is written around them stays."""

from collections.abc import Sequence
from typing import Any

from bench.targets import judged
from lms.config import ROOT

PATH = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
HEAD = (
    "| scenario | req/s | ratio | p50 ms | p95 ms | p99 ms | errors | CPU ms | database CPU ms "
    "| SQL | KB sent | MB |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n"
)
Whole = dict[str, Any]


def with_figures(text: str, runs: Sequence[Whole]) -> str:
    """The page with the figures of these runs in place of those that stood there. Raises
    ValueError when a mark is missing."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{_figures(runs)}\n{END}{after}"


def _figures(runs: Sequence[Whole]) -> str:
    parts = []
    for whole in runs:
        parts += [_origin(whole), *_warnings(whole)]
        for size, database in dict.fromkeys((r["size"], r["database"]) for r in whole["rows"]):
            rows = [r for r in whole["rows"] if (r["size"], r["database"]) == (size, database)]
            parts.append(f"### {size} on {_spelled(database)}\n\n" + _table(rows))
    # Judged together: growth is between sizes that may have been measured one after the other.
    targets = judged([row for whole in runs for row in whole["rows"]])
    parts.append("### Targets\n\n" + _targets(targets))
    return "\n\n".join(parts)


def _origin(whole: Whole) -> str:
    machine, options = whole["machine"], whole["options"]
    return (
        f"Measured on {whole['made_at'][:16].replace('T', ' at ')} UTC, revision "
        f"{whole['revision'] or 'unknown'}, on {machine['cpu']}, {machine['cores']} cores, "
        f"{machine['memory_gb']} GB, {machine['system']}, load {machine['load']:.1f} before the "
        f"run. {'; '.join(whole['versions'])}. {options['rounds']} rounds of "
        f"{options['seconds']:g} s; sizes {', '.join(options['sizes'])}."
    )


def _warnings(whole: Whole) -> list[str]:
    """What keeps these figures from being a measure."""
    machine, options = whole["machine"], whole["options"]
    found = []
    if machine["load"] > machine["cores"] / 4:
        found.append("others used the machine, so times and requests a second are too bad")
    if options["rounds"] < 3 or options["seconds"] < 4:
        found.append("it was a short run")
    if "-dirty" in whole["revision"]:
        found.append("files differed from the revision")
    return [f"**Not a measure: {'; '.join(found)}.**"] if found else []


def _table(rows: list[dict[str, Any]]) -> str:
    timed = [row for row in rows if "rps" in row["figures"]]
    lines = [_line(row) for row in timed]
    table = HEAD + "\n".join(lines) if lines else ""
    others = [_other(row) for row in rows if "rps" not in row["figures"]]
    return "\n\n".join(part for part in (table, "\n".join(others)) if part)


def _line(row: dict[str, Any]) -> str:
    f = row["figures"]
    cells = (
        row["title"], f"{f['rps']:.0f}", f"{f['ratio']:.2f}" if "ratio" in f else "",
        f"{f['p50_ms']:.0f}", f"{f['p95_ms']:.0f}", f"{f['p99_ms']:.0f}", str(row["errors"]),
        f"{f['cpu_ms']:.1f}", f"{f['database_cpu_ms']:.1f}", f"{f['queries']:.0f}",
        f"{f['wire_bytes'] / 1024:.1f}", f"{f['peak_mb']:.0f}",
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _other(row: dict[str, Any]) -> str:
    if row["skipped"]:
        return f"- {row['title']}: {row['skipped']}"
    words = ", ".join(f"{n.replace('_', ' ')} {v:.2f}" for n, v in row["figures"].items())
    return f"- {row['title']}: {words or 'nothing'}" + (
        f", {row['errors']} errors" if row["errors"] else ""
    )


def _targets(targets: list[dict[str, Any]]) -> str:
    met = sum(target["met"] for target in targets)
    lines = [
        f"| {t['title']} | {t['size']} | {_spelled(t['database'])} | {t['wanted']} "
        f"| {t['found']} | {'met' if t['met'] else '**missed**'} |"
        for t in sorted(targets, key=lambda t: t["met"])
    ]
    head = "| target | size | database | wanted | found | |\n|---|---|---|---|---|---|\n"
    return f"{met} of {len(targets)} are met; what falls short comes first.\n\n{head}" + "\n".join(
        lines
    )


def _spelled(database: str) -> str:
    return {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[database]
