"""Figures over the answers of many, against a data set worked out by hand."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.quizzes.statistics import (
    Flag,
    ItemStatistics,
    QuizStatistics,
    correlation,
    covariance,
    flags,
    histogram,
    item_statistics,
    quiz_statistics,
)

# Six learners, four questions; totals 4, 3, 2, 2, 1, 0.
CLASS = [[1, 1, 1, 1], [1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 0]]
ITEMS = [dict(enumerate(row)) for row in CLASS]


def test_a_quiz_by_the_worked_example() -> None:
    found = quiz_statistics(CLASS)
    assert (found.count, found.mean, found.median) == (6, 50, 50)
    # Totals have the variance (4 + 1 + 0 + 0 + 1 + 4) / 5 = 2 points², one point being 25 percent.
    assert found.deviation == pytest.approx(25 * math.sqrt(2))
    assert found.skewness == pytest.approx(0)
    # m2 = 10/6, m4 = 34/6: k4 = 36/60 (7 × 34/6 − 15 × 100/36) = −1.2, over k2² = 4.
    assert found.kurtosis == pytest.approx(-0.3)
    # Variances of the questions: 1/6, 0.3, 0.3, 1/6: alpha = 4/3 (1 − 0.9333/2).
    assert found.consistency == pytest.approx(100 * 32 / 45)
    assert found.error_ratio == pytest.approx(100 * math.sqrt(13 / 45))
    assert found.standard_error == pytest.approx(25 * math.sqrt(2) * math.sqrt(13 / 45))


def test_questions_by_the_worked_example() -> None:
    found = item_statistics(ITEMS)
    assert [found[i].facility for i in range(4)] == pytest.approx([5 / 6, 1 / 2, 1 / 2, 1 / 6])
    assert [found[i].count for i in range(4)] == [6] * 4
    assert found[1].deviation == pytest.approx(math.sqrt(0.3))
    # Question 2 with the rest 3, 2, 1, 2, 1, 0: covariance 0.3, variance of the rest 1.1.
    assert found[1].discrimination == pytest.approx(0.3 / math.sqrt(0.3 * 1.1))
    # Sorted, 0 0 0 1 1 1 with 0 1 1 2 2 3, the covariance would be 0.5.
    assert found[1].efficiency == pytest.approx(0.6)
    # Question 4 with the rest 3, 3, 2, 2, 1, 0: covariance 7/30, variance of the rest 41/30.
    assert found[3].discrimination == pytest.approx((7 / 30) / math.sqrt(41 / 30 / 6))
    assert found[3].efficiency == pytest.approx(1)


def test_skewness_of_a_lopsided_class() -> None:
    """Totals 0, 0, 100: m2 = 20000/9, m3 = 2000000/27, so k3 / k2^1.5 = √3."""
    found = quiz_statistics([[0, 0], [0, 0], [1, 1]])
    assert found.skewness == pytest.approx(math.sqrt(3))
    assert found.kurtosis is None


def test_attempts_may_ask_different_questions() -> None:
    found = item_statistics([{"a": 1.0, "b": 1.0}, {"a": 0.0, "c": 0.0}, {"b": 0.5, "c": 1.0}])
    assert {key: item.count for key, item in found.items()} == {"a": 2, "b": 2, "c": 2}
    assert found["a"].discrimination == pytest.approx(1)
    assert found["b"].facility == 0.75


def test_a_question_that_the_strong_miss_discriminates_backwards() -> None:
    found = item_statistics([{0: 0, 1: 1, 2: 1}, {0: 0, 1: 1, 2: 1}, {0: 1, 1: 0, 2: 0}])
    assert found[0].discrimination == pytest.approx(-1)


def test_what_cannot_be_told_is_not_told() -> None:
    assert quiz_statistics([[1, 0]]) == QuizStatistics(1, 50, 50, *[None] * 6)
    alike = quiz_statistics([[1, 0]] * 5)
    assert (alike.deviation, alike.skewness, alike.kurtosis) == (0, None, None)
    assert (alike.consistency, alike.standard_error) == (None, None)
    assert quiz_statistics([[1], [0], [1]]).consistency is None  # one question
    assert quiz_statistics([[1, 0], [1, 0, 1], [0, 0]]).consistency is None
    items = item_statistics([{"a": 1.0, "b": 0.0}, {"a": 1.0, "b": 1.0}])
    assert (items["a"].discrimination, items["a"].efficiency) == (None, None)
    lone = item_statistics([{"a": 1.0}])["a"]
    assert (lone.facility, lone.deviation, lone.discrimination) == (1, None, None)
    assert item_statistics([]) == {}
    assert covariance([1], [1]) is None
    assert correlation([1], [1]) is None


def item(count: int, facility: float, discrimination: float | None) -> ItemStatistics:
    return ItemStatistics(count, facility, 0.5, discrimination, None)


@pytest.mark.parametrize(
    ("facility", "discrimination", "chosen", "expected"),
    [
        (0.6, 0.4, [(True, 60), (False, 25), (False, 15)], ()),
        (0.6, -0.1, [], (Flag.BACKWARDS,)),
        (0.6, 0.0, [], (Flag.WEAK,)),
        (0.6, 0.19, [], (Flag.WEAK,)),
        (0.6, 0.2, [], ()),
        (0.6, None, [], ()),
        (0.24, 0.4, [], (Flag.HARD,)),
        (0.25, 0.4, [], ()),
        (0.95, 0.1, [(True, 95), (False, 5), (False, 0)], (Flag.EASY,)),
        (0.4, 0.4, [(True, 40), (False, 41), (False, 0)], (Flag.RIVAL, Flag.UNUSED)),
        (0.2, -0.3, [(True, 20), (False, 80)], (Flag.BACKWARDS, Flag.RIVAL, Flag.HARD)),
    ],
)
def test_what_is_worth_a_look(
    facility: float,
    discrimination: float | None,
    chosen: list[tuple[bool, int]],
    expected: tuple[Flag, ...],
) -> None:
    assert flags(item(30, facility, discrimination), chosen) == expected
    assert flags(item(29, facility, discrimination), chosen) == ()


def test_a_histogram_counts_by_tens() -> None:
    assert histogram([0, 9.99, 10, 55, 89.99, 90, 100]) == [2, 1, 0, 0, 0, 1, 0, 0, 1, 2]
    assert histogram([]) == [0] * 10


thirds = st.sampled_from([float(Fraction(n, 6)) for n in range(7)])


@given(
    st.integers(1, 6).flatmap(
        lambda n: st.lists(st.lists(thirds, min_size=n, max_size=n), min_size=1)
    )
)
def test_figures_stay_within_their_bounds(attempts: list[list[float]]) -> None:
    quiz = quiz_statistics(attempts)
    assert -1e-9 <= quiz.mean <= 100 + 1e-9
    assert quiz.consistency is None or quiz.consistency <= 100 + 1e-6
    assert quiz.standard_error is None or quiz.standard_error >= 0
    for item in item_statistics([dict(enumerate(row)) for row in attempts]).values():
        assert 0 <= item.facility <= 1 + 1e-9
        if item.discrimination is not None:
            assert -1 - 1e-6 <= item.discrimination <= 1 + 1e-6
        if item.efficiency is not None:
            assert item.efficiency <= 1 + 1e-6
