"""The table, the page and the chart, from a measurement as it is kept."""

import copy
from typing import Any
from xml.etree import ElementTree

import pytest

from bench import chart, page, report

TIMED: dict[str, Any] = {
    "scenario": "lesson", "title": "lesson page", "size": "S", "database": "sqlite", "clients": 32,
    "requests": 900, "errors": 2, "told": ["Wrong: " + "x" * 200], "skipped": "",
    "figures": {
        "rps": 123.4, "ratio": 0.42, "bare_rps": 293.0, "p50_ms": 250.0, "p95_ms": 1400.0,
        "p99_ms": 12000.0, "cpu_ms": 7.77, "database_cpu_ms": 0.0, "queries": 7.0,
        "wire_bytes": 5120.0, "peak_mb": 1313.0,
    },
}  # fmt: skip
WHOLE: dict[str, Any] = {
    "made_at": "2026-11-21T22:00:00+00:00", "revision": "abc",
    "machine": {"cpu": "A <fast> & cheap CPU", "cores": 2, "memory_gb": 8, "load": 0.1,
                "system": "Linux 6"},
    "versions": ["Python 3.11.7"], "options": {"rounds": 3, "seconds": 4.0, "sizes": ["S"]},
    "rows": [
        TIMED,
        TIMED | {"scenario": "second-start", "title": "start", "told": [], "errors": 0,
                 "figures": {"start_seconds": 1.25}},
        TIMED | {"scenario": "export", "title": "completion export", "told": [], "figures": {},
                 "skipped": "the product has no /team/export yet"},
    ],
    "targets": [
        {"title": "good", "size": "S", "database": "sqlite", "wanted": "at most 8", "found": "7.00",
         "met": True},
        {"title": "bad", "size": "S", "database": "sqlite", "wanted": "at least 0.6",
         "found": "0.42", "met": False},
    ],
}  # fmt: skip
TEXT = f"# Title\n\nBefore.\n\n{page.BEGIN}\nold figures\n{page.END}\n\nAfter.\n"


def test_the_table_fits_a_terminal_and_tells_everything() -> None:
    lines = report.table(WHOLE).splitlines()
    assert max(map(len, lines)) <= 100
    shown = "\n".join(lines)
    for words in ("123.4", "0.42", "1400", "12000", "7.8", "5.0", "1313", "start seconds 1.25",
                  "skipped: the product has no /team/export yet", "Wrong: xxx"):  # fmt: skip
        assert words in shown
    assert [line.split()[0] for line in lines[-2:]] == ["met", "MISSED"]


def test_what_is_written_by_hand_stays_on_the_page() -> None:
    once = page.with_figures(TEXT, [WHOLE])
    assert once.startswith("# Title\n\nBefore.\n")
    assert once.endswith("\n\nAfter.\n")
    assert "old figures" not in once
    assert page.with_figures(once, [WHOLE]) == once
    assert "| lesson page | 123 | 0.42 |" in once
    assert once.index("| lesson page of bare Flask |") < once.index("| second start s |")
    assert "1 of 4 are met" in once


def test_sizes_measured_one_after_the_other_are_judged_together() -> None:
    fewer: dict[str, Any] = TIMED | {"errors": 0, "told": []}
    slower = copy.deepcopy(fewer) | {"size": "L"}
    slower["figures"]["cpu_ms"] = 77.7
    first, second = WHOLE | {"rows": [fewer]}, WHOLE | {"rows": [slower], "revision": "def"}
    text = page.with_figures(TEXT, [first, second])
    assert "| lesson: CPU ms against S | L | SQLite | at most 1.2 | 10.00 | **missed** |" in text
    assert text.index("revision abc") < text.index("### S on") < text.index("revision def")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"machine": WHOLE["machine"] | {"load": 0.6}}, "others used the machine"),
        ({"options": WHOLE["options"] | {"rounds": 1}}, "a short run"),
        ({"revision": "abc-dirty"}, "files differed"),
        ({}, ""),
    ],
)
def test_a_run_that_is_no_measure_says_so(change: dict[str, Any], reason: str) -> None:
    text = page.with_figures(TEXT, [WHOLE | change])
    assert ("Not a measure" in text) == bool(reason)
    assert reason in text


def test_a_page_without_its_marks_is_not_written() -> None:
    with pytest.raises(ValueError, match="figures: begin"):
        page.with_figures("# Title\n", [WHOLE])


def test_the_page_of_the_project_has_its_marks() -> None:
    assert page.with_figures(page.PATH.read_text("utf-8"), [WHOLE])


def test_the_chart_is_an_svg_with_every_page() -> None:
    whole = copy.deepcopy(WHOLE)
    whole["rows"].append(TIMED | {"title": "home", "database": "postgresql"})
    tree = ElementTree.fromstring(chart.drawn(whole))
    words = "".join(tree.itertext())
    assert "home, S, postgresql" in words
    assert "A <fast> & cheap CPU" in words
    bars = [e for e in tree.iter() if e.get("class") in ("ours", "bare")]
    assert len(bars) == 2 + 2 * 2
    assert all(float(e.get("x", 0)) + float(e.get("width", 0)) < chart.WIDTH for e in bars)


def test_the_chart_of_nothing_is_a_chart() -> None:
    assert ElementTree.fromstring(chart.drawn(WHOLE | {"rows": []})) is not None
