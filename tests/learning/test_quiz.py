"""Answering: every save by itself, nothing lost to a second tab, the back button or the clock."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.core.db import db
from lms.learning import jobs
from lms.quizzes import actions as quizzes
from lms.quizzes.models import Answer, Attempt
from tests.cast import Cast
from tests.client import PageClient, words
from tests.conftest import SetClock
from tests.courses.test_pictures import photo
from tests.learning.answers import start, take, values
from tests.sample_course import FINAL, PNG, import_course, write_course

NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)  # 12.00 WIB


@pytest.fixture
def attempt(learner: PageClient, course: str) -> str:
    """The UUID of an attempt at the final quiz, just begun."""
    learner.send(f"/courses/{course}/enrol")
    return start(learner, course, "akhir")


@pytest.fixture
def timed(app: Flask, client: PageClient, cast: Cast, tmp_path: Path, at: SetClock) -> str:
    """An attempt of 20 minutes, begun at noon."""
    at(NOON)
    with app.app_context():
        import_course(write_course(tmp_path, time_limit=20))
        db.session.remove()
    client.sign_in(cast.people["learner"])
    client.send("/courses/melayani/enrol")
    return start(client, "melayani", "akhir")


def saved(app: Flask) -> list[tuple[list[int] | str, int]]:
    with app.app_context():
        rows = db.session.scalars(sa.select(Answer).order_by(Answer.question_id))
        return [(row.value, row.seq) for row in rows]


def url(uuid: str, number: int = 1) -> str:
    return f"/attempts/{uuid}/questions/{number}"


def test_a_quiz_that_is_started_twice_is_one_attempt(learner: PageClient, course: str) -> None:
    learner.send(f"/courses/{course}/enrol")
    assert start(learner, course, "akhir") == start(learner, course, "akhir")
    assert "Lanjutkan kuis" in words(learner.get(f"/courses/{course}/learn/akhir"))


def test_the_page_shows_the_saved_answer_again(learner: PageClient, attempt: str) -> None:
    learner.send(url(attempt), {"answer": [1], "seq": 1})
    page = learner.get(url(attempt)).get_data(as_text=True)
    assert page.count(" checked") == 1
    assert "Tersimpan" in page


def test_the_same_save_twice_is_one_save(app: Flask, learner: PageClient, attempt: str) -> None:
    for _ in range(2):
        answer = learner.save(url(attempt), {"answer": [1], "seq": 1})
        assert answer.get_json()["saved"]
    assert len(saved(app)) == 1
    assert saved(app)[0][1] == 1


def test_an_older_save_never_wins(app: Flask, learner: PageClient, attempt: str) -> None:
    learner.save(url(attempt), {"answer": [2], "seq": 5})
    before = saved(app)
    late = learner.save(url(attempt), {"answer": [1], "seq": 3})
    assert late.status_code == 409
    assert late.get_json()["answer"] == [2]
    assert saved(app) == before


def test_a_second_tab_is_told_and_keeps_its_choice_on_the_page(
    app: Flask, learner: PageClient, attempt: str
) -> None:
    learner.send(url(attempt), {"answer": [1], "seq": 1})
    before = saved(app)
    other_tab = learner.send(url(attempt), {"answer": [2], "seq": 1})
    assert other_tab.status_code == 409
    assert "sudah dijawab di tab atau perangkat lain" in words(other_tab)
    assert 'value="2" checked' in other_tab.get_data(as_text=True)
    assert saved(app) == before
    again = learner.send(url(attempt), {"answer": [2], "seq": 2})
    assert again.status_code == 302


def test_going_on_without_a_choice_in_an_old_tab_takes_nothing_back(
    app: Flask, learner: PageClient, attempt: str
) -> None:
    learner.send(url(attempt), {"answer": [1], "seq": 1})
    before = saved(app)
    assert learner.send(url(attempt), {"seq": 1}).status_code == 302
    assert saved(app) == before


@pytest.mark.parametrize(
    "data",
    [
        {"answer": ["9"], "seq": "1"},  # no such option
        {"answer": ["0"], "seq": "1"},
        {"answer": ["-1"], "seq": "1"},
        {"answer": ["x"], "seq": "1"},  # not a number
        {"answer": ["1", "2"], "seq": "1"},  # two answers to a single choice
        {"answer": ["1"], "seq": ""},
        {"answer": ["1"], "seq": "abc"},
        {"answer": ["1"], "seq": "0"},
        {"answer": ["1"], "seq": "99999999999999999999"},
        {"answer": ["1"]},
        {"answer": ["١"], "seq": "\x00"},
    ],
)
def test_nonsense_is_refused_and_saves_nothing(
    app: Flask, learner: PageClient, attempt: str, data: dict[str, object]
) -> None:
    uuid = attempt
    single = next(n for n in (1, 2, 3) if len(values(learner, uuid, n, right=True)) == 1)
    before = saved(app)
    for send in (learner.send, learner.save):
        answer = send(url(uuid, single), data)
        assert answer.status_code in (400, 409, 422)
        assert all(not chosen for chosen, _ in saved(app)) or saved(app) == before


def test_a_flag_is_kept_and_shown_in_the_map(learner: PageClient, attempt: str) -> None:
    response = learner.send(url(attempt, 2), {"flag": "on", "seq": 1})
    assert response.location.endswith("/questions/2")
    assert "ditandai" in learner.get(url(attempt)).get_data(as_text=True)
    learner.send(url(attempt, 2), {"flag": "off", "seq": 2})
    page = learner.get(url(attempt, 2)).get_data(as_text=True)
    assert 'name="flag" value="on" aria-pressed="false"' in page


def test_the_review_names_what_is_unanswered(learner: PageClient, attempt: str) -> None:
    learner.send(url(attempt, 1), {"answer": [1], "seq": 1})
    page = words(learner.get(f"/attempts/{attempt}/review"))
    assert "2 soal belum dijawab" in page
    assert "Kirim jawaban" in page


def test_the_buttons_lead_where_they_say(learner: PageClient, attempt: str) -> None:
    for go, target in (("next", "questions/3"), ("previous", "questions/1"), ("review", "review")):
        response = learner.send(url(attempt, 2), {"seq": 1, "go": go})
        assert response.location.endswith(target)
    assert learner.send(url(attempt, 3), {"seq": 1, "go": "next"}).location.endswith("review")


def test_sending_twice_is_one_submission(app: Flask, learner: PageClient, attempt: str) -> None:
    for _ in range(2):
        assert learner.send(f"/attempts/{attempt}/submit").location.endswith("/result")
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Attempt)) == 1


def test_after_sending_an_answer_is_refused_and_the_back_button_shows_the_result(
    app: Flask, learner: PageClient, attempt: str
) -> None:
    learner.send(url(attempt), {"answer": [1], "seq": 1})
    learner.send(f"/attempts/{attempt}/submit")
    before = saved(app)
    late = learner.save(url(attempt), {"answer": [2], "seq": 2})
    assert late.status_code == 409
    assert "sudah dikirim" in late.get_json()["message"]
    assert learner.get(url(attempt)).location.endswith("/result")
    assert learner.send(url(attempt), {"answer": [2], "seq": 2}).location.endswith("/result")
    assert saved(app) == before


def test_the_right_answers_are_never_sent_before_they_may_be_seen(
    learner: PageClient, course: str
) -> None:
    learner.send(f"/courses/{course}/enrol")
    uuid = start(learner, course, "akhir")
    pages = "".join(learner.get(url(uuid, n)).get_data(as_text=True) for n in (1, 2, 3))
    assert "Benar, sapaan membuka layanan" not in pages
    assert "weight" not in pages
    uuid = take(learner, course, "akhir", right=False)
    page = learner.get(f"/attempts/{uuid}/result").get_data(as_text=True)
    assert "Jawaban yang tepat tampil setelah Anda lulus" in page
    assert "Ramah dan cekatan" not in page


def test_nobody_reaches_an_attempt_of_somebody_else(
    app: Flask, learner: PageClient, attempt: str, cast: Cast
) -> None:
    for name in ("colleague", "head", "stranger"):
        other = app.test_client()
        assert isinstance(other, PageClient)
        other.sign_in(cast.people[name])
        assert other.get(url(attempt)).status_code == 404
        assert other.get(f"/attempts/{attempt}/review").status_code == 404
        assert other.get(f"/attempts/{attempt}/result").status_code == 404
        assert other.send(url(attempt), {"answer": [1], "seq": 1}).status_code == 404
        assert other.send(f"/attempts/{attempt}/submit").status_code == 404
    assert saved(app) == []
    assert learner.get(url(attempt, 99)).status_code == 404
    assert learner.send(url(attempt, 99), {"seq": 1}).status_code == 404


def test_a_save_that_was_on_its_way_is_still_taken(
    client: PageClient, timed: str, at: SetClock
) -> None:
    at(NOON + timedelta(minutes=20, seconds=45))
    assert client.save(url(timed), {"answer": [1], "seq": 1}).get_json()["saved"]
    at(NOON + timedelta(minutes=21, seconds=1))
    late = client.save(url(timed), {"answer": [2], "seq": 2})
    assert late.status_code == 409
    assert "Waktu habis" in late.get_json()["message"]


def test_when_the_time_is_up_every_page_leads_to_sending(
    client: PageClient, timed: str, at: SetClock
) -> None:
    client.send(url(timed), {"answer": [1], "seq": 1})
    at(NOON + timedelta(minutes=20))
    assert client.get(url(timed)).location.endswith("/review")
    page = words(client.get(f"/attempts/{timed}/review"))
    assert "Waktu habis" in page
    assert "tetap dinilai" in page


def test_an_attempt_left_behind_is_submitted_and_graded_by_the_sweep(
    app: Flask, client: PageClient, timed: str, at: SetClock
) -> None:
    right = values(client, timed, 1, right=True)
    client.send(url(timed), {"answer": right, "seq": 1})
    at(NOON + timedelta(minutes=20, seconds=30))
    with app.app_context():
        jobs.sweep_attempts()  # the grace is not over
        assert db.session.scalar(sa.select(Attempt.submitted_at)) is None
        db.session.remove()
    at(NOON + timedelta(minutes=22))
    with app.app_context():
        jobs.sweep_attempts()
        attempt = db.session.scalars(sa.select(Attempt)).one()
        assert attempt.submitted_at is not None
        assert str(attempt.percent) == "33.33"
    assert "Nilai Anda 33,3" in words(client.get(f"/attempts/{timed}/result"))
    inbox = words(client.get("/notifications"))
    assert "Hasil Ujian akhir" in inbox
    assert "Jawaban Anda sudah dinilai: 33,33, nilai minimum 70." in inbox


def test_a_course_that_was_only_waiting_for_the_sweep_is_completed_by_it(
    app: Flask, client: PageClient, timed: str, at: SetClock
) -> None:
    for key in ("sapa", "dengar"):
        client.send(f"/courses/melayani/learn/{key}/done")
    take(client, "melayani", "kuis-1", right=True)
    for number in (1, 2, 3):
        right = values(client, timed, number, right=True)
        client.send(url(timed, number), {"answer": right, "seq": 1})
    at(NOON + timedelta(minutes=22))
    with app.app_context():
        jobs.sweep_attempts()
    assert "Kursus selesai: Melayani dengan ramah" in words(client.get("/notifications"))


def test_a_fault_in_grading_never_loses_the_submission(
    app: Flask, learner: PageClient, course: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner.send(f"/courses/{course}/enrol")
    uuid = start(learner, course, "akhir")
    for number in (1, 2, 3):
        right = values(learner, uuid, number, right=True)
        learner.send(url(uuid, number), {"answer": right, "seq": 1})
    with monkeypatch.context() as broken:
        broken.setattr(quizzes, "grade_attempt", lambda _: 1 / 0)
        assert learner.send(f"/attempts/{uuid}/submit").status_code == 302
        assert "Nilainya sedang dihitung" in words(learner.get(f"/attempts/{uuid}/result"))
        with app.app_context():
            jobs.sweep_attempts()  # still broken: it must not stop the sweep
    with app.app_context():
        jobs.sweep_attempts()
    assert "Nilai Anda 100" in words(learner.get(f"/attempts/{uuid}/result"))


def test_a_picture_of_a_question_stays_the_one_the_attempt_began_with(
    app: Flask, client: PageClient, cast: Cast, tmp_path: Path
) -> None:
    final = FINAL.replace("Layanan boleh", "![Bagan](media/loket.png) Layanan boleh")
    with app.app_context():
        import_course(write_course(tmp_path, final=final))
        db.session.remove()
    client.sign_in(cast.people["learner"])
    client.send("/courses/melayani/enrol")
    uuid = start(client, "melayani", "akhir")
    pages = [client.get(url(uuid, n)).get_data(as_text=True) for n in (1, 2, 3)]
    found = re.search(r'<img[^>]* src="([^"]+)"', "".join(pages))
    assert found
    before = client.get(found.group(1)).data
    assert before == PNG
    folder = write_course(tmp_path, final=final)
    (folder / "01-dasar" / "media" / "loket.png").write_bytes(photo(20, 10))
    result = app.test_cli_runner().invoke(args=["courses", "import", str(folder), "--small"])
    assert "versi 2 terbit; 1 peserta dipindahkan" in result.output
    assert client.get(found.group(1)).data == before
