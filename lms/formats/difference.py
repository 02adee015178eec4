"""Two texts side by side: which lines are the same, and which words of a changed line differ."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

CONTEXT = 2  # unchanged lines shown around a change
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
_LONGEST_LINE = 2000  # in pieces; a longer line is shown as changed in full

Piece = tuple[str, bool]  # text, does it differ


@dataclass(frozen=True)
class Line:
    number: int  # from 1
    pieces: Sequence[Piece]


@dataclass(frozen=True)
class Row:
    """A line before and what it is after; None where it has no counterpart. In place of many
    unchanged lines stands one row that has only `skipped`, their number."""

    before: Line | None
    after: Line | None
    changed: bool = False
    skipped: int = 0


def rows(before: str, after: str) -> list[Row]:
    """The difference of two texts, line by line, with a little of what is the same around it."""
    old, new = before.split("\n"), after.split("\n")
    found: list[Row] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, old, new).get_opcodes():
        if kind == "equal":
            first, last = not found, i2 == len(old) and j2 == len(new)
            found += _same(old[i1:i2], i1, j1, first=first, last=last)
        else:
            found += _changed(old[i1:i2], new[j1:j2], i1, j1)
    return found


def _same(lines: Sequence[str], i: int, j: int, *, first: bool, last: bool) -> Iterator[Row]:
    head, tail = (0 if first else CONTEXT), (0 if last else CONTEXT)
    skipped = len(lines) - head - tail
    for at, line in enumerate(lines):
        if skipped > 1 and head <= at < len(lines) - tail:
            if at == head:
                yield Row(None, None, skipped=skipped)
            continue
        pieces = [(line, False)]
        yield Row(Line(i + at + 1, pieces), Line(j + at + 1, pieces))


def _changed(old: Sequence[str], new: Sequence[str], i: int, j: int) -> Iterator[Row]:
    for at, (one, other) in enumerate(zip_longest(old, new)):
        if one is None or other is None:
            left = None if one is None else Line(i + at + 1, [(one, True)])
            right = None if other is None else Line(j + at + 1, [(other, True)])
        else:
            before, after = _pieces(one, other)
            left, right = Line(i + at + 1, before), Line(j + at + 1, after)
        yield Row(left, right, changed=True)


def _pieces(one: str, other: str) -> tuple[list[Piece], list[Piece]]:
    old, new = _WORDS.findall(one), _WORDS.findall(other)
    if max(len(old), len(new)) > _LONGEST_LINE:
        return [(one, True)], [(other, True)]
    before: list[Piece] = []
    after: list[Piece] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if i1 < i2:
            before.append(("".join(old[i1:i2]), kind != "equal"))
        if j1 < j2:
            after.append(("".join(new[j1:j2]), kind != "equal"))
    return before, after
