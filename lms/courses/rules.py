"""Pure decisions about courses and their versions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class ActivityKind(StrEnum):
    LESSON = "lesson"
    QUIZ = "quiz"
    VIDEO = "video"
    AUDIO = "audio"
    DOCUMENT = "document"
    IMAGE = "image"


class CatalogueOrder(StrEnum):
    """How the catalogue is sorted: what fits the reader's gaps, title, newest, shortest first."""

    FIT = "fit"
    TITLE = "title"
    NEWEST = "newest"
    SHORTEST = "shortest"


class CourseRole(StrEnum):
    """What somebody may do to a course. Owners may everything, and say who else may what."""

    OWNER = "owner"
    AUTHOR = "author"
    REVIEWER = "reviewer"
    MARKER = "marker"


class DraftState(StrEnum):
    WRITING = "writing"
    IN_REVIEW = "in_review"


# A course folder as values: texts by path under "texts", digests of media by path under "media".
Source = Mapping[str, Mapping[str, str]]
TEXT_SUFFIXES = (".toml", ".md", ".gift")


@dataclass(frozen=True)
class PartShape:
    """A part as the rules of passing see it; a lesson has no marks or limits.

    `limits` are attempts, minutes of one, and the waits after the first and later ones. When a quiz
    opens and closes may change under learners, who could not be given a new date otherwise.
    `requires` are the parts to be done before.
    """

    key: str
    kind: ActivityKind
    pass_percent: Decimal | None = None
    weight: int = 0
    limits: tuple[int, ...] = ()
    grade_method: str = ""
    read_to_end: bool = False
    min_minutes: int = 0
    requires: frozenset[str] = frozenset()
    watched: int = 0
    optional: bool = False


@dataclass(frozen=True)
class Shape:
    """What a small correction may not touch: the parts, the outcomes, what a pass needs."""

    parts: tuple[PartShape, ...]
    outcomes: tuple[tuple[str, int, int], ...]  # competency code, from, to
    pass_score: Decimal
    jp: Decimal
    certificate: tuple[bool, int] = (True, 0)  # does a pass give one, valid for how many months
    # Those that are evidence: key, competency code, level, score, standing.
    goals: tuple[tuple[str, str, int, Decimal, str], ...] = ()


def required_parts(
    requires: Sequence[str], modules: Mapping[str, Sequence[str]]
) -> tuple[str, ...]:
    """Parts by key, in which a module means all the parts it has."""
    return tuple(dict.fromkeys(part for key in requires for part in modules.get(key, (key,))))


def is_small_change(before: Shape, after: Shape) -> bool:
    """May learners who are under way be moved to the new version? Order may change."""
    return (
        set(before.parts) == set(after.parts)
        and set(before.outcomes) == set(after.outcomes)
        and (before.pass_score, before.jp) == (after.pass_score, after.jp)
        and before.certificate == after.certificate
        and set(before.goals) == set(after.goals)
    )


POSTER_WIDTH = 960  # pixels at which the picture before a video is sharp enough


@dataclass(frozen=True)
class Smaller:
    """A smaller copy of a picture: `width` in pixels, `size` in bytes."""

    width: int
    digest: str
    size: int


@dataclass(frozen=True)
class Sized:
    """A picture by its content: its size in pixels, and its smaller copies, the smallest first."""

    digest: str
    width: int
    height: int
    smaller: tuple[Smaller, ...]


def smallest_of(picture: Sized | None, width: int) -> Smaller | None:
    """The smallest copy that is at least so many pixels wide; None: the picture itself."""
    copies = picture.smaller if picture else ()
    return next((copy for copy in copies if copy.width >= width), None)


def copy_name(name: str, width: int) -> str:
    """The name of a smaller copy: below that of the picture, where no file of a folder can be."""
    return f"{name}/{width}.webp"


def copied_from(name: str) -> tuple[str, int] | None:
    """The picture and the width that such a name says; None for any other."""
    picture, _, last = name.rpartition("/")
    width = last.removesuffix(".webp")
    if last.endswith(".webp") and width.isascii() and width.isdecimal() and len(width) < 5:
        return picture, int(width)
    return None


def leads_to(edges: Mapping[int, Sequence[int]], start: int, end: int) -> bool:
    """Is the end the start, or among what it requires, and what that requires in turn?"""
    seen, ahead = set[int](), [start]
    while ahead:
        course = ahead.pop()
        if course == end:
            return True
        if course not in seen:
            seen.add(course)
            ahead += edges.get(course, ())
    return False


def line_now(lines: Sequence[str], line: int, quote: str) -> int | None:
    """Where a line that was quoted stands now (from 1): the one that still reads the same, the
    nearest to where it was; None where none does."""
    same = [number for number, text in enumerate(lines, start=1) if text.strip() == quote]
    return min(same, key=lambda number: abs(number - line), default=None)
