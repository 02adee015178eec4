"""Numbers, codes, validity and shares: pure, with worked figures."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.credentials import rules
from lms.credentials.rules import CertificateState
from lms.formats import codes
from lms.formats.pdf import wording


def test_a_number_follows_the_pattern() -> None:
    assert rules.number_of("{number}/BKPSDM/{year}", 2026, 412) == "0412/BKPSDM/2026"
    assert rules.number_of("{year}.{number}", 2026, 12345) == "2026.12345"


@given(st.integers(1, 9_999_999), st.integers(2020, 2099), st.data())
def test_the_check_digits_betray_a_slip(ordinal: int, year: int, data: st.DataObject) -> None:
    def check(text: str) -> int:
        return int(text) % 97

    digits = rules.number_of("{number}{year}{check}", year, ordinal)[-2:]
    whole = f"{year}{ordinal:07}{digits}"
    assert check(whole) == 1
    place = data.draw(st.integers(0, len(whole) - 1))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != whole[place]]))
    assert check(whole[:place] + other + whole[place + 1 :]) != 1


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        ("{number}-{check}/BKPSDM/{year}", None),
        ("{number}", "must hold"),
        ("{year}", "must hold"),
        ("{number}/{year}/{unit}", "knows only"),
        ("{number!r}/{year}", "knows only"),
        ("{number:>9}/{year}", "knows only"),
        ("{}/{number}/{year}", "knows only"),
        ("{number/{year}", "brace"),
        ("x" * 60 + "{number}{year}", "more than 60"),
    ],
)
def test_a_pattern_is_checked(pattern: str, fault: str | None) -> None:
    found = rules.pattern_fault(pattern)
    assert (found is None) if fault is None else (found is not None and fault in found)


@pytest.mark.parametrize(
    "typed",
    ["7KQ2M8TDWNS43F9H2XPA", " 7kq2-m8td-wns4-3f9h-2xpa ", "7KQ2 M8TD WNS4 3F9H 2XPA"],
)
def test_a_code_is_found_however_it_is_typed(typed: str) -> None:
    assert rules.tidy_code(typed) == "7KQ2M8TDWNS43F9H2XPA"
    assert codes.grouped("7KQ2M8TDWNS43F9H2XPA") == "7KQ2-M8TD-WNS4-3F9H-2XPA"


def test_misread_signs_are_mended_and_others_refused() -> None:
    assert rules.tidy_code("oil0" * 5) == "0110" * 5
    assert rules.tidy_code("7KQ2") is None
    assert rules.tidy_code("U" * 20) is None
    assert rules.tidy_code("é" * 20) is None


@pytest.mark.parametrize(
    ("earned", "months", "until"),
    [
        (date(2024, 5, 10), 12, date(2025, 5, 10)),
        (date(2024, 5, 31), 1, date(2024, 6, 30)),
        (date(2023, 8, 31), 6, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 1, 1), 0, None),
    ],
)
def test_validity_in_months(earned: date, months: int, until: date | None) -> None:
    assert rules.valid_until(earned, months) == until


def test_the_last_day_still_counts() -> None:
    def state(day: date, *, revoked: bool = False, superseded: bool = False) -> CertificateState:
        return rules.state_of(
            revoked=revoked, superseded=superseded, valid_until=date(2026, 5, 10), today=day
        )

    assert state(date(2026, 5, 10)) is CertificateState.VALID
    assert state(date(2026, 5, 11)) is CertificateState.EXPIRED
    assert state(date(2026, 5, 11), superseded=True) is CertificateState.SUPERSEDED
    assert state(date(2026, 5, 1), revoked=True, superseded=True) is CertificateState.REVOKED


def test_reminders_come_sixty_and_seven_days_before() -> None:
    until, stages = date(2026, 12, 31), (60, 7)
    assert rules.next_reminder(until, stages, date(2026, 1, 1)) == date(2026, 11, 1)
    assert rules.next_reminder(until, stages, date(2026, 11, 1)) == date(2026, 12, 24)
    assert rules.next_reminder(until, stages, date(2026, 12, 24)) is None


@given(
    st.decimals(Decimal("0.01"), Decimal("999.99"), places=2),
    st.lists(st.integers(0, 600), min_size=1, max_size=30),
)
def test_shares_add_up_exactly(jp: Decimal, minutes: list[int]) -> None:
    found = rules.shares(jp, minutes)
    assert (sum(found), len(found)) == (jp, len(minutes))
    assert all(each >= 0 for each in found)


def test_shares_follow_the_time() -> None:
    assert rules.shares(Decimal(6), [60, 90, 120]) == [
        Decimal("1.25"), Decimal(2), Decimal("2.75"),
    ]  # fmt: skip
    assert rules.shares(Decimal("0.10"), [1, 1, 1]) == [
        Decimal("0.04"), Decimal("0.03"), Decimal("0.03"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("0", "nol"), ("6", "enam"), ("11", "sebelas"), ("15", "lima belas"),
        ("20", "dua puluh"), ("21.50", "dua puluh satu koma lima"), ("100", "seratus"),
        ("117", "seratus tujuh belas"), ("909.25", "sembilan ratus sembilan koma dua lima"),
    ],
)  # fmt: skip
def test_numbers_in_words(value: str, words: str) -> None:
    assert wording.in_words(Decimal(value)) == words


def test_the_public_sees_the_last_three_digits_of_a_nip() -> None:
    assert rules.masked_nip("198704122010012014") == "•••••••• •••••• • 014"
