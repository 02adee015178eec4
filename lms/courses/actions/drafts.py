"""Writing a course: a draft is opened, its files are saved, moved, removed and brought back."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import partial

from flask_babel import gettext
from sqlalchemy import delete, func, insert, literal, or_, select, update
from sqlalchemy.orm import defer

from lms.accounts.models import Unit
from lms.core import audit, clock, files
from lms.core.access import Actor, Permission
from lms.core.db import db, lock_row, new_uuid
from lms.core.errors import DomainError, Forbidden
from lms.courses.actions import question_index
from lms.courses.actions.question_index import Ahead
from lms.courses.models import (
    BankCopy,
    Course,
    CourseMember,
    CoursePrerequisite,
    CourseVersion,
    Draft,
    DraftFile,
    DraftRevision,
    ReviewComment,
    VersionComment,
)
from lms.courses.queries.drafts import draft_of, may_own, source_of
from lms.courses.rules import CourseRole, DraftState, Source
from lms.formats.course_folder.outline import title_of
from lms.formats.gift.questions import is_key

COURSE_FILE = "course.toml"
PATH_MAX = 200  # as the table has it
RESERVED = ("banks", "new")  # pages of the studio are at these addresses
ONE_SITTING = timedelta(minutes=10)  # saves of one person within this make one revision
Index = Callable[[DraftFile], None]  # brings the rows of a file of questions along


class StaleFile(Exception):
    """Somebody else has saved meanwhile. `current` is the file as it is now."""

    def __init__(self, current: DraftFile) -> None:
        super().__init__(current.path)
        self.current = current


def create_course(
    actor: Actor, slug: str, unit: Unit | None, source: Source, *, is_bank: bool = False,
    ahead: Ahead | None = None,
) -> Draft:  # fmt: skip
    """Begin a course, or a bank, that the actor owns; `ahead`: its questions, as far as they were
    read before (`question_index.read_ahead`). Raises DomainError for an address that is
    none or taken, Forbidden for a unit that the actor writes no courses for."""
    if not may_own(actor, unit, Permission.COURSES_STUDIO_USE):
        raise Forbidden
    if not is_key(slug):
        raise DomainError(
            gettext("Pakai huruf kecil, angka, dan tanda hubung, misalnya pelayanan-prima."), "slug"
        )
    taken = slug in RESERVED or db.session.scalar(select(Course.id).where(Course.slug == slug))
    if taken:
        raise DomainError(gettext("Alamat ini sudah dipakai kursus lain; pilih yang lain."), "slug")
    course = Course(
        uuid=new_uuid(), slug=slug, owner_unit_id=unit.id if unit else None, is_bank=is_bank
    )
    db.session.add(course)
    db.session.flush()
    db.session.add(
        CourseMember(
            course_id=course.id, person_id=actor.person_id, role=CourseRole.OWNER,
            since_at=clock.now(),
        )
    )  # fmt: skip
    if is_bank:
        audit.record(actor, "courses.bank_created", "course", course.uuid)
    else:
        audit.record(actor, "courses.created", "course", course.uuid)
    return _draft(actor, course, source, ahead)


def open_draft(
    actor: Actor, course: Course, ahead: Ahead | None = None, *,
    version: CourseVersion | None = None,
) -> Draft:  # fmt: skip
    """The draft of a course; a new one holds what the current version was made from. `ahead` is as
    in `create_course`. With a `version`: a new one that holds that; raises DomainError where there
    is a draft. See `outline.draft_from`."""
    lock_row(course)
    draft = draft_of(course)
    if draft is not None and version is None:
        return draft
    if draft is not None:
        raise DomainError(gettext("Kursus ini sudah punya draf. Terbitkan atau buang dahulu."))
    version = version or course.current_version
    if version is None:
        raise DomainError(gettext("Kursus ini belum punya isi."))
    return _draft(actor, course, source_of(version), ahead, base=version.id)


def _draft(
    actor: Actor, course: Course, source: Source, ahead: Ahead | None, *, base: int | None = None
) -> Draft:
    now = clock.now()
    draft = Draft(
        uuid=new_uuid(), course_id=course.id, base_version_id=base,
        state=DraftState.WRITING, title=course.slug, opened_at=now, changed_at=now,
    )  # fmt: skip
    db.session.add(draft)
    db.session.flush()
    for path, text in source["texts"].items():
        add_text(actor, draft, path, text, ahead)
    for path, digest in source["media"].items():
        add_medium(actor, draft, path, digest)
    draft.opened_at = clock.now()  # all that is here by now came with it
    audit.record(actor, "courses.draft_opened", "course", course.uuid)
    return draft


def add_text(
    actor: Actor, draft: Draft, path: str, text: str, ahead: Ahead | None = None
) -> DraftFile:
    return _add(actor, draft, path, text=text, size=len(text.encode()), ahead=ahead)


def add_medium(actor: Actor, draft: Draft, path: str, digest: str) -> DraftFile:
    """Add a file that is kept already (`core.files`)."""
    return _add(actor, draft, path, digest=digest, size=files.Kept(digest).size)


def _add(
    actor: Actor, draft: Draft, path: str, *, size: int, text: str | None = None,
    digest: str | None = None, ahead: Ahead | None = None,
) -> DraftFile:  # fmt: skip
    _check_length(path)
    taken = db.session.scalar(
        select(func.count())
        .select_from(DraftFile)
        .where(
            DraftFile.draft_id == draft.id,
            DraftFile.path == path,
            DraftFile.removed_at.is_(None),
        )
    )
    if taken:
        raise DomainError(gettext("Sudah ada berkas dengan nama ini; pilih nama lain."), "name")
    now = clock.now()
    file = DraftFile(
        uuid=new_uuid(), draft_id=draft.id, path=path, number=1, text=text, digest=digest,
        size=size, changed_at=now, changed_by_id=actor.person_id,
    )  # fmt: skip
    db.session.add(file)
    db.session.flush()
    if text is not None:
        _keep_revision(file)
    _note_change(draft, file, partial(question_index.write, ahead=ahead))
    return file


def _check_length(path: str) -> None:
    if len(path) > PATH_MAX:
        words = gettext(
            "Nama berkas %(name)s terlalu panjang; bersama foldernya paling banyak %(num)s huruf.",
            name=f"{path[:40]}…", num=PATH_MAX,
        )  # fmt: skip
        raise DomainError(words, "name")


def save_text(
    actor: Actor, draft: Draft, file: DraftFile, text: str, number: int, *, apart: bool = False,
    index: Index = question_index.write,
) -> DraftFile:  # fmt: skip
    """Save a text that began as save `number`. The same text saves nothing. `apart`: it becomes a
    revision of its own, so that what it replaces stays in the history.

    Raises StaleFile when another save came in between: nothing is written, and both texts are
    there to be joined.
    """
    lock_row(file)
    if file.text == text:
        return file
    if file.number != number or file.removed_at is not None:
        raise StaleFile(file)
    file.text, file.size = text, len(text.encode())
    file.number += 1
    file.changed_at, file.changed_by_id = clock.now(), actor.person_id
    _keep_revision(file, apart=apart)
    _note_change(draft, file, index)
    db.session.flush()
    return file


def _keep_revision(file: DraftFile, *, apart: bool = False) -> None:
    assert file.text is not None
    last = db.session.scalar(
        select(DraftRevision)
        .where(DraftRevision.file_id == file.id)
        .order_by(DraftRevision.number.desc())
        .limit(1)
        .options(defer(DraftRevision.text))  # up to a megabyte, and written over
    )
    if (
        not apart
        and last is not None
        and last.number > 1  # what the file began with is always kept
        and last.saved_by_id == file.changed_by_id
        and file.changed_at - last.began_at < ONE_SITTING
    ):
        last.number, last.text, last.saved_at = file.number, file.text, file.changed_at
        return
    db.session.add(
        DraftRevision(
            file_id=file.id, number=file.number, text=file.text, began_at=file.changed_at,
            saved_at=file.changed_at, saved_by_id=file.changed_by_id,
        )
    )  # fmt: skip


def replace_medium(actor: Actor, draft: Draft, file: DraftFile, digest: str) -> None:
    lock_row(file)
    file.digest, file.size = digest, files.Kept(digest).size
    file.number += 1
    file.changed_at, file.changed_by_id = clock.now(), actor.person_id
    _touch(draft)


def move_files(draft: Draft, paths: Mapping[DraftFile, str]) -> None:
    """Give files new paths, all at once: two may change places. Their texts and history stay."""
    for path in paths.values():
        _check_length(path)
    for file in paths:
        file.path = f"moving/{file.uuid}"
    db.session.flush()
    for file, path in paths.items():
        file.path = path
    db.session.flush()
    _touch(draft)


def remove_files(draft: Draft, removed: Sequence[DraftFile]) -> None:
    """Take files out; `restore_files` brings them back until the draft is published or given up."""
    now = clock.now()
    for file in removed:
        file.removed_at = now
    _touch(draft)
    db.session.flush()


def restore_files(draft: Draft, removed: Mapping[DraftFile, str]) -> None:
    """Bring removed files back, each to a path that is free."""
    for path in removed.values():
        _check_length(path)
    for file, path in removed.items():
        file.path, file.removed_at = path, None
    _touch(draft)
    db.session.flush()


def discard_draft(actor: Actor, draft: Draft) -> None:
    """Give up a draft with its history; published versions stay as they are. A course that was
    never published goes with it; see `lms.learning.actions.publishing.discard_draft`."""
    course = draft.course
    audit.record(actor, "courses.draft_discarded", "course", course.uuid, slug=course.slug)
    delete_draft(draft)
    if course.current_version_id is None:
        for model in (CourseMember, CoursePrerequisite):
            db.session.execute(delete(model).where(model.course_id == course.id))
        db.session.execute(
            delete(BankCopy).where(
                or_(BankCopy.course_id == course.id, BankCopy.from_course_id == course.id)
            )
        )
        db.session.execute(delete(Course).where(Course.id == course.id))


def archive(actor: Actor, course: Course, reason: str) -> None:
    """Take the course out of the catalogue: nobody enrols any more, learners under way go on. Twice
    is once."""
    _lock_published(course)
    if course.archived_at is None:
        course.archived_at, course.closed_reason = clock.now(), reason
        audit.record(actor, "courses.archived", "course", course.uuid, reason=reason)


def withdraw(actor: Actor, course: Course, reason: str, ends_on: date | None) -> bool:
    """Take the course back, archived or not; False where it was before. What it means for its
    learners: see `lms.learning.actions.offering`."""
    _lock_published(course)
    if course.is_withdrawn:
        return False
    course.archived_at = course.archived_at or clock.now()
    course.is_withdrawn, course.closed_reason = True, reason
    audit.record(actor, "courses.withdrawn", "course", course.uuid, reason=reason, end_on=ends_on)
    return True


def _lock_published(course: Course) -> None:
    lock_row(course)
    if course.current_version_id is None:
        raise DomainError(gettext("Kursus ini belum terbit."))


def unarchive(actor: Actor, course: Course) -> bool:
    """Offer the course again; False where it is offered."""
    lock_row(course)
    if course.archived_at is None:
        return False
    course.archived_at, course.is_withdrawn, course.closed_reason = None, False, ""
    audit.record(actor, "courses.unarchived", "course", course.uuid)
    return True


def keep_comments(draft: Draft, version: CourseVersion) -> None:
    """What was said of a draft stays with the version that it became."""
    said = (
        select(
            literal(version.id), func.coalesce(DraftFile.path, ""), ReviewComment.line,
            ReviewComment.text, ReviewComment.written_at, ReviewComment.written_by_id,
            ReviewComment.settled_at.is_not(None),
        )
        .outerjoin(DraftFile, ReviewComment.file_id == DraftFile.id)
        .where(ReviewComment.draft_id == draft.id)
        .order_by(ReviewComment.id)
    )  # fmt: skip
    columns = ("version_id", "path", "line", "text", "written_at", "written_by_id", "settled")
    db.session.execute(insert(VersionComment).from_select(columns, said))


def delete_draft(draft: Draft) -> None:
    """Take a draft away that was published or given up."""
    of_draft = select(DraftFile.id).where(DraftFile.draft_id == draft.id)
    db.session.execute(delete(ReviewComment).where(ReviewComment.draft_id == draft.id))
    question_index.forget(draft.id)
    db.session.execute(delete(DraftRevision).where(DraftRevision.file_id.in_(of_draft)))
    db.session.execute(delete(DraftFile).where(DraftFile.draft_id == draft.id))
    db.session.execute(delete(Draft).where(Draft.id == draft.id))


def _note_change(draft: Draft, file: DraftFile, index: Index) -> None:
    _touch(draft)
    if file.path.endswith(question_index.QUESTIONS):
        index(file)
    if file.path == COURSE_FILE:
        title = title_of(file.text or "") or draft.course.slug
        db.session.execute(update(Draft).where(Draft.id == draft.id).values(title=title))


def _touch(draft: Draft) -> None:
    changed = {"changed_at": clock.now(), "approved_by_id": None}
    db.session.execute(update(Draft).where(Draft.id == draft.id).values(**changed))
