"""What stands between the braces of a GIFT question: its kind and its answers."""

import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from lms.formats.gift.questions import (
    ANY_NUMBER,
    FALSE,
    FULL,
    NONE,
    TRUE,
    Option,
    QuestionKind,
    bounds,
)
from lms.formats.gift.source import Block, cut, markdown, masked, plain
from lms.formats.words import Words

_POSITIVE = (
    "100 90 83.33333 80 75 70 66.66667 60 50 40 "
    "33.33333 30 25 20 16.66667 14.28571 12.5 11.11111 10 5"
)
WEIGHTS = (NONE, *(sign * Decimal(weight) for weight in _POSITIVE.split() for sign in (1, -1)))
WEIGHT = re.compile(r"\s*%\s*([-+]?[0-9][0-9.,]{0,12})\s*%")
_SUM_TOLERANCE = Decimal("0.01")

Answers = tuple[QuestionKind, tuple[Option, ...]]


def answer_of(block: Block, body: str, style: str, start: int) -> Answers:
    """The kind follows from the marks, as in Moodle; `start` is where the body begins."""
    kind = _kind(body)
    if kind is QuestionKind.ORDERING:
        return kind, _items(block, body, style, start)
    if kind is QuestionKind.MATCHING:
        return kind, _pairs(block, body, style, start)
    if kind is QuestionKind.TRUEFALSE:
        return kind, _truefalse(block, body, style, start)
    if kind is QuestionKind.NUMERIC:
        return kind, _numbers(block, body, style, start)
    if kind is QuestionKind.SHORT:
        return kind, _texts(block, body, style, start)
    if kind is QuestionKind.ESSAY:
        return kind, ()
    return _choice(block, body, style, start)


def _kind(body: str) -> QuestionKind:
    """SINGLE stands for both kinds of choice."""
    mask = masked(body).lstrip()
    if not mask:
        return QuestionKind.ESSAY
    if mask.startswith(">"):
        return QuestionKind.ORDERING
    if mask.startswith("#"):
        return QuestionKind.NUMERIC
    if "~" in mask:
        return QuestionKind.SINGLE
    if cut(body, "#")[0].strip().upper() in ("T", "TRUE", "F", "FALSE"):
        return QuestionKind.TRUEFALSE
    return QuestionKind.MATCHING if "->" in mask else QuestionKind.SHORT


def _truefalse(block: Block, body: str, style: str, start: int) -> tuple[Option, ...]:
    """GIFT names the feedback for a wrong answer first, then that for the right one."""
    said, feedback = cut(body, "#")
    wrong, right = (markdown(block, raw, style, start) for raw in cut(feedback, "#"))
    if said.strip().upper() in ("T", "TRUE"):
        return Option(TRUE, FULL, right), Option(FALSE, NONE, wrong)
    return Option(TRUE, NONE, wrong), Option(FALSE, FULL, right)


def _pieces(block: Block, body: str, marks: str, start: int) -> list[tuple[int, str]]:
    """Each answer with its mark and where it stands; what stands before the first is a fault."""
    places = [mark.start() for mark in re.finditer(f"[{marks}]", masked(body))]
    if body[: places[0] if places else len(body)].strip():
        missing = (
            Words("Setiap jawaban harus diawali = atau %(sign)s; tambahkan tandanya.", sign="~")
            if "~" in marks
            else Words("Setiap jawaban harus diawali =; tambahkan tandanya.")
        )
        block.note("gift-option-start", missing, offset=start)
    return [(start + here, body[here:there]) for here, there in pairwise([*places, len(body)])]


# ── Choices ──────────────────────────────────────────────────────────────────────────────────


def _choice(block: Block, body: str, style: str, start: int) -> Answers:
    pieces = _pieces(block, body, "=~", start)
    before = len(block.problems)
    options = tuple(_option(block, raw, style, offset) for offset, raw in pieces)
    right = [offset for offset, raw in pieces if raw[0] == "="]
    if len(options) < 2:
        block.note(
            "gift-options-few",
            Words("Soal pilihan perlu paling sedikit dua jawaban."),
            offset=start,
        )
    elif len(block.problems) == before:
        _check_fractions(block, options, right)
    return QuestionKind.SINGLE if right else QuestionKind.MULTIPLE, options


def _option(block: Block, raw: str, style: str, offset: int) -> Option:
    mark, raw = raw[0], raw[1:]
    fraction = FULL if mark == "=" else NONE
    weight = WEIGHT.match(raw)
    if weight and mark == "=":
        block.note(
            "gift-right-weight",
            Words("Jawaban bertanda = selalu bernilai 100%; hapus bobotnya."),
            offset=offset,
        )
    elif weight:
        fraction = _fraction(block, weight[1], offset)
    raw = raw[weight.end() :] if weight else raw
    text, feedback = (markdown(block, part, style, offset) for part in cut(raw, "#"))
    if not text:
        _note_empty(block, mark, offset)
    return Option(text, fraction, feedback)


def _note_empty(block: Block, mark: str, offset: int) -> None:
    block.note(
        "gift-option-empty",
        Words("Ada jawaban kosong setelah %(mark)s; isi atau hapus.", mark=mark),
        offset=offset,
    )


def _fraction(block: Block, written: str, offset: int) -> Decimal:
    weighed, example = f"%{written}%", "%33.33333%"
    if not re.fullmatch(r"[-+]?[0-9]+(\.[0-9]*)?", written):
        block.note(
            "gift-weight-form",
            Words(
                "Bobot %(weighed)s bukan angka; pakai titik untuk desimal, misalnya %(example)s.",
                weighed=weighed,
                example=example,
            ),
            offset=offset,
        )
        return NONE
    weight = Decimal(written)
    nearest = min(WEIGHTS, key=lambda known: abs(known - weight))
    if nearest != weight:
        near = f"%{number(nearest)}%"
        block.note(
            "gift-weight-list",
            Words(
                "Bobot %(weighed)s tidak ada dalam daftar; yang terdekat %(near)s.",
                weighed=weighed,
                near=near,
            ),
            offset=offset,
        )
    return nearest


def _check_fractions(block: Block, options: Sequence[Option], right: list[int]) -> None:
    full = [option for option in options if option.fraction == FULL]
    total = sum((option.fraction for option in options if option.fraction > 0), NONE)
    if len(right) > 1 or (right and len(full) > 1):
        block.note(
            "gift-right-many",
            Words(
                "Pilihan tunggal hanya boleh punya satu jawaban bernilai 100%; pakai bobot "
                "tanpa = untuk beberapa jawaban benar, dan \\= bila = bagian dari teks."
            ),
            offset=right[-1],
        )
    elif not right and abs(total - FULL) > _SUM_TOLERANCE:
        found, wanted = f"{number(total)}%", "100%"
        block.note(
            "gift-weights-sum",
            Words(
                "Bobot positif berjumlah %(found)s, seharusnya %(wanted)s; tandai satu "
                "jawaban dengan = atau perbaiki bobotnya.",
                found=found,
                wanted=wanted,
            ),
        )


def number(value: Decimal) -> str:
    return format(value.normalize(), "f")


# ── Typed answers ────────────────────────────────────────────────────────────────────────────


def _texts(block: Block, body: str, style: str, start: int) -> tuple[Option, ...]:
    """Answers that a typed text is held against; a single one needs no mark."""
    if "=" not in masked(body):
        body, start = "=" + body, start - 1
    options: list[Option] = []
    for offset, raw in _pieces(block, body, "=", start):
        written, feedback, fraction = _typed(block, raw[1:], style, offset)
        text = plain(block, written, offset)
        if not text:
            _note_empty(block, "=", offset)
        options.append(Option(text, fraction, feedback))
    _check_typed(block, options, start)
    return tuple(options)


def _numbers(block: Block, body: str, style: str, start: int) -> tuple[Option, ...]:
    """`#1822:5`, `#1..5`, or several with `=`; `~#…` is the feedback for any other number."""
    hash_at = body.index("#") + 1
    start, body = start + hash_at, body[hash_at:]
    marks = [mark.start() for mark in re.finditer("[=~]", masked(body))]
    if body[: marks[0] if marks else len(body)].strip() or not marks:
        start, body = start - 1, "=" + body
    options: list[Option] = []
    for offset, raw in _pieces(block, body, "=~", start):
        written, feedback, fraction = _typed(block, raw[1:], style, offset)
        text = "".join(written.split())
        if raw[0] == "~":
            _check_rest(block, text, len(options) + 1, body, offset)
            text, fraction = ANY_NUMBER, NONE
        elif bounds(text) is None:
            block.note(
                "gift-number",
                Words(
                    '"%(text)s" bukan jawaban angka; tulis misalnya 1822, 1822:5, atau 1..5, '
                    "dengan titik untuk desimal dan tanpa pemisah ribuan.",
                    text=text,
                ),
                offset=offset,
            )
        options.append(Option(text, fraction, feedback))
    _check_typed(block, options, start)
    return tuple(options)


def _check_rest(block: Block, text: str, nth: int, body: str, offset: int) -> None:
    if text not in ("", ANY_NUMBER) or nth < len(re.findall("[=~]", masked(body))):
        block.note(
            "gift-number-rest",
            Words(
                "Setelah %(sign)s pada soal angka hanya boleh #umpan balik untuk jawaban lain, "
                "satu kali dan paling akhir.",
                sign="~",
            ),
            offset=offset,
        )


def _typed(block: Block, raw: str, style: str, offset: int) -> tuple[str, str, Decimal]:
    """What is written before the feedback, the feedback, and the weight, 0 to 100."""
    fraction = FULL
    weight = WEIGHT.match(raw)
    if weight:
        raw = raw[weight.end() :]
        fraction = _fraction(block, weight[1], offset)
    if fraction < 0:
        block.note(
            "gift-weight-negative",
            Words("Bobot jawaban isian tidak boleh di bawah 0%."),
            offset=offset,
        )
    written, feedback = cut(raw, "#")
    return written, markdown(block, feedback, style, offset), fraction


def _check_typed(block: Block, options: Sequence[Option], start: int) -> None:
    if not any(option.fraction == FULL for option in options):
        block.note(
            "gift-typed-full",
            Words(
                "Isian perlu paling sedikit satu jawaban bernilai 100%; hapus bobot salah satunya."
            ),
            offset=start,
        )


# ── Matching and ordering ────────────────────────────────────────────────────────────────────


def _pairs(block: Block, body: str, style: str, start: int) -> tuple[Option, ...]:
    pieces = _pieces(block, body, "=", start)
    before = len(block.problems)
    options = tuple(_pair(block, raw[1:], style, offset) for offset, raw in pieces)
    stems = [option.text for option in options if option.text]
    if len(block.problems) > before:
        return options
    if len(stems) < 2 or len({option.match for option in options}) < 2:
        block.note(
            "gift-pairs-few",
            Words(
                "Soal menjodohkan perlu paling sedikit dua pasangan dan dua jawaban yang berbeda."
            ),
            offset=start,
        )
    _note_doubled(block, stems, start)
    return options


def _pair(block: Block, raw: str, style: str, offset: int) -> Option:
    at = masked(raw).find("->")
    if at < 0:
        block.note(
            "gift-pair-arrow",
            Words("Pasangan ini tanpa ->; tulis =pernyataan -> jawabannya."),
            offset=offset,
        )
        return Option("", NONE)
    right, feedback = cut(raw[at + 2 :], "#")
    if feedback:
        block.note(
            "gift-pair-feedback",
            Words(
                "Pasangan tidak punya umpan balik sendiri; tulis #### di akhir, atau \\# bila "
                "bagian teks."
            ),
            offset=offset,
        )
    stem, match = markdown(block, raw[:at], style, offset), plain(block, right, offset)
    if not match:
        _note_empty(block, "->", offset)
    return Option(stem, FULL if stem else NONE, match=match)


def _items(block: Block, body: str, style: str, start: int) -> tuple[Option, ...]:
    """Moodle's form for ordering: after > one item a line, in the right order."""
    start += len(body) - len(body.lstrip())
    first, *lines = body.lstrip().split("\n")
    offset = start + len(first) + 1
    if first.strip() != ">":
        block.note(
            "gift-order-settings",
            Words(
                "Setelah > langsung baris baru; tulis satu butir satu baris, tanpa pengaturan lain."
            ),
            offset=start,
        )
    options: list[Option] = []
    for line in lines:
        if line.strip():
            options.append(Option(markdown(block, line, style, offset), FULL))
        offset += len(line) + 1
    if len(options) < 2:
        block.note(
            "gift-items-few",
            Words("Soal mengurutkan perlu paling sedikit dua butir."),
            offset=start,
        )
    _note_doubled(block, [option.text for option in options], start)
    return tuple(options)


def _note_doubled(block: Block, texts: Sequence[str], start: int) -> None:
    doubled = next((text for text in texts if texts.count(text) > 1), None)
    if doubled is not None:
        block.note(
            "gift-text-doubled",
            Words(
                '"%(doubled)s" tertulis dua kali, sehingga jawabannya tidak tentu; ubah satu.',
                doubled=doubled[:40],
            ),
            offset=start,
        )
