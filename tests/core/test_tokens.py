"""Signed values: of one purpose, for a while, and by nobody else."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms.core import tokens
from tests.conftest import SetClock

NOON = datetime(2026, 5, 6, 12, tzinfo=UTC)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
HERE = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@HERE
@given(VALUES)
def test_a_value_comes_back(context: Flask, value: Any) -> None:
    token = tokens.sign("door", value)
    assert token.isascii()
    assert not set(token) - set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
    assert tokens.unsign("door", token, 60) == value


def test_a_token_of_one_purpose_is_no_token_of_another(context: Flask) -> None:
    token = tokens.sign("door", 1)
    for purpose in ("window", "", "doo", "door ", "Door"):
        assert tokens.unsign(purpose, token, 60) is None


@pytest.mark.parametrize(
    ("later", "holds"),
    [(0, True), (59, True), (60, True), (61, False), (86400, False), (-10, False)],
)
def test_a_token_holds_for_its_time_by_the_one_clock(
    context: Flask, at: SetClock, later: int, holds: bool
) -> None:
    at(NOON)
    token = tokens.sign("door", "open")
    at(NOON + timedelta(seconds=later))
    assert (tokens.unsign("door", token, 60) == "open") is holds


@HERE
@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_a_changed_token_is_refused(context: Flask, place: int, change: int) -> None:
    token = tokens.sign("door", {"person": "a" * 40}).encode()
    place %= len(token) - 1  # the last character has two spare bits that say nothing
    forged = token[:place] + bytes([token[place] ^ change]) + token[place + 1 :]
    assert tokens.unsign("door", forged.decode("latin-1"), 60) is None


@HERE
@given(st.text(st.characters(), max_size=200))
def test_no_text_is_a_token_and_none_is_a_fault(context: Flask, text: str) -> None:
    assert tokens.unsign("door", text, 60) is None


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "\ud800", "\x00", ".e.a", "=" * 99])
def test_no_shape_of_token_is_a_fault(context: Flask, token: str) -> None:
    assert tokens.unsign("door", token, 60) is None


def test_another_sites_token_is_refused(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setitem(context.config, "SECRET_KEY", "another secret")
        token = tokens.sign("door", 1)
    assert tokens.unsign("door", token, 60) is None


def test_the_length_of_a_forged_token_costs_little(context: Flask) -> None:
    start = time.perf_counter()
    assert tokens.unsign("door", "." * 500_000, 60) is None
    assert tokens.unsign("door", ".eJ" + "A" * 500_000 + ".x.y", 60) is None
    assert time.perf_counter() - start < 1
