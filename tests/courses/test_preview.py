"""The draft as learners would get it: every kind of part, and not a trace of it."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from lms.core.db import db, transaction
from lms.courses.actions import drafts
from lms.courses.models import CourseMember
from lms.courses.queries import course_by_slug
from lms.courses.queries import drafts as queries
from lms.learning.models import Enrolment
from lms.quizzes.models import Attempt
from tests.cast import Cast
from tests.client import PageClient, words
from tests.courses.drafted import Drafted, drafted
from tests.learning.assigning import actor_of
from tests.sample_course import KINDS

START = "/studio/melayani/as-learner"
BASE = "/studio/melayani/preview"


@pytest.fixture
def course(app: Flask, cast: Cast, tmp_path: Path) -> Drafted:
    return drafted(app, cast, tmp_path, video=True)


@pytest.fixture
def trainer(client: PageClient, cast: Cast) -> PageClient:
    client.sign_in(cast.people["stranger"])
    return client


def save(app: Flask, cast: Cast, course: Drafted, path: str, text: str) -> None:
    with app.app_context():
        actor = actor_of(cast, "stranger")
        found = course_by_slug("melayani")
        assert found is not None
        draft = queries.draft_of(found)
        assert draft is not None
        with transaction():
            drafts.save_text(actor, draft, queries.file_for(draft, course.uuids[path]), text, 1)
        db.session.remove()


def test_one_goes_through_the_draft_part_by_part(course: Drafted, trainer: PageClient) -> None:
    address = trainer.get(START).location
    titles = []
    while address:
        page = trainer.get(address)
        assert page.status_code == 200
        html = page.get_data(as_text=True)
        titles.append(html.split("<h1", 1)[1].split(">", 1)[1].split("<")[0])
        assert "Tidak ada yang dicatat" in words(page)
        address = html.split('rel="next" href="')[1].split('"')[0] if 'rel="next"' in html else ""
    assert titles == ["Menyapa", "Mendengar", "Kuis 1", "Ujian akhir", "Di loket"]


def test_it_leaves_no_trace(course: Drafted, app: Flask, trainer: PageClient) -> None:
    for key in ("sapa", "kuis-1", "video"):
        assert trainer.get(f"{BASE}/{key}").status_code == 200
    with app.app_context():
        for model in (Enrolment, Attempt):
            assert db.session.scalar(select(func.count()).select_from(model)) == 0
        found = course_by_slug("melayani")
        assert found is not None
        assert found.current_version_id is None


def test_a_lesson_shows_the_pictures_of_the_draft(course: Drafted, trainer: PageClient) -> None:
    html = trainer.get(f"{BASE}/sapa").get_data(as_text=True)
    address = html.split('alt="Loket pelayanan" src="')[1].split('"')[0]
    assert address.startswith(f"{BASE}/01-dasar/media/loket.png?v=")
    assert trainer.get(address).status_code == 200


def test_a_quiz_shows_its_questions_with_the_key_folded(
    course: Drafted, trainer: PageClient
) -> None:
    page = trainer.get(f"{BASE}/akhir")
    told = words(page)
    assert "Apa yang pertama dilakukan saat warga datang?" in told
    assert "Benar, sapaan membuka layanan." in told
    assert '<details class="more-d" open>' not in page.get_data(as_text=True)
    shown = trainer.get(f"{BASE}/akhir?keys=shown").get_data(as_text=True)
    assert shown.count('<details class="more-d" open>') == 3


def test_every_kind_of_question_can_be_shown(
    app: Flask, cast: Cast, course: Drafted, trainer: PageClient
) -> None:
    save(app, cast, course, "01-dasar/04-akhir.gift", KINDS)
    told = words(trainer.get(f"{BASE}/akhir?keys=shown"))
    for expected in ("Bandung", "4500", "Bogor & Depok", "Ucapkan terima kasih", "Salah"):
        assert expected in told


def test_a_video_plays_by_ranges(course: Drafted, trainer: PageClient) -> None:
    html = trainer.get(f"{BASE}/video").get_data(as_text=True)
    address = html.split("<video")[1].split('src="')[1].split('"')[0]
    part = trainer.get(address, headers={"Range": "bytes=100-199"})
    assert (part.status_code, len(part.data)) == (206, 100)
    captions = html.split("<track")[1].split('src="')[1].split('"')[0]
    assert trainer.get(captions).mimetype == "text/vtt"


def test_a_draft_with_faults_shows_what_can_be_read(
    app: Flask, cast: Cast, course: Drafted, trainer: PageClient
) -> None:
    save(app, cast, course, "01-dasar/01-sapa.md", '+++\ntitle = "x\n+++\nIsi.\n')
    page = trainer.get(f"{BASE}/dengar")
    assert "Draf ini masih punya kesalahan" in words(page)
    assert trainer.get(f"{BASE}/sapa").status_code == 404


def test_what_cannot_be_shown_at_all_says_why(
    app: Flask, cast: Cast, course: Drafted, trainer: PageClient
) -> None:
    save(app, cast, course, "course.toml", 'title = "x\n')
    page = trainer.get(START, follow_redirects=True)
    assert page.status_code == 200
    assert "Pengaturan kursus (course.toml) tidak dapat dibaca" in words(page)


def test_a_change_shows_at_once(
    app: Flask, cast: Cast, course: Drafted, trainer: PageClient
) -> None:
    before = trainer.get(f"{BASE}/dengar")
    assert "Dengarkan sampai selesai." in words(before)
    text = course.text("01-dasar/02-dengar.md").replace("sampai selesai", "dengan sabar")
    save(app, cast, course, "01-dasar/02-dengar.md", text)
    assert "Dengarkan dengan sabar." in words(trainer.get(f"{BASE}/dengar"))


def test_whoever_has_no_part_in_the_course_finds_nothing(
    course: Drafted, app: Flask, cast: Cast, trainer: PageClient
) -> None:
    with app.app_context(), transaction():
        found = course_by_slug("melayani")
        assert found is not None
        member = db.session.get(CourseMember, (found.id, cast.people["stranger"]))
        db.session.delete(member)
    assert trainer.get(START).status_code == 404
    assert trainer.get(f"{BASE}/sapa").status_code == 404
    assert trainer.get(f"{BASE}/01-dasar/media/loket.png").status_code == 404
