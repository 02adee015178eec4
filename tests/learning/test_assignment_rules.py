"""Deadlines: when a day ends, how much time a newcomer has, what is told and when."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.learning.rules import Notice, due_for, end_of_day, next_notice

DUE = date(2026, 11, 30)
ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")


@pytest.mark.parametrize(("zone", "hour"), list(zip(ZONES, (17, 16, 15), strict=True)))
def test_a_day_ends_at_local_midnight(zone: str, hour: int) -> None:
    assert end_of_day(DUE, zone) == datetime(2026, 11, 30, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("joined", "due"),
    [
        (date(2026, 11, 1), date(2026, 11, 30)),  # on the day of the assignment
        (date(2026, 11, 11), date(2026, 12, 10)),  # ten days later, ten days more
        (date(2027, 5, 1), date(2027, 5, 30)),  # long after it
    ],
)
def test_a_newcomer_has_as_many_days_as_the_others(joined: date, due: date) -> None:
    assert due_for(assigned_on=date(2026, 11, 1), due_on=DUE, joined_on=joined) == due


def told(now: datetime, days: list[int]) -> list[tuple[Notice, datetime]]:
    """Everything that a sweep tells which is never late."""
    found = []
    while following := next_notice(now, due_on=DUE, zone="Asia/Makassar", days_before=days):
        found.append(following)
        now = following[1]
    return found


def test_each_is_told_once_on_the_morning_of_its_day() -> None:
    assert told(datetime(2026, 11, 1, tzinfo=UTC), [7, 1]) == [
        (Notice.NEAR, datetime(2026, 11, 22, 22, tzinfo=UTC)),  # 23 November, 06.00 WITA
        (Notice.NEAR, datetime(2026, 11, 28, 22, tzinfo=UTC)),
        (Notice.LATE, datetime(2026, 11, 30, 22, tzinfo=UTC)),
    ]


def test_what_was_missed_is_not_made_up_for() -> None:
    assert [kind for kind, _ in told(datetime(2026, 11, 29, tzinfo=UTC), [7, 1])] == [Notice.LATE]
    assert told(datetime(2026, 12, 1, tzinfo=UTC), [7, 1]) == []


@given(
    hours=st.integers(0, 8760),
    days=st.lists(st.integers(1, 99), min_size=1, max_size=5, unique=True),
)
def test_telling_always_ends_and_its_last_word_is_that_it_is_late(
    hours: int, days: list[int]
) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
    found = told(now, days)
    assert len(found) <= len(days) + 1
    assert [at for _, at in found] == sorted({at for _, at in found})
    if now < end_of_day(DUE, "Asia/Makassar") + timedelta(hours=6):
        assert found[-1][0] is Notice.LATE
