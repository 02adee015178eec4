"""The courses that come with the product: well made, and sensible for a class of three abilities.

With all other tests, a class of 300 takes each course by the rules of drawing and marking alone,
and twelve of them through the actions and the database too. CLASS=whole sends all 300 that way.
"""

import os
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from statistics import fmean

import pytest
from flask import Flask

from lms.core.db import db
from lms.courses import queries
from lms.courses.actions.publishing import check_folder
from lms.courses.queries import Part
from lms.quizzes.queries import question_ids_of, questions, quiz_by_id, sections_of
from lms.quizzes.statistics import item_statistics, quiz_statistics
from tests.courses.simulated import (
    ABILITIES,
    Learner,
    Taken,
    papers,
    take_by_actions,
    take_by_rules,
)
from tests.sample_course import import_course

FOLDERS = sorted(path.parent for path in Path("courses").resolve().glob("*/course.toml"))
SIZE = 300
BY_ACTIONS = SIZE if os.environ.get("CLASS") == "whole" else 12
ENOUGH = 30  # attempts, below which chance says more than a figure

shipped = pytest.mark.parametrize("folder", FOLDERS, ids=[path.name for path in FOLDERS])


def test_courses_are_shipped() -> None:
    assert FOLDERS


@shipped
def test_the_check_finds_nothing_to_say(context: Flask, folder: Path) -> None:
    """What `flask courses check --strict` answers with exit code 0."""
    content, problems = check_folder(folder)
    assert [str(problem) for problem in problems] == []
    assert content is not None
    assert [f"{each.place}: {each.message}" for each in content.warnings] == []


@shipped
def test_a_class_gives_sensible_figures(context: Flask, folder: Path) -> None:
    version = import_course(folder).version
    outline = queries.outline(version)
    course = papers(outline)
    db.session.rollback()
    by_quiz: dict[str, list[Taken]] = defaultdict(list)
    for number in range(SIZE):
        by_actions = take_by_actions(course, Learner(number)) if number < BY_ACTIONS else []
        by_rules = take_by_rules(course, Learner(number))
        # The same chance decides on both ways.
        assert not by_actions or by_actions == by_rules
        for each in by_actions or by_rules:
            by_quiz[each.quiz].append(each)
    pretests = {part.pretest for part in outline.parts}
    for part in outline.parts:
        if part.quiz_id:
            _assert_sensible(part, by_quiz[part.key])
            if part.key not in pretests:  # which are hard by nature
                _assert_neither_free_nor_hopeless(part, by_quiz[part.key])
    exams = [part for part in outline.parts if part.weight]
    for exam in exams:
        _assert_parts_the_class(exam, by_quiz[exam.key])
        if exam.pretest:
            _assert_gain(by_quiz[exam.pretest], by_quiz[exam.key])
    assert exams
    db.session.rollback()


def mean_of(taken: Iterable[Taken], ability: str = "") -> float:
    return fmean(float(t.percent) for t in taken if ability in ("", t.ability))


def _assert_sensible(part: Part, taken: list[Taken]) -> None:
    """Of every quiz: nobody's answers are lost, the able do better, and each question of a pool
    comes about as often as the others."""
    assert len(taken) == SIZE
    assert {len(each.fractions) for each in taken} == {part.questions}
    figures = quiz_statistics([list(each.fractions.values()) for each in taken])
    assert figures.mean == pytest.approx(mean_of(taken), abs=0.01)
    items = item_statistics([each.fractions for each in taken])
    means = [mean_of(taken, ability) for ability in ABILITIES]
    assert means == sorted(means), (part.key, means)
    _assert_balanced(part, {key: item.count for key, item in items.items()})


def _assert_neither_free_nor_hopeless(part: Part, taken: list[Taken]) -> None:
    for key, item in item_statistics([each.fractions for each in taken]).items():
        if item.count >= ENOUGH:
            assert 0.2 <= item.facility <= 0.98, (part.key, key, item)


def _assert_balanced(part: Part, counts: dict[str, int]) -> None:
    assert part.quiz_id
    ids = question_ids_of(part.quiz_id)
    views = questions(ids)
    for section in sections_of(quiz_by_id(part.quiz_id)):
        expected = SIZE * section.draw / len(section.questions)
        # Four standard deviations of a draw by chance; nothing may differ where all are asked.
        share = section.draw / len(section.questions)
        slack = 4 * (expected * (1 - share)) ** 0.5
        for position in section.questions:
            count = counts.get(views[ids[position]].key, 0)
            assert abs(count - expected) <= slack + 1e-9, (part.key, position, count, expected)


def _assert_parts_the_class(exam: Part, taken: list[Taken]) -> None:
    """Of what counts: the groups stand apart, more of the able pass, and single questions go with
    the whole."""
    low, middle, high = (mean_of(taken, ability) for ability in ABILITIES)
    assert low + 5 < middle < high - 5, (exam.key, low, middle, high)
    shares = [
        fmean(each.percent >= (exam.pass_percent or 0) for each in taken if each.ability == ability)
        for ability in ABILITIES
    ]
    assert shares == sorted(shares), (exam.key, shares)
    assert shares[0] < shares[-1]
    items = item_statistics([each.fractions for each in taken])
    found = [i.discrimination for i in items.values() if i.discrimination is not None]
    assert fmean(found) > 0.2, (exam.key, fmean(found))
    figures = quiz_statistics([list(each.fractions.values()) for each in taken])
    assert figures.consistency is not None
    assert figures.consistency > 50, (exam.key, figures)
    by_group = {
        ability: item_statistics([t.fractions for t in taken if t.ability == ability])
        for ability in ("low", "high")
    }
    rising = [
        by_group["low"][key].facility <= by_group["high"][key].facility
        for key in items
        if all(key in found for found in by_group.values())
    ]
    assert fmean(rising) > 0.9, (exam.key, rising)


def _assert_gain(before: list[Taken], after: list[Taken]) -> None:
    for ability in ABILITIES:
        assert mean_of(before, ability) + 5 < mean_of(after, ability), ability
