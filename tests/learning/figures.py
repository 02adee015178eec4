"""A course whose trainer looks at its figures, and at the people that they stand for."""

import re
from datetime import timedelta
from pathlib import Path

import html5lib
import sqlalchemy as sa
from flask import Flask

from lms.core import clock
from lms.core.db import db, transaction
from lms.courses import queries as courses
from lms.courses.rules import CourseRole
from lms.demo.past import Learner
from lms.learning import actions, jobs
from lms.learning.actions import running, voiding
from lms.quizzes.models import Attempt
from tests.cast import Cast
from tests.client import PageClient
from tests.conftest import SetClock
from tests.learning import classes
from tests.sample_course import import_course, write_course

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


def more(app: Flask) -> list[Learner]:
    found = []
    with app.test_request_context():
        for number in range(100, 112):
            actor = classes.learner(number)
            classes.answer(actor, "akhir", classes.CLASS[number % 6])
            found.append(actor)
        db.session.remove()
    return found
