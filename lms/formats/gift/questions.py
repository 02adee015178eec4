"""A question as a trainer wrote it, whatever the format that it was written in."""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

KEY_LENGTH = 60
LAST_OPTION_FIXED = "last-option-fixed"
TRUE, FALSE = "Benar", "Salah"
FULL, NONE = Decimal(100), Decimal(0)

_KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class QuestionKind(StrEnum):
    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUEFALSE = "truefalse"


@dataclass(frozen=True, slots=True)
class Option:
    """`fraction` is the share of the mark in percent, -100 to 100. Texts are Markdown."""

    text: str
    fraction: Decimal
    feedback: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """Texts are Markdown. `tags` leaves out the one that `last_option_fixed` stands for.

    True/false has the options `TRUE` and `FALSE` in this order, which is never shuffled.
    """

    key: str
    kind: QuestionKind
    title: str
    text: str
    options: tuple[Option, ...]
    general_feedback: str = ""
    tags: tuple[str, ...] = ()
    last_option_fixed: bool = False
    line: int = field(default=0, compare=False)


def is_key(text: str) -> bool:
    return len(text) <= KEY_LENGTH and _KEY.fullmatch(text) is not None


def key_rule(key: str) -> str:
    return (
        f'Kunci "{key}" tidak sah; pakai huruf kecil, angka, dan tanda hubung di antaranya, '
        f"paling banyak {KEY_LENGTH} karakter."
    )
