"""Assignments as people come, leave and complete the course: whom the sweep obliges and frees."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from lms.accounts.actions import people
from lms.core import clock
from lms.core.db import db, transaction
from lms.core.errors import DomainError
from lms.courses.actions import drafts
from lms.courses.models import Course
from lms.learning import actions
from lms.learning.actions import assigning
from lms.learning.models import Assignment, Obligation
from lms.learning.queries import assignments
from lms.learning.rules import Ending
from lms.notifications.models import Notification
from lms.notifications.queries import words_of
from tests.cast import Cast
from tests.conftest import SetClock
from tests.learning.assigning import (
    actor_of,
    complete,
    give,
    in_days,
    later,
    news,
    owed,
    place,
    sweep,
    today,
    withdraw,
)

pytestmark = pytest.mark.usefixtures("noon")


def test_who_comes_later_has_it_with_as_many_days(cast: Cast, at: SetClock) -> None:
    give(cast, "head", unit="a1", days=10)
    later(at, days=4)
    place(cast, "stranger", "a1", today())
    sweep()
    row = owed(cast)["stranger"]
    assert row.due_on == in_days(10)
    assert row.time_zone == "Asia/Jakarta"
    sweep()
    assert len([r for r in owed(cast).values() if r.person_id == row.person_id]) == 1


def test_an_archived_course_is_given_to_nobody_and_who_has_it_may_begin(
    cast: Cast, at: SetClock
) -> None:
    give(cast, "head", unit="a1")
    course, hr = db.session.scalars(sa.select(Course)).one(), actor_of(cast, "hr")
    learner = actor_of(cast, "learner")
    with transaction():
        drafts.archive(hr, course, "Diganti kursus lain.")
    with pytest.raises(DomainError, match="diarsipkan"):
        give(cast, "wali", unit="b")
    place(cast, "stranger", "a1", today())
    later(at, days=1)
    sweep()
    assert owed(cast).keys() == {"learner", "colleague"}
    with transaction():
        actions.enrol(learner, course)
    stranger = actor_of(cast, "stranger")
    with pytest.raises(DomainError, match="diarsipkan"), transaction():
        actions.enrol(stranger, course)
    with transaction():
        drafts.unarchive(hr, course)
    sweep()
    later(at, days=2)
    sweep()
    assert "stranger" in owed(cast)


def test_who_leaves_is_free_of_it_and_has_it_again_when_back(cast: Cast, at: SetClock) -> None:
    give(cast, "head", unit="a1")
    sweep()
    later(at, days=2)
    place(cast, "learner", "b", today())
    sweep()
    assert owed(cast).keys() == {"colleague"}
    left = db.session.scalars(
        sa.select(Obligation).where(Obligation.person_id == cast.people["learner"])
    ).one()
    assert left.ending is Ending.LEFT
    later(at, days=2)
    place(cast, "learner", "a1", today())
    sweep()
    assert owed(cast).keys() == {"colleague", "learner"}


def test_what_was_given_to_a_person_ends_and_is_told_when_she_moves_away(
    cast: Cast, at: SetClock
) -> None:
    made = give(cast, "head", people=("learner", "colleague"))
    later(at, minutes=1)
    sweep()
    later(at, days=2)
    place(cast, "learner", "b", today())
    sweep()
    assert owed(cast).keys() == {"colleague"}
    left = db.session.scalars(
        sa.select(Obligation).where(Obligation.person_id == cast.people["learner"])
    ).one()
    assert left.ending is Ending.LEFT
    later(at, minutes=1)
    sweep()
    assert news(cast, "learner") == ["course_assigned", "course_withdrawn"]
    told = db.session.scalars(
        sa.select(Notification)
        .where(Notification.person_id == cast.people["learner"])
        .order_by(Notification.id.desc())
    ).first()
    assert told is not None
    assert words_of(told)[1] == "Anda pindah dari unit yang menugaskannya."
    head = actor_of(cast, "head")  # who does not see her any more
    assert assignments.given_for(head, made.uuid).progress.all == 1
    give(cast, "other_head", people=("learner",))  # who is free to oblige her anew
    later(at, days=2)
    place(cast, "learner", "a1", today())
    sweep()
    assert owed(cast).keys() == {"colleague"}  # the first one does not come back


def test_a_closed_account_does_not_end_what_was_given_to_a_person(cast: Cast, at: SetClock) -> None:
    give(cast, "head", people=("learner",))
    with transaction():
        people.deactivate_person(None, cast.person("learner"))
    later(at, days=2)
    sweep()
    assert owed(cast).keys() == {"learner"}


def test_nobody_is_looked_for_when_nothing_is_owed(cast: Cast, at: SetClock) -> None:
    made = give(cast, "head", people=("learner",), days=1)
    sweep()
    checked = db.session.get_one(Assignment, made.id).check_at
    assert checked == clock.now() + assigning.SELDOM
    complete(cast, "learner")
    later(at, days=1)
    sweep()
    assert owed(cast) == {}
    assert db.session.get_one(Assignment, made.id).check_at is None


def test_a_unit_is_looked_at_every_hour_until_the_deadline_and_then_once_a_day(
    cast: Cast, at: SetClock
) -> None:
    made = give(cast, "head", unit="a1", days=1)
    for days, pause in ((0, 1), (1, 1), (2, 24), (3, 24)):
        at(clock.now().replace(minute=0) if not days else clock.now() + timedelta(days=1))
        sweep()
        checked = db.session.get_one(Assignment, made.id).check_at
        assert checked == clock.now() + timedelta(hours=pause), days


def test_a_large_unit_is_not_given_the_same_twice(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There are people left whom the first has not reached, so that the second finds somebody."""
    monkeypatch.setattr(assigning, "BATCH", 2)
    made = give(cast, "wali", unit="city")
    with pytest.raises(DomainError, match="sudah wajib untuk Kota Contoh"):
        give(cast, "wali", unit="city")
    withdraw(actor_of(cast, "wali"), made, "Salah kursus")
    give(cast, "wali", unit="city")
    assert len(owed(cast)) == 2


def test_a_second_assignment_takes_over_when_the_first_is_withdrawn(
    cast: Cast, at: SetClock
) -> None:
    first = give(cast, "head", people=("learner",), days=5)
    give(cast, "agency_head", unit="a", days=20)
    head = actor_of(cast, "head")
    withdraw(head, first, "Sudah dari dinas")
    sweep()
    assert owed(cast)["learner"].due_on == in_days(20)


def test_whom_a_head_freed_is_not_obliged_again_by_the_same(cast: Cast, at: SetClock) -> None:
    made = give(cast, "head", unit="a1")
    head = actor_of(cast, "head")
    withdraw(head, made, "Cuti melahirkan", cast.person("learner").uuid)
    later(at, hours=2)
    sweep()
    assert owed(cast).keys() == {"colleague"}


def test_a_large_unit_is_given_in_batches(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assigning, "BATCH", 2)
    give(cast, "wali", unit="city")
    assert len(owed(cast)) == 2
    sweep()
    assert len(owed(cast)) == 7


def test_completing_ends_it(cast: Cast) -> None:
    give(cast, "head", unit="a1")
    row = owed(cast)["learner"]
    who, course_id = row.person_id, row.course_id
    with transaction():
        assigning.note_completion(who, course_id, clock.now())
    assert owed(cast).keys() == {"colleague"}


@pytest.mark.parametrize("whom", [{"unit": "a1"}, {"people": ("learner", "colleague")}])
def test_who_completed_it_in_the_same_moment_is_found_by_the_sweep(
    cast: Cast, whom: dict[str, Any]
) -> None:
    give(cast, "head", **whom)
    complete(cast, "learner")
    sweep()
    assert owed(cast).keys() == {"colleague"}
