"""The canonical spelling that every digest rests on: laws, not examples."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.core.ledger import canonical


class Colour(StrEnum):
    RED = "red"


class Rank(IntEnum):
    FIRST = 1


class Half(Enum):
    HALF = 0.5


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(),
    st.uuids(),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30),
)
facts = st.dictionaries(
    st.text(),
    st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
        max_leaves=8,
    ),
    max_size=6,
)


@given(facts)
def test_the_order_of_keys_makes_no_difference(value: dict[str, Any]) -> None:
    assert canonical(dict(reversed(list(value.items())))) == canonical(value)


@given(facts)
def test_it_is_json_and_reading_it_back_changes_nothing(value: dict[str, Any]) -> None:
    written = canonical(value)
    assert canonical(json.loads(written)) == written
    assert json.loads(written).keys() == value.keys()


@given(scalars, scalars)
def test_different_values_of_one_kind_have_different_spellings(one: Any, other: Any) -> None:
    if type(one) is type(other):
        assert (canonical(one) == canonical(other)) == (one == other)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-9999, max_value=9999),
       st.integers(min_value=0, max_value=20))  # fmt: skip
def test_trailing_zeros_make_no_difference(value: Decimal, zeros: int) -> None:
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    longer = Decimal((sign, (*digits, *[0] * zeros), exponent - zeros))
    assert longer == value
    assert canonical(longer) == canonical(value)


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(1970, 1, 2),  # noqa: DTZ001
                    max_value=datetime(2100, 1, 1)),  # noqa: DTZ001
       st.integers(min_value=-12, max_value=14))  # fmt: skip
def test_an_instant_has_one_spelling_in_every_zone(at: datetime, hours: int) -> None:
    elsewhere = at.astimezone(timezone(timedelta(hours=hours)))
    assert canonical(elsewhere) == canonical(at)


SPELLINGS = [
    (Decimal("1"), '"1"'),
    (Decimal("1.00"), '"1"'),
    (Decimal("1E+2"), '"100"'),
    (Decimal("-0.00"), '"0"'),
    (Decimal("0E-9"), '"0"'),
    (Decimal("-12.50"), '"-12.5"'),
    # more digits than a decimal context holds are kept, not rounded
    (Decimal("1234567890123456789012345678901.5"), '"1234567890123456789012345678901.5"'),
    (True, "true"),
    (1, "1"),
    (None, "null"),
    (Colour.RED, '"red"'),
    (Rank.FIRST, "1"),
    (UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
    (date(2026, 1, 2), '"2026-01-02"'),
    (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), '"2026-01-02T03:04:05.000000+00:00"'),
    ((1, [2]), "[1,[2]]"),
    ({"b": 1, "a": "é\n"}, '{"a":"é\\n","b":1}'),
]


@pytest.mark.parametrize(("value", "spelling"), SPELLINGS)
def test_each_kind_has_its_spelling(value: object, spelling: str) -> None:
    assert canonical(value) == spelling


NO_SPELLING = [
    1.0,  # a float is not what was meant
    {"a": [0.1]},  # nor deep inside
    Half.HALF,  # nor behind an enum
    b"bytes",
    {1, 2},  # a set has no order
    {1: "a"},  # the key 1 and the key "1" would be one
    object(),
    Decimal("NaN"),
    Decimal("Infinity"),
    datetime(2026, 1, 1),  # noqa: DTZ001 - naive on purpose
]


@pytest.mark.parametrize("value", NO_SPELLING, ids=lambda value: type(value).__name__)
def test_what_has_no_one_spelling_is_refused(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        canonical(value)
