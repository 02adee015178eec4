"""What was said about a draft."""

from collections import Counter
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload

from lms.accounts.models import Person
from lms.core.db import db
from lms.core.errors import NotFound
from lms.courses.models import (
    BankQuestion,
    CourseMember,
    Draft,
    DraftFile,
    DraftRevision,
    ReviewComment,
)
from lms.courses.rules import CourseRole
from lms.formats.course_folder.outline import settings_of


def comments_of(draft: Draft) -> list[ReviewComment]:
    """What is open first, each in the order in which it was written."""
    return list(
        db.session.scalars(
            select(ReviewComment)
            .where(ReviewComment.draft_id == draft.id)
            .options(joinedload(ReviewComment.file), joinedload(ReviewComment.written_by))
            .order_by(ReviewComment.settled_at.is_not(None), ReviewComment.id)
        )
    )


def open_comments(
    draft: Draft, *, files: Collection[int] = (), questions: Collection[str] = ()
) -> list[ReviewComment]:
    """What is not settled of what was said about these files, by their ids, and questions, by their
    keys, which a question keeps wherever it goes."""
    about = or_(
        ReviewComment.file_id.in_(files) & (ReviewComment.question == ""),
        ReviewComment.question.in_([key for key in questions if key]),
    )
    return list(
        db.session.scalars(
            select(ReviewComment)
            .where(ReviewComment.draft_id == draft.id, ReviewComment.settled_at.is_(None), about)
            .options(joinedload(ReviewComment.file), joinedload(ReviewComment.written_by))
            .order_by(ReviewComment.id)
        )
    )


def open_by_question(draft: Draft) -> Counter[str]:
    """How many comments are not settled, by the key of the question that they are about."""
    rows = db.session.execute(
        select(ReviewComment.question, func.count())
        .where(
            ReviewComment.draft_id == draft.id,
            ReviewComment.settled_at.is_(None),
            ReviewComment.question != "",
        )
        .group_by(ReviewComment.question)
    )
    return Counter(dict(rows.all()))


def part_file(draft: Draft, key: str) -> DraftFile:
    """The file with the settings of a part. Raises NotFound."""
    rows = db.session.execute(
        select(DraftFile.id, DraftFile.path, DraftFile.text)
        .where(
            DraftFile.draft_id == draft.id,
            DraftFile.removed_at.is_(None),
            DraftFile.path.like("%/%"),
            DraftFile.path.not_like("%/module.toml"),
            or_(DraftFile.path.like("%.md"), DraftFile.path.like("%.toml")),
        )
        .order_by(DraftFile.path)
    )
    for file_id, path, text in rows:
        if (settings_of(path, text or "") or {}).get("key") == key:
            return db.session.get_one(DraftFile, file_id)
    raise NotFound


def question_in(draft: Draft, key: str) -> tuple[BankQuestion, DraftFile]:
    """A question of the draft, and its file. Raises NotFound."""
    found = db.session.execute(
        select(BankQuestion, DraftFile)
        .join(DraftFile, DraftFile.id == BankQuestion.file_id)
        .where(
            DraftFile.draft_id == draft.id,
            DraftFile.removed_at.is_(None),
            BankQuestion.key == key,
        )
        .limit(1)
    ).first()
    if not key or found is None:
        raise NotFound
    return found.BankQuestion, found.DraftFile


def writers_since(draft: Draft) -> set[int]:
    """Ids of those who have saved something since the last decision; before the first one since
    the draft began, and what a published version began it with is nobody's."""
    since = draft.decided_at or (draft.opened_at if draft.base_version_id else None)
    texts = (
        select(DraftRevision.saved_by_id)
        .join(DraftFile, DraftFile.id == DraftRevision.file_id)
        .where(DraftFile.draft_id == draft.id)
    )
    files = select(DraftFile.changed_by_id).where(DraftFile.draft_id == draft.id)
    if since is not None:
        texts = texts.where(DraftRevision.saved_at > since)
        files = files.where(DraftFile.changed_at > since)
    return {*db.session.scalars(texts.distinct()), *db.session.scalars(files.distinct())}


def asked_of(draft: Draft, asker_id: int) -> list[Person]:
    """Who can be asked to decide: those with a part in it who neither ask nor have written what is
    to be decided about."""
    ids = {*deciders(draft)} - writers_since(draft) - {asker_id}
    return list(db.session.scalars(select(Person).where(Person.id.in_(ids)).order_by(Person.name)))


def deciders(draft: Draft) -> list[int]:
    """Ids of those with a part in the course whose part lets them decide about its draft."""
    return _members(draft, CourseMember.role.in_((CourseRole.OWNER, CourseRole.REVIEWER)))


def writers(draft: Draft) -> list[int]:
    """Ids of those with a part in the course who write its draft."""
    return _members(draft, CourseMember.role.in_(_WRITERS))


def talkers(draft: Draft) -> list[int]:
    """Those, and who has commented on the draft."""
    said = select(ReviewComment.written_by_id).where(ReviewComment.draft_id == draft.id)
    return _members(draft, or_(CourseMember.role.in_(_WRITERS), CourseMember.person_id.in_(said)))


_WRITERS = (CourseRole.OWNER, CourseRole.AUTHOR)


def _members(draft: Draft, which: ColumnElement[bool]) -> list[int]:
    query = (
        select(CourseMember.person_id)
        .join(Person, CourseMember.person_id == Person.id)
        .where(CourseMember.course_id == draft.course_id, Person.deactivated_at.is_(None), which)
        .order_by(CourseMember.person_id)
    )
    return list(db.session.scalars(query))


def comment_for(draft: Draft, uuid: UUID) -> ReviewComment:
    """Raises NotFound, also for one on another draft."""
    found = db.session.scalar(
        select(ReviewComment).where(ReviewComment.draft_id == draft.id, ReviewComment.uuid == uuid)
    )
    if found is None:
        raise NotFound
    return found
