"""A course taken by cohorts: how its owner plans them, and who is in."""

from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Flask

from lms.core.db import db
from lms.courses.rules import CourseRole
from lms.learning.models import CourseRun, Enrolment
from tests.cast import Cast
from tests.client import PageClient, client_of, words
from tests.learning import classes
from tests.learning.assigning import in_days
from tests.sample_course import import_course, write_course

COURSE = "/courses/melayani"
PAGE = "/studio/melayani/runs"


def begin(app: Flask, cast: Cast, folder: Path) -> None:
    """Publish the course; `stranger` owns it and lets people in by cohorts."""
    with app.app_context():
        import_course(write_course(folder))
        classes.join(cast.people["stranger"], CourseRole.OWNER)
        db.session.remove()
    owner = client_of(app, cast, "stranger")
    owner.send("/studio/melayani/enrolment", {"way": "direct", "by_run": "y"})


def plan(name: str = "Angkatan I", **more: Any) -> dict[str, object]:
    return {
        "name": name, "registers_from": in_days(-1), "registers_until": in_days(5),
        "starts_on": in_days(0), "ends_on": in_days(20), "seats": 0, **more,
    }  # fmt: skip


def add(app: Flask, owner: PageClient, name: str = "Angkatan I", **more: Any) -> UUID:
    with app.app_context():
        sent = plan(name, **more)
    answer = owner.send(PAGE, sent)
    assert answer.status_code == 302, words(answer)
    return run_of(app, name)


def run_of(app: Flask, name: str) -> UUID:
    with app.app_context():
        return db.session.scalars(sa.select(CourseRun.uuid).where(CourseRun.name == name)).one()


def inside(app: Flask, cast: Cast) -> set[str]:
    names = {number: name for name, number in cast.people.items()}
    with app.app_context():
        rows = db.session.scalars(sa.select(Enrolment.person_id).where(Enrolment.state == "open"))
        return {names[each] for each in rows if each in names}
