"""Two measurements held against each other."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from bench import compare

ROW = {
    "scenario": "lesson", "size": "S", "database": "sqlite",
    "figures": {"ratio": 0.6, "cpu_ms": 4.0, "queries": 7.0, "act_cpu_s": 0.004},
}  # fmt: skip
BASE: dict[str, Any] = {
    "revision": "abc", "machine": {"cpu": "x", "cores": 2, "memory_gb": 8, "load": 0.1},
    "versions": ["Python 3.11.7"], "options": {"seconds": 4.0, "rounds": 3}, "rows": [ROW],
}  # fmt: skip


def changed(**figures: float) -> dict[str, Any]:
    whole = copy.deepcopy(BASE)
    whole["rows"][0]["figures"].update(figures)
    return whole


def worse(now: dict[str, Any]) -> list[str]:
    return [change.figure for change in compare.changes(BASE, now) if change.worse]


def test_ratios_come_first_and_nothing_is_worse_than_itself() -> None:
    found = compare.changes(BASE, BASE)
    assert [change.figure for change in found] == [
        "share of bare Flask", "CPU ms a request", "queries",
    ]  # fmt: skip
    assert worse(BASE) == []


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({"ratio": 0.52}, []),  # 13 %
        ({"ratio": 0.5}, ["share of bare Flask"]),
        ({"ratio": 0.9}, []),
        ({"cpu_ms": 4.59}, []),
        ({"cpu_ms": 4.7}, ["CPU ms a request"]),
        ({"cpu_ms": 1.0}, []),
        ({"queries": 8.0}, []),  # 14 %
        ({"queries": 9.0}, ["queries"]),
    ],
)
def test_worse_is_more_than_fifteen_percent_the_wrong_way(
    figures: dict[str, float], expected: list[str]
) -> None:
    assert worse(changed(**figures)) == expected


def test_rows_that_only_one_has_are_left_out() -> None:
    other = copy.deepcopy(BASE)
    other["rows"][0]["size"] = "M"
    assert compare.changes(BASE, other) == []


def test_what_differs_beside_the_product_is_said() -> None:
    other = copy.deepcopy(BASE)
    other["machine"]["cores"] = 8
    other["versions"] = ["Python 3.12.0"]
    other["options"]["seconds"] = 1.0
    assert compare.differences(BASE, other) == [
        "machine: cores 2 then, 8 now",
        "versions: Python 3.11.7 then, Python 3.12.0 now",
        "option seconds: 4.0 then, 1.0 now",
    ]
    other["machine"]["load"] = 9.0
    assert len(compare.differences(BASE, other)) == 3
    assert compare.differences(BASE, BASE) == []


@pytest.mark.parametrize(("cpu", "code"), [(4.0, None), (8.0, 1)])
def test_the_exit_code_tells(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], cpu: float, code: int | None
) -> None:
    (tmp_path / "base.json").write_text(json.dumps(BASE))
    (tmp_path / "now.json").write_text(json.dumps(changed(cpu_ms=cpu)))
    words = ["--baseline", str(tmp_path / "base.json"), "--latest", str(tmp_path / "now.json")]
    if code is None:
        compare.main(words)
    else:
        with pytest.raises(SystemExit) as ended:
            compare.main(words)
        assert ended.value.code == code
    shown = capsys.readouterr().out
    assert ("WORSE" in shown) == (code == 1)
    assert "3 figures compared with abc" in shown


def test_without_a_baseline_the_way_to_one_is_told(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        compare.main(["--baseline", str(tmp_path / "none.json")])
    assert "cp bench/out/latest.json bench/baseline.json" in str(ended.value.code)
