"""What is done to many questions of a bank at once, and taking it back.

What an act changed is kept as a removed file of the draft, as everything is that can be brought
back. Taking it back leaves alone what somebody has changed since.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from uuid import UUID

from lms.core.access import Actor
from lms.core.db import new_uuid
from lms.core.errors import NotFound
from lms.courses.actions import drafts, question_index, questions, removing
from lms.courses.models import Course, Draft
from lms.courses.queries.bank import Place, end_of, undo_file, undo_path
from lms.courses.queries.quizzes import QuizDraft, quizzes_of
from lms.formats.course_folder import quiz_text
from lms.formats.gift import sheet
from lms.formats.gift.questions import Question, QuestionState

CHANGED, MOVED, REMOVED = "changed", "moved", "removed"


@dataclass(frozen=True)
class _Out:
    """A question taken out of its quiz to be put into another, and what the settings said of it."""

    key: str
    quiz: UUID
    position: int
    text: str
    said: quiz_text.Said


def tag_questions(
    actor: Actor, draft: Draft, keys: Collection[str], tag: str, *, given: bool
) -> UUID | None:
    """Give a tag to questions of any quiz, or take it from them; what `undo` takes, None where
    nothing has changed."""

    def tagged(question: Question) -> Question:
        if (tag in question.tags) is given:
            return question
        kept = tuple(each for each in question.tags if each != tag)
        return replace(question, tags=(*kept, tag) if given else kept)

    return _change(actor, draft, keys, tagged)


def set_state(
    actor: Actor, draft: Draft, keys: Collection[str], state: QuestionState
) -> UUID | None:
    """Make questions of any quiz ready, a draft, or retire them; as `tag_questions`."""
    return _change(actor, draft, keys, lambda question: replace(question, state=state))


def move_questions(actor: Actor, draft: Draft, keys: Collection[str], to: UUID) -> UUID | None:
    """Move questions to the end of another quiz, with their keys and what the settings say of
    them; as `tag_questions`."""
    target = questions.own_quiz(draft, to)
    moved = _take_out(actor, draft, dict.fromkeys(keys, to))
    if not moved:
        return None
    end = end_of(target.gift.id)[0] if target.gift else 0
    _put_in(actor, draft, target, {end + at: each for at, each in enumerate(moved)})
    return _keep(actor, draft, MOVED, [[each.key, str(each.quiz), each.position] for each in moved])


def remove_questions(
    actor: Actor, course: Course, draft: Draft, keys: Collection[str]
) -> UUID | None:
    """Take questions out of whatever quiz they are in; as `tag_questions`."""
    gone = removing.remove_questions(actor, course, draft, keys)
    return _keep(actor, draft, REMOVED, [[str(quiz), str(file)] for quiz, file in gone])


def undo(actor: Actor, course: Course, draft: Draft, file: UUID) -> tuple[int, int]:
    """Take an act back: how many questions are as they were, and how many are not, because
    somebody has changed them since. Raises NotFound for what is no act of this draft, DomainError
    where a key is another question's now."""
    kept = json.loads(undo_file(draft, file).text or "")
    each: list[Any] = kept["questions"]
    if kept["act"] == CHANGED:
        back = _change_back(actor, draft, each)
    elif kept["act"] == MOVED:
        back = _move_back(actor, draft, each)
    else:
        back = _bring_back(actor, course, draft, each)
    return back, len(each) - back


def _keep(actor: Actor, draft: Draft, act: str, changed: Sequence[Any]) -> UUID | None:
    if not changed:
        return None
    text = json.dumps({"act": act, "questions": changed})
    file = drafts.add_text(actor, draft, undo_path(new_uuid()), text)
    drafts.remove_files(draft, [file])
    return file.uuid


def _change(
    actor: Actor, draft: Draft, keys: Collection[str], changed: Callable[[Question], Question]
) -> UUID | None:
    """What cannot be read stays as it is."""

    def rewritten(entry: sheet.Entry) -> str:
        question = entry.question
        if question is None or (now := changed(question)) == question:
            return entry.text
        return sheet.written(now, entry.remarks)

    done = _rewrite(actor, draft, keys, rewritten)
    return _keep(actor, draft, CHANGED, [[entry.key, now, entry.text] for entry, now in done])


def _change_back(actor: Actor, draft: Draft, kept: Sequence[tuple[str, str, str]]) -> int:
    before = {(key, now): text for key, now, text in kept}

    def rewritten(entry: sheet.Entry) -> str:
        return before.get((entry.key, entry.text), entry.text)

    return len(_rewrite(actor, draft, {key for key, _, _ in kept}, rewritten))


def _rewrite(
    actor: Actor, draft: Draft, keys: Collection[str], rewritten: Callable[[sheet.Entry], str]
) -> list[tuple[sheet.Entry, str]]:
    """Put new texts in the places of questions; those that have changed, with theirs. A file of
    thousands is not read for a few of them: the index knows what to look for."""
    done: list[tuple[sheet.Entry, str]] = []
    for quiz, places in removing.located(quizzes_of(draft), keys):
        entries: dict[int, sheet.Entry] = {}  # by their lines: two may be the same text
        changes: dict[int, tuple[sheet.Entry, str]] = {}  # by their ids in the index
        for place in places:
            entry = _entry(quiz, place, entries)
            entries[entry.first] = entry
            now = rewritten(entry)
            if now != entry.text:
                changes[place.id] = entry, now
        if changes:
            text = sheet.rewritten(quiz.text, changes.values())
            reworded = {id_: now for id_, (_, now) in changes.items()}
            index = partial(question_index.reword, texts=reworded)
            questions.save_all(actor, draft, quiz, text, index=index)
            done += changes.values()
    return done


def _entry(quiz: QuizDraft, place: Place, but: Collection[int]) -> sheet.Entry:
    found = sheet.entry_with(quiz.text, place.key, place.digest)
    if found and found.first not in but:
        return found
    return next(
        each for each in quiz.entries if each.digest == place.digest and each.first not in but
    )


def _take_out(actor: Actor, draft: Draft, homes: Mapping[str, UUID]) -> list[_Out]:
    """Take questions out of all quizzes but the one that each shall be in."""
    out = []
    for quiz, places in removing.located(quizzes_of(draft), homes):
        away = [place for place in places if homes[place.key] != quiz.uuid]
        if not away:
            continue
        keys = {place.key for place in away}
        settings = quiz.settings.text or ""
        said = quiz_text.said_by_question(settings) if removing.is_told(quiz, keys) else {}
        out += [
            _Out(each.key, quiz.uuid, at, each.text, said.get(each.key, {}))
            for at, each in removing.take_out(actor, draft, quiz, away)
        ]
        if said:
            left = quiz_text.without_questions(settings, keys)
            drafts.save_text(actor, draft, quiz.settings, left, quiz.settings.number)
    return out


def _put_in(actor: Actor, draft: Draft, quiz: QuizDraft, placed: dict[int, _Out]) -> None:
    removing.put_in(actor, draft, quiz, {at: each.text for at, each in placed.items()})
    said = {each.key: each.said for each in placed.values()}
    questions.add_said(actor, draft, quiz.uuid, said)


def _move_back(actor: Actor, draft: Draft, kept: Sequence[tuple[str, str, int]]) -> int:
    """One whose quiz is gone stays where it is."""
    present = {str(quiz.uuid): quiz for quiz in quizzes_of(draft) if not quiz.pool}
    homes = {key: present[uuid] for key, uuid, _ in kept if uuid in present}
    positions = {key: position for key, _, position in kept}
    out = _take_out(actor, draft, {key: quiz.uuid for key, quiz in homes.items()})
    for quiz in {homes[each.key].uuid: homes[each.key] for each in out}.values():
        questions.lock(quiz)
        back = {positions[each.key]: each for each in out if homes[each.key] is quiz}
        _put_in(actor, draft, quiz, back)
    return len(out)


def _bring_back(actor: Actor, course: Course, draft: Draft, kept: Sequence[tuple[str, str]]) -> int:
    """One that was brought back since, or whose quiz is gone, is left alone."""
    removed: dict[UUID, set[UUID]] = {}
    for quiz, file in kept:
        removed.setdefault(UUID(quiz), set()).add(UUID(file))
    try:
        return len(removing.restore_questions(actor, course, draft, removed))
    except NotFound:
        return 0
