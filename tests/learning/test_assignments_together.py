"""Two acts on assignments at the same time: neither waits for the other, none counts twice."""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.core.access import Actor
from lms.core.db import db, transaction
from lms.core.errors import DomainError
from lms.courses.models import Course
from lms.learning.actions import amending, assigning
from lms.learning.models import Assignment
from lms.learning.queries import assignments
from tests.cast import Cast
from tests.learning.assigning import REASON, actor_of, give, in_days, owed

pytestmark = pytest.mark.usefixtures("noon")


def at_once(app: Flask, *acts: Callable[[], object]) -> list[object]:
    """Run acts at the same time, each in a context of its own; what they return or raise."""
    results: list[object] = []

    def run(act: Callable[[], object]) -> None:
        with app.app_context():
            try:
                results.append(act())
            except Exception as error:
                results.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(results) == len(acts)
    return results


def test_two_withdrawals_of_one_course_do_not_wait_for_each_other(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = give(cast, "head", people=("learner",)).uuid
    second = give(cast, "agency_head", unit="a").uuid
    head, above = actor_of(cast, "head"), actor_of(cast, "agency_head")
    both, end = threading.Barrier(2), amending._end

    def end_with_the_other(*args: Any, **values: Any) -> int:
        with suppress(threading.BrokenBarrierError):  # as it is where one waits for the other
            both.wait(1)
        return end(*args, **values)

    monkeypatch.setattr(amending, "_end", end_with_the_other)

    def act(actor: Actor, uuid: UUID) -> int:
        with transaction():
            found = assignments.assignment_for(actor, uuid)
            return amending.withdraw(actor, found, reason="Diganti")

    results = at_once(app, lambda: act(head, first), lambda: act(above, second))
    assert sorted(map(str, results)) == ["1", "2"]
    assert owed(cast) == {}


def test_a_large_unit_that_is_assigned_twice_at_once_is_assigned_once(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assigning, "BATCH", 2)
    actor, unit, due_on = actor_of(cast, "wali"), cast.unit("city").uuid, in_days(10)

    def act() -> str:
        with transaction():
            course = db.session.scalars(sa.select(Course)).one()
            target = assignments.unit_target(actor, unit)
            assigning.assign(actor, course, [target], due_on=due_on, reason=REASON)
        return "assigned"

    results = at_once(app, act, act)
    assert [type(result) for result in results if result != "assigned"] == [DomainError]
    db.session.rollback()
    assert len(db.session.scalars(sa.select(Assignment)).all()) == 1
