"""The bank of a course: found by words and filters, tagged, moved and removed together."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from lms.formats.gift import sheet
from tests.cast import Cast
from tests.client import PageClient, words
from tests.courses.desk import FIRST, QUIZ, Desk

BANK = "/studio/melayani/bank"


@pytest.fixture
def desk(app: Flask, cast: Cast, tmp_path: Path) -> Desk:
    desk = Desk(app, cast)
    desk.begin(tmp_path)
    return desk


@pytest.fixture
def author(client: PageClient, cast: Cast) -> PageClient:
    client.sign_in(cast.people["stranger"])
    return client


def keys(desk: Desk, path: str) -> list[str]:
    return [entry.key for entry in sheet.entries(desk.text(f"{path}.gift"))]


def tags(desk: Desk, path: str) -> dict[str, tuple[str, ...]]:
    entries = sheet.entries(desk.text(f"{path}.gift"))
    return {entry.key: entry.question.tags for entry in entries if entry.question}


def test_it_shows_the_questions_of_all_quizzes(author: PageClient, desk: Desk) -> None:
    page = author.get(BANK)
    assert page.status_code == 200
    text = words(page)
    assert "9 soal" in text
    assert "Menyapa itu perlu." in text
    assert "Urutkan layanan." in text


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("q=BANDUNG", "Ibu kota Jawa Barat?", "Urutkan layanan."),
        ("q=hampir", "Ibu kota Jawa Barat?", "Urutkan layanan."),
        ("kind=ordering", "Urutkan layanan.", "Menyapa itu perlu."),
        ("q=tidakadasamasekali", "Tidak ada yang cocok", "Urutkan layanan."),
        ("kind=tidak-ada&quiz=bukan&after=entah", "Urutkan layanan.", "Tidak ada yang cocok"),
    ],
)
def test_it_is_searched_and_filtered(
    author: PageClient, desk: Desk, query: str, shown: str, hidden: str
) -> None:
    text = words(author.get(f"{BANK}?{query}"))
    assert shown in text
    assert hidden not in text


def test_it_is_filtered_by_quiz_and_tag(author: PageClient, desk: Desk) -> None:
    first = desk.uuid(f"{FIRST}.toml")
    text = words(author.get(f"{BANK}?quiz={first}"))
    assert "2 soal" in text
    assert "Urutkan layanan." not in text
    act(author, ["jenis-7"], "tag", tag="difficulty.hard")
    for query in ("tag=difficulty.hard", "level=hard", "tag=difficulty.hard&level=hard"):
        text = words(author.get(f"{BANK}?{query}"))
        assert "1 soal" in text
        assert "Urutkan layanan." in text
    assert "Tidak ada yang cocok" in words(author.get(f"{BANK}?level=easy"))


def act(author: PageClient, chosen: list[str], do: str, **more: Any) -> None:
    assert author.send(BANK, {"key": chosen, "do": do, **more}).status_code == 302


def test_tags_are_given_and_taken_over_several_quizzes(author: PageClient, desk: Desk) -> None:
    act(author, ["jenis-1", "jenis-6", "k1-2"], "tag", tag="modul-1")
    assert {key for key, has in tags(desk, QUIZ).items() if "modul-1" in has} == {
        "jenis-1", "jenis-6",
    }  # fmt: skip
    assert tags(desk, FIRST) == {"k1-1": (), "k1-2": ("modul-1",)}
    act(author, ["jenis-6"], "untag", tag="modul-1")
    assert tags(desk, QUIZ)["jenis-6"] == ()


def test_questions_move_with_their_hints_and_keep_their_keys(
    author: PageClient, desk: Desk
) -> None:
    hint = '\n[[hints]]\nquestion = "jenis-2"\ntexts = ["Ingat."]\n'
    desk.save(f"{QUIZ}.toml", desk.text(f"{QUIZ}.toml") + hint)
    act(author, ["jenis-2", "jenis-4"], "move", to=str(desk.uuid(f"{FIRST}.toml")))
    assert keys(desk, FIRST) == ["k1-1", "k1-2", "jenis-2", "jenis-4"]
    assert keys(desk, QUIZ) == ["jenis-1", "jenis-3", "jenis-5", "jenis-6", "jenis-7"]
    assert "hints" not in desk.text(f"{QUIZ}.toml")
    assert 'question = "jenis-2"' in desk.text(f"{FIRST}.toml")


def test_what_is_removed_can_be_brought_back_in_its_quiz(author: PageClient, desk: Desk) -> None:
    act(author, ["jenis-2", "k1-1"], "remove")
    assert "jenis-2" not in keys(desk, QUIZ)
    assert keys(desk, FIRST) == ["k1-2"]
    assert "Soal yang dihapus" in words(author.get(desk.quiz()))
    assert 'keys = ["jenis-2", "k1-1"]' in desk.text("course.toml") or (
        'keys = ["k1-1", "jenis-2"]' in desk.text("course.toml")
    )


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"do": "tag", "tag": "a"}, "Centang paling sedikit satu soal"),
        ({"do": "tag", "key": "jenis-1"}, "Isi tagnya"),
        ({"do": "tag", "key": "jenis-1", "tag": "tidak sah"}, "Pakai huruf, angka"),
        ({"do": "move", "key": "jenis-1"}, "Pilih kuisnya"),
    ],
)
def test_what_cannot_be_done_is_told(
    author: PageClient, desk: Desk, sent: dict[str, str], said: str
) -> None:
    before = desk.text(f"{QUIZ}.gift")
    page = author.send(BANK, sent)
    assert page.status_code == 422
    assert said in words(page)
    assert desk.text(f"{QUIZ}.gift") == before


def test_questions_are_retired_and_made_ready_together(author: PageClient, desk: Desk) -> None:
    act(author, ["jenis-2", "k1-1"], "retired")
    act(author, ["jenis-3"], "draft")
    for state, shown in (("retired", "2 soal"), ("draft", "1 soal"), ("ready", "6 soal")):
        assert shown in words(author.get(f"{BANK}?state={state}"))
    assert "[id:jenis-3]\n// [state:draft]\n" in desk.text(f"{QUIZ}.gift")
    assert "Dipensiunkan" in words(author.get(desk.quiz()))
    learner_sees = words(author.get("/studio/melayani/preview/akhir"))
    assert "Pilih dua sikap" not in learner_sees
    assert "Urutkan layanan." in learner_sees
    before = desk.text(f"{QUIZ}.gift")
    act(author, ["jenis-2", "jenis-3", "k1-1"], "ready")
    assert "[state:" not in desk.text(f"{QUIZ}.gift")
    assert before.replace("// [state:retired]\n", "").replace("// [state:draft]\n", "") == (
        desk.text(f"{QUIZ}.gift")
    )


def test_it_is_searched_by_author_source_and_competency(author: PageClient, desk: Desk) -> None:
    text = desk.text(f"{QUIZ}.gift").replace(
        "[id:jenis-7]", "[id:jenis-7] [tag:M.05]\n// [author:Ratna Dewi] [source:PP 94/2021]"
    )
    desk.save(f"{QUIZ}.gift", text)
    for query in ("q=ratna", "q=94/2021", "competency=M.05"):
        found = words(author.get(f"{BANK}?{query}"))
        assert "1 soal" in found
        assert "Ratna Dewi" in found


def test_a_long_bank_is_paged(author: PageClient, desk: Desk) -> None:
    more = "\n\n".join(f"// [id:panjang-{n}]\nSoal panjang {n}? {{T}}" for n in range(1, 121))
    desk.save(f"{FIRST}.gift", desk.text(f"{FIRST}.gift") + "\n" + more)
    page = author.get(f"{BANK}?q=panjang")
    assert "120 soal" in words(page)
    seen: list[str] = []
    address = f"{BANK}?q=panjang"
    while address:
        html = author.get(address).get_data(as_text=True)
        seen += [part.split('"')[0] for part in html.split('name="key" value="')[1:]]
        buttons = html.split('<a class="btn btn--2 btn--s" href="')
        links = [part for part in buttons[1:] if 'rel="next"' in part]
        address = links[0].split('"')[0].replace("&amp;", "&") if links else ""
    assert seen == [f"panjang-{n}" for n in range(1, 121)]


def test_only_authors_see_a_bank(client: PageClient, desk: Desk, cast: Cast) -> None:
    client.sign_in(cast.people["learner"])
    assert client.get(BANK).status_code == 403
    client.sign_in(cast.people["hr"])
    assert client.get(BANK).status_code == 200
    assert client.get("/studio/tidak-ada/bank").status_code == 404
