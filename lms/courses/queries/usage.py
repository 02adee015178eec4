"""Where a question is asked: by which quizzes and sections of its draft, and by which published
versions."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, tuple_

from lms.core.db import db
from lms.courses.models import Activity, CourseVersion
from lms.courses.queries.quizzes import QuizDraft
from lms.quizzes.models import Question, QuizQuestion


@dataclass(frozen=True)
class Asked:
    """A quiz that asks a question, its own or one that asks the same questions. `section` is the
    one that takes it, "" where the quiz asks all; `draw` how many that one draws, None: all."""

    quiz: str
    is_own: bool
    section: str
    draw: int | None


def asked_by(quizzes: Iterable[QuizDraft], own: QuizDraft, tags: Collection[str]) -> list[Asked]:
    """The quizzes of a draft that ask a question of a quiz with these tags, if it is ready."""
    found = []
    for quiz in quizzes:
        is_own = quiz.uuid == own.uuid
        if is_own or (own.key and quiz.pool == own.key):
            asked = _asked(quiz.title, quiz.values or {}, tags, is_own=is_own)
            found += [asked] if asked else []
    return found


def _asked(
    title: str, values: Mapping[str, Any], tags: Collection[str], *, is_own: bool
) -> Asked | None:
    """A section takes the questions with its tag that none above has taken; without a tag, all that
    are left."""
    sections = values.get("sections")
    tables = [each for each in sections if isinstance(each, dict)] if sections else []
    if not tables:
        return Asked(title, is_own, "", None)
    for number, section in enumerate(tables, start=1):
        tag, draw = section.get("tag"), section.get("draw")
        if not tag or tag in tags:
            named = str(section.get("title") or tag or number)
            return Asked(title, is_own, named, draw if isinstance(draw, int) else None)
    return None


def versions_asking(
    places: Collection[tuple[int, str]],
) -> dict[tuple[int, str], Sequence[int]]:
    """Numbers of the published versions that ask each question, in their order, by the id of its
    course and its key; those that none asks are left out."""
    found: dict[tuple[int, str], list[int]] = {}
    rows = db.session.execute(
        select(CourseVersion.course_id, Question.key, CourseVersion.number)
        .join(Activity, Activity.version_id == CourseVersion.id)
        .join(QuizQuestion, QuizQuestion.quiz_id == Activity.quiz_id)
        .join(Question, Question.id == QuizQuestion.question_id)
        .where(
            CourseVersion.course_id.in_({course for course, _ in places}),
            tuple_(CourseVersion.course_id, Question.key).in_(list(places)),
        )
        .distinct()
        .order_by(CourseVersion.number)
    )
    for course_id, key, number in rows:
        found.setdefault((course_id, key), []).append(number)
    return dict(found)
