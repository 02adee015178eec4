"""Starting, saving, expiring and grading, by the worked figures of the practice."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.quizzes import rules
from lms.quizzes.rules import (
    Allowance,
    GradeMethod,
    Limits,
    Moment,
    Refusal,
    Review,
    SaveVerdict,
    Section,
    Shown,
    allowed,
)

START = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)  # 09.00 WIB
OPEN = Limits(opens_at=START, closes_at=START + timedelta(hours=4))
WAITS = Limits(first_delay=30, later_delay=60)


@pytest.mark.parametrize(
    ("fractions", "percent"),
    [
        ([1, 1, 1], "100.00"),
        ([1, 1, 0], "66.67"),  # rounded half up to two places
        ([1, 0, 0], "33.33"),
        ([Decimal("0.5"), 0, 0, 0, 0, 0, 0, 0], "6.25"),
        ([], "0"),
    ],
)
def test_every_question_counts_the_same(fractions: list[Decimal], percent: str) -> None:
    assert rules.percent([Decimal(f) for f in fractions]) == Decimal(percent)


@pytest.mark.parametrize(
    ("used", "limit", "allowed", "left"),
    [(0, 0, True, None), (99, 0, True, None), (0, 3, True, 3), (2, 3, True, 1), (3, 3, False, 0),
     (4, 3, False, 0)],
)  # fmt: skip
def test_attempts_are_limited_unless_the_limit_is_nought(
    used: int, limit: int, allowed: bool, left: int | None
) -> None:
    verdict = rules.may_start(Limits(limit), now=START, used=used, last_ended_at=START)
    assert (verdict.allowed, verdict.left) == (allowed, left)


def minutes(count: float) -> datetime:
    return START + timedelta(minutes=count)


@pytest.mark.parametrize(
    ("limits", "used", "now", "refusal", "at"),
    [
        # open from eight to noon
        (OPEN, 0, -1, Refusal.NOT_OPEN, 0),
        (OPEN, 0, 0, None, None),
        (OPEN, 0, 239, None, None),
        (OPEN, 0, 240, Refusal.CLOSED, 240),
        (OPEN, 3, 999, Refusal.CLOSED, 240),
        # attempts used up: neither waiting nor opening would help
        (replace(OPEN, attempts=2), 2, -1, Refusal.NONE_LEFT, None),
        (replace(OPEN, attempts=2), 2, 1, Refusal.NONE_LEFT, None),
        # the last attempt ended at the START: wait half an hour after the first, then an hour
        (WAITS, 0, 0, None, None),
        (WAITS, 1, 29, Refusal.WAIT, 30),
        (WAITS, 1, 30, None, None),
        (WAITS, 2, 30, Refusal.WAIT, 60),
        (WAITS, 7, 60, None, None),
        # it closes first, or in the same moment
        (replace(WAITS, closes_at=START + timedelta(minutes=20)), 1, 1, Refusal.CANNOT_WAIT, 30),
        (replace(WAITS, closes_at=START + timedelta(minutes=30)), 1, 1, Refusal.CANNOT_WAIT, 30),
        (replace(WAITS, closes_at=START + timedelta(minutes=31)), 1, 1, Refusal.WAIT, 30),
    ],
)
def test_when_another_attempt_may_begin(
    limits: Limits, used: int, now: int, refusal: Refusal | None, at: int | None
) -> None:
    ended = START if used else None
    verdict = rules.may_start(limits, now=minutes(now), used=used, last_ended_at=ended)
    assert verdict.refusal is refusal
    assert verdict.at == (None if at is None else minutes(at))


def test_an_attempt_ends_when_its_time_is_up_or_the_quiz_closes() -> None:
    """09.00, 30 minutes, closing at 09.20: ends at 09.20; a save until 09.21.00 is taken."""
    limits = Limits(time_limit=30, closes_at=minutes(20))
    end = rules.deadline(START, limits)
    assert end == minutes(20)
    assert rules.ends_by_closing(START, limits)
    assert not rules.is_over(end, end - timedelta(seconds=1))
    assert rules.is_over(end, end)
    assert not rules.is_closed_to_saves(end, end + timedelta(seconds=45))
    assert not rules.is_closed_to_saves(end, end + timedelta(seconds=60))
    assert rules.is_closed_to_saves(end, end + timedelta(seconds=61))


@pytest.mark.parametrize(
    ("limits", "end", "by_closing"),
    [
        (Limits(), None, False),
        (Limits(time_limit=20), 20, False),
        (Limits(closes_at=START + timedelta(minutes=50)), 50, True),
        (Limits(time_limit=20, closes_at=START + timedelta(minutes=50)), 20, False),
        (Limits(time_limit=50, closes_at=START + timedelta(minutes=50)), 50, False),
        (Limits(time_limit=51, closes_at=START + timedelta(minutes=50)), 50, True),
    ],
)
def test_the_earlier_limit_ends_an_attempt(
    limits: Limits, end: int | None, by_closing: bool
) -> None:
    assert rules.deadline(START, limits) == (None if end is None else minutes(end))
    assert rules.ends_by_closing(START, limits) is by_closing


def test_without_a_limit_nothing_ends() -> None:
    assert not rules.is_over(None, START + timedelta(days=999))
    assert rules.ended_at(None, None, START + timedelta(days=999)) is None


def test_an_attempt_whose_time_is_up_has_ended_though_nobody_submitted_it() -> None:
    assert rules.ended_at(None, minutes(20), minutes(19)) is None
    assert rules.ended_at(None, minutes(20), minutes(25)) == minutes(20)
    assert rules.ended_at(minutes(5), minutes(20), minutes(25)) == minutes(5)


@pytest.mark.parametrize(
    ("method", "percents", "score"),
    [
        (GradeMethod.HIGHEST, ["60", "90.5", "80"], "90.5"),
        (GradeMethod.LAST, ["60", "90.5", "80"], "80"),
        (GradeMethod.FIRST, ["60", "90.5", "80"], "60"),
        (GradeMethod.AVERAGE, ["60", "90.5", "80"], "76.83"),
        (GradeMethod.AVERAGE, ["0.01", "0.02"], "0.02"),  # half up
        (GradeMethod.AVERAGE, ["70"], "70"),
        *((method, [], None) for method in GradeMethod),
    ],
)
def test_which_attempts_make_the_score(
    method: GradeMethod, percents: list[str], score: str | None
) -> None:
    found = rules.counted(method, [Decimal(p) for p in percents])
    assert found == (None if score is None else Decimal(score))


@given(st.lists(st.decimals(0, 100, places=2), min_size=1), st.sampled_from(GradeMethod))
def test_a_score_lies_within_its_attempts(percents: list[Decimal], method: GradeMethod) -> None:
    score = rules.counted(method, percents)
    assert score is not None
    assert min(percents) <= score <= max(percents)


@pytest.mark.parametrize(
    ("stored_seq", "stored", "seq", "value", "verdict"),
    [
        (0, [], 1, [2], SaveVerdict.STORE),  # the first answer
        (1, [2], 2, [0], SaveVerdict.STORE),  # a change of mind
        (2, [0], 2, [0], SaveVerdict.SAME),  # the same save twice
        (2, [0], 1, [0], SaveVerdict.SAME),  # an older save of the same value
        (2, [0], 1, [2], SaveVerdict.STALE),  # an older save never wins
        (2, [0], 2, [1], SaveVerdict.STALE),  # another tab used this number already
        (3, [0], 4, [], SaveVerdict.STORE),  # taking an answer back
        (0, [], 1, "kota", SaveVerdict.STORE),  # a typed answer
        (1, "kota", 1, "kota", SaveVerdict.SAME),
        (1, "kota", 1, "kotak", SaveVerdict.STALE),
    ],
)
def test_saves_are_ordered_by_the_clients_number(
    stored_seq: int,
    stored: list[int] | str,
    seq: int,
    value: list[int] | str,
    verdict: SaveVerdict,
) -> None:
    assert rules.judge_save(stored_seq=stored_seq, stored=stored, seq=seq, value=value) is verdict


@given(st.permutations([(1, [0]), (2, [1]), (3, [2])]), st.integers(0, 2))
def test_any_order_and_repetition_ends_with_the_newest_save(
    saves: list[tuple[int, list[int]]], again: int
) -> None:
    seq, value = 0, list[int]()
    for number, chosen in [*saves, saves[again]]:
        if (
            rules.judge_save(stored_seq=seq, stored=value, seq=number, value=chosen)
            is SaveVerdict.STORE
        ):
            seq, value = number, chosen
    assert (seq, value) == (3, [2])


REVIEW = Review(
    immediately=frozenset({Shown.MARKS}),
    later=frozenset({Shown.MARKS, Shown.ATTEMPT}),
    closed=frozenset({Shown.ATTEMPT, Shown.CORRECTNESS}),
    passed=frozenset({Shown.ATTEMPT, Shown.RIGHT_ANSWER}),
)


@pytest.mark.parametrize(
    ("submitted", "now", "closes", "moment"),
    [
        (0, 0, None, Moment.IMMEDIATELY),
        (0, 2, None, Moment.IMMEDIATELY),
        (0, 2.02, None, Moment.LATER),
        (0, 9, 10, Moment.LATER),
        (0, 10, 10, Moment.CLOSED),
        (9, 10, 10, Moment.CLOSED),  # closing goes before the two minutes
        (None, 0, None, Moment.LATER),
        (None, 10, 10, Moment.CLOSED),
    ],
)
def test_the_moment_of_looking(
    submitted: float | None, now: float, closes: float | None, moment: Moment
) -> None:
    at = [None if each is None else minutes(each) for each in (submitted, closes)]
    assert rules.moment(at[0], at[1], minutes(now)) is moment


@pytest.mark.parametrize(
    ("at", "passed", "shown"),
    [
        (Moment.IMMEDIATELY, False, {Shown.MARKS}),
        (Moment.LATER, False, {Shown.MARKS, Shown.ATTEMPT}),
        (Moment.CLOSED, False, {Shown.ATTEMPT, Shown.CORRECTNESS}),
        (Moment.IMMEDIATELY, True, {Shown.MARKS, Shown.ATTEMPT, Shown.RIGHT_ANSWER}),
        (Moment.CLOSED, True, {Shown.ATTEMPT, Shown.CORRECTNESS, Shown.RIGHT_ANSWER}),
    ],
)
def test_what_is_shown_when(at: Moment, passed: bool, shown: set[Shown]) -> None:
    assert rules.shown(REVIEW, at, passed=passed) == shown


@given(st.sampled_from(Moment))
def test_passing_never_hides_anything(at: Moment) -> None:
    assert rules.shown(REVIEW, at, passed=False) <= rules.shown(REVIEW, at, passed=True)


@pytest.mark.parametrize(
    ("percent", "text"),
    [("0", "awal"), ("49.99", "awal"), ("50", "cukup"), ("79.99", "cukup"), ("100", "baik")],
)
def test_a_score_is_told_by_its_band_and_the_top_one_is_closed(percent: str, text: str) -> None:
    bands = [(Decimal(50), "cukup"), (Decimal(0), "awal"), (Decimal(80), "baik")]
    assert rules.band(bands, Decimal(percent)) == text
    assert rules.band(bands[:1], Decimal(10)) == ""


# ── Drawing ──────────────────────────────────────────────────────────────────────────────────


@given(
    st.integers(1, 12),
    st.data(),
    st.booleans(),
    st.dictionaries(st.integers(0, 11), st.integers(0, 5)),
)
def test_a_draw_takes_the_least_met_without_repeats(
    size: int, data: st.DataObject, shuffle: bool, met: dict[int, int]
) -> None:
    draw, seed = data.draw(st.integers(1, size)), data.draw(st.integers())
    section = Section("", shuffle, draw, tuple(range(size)))
    found = rules.drawn(section, met, Random(seed))
    assert len(found) == len(set(found)) == draw
    assert set(found) <= set(section.questions)
    assert shuffle or found == sorted(found)
    left_out = set(section.questions) - set(found)
    if left_out:
        assert max(met.get(i, 0) for i in found) <= min(met.get(i, 0) for i in left_out)
    assert rules.drawn(section, met, Random(seed)) == found


def test_chance_decides_among_questions_met_equally_often() -> None:
    section = Section("", True, 1, (0, 1, 2))
    assert {rules.drawn(section, {}, Random(seed))[0] for seed in range(50)} == {0, 1, 2}


# ── Results ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("before", "after", "gain"),
    [("60", "85", "0.625"), ("0", "100", "1"), ("50", "50", "0"), ("50", "25", "-0.5"),
     ("100", "100", None), ("100", "0", None)],
)  # fmt: skip
def test_the_normalised_gain_is_the_share_of_what_could_be_gained(
    before: str, after: str, gain: str | None
) -> None:
    found = rules.normalised_gain(Decimal(before), Decimal(after))
    assert found == (None if gain is None else Decimal(gain))


def test_the_score_of_a_tag_is_that_of_its_questions() -> None:
    one, half, none = Decimal(1), Decimal("0.5"), Decimal(0)
    marks = [(("M.01", "M.05"), one), (("M.01",), none), (("M.05",), half), ((), none)]
    assert rules.percent_by_tag(marks) == {"M.01": Decimal(50), "M.05": Decimal(75)}


@pytest.mark.parametrize(
    ("limits", "allowance", "expected"),
    [
        (Limits(2, 20), Allowance(), Limits(2, 20)),
        (Limits(2, 20), Allowance(150), Limits(2, 30)),
        (Limits(2, 25), Allowance(133), Limits(2, 34)),  # 33.25 minutes
        (Limits(2, 20), Allowance(150, 10, 1), Limits(3, 40)),
        (Limits(2, 20), Allowance(50), Limits(2, 20)),  # never tighter
        (Limits(), Allowance(150, 10, 1), Limits()),  # what is not limited stays so
    ],
)
def test_an_allowance_eases_the_limits(
    limits: Limits, allowance: Allowance, expected: Limits
) -> None:
    assert allowed(limits, allowance) == expected


def test_an_allowance_closes_later_and_never_earlier() -> None:
    noon = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
    later = noon + timedelta(hours=1)
    assert allowed(Limits(closes_at=noon), Allowance(closes_at=later)).closes_at == later
    assert allowed(Limits(closes_at=later), Allowance(closes_at=noon)).closes_at == later
    assert allowed(Limits(), Allowance(closes_at=noon)).closes_at is None
