"""Questions taken out of the quizzes of a draft, and put into them again.

The index tells where they stand. A file of thousands is read for a few of them only where these may
change what the others say.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from uuid import UUID

from flask_babel import gettext
from sqlalchemy import select

from lms.core.access import Actor
from lms.core.db import db
from lms.core.errors import DomainError, NotFound
from lms.courses import queries
from lms.courses.actions import drafts, question_index
from lms.courses.actions.questions import add_said, lock, lock_own, own_quiz, save_all
from lms.courses.models import Course, Draft, DraftFile
from lms.courses.queries import quizzes
from lms.courses.queries.bank import Place, end_of, places_at, places_in, quizzes_with
from lms.courses.queries.quizzes import QuizDraft, RemovedQuestion, quizzes_of
from lms.formats.course_folder import quiz_text
from lms.formats.gift import sheet

Placed = Sequence[tuple[int, sheet.Entry]]  # with their positions from 0


def located(
    some: Sequence[QuizDraft], keys: Collection[str]
) -> list[tuple[QuizDraft, Sequence[Place]]]:
    """Those of the quizzes that have one of these questions, locked, with the places of those."""
    found = quizzes_with(some, keys)
    for quiz in found:
        lock(quiz)
    places = places_in([quiz.gift.id for quiz in found if quiz.gift], keys)
    return [(quiz, places.get(quiz.gift.id, ())) for quiz in found if quiz.gift]


def take_out(actor: Actor, draft: Draft, quiz: QuizDraft, places: Sequence[Place]) -> Placed:
    """Take questions out of a quiz, whose file is locked; what the settings say of them stays."""
    here: Placed = [
        (place.position, entry)
        for place in places
        if place.is_apart and (entry := sheet.only_entry_with(quiz.text, place.key, place.digest))
    ]
    index: drafts.Index = partial(question_index.take_out, ids=[place.id for place in places])
    if len(here) < len(places):
        keys = {place.key for place in places}
        here = [(at, each) for at, each in enumerate(quiz.entries) if each.key in keys]
        index = question_index.write
    text = sheet.removed(quiz.text, *(entry for _, entry in here))
    save_all(actor, draft, quiz, text, index=index)
    return here


def put_in(actor: Actor, draft: Draft, quiz: QuizDraft, placed: Mapping[int, str]) -> None:
    """Put questions where they shall stand among all of a quiz, whose file is locked, by their
    positions from 0; after the last one where there are not as many."""
    known = _known(quiz, placed) if quiz.gift else None
    if known is None:
        save_all(actor, draft, quiz, sheet.restored(quiz.text, placed))
        return
    entries = {at: entry for at, _, entry in known}
    text = sheet.put_before(quiz.text, [(before, entry.text) for _, before, entry in known])
    save_all(actor, draft, quiz, text, index=partial(question_index.put_in, placed=entries))


def _known(
    quiz: QuizDraft, placed: Mapping[int, str]
) -> list[tuple[int, sheet.Entry | None, sheet.Entry]] | None:
    """Each question with the position that it gets, and the one that it comes before; None where
    only reading the whole file tells."""
    assert quiz.gift is not None
    count, is_closed = end_of(quiz.gift.id)
    before = [min(at - earlier, count) for earlier, at in enumerate(sorted(placed))]
    following: dict[int, sheet.Entry | None] = {count: None} if is_closed else {}
    for place in places_at(quiz.gift.id, set(before)):
        found = sheet.only_entry_with(quiz.text, place.key, place.digest)
        if place.is_apart and found:
            following[place.position] = found
    known = []
    for earlier, (at, position) in enumerate(zip(before, sorted(placed), strict=True)):
        entry = _alone(placed[position])
        if entry is None or at not in following:
            return None
        known.append((at + earlier, following[at], entry))
    return known


def _alone(text: str) -> sheet.Entry | None:
    """The question that is the whole text; None where it would change what stands below."""
    found = sheet.entries(text)
    return found[0] if len(found) == 1 and found[0].text == text and found[0].question else None


def remove_questions(
    actor: Actor, course: Course, draft: Draft, keys: Collection[str], *, of: UUID | None = None
) -> list[tuple[UUID, UUID]]:
    """Take questions out of whatever quiz they are in, or of one quiz, with what settings say of
    them. A published one is told as left out on purpose. For each, its quiz and what
    `restore_questions` brings it back by."""
    every = quizzes_of(draft)
    kept: list[tuple[UUID, DraftFile]] = []
    gone: dict[str, set[str]] = {}  # by the keys of their quizzes
    for quiz, places in located([own_quiz(draft, of)] if of else every, set(keys) - {""}):
        assert quiz.gift is not None
        here = take_out(actor, draft, quiz, places)
        for position, entry in reversed(here):
            path = quizzes.removed_path(quiz.gift, position, entry.key)
            kept.append((quiz.uuid, drafts.add_text(actor, draft, path, entry.text)))
        gone.setdefault(quiz.key, set()).update(entry.key for _, entry in here)
    said = [
        file
        for quiz in every
        if quiz.values is not None
        for file in _take_said(
            actor, draft, quiz, gone.get(quiz.key, set()) | gone.get(quiz.pool, set())
        )
    ]
    drafts.remove_files(draft, [*(file for _, file in kept), *said])
    _tell_removed(actor, course, draft, set().union(*gone.values()), removed=True)
    return [(quiz, file.uuid) for quiz, file in kept]


def is_told(quiz: QuizDraft, keys: Collection[str]) -> bool:
    """May the settings of a quiz say something of these questions? Reading them takes long, and
    mostly they say nothing."""
    text = quiz.settings.text or ""
    return quiz.values is not None and any(key in text for key in keys)


def _take_said(
    actor: Actor, draft: Draft, quiz: QuizDraft, keys: Collection[str]
) -> list[DraftFile]:
    """Files that keep what the settings of a quiz say of questions, which they do no longer."""
    if not is_told(quiz, keys):
        return []
    text = quiz.settings.text or ""
    said = quiz_text.said_by_question(text)
    kept = [
        drafts.add_text(
            actor, draft, quizzes.removed_said_path(quiz, key), quiz_text.with_said("", said[key])
        )
        for key in sorted(said.keys() & set(keys))
    ]
    left = quiz_text.without_questions(text, keys)
    drafts.save_text(actor, draft, quiz.settings, left, quiz.settings.number)
    return kept


def restore_questions(
    actor: Actor, course: Course, draft: Draft, removed: Mapping[UUID, Collection[UUID]]
) -> list[str]:
    """Bring questions back to where they stood, with what settings said of them; their keys.
    `removed`: what was taken out, by the quiz. Raises NotFound where none of them is a question
    that was taken out of its quiz, DomainError where a key is taken."""
    every = quizzes_of(draft)
    back = [(quiz, _coming(quiz, removed[quiz.uuid])) for quiz in every if quiz.uuid in removed]
    coming = [each for _, some in back for each in some]
    if not coming:
        raise NotFound
    keys = [each.key for each in coming]
    taken = quizzes.taken_among(draft, every, keys)
    if taken:
        raise DomainError(
            gettext("Kunci %(key)s sudah dipakai soal lain dalam kursus ini.", key=min(taken))
        )
    for quiz, some in back:
        if some:
            put_in(actor, draft, quiz, {each.position: each.text for each in some})
    _say_again(actor, draft, every, coming)
    _tell_removed(actor, course, draft, keys, removed=False)
    return keys


def _coming(quiz: QuizDraft, files: Collection[UUID]) -> list[RemovedQuestion]:
    lock_own(quiz)
    return [each for each in quizzes.removed_questions(quiz) if each.uuid in files]


def _say_again(
    actor: Actor, draft: Draft, every: Sequence[QuizDraft], back: Sequence[RemovedQuestion]
) -> None:
    """What settings said of questions when they were taken out, unless they say something now."""
    kept = db.session.scalars(
        select(DraftFile).where(
            DraftFile.draft_id == draft.id,
            DraftFile.path.like(f"{quizzes.REMOVED}/%/said/%"),
            DraftFile.removed_at.in_({each.removed_at for each in back}),
        )
    ).all()
    texts = {file.path: file.text or "" for file in kept}
    for quiz in every if texts else ():
        said = {
            each.key: texts[path]
            for each in back
            if (path := quizzes.removed_said_path(quiz, each.key)) in texts
        }
        if not said or quiz.values is None:
            continue
        now = quiz_text.said_by_question(quiz.settings.text or "")
        again = {
            key: quiz_text.said_by_question(text)[key]
            for key, text in said.items()
            if key not in now
        }
        add_said(actor, draft, quiz.uuid, again)


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
