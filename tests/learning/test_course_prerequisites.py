"""Courses that are to be completed before another one is entered."""

from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from lms.core import clock
from lms.core.db import db, transaction
from lms.courses.models import Course
from lms.courses.rules import leads_to
from lms.learning.models import Enrolment
from lms.learning.rules import EnrolmentSource, EnrolmentState
from tests.cast import Cast
from tests.client import PageClient, client_of, words
from tests.learning.test_entering import waiting
from tests.queries import counted
from tests.sample_course import import_course, write_course


@pytest.fixture
def stage(app: Flask, cast: Cast, tmp_path: Path) -> Cast:
    """Three published courses: dasar, lanjut, mahir; HR manages them."""
    with app.app_context():
        for slug in ("dasar", "lanjut", "mahir"):
            folder = write_course(tmp_path / slug, title=slug.title())
            import_course(folder.rename(folder.with_name(slug)))
        db.session.remove()
    return cast


@pytest.fixture
def hr(app: Flask, stage: Cast) -> PageClient:
    return client_of(app, stage, "hr")


@pytest.fixture
def learner(app: Flask, stage: Cast) -> PageClient:
    return client_of(app, stage, "learner")


def require(hr: PageClient, slug: str, *first: str, way: str = "direct") -> int:
    sent = {f"requires-{n}": each for n, each in enumerate(first)}
    return hr.send(f"/studio/{slug}/enrolment", {"way": way, **sent}).status_code


def complete(app: Flask, cast: Cast, slug: str) -> None:
    with app.app_context(), transaction():
        now = clock.now()
        course = db.session.query(Course).filter_by(slug=slug).one()
        assert course.current_version_id is not None
        db.session.add(
            Enrolment(
                person_id=cast.people["learner"], course_id=course.id,
                version_id=course.current_version_id, state=EnrolmentState.COMPLETED,
                source=EnrolmentSource.SELF, started_at=now, last_active_at=now, closed_at=now,
            )
        )  # fmt: skip


def test_what_comes_first_is_named_and_completing_it_opens_the_course(
    app: Flask, stage: Cast, hr: PageClient, learner: PageClient
) -> None:
    assert require(hr, "lanjut", "dasar", "mahir") == 302
    assert "Sesudah menyelesaikan: Dasar , Mahir" in words(hr.get("/studio/lanjut/enrolment"))
    assert "Selesaikan dahulu Dasar dan Mahir" in words(learner.get("/courses"))
    page = learner.get("/courses/lanjut")
    assert "sesudah Anda menyelesaikan: Dasar Mahir" in words(page)
    assert 'href="/courses/dasar"' in page.get_data(as_text=True)
    refused = learner.send("/courses/lanjut/enrol")
    assert refused.status_code == 422
    assert "Selesaikan dahulu kursus yang disyaratkan." in words(refused)
    complete(app, stage, "dasar")
    assert "sesudah Anda menyelesaikan: Mahir" in words(learner.get("/courses/lanjut"))
    complete(app, stage, "mahir")
    assert "Daftar kursus ini" in words(learner.get("/courses/lanjut"))
    require(hr, "lanjut")
    assert "Sesudah menyelesaikan" not in words(hr.get("/studio/lanjut/enrolment"))


def test_it_holds_for_a_request_but_not_for_an_invitation(
    app: Flask, stage: Cast, hr: PageClient, learner: PageClient
) -> None:
    require(hr, "lanjut", "dasar", way="approval")
    assert learner.send("/courses/lanjut/ask").status_code == 422
    assert waiting(app) == []
    hr.send("/studio/lanjut/enrolment/invitations", {"nips": "199004042015042004"})
    assert "Terima undangan" in words(learner.get("/courses/lanjut"))


def test_a_ring_is_refused(hr: PageClient) -> None:
    assert require(hr, "lanjut", "lanjut") == 422
    assert require(hr, "lanjut", "dasar") == 302
    assert require(hr, "mahir", "lanjut") == 302
    refused = hr.send("/studio/dasar/enrolment", {"way": "direct", "requires-0": "mahir"})
    assert refused.status_code == 422
    assert "syaratnya berputar" in words(refused)
    assert 'value="mahir"' in refused.get_data(as_text=True)
    assert require(hr, "dasar", "tidak-ada") == 422
    assert "Sesudah menyelesaikan" not in words(hr.get("/studio/dasar/enrolment"))


def test_the_pages_keep_their_budgets(hr: PageClient, learner: PageClient, app: Flask) -> None:
    require(hr, "lanjut", "dasar", "mahir")
    for path, most in (("/courses/lanjut", 8), ("/courses", 7)):
        learner.get(path)
        with counted(app) as statements:
            learner.get(path)
        assert len(statements) <= most, "\n".join(statements)


@given(st.dictionaries(st.integers(0, 6), st.lists(st.integers(0, 6), max_size=3)))
def test_leading_on_is_every_way_walked(edges: dict[int, list[int]]) -> None:
    for start in range(7):
        reached = {start}
        for _ in range(7):
            reached |= {end for each in reached for end in edges.get(each, [])}
        assert {end for end in range(7) if leads_to(edges, start, end)} == reached
