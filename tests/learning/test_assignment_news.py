"""What is told of an assignment: each thing once, in time, and to nobody else."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.core import clock
from lms.core.db import db, transaction
from lms.core.errors import DomainError
from lms.learning.actions import assigning, telling
from lms.learning.models import Obligation
from lms.notifications.actions import notify
from lms.notifications.models import Notification
from lms.notifications.queries import words_of
from tests.cast import Cast
from tests.conftest import SetClock
from tests.learning.assigning import (
    REASON,
    actor_of,
    extend,
    give,
    in_days,
    later,
    news,
    owed,
    sweep,
    undo,
    withdraw,
)

pytestmark = pytest.mark.usefixtures("noon")


def test_each_thing_is_told_once(cast: Cast, at: SetClock) -> None:
    give(cast, "head", people=("learner",), days=10)
    sweep()
    assert news(cast, "learner") == []  # it can still be undone
    later(at, minutes=1)
    for _ in range(3):
        sweep()
    assert news(cast, "learner") == ["course_assigned"]
    for _ in range(14 * 24):
        later(at, hours=1)
        sweep()
    assert news(cast, "learner") == [
        "course_assigned", "deadline_near", "deadline_near", "deadline_passed",
    ]  # fmt: skip


def test_the_news_names_course_giver_deadline_zone_and_reason(
    app: Flask, cast: Cast, at: SetClock
) -> None:
    give(cast, "head", people=("learner",))
    later(at, minutes=1)
    sweep()
    told = db.session.scalars(sa.select(Notification)).one()
    title, text = words_of(told)
    assert title == "Kursus wajib: Melayani dengan ramah"
    for expected in ("Bagus Prasetyo (Kepala Bidang)", "WIB", REASON, str(in_days(10).year)):
        assert expected in text
    assert told.url == "/courses/melayani"


def test_nothing_more_is_told_when_it_is_done(cast: Cast, at: SetClock) -> None:
    give(cast, "head", people=("learner",))
    later(at, minutes=1)
    sweep()
    row = owed(cast)["learner"]
    who, course_id = row.person_id, row.course_id
    with transaction():
        assigning.note_completion(who, course_id, clock.now())
    later(at, days=20)
    sweep()
    assert news(cast, "learner") == ["course_assigned"]


def test_an_extension_is_told_and_reminds_anew(cast: Cast, at: SetClock) -> None:
    made = give(cast, "head", people=("learner",), days=3)
    later(at, minutes=1)
    sweep()
    later(at, days=2, hours=1)
    sweep()
    head = actor_of(cast, "head")
    extend(head, made, 9, "Cuti")
    assert owed(cast)["learner"].due_on == in_days(9)
    later(at, minutes=1)
    sweep()
    assert news(cast, "learner") == ["course_assigned", "deadline_near", "deadline_moved"]
    later(at, days=2)
    sweep()
    assert news(cast, "learner")[-1] == "deadline_near"


def test_a_withdrawal_is_told_unless_nobody_heard_of_it(cast: Cast, at: SetClock) -> None:
    made = give(cast, "head", unit="a1")
    number = owed(cast)["colleague"].id
    with transaction():
        db.session.get_one(Obligation, number).notice_at = clock.now()
    sweep()
    assert news(cast, "colleague") == ["course_assigned"]
    head = actor_of(cast, "head")
    withdraw(head, made, "Kursus diganti")
    later(at, minutes=2)
    sweep()
    assert news(cast, "colleague") == ["course_assigned", "course_withdrawn"]
    assert news(cast, "learner") == []


def test_an_undone_assignment_is_never_told(cast: Cast, at: SetClock) -> None:
    made = give(cast, "head", unit="a1")
    head = actor_of(cast, "head")
    undo(head, made)
    assert owed(cast) == {}
    later(at, minutes=2)
    sweep()
    assert news(cast, "learner") == []
    give(cast, "head", unit="a1")
    assert owed(cast).keys() == {"learner", "colleague"}


def test_undoing_is_for_whoever_gave_it_and_for_a_minute(cast: Cast, at: SetClock) -> None:
    made = give(cast, "head", unit="a1")
    above = actor_of(cast, "agency_head")
    with pytest.raises(DomainError, match="sudah dikirim"):
        undo(above, made)
    head = actor_of(cast, "head")
    later(at, minutes=1)
    with pytest.raises(DomainError, match="sudah dikirim"):
        undo(head, made)
    assert len(owed(cast)) == 2


def test_reminding_tells_once_a_day_and_can_be_undone(cast: Cast, at: SetClock) -> None:
    give(cast, "head", unit="a1", days=30)
    later(at, minutes=1)
    sweep()
    head = actor_of(cast, "head")
    team = [cast.person(name).uuid for name in ("learner", "colleague")]

    def remind() -> int:
        with transaction():
            return telling.remind(head, team)

    assert remind() == 2
    assert remind() == 0
    with transaction():
        assert telling.undo_reminders(head) == 2
    later(at, minutes=2)
    sweep()
    assert news(cast, "learner") == ["course_assigned"]
    assert remind() == 2
    later(at, minutes=1)
    sweep()
    with transaction():
        assert telling.undo_reminders(head) == 0
    assert news(cast, "learner") == ["course_assigned", "course_reminded"]
    later(at, hours=23)
    assert remind() == 0
    later(at, hours=1)
    assert remind() == 2
    for _ in range(40):
        later(at, days=1)
        sweep()
    assert news(cast, "learner")[3:] == ["deadline_near", "deadline_near", "deadline_passed"]


def test_nobody_reminds_people_of_others(cast: Cast, at: SetClock) -> None:
    give(cast, "wali", unit="city")
    later(at, minutes=1)
    sweep()
    head = actor_of(cast, "head")
    others = [cast.person(n).uuid for n in ("stranger", "head", "agency_head", "mover")]
    with transaction():
        assert telling.remind(head, others) == 0
    later(at, minutes=2)
    sweep()
    assert news(cast, "stranger") == ["course_assigned"]


def test_who_cannot_be_told_keeps_nobody_waiting(
    cast: Cast, at: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(cast, "head", unit="a1")
    later(at, minutes=1)
    broken = cast.people["colleague"]

    def notify_or_fail(person_id: int, *args: Any, **values: Any) -> None:
        notify(person_id, *args, **values)
        if person_id == broken:
            raise RuntimeError("no words")

    monkeypatch.setattr(telling, "notify", notify_or_fail)
    sweep()
    assert news(cast, "learner") == ["course_assigned"]
    assert news(cast, "colleague") == []
    assert owed(cast)["colleague"].notice_at == clock.now() + telling.RETRY
    monkeypatch.undo()
    later(at, hours=1)
    sweep()
    assert news(cast, "colleague") == ["course_assigned"]
    assert news(cast, "learner") == ["course_assigned"]


def test_a_sweep_that_stood_still_over_the_deadline_says_once_that_it_is_late(
    cast: Cast, at: SetClock
) -> None:
    give(cast, "head", people=("learner",), days=2)
    later(at, minutes=1)
    sweep()
    at(owed(cast)["learner"].due_at + timedelta(hours=3))  # before the hour of the notices
    sweep()
    later(at, hours=4)
    sweep()
    assert news(cast, "learner") == ["course_assigned", "deadline_passed"]
