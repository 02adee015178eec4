"""Writing the quizzes of a draft: settings, and questions one by one."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count as numbers_from
from uuid import UUID

from flask_babel import gettext

from lms.core.access import Actor
from lms.core.db import lock_row
from lms.core.errors import DomainError
from lms.courses.actions import drafts, question_index
from lms.courses.models import Draft, DraftFile
from lms.courses.queries import quizzes
from lms.courses.queries.quizzes import QuizDraft
from lms.formats.course_folder import quiz_text
from lms.formats.course_folder.folder import TEXT_LIMIT
from lms.formats.gift import sheet
from lms.formats.gift.questions import (
    KEY_LENGTH,
    Question,
    QuestionKind,
    is_key,
)

Essay = tuple[Mapping[str, quiz_text.Value], quiz_text.Rows]  # its row in [[essays]], its rubric
KEEP_AT_MOST = KEY_LENGTH - 6  # of the quiz's key, so that a number fits behind it


class StaleQuestion(Exception):
    """Somebody else has changed or removed the question meanwhile. `current` is its text now, with
    what the settings say of an essay, and `mark` its `quizzes.mark_of`; both are empty where it is
    gone."""

    def __init__(self, current: str = "", mark: str = "") -> None:
        super().__init__(current)
        self.current, self.mark = current, mark


def save_settings(actor: Actor, draft: Draft, uuid: UUID, text: str, number: int) -> None:
    """Save the settings of a quiz. Raises `drafts.StaleFile` where another save came in between."""
    quiz = quizzes.quiz_for(draft, uuid)
    drafts.save_text(actor, draft, quiz.settings, text, number)


def save_questions_text(actor: Actor, draft: Draft, uuid: UUID, text: str, number: int) -> None:
    """Save all questions as text. Raises `drafts.StaleFile`."""
    quiz = own_quiz(draft, uuid)
    _check_size(text)
    if quiz.gift is None:
        drafts.add_text(actor, draft, quiz.gift_path, text)
    else:
        drafts.save_text(actor, draft, quiz.gift, text, number)
    forget_essays(actor, draft, quiz)


def save_question(
    actor: Actor, draft: Draft, uuid: UUID, key: str, block: str, began_from: str, *,
    apart: bool = False, essay: Essay | None = None,
) -> None:  # fmt: skip
    """Put a new text in the place of a question. What others did to other questions stays.

    `essay` is what the settings shall say of one, None: what they say already. Of a question that
    is no essay now they say it no longer. `began_from` is the `quizzes.mark_of` that the change
    began from; `apart` is as in `drafts.save_text`. Raises StaleQuestion when it is another now.
    """
    quiz = own_quiz(draft, uuid)
    found = [entry for entry in quiz.entries if entry.key == key]
    if not found:
        raise StaleQuestion
    before, mark = quiz.settings.text or "", quizzes.mark_of(quiz, found[0])
    settings = _told(quiz, key, essay) if essay else before
    if (found[0].text, before) != (block, settings) and mark != began_from:
        raise StaleQuestion(found[0].text + quizzes.told_of_essay(quiz, key), mark)
    save_all(actor, draft, quiz, sheet.replaced(quiz.text, found[0], block), apart=apart)
    drafts.save_text(actor, draft, quiz.settings, settings, quiz.settings.number)
    forget_essays(actor, draft, quiz)


def add_questions(
    actor: Actor, draft: Draft, uuid: UUID, added: Sequence[Question], at: int | None = None
) -> list[str]:
    """Append questions, or put them before the one at a position. A question without a key, or
    with one that the course has already, gets a new one. Their keys."""
    quiz = own_quiz(draft, uuid)
    taken, former = quizzes.taken_keys(draft), quizzes.former_keys(draft)
    new = new_keys(quiz.key, taken | former)
    keyed = []
    for question in added:
        if not is_key(question.key) or question.key in taken:
            question = replace(question, key=next(new))
        taken.add(question.key)
        keyed.append(question)
    place = len(quiz.entries) if at is None else at
    save_all(
        actor, draft, quiz, sheet.inserted(quiz.text, place, [sheet.written(q) for q in keyed])
    )  # fmt: skip
    return [question.key for question in keyed]


def duplicate_question(actor: Actor, draft: Draft, uuid: UUID, key: str) -> str:
    """A copy right below, with a key of its own."""
    position, entry = quizzes.entry_for(own_quiz(draft, uuid), key)
    if entry.question is None:
        raise DomainError(gettext("Soal ini belum dapat dibaca; perbaiki dulu, lalu gandakan."))
    [new] = add_questions(actor, draft, uuid, [replace(entry.question, key="")], position + 1)
    quiz = quizzes.quiz_for(draft, uuid)
    if quiz.values is not None:
        said = quiz_text.said_by_question(quiz.settings.text or "").get(key, {})
        add_said(actor, draft, uuid, {new: said})
    return new


def add_said(actor: Actor, draft: Draft, uuid: UUID, said: Mapping[str, quiz_text.Said]) -> None:
    """Let the settings of a quiz say of questions, by key, what others said: hints, how an essay is
    answered, its rubric."""
    if not any(said.values()):
        return
    quiz = quizzes.quiz_for(draft, uuid)
    if quiz.values is None:
        raise DomainError(gettext("Pengaturan kuis belum dapat dibaca; perbaiki dulu."))
    named = [
        {name: [{**row, "question": key} for row in rows] for name, rows in each.items()}
        for key, each in said.items()
    ]
    text = quiz_text.with_said(quiz.settings.text or "", *named)
    drafts.save_text(actor, draft, quiz.settings, text, quiz.settings.number)


def save_essay(actor: Actor, draft: Draft, uuid: UUID, key: str, essay: Essay) -> None:
    """Say in the settings of the quiz how an essay is answered and marked; what they say of other
    questions stays."""
    quiz = own_quiz(draft, uuid)
    text = _told(quiz, key, essay)
    drafts.save_text(actor, draft, quiz.settings, text, quiz.settings.number)


def _told(quiz: QuizDraft, key: str, essay: Essay) -> str:
    if quiz.values is None:
        raise DomainError(gettext("Pengaturan kuis belum dapat dibaca; perbaiki dulu."))
    return quiz_text.with_essay(quiz.settings.text or "", key, *essay)


def forget_essays_in(actor: Actor, draft: Draft, file: DraftFile) -> None:
    """`forget_essays` after a file has another text, if that is one of questions."""
    for quiz in quizzes.quizzes_of(draft):
        if quiz.gift is not None and quiz.gift.id == file.id:
            forget_essays(actor, draft, quiz)


def forget_essays(actor: Actor, draft: Draft, quiz: QuizDraft) -> None:
    """Let the settings of a quiz say nothing more of essays that are other questions now."""
    told = quizzes.essays_told(quiz)
    others = [
        each.key
        for each in quiz.entries
        if each.key in told and each.question and each.question.kind is not QuestionKind.ESSAY
    ]
    text = quiz.settings.text or ""
    for key in others:
        text = quiz_text.with_essay(text, key, {}, [])
    drafts.save_text(actor, draft, quiz.settings, text, quiz.settings.number)


def move_question(actor: Actor, draft: Draft, uuid: UUID, key: str, by: int) -> None:
    """One place up (-1) or down (1)."""
    quiz = own_quiz(draft, uuid)
    position, _ = quizzes.entry_for(quiz, key)
    save_all(actor, draft, quiz, sheet.moved(quiz.text, position, by))


def new_keys(stem: str, taken: Collection[str]) -> Iterator[str]:
    """Keys "stem-1", "stem-2" … after the greatest that is taken. One that is taken meanwhile by a
    question with a key of its own is passed over."""
    stem = stem[:KEEP_AT_MOST].strip("-") or "soal"
    numbered = re.compile(rf"{stem}-([0-9]{{1,4}})")
    numbers = [int(found[1]) for key in taken if (found := numbered.fullmatch(key))]
    for number in numbers_from(max(numbers, default=0) + 1):
        if f"{stem}-{number}" not in taken:
            yield f"{stem}-{number}"


def own_quiz(draft: Draft, uuid: UUID) -> QuizDraft:
    """A quiz with questions of its own; its file is locked, so that what follows is of now."""
    quiz = quizzes.quiz_for(draft, uuid)
    lock_own(quiz)
    return quiz


def lock_own(quiz: QuizDraft) -> None:
    """As `lock`. Raises DomainError where its questions are those of another quiz."""
    if quiz.pool:
        raise DomainError(gettext("Kuis ini memakai soal kuis lain; ubah soalnya di sana."))
    lock(quiz)


def lock(quiz: QuizDraft) -> None:
    for file in (quiz.settings, quiz.gift):
        if file is not None:
            lock_row(file)


def save_all(
    actor: Actor, draft: Draft, quiz: QuizDraft, text: str, *, apart: bool = False,
    index: drafts.Index = question_index.write,
) -> DraftFile:  # fmt: skip
    """Save all questions of a quiz, whose file is locked; see `drafts.save_text`."""
    _check_size(text)
    if quiz.gift is None:
        return drafts.add_text(actor, draft, quiz.gift_path, text)
    number = quiz.gift.number
    return drafts.save_text(actor, draft, quiz.gift, text, number, apart=apart, index=index)


def _check_size(text: str) -> None:
    if len(text.encode()) > TEXT_LIMIT:
        raise DomainError(
            gettext("Satu berkas soal paling besar 1 MB; bagi menjadi beberapa kuis atau topik.")
        )
