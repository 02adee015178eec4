"""The page of a quiz in the studio: settings, and the list of its questions."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from lms.formats.gift import reader
from tests.cast import Cast
from tests.client import PageClient, words
from tests.courses.desk import QUIZ, Desk
from tests.courses.test_course_settings import shown_base

FILLED = {
    "title": "Ujian akhir", "minutes": "5", "pass_percent": "70", "weight": "1", "attempts": "2",
    "time_limit": "0", "wait": "0", "wait_later": "", "grade": "highest", "scoring": "weights",
    "shuffle_options": "y", "match_accents": "y", "show": "after-pass",
}  # fmt: skip


@pytest.fixture
def desk(app: Flask, cast: Cast, tmp_path: Path) -> Desk:
    desk = Desk(app, cast)
    desk.begin(tmp_path)
    return desk


@pytest.fixture
def author(client: PageClient, cast: Cast) -> PageClient:
    client.sign_in(cast.people["stranger"])
    return client


def keys(desk: Desk) -> list[str]:
    return [question.key for question in reader.parse(desk.text(f"{QUIZ}.gift"))[0]]


def arrange(author: PageClient, desk: Desk, act: str) -> None:
    answer = author.send(desk.quiz("/arrange"), {"do": act})
    assert answer.status_code == 302


def filled(desk: Desk, **more: Any) -> dict[str, Any]:
    return {**FILLED, "number": str(desk.number(f"{QUIZ}.toml")), **more}


def test_the_page_shows_questions_with_kind_and_problems(author: PageClient, desk: Desk) -> None:
    page = author.get(desk.quiz())
    assert page.status_code == 200
    text = words(page)
    for said in ("Pilihan tunggal", "Isian angka", "Mengurutkan", "Apa yang pertama dilakukan?"):
        assert said in text
    assert "Saran: Ada jawaban tanpa umpan balik" in text


def test_a_question_that_cannot_be_read_is_listed_with_its_fault(
    author: PageClient, desk: Desk
) -> None:
    broken = "\n// [id:rusak-1]\nRusak {\n=Hanya satu\n~%7%Salah\n}\n"
    desk.save(f"{QUIZ}.gift", desk.text(f"{QUIZ}.gift") + broken)
    page = author.get(desk.quiz())
    assert "Belum dapat dibaca" in words(page)
    assert "Bobot %7% tidak ada dalam daftar" in words(page)
    source = author.get(desk.quiz("/text"))
    assert "Bobot %7% tidak ada dalam daftar" in words(source)
    assert "Baris" in words(source)


def test_settings_are_written_and_what_is_not_asked_for_stays(
    author: PageClient, desk: Desk
) -> None:
    sent = filled(
        desk, weight="3", pass_percent="72,5", closes="2027-01-31T16:00", show="custom",
        immediately=["marks", "attempt"], closed=["attempt", "right-answer"], practice="y",
        **{
            "sections-0-tag": "", "sections-0-draw": "4", "sections-0-shuffle": "y",
            "feedback-0-least": "0", "feedback-0-text": "Ulangi pelajarannya.",
            "feedback-1-least": "72,5", "feedback-1-text": "Bagus.",
            "hints-0-question": "jenis-1", "hints-0-text": "Ingat warganya.",
            "hints-1-question": "jenis-1", "hints-1-text": "Apa yang\ndikatakan?",
        },
    )  # fmt: skip
    assert author.send(desk.quiz(), sent).status_code == 302
    text = desk.text(f"{QUIZ}.toml")
    assert text.startswith('key = "akhir"\ntitle = "Ujian akhir"\nminutes = 5\npass = 72.5\nweight')
    for line in ("weight = 3", "closes = 2027-01-31T16:00:00", "practice = true"):
        assert line in text
    assert 'immediately = ["attempt", "marks"]' in text
    assert "show_answers" not in text
    assert "shuffle_options" not in text, "what is so anyway is not written"
    page = words(author.get(desk.quiz()))
    assert "Ulangi pelajarannya." in page
    again = author.send(
        desk.quiz(), filled(desk, **{k: v for k, v in sent.items() if k != "number"})
    )
    assert again.status_code == 302
    assert desk.text(f"{QUIZ}.toml") == text


def test_a_setting_that_is_none_is_told_beside_its_field(author: PageClient, desk: Desk) -> None:
    before = desk.text(f"{QUIZ}.toml")
    sent = filled(
        desk, title="", pass_percent="170", attempts="banyak", opens="2027-02-01T08:00",
        closes="2027-01-01T08:00",
    )  # fmt: skip
    page = author.send(desk.quiz(), sent)
    assert page.status_code == 422
    for said in (
        "Isi judul",
        "Isi angka 0 sampai 100",
        "bilangan bulat",
        "Kuis ditutup sesudah",
    ):
        assert said in words(page)
    assert desk.text(f"{QUIZ}.toml") == before


def test_rows_come_and_go_without_a_script_and_save_nothing(author: PageClient, desk: Desk) -> None:
    before = desk.text(f"{QUIZ}.toml")
    sent = filled(desk, do="add:feedback", title="Belum disimpan")
    page = author.send(desk.quiz(), sent).get_data(as_text=True)
    assert 'name="feedback-0-text"' in page
    assert "Belum disimpan" in page
    less = {**sent, "do": "remove:feedback:0", "feedback-0-text": "x", "feedback-1-text": "tetap"}
    page = author.send(desk.quiz(), less).get_data(as_text=True)
    assert 'name="feedback-1-text"' not in page
    assert "tetap" in page
    assert desk.text(f"{QUIZ}.toml") == before


def test_the_later_of_two_saves_loses_nothing(author: PageClient, desk: Desk) -> None:
    mine = filled(desk, title="Judul saya")
    theirs = desk.text(f"{QUIZ}.toml").replace("Ujian akhir", "Judul mereka")
    desk.save(f"{QUIZ}.toml", theirs)
    page = author.send(desk.quiz(), mine)
    assert page.status_code == 409
    assert "Judul mereka" in words(page)
    assert "Judul saya" in words(page)
    assert "Judul mereka" in desk.text(f"{QUIZ}.toml")
    assert author.send(desk.quiz(), filled(desk, title="Judul saya")).status_code == 302
    assert "Judul saya" in desk.text(f"{QUIZ}.toml")


def test_settings_of_a_quiz_that_two_changed_are_joined(author: PageClient, desk: Desk) -> None:
    rows = '\n[[feedback]]\nfrom = 80\ntext = "Bagus"\n'
    desk.save(f"{QUIZ}.toml", desk.text(f"{QUIZ}.toml") + rows)
    base = shown_base(author.get(desk.quiz()).get_data(as_text=True))
    seen = {"feedback-0-least": "80", "feedback-0-text": "Bagus"}
    own = {"feedback-1-least": "0", "feedback-1-text": "Ulangi dulu"}
    mine = filled(desk, attempts="4", pass_percent="75", base=base, **seen, **own)
    theirs = filled(
        desk, title="Judul mereka", pass_percent="72,5", practice="y", show="score", **seen,
        **{"feedback-1-least": "60", "feedback-1-text": "Cukup"},
    )  # fmt: skip
    assert author.send(desk.quiz(), theirs).status_code == 302
    page = author.send(desk.quiz(), mine)
    assert page.status_code == 409
    html, said = page.get_data(as_text=True), words(page)
    assert "Andi Tenri menyimpannya pada" in said
    assert "sudah digabungkan" in said
    assert "Judul kuis: Judul mereka" in said
    assert "Nilai lulus kuis (persen): 72.5" in said
    assert "Nilai lulus kuis (persen): 75" in said
    assert re.search(r"- ?0 ?; Umpan balik: ?Ulangi dulu", said)
    assert "pass =" not in said
    for name, value in (("title", "Judul mereka"), ("attempts", "4"), ("pass_percent", "75")):
        assert re.search(f'name="{name}"[^>]* value="{value}"', html)
    assert re.search(r'<input checked[^>]*name="practice"', html)
    assert '<option selected value="score">' in html
    joined = {
        **mine, "title": "Judul mereka", "practice": "y", "show": "score",
        "feedback-2-least": "60", "feedback-2-text": "Cukup",
        "number": str(desk.number(f"{QUIZ}.toml")), "base": shown_base(html),
    }  # fmt: skip
    for text in ("Bagus", "Cukup", "Ulangi dulu"):
        assert f"{text}</textarea>" in html
    assert author.send(desk.quiz(), joined).status_code == 302
    text = desk.text(f"{QUIZ}.toml")
    assert 'title = "Judul mereka"' in text
    assert "attempts = 4" in text


def test_questions_move_and_are_copied(author: PageClient, desk: Desk) -> None:
    arrange(author, desk, "down:jenis-1")
    assert keys(desk)[:3] == ["jenis-2", "jenis-1", "jenis-3"]
    arrange(author, desk, "up:jenis-1")
    arrange(author, desk, "up:jenis-1")  # at the top already
    assert keys(desk)[:2] == ["jenis-1", "jenis-2"]
    arrange(author, desk, "duplicate:jenis-5")
    assert keys(desk)[4:7] == ["jenis-5", "akhir-1", "jenis-6"]
    copies = [q for q in reader.parse(desk.text(f"{QUIZ}.gift"))[0] if q.kind == "numeric"]
    assert copies[0].options == copies[1].options


def test_a_removed_question_is_told_as_left_out_and_comes_back(
    author: PageClient, desk: Desk
) -> None:
    before = desk.text(f"{QUIZ}.gift")
    settings = desk.text("course.toml")
    arrange(author, desk, "remove:jenis-3")
    assert "jenis-3" not in keys(desk)
    assert 'keys = ["jenis-3"]' in desk.text("course.toml")
    page = author.get(desk.quiz())
    assert "Soal yang dihapus" in words(page)
    [value] = [
        part.split('"')[0]
        for part in page.get_data(as_text=True).split('value="')
        if part.startswith("restore:")
    ]
    arrange(author, desk, value)
    assert desk.text(f"{QUIZ}.gift") == before.rstrip("\n") + "\n"
    assert desk.text("course.toml").rstrip() == settings.rstrip()
    assert "Soal yang dihapus" not in words(author.get(desk.quiz()))


def test_the_text_of_all_questions_can_be_mended(author: PageClient, desk: Desk) -> None:
    sent = {"text": "// [id:baru-1]\r\nSatu? {T}\r\n", "number": "1"}
    assert author.send(desk.quiz("/text"), sent).status_code == 302
    assert desk.text(f"{QUIZ}.gift") == "// [id:baru-1]\nSatu? {T}\n"
    late = author.send(desk.quiz("/text"), {"text": "// lain", "number": "1"})
    assert late.status_code == 409
    assert "Satu?" in words(late)
    assert "// lain" in words(late)


def test_settings_that_cannot_be_read_are_mended_as_text(author: PageClient, desk: Desk) -> None:
    good = desk.text(f"{QUIZ}.toml")
    desk.save(f"{QUIZ}.toml", good + 'attempts = "')
    page = author.get(desk.quiz(), follow_redirects=True)
    assert "Tidak dapat dibaca sebagai TOML" in words(page)
    assert author.send(desk.quiz("/text"), {"text": good, "number": "2"}).status_code == 302
    assert author.get(desk.quiz()).status_code == 200


@pytest.mark.parametrize("name", ["hr", "learner"])
def test_only_its_authors_see_a_quiz(client: PageClient, desk: Desk, cast: Cast, name: str) -> None:
    where = desk.quiz()
    client.sign_in(cast.people[name])
    assert client.get(where).status_code == (200 if name == "hr" else 403)


def test_a_quiz_of_another_course_or_no_quiz_is_not_found(author: PageClient, desk: Desk) -> None:
    lesson = desk.uuid("01-dasar/01-sapa.md")
    assert author.get(f"/studio/melayani/quizzes/{lesson}").status_code == 404
    module = desk.uuid("01-dasar/module.toml")
    assert author.get(f"/studio/melayani/quizzes/{module}").status_code == 404
    quiz = desk.uuid(f"{QUIZ}.toml")
    assert author.get(f"/studio/lain/quizzes/{quiz}").status_code == 404
