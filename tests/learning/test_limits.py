"""When a quiz may be taken, what ends it, and which attempt counts: what the learner is told."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.core.db import db
from lms.learning import jobs
from lms.learning.models import Enrolment
from lms.quizzes.models import Attempt
from tests.cast import Cast
from tests.client import PageClient, words
from tests.conftest import SetClock
from tests.learning.answers import start, take, values
from tests.sample_course import import_course, write_course

NINE = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # 09.00 WIB
INTRO = "/courses/melayani/learn/akhir"
Publish = Callable[..., PageClient]


@pytest.fixture
def publish(app: Flask, client: PageClient, cast: Cast, tmp_path: Path, at: SetClock) -> Publish:
    """Publishes the course at nine with settings of the final quiz; gives an enrolled learner."""

    def with_settings(settings: str = "", **sample: Any) -> PageClient:
        at(NINE)
        with app.app_context():
            import_course(write_course(tmp_path, settings=settings, **sample))
            db.session.remove()
        client.sign_in(cast.people["learner"])
        client.send("/courses/melayani/enrol")
        return client

    return with_settings


def after(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


def attempts(app: Flask) -> list[Attempt]:
    with app.app_context():
        return list(db.session.scalars(sa.select(Attempt).order_by(Attempt.number)))


def test_the_closing_ends_an_attempt_before_its_own_time_is_up(
    app: Flask, publish: Publish, at: SetClock
) -> None:
    """The worked figures: 09.00, 30 minutes, closing at 09.20."""
    client = publish("closes = 2026-11-20T09:20:00\n", time_limit=30)
    intro = words(client.get(INTRO))
    assert (
        "Waktu 30 menit; berakhir paling lambat 20 November 2026, 09.20 WIB karena kuis ditutup."
        in intro
    )
    uuid = start(client, "melayani", "akhir")
    page = f"/attempts/{uuid}/questions/1"
    assert 'data-timer="1200"' in client.get(page).get_data(as_text=True)
    assert "Berakhir 20 November 2026, 09.20 WIB" in words(client.get(INTRO))
    at(after(20) + timedelta(seconds=45))
    assert client.save(page, {"answer": [1], "seq": 1}).get_json()["saved"]
    at(after(21) + timedelta(seconds=1))
    late = client.save(page, {"answer": [2], "seq": 2})
    assert late.status_code == 409
    with app.app_context():
        jobs.sweep_attempts()
    (attempt,) = attempts(app)
    assert attempt.submitted_at == after(20)
    assert attempt.graded_at is not None


def test_an_end_on_another_day_is_told_with_its_day_and_is_not_counted_down(
    publish: Publish,
) -> None:
    client = publish("closes = 2026-12-24T17:00:00\n")
    assert "Berakhir 24 Desember 2026, 17.00 WIB karena kuis ditutup." in words(client.get(INTRO))
    uuid = start(client, "melayani", "akhir")
    page = client.get(f"/attempts/{uuid}/questions/1")
    assert "sampai 24 Desember 2026, 17.00 WIB" in words(page)
    assert "data-timer=" not in page.get_data(as_text=True)


def test_the_time_is_told_in_the_learners_own_zone(
    app: Flask, publish: Publish, cast: Cast
) -> None:
    publish("opens = 2026-11-20T10:00:00\n")
    other = app.test_client()
    assert isinstance(other, PageClient)
    other.sign_in(cast.people["stranger"])  # of a unit in Makassar
    other.send("/courses/melayani/enrol")
    assert "dibuka 20 November 2026, 11.00 WITA" in words(other.get(INTRO))


def test_a_quiz_is_open_between_its_dates_only(app: Flask, publish: Publish, at: SetClock) -> None:
    client = publish("opens = 2026-11-20T10:00:00\ncloses = 2026-11-20T12:00:00\n")
    for minutes, told in (
        (59, "Kuis ini dibuka 20 November 2026, 10.00 WIB."),
        (180, "Kuis ini ditutup 20 November 2026, 12.00 WIB."),
    ):
        at(after(minutes))
        page = client.get(INTRO)
        assert told in words(page)
        assert "Mulai kuis" not in words(page)
        assert client.send(f"{INTRO}/attempts").status_code == 422
    assert attempts(app) == []
    at(after(60))
    start(client, "melayani", "akhir")


def test_a_learner_waits_between_attempts(app: Flask, publish: Publish, at: SetClock) -> None:
    client = publish("wait = 30\nwait_later = 120\n", attempts=4)
    intro = words(client.get(INTRO))
    assert "sesudah percobaan pertama 30 menit, sesudah yang berikutnya 2 jam" in intro
    take(client, "melayani", "akhir", right=False)
    at(after(29))
    assert "Percobaan berikutnya boleh dimulai 20 November 2026, 09.30 WIB." in words(
        client.get(INTRO)
    )
    refused = client.send(f"{INTRO}/attempts")
    assert refused.status_code == 422
    assert "Percobaan berikutnya belum dapat dimulai." in words(refused)
    at(after(30))
    uuid = take(client, "melayani", "akhir", right=False)
    told = "Percobaan berikutnya boleh dimulai 20 November 2026, 11.30 WIB."
    assert told in words(client.get(f"/attempts/{uuid}/result"))
    at(after(149))
    assert client.send(f"{INTRO}/attempts").status_code == 422
    at(after(150))
    start(client, "melayani", "akhir")
    assert len(attempts(app)) == 3


def test_who_has_passed_is_told_from_when_to_try_again_but_not_to_ask_for_more(
    publish: Publish, at: SetClock
) -> None:
    client = publish("wait = 30\n", attempts=2)
    take(client, "melayani", "akhir", right=True)
    assert "boleh dimulai 20 November 2026, 09.30 WIB" in words(client.get(INTRO))
    at(after(30))
    take(client, "melayani", "akhir", right=True)
    spent = words(client.get(INTRO))
    assert "tersisa 0 dari 2" in spent
    assert "Hubungi pengajar" not in spent


def test_the_closing_is_told_once(publish: Publish, at: SetClock) -> None:
    client = publish("closes = 2026-11-20T12:00:00\n", time_limit=30)
    intro = words(client.get(INTRO))
    assert "Waktu 30 menit sejak Anda mulai. Ditutup 20 November 2026, 12.00 WIB" in intro
    at(after(175))
    assert "Ditutup" not in words(client.get(INTRO))


def test_who_cannot_wait_for_another_attempt_is_told(publish: Publish) -> None:
    client = publish("wait = 60\ncloses = 2026-11-20T09:45:00\n", attempts=2)
    uuid = take(client, "melayani", "akhir", right=False)
    told = (
        "Tidak ada percobaan lagi: jeda berakhir 20 November 2026, 10.00 WIB, "
        "tetapi kuis ditutup 20 November 2026, 09.45 WIB."
    )
    assert told in words(client.get(INTRO))
    result = words(client.get(f"/attempts/{uuid}/result"))
    assert told in result
    assert "Ulangi kuis" not in result


def test_an_expired_attempt_is_expired_on_every_page_before_anybody_settles_it(
    app: Flask, publish: Publish, at: SetClock
) -> None:
    client = publish("wait = 30\n", time_limit=20, attempts=2)
    uuid = start(client, "melayani", "akhir")
    at(after(25))
    intro = words(client.get(INTRO))
    assert "Lanjutkan kuis" not in intro
    assert "tersisa 1 dari 2" in intro
    assert "menunggu nilai" in intro
    # the wait counts from the end of its time, 09.20
    assert "Percobaan berikutnya boleh dimulai 20 November 2026, 09.50 WIB." in intro
    assert client.get(f"/attempts/{uuid}/questions/1").location.endswith("/review")
    assert attempts(app)[0].submitted_at is None  # reading settles nothing
    assert client.send(f"{INTRO}/attempts").status_code == 422
    assert attempts(app)[0].submitted_at == after(20)  # what acts does
    assert attempts(app)[0].graded_at is not None


def test_starting_after_an_expired_attempt_begins_the_next_one(
    app: Flask, publish: Publish, at: SetClock
) -> None:
    client = publish(time_limit=20, attempts=2)
    first = start(client, "melayani", "akhir")
    client.send(
        f"/attempts/{first}/questions/1",
        {"answer": values(client, first, 1, right=True), "seq": 1},
    )
    at(after(22))
    second = start(client, "melayani", "akhir")
    assert second != first
    settled, running = attempts(app)
    assert (settled.submitted_at, str(settled.percent)) == (after(20), "33.33")
    assert (running.number, running.submitted_at) == (2, None)


@pytest.mark.parametrize(
    ("grade", "tries", "score", "passed"),
    [
        ("highest", (True, False), "100", True),
        ("last", (True, False), "0", False),
        ("first", (False, True), "0", False),
        ("average", (True, False), "50", False),
        ("average", (False, True), "50", False),
    ],
)
def test_the_score_of_a_quiz_follows_its_grade_method(
    app: Flask,
    publish: Publish,
    grade: str,
    tries: tuple[bool, ...],
    score: str,
    passed: bool,
) -> None:
    client = publish(f'grade = "{grade}"\n', attempts=3)
    for right in tries:
        take(client, "melayani", "akhir", right=right)
    told = f"dengan nilai {score}" if passed else f"sejauh ini {score}, nilai minimum 70"
    assert told in words(client.get(INTRO))
    with app.app_context():
        assert db.session.scalar(sa.select(Enrolment.done_parts)) == passed
        assert str(db.session.scalar(sa.select(Enrolment.final_score))) == score


def test_the_introduction_says_which_attempt_counts(publish: Publish) -> None:
    client = publish('grade = "last"\n', attempts=2)
    assert "tersisa 2 dari 2; nilai percobaan terakhir yang dicatat" in words(client.get(INTRO))


QUIZ = "/courses/melayani/learn/kuis-1"


def test_the_introduction_says_what_the_quiz_means_for_the_final_score(publish: Publish) -> None:
    client = publish()
    assert "Seluruh nilai akhir kursus." in words(client.get(INTRO))
    assert "Tidak dihitung; tetapi kursus baru selesai bila" in words(client.get(QUIZ))


def test_the_introduction_says_which_share_of_the_final_score(
    app: Flask, client: PageClient, cast: Cast, tmp_path: Path
) -> None:
    folder = write_course(tmp_path)
    first = folder / "01-dasar" / "03-kuis.toml"
    first.write_text(first.read_text().replace("pass = 50", "pass = 0\nweight = 2"))
    with app.app_context():
        import_course(folder)
        db.session.remove()
    client.sign_in(cast.people["learner"])
    client.send("/courses/melayani/enrol")
    assert "66,7 persen dari nilai akhir kursus." in words(client.get(QUIZ))
    assert "33,3 persen dari nilai akhir kursus." in words(client.get(INTRO))
    client.set_cookie("language", "en")
    assert "66.7 percent of the final score" in words(client.get(QUIZ))


def test_an_exercise_that_must_only_be_done(
    app: Flask, client: PageClient, cast: Cast, tmp_path: Path
) -> None:
    folder = write_course(tmp_path)
    first = folder / "01-dasar" / "03-kuis.toml"
    first.write_text(first.read_text().replace("pass = 50", "pass = 0\npractice = true"))
    with app.app_context():
        import_course(folder)
        db.session.remove()
    client.sign_in(cast.people["learner"])
    client.send("/courses/melayani/enrol")
    page = words(client.get(QUIZ))
    assert "Tidak dihitung; cukup dikerjakan agar kursus selesai." in page
    assert "Latihan: setiap jawaban dapat langsung diperiksa, satu kali." in page
    assert "Latihan" not in words(client.get(INTRO))


def test_the_same_page_in_english(publish: Publish) -> None:
    client = publish("closes = 2026-11-20T09:20:00\n", time_limit=30)
    client.set_cookie("language", "en")
    assert (
        "30 min; ends by 20 November 2026, 09:20 WIB at the latest, when the quiz closes."
        in words(client.get(INTRO))
    )
