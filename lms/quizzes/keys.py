"""Other keys for questions that are published: which options are right instead, what belongs
together, which answers are taken too. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from lms.quizzes.marking import Option, choices, stems
from lms.quizzes.rules import QuestionKind

_FULL = Decimal(100)


def with_right(
    kind: QuestionKind, options: Sequence[Option], right: Collection[int]
) -> tuple[Option, ...]:
    """Options of which those at these positions are right. Where one is chosen each of them earns
    everything; where several are, together. A wrong one costs what wrong ones have cost most."""
    several = kind is QuestionKind.MULTIPLE
    share = (_FULL / len(right)).quantize(Decimal("0.00001"), ROUND_HALF_UP) if several else _FULL
    wrong = min([Decimal(0), *(option.weight for option in options)]) if several else Decimal(0)
    return tuple(
        replace(option, weight=share if at in right else wrong) for at, option in enumerate(options)
    )


def right_in(options: Sequence[Option]) -> list[int]:
    """The positions that earn points."""
    return [at for at, option in enumerate(options) if option.weight > 0]


def with_pairs(options: Sequence[Option], pairs: Sequence[int]) -> tuple[Option, ...]:
    """Stems of which each is matched with the choice at that position. Answers name choices by
    their positions: so these are all told first, in the order that they have."""
    texts = choices(options)
    told = (Option("", Decimal(0), "", text) for text in texts)
    matched = zip(stems(options), pairs, strict=True)
    return (*told, *(replace(stem, answer=texts[at]) for stem, at in matched))


def with_places(options: Sequence[Option], places: Sequence[int]) -> tuple[Option, ...]:
    """Items of which each is right in that place, from 0."""
    placed = zip(options, places, strict=True)
    return tuple(replace(option, answer=str(place)) for option, place in placed)


def with_answers(
    options: Sequence[Option], answers: Sequence[tuple[str, str]]
) -> tuple[Option, ...]:
    """Answers that earn everything, each as it is held against what is typed and as HTML; behind
    them those that earn a part, or only say something."""
    texts = {answer for answer, _ in answers}
    said = {option.answer: option.feedback for option in options}
    full = [Option(html, _FULL, said.get(answer, ""), answer) for answer, html in answers]
    rest = [o for o in options if o.weight < _FULL and o.answer not in texts]
    return (*full, *rest)
