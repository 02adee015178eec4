"""What is done to many questions at once is taken back, but for what somebody has changed since;
and it does not read the questions that it leaves alone."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from lms.core.db import db
from lms.courses.models import BankQuestion
from lms.formats.gift import sheet
from lms.formats.gift.questions import Question
from lms.formats.gift.source import Block, blocks
from tests.cast import Cast
from tests.client import PageClient, words
from tests.courses.desk import FIRST, QUIZ, Desk, undo
from tests.courses.test_question_index import indexed, told

BANK = "/studio/melayani/bank"
ESSAY = (
    '\n[[hints]]\nquestion = "jenis-2"\ntexts = ["Ingat."]\n\n'
    '[[essays]]\nquestion = "k1-9"\nmost_words = 200\n\n'
    '[[rubric]]\nquestion = "k1-9"\ncriterion = "Isi"\nlevels = ["0: tidak", "5: ya"]\n'
)


@pytest.fixture
def desk(app: Flask, cast: Cast, tmp_path: Path) -> Desk:
    """The last quiz has hints, and an essay with a rubric."""
    desk = Desk(app, cast)
    desk.begin(tmp_path)
    desk.save(f"{QUIZ}.toml", desk.text(f"{QUIZ}.toml") + ESSAY)
    desk.save(f"{QUIZ}.gift", desk.text(f"{QUIZ}.gift") + "\n// [id:k1-9]\nCeritakan. {}\n")
    return desk


@pytest.fixture
def author(client: PageClient, cast: Cast) -> PageClient:
    client.sign_in(cast.people["stranger"])
    return client


def act(author: PageClient, chosen: list[str], do: str, **more: Any) -> str:
    """Do it to all of them; the address of the bank after it."""
    answer = author.send(f"{BANK}?state=", {"key": chosen, "do": do, **more})
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def undone(author: PageClient, address: str) -> str:
    """What the page says when it is taken back."""
    return words(author.get(undo(author, address)))


def everything(desk: Desk) -> list[Any]:
    """The questions of both quizzes as they are written, and what is said of them."""
    texts = [[each.text for each in sheet.entries(desk.text(f"{p}.gift"))] for p in (FIRST, QUIZ)]
    return [*texts, *(tomllib.loads(desk.text(f"{path}.toml")) for path in (FIRST, QUIZ))]


@pytest.mark.parametrize(
    ("do", "more", "said"),
    [
        ("tag", {"tag": "baru"}, "3 soal diubah."),
        ("retired", {}, "3 soal diubah."),
        ("move", {"to": FIRST}, "2 soal dipindahkan."),
        ("remove", {}, "3 soal dihapus."),
    ],
)
def test_every_act_is_taken_back(
    author: PageClient, desk: Desk, do: str, more: dict[str, str], said: str
) -> None:
    before = everything(desk)
    if do == "move":
        more = {"to": str(desk.uuid(f"{FIRST}.toml"))}
    where = act(author, ["jenis-2", "k1-9", "k1-2"], do, **more)
    assert said in words(author.get(where))
    assert everything(desk) != before
    assert "soal kembali seperti semula." in undone(author, where)
    assert everything(desk) == before


def test_moving_reads_no_question_of_the_quizzes_that_are_left(
    author: PageClient, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As giving a tag: the index says where they are."""
    where = act(author, ["k1-1"], "move", to=str(desk.uuid(f"{QUIZ}.toml")))
    undo(author, where)
    text = desk.text(f"{QUIZ}.gift")
    read: list[str] = []

    def noted(given: str) -> list[Block]:
        read.append(given)
        return blocks(given)

    monkeypatch.setattr(sheet, "blocks", noted)
    act(author, ["jenis-2", "jenis-3"], "move", to=str(desk.uuid(f"{FIRST}.toml")))
    assert read, "those of the quiz that they come into"
    assert text not in read
    left = desk.text(f"{QUIZ}.gift")
    assert left not in read
    monkeypatch.undo()
    assert [e.key for e in sheet.entries(left)] == [
        e.key for e in sheet.entries(text) if e.key not in ("jenis-2", "jenis-3")
    ]


def test_what_was_left_open_above_a_question_that_moves_is_read_again(
    author: PageClient, desk: Desk
) -> None:
    """It then goes on in what stands below."""
    desk.save(
        f"{QUIZ}.gift",
        "// [id:buka]\nTerbuka {\n\n// [id:tengah]\nDi tengah? {T}\n\n// [id:akhir]\nAkhir\n",
    )
    act(author, ["tengah"], "move", to=str(desk.uuid(f"{FIRST}.toml")))
    assert [each.key for each in sheet.entries(desk.text(f"{QUIZ}.gift"))] == ["buka"]
    with desk.app.app_context():
        drafted = select(BankQuestion.key).where(BankQuestion.file_id.is_not(None))
        keys = db.session.scalars(drafted).all()
        db.session.remove()
    assert sorted(keys) == ["buka", "k1-1", "k1-2", "tengah"]


def test_what_was_changed_since_stays(author: PageClient, desk: Desk) -> None:
    where = act(author, ["jenis-1", "jenis-2"], "tag", tag="baru")
    text = desk.text(f"{QUIZ}.gift").replace("Pilih dua sikap", "Pilihlah dua sikap")
    desk.save(f"{QUIZ}.gift", text)
    said = undone(author, where)
    assert "1 soal kembali seperti semula." in said
    assert "1 soal tidak: sudah berubah sesudahnya." in said
    found = {each.key: each.question for each in sheet.entries(desk.text(f"{QUIZ}.gift"))}
    assert (tags(found["jenis-1"]), tags(found["jenis-2"])) == ((), ("baru",))
    assert "0 soal kembali seperti semula." in undone(author, where), "a second time"


def tags(question: Question | None) -> tuple[str, ...]:
    assert question is not None
    return question.tags


def test_what_changes_nothing_is_told(author: PageClient, desk: Desk) -> None:
    page = author.get(act(author, ["jenis-1"], "ready"))
    assert "Tidak ada yang berubah." in words(page)
    assert "toast" not in page.get_data(as_text=True)


def test_a_removed_essay_gets_its_rubric_back(author: PageClient, desk: Desk) -> None:
    before = desk.text(f"{QUIZ}.toml")
    act(author, ["k1-9"], "remove")
    assert "rubric" not in desk.text(f"{QUIZ}.toml")
    page = author.get(desk.quiz()).get_data(as_text=True)
    found = re.search(r'name="do" value="(restore:[^"]+)"', page)
    assert found
    assert author.send(desk.quiz("/arrange"), {"do": found[1]}).status_code == 302
    assert tomllib.loads(desk.text(f"{QUIZ}.toml")) == tomllib.loads(before)
    assert "[id:k1-9]" in desk.text(f"{QUIZ}.gift")


def test_a_rubric_that_was_written_anew_stays(author: PageClient, desk: Desk) -> None:
    act(author, ["k1-9"], "remove")
    page = author.get(desk.quiz()).get_data(as_text=True)
    found = re.search(r'name="do" value="(restore:[^"]+)"', page)
    assert found
    anew = '\n[[essays]]\nquestion = "k1-9"\nmost_words = 90\n'
    desk.save(f"{QUIZ}.toml", desk.text(f"{QUIZ}.toml") + anew)
    assert author.send(desk.quiz("/arrange"), {"do": found[1]}).status_code == 302
    assert desk.text(f"{QUIZ}.toml").count('question = "k1-9"') == 1
    assert "most_words = 90" in desk.text(f"{QUIZ}.toml")


def test_one_of_two_questions_with_the_same_text_is_changed_twice(
    author: PageClient, desk: Desk
) -> None:
    twin = "\n// [id:kembar]\nSama? {T}\n"
    desk.save(f"{FIRST}.gift", desk.text(f"{FIRST}.gift") + twin + twin)
    where = act(author, ["kembar"], "tag", tag="baru")
    assert desk.text(f"{FIRST}.gift").count("[id:kembar] [tag:baru]") == 2
    undo(author, where)
    assert "[tag:baru]" not in desk.text(f"{FIRST}.gift")


def test_only_what_is_an_act_of_the_draft_is_taken_back(author: PageClient, desk: Desk) -> None:
    gift = desk.uuid(f"{QUIZ}.gift")
    for uuid in (gift, "00000000-0000-0000-0000-000000000000"):
        assert author.send(f"{BANK}/undo/{uuid}").status_code == 404
        assert "toast" not in author.get(f"{BANK}?undo={uuid}").get_data(as_text=True)
    assert author.send(BANK, {"key": "jenis-1", "do": "entah"}).status_code == 404


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How long each text is whose questions are all read."""
    lengths: list[int] = []
    real = sheet.entries

    def entries(text: str) -> list[sheet.Entry]:
        lengths.append(len(text))
        return real(text)

    monkeypatch.setattr(sheet, "entries", entries)
    return lengths


@pytest.mark.parametrize("do", ["tag", "move", "remove"])
def test_a_few_of_many_are_changed_and_changed_back_without_reading_the_others(
    author: PageClient, desk: Desk, read: list[int], do: str
) -> None:
    more = "\n\n".join(f"// [id:panjang-{n}]\nSoal panjang {n}? {{T}}" for n in range(1, 400))
    for path in (FIRST, QUIZ):
        longer = more.replace("panjang-", f"{path[-1]}-")
        desk.save(f"{path}.gift", desk.text(f"{path}.gift") + "\n" + longer)
    before = everything(desk)
    chosen = ["s-7", "s-8", "r-399", "jenis-4"]
    read.clear()
    where = act(author, chosen, do, tag="baru", to=str(desk.uuid(f"{FIRST}.toml")))
    assert 0 < max(read) < 200
    found = {path: sheet.entries(desk.text(f"{path}.gift")) for path in (FIRST, QUIZ)}
    if do == "tag":
        texts = [each.text for each in found[FIRST] if each.key == "s-7"]
        assert texts == ["// [id:s-7] [tag:baru]\n[markdown]Soal panjang 7? {T}"]
    elif do == "move":
        assert [each.key for each in found[FIRST]][-3:] == ["s-399", "jenis-4", "r-399"]
    assert len(found[QUIZ]) == {"tag": 407, "move": 405, "remove": 405}[do]
    read.clear()
    undo(author, where)
    assert 0 < max(read) < 200
    assert everything(desk) == before
    with desk.app.app_context():
        rows = indexed()
        assert rows == told()
        db.session.remove()
