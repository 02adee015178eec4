"""The list of the courses that one writes: states, figures, search, pages, and whose they are."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask

from lms.accounts.queries import SignedIn
from lms.core import clock
from lms.core.db import db, transaction
from lms.courses.actions import drafts
from lms.courses.models import Course, CourseMember
from lms.courses.queries import studio
from lms.courses.rules import CourseRole
from tests.cast import Cast
from tests.client import PageClient, words
from tests.learning.assigning import actor_of, complete
from tests.sample_course import import_course, write_course


def begin(actor: SignedIn, cast: Cast, slug: str, title: str) -> None:
    source = {"texts": {"course.toml": f'title = "{title}"\n'}, "media": {}}
    with transaction():
        drafts.create_course(actor, slug, cast.unit("b"), source)


@pytest.fixture
def trainer(context: Flask, cast: Cast) -> SignedIn:
    return actor_of(cast, "stranger")


@pytest.fixture
def page(client: PageClient, cast: Cast, trainer: SignedIn) -> PageClient:
    client.sign_in(cast.people["stranger"])
    return client


def test_without_courses_the_page_says_so(page: PageClient) -> None:
    assert "Belum ada kursus" in words(page.get("/studio"))


def test_a_course_is_called_what_its_draft_says(
    page: PageClient, cast: Cast, trainer: SignedIn
) -> None:
    begin(trainer, cast, "baru", "Menulis laporan")
    shown = words(page.get("/studio"))
    assert "Menulis laporan" in shown
    assert "Draf" in shown
    outline = words(page.get("/studio/baru"))
    assert "Menulis laporan" in outline
    assert "Belum ada modul" in outline


def test_who_manages_the_courses_of_a_unit_sees_them(
    client: PageClient, cast: Cast, trainer: SignedIn
) -> None:
    begin(trainer, cast, "baru", "Menulis laporan")
    client.sign_in(cast.people["hr"])
    assert "Menulis laporan" in words(client.get("/studio"))


def test_a_member_sees_the_course_and_a_trainer_without_part_does_not(
    page: PageClient, cast: Cast, trainer: SignedIn, tmp_path: Path
) -> None:
    course = import_course(write_course(tmp_path)).course
    assert "Melayani" not in words(page.get("/studio"))
    assert page.get("/studio/melayani").status_code == 404
    with transaction():
        db.session.add(
            CourseMember(
                course_id=course.id, person_id=cast.people["stranger"], role=CourseRole.REVIEWER,
                since_at=clock.now(),
            )
        )  # fmt: skip
    assert "Melayani dengan ramah" in words(page.get("/studio"))
    assert "Ujian akhir" in words(page.get("/studio/melayani"))
    assert page.send("/studio/melayani/draft").status_code == 403


def test_a_published_course_is_opened_to_be_changed(
    client: PageClient, cast: Cast, context: Flask, tmp_path: Path
) -> None:
    import_course(write_course(tmp_path))
    client.sign_in(cast.people["hr"])
    assert "Ubah kursus" in words(client.get("/studio/melayani"))
    for _ in range(2):
        assert client.send("/studio/melayani/draft").status_code == 302
    shown = words(client.get("/studio"))
    assert "Terbit, versi 1" in shown
    assert "Draf" in shown
    assert "Ubah kursus" not in words(client.get("/studio/melayani"))


def test_the_mean_score_is_that_of_whoever_completed_in_points(
    client: PageClient, cast: Cast, context: Flask, tmp_path: Path
) -> None:
    import_course(write_course(tmp_path))
    complete(cast, "learner", Decimal("80"))
    complete(cast, "colleague", Decimal("93.35"))
    client.sign_in(cast.people["hr"])
    assert "86,7" in words(client.get("/studio"))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=LAPORAN", ["baru"]),
        ("q=tidak", []),
        ("state=draft", ["baru"]),
        ("state=published", ["melayani"]),
        ("state=in_review", []),
        ("state=archived", []),
        ("state=lain", ["baru", "melayani"]),
    ],
)
def test_the_list_is_searched_and_narrowed(
    client: PageClient, cast: Cast, trainer: SignedIn, tmp_path: Path, query: str, found: list[str]
) -> None:
    import_course(write_course(tmp_path))
    begin(trainer, cast, "baru", "Menulis laporan")
    client.sign_in(cast.people["hr"])
    page = client.get(f"/studio?{query}").get_data(as_text=True)
    assert [slug for slug in ("baru", "melayani") if f'href="/studio/{slug}"' in page] == found


def test_pages_lead_through_all_courses_once(
    page: PageClient, cast: Cast, trainer: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio, "PAGE", 2)
    for number in range(5):
        begin(trainer, cast, f"kursus-{number}", f"Kursus {number}")
    seen, after = [], None
    while True:
        found, more = studio.written_courses(trainer, after=after)
        seen += [course.slug for course in found]
        if not more:
            break
        after = found[-1].uuid
    assert seen == [f"kursus-{number}" for number in (4, 3, 2, 1, 0)]


def test_what_changed_last_comes_first(trainer: SignedIn, cast: Cast) -> None:
    begin(trainer, cast, "satu", "Satu")
    begin(trainer, cast, "dua", "Dua")
    later = clock.now() + timedelta(hours=1)
    with transaction():
        draft = drafts.open_draft(trainer, db.session.query(Course).filter_by(slug="satu").one())
        draft.changed_at = later
    assert [c.slug for c in studio.written_courses(trainer)[0]] == ["satu", "dua"]
