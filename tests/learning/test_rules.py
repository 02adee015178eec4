"""The pass rule, the final score, and where to go on."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.learning import rules
from lms.learning.rules import Missing, Requirement

LESSON = Requirement("baca", None)
PRACTICE = Requirement("kuis", Decimal(60))
FINAL = Requirement("akhir", Decimal(70), weight=1)
PARTS = [LESSON, PRACTICE, FINAL]


def judge(lessons: set[str], best: dict[str, int], pass_score: int = 70) -> rules.Judgement:
    return rules.judge(
        PARTS,
        lessons_done=lessons,
        scores={key: Decimal(value) for key, value in best.items()},
        pass_score=Decimal(pass_score),
    )


@pytest.mark.parametrize(
    ("lessons", "best", "missing"),
    [
        ({"baca"}, {"kuis": 60, "akhir": 70}, []),  # exactly the marks is enough
        (set(), {"kuis": 60, "akhir": 70}, [Missing.LESSON]),
        ({"baca"}, {"kuis": 59, "akhir": 70}, [Missing.QUIZ]),
        ({"baca"}, {"kuis": 60}, [Missing.QUIZ, Missing.SCORE]),  # a quiz not taken counts 0
        (set(), {}, [Missing.LESSON, Missing.QUIZ, Missing.QUIZ, Missing.SCORE]),
    ],
)
def test_a_course_is_passed_when_nothing_is_missing(
    lessons: set[str], best: dict[str, int], missing: list[Missing]
) -> None:
    judgement = judge(lessons, best)
    assert [kind for kind, _ in judgement.missing] == missing
    assert judgement.passed is (not missing)


def test_the_courses_own_score_can_ask_for_more_than_its_quizzes() -> None:
    assert [kind for kind, _ in judge({"baca"}, {"kuis": 60, "akhir": 75}, 80).missing] == [
        Missing.SCORE
    ]


@pytest.mark.parametrize(
    ("weights", "best", "score"),
    [
        ((1, 1), (80, 90), "85.00"),
        ((1, 3), (60, 100), "90.00"),
        ((1, 2), (70, 75), "73.33"),
        ((2, 1), (0, 100), "33.33"),  # never submitted counts 0
        ((0, 0), (90, 90), None),  # practice only: no final score
        ((1, 1), ("0.01", "0.02"), "0.02"),  # half up
    ],
)
def test_the_final_score_is_the_weighted_mean_of_the_best(
    weights: tuple[int, int], best: tuple[object, object], score: str | None
) -> None:
    parts = [Requirement(str(i), Decimal(0), w) for i, w in enumerate(weights)]
    found = rules.final_score(parts, {str(i): Decimal(str(b)) for i, b in enumerate(best)})
    assert found == (None if score is None else Decimal(score))


@given(st.integers(0, 100), st.integers(0, 100))
def test_a_better_attempt_never_makes_a_learner_fail(first: int, second: int) -> None:
    low, high = sorted((first, second))
    if judge({"baca"}, {"kuis": 100, "akhir": low}).passed:
        assert judge({"baca"}, {"kuis": 100, "akhir": high}).passed


@pytest.mark.parametrize(
    ("done", "key"),
    [(set(), "a"), ({"a"}, "b"), ({"b"}, "a"), ({"a", "b"}, "c"), ({"a", "b", "c"}, "c")],
)
def test_a_learner_goes_on_at_the_first_part_not_done(done: set[str], key: str) -> None:
    assert rules.resume_key(["a", "b", "c"], done) == key


@pytest.mark.parametrize(
    ("done", "locked", "key"),
    [
        ({"a", "c"}, {"b"}, "b"),  # not the last one, which is done
        ({"c"}, {"a", "b"}, "a"),
        ({"a"}, {"b"}, "c"),
        ({"a", "b", "c"}, set(), "c"),
    ],
)
def test_where_all_that_is_left_is_locked_one_is_led_to_it(
    done: set[str], locked: set[str], key: str
) -> None:
    assert rules.resume_key(["a", "b", "c"], done, locked) == key


def test_an_empty_course_leads_nowhere() -> None:
    assert rules.resume_key([], set()) is None


def test_minutes_left_are_those_of_parts_not_done() -> None:
    assert rules.minutes_left({"a": 4, "b": 5, "c": 6}, {"b"}) == 10


RANGES = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=8)


@given(RANGES)
def test_merged_ranges_hold_the_same_seconds_each_once(ranges: list[tuple[int, int]]) -> None:
    seconds = {s for start, end in ranges for s in range(start, end)}
    found = rules.merged(ranges)
    assert {s for start, end in found for s in range(start, end)} == seconds
    assert rules.played(found) == len(seconds)
    assert rules.merged(found) == found


@given(RANGES, st.integers(1, 60), st.integers(-5, 60))
def test_no_more_is_watched_than_the_file_has_and_time_allows(
    ranges: list[tuple[int, int]], length: int, most: int
) -> None:
    found = rules.clipped(ranges, length=length, most=most)
    seconds = {s for start, end in ranges for s in range(start, end)}
    assert rules.played(found) <= min(length, max(0, most))
    assert {s for start, end in found for s in range(start, end)} <= seconds


@pytest.mark.parametrize(
    ("watched", "has_read", "seconds", "lacks"),
    [
        ([], False, 0, [("watched", 0)]),
        ([(0, 79)], False, 500, [("watched", 79)]),
        ([(0, 80)], False, 0, []),
        ([(0, 20), (40, 100)], False, 0, []),
        ([(90, 100)], True, 39, [("watched", 10)]),  # the text, but hurried through
        ([], True, 40, []),
    ],
)
def test_a_share_is_watched_or_the_text_is_read(
    watched: list[tuple[int, int]], has_read: bool, seconds: int, lacks: list[tuple[str, int]]
) -> None:
    found = rules.lacks_watching(
        percent=80, length=100, watched=watched, has_read=has_read, seconds=seconds
    )
    assert list(found) == lacks
