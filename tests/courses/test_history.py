"""What a text was: listed, compared with now, and brought back without losing what it replaces."""

import re
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.cast import Cast
from tests.client import PageClient, words
from tests.courses.drafted import Drafted, drafted

LESSON = "01-dasar/01-sapa.md"


@pytest.fixture
def course(app: Flask, cast: Cast, tmp_path: Path) -> Drafted:
    return drafted(app, cast, tmp_path)


@pytest.fixture
def trainer(course: Drafted, client: PageClient, cast: Cast) -> PageClient:
    client.sign_in(cast.people["stranger"])
    sent = {"title": "Menyapa", "minutes": 4, "text": "Yang kedua.", "number": 1}
    assert client.send(course.url(LESSON), sent).status_code == 302
    return client


def history(course: Drafted) -> str:
    return course.url(LESSON, "files") + "/history"


def names(page: TestResponse) -> list[str]:
    return re.findall(r'class="meta"><span>(.*?)<', page.get_data(as_text=True))


def test_the_list_names_who_saved_and_when(course: Drafted, trainer: PageClient) -> None:
    page = trainer.get(history(course))
    assert names(page) == ["Andi Tenri", "Andi Tenri"]
    assert "awal draf" in words(page)
    assert f'href="{history(course)}/1"' in page.get_data(as_text=True)


def test_a_former_text_is_shown_beside_the_one_of_now(course: Drafted, trainer: PageClient) -> None:
    page = trainer.get(f"{history(course)}/1").get_data(as_text=True)
    assert '<td class="diff__old">' in page
    assert "Pulihkan teks ini" in page
    same = trainer.get(f"{history(course)}/2")
    assert "Teks ini sama dengan yang sekarang." in words(same)
    assert "Pulihkan teks ini" not in words(same)


def test_what_is_brought_back_is_a_save_that_loses_nothing(
    course: Drafted, trainer: PageClient
) -> None:
    answer = trainer.send(f"{history(course)}/1/restore", {"number": 2})
    assert answer.status_code == 302
    assert "Sapa warga yang datang." in course.text(LESSON)
    assert len(names(trainer.get(history(course)))) == 3
    replaced = trainer.get(f"{history(course)}/2").get_data(as_text=True)
    assert "Yang" in replaced  # within the same ten minutes, and still there
    assert trainer.send(f"{history(course)}/2/restore", {"number": 3}).status_code == 302
    assert "Yang kedua." in course.text(LESSON)


@pytest.mark.parametrize("number", ["1", "", "x", "9" * 12])
def test_who_has_not_seen_the_last_save_restores_nothing(
    course: Drafted, trainer: PageClient, number: str
) -> None:
    answer = trainer.send(f"{history(course)}/1/restore", {"number": number})
    assert answer.status_code == 409
    assert "Teks ini baru saja diubah lagi." in words(answer)
    assert "Yang kedua." in course.text(LESSON)


def test_what_has_no_history_is_not_found(course: Drafted, trainer: PageClient) -> None:
    assert trainer.get(f"{history(course)}/7").status_code == 404
    picture = course.url("01-dasar/media/loket.png", "files")
    assert trainer.get(f"{picture}/history").status_code == 404
    elsewhere = history(course).replace("melayani", "lain")
    assert trainer.get(elsewhere).status_code == 404
    assert trainer.get(course.url("course.toml", "files") + "/history").status_code == 200
