"""How far a verification of the records is."""

from enum import StrEnum


class VerificationState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
