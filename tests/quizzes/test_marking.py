"""What answers of every kind are and what they are worth, by the worked figures of the practice."""

from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.quizzes import marking
from lms.quizzes.marking import Marking, Option, Scoring, Try, Value
from lms.quizzes.rules import QuestionKind

PLAIN = Marking()
SINGLE, MULTIPLE = QuestionKind.SINGLE, QuestionKind.MULTIPLE
SHORT, NUMERIC = QuestionKind.SHORT, QuestionKind.NUMERIC
MATCHING, ORDERING = QuestionKind.MATCHING, QuestionKind.ORDERING


def weighted(*weights: object) -> list[Option]:
    return [Option(f"<p>{i}</p>", Decimal(str(weight)), "") for i, weight in enumerate(weights)]


def typed(*answers: tuple[str, int]) -> list[Option]:
    return [Option(text, Decimal(weight), f"umpan {text}", text) for text, weight in answers]


HALF = weighted(50, -50, 50, -50)  # A and C are right
PAIRS = [
    Option("Jawa Barat", Decimal(100), "", "Bandung"),
    Option("Banten", Decimal(100), "", "Serang"),
    Option("Bandung Raya", Decimal(100), "", "Bandung"),
    Option("", Decimal(0), "", "Bogor"),
]
STEPS = weighted(100, 100, 100, 100)


# ── Several right options ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("chosen", "exact", "proportional", "canvas", "weights"),
    [
        ("AC", 1, 1, 1, 1),
        ("A", 0, "0.75", "0.5", "0.5"),
        ("AB", 0, "0.5", 0, 0),
        ("ABC", 0, "0.75", "0.5", "0.5"),
        ("B", 0, "0.25", 0, 0),
        ("ABCD", 0, "0.5", 0, 0),
        ("", 0, 0, 0, 0),  # no answer earns nothing, whatever the scoring
    ],
)
def test_the_worked_table_of_several_right_options(
    chosen: str, exact: object, proportional: object, canvas: object, weights: object
) -> None:
    value: Value = ["ABCD".index(letter) for letter in chosen]
    found = [
        marking.fraction(MULTIPLE, HALF, value, Marking(scoring=scoring))
        for scoring in (
            Scoring.ALL_OR_NOTHING,
            Scoring.PROPORTIONAL,
            Scoring.RIGHT_MINUS_WRONG,
            Scoring.WEIGHTS,
        )
    ]
    assert found == [Decimal(str(each)) for each in (exact, proportional, canvas, weights)]


def test_thirds_that_add_up_to_nearly_a_hundred_count_as_whole() -> None:
    thirds = weighted("33.33333", "33.33333", "33.33333")
    assert marking.fraction(MULTIPLE, thirds, [0, 1, 2], PLAIN) == 1


def test_single_choice_is_the_weight_of_the_choice_whatever_the_scoring() -> None:
    options = weighted(100, 0, -50, 50)
    for scoring in Scoring:
        settings = Marking(scoring=scoring)
        found = [marking.fraction(SINGLE, options, [i], settings) for i in range(4)]
        assert found == [1, 0, 0, Decimal("0.5")]


@given(
    st.lists(st.decimals(-100, 100, places=5), min_size=2, max_size=8).filter(
        lambda weights: any(weight > 0 for weight in weights)
    ),
    st.sampled_from(Scoring),
    st.data(),
)
def test_a_fraction_is_always_between_nothing_and_all(
    weights: list[Decimal], scoring: Scoring, data: st.DataObject
) -> None:
    chosen = data.draw(st.lists(st.integers(0, len(weights) - 1), unique=True))
    fraction = marking.fraction(MULTIPLE, weighted(*weights), chosen, Marking(scoring=scoring))
    assert 0 <= fraction <= 1


# ── Short answer ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("answer", "text", "taken"),
    [
        ("Bandung", "Bandung", True),
        ("Bandung", "bandung", True),  # case does not matter unless the quiz says so
        ("Bandung", "Bandungan", False),
        ("Jawa Barat", "jawa   barat", True),  # nor do more blanks
        ("*dung", "Bandung", True),
        ("Ban*", "Ban", True),  # the star takes nothing as well
        ("*and*", "bandung", True),
        ("B*n*g", "Bandung", True),
        ("B*x*g", "Bandung", False),
        ("ab*ba", "aba", False),  # the ends may not share a letter
        ("a*b*a", "aba", True),
        ("*", "apa saja", True),
        (r"5 \* 3", "5 * 3", True),  # the star itself
        (r"5 \* 3", "5 x 3", False),
        (r"\*\*", "**", True),
        (r"a\**", "a*bc", True),
        ("a.c", "abc", False),  # nothing else is special
        ("[ab]", "a", False),
        ("café", "cafe\u0301", True),  # one letter or two signs: the same
        ("café", "cafe", False),
        ("STRASSE", "straße", True),
    ],
)
def test_short_answers_match_with_wildcards(answer: str, text: str, taken: bool) -> None:
    assert marking.takes_text(answer, text, PLAIN) is taken


def test_case_and_accents_matter_as_the_quiz_says() -> None:
    assert not marking.takes_text("Bandung", "bandung", Marking(match_case=True))
    assert marking.takes_text("B*g", "Bandung", Marking(match_case=True))
    loose = Marking(match_accents=False)
    assert marking.takes_text("café", "cafe", loose)
    assert marking.takes_text("cafe", "CAFÉ", loose)


def test_the_first_answer_that_matches_decides() -> None:
    options = typed(("Jawa Barat", 100), ("*barat*", 50), ("*", 0))
    for text, fraction, at in (
        ("jawa barat", 1, 0),
        ("Kalimantan Barat", Decimal("0.5"), 1),
        ("Bali", 0, 2),
    ):
        assert marking.fraction(SHORT, options, text, PLAIN) == fraction
        assert marking.feedback_on(SHORT, options, text, PLAIN) == [options[at].feedback]
    assert marking.fraction(SHORT, options, [], PLAIN) == 0  # not even a star takes nothing
    assert marking.feedback_on(SHORT, options, [], PLAIN) == []
    turned = typed(("*", 0), ("Jawa Barat", 100))
    assert marking.fraction(SHORT, turned, "Jawa Barat", PLAIN) == 0


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_text_between_stars_is_found_wherever_it_stands(part: str, around: str) -> None:
    wanted = part.replace("*", r"\*")
    if "\\" not in part and "\\" not in around:
        assert marking.takes_text(f"*{wanted}*", around + part + around, Marking(match_case=True))


def test_many_stars_are_no_trap() -> None:
    assert not marking.takes_text("a*" * 200 + "b", "a" * 5000, PLAIN)


# ── Numbers ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "comma", "number"),
    [
        ("1.234,5", True, "1234.5"),  # the oracle of the practice, for Indonesian
        ("1,234.5", False, "1234.5"),
        ("1234,5", True, "1234.5"),
        ("1234.5", False, "1234.5"),
        ("1.234", True, "1234"),
        ("1.234", False, "1.234"),
        ("1.234.567", True, "1234567"),
        (",5", True, "0.5"),
        ("-0,5", True, "-0.5"),
        ("\N{MINUS SIGN}7", True, "-7"),
        ("+7", False, "7"),
        ("1e3", True, "1000"),
        ("3.14", True, None),  # no thousands: written the other way
        ("3,14", False, None),
        ("1.23.456", True, None),
        ("1,5,5", True, None),
        ("5,", True, None),
        ("lima", True, None),
        ("5 orang", True, None),
        ("e5", True, None),
        ("-", True, None),
        ("", True, None),
        ("NaN", False, None),
        ("Infinity", False, None),
        ("١٢", True, None),
        ("9" * 19, True, None),
        ("1e999", True, None),
    ],
)
def test_numbers_are_read_as_the_language_writes_them(
    text: str, comma: bool, number: str | None
) -> None:
    expected = None if number is None else Decimal(number)
    assert marking.number_of(text, comma=comma) == expected


@given(st.text(alphabet="0123456789.,eE+-\N{MINUS SIGN} x", max_size=30), st.booleans())
def test_no_typed_text_makes_the_number_raise(text: str, comma: bool) -> None:
    found = marking.number_of(text, comma=comma)
    assert found is None or found.is_finite()


@pytest.mark.parametrize(
    ("text", "fraction"),
    [("99,95", 1), ("100,05", 1), ("100,06", "0.5"), ("95", "0.5"), ("94,99", 0), ("abc", 0)],
)
def test_bounds_are_inclusive_and_the_first_match_decides(text: str, fraction: object) -> None:
    options = typed(("99.95..100.05", 100), ("95..105", 50), ("*", 0))
    settings = Marking(decimal_comma=True)
    assert marking.fraction(NUMERIC, options, text, settings) == Decimal(str(fraction))


# ── Matching and ordering ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("value", "fraction"),
    [
        ([0, 1, 0], 1),  # two stems may share a choice
        ([0, 1, -1], Decimal(2) / 3),
        ([1, 1, 1], Decimal(1) / 3),
        ([2, 2, 2], 0),
        ([], 0),
    ],
)
def test_matching_is_right_stems_of_all_stems(value: list[int], fraction: object) -> None:
    assert marking.choices(PAIRS) == ["Bandung", "Serang", "Bogor"]
    assert marking.fraction(MATCHING, PAIRS, value, PLAIN) == fraction


@pytest.mark.parametrize(
    ("value", "fraction"),
    [
        ([0, 1, 2, 3], 1),
        ([1, 0, 2, 3], "0.5"),  # two changed places
        ([3, 0, 1, 2], 0),  # all moved on by one
        ([0, -1, -1, -1], "0.25"),
        ([2, 2, 2, 2], "0.25"),  # the same place for all is right for one
    ],
)
def test_ordering_is_items_in_their_own_place(value: list[int], fraction: object) -> None:
    assert marking.fraction(ORDERING, STEPS, value, PLAIN) == Decimal(str(fraction))


# ── Tries in practice ────────────────────────────────────────────────────────────────────────


def tries(*fractions: object) -> list[Try]:
    return [Try([at], Decimal(str(fraction))) for at, fraction in enumerate(fractions)]


@pytest.mark.parametrize(
    ("before", "earned"),
    [(0, "1.0000"), (1, "0.6667"), (2, "0.3333"), (3, "0.0000"), (4, "0.0000")],
)
def test_every_try_before_the_right_one_costs_a_third(before: int, earned: str) -> None:
    found = marking.earned(tries(*[0] * before, 1))
    assert f"{found:.4f}" == earned


def test_the_last_try_counts_and_nothing_goes_below_nought() -> None:
    assert marking.earned([]) == 0
    assert f"{marking.earned(tries(0, '0.5')):.4f}" == "0.1667"
    assert marking.earned(tries("0.5", 0)) == 0
    assert marking.earned(tries(0, 0, "0.5")) == 0


def test_a_question_is_settled_when_right_or_out_of_tries() -> None:
    assert not marking.is_settled([], 0)
    assert marking.is_settled(tries(0), 0)  # one try where there is no hint
    assert not marking.is_settled(tries(0, "0.5"), 2)
    assert marking.is_settled(tries(0, "0.5", 0), 2)
    assert marking.is_settled(tries(1), 2)
    assert marking.is_settled(tries("0.9999999"), 2)


def test_what_was_never_checked_is_a_try_when_it_is_handed_in() -> None:
    wrong, right = Try([1], Decimal(0)), Try([0], Decimal(1))
    assert marking.with_last([], [0], Decimal(1), 1) == [right]
    assert marking.with_last([wrong], [0], Decimal(1), 1) == [wrong, right]
    assert marking.with_last([wrong], [1], Decimal(0), 1) == [wrong]  # checked already
    assert marking.with_last([wrong], [], Decimal(0), 1) == [wrong]  # nothing to hand in
    assert marking.with_last([wrong, wrong], [0], Decimal(1), 1) == [wrong, wrong]  # settled


# ── What is shown, sent and stored ───────────────────────────────────────────────────────────


def order_of(kind: QuestionKind, options: list[Option], seed: int, *, shuffle: bool) -> list[int]:
    return marking.shown_order(kind, options, shuffle=shuffle, last_fixed=True, random=Random(seed))


@given(st.integers(1, 12), st.integers())
def test_shuffling_loses_nothing_and_a_fixed_last_option_stays(count: int, seed: int) -> None:
    order = order_of(SINGLE, weighted(*range(count)), seed, shuffle=True)
    assert sorted(order) == list(range(count))
    assert order[-1] == count - 1


def test_true_and_false_are_never_shuffled_and_typed_answers_show_nothing() -> None:
    for seed in range(20):
        two = weighted(100, 0)
        assert order_of(QuestionKind.TRUEFALSE, two, seed, shuffle=True) == [0, 1]
        assert order_of(SHORT, typed(("a", 100), ("b", 50)), seed, shuffle=True) == []


@given(st.integers(2, 6), st.integers(), st.booleans())
def test_items_never_stand_in_the_right_order(count: int, seed: int, shuffle: bool) -> None:
    order = order_of(ORDERING, weighted(*range(count)), seed, shuffle=shuffle)
    assert sorted(order) == list(range(count))
    assert order != list(range(count))


def test_choices_to_match_are_shuffled_even_where_options_are_not() -> None:
    orders = {tuple(order_of(MATCHING, PAIRS, seed, shuffle=False)) for seed in range(50)}
    assert len(orders) == 6  # all orders of three choices


@pytest.mark.parametrize(
    ("kind", "sent", "value"),
    [
        (SINGLE, ["1"], [3]),
        (SINGLE, [], []),  # clearing
        (MULTIPLE, ["1", "4"], [0, 3]),
        (SHORT, ["  Bandung  "], "Bandung"),
        (SHORT, ["cafe\u0301"], "café"),
        (SHORT, [" "], []),
        (NUMERIC, ["1.234,5"], "1.234,5"),
    ],
)
def test_what_is_sent_becomes_what_is_stored(
    kind: QuestionKind, sent: list[str], value: Value
) -> None:
    options, order = weighted(100, 0, 0, 0), [3, 1, 2, 0]
    assert marking.read_sent(kind, sent, order, options) == value


def test_pairs_and_places_are_stored_as_authored() -> None:
    order = [2, 0, 1]  # shown: Bogor, Bandung, Serang
    assert marking.read_sent(MATCHING, ["1:2", "2:3", ""], order, PAIRS) == [0, 1, -1]
    assert marking.read_sent(MATCHING, ["", "", ""], order, PAIRS) == []
    order = [3, 0, 2, 1]
    assert marking.read_sent(ORDERING, ["1:4", "2:1", "", "4:2"], order, STEPS) == [0, 1, -1, 3]


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        (SINGLE, ["1", "2"]),  # two answers to a single choice
        (SINGLE, [""]),
        (SINGLE, ["5"]),  # no such option
        (SINGLE, ["0"]),
        (SINGLE, ["-1"]),
        (SINGLE, ["x"]),
        (SINGLE, ["١"]),
        (SINGLE, ["01"]),
        (MULTIPLE, ["1", "1"]),  # the same option twice
        (SHORT, ["a", "b"]),
        (ORDERING, ["1:1", "1:2"]),  # two places for one item
        (ORDERING, ["1:5"]),
        (ORDERING, ["5:1"]),
        (ORDERING, ["1"]),
        (ORDERING, ["1:2:3"]),
        (ORDERING, [":"]),
    ],
)
def test_only_an_answer_to_the_question_is_read(kind: QuestionKind, sent: list[str]) -> None:
    with pytest.raises(ValueError, match=r"option|several|position|places"):
        marking.read_sent(kind, sent, [0, 1, 2, 3], STEPS)


@given(st.data(), st.sampled_from([SINGLE, MULTIPLE, SHORT, MATCHING, ORDERING]), st.integers())
def test_what_is_stored_is_sent_again_the_same(
    data: st.DataObject, kind: QuestionKind, seed: int
) -> None:
    options = PAIRS if kind is MATCHING else STEPS
    order = order_of(kind, options, seed, shuffle=True)
    value: Value
    if kind is SHORT:
        value = data.draw(st.text(max_size=20).map(str.strip).filter(str.isascii)) or []
    elif kind in (MATCHING, ORDERING):
        count, most = (3, 2) if kind is MATCHING else (4, 3)
        drawn = st.lists(st.integers(-1, most), min_size=count, max_size=count)
        value = data.draw(drawn.filter(lambda each: set(each) != {-1}) | st.just([]))
    else:
        most = 1 if kind is SINGLE else 4
        value = sorted(data.draw(st.sets(st.integers(0, 3), max_size=most)))
    sent = marking.as_sent(kind, value, order)
    assert marking.read_sent(kind, sent, order, options) == value


@pytest.mark.parametrize(
    ("value", "complete"),
    [([], False), ([2], True), ("x", True), ([0, -1], False), ([0, 1], True)],
)
def test_an_answer_is_complete_when_nothing_is_open(value: Value, complete: bool) -> None:
    assert marking.is_complete(value) is complete
