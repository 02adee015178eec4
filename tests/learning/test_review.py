"""What a learner sees of an attempt, and when: nothing is sent before it may be seen."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from lms.learning import jobs
from tests.client import PageClient, words
from tests.conftest import SetClock
from tests.learning.answers import start, take
from tests.learning.test_limits import INTRO, NINE, Publish, publish

__all__ = ["publish"]

NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
RIGHT = "Sapaan membuka layanan"


@pytest.fixture
def reviewed(publish: Publish) -> "Reviewed":
    return Reviewed(publish)


class Reviewed:
    """An attempt with every answer wrong at a quiz with these settings; `page` is its result."""

    def __init__(self, publish: Publish) -> None:
        self._publish = publish

    def __call__(self, settings: str, *, right: bool = False, **sample: object) -> None:
        self.client: PageClient = self._publish(settings, **sample)
        self.uuid = take(self.client, "melayani", "akhir", right=right)

    def page(self) -> str:
        return words(self.client.get(f"/attempts/{self.uuid}/result"))


def review(**moments: str) -> str:
    lines = [f"{moment} = [{parts}]" for moment, parts in moments.items()]
    return "[review]\n" + "\n".join(lines) + "\n"


ALL_OF_IT = (
    '"attempt","correctness","marks","option-feedback","general-feedback",'
    '"right-answer","overall-feedback"'
)


@pytest.mark.parametrize(
    ("part", "seen", "unseen"),
    [
        ("attempt", "Jawaban Anda", "soal untuk dipelajari lagi"),
        ("correctness", "0 dari 3 soal tepat", "Jawaban Anda"),
        ("marks", "Nilai Anda 0, nilai minimum 70", "soal tepat"),
        ("overall-feedback", "Mulailah dari bacaan.", "Nilai Anda"),
    ],
)
def test_each_part_is_shown_by_itself(
    reviewed: Reviewed, part: str, seen: str, unseen: str
) -> None:
    bands = '[[feedback]]\nfrom = 0\ntext = "Mulailah dari bacaan."\n'
    reviewed(review(immediately=f'"{part}"') + bands, show_answers="")
    page = reviewed.page()
    assert seen in page
    assert unseen not in page
    assert "Belum lulus" in page  # whether it is passed is always told


@pytest.mark.parametrize(
    ("part", "seen"),
    [
        ("option-feedback", "Warga menunggu tanpa kepastian."),
        ("general-feedback", "Ramah dan cekatan."),
        ("right-answer", "Jawaban yang tepat Menyapa"),
    ],
)
def test_what_hangs_on_a_question_is_shown_by_itself(
    reviewed: Reviewed, part: str, seen: str
) -> None:
    reviewed(review(immediately=f'"attempt","{part}"'), show_answers="")
    page = reviewed.page()
    told = {
        "option-feedback": "Warga" in page.split("Jawaban Anda", 1)[1],
        "general-feedback": "Ramah dan cekatan." in page,
        "right-answer": "Jawaban yang tepat Menyapa" in page,
    }
    assert told[part], seen
    assert [name for name, is_told in told.items() if is_told] == [part]


def test_an_exam_shows_its_questions_only_after_it_has_closed(
    reviewed: Reviewed, at: SetClock
) -> None:
    reviewed("closes = 2026-11-20T12:00:00\n", show_answers="after-close")
    assert "Nilai Anda 0" in reviewed.page()
    intro = words(reviewed.client.get(INTRO))
    assert "Jawaban yang tepat setelah kuis ditutup 20 November 2026, 12.00 WIB" in intro
    for moment in (NINE, NOON - timedelta(seconds=1)):
        at(moment)
        page = reviewed.page()
        assert "Jawaban yang tepat tampil setelah kuis ditutup" in page
        assert "Menyapa" not in page
        assert "Jawaban Anda" not in page
    at(NOON)
    page = reviewed.page()
    assert "Jawaban Anda" in page
    assert "Jawaban yang tepat Menyapa" in page


def test_the_two_minutes_after_sending_are_a_moment_of_their_own(
    reviewed: Reviewed, at: SetClock
) -> None:
    reviewed(review(immediately=ALL_OF_IT, later='"marks"'), show_answers="")
    assert "Jawaban yang tepat selama 2 menit setelah dikirim" in words(reviewed.client.get(INTRO))
    at(NINE + timedelta(minutes=2))
    assert "Jawaban yang tepat Menyapa" in reviewed.page()
    at(NINE + timedelta(minutes=2, seconds=1))
    page = reviewed.page()
    assert "Menyapa" not in page
    assert "Nilai Anda 0" in page


def test_a_score_that_is_not_shown_yet_is_on_no_page(reviewed: Reviewed, at: SetClock) -> None:
    settings = "closes = 2026-11-20T12:00:00\n" + review(closed='"marks"')
    reviewed(settings, right=True, show_answers="")
    told = "tampil setelah kuis ditutup 20 November 2026, 12.00 WIB"
    assert f"Nilainya {told}" in reviewed.page()
    intro = words(reviewed.client.get(INTRO))
    assert "Anda sudah lulus kuis ini." in intro
    course = words(reviewed.client.get("/courses/melayani"))
    for page in (reviewed.page(), intro, course):
        assert "nilai Anda 100" not in page
        assert "Nilai Anda 100" not in page
        assert "dengan nilai" not in page
    at(NOON)
    assert "Nilai Anda 100" in reviewed.page()
    assert "dengan nilai 100" in words(reviewed.client.get(INTRO))
    assert "nilai Anda 100" in words(reviewed.client.get("/courses/melayani"))


def test_right_answers_may_be_kept_for_those_who_passed(reviewed: Reviewed) -> None:
    reviewed("", show_answers="after-pass")
    assert "Jawaban yang tepat tampil setelah Anda lulus kuis ini." in reviewed.page()
    take(reviewed.client, "melayani", "akhir", right=True)
    assert "Jawaban yang tepat Menyapa" in reviewed.page()


def test_a_score_alone_shows_no_question(reviewed: Reviewed) -> None:
    reviewed("", show_answers="score")
    page = reviewed.page()
    assert "Nilai Anda 0" in page
    assert "Soal 1" not in page
    assert "Jawaban yang tepat tidak ditampilkan" in words(reviewed.client.get(INTRO))


def test_a_hidden_score_is_not_told_in_the_inbox_either(
    app: Flask, publish: Publish, at: SetClock
) -> None:
    client = publish(
        review(immediately='"attempt"', later='"attempt"'), show_answers="", time_limit=20
    )
    start(client, "melayani", "akhir")
    at(NINE + timedelta(minutes=30))
    with app.app_context():
        jobs.sweep_attempts()
    inbox = words(client.get("/notifications"))
    assert "Jawaban Anda sudah dinilai. Kursus: Melayani dengan ramah." in inbox
    assert "dinilai:" not in inbox
