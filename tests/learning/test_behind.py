"""Every number of the analytics leads to as many people as it says, for who teaches the course."""

import re
from pathlib import Path
from random import Random
from uuid import uuid4

import pytest
from flask import Flask

from lms.core.db import db, transaction
from lms.courses.rules import CourseRole
from lms.learning import actions
from lms.learning.queries import behind
from lms.learning.queries.analytics import analysis_of
from tests.cast import Cast
from tests.client import PageClient, words
from tests.conftest import SetClock
from tests.learning import classes
from tests.learning.figures import PAGE, count, links, listed, more, publish, study, teach
from tests.queries import counted
from tests.sample_course import KINDS, KINDS_SETTINGS, import_course, write_course


@pytest.mark.parametrize("grade", ["highest", "last", "average", "first"])
def test_every_number_leads_to_as_many_people(
    app: Flask, cast: Cast, trainer: PageClient, tmp_path: Path, at: SetClock, grade: str
) -> None:
    publish(app, cast, tmp_path, f'grade = "{grade}"\n')
    teach(app, at)
    count(app)
    trainer.sign_in(cast.people["stranger"])
    found = links(trainer, PAGE)
    kinds = {re.sub(r"=[^&]+", "", href.rpartition("/")[2]) for href in found}
    assert {"learners", "first-attempts", "learners?part&reached", "learners?state"} <= kinds
    found |= links(trainer, f"{PAGE}/akhir")
    found |= links(trainer, f"{PAGE}/kuis-1")
    assert {"first-attempts?score", "first-attempts?question&answer"} <= {
        re.sub(r"=[^&]+", "", href.rpartition("/")[2]) for href in found
    }
    assert len(found) > 30
    assert {href: listed(trainer, href) for href in found} == found
    gain = "/studio/melayani/learners?part=akhir&reached=both"
    with app.app_context():
        figures = analysis_of(classes.course().id).figures
        assert figures is not None
        [told] = [quiz.gain for quiz in figures.quizzes if quiz.gain]
        db.session.remove()
    assert listed(trainer, gain) == told.count > 0
    assert figures.completed > 0
    assert listed(trainer, "/studio/melayani/learners?state=withdrawn") == 2


def test_final_scores_lead_to_who_has_them(
    app: Flask, cast: Cast, trainer: PageClient, tmp_path: Path
) -> None:
    publish(app, cast, tmp_path)
    with app.test_request_context():
        for number, right in enumerate([[1, 1, 1, 1]] * 3 + [[1, 1, 1, 0]] * 3):
            actor = classes.learner(number)
            classes.answer(actor, "akhir", right)
            classes.answer(actor, "kuis-1", [1, 1])
            study(actor, "sapa", "dengar")
        db.session.remove()
    count(app)
    bars = {h: n for h, n in links(trainer, PAGE).items() if "score=" in h}
    assert sorted(bars.items()) == [
        ("/studio/melayani/learners?score=70", 3), ("/studio/melayani/learners?score=90", 3),
    ]  # fmt: skip
    for path, number in bars.items():
        assert listed(trainer, path) == number
    page = words(trainer.get("/studio/melayani/learners?score=90"))
    assert "Nilai akhir 90 sampai 100" in page
    assert "Peserta 002" in page
    assert "Peserta 003" not in page
    file = trainer.send("/studio/melayani/learners/export?score=90", {"format": "csv"})
    assert file.get_data(as_text=True).count("\n") == 4


def test_answers_of_every_kind_lead_to_who_gave_them(
    app: Flask, cast: Cast, trainer: PageClient, tmp_path: Path
) -> None:
    """Learners who choose, type, match, put in order and leave questions open."""
    with app.test_request_context():
        import_course(write_course(tmp_path, final=KINDS, settings=KINDS_SETTINGS))
        classes.join(cast.people["stranger"], CourseRole.AUTHOR)
        answers: list[list[list[str]]] = [
            [["1"], ["1", "2"], ["2"], ["Bandung"], ["4500"], ["1:1", "2:2"], ["1:1", "2:2"]],
            [["2"], ["1", "3"], ["1"], ["bandung"], ["4500"], ["1:2"], ["1:2", "2:1", "3:3"]],
            [["1"], [], ["2"], ["Jakarta"], ["1"], ["3:1"], []],
            [[], ["4"], [], ["jakarta"], ["1"], [], ["1:3", "2:2", "3:1"]],
            [["3"], ["1"], ["2"], ["Solo"], [], ["1:4", "2:4"], ["1:2", "2:3", "3:1"]],
        ]  # fmt: skip
        for number, sent in enumerate(answers):
            actor = classes.learner(number)
            with transaction():
                enrolment = actions.enrol(actor, classes.course())
                attempt = actions.start_quiz(
                    actor, enrolment.uuid, classes.part("akhir"), Random(1)
                )
                for at, each in enumerate(sent, start=1):
                    if each:
                        actions.save_answer(attempt, at, sent=each, seq=1)
                actions.submit_quiz(actor, attempt)
                actions.grade_quiz(attempt)
        db.session.remove()
    count(app)
    found = links(trainer, f"{PAGE}/akhir")
    codes = {href.partition("answer=")[2] for href in found}
    assert {"0", "open", "t0", "t1"} <= codes
    assert {href: listed(trainer, href) for href in found} == found
    typed = next(h for h in found if h.endswith("answer=t0"))
    assert "Bandung" in words(trainer.get(typed)) or "Jakarta" in words(trainer.get(typed))
    for wrong in ("answer=99", "answer=t9", "answer=x", "answer=-1"):
        assert trainer.get(re.sub("answer=.*", wrong, typed)).status_code == 404
    assert trainer.get(f"{PAGE}/akhir/first-attempts?question={uuid4()}").status_code == 404
    assert trainer.get(f"{PAGE}/akhir/first-attempts?question=x").status_code == 404
    assert listed(trainer, f"{PAGE}/akhir/first-attempts?score=33") == 5  # no bar begins there


def test_pages_of_attempts_follow_one_another(
    app: Flask, cast: Cast, trainer: PageClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(app, cast, tmp_path)
    classes.sit(app, 2)
    count(app)
    monkeypatch.setattr(behind, "PAGE", 5)
    names, path = list[str](), f"{PAGE}/akhir/first-attempts"
    for size in (5, 5, 2):
        html = trainer.get(path).get_data(as_text=True)
        shown = re.findall(r'class="pname"[^>]*>(Peserta \d+)<', html)
        assert len(shown) == size
        assert listed(trainer, path) == 12
        names += shown
        onward = re.search(r'href="([^"]+)" rel="next"', html)
        path = onward[1] if onward else ""
    assert names == [f"Peserta {number:03}" for number in range(12)]
    assert path == ""


def test_as_many_queries_for_many_as_for_few(
    app: Flask, cast: Cast, trainer: PageClient, tmp_path: Path
) -> None:
    publish(app, cast, tmp_path)
    spent = list[list[int]]()
    for _ in range(2):
        if spent:
            more(app)
        else:
            classes.sit(app, 1)
        count(app)
        question = next(h for h in links(trainer, f"{PAGE}/akhir") if h.endswith("answer=0"))
        told = []
        for path in (
            PAGE, f"{PAGE}/akhir", f"{PAGE}/akhir/first-attempts",
            question,
            "/studio/melayani/learners?part=akhir&reached=done",
            "/studio/melayani/questions/butir-1/figures",
        ):  # fmt: skip
            with counted(app) as statements:
                assert trainer.get(path).status_code == 200
            told.append(len(statements))
        spent.append(told)
    assert spent[0] == spent[1]
    assert max(spent[0]) <= 20, spent


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (CourseRole.OWNER, 200), (CourseRole.AUTHOR, 200), (CourseRole.MARKER, 200),
        (CourseRole.REVIEWER, 403), (None, 404),
    ],
)  # fmt: skip
def test_only_who_teaches_the_course_sees_the_lists(
    app: Flask,
    cast: Cast,
    client: PageClient,
    tmp_path: Path,
    role: CourseRole | None,
    status: int,
) -> None:
    with app.app_context():
        import_course(
            write_course(tmp_path, final=classes.QUESTIONS, settings=classes.SETTINGS, attempts=3)
        )
        if role:
            classes.join(cast.people["stranger"], role)
        db.session.remove()
    classes.sit(app, 1)
    count(app)
    client.sign_in(cast.people["stranger"])
    assert client.get(f"{PAGE}/akhir/first-attempts").status_code == status
    assert client.get("/studio/melayani/questions/butir-1/figures").status_code == status
    if status == 200:
        html = client.get(f"{PAGE}/akhir").get_data(as_text=True)
        assert ('/regrade"' in html) is (role is not CourseRole.MARKER)
