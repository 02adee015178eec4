"""Banks of questions that belong to a unit or to the site, and the search over all that one may
take questions from: these banks, and the courses that one writes."""

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload
from tomlkit.exceptions import TOMLKitError

from lms.accounts.models import Unit
from lms.accounts.queries import within
from lms.accounts.rules import path_contains
from lms.core.access import Actor, Permission
from lms.core.db import db
from lms.core.errors import NotFound
from lms.courses.models import (
    BankCopy,
    BankQuestion,
    Course,
    CourseMember,
    CourseVersion,
    Draft,
    DraftFile,
)
from lms.courses.queries.bank import PAGE, Search, matching, tags_of
from lms.courses.queries.drafts import may_own, written_course
from lms.courses.queries.usage import versions_asking
from lms.courses.rules import CourseRole
from lms.formats.course_folder.goals import GOAL_TAG
from lms.formats.course_folder.parts import LESSON_TAG
from lms.formats.course_folder.quiz_text import Said, said_by_question
from lms.formats.gift import sheet
from lms.formats.gift.questions import Question, QuestionKind, QuestionState

_MOST_PLACES = 200
_USE = Permission.COURSES_STUDIO_USE
MEDIA = re.compile(r"media/[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class Bank:
    """A bank in the list of those that one may read. `unit` is None for the site's own."""

    slug: str
    title: str
    unit: str | None
    questions: int
    changed_at: datetime


@dataclass(frozen=True)
class Offered:
    """A question that may be taken. `place` is the bank or course, `topic` the quiz in it; `file`
    that of its settings."""

    id: int
    key: str
    kind: QuestionKind
    state: QuestionState
    shown: str
    tags: tuple[str, ...]
    slug: str
    place: str
    topic: str
    file: UUID | None


@dataclass(frozen=True)
class Taken:
    """A question as it is where it is taken from. `said` is what the settings of its quiz say of
    it: hints, how an essay is answered, its rubric. `media` are digests by the names in its
    texts."""

    question: Question
    course_id: int
    place: str
    said: Said
    media: dict[str, str]

    @property
    def stays_behind(self) -> list[str]:
        """Tags that name goals and lessons, which another course has not."""
        return [tag for tag in self.question.tags if tag.startswith((GOAL_TAG, LESSON_TAG))]


@dataclass(frozen=True)
class Use:
    """Where a copy of a question is, and the numbers of the published versions that ask it there.
    Without a draft there is no bank to look at."""

    slug: str
    title: str
    key: str
    has_draft: bool
    versions: Sequence[int]


def shown_course(actor: Actor, slug: str, *roles: CourseRole) -> Course:
    """A course as `written_course` has it, or a bank that the actor may read."""
    bank = db.session.scalar(
        select(Course)
        .where(Course.slug == slug, Course.is_bank)
        .options(joinedload(Course.owner_unit))
    )
    if bank is not None and _may_read(actor, bank):
        return bank
    return written_course(actor, slug, *roles)


def _may_read(actor: Actor, bank: Course) -> bool:
    """A bank is open to whoever writes courses in its unit, below it or above it."""
    if bank.owner_unit is None:
        return True
    path = bank.owner_unit.path
    return any(path_contains(own, path) or path_contains(path, own) for own in actor.paths_of(_USE))


def _readable(actor: Actor) -> ColumnElement[bool]:
    """`_may_read` as a condition on Course and Unit; members too."""
    paths = actor.paths_of(_USE)
    above = {path[:end] for path in paths for end, sign in enumerate(path, 1) if sign == "/"}
    return and_(
        Course.is_bank,
        or_(Course.owner_unit_id.is_(None), within(paths), Unit.path.in_(above), _member_of(actor)),
    )


def _member_of(actor: Actor) -> ColumnElement[bool]:
    writes = CourseMember.role.in_([CourseRole.OWNER, CourseRole.AUTHOR])
    return Course.id.in_(
        select(CourseMember.course_id).where(CourseMember.person_id == actor.person_id, writes)
    )


def _open_to(actor: Actor) -> ColumnElement[bool]:
    """Banks that the actor may read, and courses that the actor writes or manages."""
    managed = within(actor.paths_of(Permission.COURSES_ALL_MANAGE))
    of_site = may_own(actor, None, Permission.COURSES_ALL_MANAGE)
    sites = Course.owner_unit_id.is_(None) if of_site else false()
    return or_(_readable(actor), _member_of(actor), managed, sites)


def banks(actor: Actor) -> list[Bank]:
    """Those that the actor may read, by title."""
    count = (
        select(func.count())
        .select_from(BankQuestion)
        .join(DraftFile, DraftFile.id == BankQuestion.file_id)
        .where(
            DraftFile.draft_id == Draft.id, DraftFile.removed_at.is_(None), BankQuestion.key != ""
        )
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Course.slug, Draft.title, Unit.name, count, Draft.changed_at)
        .join(Draft, Draft.course_id == Course.id)
        .outerjoin(Unit, Unit.id == Course.owner_unit_id)
        .where(_readable(actor))
        .order_by(Draft.title, Course.id)
    )
    return [Bank(*row) for row in rows]


def places(actor: Actor, but: Draft) -> list[tuple[str, str]]:
    """Address and title of the banks and courses, but for one, that questions may be taken from."""
    rows = db.session.execute(
        select(Course.slug, Draft.title)
        .join(Draft, Draft.course_id == Course.id)
        .outerjoin(Unit, Unit.id == Course.owner_unit_id)
        .where(_open_to(actor), Draft.id != but.id)
        .order_by(Course.is_bank.desc(), Draft.title, Course.id)
        .limit(_MOST_PLACES)
    )
    return [(row.slug, row.title) for row in rows]


def offered(
    actor: Actor, but: Draft, search: Search, place: str, after: int | None
) -> tuple[list[Offered], int, bool]:
    """A page of the questions that may be taken into a draft, from a place if one is named; how
    many there are in all, and whether more follow."""
    wanted = [
        *matching(search), _open_to(actor), Draft.id != but.id, BankQuestion.key != "",
        BankQuestion.kind.is_not(None), DraftFile.removed_at.is_(None),
    ]  # fmt: skip
    if place:
        wanted.append(Course.slug == place)
    columns = (
        BankQuestion.id, BankQuestion.key, BankQuestion.kind, BankQuestion.state,
        BankQuestion.shown, Course.slug, Draft.title, Draft.id.label("draft"), DraftFile.path,
    )  # fmt: skip
    query = (
        select(*columns)
        .join(DraftFile, DraftFile.id == BankQuestion.file_id)
        .join(Draft, Draft.id == DraftFile.draft_id)
        .join(Course, Course.id == Draft.course_id)
        .outerjoin(Unit, Unit.id == Course.owner_unit_id)
        .where(*wanted)
    )
    total = db.session.scalar(query.with_only_columns(func.count())) or 0
    page = query.order_by(BankQuestion.id).limit(PAGE + 1)
    if after is not None:
        page = page.where(BankQuestion.id > after)
    rows = db.session.execute(page).all()
    tags = tags_of([row.id for row in rows])
    topics = _topics({(row.draft, _settings_path(row.path)) for row in rows})
    found = []
    for row in rows[:PAGE]:
        file, topic = topics.get((row.draft, _settings_path(row.path)), (None, ""))
        found.append(
            Offered(
                row.id, row.key, row.kind, row.state, row.shown, tags.get(row.id, ()), row.slug,
                row.title, topic, file,
            )
        )  # fmt: skip
    return found, total, len(rows) > PAGE


def _settings_path(path: str) -> str:
    return f"{path.removesuffix('.gift')}.toml"


def _topics(wanted: Collection[tuple[int, str]]) -> dict[tuple[int, str], tuple[UUID, str]]:
    """File and title of quizzes, by draft and path of their settings."""
    return {
        place: (uuid, _title(text) or place[1]) for place, (uuid, text) in _settings(wanted).items()
    }


def _settings(wanted: Collection[tuple[int, str]]) -> dict[tuple[int, str], tuple[UUID, str]]:
    """File and text of settings, by draft and path."""
    found: dict[tuple[int, str], tuple[UUID, str]] = {}
    for draft in {draft for draft, _ in wanted}:
        paths = [path for its, path in wanted if its == draft]
        for row in db.session.execute(
            select(DraftFile.path, DraftFile.uuid, DraftFile.text).where(
                DraftFile.draft_id == draft,
                DraftFile.path.in_(paths),
                DraftFile.removed_at.is_(None),
            )
        ):
            found[draft, row.path] = (row.uuid, row.text or "")
    return found


def _title(settings: str) -> str:
    try:
        return str(tomllib.loads(settings).get("title", ""))
    except (ValueError, ArithmeticError, RecursionError):
        return ""


def taken(actor: Actor, but: Draft, ids: Sequence[int]) -> list[Taken]:
    """The questions with these ids of the index, in that order. Raises NotFound for one that is not
    offered to the actor, or not any more."""
    found_rows = db.session.execute(
        select(BankQuestion, DraftFile, Course.id.label("course"), Draft.title)
        .join(DraftFile, DraftFile.id == BankQuestion.file_id)
        .join(Draft, Draft.id == DraftFile.draft_id)
        .join(Course, Course.id == Draft.course_id)
        .outerjoin(Unit, Unit.id == Course.owner_unit_id)
        .where(
            BankQuestion.id.in_(ids),
            _open_to(actor),
            Draft.id != but.id,
            DraftFile.removed_at.is_(None),
        )
    )
    rows = {row.BankQuestion.id: row for row in found_rows}
    places = {
        (each.DraftFile.draft_id, _settings_path(each.DraftFile.path)) for each in rows.values()
    }
    said = {place: _said(text) for place, (_, text) in _settings(places).items()}
    found = []
    for id_ in ids:
        row = rows.get(id_)
        if row is None:
            raise NotFound
        file, here = row.DraftFile, row.BankQuestion
        entry = sheet.entry_with(file.text or "", here.key, here.digest) or next(
            each for each in sheet.entries(file.text or "") if each.digest == here.digest
        )
        if entry.question is None:
            raise NotFound
        told = said.get((file.draft_id, _settings_path(file.path)), {}).get(here.key, {})
        media = _media(file, entry.question, told)
        found.append(Taken(entry.question, row.course, row.title, told, media))
    return found


def _said(settings: str) -> Mapping[str, Said]:
    """By question; empty where the settings cannot be read."""
    try:
        return said_by_question(settings)
    except (ValueError, TOMLKitError, RecursionError):
        return {}


def _texts_of(question: Question) -> list[str]:
    """Those that may name media."""
    return [
        question.text, question.general_feedback,
        *(text for option in question.options for text in (option.text, option.feedback)),
    ]  # fmt: skip


def _media(file: DraftFile, question: Question, said: Said) -> dict[str, str]:
    """Digests of the media that the question names, those of its module before the course's."""
    texts = [*_texts_of(question), *(str(row) for rows in said.values() for row in rows)]
    names = {name for text in texts for name in MEDIA.findall(text)}
    if not names:
        return {}
    module = file.path.partition("/")[0]
    kept = media_of(file.draft_id)
    found = {name: kept.get(f"{module}/{name}") or kept.get(name) for name in names}
    return {name: digest for name, digest in found.items() if digest}


def media_of(draft_id: int) -> dict[str, str]:
    """The digest of every medium that a draft has, by its path."""
    rows = db.session.execute(
        select(DraftFile.path, DraftFile.digest).where(
            DraftFile.draft_id == draft_id,
            DraftFile.removed_at.is_(None),
            DraftFile.digest.is_not(None),
        )
    )
    return {path: digest for path, digest in rows if digest}


def copies_of(course: Course, keys: Collection[str]) -> dict[str, int]:
    """Into how many places each of these questions was copied; those that never were are left
    out."""
    rows = db.session.execute(
        select(BankCopy.from_key, func.count().label("copies"))
        .where(BankCopy.from_course_id == course.id, BankCopy.from_key.in_(keys))
        .group_by(BankCopy.from_key)
    )
    return {row.from_key: row.copies for row in rows}


def uses_of(actor: Actor, course: Course, key: str) -> tuple[list[Use], int]:
    """The copies of a question in what the actor may see, and how many there are besides."""
    rows = db.session.execute(
        _uses(BankCopy.course_id, BankCopy.key)
        .where(BankCopy.from_course_id == course.id, BankCopy.from_key == key, _open_to(actor))
        .order_by(BankCopy.copied_at, BankCopy.key)
    ).all()
    asking = versions_asking({(row.id, row.key) for row in rows})
    every = copies_of(course, [key]).get(key, 0)
    return [_use(row, asking) for row in rows], every - len(rows)


def origin_of(actor: Actor, course: Course, key: str) -> Use | None:
    """Where a question was copied from, if from something that the actor may see."""
    row = db.session.execute(
        _uses(BankCopy.from_course_id, BankCopy.from_key).where(
            BankCopy.course_id == course.id, BankCopy.key == key, _open_to(actor)
        )
    ).one_or_none()
    return _use(row, versions_asking({(row.id, row.key)})) if row else None


def _uses(
    course_id: InstrumentedAttribute[int], key: InstrumentedAttribute[str]
) -> Select[int, str, str, int, str]:
    """What `_use` needs of the courses that a row of BankCopy names so."""
    return (
        select(
            Course.id, Course.slug, key.label("key"), Draft.id.label("draft"),
            func.coalesce(Draft.title, CourseVersion.title, Course.slug).label("title"),
        )
        .select_from(BankCopy)
        .join(Course, Course.id == course_id)
        .outerjoin(Draft, Draft.course_id == Course.id)
        .outerjoin(CourseVersion, CourseVersion.id == Course.current_version_id)
        .outerjoin(Unit, Unit.id == Course.owner_unit_id)
    )  # fmt: skip


def _use(row: Any, asking: Mapping[tuple[int, str], Sequence[int]]) -> Use:
    versions = asking.get((row.id, row.key), ())
    return Use(row.slug, row.title, row.key, row.draft is not None, versions)
