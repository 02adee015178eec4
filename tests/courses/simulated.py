"""A class that takes the quizzes of a course, by an item-response model: the chance of a right
answer rises with ability and falls with the difficulty of the question. The same at every run.

How hard a question really is, nobody knows before people have answered it; here its key decides.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from uuid import UUID, uuid4

from lms.accounts.actions import people
from lms.accounts.models import Person
from lms.accounts.rules import Employment
from lms.core.db import db, transaction
from lms.courses.queries import Outline, Part
from lms.quizzes import actions, marking, queries, rules
from lms.quizzes.marking import CHOICES, Marking, Value
from lms.quizzes.models import Attempt
from lms.quizzes.queries import QuestionView
from lms.quizzes.rules import QuestionKind, Section

ABILITIES = {"low": -1.6, "middle": -0.4, "high": 0.8}  # before the course
SPREAD = 0.3  # standard deviation within a group
HARDEST = 1.2  # and, with a minus, the easiest
LEARNED = 0.8  # what the course adds to the ability after the pre-test
SLOPE = 1.7


@dataclass(frozen=True)
class Taken:
    """One graded attempt: of which group the learner is, and the fraction of each question."""

    ability: str
    quiz: str
    percent: Decimal
    fractions: dict[str, float]


@dataclass(frozen=True)
class Paper:
    """A quiz as its rules need it."""

    part: Part
    sections: list[Section]
    questions: list[QuestionView]
    settings: Marking
    shuffles: bool


class Learner:
    """Number `number` of the class. Abilities take turns."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.group = list(ABILITIES)[number % len(ABILITIES)]
        self.random = Random(number)
        self.ability = self.random.gauss(ABILITIES[self.group], SPREAD)

    def study(self) -> None:
        self.ability += LEARNED


def papers(outline: Outline) -> list[Paper]:
    """The quizzes of a published course in its order."""
    found = []
    for part in outline.parts:
        if part.quiz_id:
            quiz, ids = queries.quiz_by_id(part.quiz_id), queries.question_ids_of(part.quiz_id)
            views = queries.questions(ids)
            found.append(
                Paper(
                    part,
                    queries.sections_of(quiz),
                    [views[id_] for id_ in ids],
                    queries.marking_of(quiz),
                    quiz.shuffle_options,
                )
            )
    return found


def take_by_rules(course: list[Paper], learner: Learner) -> list[Taken]:
    """Every quiz once, drawn, answered and marked by the rules that the actions go by."""
    taken, met = [], Counter[str]()
    for paper in _in_time(course, learner):
        layout = _layout(paper, met, learner.random)
        fractions = {view.key: _marked(view, order, paper, learner) for view, order in layout}
        met.update(fractions.keys())
        percent = rules.percent(list(fractions.values()))
        taken.append(Taken(learner.group, paper.part.key, percent, _rounded(fractions)))
    return taken


def _layout(
    paper: Paper, met: Counter[str], random: Random
) -> list[tuple[QuestionView, list[int]]]:
    found = []
    for section in paper.sections:
        seen = {i: met[paper.questions[i].key] for i in section.questions}
        for position in rules.drawn(section, seen, random):
            view = paper.questions[position]
            order = marking.shown_order(
                view.kind, view.options, shuffle=paper.shuffles, last_fixed=view.last_option_fixed,
                random=random,
            )  # fmt: skip
            found.append((view, order))
    return found


def _rounded(fractions: Mapping[str, Decimal]) -> dict[str, float]:
    """As they are stored."""
    return {key: float(f"{fraction:.7f}") for key, fraction in fractions.items()}


def _in_time(course: list[Paper], learner: Learner) -> Iterator[Paper]:
    """The quizzes in their order; between the first pre-test and what follows there is a course."""
    pretests = {paper.part.pretest for paper in course}
    has_studied = False
    for paper in course:
        if paper.part.key not in pretests and not has_studied:
            learner.study()
            has_studied = True
        yield paper


def _marked(view: QuestionView, order: list[int], paper: Paper, learner: Learner) -> Decimal:
    """What the learner's answer is worth, on the way that it takes through a page."""
    value = answer(view, paper.settings, learner)
    sent = marking.as_sent(view.kind, value, order)
    assert marking.read_sent(view.kind, sent, order, view.options) == value
    return marking.fraction(view.kind, view.options, value, paper.settings)


def take_by_actions(course: list[Paper], learner: Learner) -> list[Taken]:
    """Every quiz once, by the product's own actions in the database, in one transaction."""
    taken = []
    with transaction():
        person, holder = _person(learner.number), uuid4()
        for paper in _in_time(course, learner):
            attempt = _attempt(paper, person, holder, learner)
            taken.append(_taken(learner.group, attempt))
    db.session.expunge_all()
    return taken


def _person(number: int) -> Person:
    return people.add_person(
        nip=f"199001012015011{number + 1:03}",
        name=f"Peserta {number + 1}",
        email=None,
        employment=Employment.PNS,
    )


def _attempt(paper: Paper, person: Person, holder: UUID, learner: Learner) -> Attempt:
    assert paper.part.quiz_id
    quiz = queries.quiz_by_id(paper.part.quiz_id)
    attempt = actions.start_attempt(quiz, holder=holder, person_id=person.id, random=learner.random)
    slots = queries.slots(attempt)
    views = queries.questions(slot.question_id for slot in slots)
    for slot in slots:
        view = views[slot.question_id]
        value = answer(view, paper.settings, learner)
        sent = marking.as_sent(view.kind, value, slot.order)
        actions.save_answer(attempt, slot.number, sent=sent, seq=1)
    assert actions.submit_attempt(attempt)
    assert actions.grade_attempt(attempt)
    return attempt


def _taken(group: str, attempt: Attempt) -> Taken:
    answers = queries.answers_of(attempt.id)
    views = queries.questions(answers)
    fractions = {views[id_].key: float(found.fraction or 0) for id_, found in answers.items()}
    assert attempt.percent is not None
    return Taken(group, attempt.quiz_key, attempt.percent, fractions)


# ── Answers ──────────────────────────────────────────────────────────────────────────────────


def chance(view: QuestionView, ability: float) -> float:
    """Of a right answer, by the three-parameter logistic model."""
    difficulty = max(-HARDEST, min(HARDEST, Random(view.key).gauss(0, HARDEST / 2)))
    guess = 1 / len(view.options) if view.kind in CHOICES else 0.05
    return guess + (1 - guess) / (1 + math.exp(-SLOPE * (ability - difficulty)))


def answer(view: QuestionView, settings: Marking, learner: Learner) -> Value:
    """A right or a wrong answer; every question must have both."""
    right = learner.random.random() < chance(view, learner.ability)
    value = right_answer(view, settings) if right else wrong_answer(view, learner.random)
    fraction = marking.fraction(view.kind, view.options, value, settings)
    assert fraction == 1 if right else fraction < 1, (view.key, value)
    return value


def right_answer(view: QuestionView, settings: Marking) -> Value:
    weights = [option.weight for option in view.options]
    if view.kind is QuestionKind.MULTIPLE:
        return [i for i, weight in enumerate(weights) if weight > 0]
    if view.kind is QuestionKind.MATCHING:
        choices = marking.choices(view.options)
        return [choices.index(stem.answer) for stem in marking.stems(view.options)]
    if view.kind is QuestionKind.ORDERING:
        return list(range(len(view.options)))
    best = weights.index(Decimal(100))
    if view.kind is QuestionKind.SHORT:
        return view.options[best].answer.replace("*", "")
    if view.kind is QuestionKind.NUMERIC:
        low = view.options[best].answer.partition("..")[0]
        return low.replace(".", ",") if settings.decimal_comma else low
    return [best]


def wrong_answer(view: QuestionView, random: Random) -> Value:
    if view.kind is QuestionKind.SHORT:
        return "Tidak tahu"
    if view.kind is QuestionKind.NUMERIC:
        return "987654321"
    if view.kind is QuestionKind.MATCHING:
        # As many as there are stems, each at another's place.
        whole = right_answer(view, Marking())
        assert isinstance(whole, list)
        return whole[1:] + whole[:1]
    if view.kind is QuestionKind.ORDERING:
        return _swapped(len(view.options), random)
    wrong = [i for i, option in enumerate(view.options) if option.weight <= 0]
    if view.kind is QuestionKind.MULTIPLE:
        right = [i for i, option in enumerate(view.options) if option.weight > 0]
        return sorted([*random.sample(right, len(right) - 1), *wrong[:1]]) or right[:1]
    return [random.choice(wrong)]


def _swapped(count: int, random: Random) -> list[int]:
    order: Sequence[int] = range(count)
    first, second = random.sample(order, 2)
    places = list(order)
    places[first], places[second] = second, first
    return places
