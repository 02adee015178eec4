"""Assignments: who may give them to whom and until when, and who may change or end them."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from lms.accounts.actions import people
from lms.core import clock
from lms.core.audit import AuditEntry
from lms.core.db import db, transaction
from lms.core.errors import DomainError, NotFound
from lms.learning.models import Assignment, Obligation
from lms.learning.queries import assignments
from lms.learning.queries.duties import duties_of
from lms.learning.rules import end_of_day
from tests.cast import Cast
from tests.conftest import SetClock
from tests.learning.assigning import (
    REASON,
    act_as_head,
    actor_of,
    complete,
    extend,
    give,
    in_days,
    later,
    owed,
    place,
    sweep,
    today,
    undo,
    withdraw,
)

pytestmark = pytest.mark.usefixtures("noon")


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


def test_a_deadline_is_not_moved_nearer(cast: Cast) -> None:
    made = give(cast, "head", unit="a1", days=10)
    head = actor_of(cast, "head")
    for days, person in ((10, None), (9, None), (9, cast.person("learner").uuid)):
        with pytest.raises(DomainError) as refused:
            extend(head, made, days, "Salah", person)
        assert refused.value.field == "due_on"
    assert {row.due_on for row in owed(cast).values()} == {in_days(10)}


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
