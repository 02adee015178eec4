"""Within a lesson: the place, the time that counts, what completes it, and notes of one's own."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.core.db import db
from lms.learning.models import ActivityProgress, LessonNote
from tests.cast import Cast
from tests.client import PageClient, words
from tests.conftest import SetClock
from tests.queries import counted
from tests.sample_course import import_course, write_course

START = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
PAGE = "/courses/melayani/learn/sapa"


def later(at: SetClock, seconds: int) -> None:
    at(START + timedelta(seconds=seconds))


@pytest.fixture
def reader(app: Flask, client: PageClient, cast: Cast, tmp_path: Path, at: SetClock) -> PageClient:
    """Enrolled in a course whose first lesson asks for the end and for two minutes."""
    folder = write_course(tmp_path)
    lesson = folder / "01-dasar" / "01-sapa.md"
    rules = "minutes = 4\nread_to_end = true\nmin_minutes = 2"
    lesson.write_text(lesson.read_text().replace("minutes = 4", rules))
    with app.app_context():
        import_course(folder)
        db.session.remove()
    later(at, 0)
    client.sign_in(cast.people["learner"])
    client.send("/courses/melayani/enrol")
    return client


def opened(client: PageClient) -> str:
    found = re.search(r'name="opened" value="([^"]+)"', client.get(PAGE).get_data(as_text=True))
    assert found
    return found.group(1)


def report(client: PageClient, token: str, **values: Any) -> dict[str, Any]:
    answer = client.save(f"{PAGE}/progress", {"opened": token, **values})
    assert answer.status_code == 200
    return dict(answer.json or {})


def stored(app: Flask) -> ActivityProgress:
    with app.app_context():
        row = db.session.scalars(sa.select(ActivityProgress)).one()
        db.session.expunge_all()
        db.session.remove()
    return row


def test_the_page_says_what_is_missing_and_is_done_by_the_facts(
    reader: PageClient, at: SetClock
) -> None:
    assert "baca sampai akhir; pelajari 2 menit lagi" in words(reader.get(PAGE))
    token = opened(reader)
    later(at, 61)
    answer = report(reader, token, seq=1, seconds=60)
    assert answer == {
        "seq": 1, "done": False,
        "message": "Untuk selesai: baca sampai akhir; pelajari 1 menit lagi.",
    }  # fmt: skip
    later(at, 130)
    answer = report(reader, token, seq=2, seconds=60, end=1)
    assert (answer["done"], answer["message"]) == (True, "Syarat selesai terpenuhi.")
    assert "1 dari 4 bagian" in words(reader.get(PAGE))


def test_nobody_can_claim_more_time_than_has_passed(
    reader: PageClient, at: SetClock, app: Flask
) -> None:
    token = opened(reader)
    later(at, 10)
    assert not report(reader, token, seq=1, seconds=86_400, end=1)["done"]
    assert stored(app).seconds == 10
    later(at, 15)
    report(reader, token, seq=2, seconds=3_000)
    assert stored(app).seconds == 15


def test_two_pages_at_once_count_the_time_once(
    reader: PageClient, at: SetClock, app: Flask
) -> None:
    first = opened(reader)
    later(at, 20)
    second = opened(reader)
    later(at, 50)
    report(reader, first, seq=1, seconds=50)
    report(reader, second, seq=2, seconds=50)
    assert stored(app).seconds == 50


def test_the_same_report_twice_counts_once_and_an_older_one_never_wins(
    reader: PageClient, at: SetClock, app: Flask
) -> None:
    token = opened(reader)
    later(at, 30)
    report(reader, token, seq=2, seconds=10, position=3_500)
    later(at, 60)
    assert report(reader, token, seq=2, seconds=10, position=3_500)["seq"] == 2
    assert report(reader, token, seq=1, seconds=10, position=0)["seq"] == 2
    row = stored(app)
    assert (row.seconds, row.position) == (10, 3_500)


@pytest.mark.parametrize("token", ["", "palsu", "other"])
def test_a_forged_time_of_opening_counts_for_nothing(
    reader: PageClient, at: SetClock, app: Flask, token: str
) -> None:
    if token == "other":  # of another part
        html = reader.get(PAGE.replace("sapa", "dengar")).get_data(as_text=True)
        token = re.findall(r'name="opened" value="([^"]+)"', html)[0]
    later(at, 300)
    report(reader, token, seq=1, seconds=300)
    assert stored(app).seconds == 0


def test_without_a_script_the_button_says_that_it_is_read_and_keeps_the_time(
    reader: PageClient, at: SetClock
) -> None:
    token = opened(reader)
    later(at, 70)
    response = reader.send(f"{PAGE}/done", {"opened": token}, follow_redirects=True)
    assert "Belum selesai: pelajari 1 menit lagi." in words(response)
    token = opened(reader)
    later(at, 121)
    response = reader.send(f"{PAGE}/done", {"opened": token})
    assert response.location.endswith("/learn/dengar")


def test_the_button_of_a_script_does_not_claim_the_end(reader: PageClient, at: SetClock) -> None:
    token = opened(reader)
    later(at, 200)
    data = {"opened": token, "seq": 1, "seconds": 190}
    response = reader.send(f"{PAGE}/done", data, follow_redirects=True)
    assert "Belum selesai: baca sampai akhir." in words(response)


def test_reading_goes_on_at_the_same_place_on_any_device(
    reader: PageClient, app: Flask, cast: Cast
) -> None:
    report(reader, opened(reader), seq=1, seconds=0, position=2_250)
    other = app.test_client()
    assert isinstance(other, PageClient)
    other.sign_in(cast.people["learner"])
    html = other.get(PAGE).get_data(as_text=True)
    assert 'data-position="2250"' in html
    assert 'data-seq="1"' in html


@pytest.mark.parametrize(
    "data", [{}, {"seq": "x"}, {"seq": -1}, {"seq": 1, "seconds": 10**9}, {"seq": 2**40}]
)
def test_a_report_of_nonsense_is_refused(reader: PageClient, data: dict[str, Any]) -> None:
    assert reader.save(f"{PAGE}/progress", data).status_code == 409


def test_a_report_on_a_quiz_or_without_enrolment_is_refused(
    reader: PageClient, app: Flask, cast: Cast
) -> None:
    quiz = "/courses/melayani/learn/kuis-1/progress"
    assert reader.save(quiz, {"seq": 1}).status_code == 409
    other = app.test_client()
    assert isinstance(other, PageClient)
    other.sign_in(cast.people["stranger"])
    assert other.save(f"{PAGE}/progress", {"seq": 1}).status_code == 404


def test_the_course_page_names_the_conditions(reader: PageClient) -> None:
    reader.send("/courses/melayani/learn/dengar/done")
    page = words(reader.get("/courses/melayani"))
    assert "Baca sampai akhir, paling sedikit 2 menit: Menyapa" in page


def test_a_report_is_cheap(reader: PageClient, app: Flask) -> None:
    token = opened(reader)
    report(reader, token, seq=1, seconds=0)
    with counted(app) as statements:
        report(reader, token, seq=2, seconds=0)
    assert len(statements) <= 14, "\n".join(statements)


# ── Notes ────────────────────────────────────────────────────────────────────────────────────


def test_a_note_is_kept_by_the_button_and_by_itself(learner: PageClient, course: str) -> None:
    learner.send(f"/courses/{course}/enrol")
    response = learner.send(f"{PAGE}/note", {"text": "Senyum\r\ndulu <b>", "seq": 1})
    assert response.location.endswith("/learn/sapa#catatan")
    page = learner.get(PAGE)
    assert "Senyum\ndulu &lt;b&gt;</textarea>" in page.get_data(as_text=True)
    assert "Tersimpan " in words(page)
    answer = learner.save(f"{PAGE}/note", {"text": "Senyum", "seq": 2})
    assert answer.json is not None
    assert (answer.json["saved"], answer.json["seq"]) == (True, 2)
    assert learner.save(f"{PAGE}/note", {"text": "Senyum", "seq": 2}).status_code == 200


def test_a_note_changed_elsewhere_is_told_and_nothing_is_lost(
    learner: PageClient, course: str
) -> None:
    learner.send(f"/courses/{course}/enrol")
    learner.send(f"{PAGE}/note", {"text": "dari ponsel", "seq": 1})
    answer = learner.save(f"{PAGE}/note", {"text": "dari kantor", "seq": 1})
    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["seq"] == 1
    page = learner.send(f"{PAGE}/note", {"text": "dari kantor", "seq": 1})
    assert page.status_code == 409
    assert "dari kantor" in page.get_data(as_text=True)
    assert "dari ponsel" in words(page)
    assert 'name="seq" value="2"' in page.get_data(as_text=True)


def test_a_note_too_long_is_refused_and_stays_on_the_page(learner: PageClient, course: str) -> None:
    learner.send(f"/courses/{course}/enrol")
    text = "x" * 10_001
    page = learner.send(f"{PAGE}/note", {"text": text, "seq": 1})
    assert page.status_code == 422
    assert text in page.get_data(as_text=True)
    answer = learner.save(f"{PAGE}/note", {"text": text, "seq": 1})
    assert answer.status_code == 422
    assert answer.json is not None
    assert "10000" in answer.json["message"]


def test_only_the_owner_sees_a_note(
    learner: PageClient, course: str, app: Flask, cast: Cast
) -> None:
    learner.send(f"/courses/{course}/enrol")
    learner.send(f"{PAGE}/note", {"text": "rahasia saya", "seq": 1})
    assert "rahasia saya" in words(learner.get(f"/courses/{course}/notes"))
    for name in ("colleague", "head"):
        other = app.test_client()
        assert isinstance(other, PageClient)
        other.sign_in(cast.people[name])
        assert other.get(f"/courses/{course}/notes").status_code == 404
        other.send(f"/courses/{course}/enrol")
        for path in (PAGE, f"/courses/{course}/notes"):
            assert "rahasia" not in words(other.get(path))


def test_all_notes_of_a_course_stand_on_one_page_in_its_order(
    learner: PageClient, course: str, app: Flask
) -> None:
    learner.send(f"/courses/{course}/enrol")
    assert "Belum ada catatan" in words(learner.get(f"/courses/{course}/notes"))
    learner.send(f"/courses/{course}/learn/dengar/note", {"text": "kedua", "seq": 1})
    learner.send(f"{PAGE}/note", {"text": "pertama", "seq": 1})
    page = words(learner.get(f"/courses/{course}/notes"))
    assert page.index("pertama") < page.index("kedua")
    learner.send(f"{PAGE}/note", {"text": "", "seq": 2})
    assert "pertama" not in words(learner.get(f"/courses/{course}/notes"))
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(LessonNote)) == 2
