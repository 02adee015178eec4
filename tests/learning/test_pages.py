"""What the pages of the learner cost, and how they treat what is not theirs."""

from pathlib import Path

import pytest
from flask import Flask

from lms.core.db import db
from tests.cast import Cast
from tests.client import PageClient, words
from tests.learning.answers import start, take
from tests.queries import counted
from tests.sample_course import import_course, write_course


def test_a_lesson_page_asks_the_database_at_most_eight_times(
    app: Flask, learner: PageClient, course: str
) -> None:
    learner.send(f"/courses/{course}/enrol")
    page = f"/courses/{course}/learn/sapa"
    learner.get(page)
    with counted(app) as statements:
        assert learner.get(page).status_code == 200
    assert len(statements) <= 8, "\n".join(statements)


@pytest.mark.parametrize(
    ("path", "most"),
    [("/", 8), ("/courses", 6), ("/courses/melayani", 8), ("/my/competencies", 9),
     ("/my/hours", 8), ("/notifications", 5), ("/my/settings", 6)],
)  # fmt: skip
def test_no_page_asks_more_often_than_it_did(
    app: Flask, learner: PageClient, course: str, path: str, most: int
) -> None:
    learner.send(f"/courses/{course}/enrol")
    learner.get(path)
    with counted(app) as statements:
        assert learner.get(path).status_code == 200
    assert len(statements) <= most, "\n".join(statements)


def test_saving_an_answer_is_one_commit(app: Flask, learner: PageClient, course: str) -> None:
    learner.send(f"/courses/{course}/enrol")
    uuid = start(learner, course, "akhir")
    page = f"/attempts/{uuid}/questions/1"
    data = {"answer": [1], "seq": 1, "csrf_token": learner.csrf()}
    with counted(app) as statements:
        learner.post(page, data=data, headers={"Accept": "application/json"})
    assert sum(s.startswith(("INSERT", "UPDATE", "DELETE")) for s in statements) <= 2
    assert len(statements) <= 12, "\n".join(statements)


def test_a_page_of_the_player_without_enrolment_leads_to_the_course(
    learner: PageClient, course: str
) -> None:
    assert learner.get(f"/courses/{course}/learn/sapa").location.endswith(f"/courses/{course}")
    assert learner.get(f"/courses/{course}/learn").location.endswith(f"/courses/{course}")
    assert learner.send(f"/courses/{course}/learn/sapa/done").status_code == 404
    assert learner.send(f"/courses/{course}/learn/akhir/attempts").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/courses/tidak-ada",
        "/courses/tidak-ada/learn/x",
        "/courses/Melayani",
        "/courses/melayani/x",
    ],
)
def test_an_unknown_address_is_not_found(learner: PageClient, course: str, path: str) -> None:
    assert learner.get(path).status_code == 404


def test_an_unknown_part_is_not_found(learner: PageClient, course: str) -> None:
    learner.send(f"/courses/{course}/enrol")
    assert learner.get(f"/courses/{course}/learn/tidak-ada").status_code == 404
    assert learner.send(f"/courses/{course}/learn/tidak-ada/done").status_code == 404


def test_a_quiz_is_not_finished_by_marking_it_done(learner: PageClient, course: str) -> None:
    learner.send(f"/courses/{course}/enrol")
    response = learner.send(f"/courses/{course}/learn/akhir/done")
    assert response.status_code == 422
    assert "selesai lewat kuisnya" in words(response)


def test_a_lesson_cannot_be_taken_as_a_quiz(learner: PageClient, course: str) -> None:
    learner.send(f"/courses/{course}/enrol")
    assert learner.send(f"/courses/{course}/learn/sapa/attempts").status_code == 422


def test_without_a_sign_in_every_page_leads_to_it(client: PageClient, course: str) -> None:
    for path in ("/", "/courses", f"/courses/{course}", "/my/competencies", "/my/hours", "/team"):
        response = client.get(path)
        assert response.status_code == 302
        assert "/sign-in" in response.location


def test_the_catalogue_finds_by_title_summary_and_competency(
    learner: PageClient, course: str
) -> None:
    for search in ("ramah", "PENGUJIAN", "pelayanan publik", "melayani ramah", "integritas"):
        assert "Melayani dengan ramah" in words(learner.get("/courses", query_string={"q": search}))
    for search in ("xyz", "%", "_", "ramah xyz", "'; --", "\\"):
        page = learner.get("/courses", query_string={"q": search})
        assert "Tidak ada kursus yang cocok" in words(page)


def test_the_catalogue_pages_by_key(
    app: Flask, client: PageClient, cast: Cast, tmp_path: Path
) -> None:
    with app.app_context():
        for i in range(23):
            folder = tmp_path / f"kursus-{i:02}"
            write_course(tmp_path, title=f"Kursus {i:02}").rename(folder)
            import_course(folder)
            db.session.remove()
    client.sign_in(cast.people["learner"])
    first = client.get("/courses")
    assert "23 kursus" in words(first)
    html = first.get_data(as_text=True)
    assert "Kursus 19" in html
    assert "Kursus 20" not in html
    next_page = html.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    second = words(client.get(next_page.replace("&amp;", "&")))
    assert "Kursus 20" in second
    assert "Kursus 22" in second
    assert "Kursus 19" not in second


def test_nobodys_score_leaks_into_an_others_pages(
    app: Flask, learner: PageClient, course: str, cast: Cast
) -> None:
    learner.send(f"/courses/{course}/enrol")
    take(learner, course, "kuis-1", right=True)
    other = app.test_client()
    assert isinstance(other, PageClient)
    other.sign_in(cast.people["colleague"])
    page = words(other.get(f"/courses/{course}"))
    assert "Daftar kursus ini" in page
    assert "nilai Anda" not in page


def test_both_languages_work_on_every_page(learner: PageClient, course: str) -> None:
    learner.send("/preferences", {"language": "en", "next": "/"})
    page = words(learner.get("/courses"))
    assert "Course catalogue" in page
    assert "Katalog kursus" not in page


def test_every_own_course_is_listed_on_a_page_of_its_own(learner: PageClient, course: str) -> None:
    assert "Belum ada kursus yang Anda ikuti" in words(learner.get("/my/courses"))
    learner.send(f"/courses/{course}/enrol")
    assert "Melayani dengan ramah" in words(learner.get("/my/courses"))
