"""The questions of an attempt as its result shows them."""

from dataclasses import dataclass, field

from lms.core.markdown import plain
from lms.learning.queries import AttemptContext
from lms.learning.views.data_saver import draw_for, drawn
from lms.quizzes import queries as quizzes
from lms.quizzes.marking import Value, all_tries, feedback_on, right_at
from lms.quizzes.queries import corrections
from lms.quizzes.rules import CorrectionKind
from lms.quizzes.views import right_told, told


@dataclass(frozen=True)
class ResultRow:
    """A question on the result page; `words` is its text, other texts are HTML, `fraction` is 0 to
    1. `right_at` is the number of the try in practice that was right, or 0. `correction` is how the
    question was marked otherwise than published."""

    number: int
    words: str
    fraction: float
    chosen: list[str]
    right: list[str]
    feedback: list[str]
    general: str
    right_at: int
    tags: tuple[str, ...]
    correction: CorrectionKind | None
    lessons: list[dict[str, object]] = field(default_factory=list)

    @property
    def counts(self) -> bool:
        return self.correction is not CorrectionKind.LEAVE_OUT


def result_rows(context: AttemptContext) -> list[ResultRow]:
    """Every question of a graded attempt, by the key that it was marked with."""
    slots = quizzes.slots(context.attempt)
    views = quizzes.questions(slot.question_id for slot in slots)
    answers = quizzes.answers_of(context.attempt.id)
    quiz = quizzes.quiz_by_id(context.attempt.quiz_id)
    settings = quizzes.marking_of(quiz)
    tries = quizzes.tries_of(context.attempt.id) if quiz.practice else {}
    holding = corrections.of_attempt(context.attempt)
    rows = []
    draw = draw_for(context.enrolment.version)
    for slot in slots:
        asked, row = views[slot.question_id], answers.get(slot.question_id)
        if asked.essay is not None:
            continue  # told by themselves, with their marks
        correction = holding.get(slot.question_id)
        key = corrections.key_for(quiz, asked, correction)
        view = drawn(corrections.corrected(asked, correction), draw)
        value: Value = row.value if row else []
        rows.append(
            ResultRow(
                number=slot.number,
                words=plain(asked.html),
                fraction=float(row.fraction) if row and row.fraction else 0.0,
                chosen=told(view, value),
                right=right_told(view),
                feedback=feedback_on(view.kind, view.options, value, settings),
                general=view.feedback,
                tags=view.tags,
                right_at=right_at(all_tries(key, value, tries.get(view.id, [])))
                if quiz.practice
                else 0,
                correction=correction.kind if correction else None,
            )
        )
    return rows
