"""GIFT as lines: one block a question, what is wrong there, and its texts without escapes."""

import re
from bisect import bisect
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate

from lms.formats.words import Words

_OTHERS = re.compile(r"[^{}]+")
# Longer than any that is accepted; without an end, many that are left open would take minutes.
LABEL = re.compile(r"\[(id|tag|state|author|source):([^\]]{0,200})\]")
_ESCAPE = re.compile(r"\\([~=#{}:n\\])")
STYLE = re.compile(r"\s*\[(markdown|plain|html|moodle)\]")
_MARKDOWN = re.compile(r"[\\`*_\[\]<&|]|(?:(?<=^)|(?<=\n))[#>+=:-]|(?<=[0-9])\.")


@dataclass(frozen=True, order=True, slots=True)
class GiftProblem:
    line: int
    code: str
    message: Words


@dataclass
class Block:
    """The lines of one question, comments apart, each with its number; and what is wrong there."""

    comments: list[tuple[int, str]] = field(default_factory=list)
    lines: list[tuple[int, str]] = field(default_factory=list)
    problems: list[GiftProblem] = field(default_factory=list)

    @cached_property
    def text(self) -> str:
        """Not to be asked for before the block has all its lines."""
        return "\n".join(line for _, line in self.lines)

    @cached_property
    def ends(self) -> list[int]:
        return list(accumulate(len(line) + 1 for _, line in self.lines))

    def line(self, offset: int = 0) -> int:
        return self.lines[bisect(self.ends, offset)][0]

    def note(self, code: str, message: Words, *, offset: int = 0, line: int = 0) -> None:
        self.problems.append(GiftProblem(line or self.line(offset), code, message))

    def labels(self, name: str) -> list[tuple[int, str]]:
        return [
            (number, label[2].strip())
            for number, comment in self.comments
            for label in LABEL.finditer(comment)
            if label[1] == name
        ]


def blocks(text: str) -> list[Block]:
    blocks = [Block()]
    lines = text.replace("\ufeff", "").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, line in enumerate(lines, start=1):
        start = line.lstrip()
        if start.startswith("//"):
            blocks[-1].comments.append((number, start))
        elif not start:
            blocks.append(Block())
        elif not start.startswith("$CATEGORY"):
            blocks[-1].lines.append((number, line))
    return _rejoined([block for block in blocks if block.lines])


def _rejoined(blocks: list[Block]) -> list[Block]:
    """A blank line between { and } does not end a question."""
    joined: list[Block] = []
    is_open = False
    for block in blocks:
        braces = _OTHERS.sub("", masked("\n".join(line for _, line in block.lines)))
        if is_open and not braces.startswith("{"):
            joined[-1].lines += [(block.lines[0][0], ""), *block.lines]
            is_open = not braces
        else:
            joined.append(block)
            is_open = braces.endswith("{")
    return joined


def masked(text: str) -> str:
    """The text with escaped characters blanked out, as long as before: for finding marks."""
    return _ESCAPE.sub("..", text)


def cut(text: str, mark: str) -> tuple[str, str]:
    """What stands before and after the first unescaped mark."""
    at = masked(text).find(mark)
    return (text, "") if at < 0 else (text[:at], text[at + len(mark) :])


def not_supported(block: Block, name: Words, *, offset: int = 0) -> None:
    block.note(
        "gift-type",
        Words(
            "Jenis soal ini belum didukung: %(name)s; pakai pilihan tunggal, pilihan jamak, "
            "benar/salah, isian singkat, isian angka, menjodohkan, mengurutkan, atau esai.",
            name=name,
        ),
        offset=offset,
    )


def plain(block: Block, raw: str, offset: int) -> str:
    """One line of text that is shown and compared as it is."""
    named = STYLE.match(raw)
    if named:
        raw = raw[named.end() :]
        _check_style(block, named[1], offset)
    return " ".join(unescaped(raw).split())


def markdown(block: Block, raw: str, style: str, offset: int) -> str:
    named = STYLE.match(raw)
    if named:
        style, raw = named[1], raw[named.end() :]
        _check_style(block, style, offset)
    text = unescaped(raw).strip()
    return _from_plain(text) if style == "plain" else text


def _check_style(block: Block, style: str, offset: int) -> None:
    if style not in ("markdown", "plain"):
        block.note(
            "gift-format",
            Words(
                "Format [%(style)s] tidak diterima; tulis teks dengan [markdown] atau [plain].",
                style=style,
            ),
            offset=offset,
        )


def unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda match: "\n" if match[1] == "n" else match[1], text)


def _from_plain(text: str) -> str:
    """Markdown that shows the plain text as it is, line by line."""
    text = "\n".join(line.strip() + "  " for line in text.split("\n")).strip()
    return _MARKDOWN.sub(lambda match: f"&#{ord(match[0])};", text)
