"""The forms of quizzes and questions say of the shipped courses what their files say."""

import tomllib
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask

from lms.config import ROOT
from lms.courses.forms import question as question_forms
from lms.courses.forms.quiz import QuizForm, filled, review_of, rows_of, settings_of
from lms.formats.course_folder.quiz_text import changed
from lms.formats.gift import sheet

GIFTS = sorted((ROOT / "courses").rglob("*.gift"))
QUIZZES = [path.with_suffix(".toml") for path in GIFTS]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT / "courses"))


@pytest.mark.parametrize("path", QUIZZES, ids=named)
def test_settings_saved_as_they_are_change_no_character(site: Flask, path: Path) -> None:
    text = path.read_text()
    values = tomllib.loads(text, parse_float=Decimal)
    with site.test_request_context():
        form = QuizForm(formdata=None, data=filled(values, 1))
        shuffle = bool(form.shuffle_questions.data)
        settings, review = settings_of(form, values), review_of(form, values)
        assert changed(text, settings, {"review": review}, rows_of(form, shuffle)) == text


@pytest.mark.parametrize("path", GIFTS, ids=named)
def test_questions_saved_as_they_are_stay_the_same(site: Flask, path: Path) -> None:
    with site.test_request_context():
        for entry in sheet.entries(path.read_text()):
            assert entry.question is not None
            data = question_forms.filled(entry.question, entry.digest, ["M.05"], True)
            form = question_forms.QuestionForm(formdata=None, data=data)
            again = question_forms.question_of(form, entry.key, entry.question, True)
            assert not form.form_errors
            assert again == entry.question
