"""Parts that open on a day, or some days after the learner has begun."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.core.db import db
from lms.courses.actions.publishing import check_folder
from lms.learning import rules
from lms.learning.models import Enrolment
from tests.cast import Cast
from tests.client import PageClient, words
from tests.conftest import SetClock
from tests.courses.drafted import drafted
from tests.learning.answers import take
from tests.sample_course import import_course, write_course

COURSE = "/courses/melayani"
NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)  # 09.00 WIB


@pytest.fixture
def begun(app: Flask, cast: Cast, client: PageClient, tmp_path: Path, at: SetClock) -> PageClient:
    """The first lesson opens on the 25th at 08.00, the second a day after the learner began, the
    final quiz two days after that."""
    at(NOW)
    folder = write_course(tmp_path, settings="opens_after = 2\n")
    for name, line in (
        ("01-sapa.md", "opens = 2026-11-25T08:00:00"),
        ("02-dengar.md", "opens_after = 1"),
    ):
        lesson = folder / "01-dasar" / name
        lesson.write_text(lesson.read_text().replace("+++\n\n", f"{line}\n+++\n\n", 1))
    with app.app_context():
        import_course(folder)
        db.session.remove()
    client.sign_in(cast.people["learner"])
    assert "Dibuka 25 November 2026, 08.00 WIB" in words(client.get(COURSE))  # before one is in it
    client.send(f"{COURSE}/enrol")
    return client


def test_the_latest_of_the_times_counts() -> None:
    begin = datetime(2027, 1, 1, 5, tzinfo=UTC)
    day = timedelta(days=1)

    def opens(at: datetime | None, after: int, run: datetime | None = None) -> datetime:
        return rules.opens_at(at=at, after=after, began_at=begin, run_at=run)

    assert opens(None, 0) == begin
    assert opens(None, 3) == begin + 3 * day
    assert opens(begin + day, 3) == begin + 3 * day
    assert opens(begin + 4 * day, 3) == begin + 4 * day
    assert opens(None, 3, begin + 9 * day) == begin + 12 * day
    assert opens(begin - day, 0, begin + 9 * day) == begin + 9 * day


def test_before_its_day_a_part_says_when_it_opens_and_is_not_done(begun: PageClient) -> None:
    page = words(begun.get(COURSE))
    assert "Dibuka 25 November 2026, 08.00 WIB" in page
    assert "Dibuka 24 November 2026, 09.00 WIB" in page
    for key in ("sapa", "dengar"):
        lesson = begun.get(f"{COURSE}/learn/{key}")
        assert lesson.status_code == 403
        assert "Dibuka 2" in words(lesson)
        assert "Sapa warga yang datang" not in words(lesson)
        refused = begun.send(f"{COURSE}/learn/{key}/done")
        assert refused.status_code == 422
        assert "Bagian ini belum dibuka." in words(refused)
    assert begun.send(f"{COURSE}/learn/akhir/attempts").status_code == 422
    assert "Dibuka 25 November 2026, 09.00 WIB" in words(begun.get(f"{COURSE}/learn/akhir"))
    assert begun.get(f"{COURSE}/learn").location.endswith("/learn/kuis-1")  # what is open


def test_each_part_opens_at_its_time(begun: PageClient, cast: Cast, at: SetClock) -> None:
    at(NOW + timedelta(days=1))
    begun.sign_in(cast.people["learner"])
    assert begun.send(f"{COURSE}/learn/dengar/done").status_code == 302
    assert begun.send(f"{COURSE}/learn/sapa/done").status_code == 422
    at(NOW + timedelta(days=2))
    begun.sign_in(cast.people["learner"])
    assert begun.send(f"{COURSE}/learn/sapa/done").status_code == 302
    take(begun, "melayani", "kuis-1", right=True)
    take(begun, "melayani", "akhir", right=True)
    assert "Kursus selesai" in words(begun.get(COURSE))


def test_when_nothing_is_open_one_is_led_to_the_page_of_the_course(
    begun: PageClient, cast: Cast
) -> None:
    take(begun, "melayani", "kuis-1", right=True)
    assert begun.get(f"{COURSE}/learn").location.endswith(COURSE)


def test_what_opens_later_is_not_skipped_for_a_part_that_is_done(
    app: Flask, cast: Cast, client: PageClient, tmp_path: Path, at: SetClock
) -> None:
    """Both quizzes are done, the last part among them; the second lesson opens first."""
    at(NOW)
    folder = write_course(tmp_path)
    for name, days in (("01-sapa.md", 3), ("02-dengar.md", 2)):
        lesson = folder / "01-dasar" / name
        text = lesson.read_text().replace("+++\n\n", f"opens_after = {days}\n+++\n\n", 1)
        lesson.write_text(text)
    with app.app_context():
        import_course(folder)
        db.session.remove()
    client.sign_in(cast.people["learner"])
    client.send(f"{COURSE}/enrol")
    for key in ("kuis-1", "akhir"):
        take(client, "melayani", key, right=True)
    assert client.get(f"{COURSE}/learn").location.endswith(COURSE)
    assert "Mendengar" in words(client.get("/"))
    with app.app_context():
        assert db.session.scalars(sa.select(Enrolment.next_key)).one() == "dengar"


def test_the_studio_sets_when_a_part_opens_and_the_check_reads_it(
    app: Flask, cast: Cast, client: PageClient, tmp_path: Path
) -> None:
    course = drafted(app, cast, tmp_path)
    client.sign_in(cast.people["stranger"])
    lesson = course.url("01-dasar/01-sapa.md", "outline")
    sent = {"title": "Menyapa", "minutes": 4, "min_minutes": 0, "number": 1, "opens_after": 3}
    before = course.text("01-dasar/01-sapa.md")
    assert client.send(lesson, {**sent, "opens": "besok"}).status_code == 422
    assert client.send(lesson, {**sent, "opens_after": 4000}).status_code == 422
    assert client.send(lesson, {**sent, "opens": "2026-12-07T08:00"}).status_code == 302
    text = course.text("01-dasar/01-sapa.md")
    assert "opens = 2026-12-07T08:00:00\n" in text
    assert "opens_after = 3\n" in text
    assert 'value="2026-12-07T08:00"' in client.get(lesson).get_data(as_text=True)
    client.send(lesson, {**sent, "number": 2, "opens": "", "opens_after": 0})
    assert course.text("01-dasar/01-sapa.md") == before  # what is left out leaves no trace
    quiz = course.url("01-dasar/04-akhir.toml", "outline")
    client.send(quiz, {"title": "Ujian akhir", "minutes": 10, "number": 1, "opens_after": 2})
    assert "opens_after = 2\n" in course.text("01-dasar/04-akhir.toml")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("opens = 2026-12-07T08:00:00Z", "setting-zone"),
        ("opens = 2026-12-07", "setting-type"),
        ('opens = "besok"', "setting-type"),
        ("opens_after = -1", "setting-range"),
        ("opens_after = 3651", "setting-range"),
        ("opens_after = 1.5", "setting-type"),
    ],
)
def test_a_time_that_cannot_be_kept_is_told(
    context: Flask, tmp_path: Path, line: str, code: str
) -> None:
    folder = write_course(tmp_path)
    lesson = folder / "01-dasar" / "01-sapa.md"
    lesson.write_text(lesson.read_text().replace("+++\n\n", f"{line}\n+++\n\n", 1))
    _, problems = check_folder(folder)
    assert [(p.file, p.code) for p in problems] == [("01-dasar/01-sapa.md", code)]
