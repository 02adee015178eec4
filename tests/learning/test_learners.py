"""The learners of a course as its trainers see them: late first, narrowed, told, taken out."""

import csv
import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.core import clock
from lms.core.db import db, transaction
from lms.courses.models import Course, CourseMember
from lms.courses.queries import current_version_of
from lms.courses.rules import CourseRole
from lms.learning import actions
from lms.learning.actions import running
from lms.learning.models import Enrolment, Obligation
from lms.learning.queries import learners
from lms.learning.queries.learners import Asked
from lms.learning.rules import EnrolmentState
from lms.notifications.models import Notification
from tests.cast import Cast
from tests.client import PageClient, words
from tests.conftest import SetClock
from tests.formats.spreadsheet import cells
from tests.learning import classes
from tests.learning.assigning import actor_of, give
from tests.queries import counted
from tests.sample_course import import_course, write_course

PAGE = "/studio/melayani/learners"
NAMES = {"learner": "Sari Wulandari", "colleague": "Daud Kogoya", "mover": "Putu Ayu Lestari"}


@pytest.fixture
def stage(app: Flask, cast: Cast, tmp_path: Path, at: SetClock) -> Cast:
    """Three learners: one late, one quiet since three weeks, one who has begun yesterday; and one
    who withdrew. The trainer marks the course."""
    now = clock.now()
    with app.test_request_context():
        import_course(write_course(tmp_path))
        classes.join(cast.people["stranger"], CourseRole.MARKER)
        at(now - timedelta(days=21))
        for name in ("mover", "head"):
            actor = actor_of(cast, name)
            with transaction():
                enrolment = actions.enrol(actor, classes.course())
                actions.mark_lesson_done(enrolment.uuid, classes.part("sapa"))
        at(now - timedelta(days=1))
        for name in ("learner", "colleague"):
            actor = actor_of(cast, name)
            with transaction():
                actions.enrol(actor, classes.course())
        with transaction():
            running.withdraw(None, cast.person("head"), "melayani", reason="Pindah tugas")
        give(cast, "head", people=("learner",), days=1)
        with transaction():
            db.session.execute(sa.update(Obligation).values(due_at=now - timedelta(hours=1)))
        db.session.remove()
    clock.set_clock(None)
    return cast


@pytest.fixture
def trainer(client: PageClient, stage: Cast) -> PageClient:
    client.sign_in(stage.people["stranger"])
    return client


def shown(client: PageClient, query: str = "") -> list[str]:
    page = words(client.get(f"{PAGE}{query}"))
    found = [(page.find(full), name) for name, full in NAMES.items() if full in page]
    return [name for _, name in sorted(found)]


def uuids(app: Flask, cast: Cast, *names: str) -> list[str]:
    with app.app_context():
        people = [cast.people[name] for name in names]
        rows = db.session.scalars(sa.select(Enrolment).where(Enrolment.person_id.in_(people)))
        return [str(row.uuid) for row in rows]


def test_the_late_lead_and_the_others_follow_by_name(trainer: PageClient) -> None:
    assert shown(trainer) == ["learner", "colleague", "mover"]
    page = words(trainer.get(PAGE))
    assert "Terlambat" in page
    assert "Bagus Prasetyo" not in page  # withdrew


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?state=late", ["learner"]), ("?state=quiet", ["mover"]),
        ("?state=open", ["learner", "colleague", "mover"]), ("?state=completed", []),
        ("?state=nonsense", ["learner", "colleague", "mover"]),
        ("?q=daud", ["colleague"]), ("?q=19890808+201403+1+008", ["mover"]), ("?q=%25", []),
        ("?unit=A", ["learner", "colleague"]), ("?unit=B", ["mover"]), ("?unit=X", []),
        ("?next=dengar", ["mover"]), ("?next=sapa", ["learner", "colleague"]),
        ("?state=quiet&next=dengar", ["mover"]), ("?state=quiet&next=sapa", []),
        ("?after=00000000-0000-0000-0000-000000000000", ["learner", "colleague", "mover"]),
    ],
)  # fmt: skip
def test_the_list_is_narrowed(trainer: PageClient, query: str, expected: list[str]) -> None:
    assert shown(trainer, query) == expected


def test_a_score_is_final_when_the_course_is_completed(app: Flask, stage: Cast) -> None:
    def scores() -> dict[str, object]:
        with app.app_context():
            course = classes.course()
            version = current_version_of(course.id)
            return {r.name: r.final_score for r in learners.everybody(course.id, version, Asked())}

    with app.app_context(), transaction():
        db.session.execute(sa.update(Enrolment).values(final_score=40))
    assert set(scores().values()) == {None}, "what they have not done yet counts 0 in it"
    with app.app_context(), transaction():
        mover = Enrolment.person_id == stage.people["mover"]
        completed = sa.update(Enrolment).where(mover).values(state=EnrolmentState.COMPLETED)
        db.session.execute(completed)
    assert scores()[NAMES["mover"]] == 40
    assert scores()[NAMES["learner"]] is None


def test_pages_follow_one_another_without_loss_or_repetition(
    app: Flask, trainer: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learners, "PAGE", 1)
    found, query = [], ""
    for _ in range(3):
        found += shown(trainer, query)
        html = trainer.get(f"{PAGE}{query}").get_data(as_text=True)
        onward = re.search(r'href="[^"]*(\?after=[^"]+)" rel="next"', html)
        query = onward.group(1) if onward else ""
    assert found == ["learner", "colleague", "mover"]
    assert query == ""


def test_somebody_is_reminded_once_a_day(
    app: Flask, trainer: PageClient, stage: Cast, at: SetClock
) -> None:
    chosen = uuids(app, stage, "learner", "mover", "head")
    assert trainer.send(f"{PAGE}/remind?state=open", {"p": chosen}).location.endswith("state=open")
    assert "2 peserta diingatkan" in words(trainer.get(PAGE))
    trainer.send(f"{PAGE}/remind", {"p": chosen})
    assert "Tidak ada yang diingatkan" in words(trainer.get(PAGE))
    with app.app_context():
        told = [n.person_id for n in db.session.scalars(sa.select(Notification))
                if n.kind == "course_nudged"]  # fmt: skip
        assert sorted(told) == sorted([stage.people["learner"], stage.people["mover"]])
    at(clock.now() + timedelta(days=1, minutes=1))
    trainer.sign_in(stage.people["stranger"])
    trainer.send(f"{PAGE}/remind", {"p": uuids(app, stage, "mover")})
    assert "1 peserta diingatkan" in words(trainer.get(PAGE))


def test_a_message_is_written_and_sent(app: Flask, trainer: PageClient, stage: Cast) -> None:
    chosen = uuids(app, stage, "learner", "colleague")
    page = trainer.send(f"{PAGE}/message", {"p": chosen})
    assert page.status_code == 200
    assert "Kepada 2 peserta" in words(page)
    again = trainer.send(f"{PAGE}/message", {"p": chosen, "text": "  "})
    assert again.status_code == 422
    assert all(uuid in again.get_data(as_text=True) for uuid in chosen)
    assert trainer.send(f"{PAGE}/message", {"p": chosen, "text": "Sesi tanya jawab\nSenin."})
    trainer.sign_in(stage.people["learner"])
    inbox = words(trainer.get("/notifications"))
    assert "Pesan pengajar: Melayani dengan ramah" in inbox
    assert "Sesi tanya jawab Senin. (Andi Tenri)" in inbox


@pytest.mark.parametrize("act", ["remind", "message"])
def test_nobody_of_another_course_is_reached(
    app: Flask, trainer: PageClient, stage: Cast, act: str
) -> None:
    with app.app_context(), transaction():
        other = Course(slug="lain")
        db.session.add(other)
        db.session.flush()
        db.session.execute(sa.update(Enrolment).values(course_id=other.id))
        chosen = [str(uuid) for uuid in db.session.scalars(sa.select(Enrolment.uuid))]
    trainer.send(f"{PAGE}/{act}", {"p": chosen, "text": "Halo"})
    with app.app_context():
        kinds = set(db.session.scalars(sa.select(Notification.kind)))
        assert not {"course_nudged", "course_message"} & kinds


@pytest.mark.parametrize("chosen", [[], ["nonsense"]])
def test_choosing_nobody_says_so(trainer: PageClient, chosen: list[str]) -> None:
    for act in ("remind", "message"):
        assert trainer.send(f"{PAGE}/{act}", {"p": chosen}).status_code == 302
        assert "Pilih dahulu" in words(trainer.get(PAGE))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_list_is_taken_out_as_it_is_narrowed(
    app: Flask, trainer: PageClient, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(learners, "BATCH", 2)

    def rows(query: str) -> list[list[str]]:
        answer = trainer.send(f"{PAGE}/export{query}", {"format": kind})
        assert answer.status_code == 200
        if kind == "xlsx":
            return cells(answer.data)
        return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))

    whole = rows("")
    assert [row[1] for row in whole[1:]] == [NAMES["learner"], NAMES["colleague"], NAMES["mover"]]
    assert whole[0][10:] == ["Angkatan", "Menyapa", "Mendengar", "Kuis 1", "Ujian akhir"]
    assert whole[3][11] == "selesai"
    assert [row[1] for row in rows("?state=late")[1:]] == [NAMES["learner"]]


def test_a_page_costs_the_same_however_many_learners(app: Flask, trainer: PageClient) -> None:
    trainer.get(PAGE)
    with counted(app) as few:
        trainer.get(PAGE)
    with app.test_request_context():
        for number in range(20):
            actor = classes.learner(number)
            with transaction():
                actions.enrol(actor, classes.course())
    with counted(app) as many:
        trainer.get(PAGE)
    assert len(many) == len(few)


@pytest.mark.parametrize(
    ("role", "status"),
    [(CourseRole.OWNER, 200), (CourseRole.AUTHOR, 200), (CourseRole.REVIEWER, 403), (None, 404)],
)
def test_only_who_teaches_the_course_sees_its_learners(
    app: Flask, trainer: PageClient, role: CourseRole | None, status: int
) -> None:
    with app.app_context(), transaction():
        member = db.session.scalars(sa.select(CourseMember)).one()
        if role is None:
            db.session.delete(member)
        else:
            member.role = role
    assert trainer.get(PAGE).status_code == status
    refused = status if status != 200 else 302
    for act in ("remind", "message"):
        assert trainer.send(f"{PAGE}/{act}").status_code == refused
    assert trainer.send(f"{PAGE}/export").status_code == status


def test_hr_sees_the_learners_of_any_course_within_reach(client: PageClient, stage: Cast) -> None:
    client.sign_in(stage.people["hr"])
    assert shown(client) == ["learner", "colleague", "mover"]
