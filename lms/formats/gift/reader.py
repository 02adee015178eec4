"""GIFT to questions.

A question is a run of lines without a blank line between them; inside `{ }` blank lines are
forgiven. Stable key and tags stand in comment lines of the question: `// [id:…] [tag:…]`.
"""

import re
from bisect import bisect
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from itertools import accumulate, pairwise

from lms.formats.gift.questions import (
    FALSE,
    FULL,
    LAST_OPTION_FIXED,
    NONE,
    TRUE,
    Option,
    Question,
    QuestionKind,
    is_key,
    key_rule,
)

_POSITIVE = (
    "100 90 83.33333 80 75 70 66.66667 60 50 40 "
    "33.33333 30 25 20 16.66667 14.28571 12.5 11.11111 10 5"
)
WEIGHTS = (NONE, *(sign * Decimal(weight) for weight in _POSITIVE.split() for sign in (1, -1)))
_SUM_TOLERANCE = Decimal("0.01")

_TAG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
_LABEL = re.compile(r"\[(id|tag):([^\]]*)\]")
_ESCAPE = re.compile(r"\\([~=#{}:n\\])")
STYLE = re.compile(r"\s*\[(markdown|plain|html|moodle)\]")
WEIGHT = re.compile(r"\s*%\s*([-+]?[0-9][0-9.,]{0,12})\s*%")
_MARKDOWN = re.compile(r"[\\`*_\[\]<&|]|(?:(?<=^)|(?<=\n))[#>+=:-]|(?<=[0-9])\.")


@dataclass(frozen=True, order=True, slots=True)
class GiftProblem:
    line: int
    code: str
    message: str


def parse(text: str) -> tuple[list[Question], list[GiftProblem]]:
    """The good questions and everything wrong with the others; takes any text without raising.

    Whether keys are unique is left to the caller, because they must be so over a whole course.
    """
    blocks = _blocks(text)
    questions = [question for block in blocks if (question := _question(block))]
    return questions, sorted(problem for block in blocks for problem in block.problems)


def keys(text: str) -> list[tuple[str, int]]:
    """Every question's key and its line, also those of questions that `parse` finds fault with."""
    found = (block.labels("id")[:1] for block in _blocks(text))
    return [(key, line) for labels in found for line, key in labels if is_key(key)]


@dataclass
class _Block:
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

    def note(self, code: str, message: str, *, offset: int = 0, line: int = 0) -> None:
        self.problems.append(GiftProblem(line or self.line(offset), code, message))

    def labels(self, name: str) -> list[tuple[int, str]]:
        return [
            (number, label[2].strip())
            for number, comment in self.comments
            for label in _LABEL.finditer(comment)
            if label[1] == name
        ]


def _blocks(text: str) -> list[_Block]:
    blocks = [_Block()]
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, line in enumerate(lines, start=1):
        start = line.lstrip()
        if start.startswith("//"):
            blocks[-1].comments.append((number, start))
        elif not start:
            blocks.append(_Block())
        elif not start.startswith("$CATEGORY"):
            blocks[-1].lines.append((number, line))
    return _rejoined([block for block in blocks if block.lines])


def _rejoined(blocks: list[_Block]) -> list[_Block]:
    """A blank line between { and } does not end a question."""
    joined: list[_Block] = []
    is_open = False
    for block in blocks:
        braces = re.sub(r"[^{}]", "", "".join(_masked(line) for _, line in block.lines))
        if is_open and not braces.startswith("{"):
            joined[-1].lines += [(block.lines[0][0], ""), *block.lines]
            is_open = not braces
        else:
            joined.append(block)
            is_open = braces.endswith("{")
    return joined


def _masked(text: str) -> str:
    """The text with escaped characters blanked out, as long as before: for finding marks."""
    return _ESCAPE.sub("..", text)


def _cut(text: str, mark: str) -> tuple[str, str]:
    """What stands before and after the first unescaped mark."""
    at = _masked(text).find(mark)
    return (text, "") if at < 0 else (text[:at], text[at + len(mark) :])


def _question(block: _Block) -> Question | None:
    key = _key(block)
    tags = _tags(block)
    parts = _split(block)
    if parts is None:
        return None
    head, answer, start = parts
    title, style, text = _head(block, head)
    at = _masked(answer).rfind("####")
    body, general = (answer, "") if at < 0 else (answer[:at], answer[at + 4 :])
    general_feedback = _markdown(block, general, style, start + len(body))
    kind, options = _answer(block, body, style, start)
    if block.problems:
        return None
    return Question(
        key=key,
        kind=kind,
        title=title,
        text=text,
        options=options,
        general_feedback=general_feedback,
        tags=tuple(tag for tag in tags if tag != LAST_OPTION_FIXED),
        last_option_fixed=LAST_OPTION_FIXED in tags,
        line=block.line(),
    )


def _key(block: _Block) -> str:
    ids = block.labels("id")
    if not ids:
        block.note(
            "key-missing",
            "Soal ini belum punya kunci; tulis // [id:kunci] tepat di atasnya tanpa baris kosong.",
        )
        return ""
    (line, key), *others = ids
    if others:
        block.note(
            "gift-id-twice",
            "Soal ini punya lebih dari satu [id:…]; sisakan satu.",
            line=others[0][0],
        )
    if not is_key(key):
        block.note("key-invalid", key_rule(key), line=line)
    return key


def _tags(block: _Block) -> tuple[str, ...]:
    tags = block.labels("tag")
    for line, tag in tags:
        if not _TAG.fullmatch(tag):
            block.note(
                "gift-tag",
                f'Tag "{tag}" tidak sah; pakai huruf, angka, titik, dan tanda hubung.',
                line=line,
            )
    return tuple(dict.fromkeys(tag for _, tag in tags))


def _split(block: _Block) -> tuple[str, str, int] | None:
    """The text before the braces, the text between them, and where the latter starts."""
    text, mask = block.text, _masked(block.text)
    start, end = mask.find("{"), mask.find("}")
    rest = mask[end + 1 :]
    if start == end == -1:
        _not_supported(block, "teks tanpa jawaban (baris kosong memisahkan soal)")
    elif end < start or start == -1 or "{" in mask[start + 1 : end]:
        block.note(
            "gift-brace",
            "Kurung { dan } tidak berpasangan; lengkapi, atau tulis \\{ \\} bila bagian teks.",
            offset=max(start, 0),
        )
    elif "{" in rest or "}" in rest or "::" in rest:
        block.note(
            "gift-joined",
            "Ada soal lain setelah } tanpa pemisah; beri satu baris kosong di antara dua soal.",
            offset=end,
        )
    elif rest.strip():
        _not_supported(block, "kata rumpang (teks setelah })", offset=end)
    else:
        return text[:start], text[start + 1 : end], start + 1
    return None


def _not_supported(block: _Block, name: str, *, offset: int = 0) -> None:
    block.note(
        "gift-type",
        f"Jenis soal ini belum didukung: {name}; pakai pilihan tunggal, pilihan jamak, "
        "atau benar/salah.",
        offset=offset,
    )


def _head(block: _Block, head: str) -> tuple[str, str, str]:
    """Title, style of all texts, and the question's own text."""
    title, text = "", head.strip()
    if text.startswith("::"):
        title, text = _cut(text[2:], "::")
    named = STYLE.match(text)
    style = named[1] if named else "markdown"
    text = _markdown(block, text, style, 0)
    if not text:
        block.note(
            "gift-text-empty",
            "Teks soal kosong; tulis pertanyaannya sebelum {, setelah ::judul:: bila ada judul.",
        )
    return " ".join(_unescaped(title).split()), style, text


def _markdown(block: _Block, raw: str, style: str, offset: int) -> str:
    named = STYLE.match(raw)
    if named:
        style, raw = named[1], raw[named.end() :]
        if style not in ("markdown", "plain"):
            block.note(
                "gift-format",
                f"Format [{style}] tidak diterima; tulis teks dengan [markdown] atau [plain].",
                offset=offset,
            )
    text = _unescaped(raw).strip()
    return _from_plain(text) if style == "plain" else text


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda match: "\n" if match[1] == "n" else match[1], text)


def _from_plain(text: str) -> str:
    """Markdown that shows the plain text as it is, line by line."""
    text = "\n".join(line.strip() + "  " for line in text.split("\n")).strip()
    return _MARKDOWN.sub(lambda match: f"&#{ord(match[0])};", text)


def _answer(
    block: _Block, body: str, style: str, start: int
) -> tuple[QuestionKind, tuple[Option, ...]]:
    mask = _masked(body)
    said = _cut(body, "#")[0].strip().upper()
    if "~" in mask and not mask.lstrip().startswith("#"):
        return _choice(block, body, style, start)
    if said in ("T", "TRUE", "F", "FALSE"):
        return QuestionKind.TRUEFALSE, _truefalse(block, body, style, start)
    if not mask.strip():
        _not_supported(block, "esai", offset=start)
    elif mask.lstrip().startswith("#"):
        _not_supported(block, "isian angka", offset=start)
    elif "=" in mask and "->" in mask:
        _not_supported(block, "menjodohkan", offset=start)
    else:
        _not_supported(block, "isian singkat (tidak ada pilihan bertanda ~)", offset=start)
    return QuestionKind.SINGLE, ()


def _truefalse(block: _Block, body: str, style: str, start: int) -> tuple[Option, ...]:
    """GIFT names the feedback for a wrong answer first, then that for the right one."""
    said, feedback = _cut(body, "#")
    wrong, right = (_markdown(block, raw, style, start) for raw in _cut(feedback, "#"))
    if said.strip().upper() in ("T", "TRUE"):
        return Option(TRUE, FULL, right), Option(FALSE, NONE, wrong)
    return Option(TRUE, NONE, wrong), Option(FALSE, FULL, right)


def _choice(
    block: _Block, body: str, style: str, start: int
) -> tuple[QuestionKind, tuple[Option, ...]]:
    marks = [mark.start() for mark in re.finditer("[~=]", _masked(body))]
    if body[: marks[0]].strip():
        block.note(
            "gift-option-start",
            "Setiap jawaban harus diawali = atau ~; tambahkan tandanya.",
            offset=start,
        )
    before = len(block.problems)
    options = tuple(
        _option(block, body[here:there], style, start + here)
        for here, there in pairwise([*marks, len(body)])
    )
    right = [mark for mark in marks if body[mark] == "="]
    if len(options) < 2:
        block.note(
            "gift-options-few", "Soal pilihan perlu paling sedikit dua jawaban.", offset=start
        )
    elif len(block.problems) == before:
        _check_fractions(block, options, [start + mark for mark in right])
    return QuestionKind.SINGLE if right else QuestionKind.MULTIPLE, options


def _option(block: _Block, raw: str, style: str, offset: int) -> Option:
    mark, raw = raw[0], raw[1:]
    fraction = FULL if mark == "=" else NONE
    weight = WEIGHT.match(raw)
    if weight:
        raw = raw[weight.end() :]
        fraction = _fraction(block, mark, weight[1], offset)
    text, feedback = (_markdown(block, part, style, offset) for part in _cut(raw, "#"))
    if not text:
        block.note(
            "gift-option-empty",
            f"Ada jawaban kosong setelah {mark}; isi atau hapus.",
            offset=offset,
        )
    return Option(text, fraction, feedback)


def _fraction(block: _Block, mark: str, written: str, offset: int) -> Decimal:
    if mark == "=":
        block.note(
            "gift-right-weight",
            "Jawaban bertanda = selalu bernilai 100%; hapus bobotnya.",
            offset=offset,
        )
        return FULL
    if not re.fullmatch(r"[-+]?[0-9]+(\.[0-9]*)?", written):
        block.note(
            "gift-weight-form",
            f"Bobot %{written}% bukan angka; pakai titik untuk desimal, misalnya %33.33333%.",
            offset=offset,
        )
        return NONE
    weight = Decimal(written)
    nearest = min(WEIGHTS, key=lambda known: abs(known - weight))
    if nearest != weight:
        block.note(
            "gift-weight-list",
            f"Bobot %{written}% tidak ada dalam daftar; yang terdekat %{number(nearest)}%.",
            offset=offset,
        )
    return nearest


def _check_fractions(block: _Block, options: tuple[Option, ...], right: list[int]) -> None:
    full = [option for option in options if option.fraction == FULL]
    total = sum((option.fraction for option in options if option.fraction > 0), NONE)
    if len(right) > 1 or (right and len(full) > 1):
        block.note(
            "gift-right-many",
            "Pilihan tunggal hanya boleh punya satu jawaban bernilai 100%; pakai bobot tanpa = "
            "untuk beberapa jawaban benar, dan \\= bila = bagian dari teks.",
            offset=right[-1],
        )
    elif not right and abs(total - FULL) > _SUM_TOLERANCE:
        block.note(
            "gift-weights-sum",
            f"Bobot positif berjumlah {number(total)}%, seharusnya 100%; "
            "tandai satu jawaban dengan = atau perbaiki bobotnya.",
        )


def number(value: Decimal) -> str:
    return format(value.normalize(), "f")
