"""What Markdown names and shows, found by looking at its lines; code is passed over."""

import re
from collections.abc import Iterator

_FENCE = re.compile(r"\s*(`{3,}|~{3,})")
_CODE = re.compile(r"(?<!`)(`++).*?(?<!`)\1(?!`)")
_TARGET = re.compile(r"\]\(\s*<?([^\s()<>]+)")
_DEFINITION = re.compile(r"^ {0,3}\[(?!\^)[^\[\]]+\]:\s*<?([^\s<>]+)>?\s*(?:[\"'(].*)?$")
_HTML_PART = re.compile(r"<a\b[^<>]*?\bhref\s*+=\s*+[\"']?\s*+part/([^\"'<>\s]*)", re.IGNORECASE)
_BARE_IMAGE = re.compile(r"!\[\s*\][(\[]")
_IMAGE = re.compile(r"!\[(\s*+[^\[\]\s][^\[\]]*+)\][(\[]")
_HTML_IMAGE = re.compile(r"<img\b[^>]*", re.IGNORECASE)
_ALT = re.compile(r"\balt\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_HEADING = re.compile(r"(?: {0,3}>)* {0,3}#(?!#)")
_UNDERLINE = re.compile(r" {0,3}=+\s*")
_BOX = re.compile(r"^(?: {0,3}>)++ ?\[!([^\[\]]*)\]", re.MULTILINE)
_NOTE = re.compile(r"\[\^([^\[\]]*)\]")
_NOTE_TEXT = re.compile(r" {0,3}\[\^([^\[\]]*)\]:")
BOXES = ("NOTE", "TIP", "IMPORTANT", "WARNING", "DETAILS")


def targets(markdown: str) -> list[tuple[int, str]]:
    """Every address that a link or an image points to, with its line (1-based)."""
    return [
        (number, target)
        for number, line in _prose(markdown)
        for target in [*_TARGET.findall(line), *_DEFINITION.findall(line)]
    ]


def html_parts(markdown: str) -> list[tuple[int, str]]:
    """Line and key of every part that a link written as HTML points to."""
    return [(number, key) for number, line in _prose(markdown) for key in _HTML_PART.findall(line)]


def images_without_text(markdown: str) -> list[int]:
    return [number for number, line in _prose(markdown) if _BARE_IMAGE.search(line)]


def images(markdown: str) -> list[tuple[int, str]]:
    """Line and text alternative of every image that has one, or that is written as HTML."""
    found = []
    for number, line in _prose(markdown):
        found += [(number, text.strip()) for text in _IMAGE.findall(line)]
        for tag in _HTML_IMAGE.findall(line):
            alt = _ALT.search(tag)
            found.append((number, (alt[1] or alt[2] or "").strip() if alt else ""))
    return found


def word_count(markdown: str) -> int:
    """Words that are read: without addresses, and without marks."""
    words = _NOTE.sub("", _BOX.sub("", _TARGET.sub("](", markdown))).split()
    return sum(any(c.isalnum() for c in word) for word in words)


def top_headings(markdown: str) -> list[int]:
    """Lines with a heading of level 1, written with # or underlined with =."""
    found, before = [], ""
    for number, line in _prose(markdown):
        if _HEADING.match(line):
            found.append(number)
        elif before.strip() and _UNDERLINE.fullmatch(line):
            found.append(number - 1)
        before = line
    return found


def unknown_boxes(markdown: str) -> list[tuple[int, str]]:
    """Line and name of every quote that begins like a box (`> [!NOTE]`) and is none of ours."""
    return [
        (number, found[1])
        for number, line in _prose(markdown)
        if (found := _BOX.match(line)) and found[1].upper() not in BOXES
    ]


def lone_notes(markdown: str) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Line and name of every mark of a footnote without its text, and of every text without its
    mark."""
    marks, texts = [], []
    for number, line in _prose(markdown):
        text = _NOTE_TEXT.match(line)
        if text:
            texts.append((number, text[1]))
        marks += [(number, name) for name in _NOTE.findall(line[text.end() :] if text else line)]
    named, written = {name for _, name in marks}, {name for _, name in texts}
    return (
        [mark for mark in marks if mark[1] not in written],
        [text for text in texts if text[1] not in named],
    )


def _prose(markdown: str) -> Iterator[tuple[int, str]]:
    fence = ""
    for number, line in enumerate(markdown.split("\n"), start=1):
        mark = _FENCE.match(line)
        if fence:
            closing = line.strip()
            if mark and closing == closing[0] * len(closing) and closing.startswith(fence):
                fence = ""
        elif mark:
            fence = mark[1]
        else:
            yield number, _CODE.sub("", line)
