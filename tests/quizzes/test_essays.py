"""What an essay lacks, and what points are worth."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.quizzes import essays, rules
from lms.quizzes.essays import Criterion, Essay, Handing, Lack
from lms.quizzes.rules import GradeMethod

RUBRIC = (
    Criterion("Isi", ((0, "tidak"), (5, "sebagian"), (10, "lengkap"))),
    Criterion("Bahasa", ((2, "cukup"), (5, "baik"))),
)
LIMITED = Essay(least_words=3, most_words=5, file=Handing.REQUIRED)


@pytest.mark.parametrize(
    ("text", "has_file", "lacks"),
    [
        ("satu dua", True, (Lack.FEW_WORDS,)),
        ("satu\n\ndua   tiga", True, ()),
        ("a b c d e", True, ()),
        ("a b c d e f", True, (Lack.MANY_WORDS,)),
        ("a b c", False, (Lack.FILE,)),
        ("", False, (Lack.FEW_WORDS, Lack.FILE)),
    ],
)
def test_what_an_answer_lacks(text: str, has_file: bool, lacks: tuple[Lack, ...]) -> None:
    assert essays.lacks(LIMITED, text, has_file=has_file) == lacks
    assert essays.is_complete(LIMITED, text, has_file=has_file) is (not lacks)


def test_a_file_alone_answers_where_no_words_are_asked_for() -> None:
    free = Essay(file=Handing.ALLOWED)
    assert essays.is_complete(free, "", has_file=True)
    assert not essays.is_complete(free, "", has_file=False)


def test_a_rubric_is_worth_its_best_levels() -> None:
    essay = Essay(rubric=RUBRIC, points=3)
    assert essay.most == 15
    points = essays.rubric_points(essay, [1, 1])
    assert points == 10
    assert round(essays.fraction(essay, points), 4) == Decimal("0.6667")


@pytest.mark.parametrize("levels", [[], [1], [1, 2], [-1, 0], [0, 0, 0]])
def test_levels_that_are_none_of_the_rubric(levels: list[int]) -> None:
    assert essays.rubric_points(Essay(rubric=RUBRIC), levels) is None


@given(st.integers(0, 2), st.integers(0, 1))
def test_a_fraction_lies_between_nothing_and_all(first: int, second: int) -> None:
    essay = Essay(rubric=RUBRIC)
    points = essays.rubric_points(essay, [first, second])
    assert points is not None
    assert 0 <= essays.fraction(essay, points) <= 1


@pytest.mark.parametrize(
    ("method", "percents", "score"),
    [
        # An attempt that waits can only better the highest; of the others it may become the score.
        (GradeMethod.HIGHEST, ["60", None], "60"),
        (GradeMethod.LAST, ["60", None], None),
        (GradeMethod.LAST, [None, "60"], "60"),
        (GradeMethod.FIRST, [None, "60"], None),
        (GradeMethod.FIRST, ["60", None], "60"),
        (GradeMethod.AVERAGE, ["60", None], None),
        (GradeMethod.HIGHEST, [None], None),
    ],
)
def test_scores_wait_for_the_marker(
    method: GradeMethod, percents: list[str | None], score: str | None
) -> None:
    found = rules.counted(method, [None if p is None else Decimal(p) for p in percents])
    assert found == (None if score is None else Decimal(score))
