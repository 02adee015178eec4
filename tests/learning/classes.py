"""A class that takes a quiz of four questions, with figures worked out by hand.

Six learners; which of the questions each has right. Totals are 4, 3, 2, 2, 1, 0 of 4. Repeated n
times, means and correlations stay; variances of samples are those of six times 5n / (6n - 1).
"""

from random import Random

from flask import Flask

from lms.accounts.actions import people
from lms.accounts.models import Person
from lms.accounts.queries import DEFAULT_ZONE
from lms.accounts.rules import Employment
from lms.core import clock
from lms.core.access import EVERYBODY
from lms.core.db import db, transaction
from lms.courses import queries as courses
from lms.courses.models import Course, CourseMember
from lms.courses.queries import Part
from lms.courses.rules import CourseRole
from lms.demo.past import Learner
from lms.learning import actions
from lms.quizzes import queries as quizzes

CLASS = [[1, 1, 1, 1], [1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 0]]
SETTINGS = "shuffle_questions = false\nshuffle_options = false\n"
QUESTIONS = "\n".join(
    f"// [id:butir-{n}]\nSoal nomor {n}? {{\n=Benar\n~Keliru\n~Mustahil\n}}\n" for n in range(1, 5)
)


def learner(number: int) -> Learner:
    """A new person without a place, as the actor of what they do."""
    with transaction():
        person = people.add_person(
            nip=f"199001012015011{number + 1:03}", name=f"Peserta {number:03}", email=None,
            employment=Employment.PNS,
        )  # fmt: skip
        return Learner(person.id, person.uuid, person.name, DEFAULT_ZONE, EVERYBODY)


def course() -> Course:
    found = courses.course_by_slug("melayani")
    assert found is not None
    return found


def answer(actor: Learner, key: str, right: list[int]) -> None:
    """Enrol where needed and take a quiz: the first option where it is to be right, else the
    second."""
    with transaction():
        enrolment = actions.enrol(actor, course())
        part = courses.outline(enrolment.version).part(key)
        attempt = actions.start_quiz(actor, enrolment.uuid, part, Random(1))
        for slot, is_right in zip(quizzes.slots(attempt), right, strict=True):
            shown = slot.order.index(0 if is_right else 1) + 1
            actions.save_answer(attempt, slot.number, sent=[str(shown)], seq=1)
        actions.submit_quiz(actor, attempt)
        actions.grade_quiz(attempt)


def sit(app: Flask, times: int) -> list[Learner]:
    """The class so many times over, each in the final quiz once."""
    found = []
    with app.test_request_context():
        for number in range(times * len(CLASS)):
            actor = learner(number)
            answer(actor, "akhir", CLASS[number % len(CLASS)])
            found.append(actor)
        db.session.remove()
    return found


def join(person_id: int, role: CourseRole) -> None:
    """Give somebody a part in the course."""
    with transaction():
        db.session.add(
            CourseMember(
                course_id=course().id, person_id=person_id, role=role, since_at=clock.now()
            )
        )


def part(key: str) -> Part:
    version = course().current_version
    assert version is not None
    return courses.outline(version).part(key)


def person(actor: Learner) -> Person:
    return db.session.get_one(Person, actor.person_id)
