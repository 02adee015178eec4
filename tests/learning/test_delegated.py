"""Assignments and reminders by whoever stands in for a head."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.accounts.actions import roles
from lms.accounts.rules import Role
from lms.core import clock
from lms.core.db import db, transaction
from lms.core.errors import NotFound
from lms.learning.actions import amending, telling
from lms.learning.models import Obligation
from lms.learning.queries import assignments
from lms.notifications.models import Notification
from lms.notifications.queries import words_of
from tests.cast import Cast
from tests.client import client_of
from tests.conftest import SetClock
from tests.learning import assigning
from tests.learning.assigning import REASON, actor_of, in_days, owed, sweep
from tests.reports.delegating import give, noted, uuid_of
from tests.sample_course import import_course, write_course


@pytest.fixture(autouse=True)
def stands_in(app: Flask, cast: Cast, tmp_path: Path) -> None:
    """`stranger` stands in for the head of Bidang A1."""
    with app.app_context():
        import_course(write_course(tmp_path))
        db.session.remove()
    give(app, cast, "head", "stranger", "a1", last=30)


def texts(cast: Cast, name: str) -> list[str]:
    query = sa.select(Notification).where(Notification.person_id == cast.people[name])
    return [words_of(row)[1] for row in db.session.scalars(query.order_by(Notification.id))]


def test_an_assignment_says_on_whose_behalf_and_spares_the_head(
    context: Flask, cast: Cast, at: SetClock
) -> None:
    made = assigning.give(cast, "stranger", unit="a1")
    assert made.assigned_as == "a.n. Kepala Bidang"
    assert made.on_behalf_of_id == cast.people["head"]
    assert made.headed_unit_id == cast.units["a1"]
    assert owed(cast).keys() == {"learner", "colleague"}
    later = clock.now() + timedelta(hours=2)
    at(later)
    sweep()  # looks who came to the unit
    assert owed(cast).keys() == {"learner", "colleague"}
    with context.test_request_context():
        assert "Ditugaskan oleh Andi Tenri (a.n. Kepala Bidang)." in texts(cast, "learner")[0]
    (entry,) = noted(context, "learning.assigned")
    assert entry["on_behalf_of"] == str(uuid_of(context, cast, "head"))


def test_the_learner_sees_on_whose_behalf(app: Flask, context: Flask, cast: Cast) -> None:
    assigning.give(cast, "stranger", people=("learner",))
    db.session.remove()
    page = client_of(app, cast, "learner").get("/courses/melayani").get_data(as_text=True)
    assert "Andi Tenri (a.n. Kepala Bidang)" in page


def test_nobody_is_obliged_for_her_own_head_nor_outside(context: Flask, cast: Cast) -> None:
    for outside in (
        {"people": ("head",)}, {"people": ("stranger",)}, {"people": ("agency_head",)},
        {"unit": "a"}, {"unit": "b"},
    ):  # fmt: skip
        with pytest.raises(NotFound):
            assigning.give(cast, "stranger", **outside)


def test_reminders_say_on_whose_behalf(context: Flask, cast: Cast, at: SetClock) -> None:
    assigning.give(cast, "head", unit="a1")
    at(clock.now() + timedelta(hours=1))
    sweep()
    actor = actor_of(cast, "stranger")
    uuids = [cast.person(name).uuid for name in ("learner", "colleague", "head")]
    with transaction():
        assert telling.remind(actor, uuids) == 2
    with transaction():
        assert telling.undo_reminders(actor) == 2
    with transaction():
        assert telling.remind(actor, uuids) == 2
    at(clock.now() + timedelta(minutes=2))
    sweep()
    with context.test_request_context():
        assert "Andi Tenri (a.n. Kepala Bidang) mengingatkan Anda." in texts(cast, "learner")[-1]
    head = str(cast.person("head").uuid)
    for action in ("learning.reminded", "learning.reminders_undone"):
        assert noted(context, action)[0] == {"people": "2", "on_behalf_of": head}


def test_a_deadline_is_moved_and_a_duty_taken_back_on_behalf(context: Flask, cast: Cast) -> None:
    given = assigning.give(cast, "head", unit="a1")
    actor = actor_of(cast, "stranger")
    with transaction():
        found = assignments.assignment_for(actor, given.uuid)
        assert amending.extend(actor, found, due_on=in_days(20), reason=REASON) == 2
    with transaction():
        found = assignments.assignment_for(actor, given.uuid)
        assert amending.withdraw(actor, found, reason=REASON) == 2
    signed = set(db.session.scalars(sa.select(Obligation.acted_as)))
    assert signed == {"a.n. Kepala Bidang"}
    head = str(cast.person("head").uuid)
    for action in ("learning.deadline_moved", "learning.assignment_withdrawn"):
        (entry,) = noted(context, action)
        assert entry["on_behalf_of"] == head


def test_what_the_head_owes_herself_is_not_taken_back(context: Flask, cast: Cast) -> None:
    """HR of the unit obliges its head as well; who stands in for her does not free her of it."""
    with transaction():
        roles.grant_role(
            cast.person("mover"), Role.HR, cast.unit("a1"), start_on=in_days(0), reason="SK 4"
        )
    given = assigning.give(cast, "mover", unit="a1")
    assert owed(cast).keys() == {"head", "learner", "colleague"}
    actor = actor_of(cast, "stranger")
    with transaction():
        found = assignments.assignment_for(actor, given.uuid)
        assert amending.withdraw(actor, found, reason=REASON) == 2
    assert owed(cast).keys() == {"head"}


def test_own_rights_come_first(context: Flask, cast: Cast) -> None:
    """An acting head of the unit who also stands in for its head acts as herself."""
    assigning.act_as_head(cast, "stranger", "a1", in_days(0), None)
    made = assigning.give(cast, "stranger", unit="a1")
    assert made.assigned_as == "Plt. Kepala Bidang"
    assert made.on_behalf_of_id is None
    assert owed(cast).keys() == {"head", "learner", "colleague"}
