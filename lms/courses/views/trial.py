"""The questions of a quiz in the preview, each with its field, and one that is tried: nothing is
stored."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

from flask_babel import gettext

from lms.core.errors import DomainError
from lms.quizzes import essays, marking
from lms.quizzes.actions import read_answer
from lms.quizzes.marking import Marking, Try, Value, shown_order
from lms.quizzes.queries import QuestionView, Slot
from lms.quizzes.views import AnswerField, Checked, answer_field, checked


@dataclass(frozen=True)
class Trial:
    """The question that is tried, by its key, and what was sent."""

    question: str
    sent: Sequence[str]


@dataclass(frozen=True)
class Asked:
    """A question as learners get it. Where it was tried `result` says how right that is, `written`
    how long an essay is; or `refusal` why it is no answer."""

    view: QuestionView
    field: AnswerField
    longest: int
    result: Checked | None = None
    written: str = ""
    refusal: str = ""


def asked(
    views: Iterable[QuestionView], settings: Marking, trial: Trial | None = None
) -> list[Asked]:
    return [
        _asked(view, settings, trial.sent if trial and trial.question == view.key else None)
        for view in views
    ]


def _asked(view: QuestionView, settings: Marking, sent: Sequence[str] | None) -> Asked:
    order = _order(view)
    field = answer_field(view, Slot(1, 0, order), sent or (), lambda html: html)
    longest = marking.LONGEST_TEXT if view.essay is None else essays.LONGEST
    if sent is None:
        return Asked(view, field, longest)
    try:
        value = read_answer(view, sent, order, comma=settings.decimal_comma)
        if not value:
            raise DomainError(gettext("Belum ada jawaban untuk diperiksa."))
    except DomainError as error:
        return Asked(view, field, longest, refusal=error.message)
    if view.essay is not None:
        return Asked(view, field, longest, written=_written(view.essay, value))
    tried = Try(value, marking.fraction(view.kind, view.options, value, settings))
    return Asked(view, field, longest, checked(view, [tried], (), settings, shows=True))


def _order(view: QuestionView) -> tuple[int, ...]:
    """Always the same for a question, so that what is sent means what was shown."""
    random = Random(view.key)  # noqa: S311  # no secret comes from it
    order = shown_order(view.kind, view.options, shuffle=False, last_fixed=True, random=random)
    return tuple(order)


def _written(essay: essays.Essay, value: Value) -> str:
    text = value if isinstance(value, str) else ""
    told = gettext("tertulis: %(num)s kata", num=essays.word_count(text))
    lacks = essays.lacks(essay, text, has_file=True)
    if essays.Lack.FEW_WORDS in lacks:
        return f"{told}, {gettext('kurang dari %(num)s kata', num=essay.least_words)}."
    if essays.Lack.MANY_WORDS in lacks:
        return f"{told}, {gettext('lebih dari %(num)s kata', num=essay.most_words)}."
    return f"{told}."
