"""The bank of a course: all questions of its draft, whichever quiz they are in.

It is read from the index (`models.BankQuestion`), which is written with the files: a bank of a
hundred thousand questions is searched without reading one of them.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from lms.core.db import db
from lms.core.errors import NotFound
from lms.courses.models import BankQuestion, BankTag, Draft, DraftFile
from lms.courses.queries.drafts import file_for
from lms.courses.queries.quizzes import REMOVED, QuizDraft, quizzes_of
from lms.courses.queries.usage import Asked, asked_by
from lms.formats.gift.questions import QuestionKind, QuestionState

PAGE = 50
_MOST_TAGS = 500  # offered while one types
_MOST_WORDS = 6


@dataclass(frozen=True)
class BankRow:
    """A question with its quiz, its number there, and the quizzes that ask it. `shown` is its
    beginning; `kind` is None where it cannot be read."""

    key: str
    kind: QuestionKind | None
    state: QuestionState | None
    author: str
    shown: str
    tags: tuple[str, ...]
    quiz: QuizDraft
    number: int
    asked: tuple[Asked, ...]


@dataclass(frozen=True)
class Search:
    """What is looked for; what is empty or None does not narrow. `quiz` is the file of the settings
    of one."""

    words: str = ""
    kind: QuestionKind | None = None
    state: QuestionState | None = None
    tags: tuple[str, ...] = ()
    quiz: UUID | None = None


@dataclass(frozen=True)
class BankPage:
    """A page of what is found; how many there are in all, and whether more follow."""

    rows: Sequence[BankRow]
    total: int
    more: bool


def bank_page(quizzes: Sequence[QuizDraft], search: Search, after: str) -> BankPage:
    """The questions of these quizzes that have a key, in the order of the course, after the one
    with the key `after`."""
    asked = {quiz.gift.id: quiz for quiz in quizzes if quiz.gift is not None and not quiz.pool}
    if search.quiz is not None:
        asked = {i: quiz for i, quiz in asked.items() if quiz.uuid == search.quiz}
    wanted = [*_of_files(asked), *matching(search)]
    total = db.session.scalar(select(func.count()).select_from(BankQuestion).where(*wanted)) or 0
    query = (
        select(BankQuestion, DraftFile.id)
        .join(DraftFile, DraftFile.id == BankQuestion.file_id)
        .where(*wanted)
        .order_by(DraftFile.path, BankQuestion.position)
        .limit(PAGE + 1)
    )
    found = db.session.execute(_after(query, asked, after)).all()
    tags = tags_of([row.id for row, _ in found])
    rows = [
        BankRow(
            key=row.key,
            kind=row.kind,
            state=row.state,
            author=row.author,
            shown=row.shown,
            tags=tags.get(row.id, ()),
            quiz=asked[file_id],
            number=row.position + 1,
            asked=tuple(asked_by(quizzes, asked[file_id], tags.get(row.id, ()))),
        )
        for row, file_id in found[:PAGE]
    ]
    return BankPage(rows, total, len(found) > PAGE)


def _of_files(ids: Iterable[int]) -> list[ColumnElement[bool]]:
    return [BankQuestion.file_id.in_(list(ids)), BankQuestion.key != ""]


def matching(search: Search) -> list[ColumnElement[bool]]:
    """Everything but the quiz, as conditions on BankQuestion."""
    found: list[ColumnElement[bool]] = [
        BankQuestion.words.contains(word, autoescape=True)
        for word in search.words.lower().split()[:_MOST_WORDS]
    ]
    if search.kind is not None:
        found.append(BankQuestion.kind == search.kind)
    if search.state is not None:
        found.append(BankQuestion.state == search.state)
    found += [
        exists().where(BankTag.question_id == BankQuestion.id, BankTag.tag == tag)
        for tag in search.tags
    ]
    return found


def _after(
    query: Select[BankQuestion, int], asked: Iterable[int], after: str
) -> Select[BankQuestion, int]:
    """Behind the question with this key; from the first one where there is none."""
    last = db.session.execute(
        select(DraftFile.path, BankQuestion.position)
        .join(DraftFile, DraftFile.id == BankQuestion.file_id)
        .where(*_of_files(asked), BankQuestion.key == after)
        .limit(1)
    ).one_or_none()
    if last is None:
        return query
    path, position = last
    return query.where(
        or_(
            DraftFile.path > path,
            and_(DraftFile.path == path, BankQuestion.position > position),
        )
    )


def tags_of(ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """By the ids of questions in the index."""
    found: dict[int, tuple[str, ...]] = {}
    for row in db.session.execute(
        select(BankTag.question_id, BankTag.tag)
        .where(BankTag.question_id.in_(ids))
        .order_by(BankTag.question_id, BankTag.tag)
    ):
        found[row.question_id] = (*found.get(row.question_id, ()), row.tag)
    return found


@dataclass(frozen=True)
class Undoable:
    """An act on several questions that can be taken back: its name and how many it changed."""

    file: UUID
    act: str
    count: int


def undo_path(uuid: UUID) -> str:
    """The path of what takes an act back; no file of a course can have it."""
    return f"{REMOVED}/undo/{uuid}"


def undo_file(draft: Draft, uuid: UUID) -> DraftFile:
    """What takes an act back. Raises NotFound."""
    file = file_for(draft, uuid, removed=True)
    if not file.path.startswith(f"{REMOVED}/undo/"):
        raise NotFound
    return file


def undoable(draft: Draft, uuid: UUID) -> Undoable:
    """Raises NotFound for what is no act that can be taken back."""
    kept = json.loads(undo_file(draft, uuid).text or "")
    return Undoable(uuid, kept["act"], len(kept["questions"]))


def tags_in(quizzes: Iterable[QuizDraft]) -> list[str]:
    """The tags of their questions, so many as one may be offered."""
    ids = [quiz.gift.id for quiz in quizzes if quiz.gift is not None and not quiz.pool]
    return list(
        db.session.scalars(
            select(BankTag.tag)
            .where(BankTag.file_id.in_(ids))
            .distinct()
            .order_by(BankTag.tag)
            .limit(_MOST_TAGS)
        )
    )


def quizzes_with(quizzes: Sequence[QuizDraft], keys: Collection[str]) -> list[QuizDraft]:
    """Those of the quizzes that have one of these questions of their own."""
    own = {quiz.gift.id: quiz for quiz in quizzes if quiz.gift is not None and not quiz.pool}
    files = set(
        db.session.scalars(
            select(BankQuestion.file_id).where(
                BankQuestion.file_id.in_(list(own)), BankQuestion.key.in_(keys)
            )
        )
    )
    return [quiz for id_, quiz in own.items() if id_ in files]


@dataclass(frozen=True)
class Place:
    """Where the index has a question: the id of its row, its position in the file from 0, and the
    digest of its text. `is_apart`: what stands above it ends there, so it was read to its end."""

    id: int
    key: str
    position: int
    digest: str
    is_apart: bool


def places_in(files: Collection[int], keys: Collection[str]) -> dict[int, list[Place]]:
    """The questions with these keys, by the ids of their files."""
    return _places(files, BankQuestion.key.in_(keys))


def places_at(file: int, positions: Collection[int]) -> list[Place]:
    """The questions at these positions of a file."""
    return _places([file], BankQuestion.position.in_(positions)).get(file, [])


def end_of(file: int) -> tuple[int, bool]:
    """How many questions a file has, and whether the last one, if any, was read to its end."""
    last = db.session.execute(
        select(BankQuestion.position, BankQuestion.kind)
        .where(BankQuestion.file_id == file)
        .order_by(BankQuestion.position.desc())
        .limit(1)
    ).one_or_none()
    return (last.position + 1, last.kind is not None) if last else (0, True)


def _places(files: Collection[int], wanted: ColumnElement[bool]) -> dict[int, list[Place]]:
    found: dict[int, list[Place]] = {}
    above = aliased(BankQuestion)
    is_above = and_(
        above.file_id == BankQuestion.file_id, above.position == BankQuestion.position - 1
    )
    for row, file_id, is_apart in db.session.execute(
        select(BankQuestion, DraftFile.id, or_(above.id.is_(None), above.kind.is_not(None)))
        .join(DraftFile, DraftFile.id == BankQuestion.file_id)
        .outerjoin(above, is_above)
        .where(BankQuestion.file_id.in_(files), wanted)
        .order_by(BankQuestion.file_id, BankQuestion.position)
    ):
        place = Place(row.id, row.key, row.position, row.digest, is_apart)
        found.setdefault(file_id, []).append(place)
    return found


def places_of(draft: Draft, same: Collection[str]) -> dict[str, tuple[QuizDraft, int]]:
    """Where the draft has a question that asks the same: quiz and number, the first of them; by
    `BankQuestion.same`."""
    asked = {
        quiz.gift.id: quiz for quiz in quizzes_of(draft) if quiz.gift is not None and not quiz.pool
    }
    rows = db.session.execute(
        select(BankQuestion.same, BankQuestion.file_id, BankQuestion.position)
        .join(DraftFile, DraftFile.id == BankQuestion.file_id)
        .where(BankQuestion.file_id.in_(list(asked)), BankQuestion.same.in_(same))
        .order_by(DraftFile.path.desc(), BankQuestion.position.desc())
    )
    return {row.same: (asked[row.file_id], row.position + 1) for row in rows if row.same}


def doubled_keys(draft: Draft, quiz: QuizDraft) -> dict[str, str]:
    """Keys of questions of the quiz that another quiz has too, with the title of that one."""
    if quiz.gift is None:
        return {}
    own, other = aliased(BankQuestion), aliased(BankQuestion)
    rows = db.session.execute(
        select(own.key, DraftFile.path)
        .join(other, and_(other.key == own.key, other.file_id != own.file_id))
        .join(DraftFile, DraftFile.id == other.file_id)
        .where(
            own.file_id == quiz.gift.id,
            own.key != "",
            DraftFile.draft_id == draft.id,
            DraftFile.removed_at.is_(None),
        )
    ).all()
    titles = {each.gift_path: each.title for each in quizzes_of(draft)} if rows else {}
    return {key: titles.get(path, path) for key, path in rows}
