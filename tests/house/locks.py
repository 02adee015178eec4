"""Do the lock files satisfy pyproject.toml? `python -m tests.house.locks`, part of `make check`."""

import re
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent.parent


def faults() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    runtime = project["project"]["dependencies"]
    both = runtime + project["dependency-groups"]["dev"]
    found = _unmet(runtime, "requirements.lock") + _unmet(both, "requirements-dev.lock")
    for name in ("requirements.lock", "requirements-dev.lock"):
        if "://" in (ROOT / name).read_text():
            found.append(f"{name} holds an address")
    return found


def _unmet(wanted: list[str], lock: str) -> list[str]:
    pinned = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / lock).read_text(), re.MULTILINE))
    unmet = []
    for line in wanted:
        need = Requirement(line)
        if need.name not in pinned or not need.specifier.contains(pinned[need.name]):
            unmet.append(f"{lock} does not hold {line}")
    return unmet


if __name__ == "__main__":
    problems = faults()
    for problem in problems:
        print(problem)  # noqa: T201 - a command's answer
    sys.exit(1 if problems else 0)
