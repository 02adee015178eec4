"""A question as a trainer wrote it, whatever the format that it was written in."""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from lms.formats.words import Words

KEY_LENGTH = 60
LABEL_LENGTH = 160
LAST_OPTION_FIXED = "last-option-fixed"
TRUE, FALSE = "Benar", "Salah"
FULL, NONE = Decimal(100), Decimal(0)

ANY_NUMBER = "*"

_KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NUMBER = r"[-+]?[0-9]{1,15}(?:\.[0-9]{1,15})?(?:[eE][-+]?[0-9]{1,2})?"
_RANGE = re.compile(rf"({_NUMBER})(?:(:|\.\.)({_NUMBER}))?")


class QuestionKind(StrEnum):
    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUEFALSE = "truefalse"
    SHORT = "short"
    NUMERIC = "numeric"
    MATCHING = "matching"
    ORDERING = "ordering"
    ESSAY = "essay"


class QuestionState(StrEnum):
    """Only a question that is ready is asked; a draft not yet, a retired one no longer."""

    DRAFT = "draft"
    READY = "ready"
    RETIRED = "retired"


TYPED = frozenset({QuestionKind.SHORT, QuestionKind.NUMERIC})


@dataclass(frozen=True, slots=True)
class Option:
    """`fraction` is the share of the mark in percent, -100 to 100. Texts are Markdown.

    Short answer: `text` is plain, `*` stands for any characters and `\\*` for itself. Numeric:
    `text` is "1822", "1822:5" or "1..5" (see `bounds`), or `ANY_NUMBER` for all the rest. Matching:
    `text` is to be matched with the plain text `match`; without `text` it is a wrong choice.
    Ordering: the options stand in their right order. An essay has no options.
    """

    text: str
    fraction: Decimal
    feedback: str = ""
    match: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """Texts are Markdown. `tags` leaves out the one that `last_option_fixed` stands for.

    True/false has the options `TRUE` and `FALSE` in this order, which is never shuffled.
    `author` wrote it, `source` is where it comes from; both are one line of plain text without
    square brackets, empty where nobody said (see `label`).
    """

    key: str
    kind: QuestionKind
    title: str
    text: str
    options: tuple[Option, ...]
    general_feedback: str = ""
    tags: tuple[str, ...] = ()
    last_option_fixed: bool = False
    state: QuestionState = QuestionState.READY
    author: str = ""
    source: str = ""
    line: int = field(default=0, compare=False)


def bounds(text: str) -> tuple[Decimal, Decimal] | None:
    """The least and the greatest number that "1822", "1822:5" or "1..5" takes; None where it is
    none of these, or takes no number at all."""
    match = _RANGE.fullmatch(text)
    if match is None:
        return None
    low = high = Decimal(match[1])
    if match[2] == "..":
        high = Decimal(match[3])
    elif match[2]:
        tolerance = Decimal(match[3])
        low, high = low - tolerance, high + tolerance
    return (low, high) if low <= high else None


def label(text: str) -> str:
    """A text as an author or a source can be: on one line, with round brackets, cut where it is
    too long."""
    plain = " ".join(text.split()).replace("[", "(").replace("]", ")")
    return plain[:LABEL_LENGTH].rstrip()


def is_key(text: str) -> bool:
    return len(text) <= KEY_LENGTH and _KEY.fullmatch(text) is not None


def key_rule(key: str) -> Words:
    return Words(
        'Kunci "%(key)s" tidak sah; pakai huruf kecil, angka, dan tanda hubung di '
        "antaranya, paling banyak %(key_length)s karakter.",
        key=key,
        key_length=KEY_LENGTH,
    )
