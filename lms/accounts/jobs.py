"""Housekeeping of sign-in."""

from lms.accounts import actions
from lms.core.db import transaction


def sweep_tries() -> None:
    with transaction():
        actions.forget_old_tries()
