"""A pre-test and its post-test that draw from one pool."""

from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.core.db import db
from lms.quizzes import queries
from lms.quizzes.models import Attempt, Question
from tests.cast import Cast
from tests.client import PageClient, words
from tests.learning.answers import take
from tests.sample_course import import_course, write_course

GIFT = "\n\n".join(
    f"// [id:s-{number}] [tag:{'sapa' if number < 6 else 'dengar'}]\n"
    "Soal ![Loket](media/loket.png) {T}"
    for number in range(10)
)
PRETEST = """key = "kuis-1"
title = "Tes awal"
minutes = 2
pass = 0
attempts = 1
show_answers = "score"
questions = "akhir"
shuffle_questions = true

[[sections]]
tag = "sapa"
draw = 3

[[sections]]
tag = "dengar"
draw = 2
"""
FINAL = """pretest = "kuis-1"

[[sections]]
title = "Menyapa"
tag = "sapa"
draw = 3

[[sections]]
tag = "dengar"
draw = 2
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    course = write_course(tmp_path, settings=FINAL, final=GIFT)
    module = course / "01-dasar"
    (module / "03-kuis.gift").unlink()
    (module / "03-kuis.toml").write_text(PRETEST, "utf-8")
    return course


@pytest.fixture
def taker(app: Flask, client: PageClient, cast: Cast, folder: Path) -> PageClient:
    with app.app_context():
        import_course(folder)
        db.session.remove()
    client.sign_in(cast.people["learner"])
    client.send("/courses/melayani/enrol")
    return client


def asked(app: Flask) -> dict[str, list[set[str]]]:
    """The keys of the questions of every attempt, by quiz."""
    found: dict[str, list[set[str]]] = {}
    with app.app_context():
        keys = {row.id: row.key for row in db.session.execute(sa.select(Question.id, Question.key))}
        for row in db.session.scalars(sa.select(Attempt).order_by(Attempt.id)):
            slots = queries.slots(row)
            found.setdefault(row.quiz_key, []).append({keys[slot.question_id] for slot in slots})
    return found


def test_both_quizzes_ask_from_one_pool_and_new_questions_first(
    app: Flask, taker: PageClient
) -> None:
    take(taker, "melayani", "kuis-1", right=False)
    take(taker, "melayani", "akhir", right=True)
    drawn = asked(app)
    (before,), (after,) = drawn["kuis-1"], drawn["akhir"]
    assert len(before) == len(after) == 5
    assert before | after == {f"s-{number}" for number in range(10)}
    with app.app_context():  # each is stored once
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Question)) == 10


def test_each_quiz_has_its_own_score_and_both_are_compared(app: Flask, taker: PageClient) -> None:
    take(taker, "melayani", "kuis-1", right=False)
    assert "Kuis, 5 soal" in words(taker.get("/courses/melayani"))
    uuid = take(taker, "melayani", "akhir", right=True)
    assert "Naik 100 poin" in words(taker.get(f"/attempts/{uuid}/result"))
    with app.app_context():
        rows = db.session.scalars(sa.select(Attempt))
        scores = {row.quiz_key: row.percent for row in rows}
        assert scores == {"kuis-1": Decimal(0), "akhir": Decimal(100)}
    for key in ("sapa", "dengar"):
        taker.send(f"/courses/melayani/learn/{key}/done")
    page = words(taker.get("/courses/melayani"))
    assert "Kursus selesai" in page
    assert "Nilai akhir Anda 100" in page


def test_importing_it_again_changes_nothing(app: Flask, taker: PageClient, folder: Path) -> None:
    run = app.test_cli_runner().invoke
    assert "tidak berubah, tetap versi 1" in run(args=["courses", "import", str(folder)]).output
    pool = folder / "01-dasar" / "04-akhir.gift"
    pool.write_text(GIFT.replace("Soal !", "Soal baru !"), "utf-8")
    take(taker, "melayani", "kuis-1", right=True)
    assert "1 peserta" in run(args=["courses", "import", str(folder), "--small"]).output
    take(taker, "melayani", "akhir", right=True)  # a corrected question is known all the same
    (before,), (after,) = asked(app)["kuis-1"], asked(app)["akhir"]
    assert not before & after
