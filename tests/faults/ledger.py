"""What a client was told: the judge of every fault.

A line before an act is sent, a line after it was acknowledged (2xx or 3xx); each is on the disk
before the client goes on, so that no fault of the server or of a test can take it back.
"""

import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


@dataclass
class Act:
    """One thing that a learner did. `acknowledged` is empty where no answer ever came."""

    nip: str
    kind: str
    facts: dict[str, Any]
    sent: datetime
    acknowledged: datetime | None = None
    told: dict[str, Any] = field(default_factory=dict)
    failures: int = 0


class Ledger:
    """Writes the acts of one learner."""

    def __init__(self, path: Path, nip: str) -> None:
        self.path = path
        self._file = path.open("a", encoding="utf-8")
        self._nip, self._number = nip, 0

    def sent(self, kind: str, facts: dict[str, Any]) -> int:
        self._number += 1
        self._write({"number": self._number, "nip": self._nip, "kind": kind, "facts": facts})
        return self._number

    def acknowledged(self, number: int, told: dict[str, Any], failures: int) -> None:
        self._write({"number": number, "told": told, "failures": failures})

    def close(self) -> None:
        self._file.close()

    def _write(self, line: dict[str, Any]) -> None:
        self._file.write(json.dumps({**line, "at": datetime.now(UTC).isoformat()}) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())


def read(path: Path) -> list[Act]:
    """The acts of a ledger, in the order in which they were sent."""
    acts: dict[int, Act] = {}
    for line in map(json.loads, path.read_text("utf-8").splitlines()):
        at = datetime.fromisoformat(line["at"])
        if "kind" in line:
            acts[line["number"]] = Act(line["nip"], line["kind"], line["facts"], at)
        else:
            act = acts[line["number"]]
            act.acknowledged, act.told, act.failures = at, line["told"], line["failures"]
    return list(acts.values())
