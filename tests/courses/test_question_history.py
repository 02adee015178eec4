"""What a question was: its versions with their difference to now, and bringing one back."""

import re
from pathlib import Path

import pytest
from flask import Flask

from lms.formats.gift import sheet
from tests.cast import Cast
from tests.client import PageClient, words
from tests.courses.desk import QUIZ, Desk

GIFT = f"{QUIZ}.gift"


@pytest.fixture
def desk(app: Flask, cast: Cast, tmp_path: Path) -> Desk:
    desk = Desk(app, cast)
    desk.begin(tmp_path)
    return desk


@pytest.fixture
def author(client: PageClient, cast: Cast) -> PageClient:
    client.sign_in(cast.people["stranger"])
    return client


def change(desk: Desk, old: str, new: str, by: str) -> None:
    text = desk.text(GIFT)
    assert old in text
    desk.save(GIFT, text.replace(old, new), by=by)


def test_only_what_changed_the_question_is_a_version(author: PageClient, desk: Desk) -> None:
    change(desk, "Apa yang pertama", "Apa yang mula-mula", by="stranger")
    change(desk, "Pilih dua sikap", "Pilihlah dua sikap", by="hr")  # another question
    change(desk, "Apa yang mula-mula", "Apa yang paling dulu", by="stranger")
    where = desk.quiz("/questions/jenis-1/history")
    assert where in author.get(desk.quiz("/questions/jenis-1")).get_data(as_text=True)
    page = author.get(where)
    shown = words(page)
    assert page.get_data(as_text=True).count('aria-labelledby="v') == 3
    for text in ("pertama", "mula-mula", "paling dulu", "Yulia Hartati", "Andi Tenri"):
        assert text in shown
    assert "sikap melayani" not in shown
    assert author.get(desk.quiz("/questions/jenis-3/history")).get_data(as_text=True).count(
        'aria-labelledby="v'
    ) == 1  # fmt: skip


def test_a_version_is_brought_back_and_nothing_else(author: PageClient, desk: Desk) -> None:
    first = sheet.entries(desk.text(GIFT))[0].text
    change(desk, "Apa yang pertama", "Apa yang mula-mula", by="stranger")
    change(desk, "Pilih dua sikap", "Pilihlah dua sikap", by="stranger")
    where = desk.quiz("/questions/jenis-1/history")
    html = author.get(where).get_data(as_text=True)
    [base] = set(re.findall(r'name="base" value="([0-9a-f]+)"', html))
    stale = author.send(f"{where}/1/restore", {"base": "0" * 64})
    assert stale.status_code == 409
    assert "baru saja diubah lagi" in words(stale)
    assert author.send(f"{where}/1/restore", {"base": base}).status_code == 302
    assert sheet.entries(desk.text(GIFT))[0].text == first
    assert "Pilihlah dua sikap" in desk.text(GIFT)
    assert "mula-mula" in words(author.get(where)), "what was replaced is not lost"
    for missing in (f"{where}/99/restore", desk.quiz("/questions/k1-1/history/1/restore")):
        assert author.send(missing, {"base": base}).status_code == 404


def test_a_stranger_to_the_course_sees_no_history(desk: Desk, client: PageClient) -> None:
    client.sign_in(desk.cast.people["learner"])
    where = desk.quiz("/questions/jenis-1/history")
    assert client.get(where).status_code == 403
    assert client.send(f"{where}/1/restore", {}).status_code == 403
