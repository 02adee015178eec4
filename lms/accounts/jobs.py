"""Housekeeping of sign-in."""

from lms.accounts.actions import tries
from lms.core.db import transaction


def sweep_tries() -> None:
    with transaction():
        tries.forget_old_tries()
