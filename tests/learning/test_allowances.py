"""More time, more attempts, a later closing: given, told, applied at the next start, ended."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.core.db import db, transaction
from lms.courses.models import Course
from lms.courses.rules import CourseRole
from lms.learning.models import Enrolment, QuizAllowance, TimeRight
from lms.quizzes.models import Attempt
from tests.cast import Cast
from tests.client import PageClient, client_of, words
from tests.learning import classes
from tests.learning.answers import start, take
from tests.learning.assigning import in_days
from tests.sample_course import import_course, write_course

PAGE = "/studio/melayani/allowances"
INTRO = "/courses/melayani/learn/akhir"


@pytest.fixture
def stage(app: Flask, cast: Cast, tmp_path: Path) -> Cast:
    closes = f"closes = {in_days(3).isoformat()}T12:00:00\n"
    with app.app_context():
        import_course(
            write_course(tmp_path, time_limit=20, attempts=1, settings=classes.SETTINGS + closes)
        )
        classes.join(cast.people["stranger"], CourseRole.MARKER)
        db.session.remove()
    return cast


@pytest.fixture
def learner(app: Flask, stage: Cast) -> PageClient:
    client = client_of(app, stage, "learner")
    client.send("/courses/melayani/enrol")
    return client


@pytest.fixture
def trainer(client: PageClient, stage: Cast) -> PageClient:
    client.sign_in(stage.people["stranger"])
    return client


def enrolments(app: Flask) -> list[str]:
    with app.app_context():
        return [str(uuid) for uuid in db.session.scalars(sa.select(Enrolment.uuid))]


def form(app: Flask, **values: object) -> dict[str, object]:
    return {"p": enrolments(app), "quiz": "akhir", "reason": "Listrik padam", **values}


def minutes(app: Flask) -> float:
    """How long the latest attempt may take."""
    with app.app_context():
        attempt = db.session.scalars(sa.select(Attempt).order_by(Attempt.id.desc())).first()
        assert attempt is not None
        assert attempt.deadline_at is not None
        return (attempt.deadline_at - attempt.started_at).total_seconds() / 60


def test_more_time_and_another_attempt_are_told_and_taken(
    app: Flask, learner: PageClient, trainer: PageClient
) -> None:
    take(learner, "melayani", "akhir", right=False)
    assert minutes(app) == 20
    assert "Semua kesempatan sudah dipakai" in words(learner.get(INTRO))
    page = trainer.send(f"{PAGE}/give", {"p": enrolments(app)})
    assert "Ujian akhir (20 menit, 1 kesempatan, ditutup" in words(page)
    given = trainer.send(f"{PAGE}/give", form(app, extra_time=10, extra_attempts=1))
    assert given.location == PAGE
    listed = words(trainer.get(PAGE))
    assert "Sari Wulandari: waktu ditambah 10 menit; 1 kesempatan lagi" in listed
    assert "Alasan: Listrik padam" in listed
    intro = words(learner.get(INTRO))
    assert "Berlaku khusus bagi Anda: Waktu 30 menit, bukan 20 menit. 1 kesempatan" in intro
    assert "tersisa 1 dari 2" in intro
    uuid = take(learner, "melayani", "akhir", right=True)
    assert minutes(app) == 30
    assert "percobaan 2 dari 2" in words(learner.get(f"/attempts/{uuid}/result"))
    assert "2 dari 1" not in words(learner.get("/courses/melayani"))


def test_an_attempt_that_goes_on_is_lengthened_and_never_shortened(
    app: Flask, learner: PageClient, trainer: PageClient, stage: Cast
) -> None:
    uuid = start(learner, "melayani", "akhir")
    assert minutes(app) == 20
    told = trainer.send(f"{PAGE}/give", form(app, extra_time=10), follow_redirects=True)
    assert "juga pada percobaan yang sedang berjalan" in words(told)
    assert minutes(app) == 30
    trainer.sign_in(stage.people["hr"])
    page = right_page(app, stage, "learner")
    trainer.send(page, {"percent": 150, "reason": "Surat dokter"})
    assert minutes(app) == 40
    trainer.sign_in(stage.people["stranger"])
    trainer.send(f"{PAGE}/give", form(app, extra_attempts=1))
    assert minutes(app) == 40
    learner.send(f"/attempts/{uuid}/submit")
    trainer.send(f"{PAGE}/give", form(app, extra_time=60))
    assert minutes(app) == 40  # it has ended


def test_a_later_closing_holds_for_whom_it_was_given(
    app: Flask, learner: PageClient, trainer: PageClient
) -> None:
    day = in_days(5).isoformat()
    assert trainer.send(f"{PAGE}/give", form(app, closes_on=day)).status_code == 302
    assert "Ditutup" in words(learner.get(INTRO))
    with app.app_context():
        allowance = db.session.scalars(sa.select(QuizAllowance)).one()
        assert allowance.closes_at is not None
        # To the end of the day where the trainer works, in WITA.
        assert allowance.closes_at.isoformat() == f"{day}T16:00:00+00:00"


def test_a_new_allowance_takes_the_place_of_the_one_before_and_ends_any_time(
    app: Flask, learner: PageClient, trainer: PageClient
) -> None:
    trainer.send(f"{PAGE}/give", form(app, extra_time=10))
    trainer.send(f"{PAGE}/give", form(app, extra_attempts=2))
    intro = words(learner.get(INTRO))
    assert "Waktu 30 menit" not in intro
    assert "2 kesempatan tambahan" in intro
    with app.app_context():
        held = db.session.scalars(
            sa.select(QuizAllowance).where(QuizAllowance.ended_at.is_(None))
        ).one()
        end = f"{PAGE}/{held.uuid}/end"
    for _ in range(2):
        assert trainer.send(end).status_code == 302
    assert "Berlaku khusus" not in words(learner.get(INTRO))
    with app.app_context():
        noted = sa.text(
            "SELECT count(*) FROM audit_entry WHERE action = 'learning.allowance_ended'"
        )
        assert db.session.scalar(noted) == 1


def test_one_that_was_ended_holds_again_unless_another_one_does(
    app: Flask, learner: PageClient, trainer: PageClient
) -> None:
    trainer.send(f"{PAGE}/give", form(app, extra_time=10))
    with app.app_context():
        first = db.session.scalars(sa.select(QuizAllowance)).one().uuid
    restore = f"{PAGE}/{first}/restore"
    trainer.send(f"{PAGE}/{first}/end")
    start(learner, "melayani", "akhir")
    assert minutes(app) == 20
    assert f'action="{restore}"' in trainer.get(PAGE).get_data(as_text=True)
    for _ in range(2):
        assert trainer.send(restore).status_code == 302
    assert minutes(app) == 30
    assert "Pengecualian berlaku lagi" in words(trainer.get(PAGE))
    trainer.send(f"{PAGE}/give", form(app, extra_attempts=2))
    assert f'action="{restore}"' not in trainer.get(PAGE).get_data(as_text=True)
    answer = trainer.send(restore)
    assert answer.status_code == 409
    assert "Pengecualian lain sudah berlaku" in words(answer)
    with app.app_context():
        noted = sa.text(
            "SELECT count(*) FROM audit_entry WHERE action = 'learning.allowance_restored'"
        )
        assert db.session.scalar(noted) == 1


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "Isi sekurangnya satu kelonggaran"),
        ({"extra_time": 601}, "Isi angka dari 0 sampai 600"),
        ({"extra_time": -1}, "Isi angka dari 0 sampai 600"),
        ({"extra_attempts": 21}, "Isi angka dari 0 sampai 20"),
        ({"extra_time": 5, "reason": " "}, "Isi alasan"),
        ({"closes_on": "2020-01-01"}, "Isi hari sesudah kuis ditutup"),
        ({"quiz": "kuis-1", "extra_time": 5}, "tidak dibatasi waktunya"),
        ({"quiz": "kuis-1", "extra_attempts": 5}, "tidak dibatasi"),
        ({"quiz": "kuis-1", "closes_on": "2030-01-01"}, "tidak punya waktu tutup"),
    ],
)
def test_what_cannot_be_allowed_is_said_beside_its_field(
    app: Flask, learner: PageClient, trainer: PageClient, values: dict[str, object], message: str
) -> None:
    answer = trainer.send(f"{PAGE}/give", form(app, **values))
    assert answer.status_code == 422
    assert message in words(answer)
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(QuizAllowance)) == 0


def test_an_allowance_of_another_course_is_not_found(
    app: Flask, learner: PageClient, trainer: PageClient
) -> None:
    trainer.send(f"{PAGE}/give", form(app, extra_time=10))
    with app.app_context(), transaction():
        other = Course(slug="lain")
        db.session.add(other)
        db.session.flush()
        row = db.session.scalars(sa.select(QuizAllowance)).one()
        row.course_id, uuid = other.id, row.uuid
    assert trainer.send(f"{PAGE}/{uuid}/end").status_code == 404


def test_who_does_not_teach_the_course_allows_nothing(
    app: Flask, learner: PageClient, client: PageClient, stage: Cast
) -> None:
    with app.app_context(), transaction():
        db.session.execute(sa.text("DELETE FROM course_member"))
    client.sign_in(stage.people["stranger"])
    assert client.get(PAGE).status_code == 404
    assert client.send(f"{PAGE}/give", form(app, extra_time=10)).status_code == 404


# ── The standing right ───────────────────────────────────────────────────────────────────────


def right_page(app: Flask, cast: Cast, name: str) -> str:
    with app.app_context():
        return f"/people/{cast.person(name).uuid}/extra-time"


def test_hr_gives_a_standing_right_which_every_quiz_honours(
    app: Flask, learner: PageClient, client: PageClient, stage: Cast
) -> None:
    client.sign_in(stage.people["hr"])
    page = right_page(app, stage, "learner")
    with app.app_context():
        assert page in client.get(f"/people/{stage.person('learner').uuid}").get_data(as_text=True)
    answer = client.send(page, {"percent": 150, "reason": "Surat dokter 12/2026"})
    assert answer.location == page
    assert "150 persen dari waktu kuis" in words(client.get(page))
    assert "Waktu 30 menit, bukan 20 menit" in words(learner.get(INTRO))
    start(learner, "melayani", "akhir")
    assert minutes(app) == 30
    assert client.send(f"{page}/end").status_code == 302
    assert "Berlaku khusus" not in words(learner.get(INTRO))
    assert minutes(app) == 30  # what was begun keeps its time


def test_the_standing_right_and_what_a_trainer_adds_count_together(
    app: Flask, learner: PageClient, trainer: PageClient, stage: Cast
) -> None:
    trainer.send(f"{PAGE}/give", form(app, extra_time=5))
    trainer.sign_in(stage.people["hr"])
    page = right_page(app, stage, "learner")
    trainer.send(page, {"percent": 200, "reason": "Surat dokter"})
    trainer.send(page, {"percent": 150, "reason": "Surat dokter baru"})
    with app.app_context():
        rights = db.session.scalars(sa.select(TimeRight).order_by(TimeRight.id)).all()
        assert [(right.percent, right.ended_at is None) for right in rights] == [
            (200, False), (150, True),
        ]  # fmt: skip
    start(learner, "melayani", "akhir")
    assert minutes(app) == 35


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"percent": 109, "reason": "Surat"}, "Isi 110 sampai 300"),
        ({"percent": "banyak", "reason": "Surat"}, "Isi"),
        ({"percent": 150, "reason": ""}, "Isi alasan"),
    ],
)
def test_a_right_that_is_none_is_refused(
    app: Flask, client: PageClient, stage: Cast, values: dict[str, object], message: str
) -> None:
    client.sign_in(stage.people["hr"])
    answer = client.send(right_page(app, stage, "learner"), values)
    assert answer.status_code == 422
    assert message in words(answer)


def test_only_hr_within_its_reach_gives_it(app: Flask, client: PageClient, stage: Cast) -> None:
    page = right_page(app, stage, "learner")
    for name in ("admin", "auditor", "head", "stranger"):
        client.sign_in(stage.people[name])
        assert client.get(page).status_code == 403
        assert client.send(page, {"percent": 150, "reason": "Surat"}).status_code == 403
        assert client.send(f"{page}/end").status_code == 403
    client.sign_in(stage.people["hr"])
    own = right_page(app, stage, "hr")
    answer = client.send(own, {"percent": 150, "reason": "Surat"})
    assert answer.status_code == 422
    assert "bukan diri sendiri" in words(answer)
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(TimeRight)) == 0
