"""The blueprint that all pages of this room share, and what they ask alike: who acts, from where,
and where to go on."""

import math

from flask import Blueprint, request, url_for
from flask_babel import ngettext

from lms.accounts import rules
from lms.accounts.queries import SignedIn
from lms.core import clock
from lms.core.access import current_actor

bp = Blueprint("accounts", __name__)


def acting() -> SignedIn:
    """The signed-in actor, with everything that this room knows of a session."""
    actor = current_actor()
    assert isinstance(actor, SignedIn)
    return actor


def inside(address: str | None) -> str:
    """The address if it is a path of this site, else the home page: no open redirect."""
    return rules.inner_path(address) or url_for("learning.home")


def network_address() -> str:
    """Where the request comes from, as long as its column."""
    return (request.remote_addr or "")[:45]


def wait_words(verdict: rules.TryVerdict) -> str:
    assert verdict.retry_at is not None
    minutes = max(1, math.ceil((verdict.retry_at - clock.now()).total_seconds() / 60))
    return ngettext(
        "Terlalu banyak percobaan. Coba lagi dalam %(num)d menit.",
        "Terlalu banyak percobaan. Coba lagi dalam %(num)d menit.",
        minutes,
    )
