"""The bank of a course: all questions of its draft, whichever quiz they are in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from lms.courses.models import Draft
from lms.courses.queries.quizzes import QuizDraft, quizzes_of
from lms.formats.gift import sheet
from lms.formats.gift.questions import QuestionKind
from lms.formats.gift.sheet import Entry

PAGE = 50


@dataclass(frozen=True)
class BankQuestion:
    """A question with its quiz, its number there, and the quizzes that ask it besides."""

    quiz: QuizDraft
    number: int
    entry: Entry
    used_in: tuple[str, ...]
    words: str  # all its texts in lower case, for searching


@dataclass(frozen=True)
class Search:
    """What is looked for; what is empty or None does not narrow."""

    words: str = ""
    kind: QuestionKind | None = None
    tags: tuple[str, ...] = ()
    quiz: UUID | None = None

    def finds(self, question: BankQuestion) -> bool:
        asked = question.entry.question
        return (
            (self.quiz is None or question.quiz.uuid == self.quiz)
            and (self.kind is None or (asked is not None and asked.kind is self.kind))
            and (not self.tags or (asked is not None and {*self.tags} <= {*asked.tags}))
            and all(word in question.words for word in self.words.lower().split())
        )


def questions_of(draft: Draft) -> list[BankQuestion]:
    """Those with a key, in the order of the course."""
    quizzes = quizzes_of(draft)
    return [
        BankQuestion(quiz, number, entry, tuple(other.title for other in borrowers), words)
        for quiz in quizzes
        if quiz.gift is not None and not quiz.pool
        for borrowers in [[other for other in quizzes if quiz.key and other.pool == quiz.key]]
        for number, (entry, words) in enumerate(
            _read(quiz.gift.uuid, quiz.gift.number, quiz.text), start=1
        )
        if entry.key
    ]


@lru_cache(maxsize=256)
def _read(uuid: UUID, number: int, text: str) -> tuple[tuple[Entry, str], ...]:
    """A save of a file never changes: it is read once."""
    return tuple((entry, _words(entry).lower()) for entry in sheet.entries(text))


def _words(entry: Entry) -> str:
    question = entry.question
    if question is None:
        return entry.text
    return "\n".join(
        [entry.key, question.title, question.text, question.general_feedback, *question.tags,
         *(text for o in question.options for text in (o.text, o.feedback, o.match))]
    )  # fmt: skip


def page_of(
    found: Sequence[BankQuestion], search: Search, after: str
) -> tuple[list[BankQuestion], int, bool]:
    """A page of what is found, after the question with this key; how many there are in all, and
    whether there are more."""
    matching = [question for question in found if search.finds(question)]
    keys = [question.entry.key for question in matching]
    start = keys.index(after) + 1 if after in keys else 0
    return matching[start : start + PAGE], len(matching), len(matching) > start + PAGE


def tags_in(found: Sequence[BankQuestion]) -> list[str]:
    return sorted({tag for each in found for tag in _tags(each)})


def _tags(each: BankQuestion) -> Iterator[str]:
    yield from each.entry.question.tags if each.entry.question else ()
