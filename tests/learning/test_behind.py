"""Every number of the analytics leads to as many people as it says, of everybody or of a cohort."""

import csv
import io
import re
from datetime import date, timedelta
from pathlib import Path
from random import Random
from uuid import UUID, uuid4

import html5lib
import pytest
import sqlalchemy as sa
from flask import Flask

from lms.core import clock
from lms.core.db import db, transaction
from lms.courses import queries as courses
from lms.courses.models import Course
from lms.courses.rules import CourseRole
from lms.demo.past import Learner
from lms.learning import actions, jobs
from lms.learning.actions import running, voiding
from lms.learning.models import CourseRun, Enrolment
from lms.learning.queries import behind
from lms.learning.queries.analytics import analysis_of
from lms.quizzes.models import Attempt
from tests.cast import Cast
from tests.client import PageClient, words
from tests.conftest import SetClock
from tests.courses.desk import Desk
from tests.learning import classes
from tests.queries import counted
from tests.sample_course import KINDS, KINDS_SETTINGS, import_course, write_course

PAGE = "/studio/melayani/analytics"


def links(client: PageClient, path: str) -> dict[str, int]:
    """Where the numbers of a page lead to that stand for people, and what they say."""
    tree = html5lib.parse(client.get(path).get_data(as_text=True), namespaceHTMLElements=False)
    found = dict[str, int]()
    for link in tree.iter("a"):
        href, text = link.get("href", ""), (link.text or "").strip()
        at_list = href.partition("?")[0].endswith(("/learners", "/first-attempts"))
        if at_list and re.fullmatch(r"[\d.]+", text):
            found.setdefault(href, int(text.replace(".", "")))  # the mean stands behind the count
    for link in tree.iter("{http://www.w3.org/2000/svg}a"):
        found[link.get("href", "")] = int(link.get("aria-label", "").rpartition(" ")[2])
    return found


def listed(client: PageClient, path: str) -> int:
    """How many a list says that it has."""
    told = re.search(r'role="status">(.*?)</p>', client.get(path).get_data(as_text=True))
    assert told is not None, path
    number = re.search(r"([\d.]+) peserta", re.sub(r"<[^>]+>", "", told[1]))
    assert number is not None, told[1]
    return int(number[1].replace(".", ""))


def count(app: Flask) -> None:
    with app.app_context():
        jobs.count_course(classes.course().id)
        db.session.remove()


def study(actor: Learner, *keys: str) -> None:
    with transaction():
        enrolment = actions.enrol(actor, classes.course())
        outline = courses.outline(enrolment.version)
        for key in keys:
            actions.mark_lesson_done(enrolment.uuid, outline.part(key))


@pytest.fixture
def trainer(app: Flask, cast: Cast, client: PageClient) -> PageClient:
    client.sign_in(cast.people["stranger"])
    return client


def publish(app: Flask, cast: Cast, folder: Path, settings: str = "") -> None:
    with app.app_context():
        import_course(
            write_course(
                folder, final=classes.QUESTIONS, attempts=3,
                settings=f'{classes.SETTINGS}pretest = "kuis-1"\n{settings}',
            )
        )  # fmt: skip
        classes.join(cast.people["stranger"], CourseRole.AUTHOR)
        db.session.remove()


def teach(app: Flask, at: SetClock) -> list[Learner]:
    """Thirty learners, most of whom stop somewhere: lessons, pre-test, second attempts, one that
    was voided, some who completed, who stayed away or withdrew."""
    now = clock.now()
    at(now - timedelta(days=20))
    everybody = classes.sit(app, 5)
    with app.test_request_context():
        for number, actor in enumerate(everybody[:12]):
            if number % 2 == 0:
                at(now - timedelta(days=1))
            classes.answer(actor, "kuis-1", [1, number % 3 == 0])
            study(actor, *("sapa", "dengar")[: number % 3])
        at(now - timedelta(hours=5))
        for number, actor in enumerate(everybody[6:18]):
            classes.answer(actor, "akhir", classes.CLASS[(number + 2) % 6])
        for actor in everybody[24:26]:  # who have passed
            classes.answer(actor, "kuis-1", [1, 1])
            study(actor, "sapa", "dengar")
        with transaction():
            attempt = db.session.scalars(
                sa.select(Attempt).where(
                    Attempt.person_id == everybody[7].person_id, Attempt.quiz_key == "akhir",
                    Attempt.number == 1,
                )
            ).one()  # fmt: skip
            voiding.void_attempt(everybody[0], attempt, reason="Salah ruang")
        with transaction():
            for actor in everybody[28:]:
                running.withdraw(None, classes.person(actor), "melayani", reason="Pindah tugas")
        db.session.remove()
    at(now)
    return everybody


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


def more(app: Flask) -> list[Learner]:
    found = []
    with app.test_request_context():
        for number in range(100, 112):
            actor = classes.learner(number)
            classes.answer(actor, "akhir", classes.CLASS[number % 6])
            found.append(actor)
        db.session.remove()
    return found


# ── Cohorts ──────────────────────────────────────────────────────────────────────────────────


def cohort(app: Flask, name: str, learners: list[Learner], slug: str = "melayani") -> UUID:
    with app.app_context(), transaction():
        course = db.session.scalars(sa.select(Course).where(Course.slug == slug)).one()
        run = CourseRun(
            uuid=uuid4(), course_id=course.id, name=name, registers_from=date(2026, 1, 1),
            registers_until=date(2026, 1, 9), starts_on=date(2026, 1, 10), ends_on=None,
            time_zone="Asia/Jakarta", seats=20,
        )  # fmt: skip
        db.session.add(run)
        db.session.flush()
        db.session.execute(
            sa.update(Enrolment)
            .where(Enrolment.person_id.in_([each.person_id for each in learners]))
            .values(run_id=run.id)
        )
        return run.uuid


def test_figures_and_lists_of_a_cohort(
    app: Flask, cast: Cast, trainer: PageClient, tmp_path: Path, at: SetClock
) -> None:
    """Of five classes two are in the first cohort; means and facility are those of one class."""
    publish(app, cast, tmp_path)
    everybody = teach(app, at)
    uuid = cohort(app, "Angkatan I", everybody[12:24])
    trainer.sign_in(cast.people["stranger"])
    count(app)
    with app.app_context():
        course_id = classes.course().id
        run_id = db.session.scalars(sa.select(CourseRun.id)).one()
        whole, part = analysis_of(course_id).figures, analysis_of(course_id, run_id).figures
        assert whole is not None
        assert part is not None
        assert (whole.learners, part.learners, part.withdrawn) == (28, 12, 0)
        quiz = next(quiz for quiz in part.quizzes if quiz.key == "akhir")
        assert quiz.statistics is not None
        assert (quiz.statistics.count, quiz.statistics.mean) == (12, 50)
        assert [i.statistics.facility for i in quiz.items] == pytest.approx(
            [5 / 6, 1 / 2, 1 / 2, 1 / 6]
        )
        assert quiz.histogram == (2, 0, 2, 0, 0, 4, 0, 2, 0, 2)
        db.session.remove()
    page = trainer.get(f"{PAGE}?run={uuid}")
    assert "Angkatan I" in words(page)
    assert "12 dari 20 kursi terisi" in words(page)
    assert f"{PAGE}/akhir?run={uuid}" in page.get_data(as_text=True)
    found = links(trainer, f"{PAGE}?run={uuid}") | links(trainer, f"{PAGE}/akhir?run={uuid}")
    assert all(str(uuid) in href for href in found)
    assert {href: listed(trainer, href) for href in found} == found
    assert trainer.send(f"{PAGE}/count?run={uuid}").location == f"{PAGE}?run={uuid}"


def test_a_cohort_is_in_the_export(
    app: Flask, cast: Cast, trainer: PageClient, tmp_path: Path
) -> None:
    publish(app, cast, tmp_path)
    everybody = classes.sit(app, 2)
    uuid = cohort(app, "Angkatan I", everybody[:6])
    count(app)
    for query, begun in (("", "12"), (f"?run={uuid}", "6")):
        sent = trainer.send(f"{PAGE}/export{query}", {"table": "parts", "format": "csv"})
        rows = list(csv.DictReader(io.StringIO(sent.data.decode("utf-8-sig"), newline="")))
        assert [row["Memulai"] for row in rows if row["Bagian"] == "akhir"] == [begun]
        assert {row.get("Angkatan") for row in rows} == ({"Angkatan I"} if query else {None})


def test_a_cohort_that_is_new_or_of_elsewhere(
    app: Flask, cast: Cast, trainer: PageClient, tmp_path: Path
) -> None:
    publish(app, cast, tmp_path)
    everybody = classes.sit(app, 1)
    count(app)
    with app.app_context():
        folder = write_course(tmp_path / "lain", final=classes.QUESTIONS)
        import_course(folder.rename(tmp_path / "lain" / "lain"))
        db.session.remove()
    new, other = cohort(app, "Angkatan I", everybody), cohort(app, "Angkatan X", [], "lain")
    assert "Belum dihitung" in words(trainer.get(f"{PAGE}?run={new}"))
    assert trainer.get(f"{PAGE}/akhir?run={new}").location == f"{PAGE}?run={new}"
    assert trainer.get(f"{PAGE}/akhir/first-attempts?run={new}").status_code == 404
    for run in (other, uuid4(), "x"):
        for path in (PAGE, f"{PAGE}/akhir", f"{PAGE}/akhir/first-attempts"):
            assert trainer.get(f"{path}?run={run}").status_code == 404
    count(app)
    assert "Belum dihitung" not in words(trainer.get(f"{PAGE}?run={new}"))


# ── One question ─────────────────────────────────────────────────────────────────────────────


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


# ── Who may ──────────────────────────────────────────────────────────────────────────────────


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
