"""Learning goals: on the page of the course, and by a command."""

from pathlib import Path

import pytest
from flask import Flask

from lms.core.db import db
from tests.cast import Cast
from tests.client import PageClient, words
from tests.queries import counted
from tests.sample_course import FINAL, import_course, write_course

GOALS = """
[[goals]]
key = "menyapa"
text = "Menyapa warga yang datang"

[[goals]]
key = "mencatat"
text = "Mencatat keluhan warga"
"""
ASKING = FINAL.replace("[id:akhir-1]", "[id:akhir-1] [tag:goal.menyapa]").replace(
    "[id:akhir-3]", "[id:akhir-3] [tag:goal.menyapa]"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    course = write_course(
        tmp_path,
        final=ASKING,
        pretest="// [id:k1-1] [tag:goal.menyapa]\nMenyapa itu perlu. {T}\n",
    )
    settings = course / "course.toml"
    settings.write_text(settings.read_text("utf-8") + GOALS, "utf-8")
    return course


def test_the_course_tells_its_goals_and_which_quiz_asks_for_them(
    app: Flask, client: PageClient, cast: Cast, folder: Path
) -> None:
    with app.app_context():
        import_course(folder)
        db.session.remove()
    client.sign_in(cast.people["learner"])
    shown = words(client.get("/courses/melayani"))
    assert "Tujuan belajar Setelah kursus ini Anda dapat: Menyapa warga yang datang" in shown
    assert "Menyapa warga yang datang Kuis 1 1 soal Ujian akhir 2 soal" in shown
    assert "Mencatat keluhan warga belum diuji" in shown
    with counted(app) as statements:
        client.get("/courses/melayani")
    assert not [each for each in statements if "goals" in each or "quiz_question" in each]


def test_a_course_without_goals_says_nothing_of_them(learner: PageClient, course: str) -> None:
    assert "Tujuan belajar" not in words(learner.get(f"/courses/{course}"))


def test_the_command_prints_the_questions_of_every_goal(app: Flask, folder: Path) -> None:
    run = app.test_cli_runner().invoke
    result = run(args=["courses", "check", str(folder), "--goals"])
    assert result.output.splitlines()[:5] == [
        "menyapa: Menyapa warga yang datang",
        "  kuis-1 (1 soal): k1-1",
        "  akhir (2 soal): akhir-1, akhir-3",
        "mencatat: Mencatat keluhan warga",
        "  belum ditanyakan",
    ]
    assert "menyapa" not in run(args=["courses", "check", str(folder)]).output
