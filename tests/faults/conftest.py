"""The stage of a fault: a running site, with people, courses and a judge."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.dose import DOSE
from tests.faults.site import Stage, prepare
from tests.postgres import new_database

SetStage = Callable[..., Stage]
# Two kinds of kills, duplicates twice, a lock, a quota.
COURSES = 2 * DOSE.courses + DOSE.duplicates + 1 + 1 + DOSE.disk_rounds


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    url = new_database(tmp_path_factory) if on_server() else ""
    found = prepare(tmp_path_factory.mktemp("shared"), url, course_count=COURSES)
    yield found
    found.close()


@pytest.fixture
def stage(shared: Stage) -> Stage:
    """A running site, the same for all faults that leave nothing behind but what was done there;
    each takes courses of its own by `fresh`."""
    if shared.running is None or shared.running.process.poll() is not None:
        shared.start()
    return shared


@pytest.fixture
def set_stage(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SetStage]:
    """Prepares a site of the test's own; keyword arguments as `prepare` has them."""
    made: list[Stage] = []

    def build(database_url: str | None = None, **options: object) -> Stage:
        if database_url is None:
            database_url = new_database(tmp_path_factory) if on_server() else ""
        folder = tmp_path / str(len(made))
        folder.mkdir()
        found = prepare(folder, database_url, **options)  # type: ignore[arg-type]  # its own names
        made.append(found)
        return found

    yield build
    for found in made:
        found.close()


def on_server() -> bool:
    return os.environ.get("TEST_DATABASE") == "postgresql"
