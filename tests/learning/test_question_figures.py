"""The figures of one question: its versions, the people behind them, the way from the editor."""

from pathlib import Path

import pytest
from flask import Flask

from lms.core.db import db
from lms.learning.queries.analytics import analysis_of
from tests.cast import Cast
from tests.client import PageClient, words
from tests.courses.desk import Desk
from tests.learning import classes
from tests.learning.figures import PAGE, count, links, listed, more, publish
from tests.sample_course import import_course, write_course


def test_a_question_with_its_earlier_versions(
    app: Flask, cast: Cast, trainer: PageClient, tmp_path: Path
) -> None:
    publish(app, cast, tmp_path)
    path = "/studio/melayani/questions/butir-1/figures"
    assert "Belum ada angka" in words(trainer.get(path))
    classes.sit(app, 1)
    with app.app_context():
        import_course(
            write_course(
                tmp_path, attempts=3, settings=f'{classes.SETTINGS}pretest = "kuis-1"\n',
                final=classes.QUESTIONS.replace("Soal nomor 1?", "Soal pertama?"),
            )
        )  # fmt: skip
        db.session.remove()
    more(app)
    count(app)
    with app.app_context():
        figures = analysis_of(classes.course().id).figures
        assert figures is not None
        quiz = next(quiz for quiz in figures.quizzes if quiz.key == "akhir")
        assert [item.statistics.count for item in quiz.items] == [12, 18, 18, 18]
        [earlier] = quiz.earlier
        assert earlier.statistics.count == 6
        assert earlier.statistics.facility == pytest.approx(5 / 6)
        assert earlier.chosen == (5, 1, 0)
        db.session.remove()
    page = words(trainer.get(path))
    assert page.index("Soal pertama? Ditanyakan sekarang Versi kursus: 2") < page.index(
        "Soal nomor 1? Versi yang lama Versi kursus: 1"
    )
    found = links(trainer, path)
    assert sorted(found.values()) == [1, 2, 5, 10]
    assert {href: listed(trainer, href) for href in found} == found
    assert path in trainer.get(f"{PAGE}/akhir").get_data(as_text=True)


def test_from_the_editor_to_the_figures_and_back(
    app: Flask, cast: Cast, trainer: PageClient, tmp_path: Path
) -> None:
    desk = Desk(app, cast)
    desk.begin(tmp_path, final=classes.QUESTIONS)
    editor = f"/studio/melayani/quizzes/{desk.uuid('01-dasar/04-akhir.toml')}/questions/butir-2"
    figures = "/studio/melayani/questions/butir-2/figures"
    assert figures in trainer.get(editor).get_data(as_text=True)
    assert editor in trainer.get(figures).get_data(as_text=True)
