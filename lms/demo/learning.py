"""Makes a history: what learners did in a course over the last year, and assessments.

Everything goes through the actions that the pages use, with the clock set to the days of then.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from random import Random

from flask import current_app
from sqlalchemy import select

from lms.accounts.models import Person
from lms.accounts.queries import DEFAULT_ZONE, post_of
from lms.competencies import actions as competencies
from lms.competencies.queries import competencies_by_code
from lms.competencies.rules import EvidenceKind
from lms.core import clock
from lms.core.db import db, new_uuid, transaction
from lms.courses import queries as courses
from lms.courses.actions.members import set_member
from lms.courses.models import Course
from lms.courses.queries import Part
from lms.courses.rules import ActivityKind, CourseRole
from lms.demo import duties
from lms.demo.past import Hour, Learner, dice, everybody, past
from lms.learning import actions as learning
from lms.learning.models import Enrolment
from lms.quizzes import queries as quizzes
from lms.quizzes.models import Attempt
from lms.quizzes.queries import QuestionView
from lms.quizzes.rules import QuestionKind

COURSE = "berakhlak"
ALL = 99  # every part before the final quiz

# Name without titles, days ago that the course was begun, parts done before the final quiz (the
# quiz that counts for the score), percent aimed at in each try of the final quiz.
LEARNERS: tuple[tuple[str, int, int, tuple[int, ...]], ...] = (
    # The team of Bidang Aplikasi dan Layanan Digital; Siti Rahmawati starts fresh.
    ("Fransiskus Xaverius Tri Hatmoko Adiwibowo Kusumonegoro", 84, ALL, (100,)),
    ("I Putu Gede Aryawan", 71, ALL, (90,)),
    ("Andi Besse Mappatoba", 63, ALL, (60, 80)),
    ("Ni Made Ayu Lestarini", 55, ALL, (100,)),
    ("Sulastri", 47, ALL, (70,)),
    ("Wening Galih Pratiwi", 325, ALL, (80,)),  # whose certificate runs out soon
    ("Tunggul Manurung", 33, 8, ()),
    ("Muhammad Rizky Alfarisi", 26, 7, ()),
    ("Rahmat Hidayatullah Siregar", 19, 4, ()),
    ("Kevin Surya Halim", 12, ALL, (50,)),
    ("Debora Yarangga", 9, 2, ()),
    ("Neneng Hasanah Fauziyah", 4, 0, ()),
    ("Masagus Akbar Ramadhan", 2, 0, ()),
    # Elsewhere in the city.
    ("Bambang Setyo Nugroho", 80, ALL, (90,)),
    ("Maimunah", 68, ALL, (60, 70)),
    ("Ilham Maulana Harahap", 59, ALL, (100,)),
    ("Melati Kusumadewi", 44, ALL, (80,)),
    ("Rosmala Dewi Nasution", 38, 7, ()),
    ("Rizaldi Fadhlan Ginting", 36, 5, ()),
    ("Bagas Tirta Wicaksana", 29, ALL, (60,)),
    ("Katarina Nona Making", 23, 5, ()),
    ("Yuniarti Puspa Dewi", 17, 4, ()),
    ("Apriliani Tukan", 14, 3, ()),
    ("Lidya Cahyaningtyas", 11, 2, ()),
    ("Riyanti", 8, 1, ()),
    ("Gusti Ayu Mirah Sukmadewi", 6, 0, ()),
    ("Tri Wahyu Ningsih", 5, 0, ()),
    ("Martina Wenda", 3, 0, ()),
)

# Name without titles, days ago, level found by competency. What the course proves (M.01, M.02,
# M.05) is left out for Siti Rahmawati: she earns it.
ASSESSED: tuple[tuple[str, int, dict[str, int]], ...] = (
    ("Siti Rahmawati", 160, {"M.03": 1, "M.04": 1, "M.06": 1, "SK.01": 1}),
    (
        "Bambang Setyo Nugroho",
        158,
        {"M.01": 3, "M.02": 3, "M.03": 2, "M.04": 3, "M.05": 3, "M.06": 2, "M.07": 2, "SK.01": 3},
    ),
    ("Widya Kusumastuti", 157, {"M.01": 4, "M.02": 3, "M.03": 4, "M.05": 3, "M.06": 4, "SK.01": 4}),
    ("Ni Made Ayu Lestarini", 160, {"M.01": 2, "M.02": 2, "M.04": 2, "M.06": 1, "M.08": 1}),
    ("Tunggul Manurung", 160, {"M.01": 3, "M.03": 2, "M.04": 3, "M.07": 2, "SK.01": 2}),
    ("Sulastri", 159, {"M.01": 2, "M.02": 3, "M.04": 2, "SK.01": 3}),
    ("Dian Permata Hapsari", 157, {"M.01": 3, "M.02": 3, "M.03": 3, "M.06": 2, "SK.01": 2}),
)


AUTHORS = (
    ("Widya Kusumastuti", CourseRole.OWNER),
    ("Dr. Antonius Bria Leto", CourseRole.REVIEWER),
)


def build_learning() -> None:
    """Write the history of the city built by `build_people`; of the course only if it is there."""
    actors, today = everybody(), clock.today(DEFAULT_ZONE)
    _build_assessments(actors, today)
    _build_authors(actors)
    duties.build_delegation(actors, today)
    if courses.course_by_slug(COURSE) is None:
        return
    # A completion writes its course's address into a notification: that needs a request.
    with current_app.test_request_context():
        waiting = list(duties.ASSIGNED)
        for name, days_ago, parts, tries in sorted(LEARNERS, key=lambda row: -row[1]):
            while waiting and waiting[0].days_ago >= days_ago:
                duties.give(waiting.pop(0), today)
            _learn(actors[name], today - timedelta(days=days_ago), parts, tries)
        duties.build_claims(actors, today)


def _build_authors(actors: Mapping[str, Learner]) -> None:
    """The trainer owns every course, and a colleague reviews them."""
    given_by = actors["Dian Permata Hapsari"]
    with transaction():
        for course in db.session.scalars(select(Course).order_by(Course.id)):
            for name, role in AUTHORS:
                person = db.session.get_one(Person, actors[name].person_id)
                set_member(given_by, course, person, role)


# ── Assessments ──────────────────────────────────────────────────────────────────────────────


def _build_assessments(actors: Mapping[str, Learner], today: date) -> None:
    with transaction():
        for name, days_ago, levels in ASSESSED:
            with past(today - timedelta(days=days_ago), dice(name)):
                _assess(actors[name], levels)


def _assess(actor: Learner, levels: dict[str, int]) -> None:
    person = db.session.get_one(Person, actor.person_id)
    known, post, source = competencies_by_code(), post_of(person.id), new_uuid()
    day = clock.today(DEFAULT_ZONE)
    for code, level in levels.items():
        competencies.record_evidence(
            person,
            known[code],
            kind=EvidenceKind.ASSESSMENT,
            level=level,
            score=None,
            title=f"Asesmen kompetensi {day.year}",
            source_uuid=source,
            earned_on=day,
            post=post,
        )


# ── The course ───────────────────────────────────────────────────────────────────────────────


def _learn(actor: Learner, begun_on: date, count: int, tries: tuple[int, ...]) -> None:
    """One learner's way through the course, in one transaction."""
    random = dice(actor.name)
    with past(begun_on, random) as hour, transaction():
        course = courses.course_by_slug(COURSE)
        assert course is not None
        enrolment = learning.enrol(actor, course)
        before, final = _parts_of(course)
        for part in before[:count]:
            hour.pass_seconds(random.randint(30, 90))
            if part.kind is not ActivityKind.QUIZ:
                hour.pass_seconds(part.minutes * random.randint(40, 80))
                learning.mark_lesson_done(enrolment.uuid, part)
            else:
                _take_quiz(actor, enrolment, part, random.choice((100, 100, 80)), hour, random)
                hour.sleep()  # the quiz ends a module, and a day
        for aim in tries:
            assert final is not None
            _take_quiz(actor, enrolment, final, aim, hour, random)
            hour.sleep()


def _parts_of(course: Course) -> tuple[list[Part], Part | None]:
    """The parts in order, and the quiz that counts for the score by itself."""
    assert course.current_version is not None
    parts = courses.outline(course.current_version).parts
    final = next((part for part in reversed(parts) if part.weight), None)
    return [part for part in parts if part is not final], final


def _take_quiz(
    actor: Learner, enrolment: Enrolment, part: Part, aim: int, hour: Hour, random: Random
) -> None:
    """One attempt with as many right answers as come nearest to the percent aimed at."""
    attempt = learning.start_quiz(actor, enrolment.uuid, part, random)
    slots = quizzes.slots(attempt)
    wrong = random.sample(range(len(slots)), len(slots) - round(len(slots) * aim / 100))
    questions = quizzes.questions(slot.question_id for slot in slots)
    for index, slot in enumerate(slots):
        hour.pass_seconds(part.minutes * 60 // len(slots))
        chosen = _choice(questions[slot.question_id], right=index not in wrong)
        sent = [str(slot.order.index(option) + 1) for option in chosen]
        learning.save_answer(attempt, slot.number, sent=sent, seq=1)
    _hand_in(actor, attempt, hour)


def _hand_in(actor: Learner, attempt: Attempt, hour: Hour) -> None:
    hour.pass_seconds(5)
    learning.submit_quiz(actor, attempt)
    learning.grade_quiz(attempt)


def _choice(question: QuestionView, *, right: bool) -> list[int]:
    """Options as authored: those that earn the points, or the one that earns least."""
    weights = [option.weight for option in question.options]
    if not right:
        return [weights.index(min(weights))]
    if question.kind is QuestionKind.MULTIPLE:
        return [i for i, weight in enumerate(weights) if weight > 0]
    return [weights.index(max(weights))]
