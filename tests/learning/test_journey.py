"""The main loop through the pages: enrol, read, pass, and the record changes in that moment."""

import re

from flask import Flask

from tests.cast import Cast
from tests.client import PageClient, words
from tests.learning.answers import take


def finish(client: PageClient, slug: str) -> None:
    client.send(f"/courses/{slug}/enrol")
    for key in ("sapa", "dengar"):
        client.send(f"/courses/{slug}/learn/{key}/done")
    for key in ("kuis-1", "akhir"):
        take(client, slug, key, right=True)


def test_a_new_learner_sees_the_way_in(learner: PageClient, course: str) -> None:
    assert "Lihat kursus" in words(learner.get("/"))
    assert "Melayani dengan ramah" in words(learner.get("/courses"))
    page = words(learner.get(f"/courses/{course}"))
    assert "Daftar kursus ini" in page
    assert "Mulai belajar" not in page


def test_after_enrolling_the_learner_starts_at_the_first_part(
    learner: PageClient, course: str
) -> None:
    response = learner.send(f"/courses/{course}/enrol", follow_redirects=True)
    assert "Anda terdaftar" in words(response)
    assert "Mulai belajar" in words(response)
    assert learner.get(f"/courses/{course}/learn").location.endswith("/learn/sapa")


def test_a_lesson_is_done_by_the_learners_own_act_and_leads_on(
    learner: PageClient, course: str
) -> None:
    learner.send(f"/courses/{course}/enrol")
    page = learner.get(f"/courses/{course}/learn/sapa")
    assert "Selesai, lanjut" in words(page)
    assert "0 dari 4 bagian" in words(page)  # opening it alone is not enough
    response = learner.send(f"/courses/{course}/learn/sapa/done")
    assert response.location.endswith("/learn/dengar")
    assert "1 dari 4 bagian" in words(learner.get(f"/courses/{course}/learn/dengar"))
    assert learner.get(f"/courses/{course}/learn").location.endswith("/learn/dengar")


def test_the_picture_of_a_lesson_is_served_to_those_enrolled_only(
    learner: PageClient, course: str, cast: Cast
) -> None:
    learner.send(f"/courses/{course}/enrol")
    html = learner.get(f"/courses/{course}/learn/sapa").get_data(as_text=True)
    source = re.search(r'<img[^>]* src="([^"]+)"', html)
    assert source
    address = f"/courses/{course}/learn/{source.group(1)}"
    assert learner.get(address).mimetype == "image/png"
    part = learner.get(address, headers={"Range": "bytes=0-9"})
    assert (part.status_code, len(part.data)) == (206, 10)
    other = learner.application.test_client()
    assert isinstance(other, PageClient)
    other.sign_in(cast.people["stranger"])
    assert other.get(address).status_code == 404


def test_passing_everything_changes_record_hours_and_inbox_at_once(
    learner: PageClient, course: str
) -> None:
    assert "0 dari 9" in words(learner.get("/my/competencies"))
    finish(learner, course)
    assert "Kursus selesai" in words(learner.get(f"/courses/{course}"))
    profile = words(learner.get("/my/competencies"))
    assert "2 dari 9" in profile
    assert "Menetapkan tingkat saat ini" in profile
    hours = words(learner.get("/my/hours"))
    assert "Melayani dengan ramah" in hours
    assert "2 JP" in hours
    inbox = words(learner.get("/notifications"))
    assert "Kursus selesai: Melayani dengan ramah" in inbox
    assert "2 JP tercatat" in inbox


def test_a_failed_final_quiz_can_be_taken_again_and_the_best_counts(
    learner: PageClient, course: str
) -> None:
    learner.send(f"/courses/{course}/enrol")
    for key in ("sapa", "dengar"):
        learner.send(f"/courses/{course}/learn/{key}/done")
    take(learner, course, "kuis-1", right=True)
    uuid = take(learner, course, "akhir", right=False)
    page = words(learner.get(f"/attempts/{uuid}/result"))
    assert "Belum lulus" in page
    assert "Anda punya 1 kesempatan lagi" in page
    assert "Jawaban yang tepat tampil setelah Anda lulus" in page
    assert "0 dari 9" in words(learner.get("/my/competencies"))
    uuid = take(learner, course, "akhir", right=True)
    page = words(learner.get(f"/attempts/{uuid}/result"))
    assert "Anda lulus" in page
    assert "2 JP sudah tercatat" in page
    assert "2 dari 9" in words(learner.get("/my/competencies"))


def test_when_no_attempt_is_left_the_page_says_so(learner: PageClient, course: str) -> None:
    learner.send(f"/courses/{course}/enrol")
    for _ in range(2):
        take(learner, course, "akhir", right=False)
    page = words(learner.get(f"/courses/{course}/learn/akhir"))
    assert "Semua kesempatan sudah dipakai" in page
    assert "Mulai kuis" not in page
    response = learner.send(f"/courses/{course}/learn/akhir/attempts")
    assert response.status_code == 422
    assert "Semua kesempatan untuk kuis ini sudah dipakai" in words(response)


def test_the_head_sees_the_result_and_the_neighbour_does_not(
    app: Flask, learner: PageClient, course: str, cast: Cast
) -> None:
    finish(learner, course)
    for name, sees in (("head", True), ("agency_head", True), ("other_head", False)):
        other = app.test_client()
        assert isinstance(other, PageClient)
        other.sign_in(cast.people[name])
        board = words(other.get("/team"))
        assert ("Sari Wulandari" in board) is sees
        assert ("1 selesai" in board) is sees


def test_a_completed_course_is_not_taken_twice(learner: PageClient, course: str) -> None:
    finish(learner, course)
    response = learner.send(f"/courses/{course}/enrol")
    assert response.status_code == 422
    assert "Anda sudah menyelesaikan kursus ini" in words(response)
    response = learner.send(f"/courses/{course}/learn/akhir/attempts")
    assert response.status_code == 422
