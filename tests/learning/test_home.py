"""The start page: what to go on with, why a course is suggested, the latest result."""

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.accounts.actions import people
from lms.accounts.rules import Employment
from lms.competencies.queries.hours import hour_total_of, hours_of
from lms.core import clock
from lms.core.db import db, transaction
from lms.courses.models import Course, CoursePrerequisite
from lms.learning.actions import running
from lms.learning.models import CourseAudience, EnrolmentPolicy
from lms.learning.rules import EnrolmentWay
from tests.cast import Cast
from tests.client import PageClient, words
from tests.courses.published import publish
from tests.learning.answers import take
from tests.queries import counted


def test_what_comes_next_is_told_with_its_kind_and_length(learner: PageClient, course: str) -> None:
    learner.send(f"/courses/{course}/enrol")
    assert "Berikutnya: Menyapa Bacaan, 4 menit" in words(learner.get("/"))
    for lesson in ("sapa", "dengar"):
        learner.send(f"/courses/{course}/learn/{lesson}/done")
    assert "Berikutnya: Kuis 1 Kuis, 2 soal" in words(learner.get("/"))


def test_a_course_is_suggested_with_the_gap_that_it_closes(
    learner: PageClient, course: str
) -> None:
    page = words(learner.get("/"))
    assert "Belum ada kursus yang berjalan Melayani dengan ramah" in page
    assert "Menutup kesenjangan Integritas: belum terukur, sampai tingkat 1" in page
    learner.send(f"/courses/{course}/enrol")
    page = words(learner.get("/"))
    assert "Menutup kesenjangan" not in page  # the only such course is under way
    assert "Tidak ada kursus lain yang menutup kesenjangan ini." in page


def test_the_largest_gap_that_a_course_closes_comes_first(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    """The shortest course of a gap; a course that begins too high is none."""
    with app.app_context(), transaction():
        publish("Terlalu tinggi", minutes=1, outcomes=(("M.01", 2, 3),))
        publish("Panjang", minutes=90, outcomes=(("M.02", 0, 1),))
        publish("Pendek", minutes=30, outcomes=(("M.02", 0, 2),))
    client.sign_in(cast.people["head"])
    page = words(client.get("/"))
    assert "Pendek Menutup kesenjangan Kerja Sama: belum terukur, sampai tingkat 2" in page


def _newest() -> int:
    return db.session.scalars(sa.select(sa.func.max(Course.id))).one()


def test_a_course_that_one_may_not_enter_is_not_suggested(
    app: Flask, client: PageClient, cast: Cast, course: str
) -> None:
    """By its policy, or for what comes first; one that may be asked for is."""
    with app.app_context(), transaction():
        first = publish("Hanya undangan", minutes=1, outcomes=(("M.01", 0, 1),))
        second = publish("Untuk dinas lain", minutes=2, outcomes=(("M.01", 0, 1),))
        third = publish("Ada prasyarat", minutes=3, outcomes=(("M.01", 0, 1),))
        asked = publish("Dengan permintaan", minutes=4, outcomes=(("M.01", 0, 1),))
        open_one = publish("Terbuka", minutes=5, outcomes=(("M.01", 0, 1),))
        db.session.add_all(
            [
                EnrolmentPolicy(course_id=first.course_id, way=EnrolmentWay.INVITATION),
                EnrolmentPolicy(course_id=second.course_id, way=EnrolmentWay.DIRECT),
                CourseAudience(course_id=second.course_id, unit_id=cast.units["b"]),
                CoursePrerequisite(course_id=third.course_id, requires_id=open_one.course_id),
                EnrolmentPolicy(course_id=asked.course_id, way=EnrolmentWay.APPROVAL),
            ]
        )
        last = open_one.course_id
    client.sign_in(cast.people["learner"])
    client.send(f"/courses/{course}/enrol")  # with a course under way there is most to ask
    client.get("/")  # the courses are in memory from now on
    with counted(app) as made:
        page = words(client.get("/"))
    assert "Lanjutkan" in page
    assert "Dengan permintaan 2 JP Menutup kesenjangan Integritas" in page
    for closed in ("Hanya undangan", "Untuk dinas lain", "Ada prasyarat"):
        assert closed not in page
    assert len(made) <= 8, "\n".join(made)
    with app.app_context(), transaction():
        publish("Lebih pendek", minutes=1, outcomes=(("M.01", 0, 1),))
    assert "Lebih pendek 2 JP Menutup kesenjangan Integritas" in words(client.get("/"))
    with app.app_context(), transaction():
        db.session.add(EnrolmentPolicy(course_id=_newest(), way=EnrolmentWay.INVITATION))
    with app.app_context(), transaction():
        db.session.execute(sa.update(EnrolmentPolicy).values(way=EnrolmentWay.INVITATION))
        db.session.get_one(Course, last).archived_at = clock.now()
    assert "Tidak ada kursus lain yang menutup kesenjangan ini." in words(client.get("/"))


def test_the_latest_result_is_a_quiz_until_the_course_is_completed(
    learner: PageClient, course: str
) -> None:
    learner.send(f"/courses/{course}/enrol")
    assert "Hasil terakhir" not in words(learner.get("/"))
    take(learner, course, "kuis-1", right=False)
    page = words(learner.get("/"))
    assert "Hasil terakhir Kuis 1 Nilai 0, nilai minimum 50" in page
    take(learner, course, "kuis-1", right=True)
    assert "Hasil terakhir Kuis 1 Nilai 100, nilai minimum 50" in words(learner.get("/"))
    for lesson in ("sapa", "dengar"):
        learner.send(f"/courses/{course}/learn/{lesson}/done")
    take(learner, course, "akhir", right=True)
    page = words(learner.get("/"))
    assert "Hasil terakhir Melayani dengan ramah Kursus selesai dengan nilai akhir 100" in page


def test_a_result_of_an_enrolment_that_was_withdrawn_is_not_told(
    app: Flask, learner: PageClient, course: str, cast: Cast
) -> None:
    learner.send(f"/courses/{course}/enrol")
    take(learner, course, "kuis-1", right=True)
    with app.app_context(), transaction():
        running.withdraw(None, cast.person("learner"), course, reason="pindah tugas")
    page = words(learner.get("/"))
    assert "Hasil terakhir" not in page
    assert "Melayani dengan ramah" in page  # it may be begun again


def test_somebody_new_sees_where_to_begin(app: Flask, client: PageClient, cast: Cast) -> None:
    with app.app_context(), transaction():
        person_id = people.add_person(
            nip="199209092018012009", name="Wayan", email=None, employment=Employment.PNS
        ).id
    client.sign_in(person_id)
    page = words(client.get("/"))
    assert "Pilih kursus pertama Anda" in page
    assert "Anda belum ditempatkan pada jabatan" in page


@pytest.mark.parametrize("employment", list(Employment))
@pytest.mark.parametrize("ago", [0, 30])
def test_the_total_of_a_year_is_that_of_its_entries(
    learner: PageClient, course: str, cast: Cast, app: Flask, employment: Employment, ago: int
) -> None:
    learner.send(f"/courses/{course}/enrol")
    for lesson in ("sapa", "dengar"):
        learner.send(f"/courses/{course}/learn/{lesson}/done")
    for quiz in ("kuis-1", "akhir"):
        take(learner, course, quiz, right=True)
    with app.app_context():
        year = clock.today("Asia/Jakarta").year - ago
        person_id = cast.people["learner"]
        whole = hours_of(person_id, employment, year)
        total = hour_total_of(person_id, employment, year)
        db.session.remove()
    for name in ("year", "earned", "target", "source", "needs_verification", "missing"):
        assert getattr(total, name) == getattr(whole, name), name
