"""Cohorts: seats, waiting lists and who moves up, as learners and owners meet them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.core import clock
from lms.core.db import db, transaction
from lms.courses.rules import CourseRole
from lms.demo.past import Learner
from lms.learning import jobs as learning_jobs
from lms.learning.actions import running
from lms.learning.models import Enrolment, RunWaiting
from lms.learning.queries import runs
from lms.learning.rules import Registration, registration
from tests.cast import Cast
from tests.client import PageClient, client_of, words
from tests.conftest import SetClock
from tests.learning import classes
from tests.learning.assigning import in_days
from tests.learning.cohorts import COURSE, PAGE, add, begin, inside, plan
from tests.learning.test_entering import news
from tests.queries import counted


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


def test_when_a_cohort_registers() -> None:
    day = datetime(2027, 2, 1, tzinfo=UTC).date()

    def at(days: int, *, is_cancelled: bool = False) -> Registration:
        return registration(
            day + timedelta(days=days),
            opens_on=day, closes_on=day + timedelta(days=2), is_cancelled=is_cancelled,
        )  # fmt: skip

    assert [at(days).value for days in (-1, 0, 2, 3)] == ["soon", "open", "open", "over"]
    assert at(0, is_cancelled=True) is Registration.CANCELLED


def test_one_chooses_a_cohort_that_registers_now(
    app: Flask, stage: Cast, owner: PageClient, learner: PageClient
) -> None:
    assert "Belum ada angkatan yang membuka pendaftaran" in words(learner.get(COURSE))
    assert learner.send(f"{COURSE}/enrol").status_code == 422
    with app.app_context():
        later: dict[str, Any] = {"registers_from": in_days(2)}
    soon, now = add(app, owner, "Nanti", **later), add(app, owner, "Sekarang")
    page = words(learner.get(COURSE))
    assert "Sekarang" in page
    assert "Pendaftaran dibuka" in page  # of the other one
    assert learner.send(f"{COURSE}/enrol", {"run": soon}).status_code == 422
    assert learner.send(f"{COURSE}/enrol", {"run": "x"}).status_code == 422
    assert learner.send(f"{COURSE}/enrol", {"run": stage.units["a"]}).status_code == 422
    assert learner.send(f"{COURSE}/enrol", {"run": now}).status_code == 302
    assert "Angkatan: Sekarang" in words(learner.get(COURSE))
    assert "Mulai belajar" in words(learner.get(COURSE))


def test_a_full_cohort_has_a_waiting_list_and_its_first_moves_up(
    app: Flask, stage: Cast, owner: PageClient, learner: PageClient
) -> None:
    with app.app_context():
        begins: dict[str, Any] = {"starts_on": in_days(3), "seats": 1}
    run = add(app, owner, **begins)
    colleague, mover = client_of(app, stage, "colleague"), client_of(app, stage, "mover")
    for client in (learner, colleague, mover):
        assert client.send(f"{COURSE}/enrol", {"run": run}).status_code == 302
    colleague.send(f"{COURSE}/enrol", {"run": run})  # twice is once
    assert inside(app, stage) == {"learner"}
    assert "Urutan Anda di daftar tunggu: 1" in words(colleague.get(COURSE))
    assert "Urutan Anda di daftar tunggu: 2" in words(mover.get(COURSE))
    shown = words(owner.get(f"{PAGE}/{run}"))
    assert shown.index("Daud Kogoya") < shown.index("Putu Ayu Lestari")
    assert "1 dari 1 kursi terisi, 2 menunggu" in shown

    assert learner.send(f"{COURSE}/leave").status_code == 302
    assert inside(app, stage) == {"colleague"}
    assert news(app, stage, "colleague") == ["run_promoted"]
    assert "Kursi untuk Anda: Melayani dengan ramah" in words(colleague.get("/notifications"))
    assert "Urutan Anda di daftar tunggu: 1" in words(mover.get(COURSE))
    mover.send(f"{COURSE}/leave")
    colleague.send(f"{COURSE}/leave")
    assert inside(app, stage) == set()
    assert learner.send(f"{COURSE}/enrol", {"run": run}).status_code == 302
    assert inside(app, stage) == {"learner"}


def test_more_seats_go_to_those_who_wait(
    app: Flask, stage: Cast, owner: PageClient, learner: PageClient
) -> None:
    run = add(app, owner, seats=1)
    for name in ("learner", "colleague", "mover"):
        client_of(app, stage, name).send(f"{COURSE}/enrol", {"run": run})
    with app.app_context():
        sent = plan(seats=2)
    assert owner.send(f"{PAGE}/{run}", sent).status_code == 302
    assert inside(app, stage) == {"learner", "colleague"}
    refused = owner.send(f"{PAGE}/{run}", {**sent, "seats": 1})
    assert refused.status_code == 422
    assert "Sudah 2 peserta" in words(refused)


@pytest.mark.parametrize("seats", [0, 50])
def test_many_seats_are_given_step_by_step_and_nobody_passes_those_who_wait(
    app: Flask, stage: Cast, owner: PageClient, learner: PageClient, seats: int
) -> None:
    run = add(app, owner, seats=1)
    with app.app_context():
        people = [classes.learner(number) for number in range(46)]
        for person in people:
            with transaction():
                running.join(person, classes.course(), run)
        sent = plan(seats=seats)
        db.session.remove()
    assert owner.send(f"{PAGE}/{run}", sent).status_code == 302
    assert seated(app) == 1 + running.AT_ONCE
    if seats:  # 25 still wait for 29 seats
        told = words(learner.get(COURSE))
        assert "Sisa 4 kursi. Daftar angkatan ini" in told
        with app.app_context():
            late = [classes.learner(number) for number in range(46, 51)]
            for person, place in zip(late, (0, 0, 0, 0, 26), strict=True):
                with transaction():
                    assert running.join(person, classes.course(), run) == place
            db.session.remove()
        assert "Penuh; 26 menunggu. Masuk daftar tunggu" in words(learner.get(COURSE))
    with app.app_context():
        learning_jobs.sweep_seats()
        assert runs.due_runs(clock.now()) == []
    assert seated(app) == (50 if seats else 46)
    with app.app_context():
        held = sa.select(Enrolment.person_id)
        assert {person.person_id for person in people} <= set(db.session.scalars(held))


def seated(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(Enrolment)) or 0


def test_fifty_at_once_for_the_last_ten_seats(app: Flask, stage: Cast, owner: PageClient) -> None:
    run = add(app, owner, seats=10)
    with app.app_context():
        people = [classes.learner(number) for number in range(50)]
        db.session.remove()
    gate = Barrier(10)

    def rush(group: list[Learner]) -> list[int]:
        gate.wait()
        found = []
        for person in group:
            with app.app_context(), app.test_request_context():
                with transaction():
                    found.append(running.join(person, classes.course(), run))
                db.session.remove()
        return found

    with ThreadPoolExecutor(10) as pool:
        groups = [people[n::10] for n in range(10)]
        places = [place for group in pool.map(rush, groups) for place in group]
    assert sorted(places) == [0] * 10 + list(range(1, 41))
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Enrolment)) == 10
        assert db.session.scalar(sa.select(sa.func.count()).select_from(RunWaiting)) == 40


def test_everybody_leaving_at_once_hands_every_seat_on(
    app: Flask, stage: Cast, owner: PageClient
) -> None:
    with app.app_context():
        begins: dict[str, Any] = {"starts_on": in_days(3), "seats": 5}
    run = add(app, owner, **begins)
    with app.app_context():
        people = [classes.learner(number) for number in range(12)]
        for person in people:
            with transaction():
                running.join(person, classes.course(), run)
        db.session.remove()
    gate = Barrier(5)

    def go(person: Learner) -> None:
        gate.wait()
        with app.app_context(), app.test_request_context():
            with transaction():
                running.leave(person, classes.course())
            db.session.remove()

    with ThreadPoolExecutor(5) as pool:
        list(pool.map(go, people[:5]))
    with app.app_context():
        held = sa.select(Enrolment.person_id).where(Enrolment.state == "open")
        assert set(db.session.scalars(held)) == {person.person_id for person in people[5:10]}
        left = sa.select(RunWaiting.person_id).where(RunWaiting.ended_at.is_(None))
        assert set(db.session.scalars(left)) == {person.person_id for person in people[10:]}


def test_the_parts_open_with_the_cohort(
    app: Flask, stage: Cast, owner: PageClient, learner: PageClient, at: SetClock
) -> None:
    with app.app_context():
        begins: dict[str, Any] = {"starts_on": in_days(3)}
    run = add(app, owner, **begins)
    learner.send(f"{COURSE}/enrol", {"run": run})
    page = words(learner.get(COURSE))
    assert "Angkatan: Angkatan I," in page
    assert "Mulai belajar" not in page
    assert "Dibuka" in page
    lesson = learner.get(f"{COURSE}/learn/sapa")
    assert lesson.status_code == 403
    assert "Dibuka" in words(lesson)
    assert learner.send(f"{COURSE}/learn/sapa/done").status_code == 422
    assert learner.send(f"{COURSE}/learn/akhir/attempts").status_code == 422
    at(clock.now() + timedelta(days=4))
    learner.sign_in(stage.people["learner"])
    assert learner.get(f"{COURSE}/learn/sapa").status_code == 200
    assert learner.send(f"{COURSE}/learn/sapa/done").status_code == 302
    refused = learner.send(f"{COURSE}/leave")
    assert refused.status_code == 422
    assert "sudah dimulai" in words(refused)


def test_learners_are_moved_as_far_as_there_are_seats(
    app: Flask, stage: Cast, owner: PageClient, learner: PageClient
) -> None:
    first, second = add(app, owner, seats=1), add(app, owner, "Angkatan II", seats=1)
    colleague = client_of(app, stage, "colleague")
    for client in (learner, colleague):
        client.send(f"{COURSE}/enrol", {"run": first})
    with app.app_context():
        enrolments = list(db.session.scalars(sa.select(Enrolment.uuid)))
    move = "/studio/melayani/learners/move"
    assert "Angkatan II" in words(owner.send(move, {"p": enrolments}))
    assert owner.send(move, {"p": enrolments, "run": second}).status_code == 302
    assert inside(app, stage) == {"learner", "colleague"}  # who waited has the free seat
    assert news(app, stage, "learner") == ["run_moved"]
    with app.app_context():
        enrolments = list(db.session.scalars(sa.select(Enrolment.uuid)))
    refused = owner.send(move, {"p": enrolments, "run": second})
    assert refused.status_code == 422
    assert "Kursi yang tersisa hanya 0." in words(refused)
    page = words(owner.get(f"/studio/melayani/learners?run={second}"))
    assert "Sari Wulandari" in page
    assert "Daud Kogoya" not in page
    table = owner.send(f"/studio/melayani/learners/export?run={second}", {"format": "csv"})
    assert "Angkatan II" in table.get_data(as_text=True)
    assert "Daud Kogoya" not in table.get_data(as_text=True)


def test_a_cohort_without_people_is_cancelled_with_a_reason(
    app: Flask, stage: Cast, owner: PageClient, learner: PageClient
) -> None:
    run = add(app, owner)
    learner.send(f"{COURSE}/enrol", {"run": run})
    refused = owner.send(f"{PAGE}/{run}/cancel", {"reason": "Anggaran"})
    assert refused.status_code == 422
    assert "Pindahkan dahulu pesertanya" in words(refused)
    other = add(app, owner, "Angkatan II")
    assert owner.send(f"{PAGE}/{other}/cancel", {}).status_code == 422
    assert owner.send(f"{PAGE}/{other}/cancel", {"reason": "Anggaran"}).status_code == 302
    assert "Angkatan dibatalkan" in words(owner.get(PAGE))
    colleague = client_of(app, stage, "colleague")
    assert colleague.send(f"{COURSE}/enrol", {"run": other}).status_code == 422


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "Isi nama"),
        ({"registers_until": "2020-01-01"}, "Pendaftaran ditutup sesudah dibuka"),
        ({"ends_on": "2020-01-01"}, "Angkatan berakhir sesudah dimulai"),
        ({"seats": "-1"}, "Tulis 0 sampai 100.000"),
        ({"starts_on": ""}, "Isi tanggal"),
        ({"starts_on": "besok"}, "Isi tanggal"),
    ],
)
def test_a_plan_that_will_not_do_is_said_beside_its_field(
    app: Flask, owner: PageClient, wrong: dict[str, Any], said: str
) -> None:
    with app.app_context():
        sent = {**plan("Angkatan III"), **wrong}
    refused = owner.send(PAGE, sent)
    assert refused.status_code == 422
    assert said in words(refused)


def test_a_name_is_given_once(app: Flask, owner: PageClient) -> None:
    add(app, owner)
    with app.app_context():
        sent = plan()
    assert "sudah dipakai" in words(owner.send(PAGE, sent))


def test_only_owners_plan_and_only_their_own_course(
    app: Flask, stage: Cast, owner: PageClient
) -> None:
    run = add(app, owner)
    with app.app_context():
        db.session.execute(sa.text("DELETE FROM course_member"))
        db.session.commit()
        sent = plan("Lain")
    assert owner.get(PAGE).status_code == 404
    with app.app_context():
        classes.join(stage.people["stranger"], CourseRole.MARKER)
        db.session.remove()
    assert owner.get(PAGE).status_code == 200
    for path in (PAGE, f"{PAGE}/{run}", f"{PAGE}/{run}/cancel", "/studio/melayani/learners/move"):
        assert owner.send(path, {**sent, "reason": "x"}).status_code == 403
    assert owner.get(f"{PAGE}/{run}").status_code == 403


def test_the_page_of_the_course_keeps_its_budget(
    app: Flask, stage: Cast, owner: PageClient, learner: PageClient
) -> None:
    run = add(app, owner, seats=1)
    learner.get(COURSE)
    for _ in range(2):
        with counted(app) as statements:
            learner.get(COURSE)
        assert len(statements) <= 8, "\n".join(statements)
        learner.send(f"{COURSE}/enrol", {"run": run})
