"""The analytics of a cohort: its own figures, and lists of its people alone."""

import csv
import io
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.core.db import db, transaction
from lms.courses.models import Course
from lms.demo.past import Learner
from lms.learning.models import CourseRun, Enrolment
from lms.learning.queries.analytics import analysis_of
from tests.cast import Cast
from tests.client import PageClient, words
from tests.conftest import SetClock
from tests.learning import classes
from tests.learning.figures import PAGE, count, links, listed, publish, teach
from tests.sample_course import import_course, write_course


def cohort(app: Flask, name: str, learners: list[Learner], slug: str = "melayani") -> UUID:
    with app.app_context(), transaction():
        course = db.session.scalars(sa.select(Course).where(Course.slug == slug)).one()
        run = CourseRun(
            uuid=uuid4(), course_id=course.id, name=name, registers_from=date(2026, 1, 1),
            registers_until=date(2026, 1, 9), starts_on=date(2026, 1, 10), ends_on=None,
            time_zone="Asia/Jakarta", seats=20,
        )  # fmt: skip
        db.session.add(run)
        db.session.flush()
        db.session.execute(
            sa.update(Enrolment)
            .where(Enrolment.person_id.in_([each.person_id for each in learners]))
            .values(run_id=run.id)
        )
        return run.uuid


def test_figures_and_lists_of_a_cohort(
    app: Flask, cast: Cast, trainer: PageClient, tmp_path: Path, at: SetClock
) -> None:
    """Of five classes two are in the first cohort; means and facility are those of one class."""
    publish(app, cast, tmp_path)
    everybody = teach(app, at)
    uuid = cohort(app, "Angkatan I", everybody[12:24])
    trainer.sign_in(cast.people["stranger"])
    count(app)
    with app.app_context():
        course_id = classes.course().id
        run_id = db.session.scalars(sa.select(CourseRun.id)).one()
        whole, part = analysis_of(course_id).figures, analysis_of(course_id, run_id).figures
        assert whole is not None
        assert part is not None
        assert (whole.learners, part.learners, part.withdrawn) == (28, 12, 0)
        quiz = next(quiz for quiz in part.quizzes if quiz.key == "akhir")
        assert quiz.statistics is not None
        assert (quiz.statistics.count, quiz.statistics.mean) == (12, 50)
        assert [i.statistics.facility for i in quiz.items] == pytest.approx(
            [5 / 6, 1 / 2, 1 / 2, 1 / 6]
        )
        assert quiz.histogram == (2, 0, 2, 0, 0, 4, 0, 2, 0, 2)
        db.session.remove()
    page = trainer.get(f"{PAGE}?run={uuid}")
    assert "Angkatan I" in words(page)
    assert "12 dari 20 kursi terisi" in words(page)
    assert f"{PAGE}/akhir?run={uuid}" in page.get_data(as_text=True)
    found = links(trainer, f"{PAGE}?run={uuid}") | links(trainer, f"{PAGE}/akhir?run={uuid}")
    assert all(str(uuid) in href for href in found)
    assert {href: listed(trainer, href) for href in found} == found
    assert trainer.send(f"{PAGE}/count?run={uuid}").location == f"{PAGE}?run={uuid}"


def test_a_cohort_is_in_the_export(
    app: Flask, cast: Cast, trainer: PageClient, tmp_path: Path
) -> None:
    publish(app, cast, tmp_path)
    everybody = classes.sit(app, 2)
    uuid = cohort(app, "Angkatan I", everybody[:6])
    count(app)
    for query, begun in (("", "12"), (f"?run={uuid}", "6")):
        sent = trainer.send(f"{PAGE}/export{query}", {"table": "parts", "format": "csv"})
        rows = list(csv.DictReader(io.StringIO(sent.data.decode("utf-8-sig"), newline="")))
        assert [row["Memulai"] for row in rows if row["Bagian"] == "akhir"] == [begun]
        assert {row.get("Angkatan") for row in rows} == ({"Angkatan I"} if query else {None})


def test_a_cohort_that_is_new_or_of_elsewhere(
    app: Flask, cast: Cast, trainer: PageClient, tmp_path: Path
) -> None:
    publish(app, cast, tmp_path)
    everybody = classes.sit(app, 1)
    count(app)
    with app.app_context():
        folder = write_course(tmp_path / "lain", final=classes.QUESTIONS)
        import_course(folder.rename(tmp_path / "lain" / "lain"))
        db.session.remove()
    new, other = cohort(app, "Angkatan I", everybody), cohort(app, "Angkatan X", [], "lain")
    assert "Belum dihitung" in words(trainer.get(f"{PAGE}?run={new}"))
    assert trainer.get(f"{PAGE}/akhir?run={new}").location == f"{PAGE}?run={new}"
    assert trainer.get(f"{PAGE}/akhir/first-attempts?run={new}").status_code == 404
    for run in (other, uuid4(), "x"):
        for path in (PAGE, f"{PAGE}/akhir", f"{PAGE}/akhir/first-attempts"):
            assert trainer.get(f"{path}?run={run}").status_code == 404
    count(app)
    assert "Belum dihitung" not in words(trainer.get(f"{PAGE}?run={new}"))
