"""Assignments: who may give them to whom, who has them as people come and go, what is told."""

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.accounts.actions import people
from lms.accounts.models import Person
from lms.accounts.queries import team
from lms.accounts.queries.team import Scope
from lms.core import clock
from lms.core.access import Actor
from lms.core.audit import AuditEntry
from lms.core.db import db, transaction
from lms.core.errors import DomainError, NotFound
from lms.courses.actions import drafts
from lms.courses.models import Course
from lms.learning import actions
from lms.learning.actions import amending, assigning, telling
from lms.learning.models import Assignment, Obligation
from lms.learning.queries import assignments
from lms.learning.queries.duties import duties_of
from lms.learning.rules import Ending, end_of_day
from lms.notifications.actions import notify
from lms.notifications.models import Notification
from lms.notifications.queries import words_of
from tests.cast import Cast
from tests.conftest import SetClock
from tests.learning.assigning import (
    REASON,
    act_as_head,
    actor_of,
    complete,
    give,
    in_days,
    news,
    owed,
    place,
    sweep,
    today,
)

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def noon(context: Flask, course: str, at: SetClock) -> datetime:
    """10.00 WIB and 11.00 WITA, so that the day is the same in both."""
    now = clock.now().replace(hour=3, minute=0, second=0, microsecond=0)
    at(now)
    return now


def withdraw(by: Actor, made: Assignment, reason: str, person: UUID | None = None) -> int:
    with transaction():
        found = assignments.assignment_for(by, made.uuid)
        return amending.withdraw(by, found, reason=reason, person=person)


def extend(by: Actor, made: Assignment, days: int, reason: str, person: UUID | None = None) -> int:
    with transaction():
        found = assignments.assignment_for(by, made.uuid)
        return amending.extend(by, found, due_on=in_days(days), reason=reason, person=person)


def undo(by: Actor, made: Assignment) -> None:
    with transaction():
        amending.undo(by, assignments.assignment_for(by, made.uuid))


def later(at: SetClock, **span: float) -> None:
    at(clock.now() + timedelta(**span))


# ── Who gives what to whom ───────────────────────────────────────────────────────────────────


def test_a_unit_has_it_with_the_units_below_and_without_whoever_gave_it(cast: Cast) -> None:
    give(cast, "agency_head", unit="a")
    assert owed(cast).keys() == {"head", "learner", "colleague"}


def test_it_ends_with_the_day_where_each_person_works(cast: Cast) -> None:
    give(cast, "wali", unit="city")
    rows = owed(cast)
    assert rows["learner"].due_at == end_of_day(in_days(10), "Asia/Jakarta")
    assert rows["stranger"].due_at == end_of_day(in_days(10), "Asia/Makassar")
    assert rows["stranger"].due_at == rows["learner"].due_at - timedelta(hours=1)


def test_chosen_people_have_it_and_nobody_else(cast: Cast) -> None:
    made = give(cast, "head", people=("learner",))
    assert owed(cast).keys() == {"learner"}
    assert not db.session.get_one(Assignment, made.id).covers_unit
    place(cast, "stranger", "a1", today())
    sweep()
    assert owed(cast).keys() == {"learner"}


@pytest.mark.parametrize(
    ("by", "unit", "people_"),
    [
        ("head", "a", ()),  # the unit above
        ("head", "b", ()),  # another one
        ("head", "city", ()),
        ("head", "", ("stranger",)),  # somebody else's
        ("head", "", ("learner", "stranger")),  # one of two
        ("head", "", ("agency_head",)),  # the superior
        ("head", "", ("head",)),  # herself
        ("head", "", ("mover",)),  # who was there last year
        ("other_head", "a1", ()),
    ],
)
def test_a_head_assigns_to_nobody_outside_the_own_team(
    cast: Cast, by: str, unit: str, people_: tuple[str, ...]
) -> None:
    with pytest.raises(NotFound):
        give(cast, by, unit=unit, people=people_)
    assert owed(cast) == {}
    assert db.session.scalars(sa.select(Assignment)).all() == []


def test_nobody_has_it_twice_or_who_has_completed_it(cast: Cast) -> None:
    complete(cast, "colleague")
    give(cast, "head", people=("learner",), days=5)
    give(cast, "agency_head", unit="a", days=20)
    rows = owed(cast)
    assert rows.keys() == {"head", "learner"}
    assert rows["learner"].due_on == in_days(5)  # the first one counts


def test_where_nobody_is_left_nothing_is_assigned(cast: Cast) -> None:
    give(cast, "head", unit="a1")
    with pytest.raises(DomainError, match="sudah wajib"):
        give(cast, "head", unit="a1")
    assert len(db.session.scalars(sa.select(Assignment)).all()) == 1


@pytest.mark.parametrize("days", [-1, 731])
def test_a_deadline_lies_from_today_to_two_years_ahead(cast: Cast, days: int) -> None:
    with pytest.raises(DomainError) as refused:
        give(cast, "head", unit="a1", days=days)
    assert refused.value.field == "due_on"
    give(cast, "head", unit="a1", days=0)


@pytest.mark.parametrize("reason", ["", " \u200b ", "x" * 301])
def test_a_reason_is_needed(cast: Cast, reason: str) -> None:
    actor = actor_of(cast, "head")
    made = give(cast, "head", unit="a1")
    with pytest.raises(DomainError) as refused:
        withdraw(actor, made, reason)
    assert refused.value.field == "reason"


def test_it_is_audited_with_its_reason(cast: Cast) -> None:
    made = give(cast, "head", unit="a1")
    entry = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action == "learning.assigned")
    ).one()
    assert entry.subject_uuid == made.uuid
    assert entry.details["reason"] == REASON
    assert entry.details["people_so_far"] == "2"
    assert entry.chain == cast.person("head").uuid


def test_an_acting_head_assigns_within_the_dates_and_is_named_so(cast: Cast, at: SetClock) -> None:
    act_as_head(cast, "stranger", "a1", today(), in_days(3))
    made = give(cast, "stranger", unit="a1")
    assert made.assigned_as == "Plt. Kepala Bidang"
    assert owed(cast).keys() == {"head", "learner", "colleague"}  # the head is a member to her
    later(at, days=4)
    assert actor_of(cast, "stranger").headed_paths == ()


def test_the_head_does_not_move_or_free_her_own(cast: Cast) -> None:
    """The acting head gave it to her too; back in office she manages it for the others only."""
    act_as_head(cast, "stranger", "a1", today(), today())
    made = give(cast, "stranger", unit="a1")
    head = actor_of(cast, "head")
    assert extend(head, made, 20, "Dinas luar") == 2
    assert {name: row.due_on for name, row in owed(cast).items()} == {
        "head": in_days(10), "learner": in_days(20), "colleague": in_days(20),
    }  # fmt: skip
    own = cast.person("head").uuid
    with pytest.raises(DomainError):
        withdraw(head, made, "Tidak perlu", own)
    withdraw(head, made, "Tidak perlu")
    assert owed(cast).keys() == {"head"}
    above = actor_of(cast, "agency_head")
    with pytest.raises(DomainError, match="sudah ditarik"):
        withdraw(above, made, "Lagi")
    extend(above, made, 30, "Tetap perlu", own)
    assert owed(cast)["head"].due_on == in_days(30)
    assert withdraw(above, made, "Kursus diganti", own) == 1
    assert owed(cast) == {}
    with pytest.raises(DomainError, match="sudah ditarik"):
        extend(above, made, 40, "Terlambat", own)


def test_what_a_head_still_owes_of_a_withdrawn_one_ends_when_she_leaves(
    cast: Cast, at: SetClock
) -> None:
    act_as_head(cast, "stranger", "a1", today(), today())
    made = give(cast, "stranger", unit="a1")
    withdraw(actor_of(cast, "head"), made, "Tidak perlu")
    sweep()
    assert owed(cast).keys() == {"head"}
    later(at, days=2)
    place(cast, "head", "b", today())
    place(cast, "mover", "a1", today())
    sweep()
    assert owed(cast) == {}  # nor has it who came since
    assert db.session.get_one(Assignment, made.id).check_at is None


@pytest.mark.parametrize("closed", [False, True])
def test_a_withdrawal_frees_also_whom_the_head_cannot_see(
    cast: Cast, at: SetClock, closed: bool
) -> None:
    made = give(cast, "head", unit="a1")
    later(at, days=2)
    if closed:
        with transaction():
            people.deactivate_person(None, cast.person("learner"))
    else:
        place(cast, "learner", "b", today())  # and the sweep has not noticed yet
    assert withdraw(actor_of(cast, "head"), made, "Kursus diganti") == 2
    assert owed(cast) == {}


def test_an_undoing_frees_also_whom_the_head_cannot_see(cast: Cast) -> None:
    made = give(cast, "head", unit="a1")
    with transaction():
        people.deactivate_person(None, cast.person("learner"))
    undo(actor_of(cast, "head"), made)
    assert owed(cast) == {}


@pytest.mark.parametrize("whom", [{"unit": "a1"}, {"people": ("learner",)}])
def test_what_a_head_above_ordered_is_not_changed_below(cast: Cast, whom: dict[str, Any]) -> None:
    made = give(cast, "agency_head", **whom)
    head = actor_of(cast, "head")
    person = cast.person("learner").uuid
    before = owed(cast).keys()
    if "unit" in whom:
        assert assignments.given_for(head, made.uuid).progress.owed == 2  # she may read it
        for one in (None, person):
            with pytest.raises(DomainError, match="Dinas A"):
                extend(head, made, 20, "Sibuk", one)
            with pytest.raises(DomainError, match="Dinas A"):
                withdraw(head, made, "Sibuk", one)
    else:
        with pytest.raises(NotFound):
            withdraw(head, made, "Sibuk", person)
    assert owed(cast).keys() == before
    assert withdraw(actor_of(cast, "wali"), made, "Wali memutuskan") == len(before)


def test_a_vacant_post_falls_to_the_next_head_above(cast: Cast) -> None:
    made = give(cast, "head", unit="a1")
    with transaction():
        people.deactivate_person(None, cast.person("head"))
    above = actor_of(cast, "agency_head")
    assert assignments.given_for(above, made.uuid).progress.owed == 2
    assert withdraw(above, made, "Unit dilebur") == 2
    for name in ("other_head", "learner"):
        other = actor_of(cast, name)
        with pytest.raises(NotFound):
            assignments.given_for(other, made.uuid)


# ── People come and go ───────────────────────────────────────────────────────────────────────


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
        drafts.archive(hr, course)
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


# ── What is told ─────────────────────────────────────────────────────────────────────────────


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


def test_a_deadline_is_not_moved_nearer(cast: Cast) -> None:
    made = give(cast, "head", unit="a1", days=10)
    head = actor_of(cast, "head")
    for days, person in ((10, None), (9, None), (9, cast.person("learner").uuid)):
        with pytest.raises(DomainError) as refused:
            extend(head, made, days, "Salah", person)
        assert refused.value.field == "due_on"
    assert {row.due_on for row in owed(cast).values()} == {in_days(10)}


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


def test_the_preview_counts_what_the_act_does(cast: Cast) -> None:
    complete(cast, "colleague")
    give(cast, "head", people=("learner",))
    above = actor_of(cast, "agency_head")
    target = assignments.unit_target(above, cast.unit("a").uuid)
    course_id = db.session.scalars(sa.select(Assignment.course_id)).one()
    reach = assignments.reach([target], course_id)
    assert (reach.people, reach.completed, reach.obliged, reach.new) == (3, 1, 1, 1)
    assert [row.name for row in reach.rows] == ["Bagus Prasetyo", "Daud Kogoya", "Sari Wulandari"]
    after = assignments.reach([target], course_id, reach.rows[0].uuid)
    assert [row.name for row in after.rows] == ["Daud Kogoya", "Sari Wulandari"]
    give(cast, "agency_head", unit="a")
    assert len(owed(cast)) - 1 == reach.new


def test_a_day_is_written_as_it_is_read(cast: Cast) -> None:
    give(cast, "head", unit="a1", days=0)
    row = owed(cast)["learner"]
    assert isinstance(row.due_on, date)
    assert not duties_of(row.person_id)[0].is_late


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


def test_it_is_not_late_at_once_where_it_is_tomorrow_already(cast: Cast, at: SetClock) -> None:
    at(clock.now().replace(hour=16, minute=30))  # 23.30 WIB, 00.30 WITA
    made = give(cast, "wali", unit="city", days=0)
    rows = owed(cast)
    assert rows["learner"].due_on == today()
    assert rows["stranger"].due_on == in_days(1)
    wali = actor_of(cast, "wali")
    with transaction():
        db.session.get_one(Obligation, rows["stranger"].id).due_on = in_days(-1)
    extend(wali, made, 0, "Server mati", cast.person("stranger").uuid)
    assert owed(cast)["stranger"].due_on == in_days(1)


# ── Two at once ──────────────────────────────────────────────────────────────────────────────


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


def test_a_team_without_units_is_empty(cast: Cast) -> None:
    nobody = Scope((), today(), (cast.people["head"],))
    query = sa.select(Person.id).where(team.is_member(0, large=False))
    assert db.session.scalars(query.params(**nobody.values)).all() == []
    query = sa.select(Person.id).where(team.is_member(0, large=True))
    assert db.session.scalars(query.params(**nobody.values)).all() == []
