"""The HTML of a text in its blocks, each with the line of the source that it begins in.

Markdown says no lines, so they are found by their words, from the top down. A block of which no
line can be told goes with the one before it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:[^<>\"]|\"[^\"]*\")*)>")
_VOID = ("br", "hr", "img")
_ALT = re.compile(r"\balt=\"([^\"]*)\"")
_ADDRESS = re.compile(r"\]\([^()]*\)|\]\[[^\[\]]*\]|\[\^[^\[\]]*\]|\[![A-Za-z]+\]")
_ITEM = re.compile(r"[\s>]*(?:[-*+]|[0-9]+[.)])\s")
_MARKUP = re.compile(r"<[^<>]*>")
_WORD = re.compile(r"\w+")
_ENOUGH = 4  # words by which a line is known


@dataclass(frozen=True)
class Block:
    """`line` is counted from 1; 0: none can be told."""

    line: int
    html: str


def blocks(html: str, lines: Sequence[str]) -> list[Block]:
    """`html` is well formed; put together the blocks are the very same."""
    found: list[Block] = []
    told, at = [_told(line) for line in lines], 0
    for piece in _pieces(html):
        line = _line_of(piece, told, at)
        if line is None and found:
            found[-1] = Block(found[-1].line, found[-1].html + piece)
            continue
        found.append(Block(line + 1 if line is not None else 0, piece))
        at = at if line is None else _end_of(piece, told, line)
    return found


def _line_of(piece: str, told: Sequence[Sequence[str]], start: int) -> int | None:
    """The first line, from `start` on, whose first words stand together in the piece."""
    shown = _shown(piece)
    return next((at for at in range(start, len(told)) if _stands_in(told[at], shown)), None)


def _end_of(piece: str, told: Sequence[Sequence[str]], line: int) -> int:
    """Where the line after a paragraph is; a heading has one line only."""
    shown, at = _shown(piece), line + 1
    while not piece.lstrip().startswith("<h") and at < len(told) and _stands_in(told[at], shown):
        at += 1
    return at


def _stands_in(told: Sequence[str], shown: str) -> bool:
    return bool(told) and f" {' '.join(told[:_ENOUGH])} " in shown


def _pieces(html: str) -> Iterator[str]:
    """What stands at the top, one after the other, with what is between them."""
    depth = begun = 0
    for tag in _TAG.finditer(html):
        if tag[2].lower() in _VOID:
            continue
        depth += -1 if tag[1] else 1
        if depth == 0:
            yield html[begun : tag.end()]
            begun = tag.end()
    if html[begun:]:
        yield html[begun:]


def _shown(html: str) -> str:
    with_alt = _TAG.sub(lambda tag: " ".join(["", *_ALT.findall(tag[3]), ""]), html)
    return f" {' '.join(_words(with_alt))} "


def _told(line: str) -> list[str]:
    return _words(_MARKUP.sub(" ", _ADDRESS.sub(" ", _ITEM.sub("", line))))


def _words(text: str) -> list[str]:
    return _WORD.findall(unescape(text).casefold().replace("_", " "))
