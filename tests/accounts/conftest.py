"""What the tests of this room share: a published course to be interrupted in, more browsers,
and an admin of one unit."""

from collections.abc import Callable

import pytest
from flask import Flask

from lms.accounts.rules import Role
from tests.accounts.register import grant
from tests.cast import Cast
from tests.client import PageClient
from tests.learning.conftest import course

__all__ = ["course"]


@pytest.fixture
def browser(app: Flask) -> Callable[[], PageClient]:
    """Another browser, each time it is called."""

    def open_browser() -> PageClient:
        found = app.test_client()
        assert isinstance(found, PageClient)
        return found

    return open_browser


@pytest.fixture
def unit_admin(app: Flask, cast: Cast, client: PageClient) -> PageClient:
    """The other head administers Dinas A, and nothing else."""
    grant(app, cast, "other_head", Role.ADMIN, "a")
    client.sign_in(cast.people["other_head"])
    return client
