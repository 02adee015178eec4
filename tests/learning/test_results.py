"""What a result says beyond its score: competencies, the gain since the pre-test, what to read."""

import re
from pathlib import Path

import pytest
from flask import Flask

from lms.core.db import db
from tests.cast import Cast
from tests.client import PageClient, words
from tests.learning.answers import start, take, values
from tests.learning.test_limits import Publish, publish
from tests.sample_course import import_course, write_course

__all__ = ["publish"]

PAIR = 'pretest = "kuis-1"\n'


def questions(prefix: str) -> str:
    """Five questions: two of a competency, two of another, one of none."""
    tags = ("M.05", "M.05] [tag:lesson.sapa", "M.01", "M.01", "lesson.dengar")
    return "\n\n".join(
        f"// [id:{prefix}-{number}] [tag:{tag}]\nPernyataan {number} {{T}}"
        for number, tag in enumerate(tags, start=1)
    )


@pytest.fixture
def taker(publish: Publish) -> PageClient:
    settings = PAIR + "[[sections]]\nshuffle = false\n"
    return publish(settings, pretest=questions("awal"), final=questions("akhir"), attempts=3)


def answer(client: PageClient, key: str, right: set[int]) -> str:
    """Take a quiz with these questions right and the others wrong; the attempt."""
    uuid = start(client, "melayani", key)
    for number in range(1, 6):
        chosen = values(client, uuid, number, right=number in right)
        client.send(f"/attempts/{uuid}/questions/{number}", {"answer": chosen, "seq": 1})
    client.send(f"/attempts/{uuid}/submit")
    return uuid


def result(client: PageClient, uuid: str) -> str:
    return words(client.get(f"/attempts/{uuid}/result"))


def test_a_post_test_is_shown_beside_its_pre_test(taker: PageClient) -> None:
    answer(taker, "kuis-1", {1, 3})
    page = result(taker, answer(taker, "akhir", {1, 2, 3, 5}))
    assert "Dari pre-test ke Ujian akhir" in page
    assert re.search(r"Seluruh kuis Pre-test [0-9.]+ / 100 40 Post-test [0-9.]+ / 100 80 ", page)
    assert "Naik 40 poin, yaitu 66,7 persen dari yang masih dapat dinaikkan." in page
    assert page.count("Pre-test") >= 3  # and for each of the two competencies
    assert "Menurut kompetensi" not in page
    course = words(taker.get("/courses/melayani"))
    assert "Dari pre-test ke post-test Ujian akhir Pre-test" in course
    assert "Naik 40 poin" in course


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({1, 2, 3, 4, 5}, {1}, "Pre-test sudah 100; tidak ada yang perlu ditambah."),
        ({1, 2}, {1}, "Turun 20 poin."),
        ({1, 2}, {3, 4}, "Nilainya tetap."),
    ],
)
def test_every_outcome_of_a_pair_has_its_words(
    taker: PageClient, before: set[int], after: set[int], told: str
) -> None:
    answer(taker, "kuis-1", before)
    assert told in result(taker, answer(taker, "akhir", after))


def test_the_first_attempt_at_the_pre_test_counts(taker: PageClient) -> None:
    answer(taker, "kuis-1", {1})
    answer(taker, "kuis-1", {1, 2, 3})
    assert "Naik 20 poin" in result(taker, answer(taker, "akhir", {1, 2}))


def test_without_a_pre_test_taken_there_are_bars_of_the_competencies_alone(
    taker: PageClient,
) -> None:
    page = result(taker, answer(taker, "akhir", {1, 2, 3}))
    assert "pre-test" not in page.lower()
    after = page.split("Menurut kompetensi")[1]
    assert re.search(
        r"Integritas Nilai [0-9.]+ / 100 50 Pelayanan Publik Nilai [0-9.]+ / 100 100", after
    )
    assert "Dari pre-test" not in words(taker.get("/courses/melayani"))


def test_a_missed_question_leads_to_the_lesson_that_explains_it(taker: PageClient) -> None:
    uuid = answer(taker, "akhir", {1, 3})
    html = taker.get(f"/attempts/{uuid}/result").get_data(as_text=True)
    assert html.count('<a href="/courses/melayani/learn/sapa">Baca lagi: Menyapa, 4 menit') == 1
    assert html.count('<a href="/courses/melayani/learn/dengar">Baca lagi: Mendengar, 5 men') == 1
    right = answer(taker, "akhir", {1, 2, 3, 4, 5})
    assert "Baca lagi" not in result(taker, right)


def test_scores_that_are_hidden_make_no_bars(publish: Publish) -> None:
    settings = PAIR + '[review]\nimmediately = ["attempt", "correctness"]\n'
    client = publish(settings, pretest=questions("awal"), final=questions("akhir"), show_answers="")
    take(client, "melayani", "kuis-1", right=True)
    page = result(client, take(client, "melayani", "akhir", right=False))
    assert "Menurut kompetensi" not in page
    assert "pre-test" not in page.lower()
    assert "Dari pre-test" not in words(client.get("/courses/melayani"))


def test_a_quiz_without_a_minimum_is_neither_passed_nor_failed(
    app: Flask, client: PageClient, cast: Cast, tmp_path: Path
) -> None:
    course = write_course(tmp_path)
    settings = course / "01-dasar" / "03-kuis.toml"
    settings.write_text(settings.read_text().replace("pass = 50", "pass = 0"))
    with app.app_context():
        import_course(course)
        db.session.remove()
    client.sign_in(cast.people["learner"])
    client.send("/courses/melayani/enrol")
    intro = words(client.get("/courses/melayani/learn/kuis-1"))
    assert "Nilai minimum tidak ada" in intro
    page = result(client, take(client, "melayani", "kuis-1", right=False))
    assert "Jawaban Anda sudah dinilai" in page
    assert "Nilai Anda 0. Kuis ini tanpa nilai minimum." in page
    assert "lulus" not in page.lower()
    assert "minimum 0" not in page
    assert "Anda sudah mengerjakan kuis ini." in words(client.get("/courses/melayani/learn/kuis-1"))
    assert "nilai minimum" not in words(client.get("/notifications"))
    assert "Kuis 1 Nilai 0 " in words(client.get("/"))
