"""HR assigns within the reach of the role: as a head does, to nobody outside, and named as HR."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask

from lms.accounts.actions import people, placements, roles
from lms.accounts.models import Position
from lms.accounts.rules import Employment, Role
from lms.core import clock
from lms.core.db import db, transaction
from lms.core.errors import DomainError, NotFound
from lms.learning.actions import amending
from lms.learning.models import Assignment
from lms.learning.queries import assignments
from tests.cast import Cast
from tests.client import PageClient, words
from tests.learning.assigning import REASON, actor_of, give, in_days, news, owed, sweep
from tests.queries import inside
from tests.sample_course import import_course, write_course


@pytest.fixture(autouse=True)
def published(app: Flask, cast: Cast, tmp_path: Path) -> None:
    """With a course, and `hr_a`, who is HR for Dinas A and works in Bidang A1."""
    with app.app_context():
        import_course(write_course(tmp_path))
        with transaction():
            person = people.add_person(
                nip="198501012010012020", name="Wahyuni Tamba", email=None,
                employment=Employment.PNS,
            )  # fmt: skip
            position = db.session.scalars(db.select(Position)).first()
            assert position is not None
            placements.place_person(person, cast.unit("a1"), position, start_on=date(2024, 1, 1))
            roles.grant_role(
                person, Role.HR, cast.unit("a"), start_on=date(2024, 1, 1), reason="SK 3"
            )
        cast.people["hr_a"] = person.id
        db.session.remove()


def test_it_reaches_the_unit_and_not_herself_and_says_that_it_is_hr(
    context: Flask, cast: Cast
) -> None:
    made = give(cast, "hr_a", unit="a")
    assert (made.assigned_as, made.headed_unit_id) == ("Admin SDM", cast.units["a"])
    assert owed(cast).keys() == {"agency_head", "head", "learner", "colleague"}


def test_it_reaches_people_by_name(context: Flask, cast: Cast) -> None:
    made = give(cast, "hr", people=("learner", "stranger"))
    assert made.headed_unit_id == cast.units["city"]
    assert owed(cast).keys() == {"learner", "stranger"}


def test_nobody_outside_the_reach(context: Flask, cast: Cast) -> None:
    for outside in (
        {"unit": "b"},
        {"unit": "city"},
        {"people": ("stranger",)},
        {"people": ("wali",)},
    ):
        with pytest.raises(NotFound):
            give(cast, "hr_a", **outside)
    with pytest.raises(NotFound):
        give(cast, "hr_a", people=("learner", "stranger"))  # not even those within
    with pytest.raises(NotFound):
        give(cast, "hr_a", people=("hr_a",))
    assert owed(cast) == {}


def test_assignments_of_another_agency_are_not_seen(context: Flask, cast: Cast) -> None:
    foreign = give(cast, "other_head", unit="b")
    actor = actor_of(cast, "hr_a")
    assert assignments.given(actor) == ([], False)
    for load in (assignments.given_for, assignments.assignment_for):
        with pytest.raises(NotFound):
            load(actor, foreign.uuid)
    assert [each.uuid for each in assignments.given(actor_of(cast, "hr"))[0]] == [foreign.uuid]


def amend(cast: Cast, by: str, given: Assignment) -> int:
    actor = actor_of(cast, by)
    with transaction():
        found = assignments.assignment_for(actor, given.uuid)
        return amending.extend(actor, found, due_on=in_days(30), reason=REASON)


def test_hr_moves_what_a_head_within_the_reach_has_given(context: Flask, cast: Cast) -> None:
    given = give(cast, "head", unit="a1")
    assert amend(cast, "hr_a", given) == 2  # not her own
    actor = actor_of(cast, "hr")
    with transaction():
        found = assignments.assignment_for(actor, given.uuid)
        assert amending.withdraw(actor, found, reason=REASON) == 3


def test_hr_of_a_part_leaves_alone_what_was_given_from_above(context: Flask, cast: Cast) -> None:
    given = give(cast, "wali", unit="a")
    with pytest.raises(DomainError):
        amend(cast, "hr_a", given)
    assert not assignments.given_for(actor_of(cast, "hr_a"), given.uuid).may_change(
        actor_of(cast, "hr_a")
    )


def test_a_head_leaves_alone_what_hr_of_a_larger_reach_has_given(
    context: Flask, cast: Cast
) -> None:
    given = give(cast, "hr", unit="a1")
    with pytest.raises(DomainError):
        amend(cast, "head", given)
    assert amend(cast, "hr", given) == 4


def test_from_the_units_to_an_assignment_and_back(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    client.sign_in(cast.people["hr_a"])
    a1 = inside(app, cast.unit, "a1").uuid
    start = client.get(f"/units/{a1}").get_data(as_text=True)
    assert f'href="/assignments/new?unit={a1}"' in start
    form = client.get(f"/assignments/new?unit={a1}").get_data(as_text=True)
    assert f'<option value="{a1}" selected>' in form
    assert "Dinas B" not in form
    assert 'href="/team"' not in form
    sent = {
        "course": "melayani",
        "unit": str(a1),
        "due_on": in_days(20).isoformat(),
        "reason": REASON,
    }
    preview = words(client.send("/assignments/preview", sent))
    assert "Tugaskan kepada 3 pegawai" in preview
    made = client.send("/assignments", sent)
    assert made.status_code == 302
    page = client.get(made.location)
    assert "Ditugaskan oleh Wahyuni Tamba (Admin SDM)" in words(page)
    assert "Urungkan" in words(page)
    assert "/team/" not in page.get_data(as_text=True)
    learner = inside(app, cast.person, "learner").uuid
    assert f'href="/people/{learner}"' in page.get_data(as_text=True)
    extended = client.send(
        f"{made.location}/extend", {"due_on": in_days(40).isoformat(), "reason": REASON}
    )
    assert extended.status_code == 302
    undone = client.send(f"{made.location}/undo")
    assert undone.status_code == 302
    assert inside(app, owed, cast) == {}
    assert "ditarik" in words(client.get("/assignments"))


def test_the_learner_is_told_by_whom(app: Flask, client: PageClient, cast: Cast) -> None:
    inside(app, give, cast, "hr", people=("learner",))
    later = clock.now() + timedelta(minutes=2)
    clock.set_clock(lambda: later)
    inside(app, sweep)
    assert inside(app, news, cast, "learner") == ["course_assigned"]
    client.sign_in(cast.people["learner"])
    assert "dari Yulia Hartati" in words(client.get("/"))


def test_the_page_of_a_person_leads_to_it_where_hr_may(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    client.sign_in(cast.people["hr"])
    for name, may in (("learner", True), ("auditor", False), ("hr", False)):
        uuid = inside(app, cast.person, name).uuid
        page = client.get(f"/people/{uuid}").get_data(as_text=True)
        assert (f"/assignments/new?person={uuid}" in page) is may, name
    client.sign_in(cast.people["auditor"])
    learner = inside(app, cast.person, "learner").uuid
    assert "/assignments/new" not in client.get(f"/people/{learner}").get_data(as_text=True)


def test_a_head_who_is_hr_too_comes_to_the_page_that_she_may_open(
    app: Flask, cast: Cast, client: PageClient
) -> None:
    """People of the own team by the board, those within the reach of HR by the register."""
    with app.app_context():
        with transaction():
            roles.grant_role(
                cast.person("head"), Role.HR, cast.unit("b"), start_on=in_days(0), reason="SK 5"
            )
        given = {
            "people": give(cast, "hr", unit="b").uuid,
            "team": give(cast, "head", unit="a1").uuid,
        }
        expected = {
            "people": {cast.person(name).uuid for name in ("other_head", "stranger", "mover")},
            "team": {cast.person(name).uuid for name in ("hr_a", "learner", "colleague")},
        }
        db.session.remove()
    client.sign_in(cast.people["head"])
    for place, uuid in given.items():
        page = client.get(f"/assignments/{uuid}").get_data(as_text=True)
        linked = set(re.findall(r'class="pname" href="([^"]+)"', page))
        assert linked == {f"/{place}/{person}" for person in expected[place]}
        for address in linked:
            assert client.get(address).status_code == 200
