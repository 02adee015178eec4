"""When a digest is due."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.notifications.rules import next_digest

NEW_YEAR = datetime(2020, 1, 1, tzinfo=UTC)
ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")


@pytest.mark.parametrize(
    ("now", "zone", "due"),
    [
        ("2026-11-21T22:59:59", "Asia/Jakarta", "2026-11-21T23:00:00"),  # 05.59.59 WIB
        ("2026-11-21T23:00:00", "Asia/Jakarta", "2026-11-22T23:00:00"),  # 06.00 is over
        ("2026-11-22T12:00:00", "Asia/Jakarta", "2026-11-22T23:00:00"),
        ("2026-11-22T12:00:00", "Asia/Jayapura", "2026-11-22T21:00:00"),
        ("2026-12-31T23:30:00", "Asia/Makassar", "2027-01-01T22:00:00"),
    ],
)
def test_a_digest_is_due_at_six_in_the_morning_where_one_works(
    now: str, zone: str, due: str
) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert next_digest(at, zone) == datetime.fromisoformat(due).replace(tzinfo=UTC)


@given(
    st.integers(0, 20 * 366 * 86400).map(lambda s: NEW_YEAR + timedelta(seconds=s)),
    st.sampled_from(ZONES),
)
def test_it_is_always_within_a_day_and_never_now(now: datetime, zone: str) -> None:
    due = next_digest(now, zone)
    assert timedelta(0) < due - now <= timedelta(days=1)
    local = due.astimezone(ZoneInfo(zone))
    assert (local.hour, local.minute, local.second) == (6, 0, 0)
