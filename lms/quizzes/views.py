"""How a question of any kind is drawn, and how an answer to it is told.

Every `html` and every line is safe: cleaned when the question was published, or escaped here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import escape

from lms.core.markdown import plain
from lms.quizzes import marking
from lms.quizzes.marking import CHOICES, TYPED, UNSET, Marking, Try, Value
from lms.quizzes.queries import QuestionView, Slot
from lms.quizzes.rules import QuestionKind

Draw = Callable[[str], str]


@dataclass(frozen=True)
class Choice:
    """Something to choose: an option of the question, or of a select; `value` is what is sent."""

    value: str
    html: str
    chosen: bool


@dataclass(frozen=True)
class Row:
    """A stem with its choices, or an item with its places; `name` is its words alone."""

    html: str
    name: str
    choices: list[Choice]


@dataclass(frozen=True)
class AnswerField:
    """What the learner answers with: options, a text, or rows, as the kind has it."""

    kind: str
    options: list[Choice]
    text: str
    rows: list[Row]


def answer_field(view: QuestionView, slot: Slot, sent: Sequence[str], draw: Draw) -> AnswerField:
    """The field as it stands when `sent` is the answer, its texts drawn for this device."""
    options: list[Choice] = []
    rows: list[Row] = []
    if view.kind in CHOICES:
        options = [
            Choice(str(number), draw(view.options[i].html), str(number) in sent)
            for number, i in enumerate(slot.order, start=1)
        ]
    elif view.kind is QuestionKind.MATCHING:
        texts = marking.choices(view.options)
        shown = [str(escape(texts[i])) for i in slot.order]
        stems = marking.stems(view.options)
        rows = [
            _row(number, stem.html, shown, sent, draw) for number, stem in enumerate(stems, start=1)
        ]
    elif view.kind is QuestionKind.ORDERING:
        places = [str(place) for place, _ in enumerate(slot.order, start=1)]
        rows = [
            _row(number, view.options[i].html, places, sent, draw)
            for number, i in enumerate(slot.order, start=1)
        ]
        rows.sort(key=_place)
    is_typed = view.kind in TYPED or view.essay is not None
    text = sent[0] if sent and is_typed else ""
    return AnswerField(view.kind.value, options, text, rows)


def _row(number: int, html: str, texts: Sequence[str], sent: Sequence[str], draw: Draw) -> Row:
    values = [(f"{number}:{position}", text) for position, text in enumerate(texts, start=1)]
    choices = [Choice(value, text, value in sent) for value, text in values]
    return Row(draw(html), plain(html), choices)


def _place(row: Row) -> int:
    """Items without a place stand last, in the order in which they were shown."""
    return next((i for i, choice in enumerate(row.choices) if choice.chosen), len(row.choices))


@dataclass(frozen=True)
class Checked:
    """Where a question of a practice quiz stands: the last try, and what may be told of it."""

    tries: int
    left: int
    settled: bool
    fraction: float
    told: list[str]
    feedback: list[str]
    hints: list[str]
    right: list[str]
    general: str


def checked(
    view: QuestionView,
    tries: Sequence[Try],
    hints: Sequence[str],
    settings: Marking,
    *,
    shows: bool,
) -> Checked:
    """`shows`: may the learner see feedback, and in the end the right answer?"""
    settled = marking.is_settled(tries, len(hints))
    last = tries[-1] if tries else Try([], Decimal(0))
    feedback = marking.feedback_on(view.kind, view.options, last.value, settings)
    return Checked(
        tries=len(tries),
        left=0 if settled else len(hints) + 1 - len(tries),
        settled=settled,
        fraction=float(last.fraction),
        told=told(view, last.value),
        feedback=feedback if shows else [],
        hints=list(hints[: len(tries)]) if not settled else [],
        right=right_told(view) if settled and shows else [],
        general=view.feedback if settled and shows else "",
    )


def told(view: QuestionView, value: Value) -> list[str]:
    """An answer, line by line."""
    if isinstance(value, str):
        return [str(escape(value))]
    if view.kind is QuestionKind.MATCHING and value:
        texts, stems = marking.choices(view.options), marking.stems(view.options)
        return [
            _pair(stem.html, texts[choice] if choice != UNSET else "…")
            for stem, choice in zip(stems, value, strict=True)
        ]
    if view.kind is QuestionKind.ORDERING:
        return [_item(place, view.options[at].html) for place, at in _by_place(value)]
    return [view.options[i].html for i in value]


def right_told(view: QuestionView) -> list[str]:
    """The answer that earns everything, line by line."""
    if view.kind is QuestionKind.MATCHING:
        return [_pair(stem.html, stem.answer) for stem in marking.stems(view.options)]
    if view.kind is QuestionKind.ORDERING:
        places = marking.right_value(view.kind, view.options)
        return [_item(place, view.options[at].html) for place, at in _by_place(places)]
    full = [option for option in view.options if option.weight == 100]
    some = [option for option in view.options if option.weight > 0]
    return [option.html for option in (full if view.kind in TYPED else some)]


def _by_place(value: Sequence[int]) -> list[tuple[int, int]]:
    """(place, item) of the items that have a place, the first place first."""
    return sorted((place, at) for at, place in enumerate(value) if place != UNSET)


def _pair(stem: str, choice: str) -> str:
    return f"{stem} → {escape(choice)}"


def _item(place: int, html: str) -> str:
    return f"{place + 1}. {html}"
