"""Pure decisions about courses and their versions."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class ActivityKind(StrEnum):
    LESSON = "lesson"
    QUIZ = "quiz"


@dataclass(frozen=True)
class Shape:
    """What a small correction may not touch: the parts, the outcomes, what a pass needs."""

    parts: tuple[tuple[str, ActivityKind, Decimal | None, int], ...]  # key, kind, pass, weight
    outcomes: tuple[tuple[str, int, int], ...]  # competency code, from, to
    pass_score: Decimal
    jp: Decimal


def is_small_change(before: Shape, after: Shape) -> bool:
    """May learners who are under way be moved to the new version? Order may change."""
    return (
        sorted(before.parts, key=str) == sorted(after.parts, key=str)
        and sorted(before.outcomes) == sorted(after.outcomes)
        and (before.pass_score, before.jp) == (after.pass_score, after.jp)
    )
