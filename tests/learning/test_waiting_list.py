"""Who waits for a seat in a cohort: by which way, what they read, and when they move up."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Event
from time import sleep
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.accounts.models import Person
from lms.core import clock
from lms.core.db import db, transaction
from lms.core.errors import DomainError
from lms.demo.past import Learner
from lms.learning.actions import running
from lms.learning.models import Admission, Enrolment, RunWaiting
from lms.learning.queries import locked_enrolment
from lms.learning.rules import EnrolmentState
from tests.cast import Cast
from tests.client import PageClient, client_of, words
from tests.conftest import SetClock
from tests.learning import classes
from tests.learning.assigning import in_days
from tests.learning.cohorts import COURSE, PAGE, add, begin, inside, plan
from tests.learning.test_entering import news


@pytest.fixture
def stage(app: Flask, cast: Cast, tmp_path: Path) -> Cast:
    """A published course, taken by cohorts, that `stranger` owns."""
    begin(app, cast, tmp_path)
    return cast


@pytest.fixture
def owner(app: Flask, stage: Cast) -> PageClient:
    return client_of(app, stage, "stranger")


@pytest.fixture
def learner(app: Flask, stage: Cast) -> PageClient:
    return client_of(app, stage, "learner")


def seat(app: Flask, runs: Sequence[UUID]) -> list[Learner]:
    """Somebody in each cohort."""
    with app.app_context():
        people = [classes.learner(number) for number in range(len(runs))]
        for person, run in zip(people, runs, strict=True):
            with transaction():
                running.join(person, classes.course(), run)
        db.session.remove()
    return people


@pytest.mark.parametrize("way", ["invitation", "approval", "direct"])
def test_who_waits_by_an_invitation_keeps_it(
    app: Flask, stage: Cast, owner: PageClient, learner: PageClient, way: str
) -> None:
    """The course is for others: only the invitation lets them in."""
    enrolment = "/studio/melayani/enrolment"
    sent = {"way": way, "by_run": "y", "units-0": "B"}
    first, second = add(app, owner, seats=1), add(app, owner, "Angkatan II", seats=1)
    seat(app, [first, second])
    assert owner.send(enrolment, sent).status_code == 302
    with app.app_context():
        invited = stage.person("learner").uuid
    assert owner.send(f"{enrolment}/invitations", {"p": [invited]}).status_code == 302

    for _ in range(2):  # twice is once
        assert learner.send(f"{COURSE}/enrol", {"run": first}).status_code == 302
        page = words(learner.get(COURSE))
        assert "Urutan Anda di daftar tunggu: 1" in page
        assert "Tolak undangan" not in page
        assert "Keluar dari daftar tunggu" in page
    assert learner.send(f"{COURSE}/enrol", {"run": second}).status_code == 302  # moves over
    assert "Angkatan II , " in words(learner.get(COURSE))
    assert learner.send(f"{COURSE}/leave").status_code == 302
    assert "Pilih angkatan" in words(learner.get(COURSE))
    assert learner.send(f"{COURSE}/enrol", {"run": second}).status_code == 302
    with app.app_context():
        third = plan("Angkatan II", seats=2)
    assert owner.send(f"{PAGE}/{second}", third).status_code == 302
    assert "learner" in inside(app, stage)


def test_who_waits_reads_so_and_may_leave_though_the_course_is_for_others_now(
    app: Flask, stage: Cast, owner: PageClient, learner: PageClient
) -> None:
    run = add(app, owner, seats=1)
    for client in (client_of(app, stage, "colleague"), learner):
        client.send(f"{COURSE}/enrol", {"run": run})
    closed = {"way": "direct", "by_run": "y", "units-0": "B"}
    assert owner.send("/studio/melayani/enrolment", closed).status_code == 302
    page = words(learner.get(COURSE))
    assert "Belum dapat Anda ikuti" in page
    assert "Urutan Anda di daftar tunggu: 1" in page
    assert "Pilih angkatan" not in page
    assert learner.send(f"{COURSE}/enrol", {"run": run}).status_code == 302  # twice is once
    assert learner.send(f"{COURSE}/leave").status_code == 302
    assert "Urutan Anda di daftar tunggu" not in words(learner.get(COURSE))
    assert learner.send(f"{COURSE}/enrol", {"run": run}).status_code == 422


def test_who_moved_up_after_the_cohort_began_may_leave_until_a_part_is_done(
    app: Flask, stage: Cast, owner: PageClient, learner: PageClient, at: SetClock
) -> None:
    with app.app_context():
        begins: dict[str, Any] = {"starts_on": in_days(2), "seats": 2}
    run = add(app, owner, **begins)
    [first] = seat(app, [run])
    colleague, mover = client_of(app, stage, "colleague"), client_of(app, stage, "mover")
    for client in (colleague, learner, mover):
        client.send(f"{COURSE}/enrol", {"run": run})
    at(clock.now() + timedelta(days=3))
    for name, client in (("colleague", colleague), ("learner", learner), ("mover", mover)):
        client.sign_in(stage.people[name])

    def goes(person: int) -> None:
        with app.app_context(), transaction():
            running.withdraw(None, db.session.get_one(Person, person), "melayani", reason="Pindah")

    assert "Keluar dari angkatan" not in words(colleague.get(COURSE)), "had the seat before"
    assert colleague.send(f"{COURSE}/leave").status_code == 422
    goes(first.person_id)
    assert inside(app, stage) == {"colleague", "learner"}
    assert "Keluar dari angkatan" in words(learner.get(COURSE))
    assert learner.send(f"{COURSE}/leave").status_code == 302
    assert inside(app, stage) == {"colleague", "mover"}
    assert mover.send(f"{COURSE}/learn/sapa/done").status_code == 302
    assert "Keluar dari angkatan" not in words(mover.get(COURSE))
    assert mover.send(f"{COURSE}/leave").status_code == 422


def test_nobody_moves_up_in_an_archived_course(
    app: Flask, stage: Cast, owner: PageClient, learner: PageClient
) -> None:
    with app.app_context():
        begins: dict[str, Any] = {"starts_on": in_days(2), "seats": 1}
    run = add(app, owner, **begins)
    colleague = client_of(app, stage, "colleague")
    for client in (colleague, learner):
        client.send(f"{COURSE}/enrol", {"run": run})
    with app.app_context(), transaction():
        classes.course().archived_at = clock.now()
    assert colleague.send(f"{COURSE}/leave").status_code == 302
    assert inside(app, stage) == set()
    assert news(app, stage, "learner") == []


def test_moving_up_answers_the_invitation_that_came_meanwhile(
    app: Flask, stage: Cast, owner: PageClient, learner: PageClient
) -> None:
    with app.app_context():
        begins: dict[str, Any] = {"starts_on": in_days(2), "seats": 1}
        invited = stage.person("learner").uuid
    run = add(app, owner, **begins)
    colleague = client_of(app, stage, "colleague")
    for client in (colleague, learner):
        client.send(f"{COURSE}/enrol", {"run": run})
    owner.send("/studio/melayani/enrolment/invitations", {"p": [invited]})
    colleague.send(f"{COURSE}/leave")
    assert inside(app, stage) == {"learner"}
    with app.app_context():
        assert db.session.scalars(sa.select(Admission.state)).one() == "accepted"
        person = stage.people["learner"]
        source = sa.select(Enrolment.source).where(Enrolment.person_id == person)
        assert db.session.scalars(source).one() == "invited"


def test_a_free_seat_asks_for_nobody_but_the_first_who_waits(
    app: Flask, stage: Cast, owner: PageClient
) -> None:
    with app.app_context():
        begins: dict[str, Any] = {"starts_on": in_days(2), "seats": 2}
    run = add(app, owner, **begins)
    read: list[object] = []

    def note(row: object, _context: object) -> None:
        read.append(row)

    with app.app_context():
        people = [classes.learner(number) for number in range(9)]
        for person in people:
            with transaction():
                running.join(person, classes.course(), run)
        db.session.remove()
        sa.event.listen(RunWaiting, "load", note)
        try:
            with transaction():
                running.leave(people[0], classes.course())
        finally:
            sa.event.remove(RunWaiting, "load", note)
        assert len(read) == 1
        taken = sa.select(Enrolment.person_id).where(Enrolment.state == "open")
        assert set(db.session.scalars(taken)) == {people[n].person_id for n in (1, 2)}


def test_a_stale_page_gives_no_seat_in_another_cohort(
    app: Flask, stage: Cast, owner: PageClient, learner: PageClient
) -> None:
    first, second = add(app, owner), add(app, owner, "Angkatan II")
    for _ in range(2):  # twice is once
        assert learner.send(f"{COURSE}/enrol", {"run": first}).status_code == 302
    stale = learner.send(f"{COURSE}/enrol", {"run": second})
    assert stale.status_code == 422
    assert "Anda sudah mendapat kursi di angkatan Angkatan I." in words(stale)
    assert "Angkatan: Angkatan I," in words(stale)
    with app.app_context(), transaction():
        db.session.execute(sa.update(Enrolment).values(run_id=None))
    outside = learner.send(f"{COURSE}/enrol", {"run": second})
    assert outside.status_code == 422
    assert "Anda sudah terdaftar di kursus ini." in words(outside)


def test_who_completes_in_the_same_moment_is_not_withdrawn(
    app: Flask, stage: Cast, owner: PageClient
) -> None:
    run = add(app, owner)
    with app.app_context():
        person = classes.learner(0)
        with transaction():
            running.join(person, classes.course(), run)
        db.session.remove()
    held, said = Event(), []

    def completes() -> None:
        with app.app_context(), app.test_request_context():
            with transaction():
                uuid = db.session.scalars(sa.select(Enrolment.uuid)).one()
                enrolment = locked_enrolment(uuid)
                held.set()
                sleep(1)  # the other one has read that it is open, and waits
                enrolment.state, enrolment.closed_at = EnrolmentState.COMPLETED, clock.now()
            db.session.remove()

    def withdraws() -> None:
        assert held.wait(10)
        with app.app_context(), app.test_request_context():
            try:
                with transaction():
                    running.withdraw(None, classes.person(person), "melayani", reason="Pindah")
            except DomainError as error:
                said.append(error.message)
            db.session.remove()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(completes), pool.submit(withdraws)]:
            done.result(30)
    with app.app_context():
        assert db.session.scalars(sa.select(Enrolment.state)).one() is EnrolmentState.COMPLETED
    assert len(said) == 1
