"""How much of each fault: a small dose with all other tests, the whole of it by `make faults`."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Dose:
    """Numbers of runs; `locked` and `down` are seconds."""

    worker_kills: int
    full_kills: int
    courses: int
    locked: float
    restarts: int
    down: float
    disk_rounds: int
    duplicates: int
    shuffles: int
    crowd: int


SMALL = Dose(
    worker_kills=4, full_kills=2, courses=4, locked=8, restarts=1, down=1, disk_rounds=1,
    duplicates=1, shuffles=4, crowd=60,
)  # fmt: skip
FULL = Dose(
    worker_kills=200, full_kills=200, courses=120, locked=60, restarts=50, down=2, disk_rounds=20,
    duplicates=50, shuffles=200, crowd=200,
)  # fmt: skip
DOSE = FULL if os.environ.get("FAULTS") == "full" else SMALL
# The small dose runs beside other tests on the same cores: its times are three times as long.
SLACK = 1 if DOSE is FULL else 3
