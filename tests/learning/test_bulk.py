"""Acts on many learners: whom they reach, at once or by the job, and taking out of a course."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.accounts.actions import roles
from lms.accounts.rules import Role
from lms.core import clock
from lms.core.db import db, transaction
from lms.courses.models import Course, CourseMember
from lms.courses.rules import CourseRole
from lms.learning import actions
from lms.learning.actions import bulk
from lms.learning.jobs import sweep_bulk_acts
from lms.learning.models import (
    BulkAct,
    Completion,
    Enrolment,
    LessonDone,
    Obligation,
    QuizAllowance,
)
from lms.learning.rules import EnrolmentState
from lms.notifications.models import Notification
from lms.quizzes.models import Attempt
from tests.cast import Cast
from tests.client import PageClient, client_of, words
from tests.conftest import SetClock
from tests.learning import classes
from tests.learning.answers import start, take
from tests.learning.assigning import give, in_days
from tests.learning.cohorts import COURSE, add, inside
from tests.learning.test_entering import news
from tests.queries import counted
from tests.sample_course import import_course, write_course

PAGE = "/studio/melayani/learners"
ALLOWANCES = "/studio/melayani/allowances"
ALL = {"all": "1"}


@pytest.fixture
def stage(app: Flask, cast: Cast, tmp_path: Path) -> Cast:
    """A published course that `stranger` owns."""
    with app.app_context():
        import_course(write_course(tmp_path, time_limit=20, attempts=1))
        classes.join(cast.people["stranger"], CourseRole.OWNER)
        db.session.remove()
    return cast


@pytest.fixture
def owner(app: Flask, stage: Cast) -> PageClient:
    return client_of(app, stage, "stranger")


@pytest.fixture
def learner(app: Flask, stage: Cast) -> PageClient:
    client = client_of(app, stage, "learner")
    client.send(f"{COURSE}/enrol")
    return client


def enrol(app: Flask, numbers: Iterable[int]) -> None:
    with app.test_request_context():
        for person in [classes.learner(number) for number in numbers]:
            with transaction():
                actions.enrol(person, classes.course())
        db.session.remove()


def many(app: Flask, count: int = 5) -> None:
    """People in the course; the first of them has completed it."""
    enrol(app, range(count))
    with app.app_context(), transaction():
        first = db.session.scalars(sa.select(Enrolment).order_by(Enrolment.id)).first()
        assert first is not None
        first.state, first.closed_at = EnrolmentState.COMPLETED, clock.now()


def uuids(app: Flask) -> list[str]:
    with app.app_context():
        return [
            str(u) for u in db.session.scalars(sa.select(Enrolment.uuid).order_by(Enrolment.id))
        ]


def states(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(sa.select(Enrolment.state).order_by(Enrolment.id)))


def told(app: Flask, kind: str) -> int:
    with app.app_context():
        query = sa.select(sa.func.count()).where(Notification.kind == kind)
        return db.session.scalar(query) or 0


def audited(app: Flask, action: str) -> int:
    with app.app_context():
        query = sa.text("SELECT count(*) FROM audit_entry WHERE action = :action")
        return db.session.scalar(query, {"action": action}) or 0


def sweep(app: Flask) -> None:
    with app.app_context():
        sweep_bulk_acts()
        db.session.remove()


@pytest.fixture
def by_job(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than two are too many for a request."""
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    monkeypatch.setattr(bulk, "STEP", 2)


# ── Taking out ───────────────────────────────────────────────────────────────────────────────


def test_somebody_is_taken_out_from_their_page_and_told(
    app: Flask, stage: Cast, owner: PageClient, learner: PageClient
) -> None:
    learner.send(f"{COURSE}/learn/sapa/done")
    with app.test_request_context():
        give(stage, "head", people=("learner",), days=5)
    page = owner.get(f"{PAGE}/{uuids(app)[0]}")
    assert "Keluarkan dari kursus" in words(page)
    asks = owner.send(f"{PAGE}/take-out", {"p": uuids(app)})
    assert "Bagi 1 peserta" in words(asks)
    assert states(app) == ["open"]
    assert owner.send(f"{PAGE}/take-out", {"p": uuids(app), "reason": " "}).status_code == 422
    sent = {"p": uuids(app), "reason": "Pindah tugas"}
    assert owner.send(f"{PAGE}/take-out", sent).location == PAGE
    assert "1 peserta dikeluarkan" in words(owner.get(PAGE))
    assert states(app) == ["withdrawn"]
    inbox = words(learner.get("/notifications"))
    assert "Anda dikeluarkan dari kursus: Melayani dengan ramah" in inbox
    assert "Alasan: Pindah tugas" in inbox
    assert audited(app, "learning.withdrawn") == 1
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(LessonDone)) == 1
        owed = db.session.scalars(sa.select(Obligation)).one()
        assert owed.ended_at is None
    assert "Keluarkan dari kursus" not in words(owner.get(f"{PAGE}/{uuids(app)[0]}"))
    assert learner.send(f"{COURSE}/enrol").status_code == 302  # anew
    assert states(app) == ["withdrawn", "open"]


def test_a_seat_of_a_cohort_that_has_begun_goes_to_who_waits(
    app: Flask, stage: Cast, owner: PageClient
) -> None:
    owner.send("/studio/melayani/enrolment", {"way": "direct", "by_run": "y"})
    run = add(app, owner, seats=1)
    for name in ("learner", "colleague", "mover"):
        client_of(app, stage, name).send(f"{COURSE}/enrol", {"run": run})
    assert inside(app, stage) == {"learner"}
    owner.send(f"{PAGE}/take-out?run={run}", {**ALL, "reason": "Tidak hadir"})
    assert inside(app, stage) == {"colleague"}
    assert news(app, stage, "learner") == ["taken_out"]
    assert news(app, stage, "colleague") == ["run_promoted"]
    assert news(app, stage, "mover") == []


def test_who_has_completed_stays(
    app: Flask, stage: Cast, owner: PageClient, learner: PageClient
) -> None:
    for key in ("sapa", "dengar"):
        learner.send(f"{COURSE}/learn/{key}/done")
    for key in ("kuis-1", "akhir"):
        take(learner, "melayani", key, right=True)
    assert states(app) == ["completed"]
    assert "Keluarkan dari kursus" not in words(owner.get(f"{PAGE}/{uuids(app)[0]}"))
    owner.send(f"{PAGE}/take-out", {"p": uuids(app)})
    assert "tidak ada yang sedang belajar" in words(owner.get(PAGE))
    refused = owner.send(f"{PAGE}/take-out", {"p": uuids(app), "reason": "Keliru"})
    assert refused.status_code == 422
    assert "Keliru" in refused.get_data(as_text=True)
    assert states(app) == ["completed"]
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Completion)) == 1


@pytest.mark.parametrize("role", [CourseRole.AUTHOR, CourseRole.MARKER])
def test_only_owners_take_out(
    app: Flask, stage: Cast, owner: PageClient, learner: PageClient, role: CourseRole
) -> None:
    assert "Keluarkan dari kursus" in words(owner.get(PAGE))
    with app.app_context(), transaction():
        db.session.scalars(sa.select(CourseMember)).one().role = role
    for page in (PAGE, f"{PAGE}/{uuids(app)[0]}"):
        assert "Keluarkan dari kursus" not in words(owner.get(page))
    sent = {"p": uuids(app), "reason": "x"}
    assert owner.send(f"{PAGE}/take-out", sent).status_code == 403
    assert states(app) == ["open"]


# ── Everybody who matches ────────────────────────────────────────────────────────────────────


def test_everybody_who_matches_is_reached_and_nobody_else(
    app: Flask, stage: Cast, owner: PageClient
) -> None:
    many(app)
    assert "Semua 5 peserta" in words(owner.get(PAGE))
    page = f"{PAGE}?q=peserta+003"
    assert "Semua 1 yang cocok dengan saringan" in words(owner.get(page))
    assert "Kepada 1 peserta" in words(owner.send(f"{PAGE}/message?q=peserta+003", ALL))
    owner.send(f"{PAGE}/message?q=peserta+003", {**ALL, "text": "Halo"})
    assert told(app, "course_message") == 1
    assert "Kepada 4 peserta" in words(owner.send(f"{PAGE}/message", ALL))
    owner.send(f"{PAGE}/remind", ALL)
    assert told(app, "course_nudged") == 4
    owner.send(f"{PAGE}/remind?unit=TIDAK-ADA", ALL)
    owner.send(f"{PAGE}/message?unit=TIDAK-ADA", {**ALL, "text": "Halo"})
    assert told(app, "course_message") == 1


def test_a_job_does_it_for_more_than_a_request_can_bear(
    app: Flask, stage: Cast, owner: PageClient, by_job: None, at: SetClock
) -> None:
    many(app, 6)
    answer = owner.send(f"{PAGE}/message", {**ALL, "text": "Sesi tanya jawab Senin."})
    assert "/learners/acts/" in answer.location
    assert told(app, "course_message") == 0
    assert "Menunggu giliran" in words(owner.get(answer.location))
    with app.app_context():
        act = db.session.scalars(sa.select(BulkAct)).one()
        assert bulk.step(act.id)
        db.session.remove()
    assert told(app, "course_message") == 2
    assert "2 dari 5 peserta" in words(owner.get(answer.location))
    assert "Mengirim pesan : 2 dari 5 peserta" in words(owner.get(PAGE))
    enrol(app, range(50, 52))  # who comes later is not meant
    sweep(app)
    sweep(app)
    assert told(app, "course_message") == 5
    assert audited(app, "learning.messaged") == 1
    assert "Berlaku bagi 5 dari 5 peserta" in words(owner.get(answer.location))
    at(clock.now() + timedelta(days=31))
    sweep(app)
    with app.app_context():
        assert not db.session.scalars(sa.select(BulkAct)).all()


@pytest.mark.parametrize("kind", ["message", "remind", "take-out"])
def test_a_step_asks_no_more_for_more_learners(
    app: Flask, stage: Cast, owner: PageClient, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """But for the row of the notification, which each gets."""
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    enrol(app, range(12))
    owner.send(f"{PAGE}/{kind}", {**ALL, "text": "Sesi Senin.", "reason": "Kursus dihentikan"})
    found = []
    for size in (2, 3, 6):
        monkeypatch.setattr(bulk, "STEP", size)
        with app.app_context():
            act = db.session.scalars(sa.select(BulkAct.id)).one()
            db.session.remove()
            with counted(app) as statements:
                bulk.step(act)
            db.session.remove()
        found.append(sum(not s.startswith("INSERT INTO notification") for s in statements))
    assert len(set(found[1:])) == 1, found


def author_of(app: Flask, stage: Cast) -> PageClient:
    """Another trainer, who writes the course and does not own it."""
    with app.app_context():
        classes.join(stage.people["colleague"], CourseRole.AUTHOR)
        with transaction():
            roles.grant_role(
                stage.person("colleague"), Role.TRAINER, stage.unit("a1"),
                start_on=clock.today("Asia/Jakarta"), reason="SK",
            )  # fmt: skip
        db.session.remove()
    return client_of(app, stage, "colleague")


def test_who_began_it_stops_the_rest(
    app: Flask, stage: Cast, owner: PageClient, by_job: None
) -> None:
    many(app, 6)
    answer = owner.send(f"{PAGE}/message", {**ALL, "text": "Sesi tanya jawab Senin."})
    with app.app_context():
        assert bulk.step(db.session.scalars(sa.select(BulkAct.id)).one())
        db.session.remove()
    author = author_of(app, stage)
    assert "Hentikan" not in words(author.get(answer.location))
    assert author.send(f"{answer.location}/stop").status_code == 403
    assert "Bila dihentikan, yang sudah diproses tetap berlaku." in words(
        owner.get(answer.location)
    )
    assert owner.send(f"{answer.location}/stop").location == answer.location
    sweep(app)
    assert told(app, "course_message") == 2
    page = words(owner.get(answer.location))
    assert "2 dari 5 peserta sudah diproses, dan itu tetap berlaku. Sisanya tidak." in page
    assert "Hentikan" not in page
    assert audited(app, "learning.bulk_act_stopped") == audited(app, "learning.messaged") == 1
    owner.send(f"{answer.location}/stop")
    assert "Tidak ada lagi yang dapat dihentikan" in words(owner.get(answer.location))
    assert audited(app, "learning.bulk_act_stopped") == 1
    assert "Mengirim pesan : 2 dari 5 peserta" in words(owner.get(PAGE))


def test_an_owner_stops_what_an_author_began(
    app: Flask, stage: Cast, owner: PageClient, by_job: None
) -> None:
    many(app, 6)
    author = author_of(app, stage)
    where = author.send(f"{PAGE}/remind", ALL).location
    owner.send(f"{where}/stop")
    sweep(app)
    assert told(app, "course_nudged") == 0
    assert "0 dari 5 peserta sudah diproses" in words(author.get(where))
    assert audited(app, "learning.nudged") == 0


def test_what_cannot_go_on_is_stopped_and_said(
    app: Flask, stage: Cast, owner: PageClient, by_job: None
) -> None:
    many(app, 6)
    run = add(app, owner, seats=5)
    answer = owner.send(f"{PAGE}/move", {**ALL, "run": run})
    assert "/learners/acts/" in answer.location
    with app.app_context():
        act = db.session.scalars(sa.select(BulkAct)).one().id
        assert bulk.step(act)
        db.session.execute(sa.text("UPDATE course_run SET seats = 3"))
        db.session.commit()
        assert not bulk.step(act)
        db.session.remove()
    page = words(owner.get(answer.location))
    assert "Terhenti" in page
    assert "2 dari 5 peserta sudah diproses" in page
    assert told(app, "run_moved") == 2
    assert audited(app, "learning.run_moved") == 1
    refused = owner.send(f"{PAGE}/move", {**ALL, "run": run})
    assert refused.status_code == 422
    assert "Kursi yang tersisa hanya 1" in words(refused)


def test_the_job_takes_out_and_allows_too(
    app: Flask, stage: Cast, owner: PageClient, by_job: None
) -> None:
    many(app)
    sent = {"quiz": "akhir", "reason": "Listrik padam", "extra_time": 10}
    owner.send(f"{ALLOWANCES}/give?state=open", {**ALL, **sent})
    sweep(app)
    with app.app_context():
        rows = db.session.scalars(sa.select(QuizAllowance)).all()
        assert [row.extra_time for row in rows] == [10] * 4
    owner.send(f"{PAGE}/take-out", {**ALL, "reason": "Kursus dihentikan"})
    sweep(app)
    assert states(app) == ["completed", *["withdrawn"] * 4]
    assert told(app, "taken_out") == 4


def test_an_act_of_another_course_is_not_found(
    app: Flask, stage: Cast, owner: PageClient, by_job: None
) -> None:
    many(app)
    where = owner.send(f"{PAGE}/remind", ALL).location
    assert owner.get(where).status_code == 200
    with app.app_context(), transaction():
        other = Course(slug="lain")
        db.session.add(other)
        db.session.flush()
        db.session.scalars(sa.select(BulkAct)).one().course_id = other.id
    assert owner.get(where).status_code == 404


def test_no_form_where_nobody_would_get_it_and_nothing_typed_is_lost(
    app: Flask, stage: Cast, owner: PageClient
) -> None:
    many(app, 1)
    for act in (f"{PAGE}/message", f"{PAGE}/move", f"{ALLOWANCES}/give", f"{PAGE}/remind"):
        assert owner.send(act, {"p": uuids(app)}).status_code == 302
        assert "tidak ada yang sedang belajar" in words(owner.get(PAGE))
    text = "Selamat pagi.\n\nSesi Senin."
    refused = owner.send(f"{PAGE}/message", {"p": uuids(app), "text": text})
    assert refused.status_code == 422
    assert "Di antara yang dipilih tidak ada yang sedang belajar." in words(refused)
    assert "Sesi Senin." in refused.get_data(as_text=True)
    sent = {"p": uuids(app), "quiz": "akhir", "reason": "Listrik padam", "extra_time": 10}
    refused = owner.send(f"{ALLOWANCES}/give", sent)
    assert refused.status_code == 422
    assert "Listrik padam" in refused.get_data(as_text=True)


def test_a_message_keeps_its_paragraphs(app: Flask, owner: PageClient, learner: PageClient) -> None:
    text = "  Selamat   pagi.\r\n\r\n\r\n\r\nSesi Senin:\r\n- pukul 9  \r\n"
    owner.send(f"{PAGE}/message", {"p": uuids(app), "text": text})
    inbox = learner.get("/notifications").get_data(as_text=True)
    assert "Selamat pagi.\n\nSesi Senin:\n- pukul 9 (" in inbox


# ── A cohort ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def cohorts(app: Flask, stage: Cast, owner: PageClient) -> dict[str, Any]:
    owner.send("/studio/melayani/enrolment", {"way": "direct", "by_run": "y"})
    return {name: add(app, owner, name) for name in ("Satu", "Dua")}


def for_run(owner: PageClient, run: object, **values: object) -> None:
    sent = {"run": run, "quiz": "akhir", "reason": "Listrik padam", **values}
    answer = owner.send(f"{ALLOWANCES}/cohort", sent)
    assert answer.location == ALLOWANCES, words(answer)


INTRO = f"{COURSE}/learn/akhir"


def test_what_a_cohort_is_given_holds_for_who_comes_later(
    app: Flask, stage: Cast, owner: PageClient, cohorts: dict[str, Any]
) -> None:
    page = words(owner.get(f"{ALLOWANCES}/cohort?run={cohorts['Satu']}"))
    assert "juga yang bergabung nanti" in page
    for_run(owner, cohorts["Satu"], extra_time=5)
    for_run(owner, cohorts["Satu"], extra_time=10)  # takes the place of the one before
    listed = words(owner.get(ALLOWANCES))
    assert "Satu: waktu ditambah 10 menit" in listed
    assert "seluruh angkatan" in listed
    inside_, outside = client_of(app, stage, "learner"), client_of(app, stage, "colleague")
    inside_.send(f"{COURSE}/enrol", {"run": cohorts["Satu"]})
    outside.send(f"{COURSE}/enrol", {"run": cohorts["Dua"]})
    assert "Waktu 30 menit, bukan 20 menit" in words(inside_.get(INTRO))
    assert "Berlaku khusus" not in words(outside.get(INTRO))
    start(inside_, "melayani", "akhir")
    assert _minutes(app) == [30]
    with app.app_context():
        held = db.session.scalars(
            sa.select(QuizAllowance).where(QuizAllowance.ended_at.is_(None))
        ).one()
        assert (held.person_id, held.run is not None) == (None, True)
        uuid = held.uuid
    owner.send(f"{ALLOWANCES}/{uuid}/end")
    assert "Berlaku khusus" not in words(inside_.get(INTRO))
    assert audited(app, "learning.allowance_given") == 2


def _minutes(app: Flask) -> list[float]:
    with app.app_context():
        found = db.session.scalars(sa.select(Attempt).order_by(Attempt.id)).all()
        return [
            (each.deadline_at - each.started_at).total_seconds() / 60
            for each in found
            if each.deadline_at
        ]


def test_attempts_that_go_on_last_longer_at_once(
    app: Flask, stage: Cast, owner: PageClient, cohorts: dict[str, Any]
) -> None:
    for name, run in (("learner", "Satu"), ("colleague", "Dua")):
        client = client_of(app, stage, name)
        client.send(f"{COURSE}/enrol", {"run": cohorts[run]})
        start(client, "melayani", "akhir")
    for_run(owner, cohorts["Satu"], extra_time=15)
    assert _minutes(app) == [35, 20]
    with app.app_context():
        person = stage.people["colleague"]
        mover = str(
            db.session.scalars(sa.select(Enrolment.uuid).where(Enrolment.person_id == person)).one()
        )
    owner.send(f"{PAGE}/move", {"p": [mover], "run": cohorts["Satu"]})
    assert _minutes(app) == [35, 35]


def test_the_attempts_of_a_large_cohort_are_lengthened_by_the_job(
    app: Flask, stage: Cast, owner: PageClient, cohorts: dict[str, Any], by_job: None
) -> None:
    for name in ("learner", "colleague", "mover"):
        client = client_of(app, stage, name)
        client.send(f"{COURSE}/enrol", {"run": cohorts["Satu"]})
        start(client, "melayani", "akhir")
    sent = {"run": cohorts["Satu"], "quiz": "akhir", "reason": "Padam", "extra_time": 15}
    assert "/learners/acts/" in owner.send(f"{ALLOWANCES}/cohort", sent).location
    assert _minutes(app) == [20, 20, 20]
    sweep(app)
    assert _minutes(app) == [35, 35, 35]


def test_what_one_was_given_alone_stands_before_what_the_cohort_was(
    app: Flask, stage: Cast, owner: PageClient, cohorts: dict[str, Any]
) -> None:
    learner = client_of(app, stage, "learner")
    learner.send(f"{COURSE}/enrol", {"run": cohorts["Satu"]})
    for_run(owner, cohorts["Satu"], extra_time=30, extra_attempts=2)
    owner.send(f"{ALLOWANCES}/give", {
        "p": uuids(app), "quiz": "akhir", "reason": "Surat", "extra_time": 10,
    })  # fmt: skip
    intro = words(learner.get(INTRO))
    assert "Waktu 30 menit, bukan 20 menit" in intro  # its own ten minutes
    assert "2 kesempatan tambahan" in intro  # of which nothing was said for them alone


@pytest.mark.parametrize(
    ("values", "message"),
    [({"run": ""}, "Pilih angkatan"), ({"extra_time": ""}, "Isi sekurangnya satu kelonggaran"),
     ({"reason": " "}, "Isi alasan"), ({"quiz": "x"}, "")],
)  # fmt: skip
def test_what_a_cohort_cannot_be_given_is_said(
    app: Flask, owner: PageClient, cohorts: dict[str, Any], values: dict[str, Any], message: str
) -> None:
    sent = {
        "run": cohorts["Satu"], "quiz": "akhir", "reason": "Padam", "extra_time": 5, **values,
    }  # fmt: skip
    refused = owner.send(f"{ALLOWANCES}/cohort", sent)
    assert refused.status_code == 422
    assert message in words(refused)
    with app.app_context():
        assert not db.session.scalars(sa.select(QuizAllowance)).all()


def test_without_a_cohort_that_goes_on_the_page_says_so(
    app: Flask, stage: Cast, owner: PageClient
) -> None:
    assert "Belum ada angkatan" in words(owner.get(f"{ALLOWANCES}/cohort"))
    with app.app_context():
        past: dict[str, Any] = {"registers_from": in_days(-9), "registers_until": in_days(-8),
                "starts_on": in_days(-8), "ends_on": in_days(-2)}  # fmt: skip
    run = add(app, owner, **past)
    refused = owner.send(f"{ALLOWANCES}/cohort", {
        "run": run, "quiz": "akhir", "reason": "x", "extra_time": 5,
    })  # fmt: skip
    assert refused.status_code == 422
