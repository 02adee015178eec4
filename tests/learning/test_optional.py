"""Parts that need not be done: a course is completed without them."""

import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.core.db import db
from lms.core.errors import DomainError
from lms.courses.models import Course
from lms.learning.models import Enrolment
from lms.learning.rules import EnrolmentState
from tests.cast import Cast
from tests.client import PageClient, words
from tests.learning.answers import take
from tests.sample_course import import_course, write_course

COURSE = "/courses/melayani"
OPTIONAL = ("02-dengar.md", "03-kuis.toml")  # in the middle of the course


def written(folder: Path, *optional: str, title: str = "Melayani dengan ramah") -> Path:
    course = write_course(folder, title=title)
    for name in optional:
        path = course / "01-dasar" / name
        path.write_text(
            re.sub(r"(?m)^minutes", "optional = true\nminutes", path.read_text(), count=1)
        )
    return course


@pytest.fixture
def learner(app: Flask, cast: Cast, client: PageClient, tmp_path: Path) -> PageClient:
    with app.app_context():
        import_course(written(tmp_path, *OPTIONAL))
        db.session.remove()
    client.sign_in(cast.people["learner"])
    client.send(f"{COURSE}/enrol")
    return client


def enrolment(app: Flask) -> Enrolment:
    with app.app_context():
        return db.session.scalars(sa.select(Enrolment)).one()


def test_a_course_is_completed_without_its_optional_parts(app: Flask, learner: PageClient) -> None:
    page = words(learner.get(COURSE))
    assert page.count("Tidak wajib") == len(OPTIONAL)
    assert "4 bagian" in page
    assert "sekitar 9 menit" in page
    assert "0 dari 2 bagian, sisa sekitar 9 menit" in page
    assert "Bagian yang tidak wajib boleh dilewati." in page
    learner.send(f"{COURSE}/learn/sapa/done")
    lacking = words(learner.get(COURSE)).partition("Masih kurang")[2].partition("Isi kursus")[0]
    assert "Ujian akhir" in lacking
    assert "Mendengar" not in lacking
    assert "Kuis 1" not in lacking
    assert enrolment(app).done_parts == 1
    assert enrolment(app).next_key == "akhir"
    take(learner, "melayani", "akhir", right=True)
    found = enrolment(app)
    assert (found.state, found.done_parts) == (EnrolmentState.COMPLETED, 2)
    assert found.final_score == 100


def test_what_is_done_of_them_is_shown_and_adds_nothing(app: Flask, learner: PageClient) -> None:
    learner.send(f"{COURSE}/learn/dengar/done")
    take(learner, "melayani", "kuis-1", right=False)
    assert enrolment(app).done_parts == 0
    shown = words(learner.get(f"{COURSE}/learn/kuis-1"))
    assert "Tidak wajib: tidak dihitung, dan kursus selesai tanpanya." in shown
    assert "0 dari 2 bagian selesai" in shown
    learner.send(f"{COURSE}/learn/sapa/done")
    take(learner, "melayani", "akhir", right=True)
    found = enrolment(app)
    assert found.state is EnrolmentState.COMPLETED
    assert found.final_score == 100


def test_the_list_of_learners_counts_required_parts(
    app: Flask, cast: Cast, learner: PageClient
) -> None:
    learner.send(f"{COURSE}/learn/dengar/done")
    learner.send(f"{COURSE}/learn/sapa/done")
    learner.sign_in(cast.people["hr"])
    assert "1 dari 2" in words(learner.get("/studio/melayani/learners"))


def test_it_is_no_small_correction(context: Flask, cast: Cast, tmp_path: Path) -> None:
    import_course(written(tmp_path))
    with pytest.raises(DomainError):
        import_course(written(tmp_path, OPTIONAL[0], title="Lain"), small=True)
    db.session.rollback()
    import_course(written(tmp_path, OPTIONAL[0], title="Lain"))
    version = db.session.scalars(sa.select(Course)).one().current_version
    assert version is not None
    assert (version.number, version.parts, version.minutes) == (2, 3, 11)
