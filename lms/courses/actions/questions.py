"""Writing the quizzes of a draft: settings, and questions one by one."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count as numbers_from
from uuid import UUID

from flask_babel import gettext

from lms.core.access import Actor
from lms.core.db import lock_row
from lms.core.errors import DomainError, NotFound
from lms.courses import queries
from lms.courses.actions import drafts
from lms.courses.models import Course, Draft, DraftFile
from lms.courses.queries import quizzes
from lms.courses.queries.bank import quizzes_with
from lms.courses.queries.quizzes import QuizDraft
from lms.formats.course_folder import quiz_text
from lms.formats.course_folder.folder import TEXT_LIMIT
from lms.formats.gift import sheet
from lms.formats.gift.questions import KEY_LENGTH, Question, QuestionState, is_key

KEEP_AT_MOST = KEY_LENGTH - 6  # of the quiz's key, so that a number fits behind it


class StaleQuestion(Exception):
    """Somebody else has changed or removed the question meanwhile. `current` is its text now, empty
    where it is gone."""

    def __init__(self, current: str) -> None:
        super().__init__(current)
        self.current = current


def save_settings(actor: Actor, draft: Draft, uuid: UUID, text: str, number: int) -> None:
    """Save the settings of a quiz. Raises `drafts.StaleFile` where another save came in between."""
    quiz = quizzes.quiz_for(draft, uuid)
    drafts.save_text(actor, draft, quiz.settings, text, number)


def save_questions_text(actor: Actor, draft: Draft, uuid: UUID, text: str, number: int) -> None:
    """Save all questions as text. Raises `drafts.StaleFile`."""
    quiz = _own(draft, uuid)
    _check_size(text)
    if quiz.gift is None:
        drafts.add_text(actor, draft, quiz.gift_path, text)
    else:
        drafts.save_text(actor, draft, quiz.gift, text, number)


def save_question(
    actor: Actor, draft: Draft, uuid: UUID, key: str, block: str, began_from: str, *,
    apart: bool = False,
) -> None:  # fmt: skip
    """Put a new text in the place of a question. What others did to other questions stays.

    `began_from` is the digest of the text that the change began from; `apart` is as in
    `drafts.save_text`. Raises StaleQuestion when it is another one now.
    """
    quiz = _own(draft, uuid)
    found = [entry for entry in quiz.entries if entry.key == key]
    if not found or (found[0].text != block and found[0].digest != began_from):
        raise StaleQuestion(found[0].text if found else "")
    _save(actor, draft, quiz, sheet.replaced(quiz.text, found[0], block), apart=apart)


def add_questions(
    actor: Actor, draft: Draft, uuid: UUID, added: Sequence[Question], at: int | None = None
) -> list[str]:
    """Append questions, or put them before the one at a position. A question without a key, or
    with one that the course has already, gets a new one. Their keys."""
    quiz = _own(draft, uuid)
    taken = quizzes.taken_keys(draft)
    new = new_keys(quiz.key, taken)
    keyed = []
    for question in added:
        if not is_key(question.key) or question.key in taken:
            question = replace(question, key=next(new))
        taken.add(question.key)
        keyed.append(question)
    place = len(quiz.entries) if at is None else at
    _save(
        actor, draft, quiz, sheet.inserted(quiz.text, place, [sheet.written(q) for q in keyed])
    )  # fmt: skip
    return [question.key for question in keyed]


def duplicate_question(actor: Actor, draft: Draft, uuid: UUID, key: str) -> str:
    """A copy right below, with a key of its own."""
    position, entry = quizzes.entry_for(_own(draft, uuid), key)
    if entry.question is None:
        raise DomainError(gettext("Soal ini belum dapat dibaca; perbaiki dulu, lalu gandakan."))
    [new] = add_questions(actor, draft, uuid, [replace(entry.question, key="")], position + 1)
    quiz = quizzes.quiz_for(draft, uuid)
    if quiz.values is not None:
        text = quiz.settings.text or ""
        said = quiz_text.said_of(text, key)
        copied = {name: [{**row, "question": new} for row in rows] for name, rows in said.items()}
        text = quiz_text.with_said(text, copied)
        drafts.save_text(actor, draft, quiz.settings, text, quiz.settings.number)
    return new


def save_essay(
    actor: Actor,
    draft: Draft,
    uuid: UUID,
    key: str,
    essay: Mapping[str, quiz_text.Value],
    rubric: quiz_text.Rows,
) -> None:
    """Say in the settings of the quiz how an essay is answered and marked; what they say of other
    questions stays."""
    quiz = _own(draft, uuid)
    if quiz.values is None:
        raise DomainError(gettext("Pengaturan kuis belum dapat dibaca; perbaiki dulu."))
    text = quiz_text.with_essay(quiz.settings.text or "", key, essay, rubric)
    drafts.save_text(actor, draft, quiz.settings, text, quiz.settings.number)


def move_question(actor: Actor, draft: Draft, uuid: UUID, key: str, by: int) -> None:
    """One place up (-1) or down (1)."""
    quiz = _own(draft, uuid)
    position, _ = quizzes.entry_for(quiz, key)
    _save(actor, draft, quiz, sheet.moved(quiz.text, position, by))


def remove_questions(
    actor: Actor, course: Course, draft: Draft, uuid: UUID, keys: Collection[str]
) -> None:
    """Take questions out; `restore_question` brings each back. A published one is told as left out
    on purpose, and what the settings say of it goes."""
    quiz = _own(draft, uuid)
    assert quiz.gift is not None
    gone = [(at, entry) for at, entry in enumerate(quiz.entries) if entry.key in keys and entry.key]
    for position, entry in reversed(gone):
        kept = drafts.add_text(
            actor, draft, quizzes.removed_path(quiz.gift, position, entry.key), entry.text
        )
        drafts.remove_files(draft, [kept])
    text = sheet.removed(quiz.text, *(entry for _, entry in gone))
    _save(actor, draft, quiz, text)
    for borrower in quizzes.quizzes_of(draft):
        if borrower.values is not None and quiz.key in (borrower.key, borrower.pool):
            settings = borrower.settings.text or ""
            for key in keys:
                settings = quiz_text.without_question(settings, key)
            drafts.save_text(actor, draft, borrower.settings, settings, borrower.settings.number)
    _tell_removed(actor, course, draft, keys, removed=True)


def restore_question(actor: Actor, course: Course, draft: Draft, uuid: UUID, removed: UUID) -> str:
    """Bring a question back to where it stood; its key."""
    quiz = _own(draft, uuid)
    for each in quizzes.removed_questions(quiz):
        if each.uuid == removed:
            if each.key in quizzes.taken_keys(draft):
                raise DomainError(
                    gettext("Kunci %(key)s sudah dipakai soal lain dalam kursus ini.", key=each.key)
                )
            _save(actor, draft, quiz, sheet.inserted(quiz.text, each.position, [each.text]))
            _tell_removed(actor, course, draft, [each.key], removed=False)
            return each.key
    raise NotFound


def new_keys(stem: str, taken: Collection[str]) -> Iterator[str]:
    """Keys "stem-1", "stem-2" … after the greatest that is taken. One that is taken meanwhile by a
    question with a key of its own is passed over."""
    stem = stem[:KEEP_AT_MOST].strip("-") or "soal"
    numbered = re.compile(rf"{stem}-([0-9]{{1,4}})")
    numbers = [int(found[1]) for key in taken if (found := numbered.fullmatch(key))]
    for number in numbers_from(max(numbers, default=0) + 1):
        if f"{stem}-{number}" not in taken:
            yield f"{stem}-{number}"


def _own(draft: Draft, uuid: UUID) -> QuizDraft:
    """A quiz with questions of its own; its file is locked, so that what follows is of now."""
    quiz = quizzes.quiz_for(draft, uuid)
    if quiz.pool:
        raise DomainError(gettext("Kuis ini memakai soal kuis lain; ubah soalnya di sana."))
    _lock(quiz)
    return quiz


def _lock(quiz: QuizDraft) -> None:
    for file in (quiz.settings, quiz.gift):
        if file is not None:
            lock_row(file)


def _save(
    actor: Actor, draft: Draft, quiz: QuizDraft, text: str, *, apart: bool = False
) -> DraftFile:
    _check_size(text)
    if quiz.gift is None:
        return drafts.add_text(actor, draft, quiz.gift_path, text)
    return drafts.save_text(actor, draft, quiz.gift, text, quiz.gift.number, apart=apart)


def _check_size(text: str) -> None:
    if len(text.encode()) > TEXT_LIMIT:
        raise DomainError(gettext("Soal satu kuis paling banyak 1 MB; bagi menjadi beberapa kuis."))


def _tell_removed(
    actor: Actor, course: Course, draft: Draft, keys: Collection[str], *, removed: bool
) -> None:
    """Learners' progress hangs on a published key, so its loss is to be told (`[removed]`)."""
    file = quizzes.course_file(draft)
    if file is None or course.current_version is None or not quizzes.course_values(draft):
        return
    published = queries.keys_of(course.current_version)
    known = sorted(key for key in keys if key in published)
    text = quiz_text.with_removed(file.text or "", known, removed=removed)
    drafts.save_text(actor, draft, file, text, file.number)


def tag_questions(
    actor: Actor, draft: Draft, keys: Collection[str], tag: str, *, given: bool
) -> int:
    """Give a tag to questions of any quiz, or take it from them; how many have changed."""

    def tagged(question: Question) -> Question:
        if (tag in question.tags) is given:
            return question
        kept = tuple(each for each in question.tags if each != tag)
        return replace(question, tags=(*kept, tag) if given else kept)

    return _change(actor, draft, keys, tagged)


def set_state(actor: Actor, draft: Draft, keys: Collection[str], state: QuestionState) -> int:
    """Make questions of any quiz ready, a draft, or retire them; how many have changed."""
    return _change(actor, draft, keys, lambda question: replace(question, state=state))


def _change(
    actor: Actor, draft: Draft, keys: Collection[str], changed: Callable[[Question], Question]
) -> int:
    """What cannot be read stays as it is."""
    count = 0
    for quiz in _quizzes_with(draft, keys):
        new = []
        for entry in quiz.entries:
            question = entry.question if entry.key in keys else None
            if question is not None and (now := changed(question)) != question:
                new.append((entry, sheet.written(now, entry.remarks)))
        _save(actor, draft, quiz, sheet.rewritten(quiz.text, new))
        count += len(new)
    return count


def move_questions(actor: Actor, draft: Draft, keys: Collection[str], to: UUID) -> int:
    """Move questions to the end of another quiz, with their keys and what the settings say of them;
    how many."""
    target = _own(draft, to)
    moved: list[str] = []
    said: dict[str, list[dict[str, quiz_text.Value]]] = {}
    for quiz in _quizzes_with(draft, keys):
        if quiz.uuid == target.uuid:
            continue
        settings = quiz.settings.text or ""
        here = [entry for entry in quiz.entries if entry.key in keys]
        for entry in here:
            for name, rows in quiz_text.said_of(settings, entry.key).items():
                said.setdefault(name, []).extend(rows)
            settings = quiz_text.without_question(settings, entry.key)
        moved += [entry.text for entry in here]
        _save(actor, draft, quiz, sheet.removed(quiz.text, *here))
        drafts.save_text(actor, draft, quiz.settings, settings, quiz.settings.number)
    _save(actor, draft, target, sheet.inserted(target.text, len(target.entries), moved))
    settings = quiz_text.with_said(target.settings.text or "", said)
    drafts.save_text(actor, draft, target.settings, settings, target.settings.number)
    return len(moved)


def remove_from_bank(actor: Actor, course: Course, draft: Draft, keys: Collection[str]) -> int:
    """Take questions out of whatever quiz they are in; each can be brought back there."""
    removed = 0
    for quiz in _quizzes_with(draft, keys):
        here = [entry.key for entry in quiz.entries if entry.key in keys]
        remove_questions(actor, course, draft, quiz.uuid, here)
        removed += len(here)
    return removed


def _quizzes_with(draft: Draft, keys: Collection[str]) -> list[QuizDraft]:
    """The quizzes that have one of these questions of their own; their files are locked."""
    found = quizzes_with(draft, keys)
    for quiz in found:
        _lock(quiz)
    return found
