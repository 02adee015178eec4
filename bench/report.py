"""What was found: the table, the JSON, and what the targets say to it."""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench import OUT, page
from bench.measure import Found
from bench.targets import judged
from lms.config import ROOT

Whole = dict[str, Any]
PACKAGES = (
    "flask",
    "sqlalchemy",
    "werkzeug",
    "jinja2",
    "psycopg",
    "gunicorn",
    "granian",
    "aiohttp",
)
HEAD = ("req/s", "ratio", "p50", "p95", "p99", "err", "CPU ms", "DB ms", "SQL", "KB", "MB")


def machine() -> dict[str, Any]:
    """What was measured on, before anything began."""
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())
    return {
        "cpu": cpu[1] if cpu else platform.machine(),
        "cores": os.cpu_count(),
        "memory_gb": round(int(memory[1]) / 1024**2) if memory else 0,
        "load": os.getloadavg()[0],
        "system": f"{platform.system()} {platform.release()}",
    }


def whole(
    found: Sequence[Found], machine: dict[str, Any], databases: Sequence[str],
    options: dict[str, Any], made_at: datetime,
) -> Whole:  # fmt: skip
    """Everything of a run that began at this instant, as it is kept."""
    rows = [asdict(row) for row in found]
    return {
        "made_at": made_at.isoformat(timespec="seconds"),
        "revision": _revision(),
        "machine": machine,
        "versions": [f"Python {platform.python_version()}", *databases, *_versions()],
        "options": options,
        "rows": rows,
        "targets": judged(rows),
    }


def _versions() -> list[str]:
    found = []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except ImportError:
            continue
    return found


def _revision() -> str:
    """The commit, with a mark where files differ from it; empty outside a repository."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return answer.stdout.strip()


def write(found: Whole, folder: Path) -> Path:
    """Keep it under its date, and as latest.json."""
    folder.mkdir(parents=True, exist_ok=True)
    sizes = "".join(found["options"]["sizes"])
    path = folder / f"{found['made_at'][:16].replace(':', '')}-{sizes}.json"
    text = json.dumps(found, indent=1) + "\n"
    path.write_text(text, "utf-8")
    (folder / "latest.json").write_text(text, "utf-8")
    return path


# ── The table ────────────────────────────────────────────────────────────────────────────────


def table(found: Whole) -> str:
    """For a terminal of a hundred columns: times in ms, KB as sent, MB of the largest worker."""
    lines = []
    for size, database in dict.fromkeys((r["size"], r["database"]) for r in found["rows"]):
        lines.append(f"\n{size} on {database}".ljust(34) + "".join(_cells(HEAD)))
        rows = [r for r in found["rows"] if (r["size"], r["database"]) == (size, database)]
        lines += [_row_line(row) for row in rows]
    lines.append("\nTargets")
    for target in found["targets"]:
        lines.append(
            f"  {'met   ' if target['met'] else 'MISSED'} {target['size']:2} "
            f"{target['database']:10} {target['title']}: {target['found']} "
            f"(wanted {target['wanted']})"
        )
    return "\n".join(lines)


def line(row: Found) -> str:
    return _row_line(asdict(row))


def _cells(words: Sequence[str]) -> list[str]:
    return [f"{word:>{width}}" for word, width in zip(words, WIDTHS, strict=True)]


WIDTHS = (7, 6, 6, 6, 6, 4, 7, 6, 5, 6, 5)


def _row_line(row: dict[str, Any]) -> str:
    title = f"{row['title'][:32]:33}"
    f = row["figures"]
    if row["skipped"]:
        return f"{title}skipped: {row['skipped']}"
    if "rps" not in f:
        words = ", ".join(f"{name.replace('_', ' ')} {value:.2f}" for name, value in f.items())
        return title + (words or "nothing") + _told(row)
    cells = _cells((
        f"{f['rps']:.1f}", f"{f['ratio']:.2f}" if "ratio" in f else "", f"{f['p50_ms']:.0f}",
        f"{f['p95_ms']:.0f}", f"{f['p99_ms']:.0f}", str(row["errors"]), f"{f['cpu_ms']:.1f}",
        f"{f['database_cpu_ms']:.1f}", f"{f['queries']:.0f}", f"{f['wire_bytes'] / 1024:.1f}",
        f"{f['peak_mb']:.0f}",
    ))  # fmt: skip
    return title + "".join(cells) + _told(row)


def _told(row: dict[str, Any]) -> str:
    return "".join(f"\n    {error[:95]}" for error in row["told"])


def main() -> None:
    """`python -m bench.report`: the tables of the latest run, or of several, again; `--docs`
    writes the page."""
    parser = argparse.ArgumentParser(prog="python -m bench.report", description=main.__doc__)
    parser.add_argument("--docs", action="store_true", help="write docs/performance.md")
    parser.add_argument(
        "--of", type=Path, nargs="+", default=[OUT / "latest.json"], help="the JSON to read"
    )
    options = parser.parse_args()
    runs = []
    for path in options.of:
        if not path.exists():
            sys.exit(f"There is no {path.name}; measure first: make bench.")
        runs.append(json.loads(path.read_text("utf-8")))
        print(table(runs[-1]))
    if options.docs:
        page.PATH.write_text(page.with_figures(page.PATH.read_text("utf-8"), runs), "utf-8")
        print(f"\nwritten: {page.PATH.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
