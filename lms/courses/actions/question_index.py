"""The index of questions: a row for each question of a draft, and of the version of a course that
is published now, so that a bank is searched without reading its files.

The files are the truth. Whoever saves or publishes one brings its rows along in the same
transaction; made anew from the files they are the same (`flask courses index`). The rows of a
version stay while a draft stands for it: the search passes them over.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from lms.core.db import db, read, transaction
from lms.courses.models import Activity, BankQuestion, BankTag, Course, CourseVersion, DraftFile
from lms.courses.queries.drafts import source_of
from lms.formats.course_folder.outline import outline
from lms.formats.gift import sheet, words
from lms.formats.gift.questions import QuestionKind, QuestionState

QUESTIONS = ".gift"
_AT_ONCE = 500  # ids in one statement


@dataclass(frozen=True)
class Indexed:
    """What the index keeps of one question."""

    key: str
    kind: QuestionKind | None
    state: QuestionState | None
    author: str
    source: str
    shown: str
    words: str
    same: str | None
    digest: str
    tags: tuple[str, ...]


ByQuiz = Mapping[str, Sequence[Indexed]]  # by the key of the quiz
Ahead = Mapping[str, Sequence[Indexed]]  # by the text of a file

_ROWS = (
    select(BankQuestion.id, BankQuestion.digest, BankQuestion.position)
    .where(BankQuestion.file_id == bindparam("file"))
    .order_by(BankQuestion.position)
)


def read_ahead(texts: Mapping[str, str]) -> Ahead:
    """Read the questions of a course folder before the transaction that will write them: reading
    is what takes long."""
    return {
        text: [_indexed(entry) for entry in sheet.entries(text)]
        for path, text in texts.items()
        if path.endswith(QUESTIONS)
    }


def read_quizzes(texts: Mapping[str, str]) -> ByQuiz:
    """As `read_ahead`, to be published."""
    gifts = {
        part.key: texts.get(f"{part.path.removesuffix('.toml')}{QUESTIONS}")
        for module in outline(texts)
        for part in module.parts
    }
    return {
        key: [_indexed(entry) for entry in sheet.entries(text)]
        for key, text in gifts.items()
        if text is not None
    }


def publish(version: CourseVersion, quizzes: ByQuiz) -> None:
    """Let the rows of a version take the place of those of the one before."""
    before = (
        select(BankQuestion.id)
        .join(Activity, Activity.id == BankQuestion.activity_id)
        .join(CourseVersion, CourseVersion.id == Activity.version_id)
        .where(CourseVersion.course_id == version.course_id)
    )
    _delete(db.session.scalars(before).all())
    activities = db.session.execute(
        select(Activity.key, Activity.id).where(
            Activity.version_id == version.id, Activity.quiz_id.is_not(None)
        )
    )
    for key, id_ in activities:
        _insert({"activity_id": id_}, list(enumerate(quizzes.get(key, ()))))


def write(file: DraftFile, ahead: Ahead | None = None) -> None:
    """Bring the rows of a file of questions to what its text says, which is not read where it was
    `ahead`. A question that stayed as it was keeps its row and is not read again."""
    kept: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for row in reversed(read(_ROWS, file=file.id).all()):
        kept[row.digest].append((row.id, row.position))
    moved: list[dict[str, int]] = []
    new: list[tuple[int, Indexed]] = []
    text = file.text or ""
    now: Sequence[Indexed | sheet.Entry] | None = ahead.get(text) if ahead else None
    for position, each in enumerate(sheet.entries(text) if now is None else now):
        if kept[each.digest]:
            id_, before = kept[each.digest].pop()
            if before != position:
                moved.append({"id": id_, "position": position})
        else:
            new.append((position, each if isinstance(each, Indexed) else _indexed(each)))
    _delete([id_ for rows in kept.values() for id_, _ in rows])
    if moved:
        db.session.execute(update(BankQuestion), moved)
    _insert({"file_id": file.id}, new)


def reword(file: DraftFile, texts: Mapping[int, str]) -> None:
    """Bring the rows with these ids to new texts of their questions, where nothing else of the file
    has changed: it is not read."""
    now = {id_: _indexed(entry) for id_, text in texts.items() for entry in sheet.entries(text)}
    if now:
        rows = [{"id": id_, **_columns(each)} for id_, each in now.items()]
        db.session.execute(update(BankQuestion), rows)
        db.session.execute(delete(BankTag).where(BankTag.question_id.in_(now)))
        _insert_tags({"file_id": file.id}, now.items())


def take_out(file: DraftFile, ids: Collection[int]) -> None:
    """Take away the rows with these ids of questions that are gone, where nothing else of the file
    has changed: it is not read."""
    gone = db.session.scalars(
        select(BankQuestion.position)
        .where(BankQuestion.id.in_(ids))
        .order_by(BankQuestion.position)
    ).all()
    _delete(list(ids))
    for number, (position, following) in enumerate(pairwise([*gone, None]), start=1):
        assert position is not None
        behind = BankQuestion.position > position
        if following is not None:
            behind &= BankQuestion.position < following
        db.session.execute(
            update(BankQuestion)
            .where(BankQuestion.file_id == file.id, behind)
            .values(position=BankQuestion.position - number)
        )


def put_in(file: DraftFile, placed: Mapping[int, sheet.Entry]) -> None:
    """Add rows of questions at the positions that they have now, where nothing else of the file has
    changed: it is not read."""
    positions = sorted(placed)
    around = list(enumerate(pairwise([*positions, None]), start=1))
    for number, (position, following) in reversed(around):
        assert position is not None
        behind = BankQuestion.position > position - number
        if following is not None:
            behind &= BankQuestion.position < following - number
        db.session.execute(
            update(BankQuestion)
            .where(BankQuestion.file_id == file.id, behind)
            .values(position=BankQuestion.position + number)
        )
    _insert({"file_id": file.id}, [(at, _indexed(placed[at])) for at in positions])


def forget(draft_id: int) -> None:
    """Take away all rows of a draft that goes."""
    files = select(DraftFile.id).where(DraftFile.draft_id == draft_id)
    db.session.execute(delete(BankTag).where(BankTag.file_id.in_(files)))
    db.session.execute(delete(BankQuestion).where(BankQuestion.file_id.in_(files)))


def rebuild() -> int:
    """Make all rows anew from the files, each file of a draft and each version in a transaction of
    its own; how many files."""
    return _rebuild_drafts() + _rebuild_published()


def _rebuild_published() -> int:
    ids = db.session.scalars(
        select(Course.current_version_id)
        .where(Course.current_version_id.is_not(None))
        .order_by(Course.id)
    ).all()
    rebuilt = 0
    for id_ in ids:
        version = db.session.get_one(CourseVersion, id_)
        quizzes = read_quizzes(source_of(version)["texts"]) if version.parts else {}
        with transaction():
            course = db.session.get_one(Course, version.course_id, with_for_update=True)
            if course.current_version_id == id_:  # else one was published meanwhile, with its rows
                publish(version, quizzes)
                rebuilt += len(quizzes)
        db.session.expunge_all()
    return rebuilt


def _rebuild_drafts() -> int:
    ids = db.session.scalars(
        select(DraftFile.id).where(DraftFile.path.endswith(QUESTIONS)).order_by(DraftFile.id)
    ).all()
    rebuilt = 0
    for id_ in ids:
        with transaction():
            file = db.session.get(DraftFile, id_, with_for_update=True)
            if file is not None:  # else it went with its draft meanwhile
                _delete([row.id for row in read(_ROWS, file=id_)])
                write(file)
                rebuilt += 1
        db.session.expunge_all()
    return rebuilt


def _indexed(entry: sheet.Entry) -> Indexed:
    question = entry.question
    return Indexed(
        entry.key,
        question.kind if question else None,
        question.state if question else None,
        question.author if question else "",
        question.source if question else "",
        words.shown_words(entry),
        words.search_words(entry),
        words.sameness(question) if question else None,
        entry.digest,
        question.tags if question else (),
    )


def _delete(ids: Sequence[int]) -> None:
    for at in range(0, len(ids), _AT_ONCE):
        some = ids[at : at + _AT_ONCE]
        db.session.execute(delete(BankTag).where(BankTag.question_id.in_(some)))
        db.session.execute(delete(BankQuestion).where(BankQuestion.id.in_(some)))


def _columns(each: Indexed) -> dict[str, Any]:
    return {
        "key": each.key, "kind": each.kind, "state": each.state, "author": each.author,
        "source": each.source, "shown": each.shown, "words": each.words, "same": each.same,
        "digest": each.digest,
    }  # fmt: skip


def _insert(place: Mapping[str, int], new: Sequence[tuple[int, Indexed]]) -> None:
    """`place` says which file or activity they are of."""
    rows = [{**place, "position": position, **_columns(each)} for position, each in new]
    if not rows:
        return
    ids = db.session.scalars(
        insert(BankQuestion).returning(BankQuestion.id, sort_by_parameter_order=True), rows
    ).all()
    _insert_tags(place, zip(ids, (each for _, each in new), strict=True))


def _insert_tags(place: Mapping[str, int], indexed: Iterable[tuple[int, Indexed]]) -> None:
    tags = [
        {"question_id": id_, "tag": tag, "file_id": place.get("file_id")}
        for id_, each in indexed
        for tag in each.tags
    ]
    if tags:
        db.session.execute(insert(BankTag), tags)
