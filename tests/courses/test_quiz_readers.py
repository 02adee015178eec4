"""Quizzes as those read them who do not write them: reviewers of the course."""

from pathlib import Path

import pytest
from flask import Flask

from lms.accounts.actions import roles
from lms.accounts.rules import Role
from lms.core import clock
from lms.core.db import db, transaction
from lms.courses.models import Course, CourseMember
from lms.courses.rules import CourseRole
from tests.cast import Cast
from tests.client import PageClient, words
from tests.courses.desk import QUIZ, Desk

BANK = "/studio/melayani/bank"


@pytest.fixture
def desk(app: Flask, cast: Cast, tmp_path: Path) -> Desk:
    desk = Desk(app, cast)
    desk.begin(tmp_path)
    return desk


def member(app: Flask, cast: Cast, role: CourseRole) -> PageClient:
    """`colleague` as a trainer with a part in the course."""
    with app.app_context(), transaction():
        roles.grant_role(
            cast.person("colleague"), Role.TRAINER, cast.unit("a1"),
            start_on=clock.today("Asia/Jakarta"), reason="SK",
        )  # fmt: skip
        course = db.session.query(Course).filter_by(slug="melayani").one()
        db.session.add(
            CourseMember(
                course_id=course.id, person_id=cast.people["colleague"], role=role,
                since_at=clock.now(),
            )
        )  # fmt: skip
    client = app.test_client()
    assert isinstance(client, PageClient)
    client.sign_in(cast.people["colleague"])
    return client


def pages(desk: Desk) -> list[str]:
    return [desk.quiz(more) for more in ("", "/text", "/questions/jenis-2")]


def test_a_reviewer_reads_quizzes_and_changes_nothing(app: Flask, cast: Cast, desk: Desk) -> None:
    reviewer = member(app, cast, CourseRole.REVIEWER)
    outline = reviewer.get("/studio/melayani").get_data(as_text=True)
    assert f'href="{desk.quiz()}"' in outline
    for page in (*pages(desk), BANK):
        answer = reviewer.get(page)
        assert answer.status_code == 200, page
        assert "Pilih dua sikap" in words(answer)
        assert "Simpan" not in words(answer), page
        assert "Pensiunkan" not in words(answer), page
    assert "Anda membaca sebagai peninjau" in words(reviewer.get(desk.quiz()))
    assert b"jenis-2" in reviewer.get(desk.quiz("/download?format=gift")).data


def test_what_a_reviewer_sends_is_refused(app: Flask, cast: Cast, desk: Desk) -> None:
    reviewer = member(app, cast, CourseRole.REVIEWER)
    before = desk.text(f"{QUIZ}.gift"), desk.text(f"{QUIZ}.toml")
    sent = {
        BANK: {"key": "jenis-2", "do": "retired"},
        desk.quiz(): {"title": "Lain", "minutes": "5", "number": "1"},
        desk.quiz("/text"): {"text": "", "number": "1"},
        desk.quiz("/questions/jenis-2"): {"kind": "single", "text": "Lain?"},
        desk.quiz("/new-question"): {"kind": "single", "text": "Lain?"},
        desk.quiz("/arrange"): {"do": "remove:jenis-2"},
        desk.quiz("/import"): {"text": "Satu? {T}"},
    }
    for page, data in sent.items():
        assert reviewer.send(page, data).status_code == 403, page
    for page in (desk.quiz("/new-question"), desk.quiz("/import")):
        assert reviewer.get(page).status_code == 403, page
    assert (desk.text(f"{QUIZ}.gift"), desk.text(f"{QUIZ}.toml")) == before


def test_a_marker_has_no_part_in_writing(app: Flask, cast: Cast, desk: Desk) -> None:
    marker = member(app, cast, CourseRole.MARKER)
    for page in (*pages(desk), BANK):
        assert marker.get(page).status_code == 403, page


def test_a_question_that_cannot_be_read_is_shown_as_text(
    app: Flask, cast: Cast, desk: Desk
) -> None:
    desk.save(f"{QUIZ}.gift", desk.text(f"{QUIZ}.gift") + "\n// [id:rusak-1]\nRusak {\n=Ya\n}\n~\n")
    reviewer = member(app, cast, CourseRole.REVIEWER)
    answer = reviewer.get(desk.quiz("/questions/rusak-1"))
    assert answer.status_code == 200
    assert "readonly" in answer.get_data(as_text=True)
