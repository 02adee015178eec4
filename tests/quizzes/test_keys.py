"""New keys for pairs and orders: what was answered keeps its meaning."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from lms.quizzes import keys, marking
from lms.quizzes.marking import Marking, Option
from lms.quizzes.rules import QuestionKind

PLAIN = Marking()
MATCHING, ORDERING = QuestionKind.MATCHING, QuestionKind.ORDERING
FULL = Decimal(100)


@given(st.data())
def test_choices_stay_where_they_are_whatever_is_right(data: st.DataObject) -> None:
    texts = data.draw(st.lists(st.sampled_from("abcdef"), min_size=2, max_size=5))
    blank = data.draw(st.lists(st.sampled_from("ghi"), max_size=2))
    options = [Option(f"p{at}", FULL, "", text) for at, text in enumerate(texts)]
    options += [Option("", Decimal(0), "", text) for text in blank]
    places = st.integers(0, len(marking.choices(options)) - 1)
    pairs = data.draw(st.lists(places, min_size=len(texts), max_size=len(texts)))
    given_ = data.draw(st.lists(places, min_size=len(texts), max_size=len(texts)))
    corrected = keys.with_pairs(options, pairs)
    assert marking.choices(corrected) == marking.choices(options)
    assert [o.html for o in marking.stems(corrected)] == [o.html for o in marking.stems(options)]
    assert marking.right_value(MATCHING, corrected) == pairs
    hits = sum(a == b for a, b in zip(pairs, given_, strict=True))
    assert marking.fraction(MATCHING, corrected, given_, PLAIN) == Decimal(hits) / len(pairs)


@given(st.permutations(range(5)), st.permutations(range(5)))
def test_items_stay_where_they_are_whatever_their_order(right: list[int], value: list[int]) -> None:
    items = [Option(f"b{at}", FULL, "") for at in range(5)]
    corrected = keys.with_places(items, right)
    assert [o.html for o in corrected] == [o.html for o in items]
    assert marking.right_value(ORDERING, corrected) == right
    hits = sum(a == b for a, b in zip(right, value, strict=True))
    assert marking.fraction(ORDERING, corrected, value, PLAIN) == Decimal(hits) / 5
