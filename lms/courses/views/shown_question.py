"""What the pages of one question show: as a learner sees it, and where it is used."""

from collections.abc import Callable
from dataclasses import dataclass
from random import SystemRandom
from typing import TYPE_CHECKING

from lms.core.access import current_actor
from lms.courses.actions.previewing import view_of
from lms.courses.actions.rendering import question_source
from lms.courses.queries.banks import Use, uses_of
from lms.courses.views.question_words import version_words
from lms.formats.gift.questions import Question
from lms.quizzes.marking import shown_order
from lms.quizzes.queries import Slot
from lms.quizzes.rules import QuestionKind as StoredKind
from lms.quizzes.views import AnswerField, answer_field

if TYPE_CHECKING:
    from lms.courses.models import Course


@dataclass(frozen=True)
class Shown:
    """The question as a learner sees it; HTML is safe."""

    html: str
    field: AnswerField
    feedback: str


def shown_question(question: Question, media: Callable[[str], str], language: str) -> Shown:
    """`media` gives those that HTML names their addresses."""
    source = question_source(question, media, language)
    view = view_of(source)
    order = shown_order(
        StoredKind(view.kind), view.options, shuffle=False, last_fixed=True, random=SystemRandom()
    )
    field = answer_field(view, Slot(1, 0, tuple(order)), [], lambda html: html)
    return Shown(view.html, field, view.feedback)


def uses_in_words(course: "Course", key: str) -> tuple[list[tuple[Use, str]], int]:
    """The copies of a question, with the versions that ask them in words; and how many there are
    besides."""
    uses, more = uses_of(current_actor(), course, key)
    return [(use, version_words(use.versions)) for use in uses], more
