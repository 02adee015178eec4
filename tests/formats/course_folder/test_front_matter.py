"""A lesson's file and its form: what the form does not say stays byte by byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.formats.course_folder.front_matter import lesson_text, with_lesson_text

FILE = """+++
# Ditinjau Maret.
key = "sapa"
title = "Menyapa" # pendek
minutes = 5
read_to_end = true
+++

Isi.

Akhir.
"""
PLAIN = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=120)


def test_the_form_shows_title_minutes_and_text() -> None:
    found = lesson_text(FILE)
    assert found is not None
    assert (found.title, found.minutes, found.body) == ("Menyapa", 5, "Isi.\n\nAkhir.")
    assert FILE.split("\n")[found.above] == "Isi."


@pytest.mark.parametrize(
    "file",
    [FILE, FILE.replace("\n", "\r\n"), "\ufeff" + FILE, FILE + "\n\n", FILE.rstrip("\n"),
     '+++\nkey = "a"\ntitle = "b"\nminutes = 1\n+++\n'],
)  # fmt: skip
def test_the_same_again_changes_no_byte(file: str) -> None:
    found = lesson_text(file)
    assert found is not None
    assert found.minutes is not None
    assert with_lesson_text(file, found.title, found.minutes, found.body) == file


def test_remarks_and_other_settings_stay() -> None:
    changed = with_lesson_text(FILE, "Menyambut", 6, "Baru.")
    assert changed == (
        FILE.replace('"Menyapa"', '"Menyambut"')
        .replace("= 5", "= 6")
        .replace("Isi.\n\nAkhir.", "Baru.")
    )


@given(PLAIN, st.integers(1, 6000), st.text(st.characters(exclude_categories=["Cs"])))
def test_whatever_is_typed_comes_back(title: str, minutes: int, body: str) -> None:
    found = lesson_text(with_lesson_text(FILE, title, minutes, body))
    assert found is not None
    assert (found.title, found.minutes) == (title, minutes)
    typed = body.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    assert found.body == typed.removeprefix("\ufeff").strip("\n")


@pytest.mark.parametrize(
    "file", ["", "Isi saja.", "+++\ntitle = 'x\n+++\nIsi.", "+++\nkey = 'a'\n", "x\n+++\n+++\n"]
)
def test_settings_that_cannot_be_read_give_no_form(file: str) -> None:
    assert lesson_text(file) is None


def test_a_setting_that_is_missing_or_of_another_kind_can_be_given() -> None:
    file = '+++\nkey = "a"\ntitle = 3\n+++\nIsi.\n'
    found = lesson_text(file)
    assert found is not None
    assert (found.title, found.minutes) == ("", None)
    assert with_lesson_text(file, "Judul", 2, "Isi.") == (
        '+++\nkey = "a"\ntitle = "Judul"\nminutes = 2\n+++\nIsi.\n'
    )
