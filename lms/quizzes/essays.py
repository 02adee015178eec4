"""What an essay asks for, and what it is worth. Pure; the marks themselves are people's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

LONGEST = 20_000  # characters


class Handing(StrEnum):
    """Is a file handed in with the text?"""

    NONE = "none"
    ALLOWED = "allowed"
    REQUIRED = "required"


@dataclass(frozen=True)
class Criterion:
    """What is looked at; each level has its points."""

    name: str
    levels: tuple[tuple[int, str], ...]

    @property
    def most(self) -> int:
        return max(points for points, _ in self.levels)


@dataclass(frozen=True)
class Essay:
    """Words are 0 for no limit, `file_limit` is bytes; `points` are the most without a rubric."""

    least_words: int = 0
    most_words: int = 0
    file: Handing = Handing.NONE
    file_types: tuple[str, ...] = ()
    file_limit: int = 0
    points: int = 10
    rubric: tuple[Criterion, ...] = ()

    @property
    def most(self) -> int:
        """The points that earn everything."""
        return sum(criterion.most for criterion in self.rubric) if self.rubric else self.points


def essay_of(values: Mapping[str, Any]) -> Essay:
    """From what is stored with the question."""
    return Essay(
        least_words=values["least_words"],
        most_words=values["most_words"],
        file=Handing(values["file"]),
        file_types=tuple(values["file_types"]),
        file_limit=values["file_limit"],
        points=values["points"],
        rubric=tuple(
            Criterion(each["name"], tuple((points, text) for points, text in each["levels"]))
            for each in values["rubric"]
        ),
    )


def word_count(text: str) -> int:
    """As the page counts them: what stands between blanks."""
    return len(text.split())


class Lack(StrEnum):
    """What an answer lacks, or has too much of."""

    FEW_WORDS = "few-words"
    MANY_WORDS = "many-words"
    FILE = "file"


def lacks(essay: Essay, text: str, *, has_file: bool) -> tuple[Lack, ...]:
    """An answer with lacks is kept and marked all the same, as a question left open is."""
    words = word_count(text)
    found = {
        Lack.FEW_WORDS: words < essay.least_words,
        Lack.MANY_WORDS: 0 < essay.most_words < words,
        Lack.FILE: essay.file is Handing.REQUIRED and not has_file,
    }
    return tuple(lack for lack, is_so in found.items() if is_so)


def is_complete(essay: Essay, text: str, *, has_file: bool) -> bool:
    return bool(text or has_file) and not lacks(essay, text, has_file=has_file)


def rubric_points(essay: Essay, levels: Sequence[int]) -> Decimal | None:
    """What the chosen levels add up to, by their places from 0; None where they are none of this
    rubric."""
    if len(levels) != len(essay.rubric):
        return None
    chosen = list(zip(essay.rubric, levels, strict=True))
    if not all(0 <= level < len(criterion.levels) for criterion, level in chosen):
        return None
    return Decimal(sum(criterion.levels[level][0] for criterion, level in chosen))


def fraction(essay: Essay, points: Decimal) -> Decimal:
    """The share of a question that so many points earn, 0 to 1."""
    return points / essay.most if essay.most else Decimal(0)
