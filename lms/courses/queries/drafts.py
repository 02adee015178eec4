"""Who may write which course, and the drafts: their files, as rows and as a course folder."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import has_request_context, request
from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, undefer

from lms.accounts.models import Unit
from lms.accounts.rules import path_contains
from lms.core import files
from lms.core.access import Actor, Permission
from lms.core.db import db, is_writing
from lms.core.errors import Forbidden, NotFound
from lms.courses.models import Course, CourseMember, CourseVersion, Draft, DraftFile, DraftRevision
from lms.courses.queries.pictures import smaller_copy
from lms.courses.rules import CourseRole, Source, copied_from
from lms.formats.course_folder.settings import key_in
from lms.formats.course_folder.tree import KeptFolder


def written_course(actor: Actor, slug: str, *roles: CourseRole) -> Course:
    """A course that the actor may act on in one of the roles; owners may always.

    Raises NotFound for a course that the actor has no part in, Forbidden where it is another one.
    """
    course = db.session.scalar(
        select(Course).where(Course.slug == slug).options(joinedload(Course.owner_unit))
    )
    role = course and role_in(actor, course)
    if course is None or role is None:
        raise NotFound
    if role is not CourseRole.OWNER and role not in roles:
        raise Forbidden
    return course


def entered(actor: Actor, slug: str, *roles: CourseRole) -> Course:
    """As `written_course`, but for a bank of questions, which nobody enters: NotFound."""
    course = written_course(actor, slug, *roles)
    if course.is_bank:
        raise NotFound
    return course


@dataclass(frozen=True)
class Involvement:
    """What somebody has to do with a course or a bank. `role` None: nothing, though who may read a
    bank reads it all the same."""

    role: CourseRole | None
    has_draft: bool
    is_bank: bool


def involvement(actor: Actor, slug: str) -> Involvement:
    """Raises NotFound where there is no such course."""
    found = db.session.execute(
        select(Course, Draft.id)
        .outerjoin(Draft, Draft.course_id == Course.id)
        .where(Course.slug == slug)
        .options(joinedload(Course.owner_unit))
    ).one_or_none()
    if found is None:
        raise NotFound
    course, draft = found
    return Involvement(role_in(actor, course), draft is not None, course.is_bank)


def role_in(actor: Actor, course: Course) -> CourseRole | None:
    """What the actor is to a course. Who manages the courses of its unit is as good as an owner.
    A page asks in several places, so its first answer is kept; a write asks anew."""
    if is_writing() or not has_request_context():
        return _role_in(actor, course)
    kept: dict[tuple[int, int], CourseRole | None]
    kept = request.environ.setdefault("kompeten.course_roles", {})
    key = (actor.person_id, course.id)
    if key not in kept:
        kept[key] = _role_in(actor, course)
    return kept[key]


def _role_in(actor: Actor, course: Course) -> CourseRole | None:
    member = db.session.get(CourseMember, (course.id, actor.person_id))
    if member is not None and member.role is CourseRole.OWNER:
        return member.role
    if may_own(actor, course.owner_unit, Permission.COURSES_ALL_MANAGE):
        return CourseRole.OWNER
    return member.role if member else None


def may_own(actor: Actor, unit: Unit | None, permission: Permission) -> bool:
    """Does the permission reach this unit? None is the site, which only its root reaches."""
    path = unit.path if unit else _root_path()
    return any(path_contains(above, path) for above in actor.paths_of(permission))


def _root_path() -> str:
    return db.session.scalar(select(Unit.path).where(Unit.parent_id.is_(None))) or "/"


def draft_of(course: Course) -> Draft | None:
    return db.session.scalar(select(Draft).where(Draft.course_id == course.id))


def files_of(draft: Draft) -> list[DraftFile]:
    """The files that are there, by path."""
    return list(
        db.session.scalars(
            select(DraftFile)
            .where(DraftFile.draft_id == draft.id, DraftFile.removed_at.is_(None))
            .order_by(DraftFile.path)
        )
    )


def file_for(draft: Draft, uuid: UUID, *, removed: bool = False) -> DraftFile:
    """A file that is there, or one that was removed. Raises NotFound, also for another draft's."""
    file = db.session.scalar(
        select(DraftFile).where(DraftFile.draft_id == draft.id, DraftFile.uuid == uuid)
    )
    if file is None or (file.removed_at is not None) is not removed:
        raise NotFound
    return file


def revisions_of(file: DraftFile) -> Sequence[DraftRevision]:
    """What a text was, newest first."""
    return db.session.scalars(
        select(DraftRevision)
        .where(DraftRevision.file_id == file.id)
        .options(joinedload(DraftRevision.saved_by))
        .order_by(DraftRevision.number.desc())
    ).all()


def revision_of(file: DraftFile, number: int) -> DraftRevision:
    """Raises NotFound for a number that no revision ended with."""
    found = db.session.get(
        DraftRevision, (file.id, number), options=[joinedload(DraftRevision.saved_by)]
    )
    if found is None:
        raise NotFound
    return found


def source_of(version: CourseVersion) -> Source:
    """The course folder that a published version was made from."""
    loaded = db.session.get_one(CourseVersion, version.id, options=[undefer(CourseVersion.source)])
    return loaded.source


def source_around(draft: Draft, path: str, text: str) -> Source:
    """One text, and the media that it can name: what its preview needs of the course folder."""
    module = path.partition("/")[0]
    media = db.session.execute(
        select(DraftFile.path, DraftFile.digest).where(
            DraftFile.draft_id == draft.id,
            DraftFile.removed_at.is_(None),
            DraftFile.digest.is_not(None),
        )
    )
    folders = ("media/", f"{module}/media/")
    return {
        "texts": {path: text},
        "media": {name: digest for name, digest in media if name.startswith(folders) and digest},
    }


def keys_of_parts(draft: Draft) -> set[str]:
    """By sight: what a file that cannot be read says counts too."""
    texts = db.session.execute(
        select(DraftFile.text).where(
            DraftFile.draft_id == draft.id,
            DraftFile.removed_at.is_(None),
            or_(DraftFile.path.endswith(".md"), DraftFile.path.endswith(".toml")),
            DraftFile.path.contains("/"),
            ~DraftFile.path.endswith("/module.toml"),
        )
    )
    return {found[0] for (text,) in texts if (found := key_in(text or ""))}


def folder_of(slug: str, source: Source) -> KeptFolder:
    """A course folder to be read and checked."""
    return KeptFolder(slug, source["texts"], source["media"], files.Kept)


def source_of_draft(draft: Draft) -> Source:
    """The draft as values, as it is now."""
    present = files_of(draft)
    texts: Mapping[str, str] = {f.path: f.text for f in present if f.text is not None}
    return {"texts": texts, "media": {f.path: f.digest for f in present if f.digest is not None}}


def source_with(draft: Draft, questions: str) -> Source:
    """The draft with the questions of one file only ("": of none), which may be a small part of
    them: what is needed to judge or show one quiz."""
    rows = db.session.execute(
        select(DraftFile.path, DraftFile.text, DraftFile.digest).where(
            DraftFile.draft_id == draft.id,
            DraftFile.removed_at.is_(None),
            or_(DraftFile.path.not_like("%.gift"), DraftFile.path == questions),
        )
    ).all()
    return {
        "texts": {path: text for path, text, _ in rows if text is not None},
        "media": {path: digest for path, _, digest in rows if digest is not None},
    }


@dataclass(frozen=True)
class Head:
    """What pages of a draft call it; where its settings say nothing, its address."""

    title: str
    language: str
    is_bank: bool


def head_of(draft: Draft) -> Head:
    text = db.session.scalar(
        select(DraftFile.text).where(
            DraftFile.draft_id == draft.id,
            DraftFile.path == "course.toml",
            DraftFile.removed_at.is_(None),
        )
    )
    try:
        settings = tomllib.loads(text or "")
    except (ValueError, ArithmeticError, RecursionError):
        settings = {}
    title, language = settings.get("title"), settings.get("language")
    return Head(
        title if isinstance(title, str) and title.strip() else draft.course.slug,
        language if isinstance(language, str) and _LANGUAGE.fullmatch(language) else "id",
        draft.course.is_bank,
    )


_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")


def medium_at(course: Course, path: str) -> str:
    """Digest of a file that is no text, by its path in the draft, in the current version where
    there is none; or of a smaller copy of a picture. Raises NotFound."""
    copied = copied_from(path)
    if copied is None:
        return _medium_at(course, path)
    found = smaller_copy(_medium_at(course, copied[0]), copied[1])
    if found is None:
        raise NotFound
    return found.digest


def _medium_at(course: Course, path: str) -> str:
    draft = draft_of(course)
    if draft is not None:
        digest = db.session.scalar(
            select(DraftFile.digest).where(
                DraftFile.draft_id == draft.id,
                DraftFile.path == path,
                DraftFile.digest.is_not(None),
                DraftFile.removed_at.is_(None),
            )
        )
    elif course.current_version is not None:
        digest = source_of(course.current_version)["media"].get(path)
    else:
        raise NotFound
    if digest is None:
        raise NotFound
    return digest
