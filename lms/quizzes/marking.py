"""What an answer is, for every kind of question, and what it is worth. Pure.

A value is what is stored: positions as authored, from 0. What is sent is how a page tells it:
positions as shown, from 1. No answer at all is the value [], whatever the kind.

- choices: the positions of the chosen options, ascending; sent as they are: "2".
- short answer and numeric: the text as typed.
- matching: for every stem the position of its choice, -1 while it has none; sent "stem:choice".
- ordering: for every item its place, -1 while it has none; sent "item:place".
- essay: the text as typed, with plain line ends; a file is kept beside it.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from random import Random

from lms.quizzes.rules import QuestionKind

Value = list[int] | str
UNSET = -1
LONGEST_TEXT = 500
CHOICES = frozenset({QuestionKind.SINGLE, QuestionKind.MULTIPLE, QuestionKind.TRUEFALSE})
TYPED = frozenset({QuestionKind.SHORT, QuestionKind.NUMERIC})
PLACED = frozenset({QuestionKind.MATCHING, QuestionKind.ORDERING})
ANY_NUMBER = "*"

_NEARLY = Decimal("0.999999")  # fractions are stored with seven places
_ZERO, _ONE, _HUNDRED = Decimal(0), Decimal(1), Decimal(100)
_POSITION = re.compile(r"[1-9][0-9]{0,3}")
_WILD = re.compile(r"(?<!\\)\*+")
_EXPONENT = r"(?:[eE][-+]?[0-9]{1,2})?"
_POINT = re.compile(
    rf"[-+]?(?:(?:[0-9]{{1,3}}(?:,[0-9]{{3}}){{1,5}}|[0-9]{{1,18}})(?:\.[0-9]{{1,18}})?"
    rf"|\.[0-9]{{1,18}}){_EXPONENT}"
)
_COMMA = re.compile(
    rf"[-+]?(?:(?:[0-9]{{1,3}}(?:\.[0-9]{{3}}){{1,5}}|[0-9]{{1,18}})(?:,[0-9]{{1,18}})?"
    rf"|,[0-9]{{1,18}}){_EXPONENT}"
)


class Scoring(StrEnum):
    """How several right options are worth points."""

    WEIGHTS = "weights"
    ALL_OR_NOTHING = "all-or-nothing"
    PROPORTIONAL = "proportional"
    RIGHT_MINUS_WRONG = "right-minus-wrong"


@dataclass(frozen=True)
class Marking:
    """How a quiz marks: `decimal_comma` says that numbers are typed as 1.234,5 and not 1,234.5."""

    scoring: Scoring = Scoring.WEIGHTS
    match_case: bool = False
    match_accents: bool = True
    decimal_comma: bool = False


@dataclass(frozen=True)
class Option:
    """One option as stored. `weight` is percent, -100 to 100.

    `answer` is what a typed answer is held against (a text with wildcards, "low..high", or
    `ANY_NUMBER`), and the right choice for a stem; an option without `html` is then no stem. Of an
    item it is the right place where a correction gave another one than that where it stands.
    """

    html: str
    weight: Decimal
    feedback: str
    answer: str = ""


def stems(options: Sequence[Option]) -> list[Option]:
    return [option for option in options if option.html]


def choices(options: Sequence[Option]) -> list[str]:
    """What stems may be matched with, each text once."""
    return list(dict.fromkeys(option.answer for option in options))


def right_value(kind: QuestionKind, options: Sequence[Option]) -> list[int]:
    """The answer that earns everything: of a matching the choice of every stem, of an ordering the
    place of every item."""
    if kind is QuestionKind.MATCHING:
        told = choices(options)
        return [told.index(stem.answer) for stem in stems(options)]
    return [int(option.answer) if option.answer else at for at, option in enumerate(options)]


# ── What is shown and sent ───────────────────────────────────────────────────────────────────


def shown_order(
    kind: QuestionKind,
    options: Sequence[Option],
    *,
    shuffle: bool,
    last_fixed: bool,
    random: Random,
) -> list[int]:
    """The positions that a page shows, in its order: options, choices to match, items to order.

    True and false keep their order, and so does a fixed last option. Choices to match and items
    are always shuffled, because their own order is the answer; items never stand right.
    """
    if kind in TYPED:
        return []
    if kind is QuestionKind.ORDERING:
        return _out_of_order(len(options), random)
    matching = kind is QuestionKind.MATCHING
    order = list(range(len(choices(options)) if matching else len(options)))
    if kind is QuestionKind.TRUEFALSE or not (shuffle or matching):
        return order
    head, tail = (order[:-1], order[-1:]) if last_fixed and not matching else (order, [])
    random.shuffle(head)
    return head + tail


def _out_of_order(count: int, random: Random) -> list[int]:
    order = list(range(count))
    random.shuffle(order)
    return order if order != sorted(order) else order[1:] + order[:1]


def read_sent(
    kind: QuestionKind, sent: Sequence[str], order: Sequence[int], options: Sequence[Option]
) -> Value:
    """The value that a page sent. Raises ValueError where it is no answer to this question."""
    if kind in TYPED or kind is QuestionKind.ESSAY:
        return _typed(sent)
    if kind in CHOICES:
        positions = [_position(each, len(order)) for each in sent]
        if len(set(positions)) != len(positions):
            raise ValueError("an option twice")
        if len(positions) > 1 and kind is not QuestionKind.MULTIPLE:
            raise ValueError("several options")
        return sorted(order[i] for i in positions)
    pairs = [each.partition(":") for each in sent if each]
    if kind is QuestionKind.MATCHING:
        value = [UNSET] * len(stems(options))
        told = [(_position(a, len(value)), order[_position(b, len(order))]) for a, _, b in pairs]
    else:
        value = [UNSET] * len(order)
        told = [(order[_position(a, len(value))], _position(b, len(value))) for a, _, b in pairs]
    if len({at for at, _ in told}) != len(told):
        raise ValueError("two places for one")
    for at, to in told:
        value[at] = to
    return value if told else []


def _typed(sent: Sequence[str]) -> Value:
    if len(sent) > 1:
        raise ValueError("several texts")
    text = unicodedata.normalize("NFC", sent[0]).strip() if sent else ""
    return text.replace("\r\n", "\n").replace("\r", "\n") or []


def _position(text: str, count: int) -> int:
    if not _POSITION.fullmatch(text) or int(text) > count:
        raise ValueError("no such position")
    return int(text) - 1


def as_sent(kind: QuestionKind, value: Value, order: Sequence[int]) -> list[str]:
    """What a page would send for a value: the way back from `read_sent`."""
    if isinstance(value, str):
        return [value]
    if kind in CHOICES:
        return [str(i) for i, option in enumerate(order, start=1) if option in value]
    if kind is QuestionKind.MATCHING:
        return [
            f"{stem}:{order.index(choice) + 1}"
            for stem, choice in enumerate(value, start=1)
            if choice != UNSET
        ]
    return [
        f"{item}:{value[option] + 1}"
        for item, option in enumerate(order, start=1)
        if value and value[option] != UNSET
    ]


def is_complete(value: Value) -> bool:
    """Is the question answered, with nothing left open?"""
    return bool(value) and (isinstance(value, str) or UNSET not in value)


# ── What it is worth ─────────────────────────────────────────────────────────────────────────


def fraction(
    kind: QuestionKind, options: Sequence[Option], value: Value, marking: Marking
) -> Decimal:
    """How right an answer is, 0 to 1. An essay is marked by people: 0.

    Single and true/false: the weight of the choice. Typed: the weight of the first answer that
    matches. Matching: right stems of all stems. Ordering: items in their right place of all items.
    """
    if not value:
        return _ZERO
    if isinstance(value, str):
        at = first_match(kind, options, value, marking)
        return max(_ZERO, options[at].weight / _HUNDRED) if at is not None else _ZERO
    if kind in PLACED:
        right = right_value(kind, options)
        return _share(sum(a == b for a, b in zip(value, right, strict=True)), len(right))
    weights = [option.weight for option in options]
    if kind is QuestionKind.MULTIPLE:
        return _several(weights, value, marking.scoring)
    return max(_ZERO, sum((weights[i] for i in value), _ZERO) / _HUNDRED)


def feedback_on(
    kind: QuestionKind, options: Sequence[Option], value: Value, marking: Marking
) -> list[str]:
    """The feedback of the options that were chosen, or of the answer that a typed one matched."""
    if isinstance(value, str):
        at = first_match(kind, options, value, marking)
        return [options[at].feedback] if at is not None and options[at].feedback else []
    if kind not in CHOICES:
        return []
    return [options[i].feedback for i in value if options[i].feedback]


def _several(weights: Sequence[Decimal], chosen: Sequence[int], scoring: Scoring) -> Decimal:
    """n options of which C are right (their weight is above 0), S chosen. Never below 0.

    weights: their sum; such as 33.33333 that add up to nearly 100 count as whole. all-or-nothing:
    1 when S is C. proportional: right decisions of n. right-minus-wrong: hits less wrong ones of C.
    """
    right = {i for i, weight in enumerate(weights) if weight > 0}
    if scoring is Scoring.ALL_OR_NOTHING:
        return Decimal(set(chosen) == right)
    if scoring is Scoring.PROPORTIONAL:
        return _share(len(weights) - len(right.symmetric_difference(chosen)), len(weights))
    if scoring is Scoring.RIGHT_MINUS_WRONG:
        hits = len(right.intersection(chosen))
        return max(_ZERO, _share(hits - (len(chosen) - hits), len(right)))
    total = min(_ONE, max(_ZERO, sum((weights[i] for i in chosen), _ZERO) / _HUNDRED))
    return _ONE if total > Decimal("0.9999") else total


def _share(part: int, whole: int) -> Decimal:
    return Decimal(part) / whole


# ── Tries in practice ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Try:
    """A checked answer: what it was, and how right, 0 to 1."""

    value: Value
    fraction: Decimal


def is_settled(tries: Sequence[Try], hints: int) -> bool:
    """Was the last try right, or was there one more than there are hints?"""
    return bool(right_at(tries)) or len(tries) > hints


def earned(tries: Sequence[Try]) -> Decimal:
    """The last try counts, less a third for each before it: right at try 1, 2, 3 or 4 earns 1,
    0.6667, 0.3333 or 0."""
    if not tries:
        return _ZERO
    return max(_ZERO, tries[-1].fraction - Decimal(len(tries) - 1) / 3)


def right_at(tries: Sequence[Try]) -> int:
    """The number of the try that was right; 0 where none was."""
    return len(tries) if tries and tries[-1].fraction > _NEARLY else 0


@dataclass(frozen=True)
class Key:
    """What the answers to a question are held against. `accepts_all`: whatever was answered is
    right; `hints`: how many there are in a practice quiz, None in others."""

    kind: QuestionKind
    options: Sequence[Option]
    settings: Marking
    accepts_all: bool = False
    hints: int | None = None


def points(key: Key, value: Value, tries: Sequence[Try] = ()) -> Decimal:
    """What an answer earns, 0 to 1; in practice with the tries that went before, which are held
    against the same key. Tries after a right one do not count."""
    if key.hints is None:
        return held(key, value)
    return earned(all_tries(key, value, tries))


def all_tries(key: Key, value: Value, tries: Sequence[Try]) -> list[Try]:
    """The tries up to the first right one, and what was saved after them and never checked; each
    held against the key."""
    marked: list[Try] = []
    for each in tries:
        marked.append(Try(each.value, held(key, each.value)))
        if right_at(marked):
            break
    return with_last(marked, value, held(key, value), key.hints or 0)


def held(key: Key, value: Value) -> Decimal:
    """What one answer earns by itself, 0 to 1."""
    if key.accepts_all:
        return _ONE if value else _ZERO
    return fraction(key.kind, key.options, value, key.settings)


def with_last(tries: Sequence[Try], value: Value, fraction: Decimal, hints: int) -> list[Try]:
    """The tries, and what was saved after them and never checked: handing it in is a try too."""
    unchecked = bool(value) and (not tries or tries[-1].value != value)
    if unchecked and not is_settled(tries, hints):
        return [*tries, Try(value, fraction)]
    return list(tries)


# ── Typed answers ────────────────────────────────────────────────────────────────────────────


def first_match(
    kind: QuestionKind, options: Sequence[Option], text: str, marking: Marking
) -> int | None:
    """The position of the first answer that takes the text."""
    found = (
        at
        for at, option in enumerate(options)
        if (
            takes_number(option.answer, number_of(text, comma=marking.decimal_comma))
            if kind is QuestionKind.NUMERIC
            else takes_text(option.answer, text, marking)
        )
    )
    return next(found, None)


def number_of(text: str, *, comma: bool) -> Decimal | None:
    """The number that somebody typed; None where it is none, or is written the other way."""
    text = text.replace("\N{MINUS SIGN}", "-")
    if not (_COMMA if comma else _POINT).fullmatch(text):
        return None
    if comma:
        return Decimal(text.replace(".", "").replace(",", "."))
    return Decimal(text.replace(",", ""))


def takes_number(answer: str, number: Decimal | None) -> bool:
    """Bounds are inclusive."""
    if number is None:
        return False
    if answer == ANY_NUMBER:
        return True
    low, _, high = answer.partition("..")
    return Decimal(low) <= number <= Decimal(high)


def takes_text(answer: str, text: str, marking: Marking) -> bool:
    """Does the answer, in which * stands for any characters, take the text?"""
    text = _folded(text, marking)
    first, *rest = (_folded(part.replace(r"\*", "*"), marking) for part in _WILD.split(answer))
    if not rest:
        return text == first
    *between, last = rest
    if not text.startswith(first) or len(text) < len(first) + len(last):
        return False
    end = len(text) - len(last)
    if text[end:] != last:
        return False
    at = len(first)
    for part in between:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _folded(text: str, marking: Marking) -> str:
    """Runs of blanks are one; case and accents only where the quiz heeds them."""
    text = re.sub(r"\s+", " ", text)
    if not marking.match_accents:
        parts = unicodedata.normalize("NFD", text)
        text = "".join(c for c in parts if unicodedata.category(c) != "Mn")
    text = unicodedata.normalize("NFC", text)
    return text if marking.match_case else unicodedata.normalize("NFC", text.casefold())
