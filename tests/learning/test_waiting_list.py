"""Who waits for a seat in a cohort: by which way, what they read, and when they move up."""

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask

from lms.core.db import db, transaction
from lms.courses.rules import CourseRole
from lms.demo.past import Learner
from lms.learning.actions import running
from tests.cast import Cast
from tests.client import PageClient, words
from tests.learning import classes
from tests.learning.test_entering import client_of
from tests.learning.test_runs import COURSE, PAGE, add, inside, plan
from tests.sample_course import import_course, write_course


@pytest.fixture
def stage(app: Flask, cast: Cast, tmp_path: Path) -> Cast:
    """A published course, taken by cohorts, that `stranger` owns."""
    with app.app_context():
        import_course(write_course(tmp_path))
        classes.join(cast.people["stranger"], CourseRole.OWNER)
        db.session.remove()
    owner = client_of(app, cast, "stranger")
    owner.send("/studio/melayani/enrolment", {"way": "direct", "by_run": "y"})
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
