"""A published course at a fixed hour, before HR of the city and HR of one agency."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from lms.accounts.actions import people, roles
from lms.accounts.rules import Employment, Role
from lms.core import clock
from lms.core.db import db, transaction
from lms.reports.queries import gaps, lacking, units
from lms.reports.queries.kept import Kept
from tests.cast import Cast
from tests.conftest import SetClock
from tests.sample_course import import_course, write_course


@pytest.fixture
def noon(app: Flask, cast: Cast, tmp_path: Path, at: SetClock) -> Iterator[None]:
    """10.00 WIB, with a published course; `hr_a` is HR for Dinas A alone; nothing kept."""
    with app.app_context():
        import_course(write_course(tmp_path))
        with transaction():
            person = people.add_person(
                nip="198501012010012020",
                name="Wahyuni Tamba",
                email=None,
                employment=Employment.PNS,
            )
            cast.people["hr_a"] = person.id
            roles.grant_role(
                person, Role.HR, cast.unit("a"), start_on=date(2024, 1, 1), reason="SK 3"
            )
        db.session.remove()
    at(clock.now().replace(hour=3, minute=0, second=0, microsecond=0))
    kept: list[Kept[Any, Any]] = [units._kept, gaps._kept, lacking._kept]
    for each in kept:
        each.clear()
    yield
    for each in kept:
        each.clear()
