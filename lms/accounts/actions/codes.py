"""Activation codes made void: by everything that changes what a code would open, or who gave it."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, update

from lms.accounts.models import ActivationCode
from lms.core import clock
from lms.core.db import db


def void_code_of(person_id: int) -> None:
    """The code of a person, if there is one, works no more: another was given, there is a new
    password, the account was closed, or the person has become more than the giver could manage."""
    _void(ActivationCode.person_id == person_id)


def void_codes_of(person_ids: Sequence[int]) -> None:
    """As `void_code_of`, for each of several people."""
    _void(ActivationCode.person_id.in_(person_ids))


def void_codes_given_by(person_id: int) -> None:
    """Codes on paper end with the right to give them."""
    _void(ActivationCode.given_by_id == person_id)


def _void(which: ColumnElement[bool]) -> None:
    db.session.execute(
        update(ActivationCode)
        .where(which, ActivationCode.used_at.is_(None), ActivationCode.void_at.is_(None))
        .values(void_at=clock.now())
    )
