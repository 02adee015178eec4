"""What is read of courses by those who write them: their list, and the outline of a draft."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, false, func, or_, select, tuple_

from lms.accounts.models import Person, Unit
from lms.accounts.queries import within
from lms.core.access import Actor, Permission
from lms.core.db import db
from lms.core.errors import NotFound
from lms.courses.models import Course, CourseMember, CourseVersion, Draft, DraftFile
from lms.courses.queries.drafts import draft_of, file_for, files_of, may_own, source_of
from lms.courses.queries.quizzes import REMOVED
from lms.courses.rules import CourseRole, DraftState
from lms.formats.course_folder.outline import OutlineModule, outline, settings_of
from lms.formats.course_folder.writing import slug_of

PAGE = 25


class Standing(StrEnum):
    """What the list of courses can be narrowed to. A published course may have a draft too."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"
    ARCHIVED = "archived"


@dataclass(frozen=True)
class WrittenCourse:
    """A course as those who write it see it in a list. `version` is the number of the current one,
    `draft` the state of the draft; None: there is none. `language` of the title, where known."""

    id: int
    uuid: UUID
    slug: str
    title: str
    language: str | None
    version: int | None
    draft: DraftState | None
    is_archived: bool
    is_withdrawn: bool
    changed_at: datetime


_CHANGED: ColumnElement[datetime] = func.coalesce(Draft.changed_at, CourseVersion.published_at)
_TITLE = func.coalesce(Draft.title, CourseVersion.title)
_IN_STANDING: dict[Standing, tuple[ColumnElement[bool], ...]] = {
    Standing.DRAFT: (Draft.state == DraftState.WRITING,),
    Standing.IN_REVIEW: (Draft.state == DraftState.IN_REVIEW,),
    Standing.PUBLISHED: (Course.current_version_id.is_not(None), Course.archived_at.is_(None)),
    Standing.ARCHIVED: (Course.archived_at.is_not(None),),
}


def written_courses(
    actor: Actor, *, search: str = "", standing: Standing | None = None, after: UUID | None = None,
    roles: Sequence[CourseRole] = (),
) -> tuple[list[WrittenCourse], bool]:  # fmt: skip
    """A page of the courses that the actor has a part in, in one of the `roles` where any are
    given, or manages, what changed last first; and whether there are more."""
    query = (
        select(
            Course.id, Course.uuid, Course.slug, _TITLE.label("title"), CourseVersion.language,
            CourseVersion.number, Draft.state, Course.archived_at, Course.is_withdrawn,
            _CHANGED.label("changed_at"),
        )
        .outerjoin(Draft, Draft.course_id == Course.id)
        .outerjoin(CourseVersion, Course.current_version_id == CourseVersion.id)
        .outerjoin(Unit, Course.owner_unit_id == Unit.id)
        .where(courses_of(actor, *roles), Course.is_bank.is_(False), _CHANGED.is_not(None))
        .where(*_matches(search))
    )  # fmt: skip
    if standing is not None:
        query = query.where(*_IN_STANDING[standing])
    last = _changed_at(after) if after else None
    if last is not None:
        query = query.where(tuple_(_CHANGED, Course.id) < last)
    rows = db.session.execute(query.order_by(_CHANGED.desc(), Course.id.desc()).limit(PAGE + 1))
    found = [
        WrittenCourse(
            row.id, row.uuid, row.slug, row.title, row.language, row.number, row.state,
            row.archived_at is not None, row.is_withdrawn, row.changed_at,
        )
        for row in rows
    ]  # fmt: skip
    return found[:PAGE], len(found) > PAGE


def courses_of(actor: Actor, *roles: CourseRole) -> ColumnElement[bool]:
    """SQL condition on `Course` with its `Unit`: those that the actor has a part in, in one of the
    roles where any are given, or manages."""
    own = select(CourseMember.course_id).where(CourseMember.person_id == actor.person_id)
    if roles:
        own = own.where(CourseMember.role.in_(roles))
    managed = within(actor.paths_of(Permission.COURSES_ALL_MANAGE))
    of_site = may_own(actor, None, Permission.COURSES_ALL_MANAGE)
    return or_(Course.id.in_(own), managed, Course.owner_unit_id.is_(None) if of_site else false())


def _matches(search: str) -> list[ColumnElement[bool]]:
    return [
        or_(
            func.lower(_TITLE).contains(word, autoescape=True),
            Course.slug.contains(word, autoescape=True),
        )
        for word in search.lower().split()[:6]
    ]


def _changed_at(uuid: UUID) -> tuple[datetime, int] | None:
    row = db.session.execute(
        select(_CHANGED, Course.id)
        .outerjoin(Draft, Draft.course_id == Course.id)
        .outerjoin(CourseVersion, Course.current_version_id == CourseVersion.id)
        .where(Course.uuid == uuid)
    ).one_or_none()
    return (row[0], row[1]) if row and row[0] is not None else None


@dataclass(frozen=True)
class Workshop:
    """A course as it is being written: the texts of its draft, of the current version where there
    is no draft. `files` are those of the draft by path; `version` the number of the current one."""

    slug: str
    title: str
    language: str | None
    version: int | None
    draft: Draft | None
    is_archived: bool
    is_withdrawn: bool
    is_bank: bool
    files: dict[str, DraftFile]
    modules: tuple[OutlineModule, ...]


def workshop(course: Course) -> Workshop:
    draft, version = draft_of(course), course.current_version
    files = {file.path: file for file in files_of(draft)} if draft else {}
    if draft:
        texts = {path: file.text for path, file in files.items() if file.text is not None}
    else:
        texts = dict(source_of(version)["texts"]) if version else {}
    settings = settings_of("course.toml", texts.get("course.toml", "")) or {}
    language = settings.get("language")
    title = draft.title if draft else version.title if version else course.slug
    return Workshop(
        slug=course.slug,
        title=title,
        language=language if isinstance(language, str) else None,
        version=version.number if version else None,
        draft=draft,
        is_archived=course.archived_at is not None,
        is_withdrawn=course.is_withdrawn,
        is_bank=course.is_bank,
        files=files,
        modules=outline(texts),
    )


def copy_path(uuid: UUID) -> str:
    """The path of what tells which files came with a copy; no file of a course can have it."""
    return f"{REMOVED}/copied/{uuid}"


def copy_kept(draft: Draft, uuid: UUID) -> dict[str, Any]:
    """The file that stands for what was copied in, and the media that came with it, by their public
    ids. Raises NotFound, also where it was taken out again."""
    kept = file_for(draft, uuid, removed=True)
    if not kept.path.startswith(f"{REMOVED}/copied/"):
        raise NotFound
    found: dict[str, Any] = json.loads(kept.text or "")
    file_for(draft, UUID(found["file"]))
    return found


def free_slug(wanted: str) -> str:
    """The address itself, or with the first number that makes it free."""
    taken = db.session.scalars(select(Course.slug).where(Course.slug.startswith(wanted)))
    return slug_of(wanted, set(taken))


def draft_mark(draft: Draft) -> str:
    """The draft as it is now: another word after every change."""
    return f"{draft.uuid}@{draft.changed_at.isoformat()}"


@dataclass(frozen=True)
class PublishedVersion:
    """A version as its list in the studio shows it."""

    id: int
    number: int
    published_at: datetime
    is_small: bool
    note: str
    title: str
    approved_by: str | None


def versions_of(course: Course) -> list[PublishedVersion]:
    """Every version of a course, the newest first."""
    own = [each.name for each in fields(PublishedVersion) if each.name != "approved_by"]
    rows = db.session.execute(
        select(*(getattr(CourseVersion, name) for name in own), Person.name.label("approved_by"))
        .outerjoin(Person, CourseVersion.approved_by_id == Person.id)
        .where(CourseVersion.course_id == course.id)
        .order_by(CourseVersion.number.desc())
    )
    return [PublishedVersion(**row._mapping) for row in rows]


def version_uuid(course: Course, number: int) -> tuple[UUID, int]:
    """Public id and id of a version. Raises NotFound for a number that the course does not have."""
    found = db.session.execute(
        select(CourseVersion.uuid, CourseVersion.id).where(
            CourseVersion.course_id == course.id, CourseVersion.number == number
        )
    ).first()
    if found is None:
        raise NotFound
    return found.uuid, found.id
