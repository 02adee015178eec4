"""What the tests of this room share: a published course to be interrupted in, and more browsers."""

from collections.abc import Callable

import pytest
from flask import Flask

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
