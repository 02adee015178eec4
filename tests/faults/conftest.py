"""The stage of a fault: a site of its own, ended after the test."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.site import Stage, prepare
from tests.postgres import new_database

SetStage = Callable[..., Stage]


@pytest.fixture
def set_stage(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SetStage]:
    """Prepares a site on the database of the run; keyword arguments as `prepare` has them."""
    made: list[Stage] = []

    def build(**options: object) -> Stage:
        url = options.pop("database_url", None)
        if url is None:
            server = os.environ.get("TEST_DATABASE") == "postgresql"
            url = new_database(tmp_path_factory) if server else ""
        stage = prepare(tmp_path, str(url), **options)  # type: ignore[arg-type]  # its own names
        made.append(stage)
        return stage

    yield build
    for stage in made:
        stage.close()
