"""Where a question is asked: by sections that draw it, by other quizzes, by published versions."""

import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from lms.core.db import db, transaction
from lms.courses.actions import drafts
from lms.courses.actions.banks import note_copies
from lms.courses.models import Course
from lms.courses.queries.drafts import draft_of
from lms.courses.queries.usage import versions_asking
from tests.cast import Cast
from tests.client import PageClient, words
from tests.courses.desk import FIRST, QUIZ, Desk
from tests.courses.test_banks import client_of, make_bank
from tests.learning.assigning import actor_of
from tests.sample_course import KINDS, import_course, write_course

BANK = "/studio/melayani/bank"
SECTIONS = (
    '\n[[sections]]\ntitle = "Mudah"\ntag = "mudah"\ndraw = 1\n\n[[sections]]\ntag = "sukar"\n'
)


def melayani() -> Course:
    return db.session.scalars(select(Course).where(Course.slug == "melayani")).one()


@pytest.fixture
def desk(app: Flask, cast: Cast, tmp_path: Path) -> Desk:
    """The last quiz draws one question with the tag "mudah", and asks all with "sukar"."""
    desk = Desk(app, cast)
    desk.begin(tmp_path)
    desk.save(f"{QUIZ}.toml", desk.text(f"{QUIZ}.toml") + SECTIONS)
    text = desk.text(f"{QUIZ}.gift")
    for key, tag in (("jenis-1", "mudah"), ("jenis-2", "mudah"), ("jenis-3", "sukar")):
        text = text.replace(f"[id:{key}]", f"[id:{key}] [tag:{tag}]")
    desk.save(f"{QUIZ}.gift", text)
    return desk


@pytest.fixture
def author(client: PageClient, desk: Desk) -> PageClient:
    client.sign_in(desk.cast.people["stranger"])
    return client


def test_a_question_that_a_section_draws_is_shown_as_used(author: PageClient, desk: Desk) -> None:
    drawn = words(author.get(desk.quiz("/questions/jenis-2")))
    assert "Diundi 1 soal bagian “Mudah” di Ujian akhir" in drawn
    assert "Terbit, versi 1" in drawn
    assert "Bagian “sukar” di Ujian akhir" in words(author.get(desk.quiz("/questions/jenis-3")))
    listed = words(author.get(f"{BANK}?q=sikap"))
    assert "diundi 1 soal bagian “Mudah” di Ujian akhir" in listed
    assert "terbit, versi 1" in listed
    assert "tidak masuk bagian mana pun" not in listed
    assert "tidak masuk bagian mana pun" in words(author.get(f"{BANK}?q=urutkan"))
    assert "di Kuis 1" not in words(author.get(f"{BANK}?q=menyapa+itu"))


def test_one_that_is_not_ready_is_asked_nowhere_but_in_versions(
    author: PageClient, desk: Desk
) -> None:
    author.send(BANK, {"key": ["jenis-2", "jenis-7"], "do": "retired"})
    page = words(author.get(desk.quiz("/questions/jenis-2")))
    assert "Diundi" not in page
    assert "Terbit, versi 1" in page
    assert "mana pun" not in words(author.get(f"{BANK}?q=urutkan"))


def test_a_quiz_that_asks_the_same_questions_is_named(author: PageClient, desk: Desk) -> None:
    post = 'key = "ulang"\ntitle = "Ulangan"\nminutes = 2\npass = 50\nquestions = "kuis-1"\n'
    with desk.app.app_context():
        hr = actor_of(desk.cast, "hr")
        with transaction():
            draft = draft_of(melayani())
            assert draft is not None
            drafts.add_text(hr, draft, "01-dasar/05-ulang.toml", post)
    shown = author.get(desk.quiz("/questions/k1-1", path=FIRST))
    assert "Juga di Ulangan" in words(shown)
    assert "juga di Ulangan" in words(author.get(f"{BANK}?q=menyapa+itu"))


def test_versions_are_counted_by_the_questions_that_they_ask(desk: Desk, tmp_path: Path) -> None:
    less = KINDS.partition("// [id:jenis-7]")[0]
    with desk.app.app_context():
        hr = actor_of(desk.cast, "hr")
        with transaction():
            course = db.session.scalars(select(Course)).one()
            draft = draft_of(course)
            assert draft is not None
            drafts.discard_draft(hr, draft)
        folder = write_course(tmp_path / "dua", final=less, settings="")
        text = (folder / "course.toml").read_text()
        (folder / "course.toml").write_text(f'{text}\n[removed]\nkeys = ["jenis-7"]\n')
        import_course(folder)
        import_course(write_course(tmp_path / "tiga", final=KINDS, settings=""))
        course_id = db.session.scalars(select(Course.id)).one()
        keys = ("jenis-6", "jenis-7", "k1-1", "tidak-ada")
        found = versions_asking({(course_id, key) for key in keys})
        db.session.remove()
    assert found == {
        (course_id, "jenis-6"): [1, 2, 3],
        (course_id, "jenis-7"): [1, 3],
        (course_id, "k1-1"): [1, 2, 3],
    }


def test_a_bank_tells_which_versions_ask_a_copy(desk: Desk) -> None:
    where = make_bank(desk, "stranger", "B")
    author = client_of(desk, "stranger")
    with desk.app.app_context():
        actor = actor_of(desk.cast, "stranger")
        with transaction():
            bank = db.session.scalars(select(Course).where(Course.is_bank)).one()
            copies = [("jenis-1", bank.id, "sapa-1"), ("baru", bank.id, "sapa-1")]
            note_copies(actor, melayani(), copies)
    found = re.search(r'href="([^"]+/questions/sapa-1)"', author.get(where).get_data(as_text=True))
    assert found
    page = author.get(found[1])
    assert "Melayani dengan ramah jenis-1 terbit, versi 1" in words(page)
    assert words(page).count("terbit, versi") == 1
    assert 'href="/studio/melayani/bank?q=jenis-1"' in page.get_data(as_text=True)
    with desk.app.app_context():
        hr = actor_of(desk.cast, "hr")
        with transaction():
            draft = draft_of(melayani())
            assert draft is not None
            drafts.discard_draft(hr, draft)
    page = author.get(found[1])
    assert "Melayani dengan ramah jenis-1 terbit, versi 1" in words(page)
    assert 'href="/studio/melayani"' in page.get_data(as_text=True), "it has no bank to look at"
