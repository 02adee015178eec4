"""How SQLite looks up what a learner's pages show: by the learner, however many others there are.

Its planner has no statistics on most sites, so an index more can lead it astray: one for the
lists of a course once made every course page read all who take the course.
"""

import os
import re
import sqlite3
from contextlib import closing

import pytest
from flask import Flask

from lms.core.db import db
from tests.cast import Cast
from tests.client import PageClient
from tests.queries import counted

PAGES = ["/", "/courses", "/courses/melayani", "/courses/melayani/learn/sapa", "/my/competencies",
         "/my/hours", "/my/certificates", "/notifications"]  # fmt: skip
# Tables with rows of everybody, and indexes that gather the rows of many.
READ_WHOLE = re.compile(
    r"SCAN (person|placement|enrolment|attempt|answer|lesson_done|completion|evidence|obligation"
    r"|competency_state|hour_entry|notification|certificate|audit_entry)\b"
    r"|ix_enrolment_(course|version|run)\b"
)
# Looked up by "takes nothing back", which is nearly every row.
READ_STANDING = re.compile(
    r"SEARCH (completion|evidence|hour_entry|certificate) .*\((reverses|replaces)_id=\?\)"
)


sqlite_only = pytest.mark.skipif(
    os.environ.get("TEST_DATABASE") == "postgresql", reason="plans of SQLite, which has no others"
)


def steps_of(app: Flask, client: PageClient, address: str) -> list[tuple[str, str]]:
    """Each step of the plans of what a page asks, with its statement."""
    with counted(app) as statements:
        assert client.get(address).status_code == 200
    with app.app_context():
        path = db.engine.url.database
    assert path
    assert statements
    found = []
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            if statement.startswith("SELECT"):
                unbound = [None] * statement.count("?")
                plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", unbound).fetchall()
                found += [(step, statement) for *_, step in plan]
    return found


@sqlite_only
@pytest.mark.parametrize("address", PAGES)
def test_a_page_reads_the_rows_of_its_learner(
    app: Flask, learner: PageClient, address: str
) -> None:
    learner.send("/courses/melayani/enrol")
    for step, statement in steps_of(app, learner, address):
        assert not READ_WHOLE.search(step), (step, statement)


@sqlite_only
@pytest.mark.parametrize("address", ["/team", "/courses/melayani", "/my/competencies"])
def test_what_stands_is_not_looked_up_by_taking_nothing_back(
    app: Flask, cast: Cast, learner: PageClient, address: str
) -> None:
    head = app.test_client()
    assert isinstance(head, PageClient)
    head.sign_in(cast.people["head"])
    for step, statement in steps_of(app, head, address):
        assert not READ_STANDING.search(step), (step, statement)
