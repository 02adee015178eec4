"""Passwords are hashed as OWASP asks, and a hash says when it should be made anew."""

import re
import time

import pytest
from argon2 import PasswordHasher
from argon2.low_level import Type
from flask import Flask

from lms.core.passwords import hash_password, is_right_password, needs_rehash


def test_the_parameters_are_owasps(context: Flask) -> None:
    """Argon2id, at least 19 MiB, 2 passes, 1 lane; a salt of 128 bits of its own for each."""
    one, other = hash_password("sawah-hijau-pagi"), hash_password("sawah-hijau-pagi")
    found = re.fullmatch(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([^$]{22})\$([^$]{43})", one)
    assert found
    memory, passes, lanes = (int(found[n]) for n in (1, 2, 3))
    assert memory >= 19 * 1024
    assert (passes, lanes) == (2, 1)
    assert one != other


@pytest.mark.parametrize(
    "password", ["x", "p" * 128, "kata sandi dengan spasi ", "пароль-密码-🔑", "tab\there", ""]
)
def test_every_sign_of_a_password_counts(context: Flask, password: str) -> None:
    stored = hash_password(password)
    assert is_right_password(stored, password)
    for wrong in (password + " ", password + "\0", password.upper() + "!", password[:-1] + "?"):
        assert not is_right_password(stored, wrong)


def test_nobodys_password_is_never_right(context: Flask) -> None:
    for password in ("", "nobody has this password", "x"):
        assert not is_right_password(None, password)
        assert not is_right_password("", password)


@pytest.mark.parametrize("stored", ["x", "$argon2id$", "plain password", "$2b$12$" + "a" * 53])
def test_what_is_no_hash_opens_nothing(context: Flask, stored: str) -> None:
    assert not is_right_password(stored, "plain password")


def test_an_unknown_account_takes_as_long_as_a_known_one(context: Flask) -> None:
    stored = hash_password("sawah-hijau-pagi")

    def best(hashed: str | None) -> float:
        times = []
        for _ in range(7):
            start = time.thread_time()
            is_right_password(hashed, "salah")
            times.append(time.thread_time() - start)
        return min(times)

    assert 0.5 < best(None) / best(stored) < 2


@pytest.mark.parametrize(
    ("hasher", "anew"),
    [
        (PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1), False),
        (PasswordHasher(time_cost=1, memory_cost=19456, parallelism=1), True),
        (PasswordHasher(time_cost=2, memory_cost=8192, parallelism=1), True),
        (PasswordHasher(time_cost=2, memory_cost=19456, parallelism=2), True),
        (PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1, type=Type.I), True),
    ],
)
def test_a_hash_of_other_parameters_is_made_anew(
    context: Flask, hasher: PasswordHasher, anew: bool
) -> None:
    stored = hasher.hash("sawah-hijau-pagi")
    assert needs_rehash(stored) is anew
    assert is_right_password(stored, "sawah-hijau-pagi") or hasher.type is Type.I
