"""Banks of questions that belong to a unit or to the site, and the search over all that one may
take questions from: these banks, and the courses that one writes."""

import re
import tomllib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    exists,
    false,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, joinedload, undefer
from tomlkit.exceptions import TOMLKitError

from lms.accounts.models import Unit
from lms.accounts.queries import within
from lms.accounts.rules import path_contains
from lms.core.access import Actor, Permission
from lms.core.db import db
from lms.core.errors import NotFound
from lms.courses.models import (
    Activity,
    BankCopy,
    BankQuestion,
    Course,
    CourseMember,
    CourseVersion,
    Draft,
    DraftFile,
)
from lms.courses.queries.bank import PAGE, Search, matching, tags_of
from lms.courses.queries.drafts import may_own, source_of, written_course
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
    that of its settings, None where `is_published`: it is of a version, as there is no draft."""

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
    is_published: bool


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


def removed_topics(draft: Draft) -> list[tuple[UUID, str]]:
    """Public id and title of the topics that were taken out and can be brought back, the last one
    first."""
    rows = db.session.execute(
        select(DraftFile.uuid, DraftFile.path, DraftFile.text)
        .where(
            DraftFile.draft_id == draft.id,
            DraftFile.removed_at.is_not(None),
            DraftFile.path.like("__-%/__-%.toml"),
        )
        .order_by(DraftFile.removed_at.desc(), DraftFile.path)
    )
    return [(row.uuid, _title(row.text or "") or row.path) for row in rows]


def places(actor: Actor, but: Draft) -> list[tuple[str, str]]:
    """Address and title of the banks and courses, but for one, that questions may be taken from."""
    title = func.coalesce(Draft.title, CourseVersion.title)
    rows = db.session.execute(
        select(Course.slug, title)
        .outerjoin(Draft, Draft.course_id == Course.id)
        .outerjoin(CourseVersion, CourseVersion.id == Course.current_version_id)
        .outerjoin(Unit, Unit.id == Course.owner_unit_id)
        .where(_open_to(actor), title.is_not(None), Course.id != but.course_id)
        .order_by(Course.is_bank.desc(), title, Course.id)
        .limit(_MOST_PLACES)
    )
    return [(slug, name) for slug, name in rows]


def offered(
    actor: Actor, but: Draft, search: Search, place: str, after: int | None
) -> tuple[list[Offered], int, bool]:
    """A page of the questions that may be taken into a draft, from a place if one is named; how
    many there are in all, and whether more follow."""
    drafted, published = (
        each.where(
            *matching(search), _open_to(actor), Course.id != but.course_id, BankQuestion.key != "",
            BankQuestion.kind.is_not(None), *([Course.slug == place] if place else []),
        )
        for each in (_of_drafts(), _of_versions())
    )  # fmt: skip
    counts = [
        each.with_only_columns(func.count()).scalar_subquery() for each in (drafted, published)
    ]
    total = db.session.scalar(select(counts[0] + counts[1])) or 0
    if after is not None:
        drafted, published = (each.where(BankQuestion.id > after) for each in (drafted, published))
    both = union_all(drafted, published)
    rows = db.session.execute(both.order_by(both.selected_columns.id).limit(PAGE + 1)).all()
    tags = tags_of([row.id for row in rows])
    topics = _topics({(row.draft, _settings_path(row.path)) for row in rows if row.draft})
    found = []
    for row in rows[:PAGE]:
        file, topic = topics.get((row.draft, _settings_path(row.path)), (None, row.topic or ""))
        found.append(
            Offered(
                row.id, row.key, row.kind, row.state, row.shown, tags.get(row.id, ()), row.slug,
                row.title, topic, file, row.draft is None,
            )
        )  # fmt: skip
    return found, total, len(rows) > PAGE


_OFFERED = (
    BankQuestion.id.label("id"), BankQuestion.key, BankQuestion.kind, BankQuestion.state,
    BankQuestion.shown, Course.slug,
)  # fmt: skip


def _of_drafts() -> Select[*tuple[Any, ...]]:
    return (
        select(
            *_OFFERED, Draft.title, Draft.id.label("draft"), DraftFile.path, null().label("topic")
        )
        .join(DraftFile, DraftFile.id == BankQuestion.file_id)
        .join(Draft, Draft.id == DraftFile.draft_id)
        .join(Course, Course.id == Draft.course_id)
        .outerjoin(Unit, Unit.id == Course.owner_unit_id)
        .where(DraftFile.removed_at.is_(None))
    )


def _of_versions() -> Select[*tuple[Any, ...]]:
    """Those that no draft stands for."""
    return (
        select(
            *_OFFERED, CourseVersion.title, null().label("draft"), literal("").label("path"),
            Activity.title.label("topic"),
        )
        .join(Activity, Activity.id == BankQuestion.activity_id)
        .join(CourseVersion, CourseVersion.id == Activity.version_id)
        .join(Course, Course.current_version_id == CourseVersion.id)
        .outerjoin(Unit, Unit.id == Course.owner_unit_id)
        .where(~exists().where(Draft.course_id == Course.id))
    )  # fmt: skip


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
    found = {**_taken_from_drafts(actor, but, ids), **_taken_from_versions(actor, but, ids)}
    if not found.keys() >= set(ids):
        raise NotFound
    return [found[id_] for id_ in ids]


def _taken_from_drafts(actor: Actor, but: Draft, ids: Sequence[int]) -> dict[int, Taken]:
    rows = db.session.execute(
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
    ).all()
    places = {(each.DraftFile.draft_id, _settings_path(each.DraftFile.path)) for each in rows}
    said = {place: _said(text) for place, (_, text) in _settings(places).items()}
    found = {}
    for row in rows:
        file, here = row.DraftFile, row.BankQuestion
        question = _question_in(file.text or "", here)
        if question is not None:
            told = said.get((file.draft_id, _settings_path(file.path)), {}).get(here.key, {})
            media = _media(file.path, question, told, partial(media_of, file.draft_id))
            found[here.id] = Taken(question, row.course, row.title, told, media)
    return found


def _taken_from_versions(actor: Actor, but: Draft, ids: Sequence[int]) -> dict[int, Taken]:
    rows = db.session.execute(
        select(BankQuestion, CourseVersion)
        .join(Activity, Activity.id == BankQuestion.activity_id)
        .join(CourseVersion, CourseVersion.id == Activity.version_id)
        .join(Course, Course.current_version_id == CourseVersion.id)
        .outerjoin(Unit, Unit.id == Course.owner_unit_id)
        .where(BankQuestion.id.in_(ids), _open_to(actor), Course.id != but.course_id)
        .options(undefer(CourseVersion.source))
    )
    return {row.id: _from_version(version, row)[0] for row, version in rows}


@dataclass(frozen=True)
class Published:
    """A question of the current version of a course, in a quiz; `module` is the folder of that, and
    `media` are all digests by path."""

    taken: Taken
    topic: str
    version: CourseVersion
    module: str
    media: Mapping[str, str]


def published_question(course: Course, key: str) -> Published:
    """Raises NotFound."""
    row = db.session.execute(
        select(BankQuestion, Activity.title, CourseVersion)
        .join(Activity, Activity.id == BankQuestion.activity_id)
        .join(CourseVersion, CourseVersion.id == Activity.version_id)
        .where(CourseVersion.id == course.current_version_id, BankQuestion.key == key)
        .limit(1)
    ).one_or_none()
    if row is None:
        raise NotFound
    here, topic, version = row
    taken, path = _from_version(version, here)
    return Published(taken, topic, version, path.partition("/")[0], source_of(version)["media"])


def _from_version(version: CourseVersion, row: BankQuestion) -> tuple[Taken, str]:
    """A question as it is in a published version, and the path of its file. Raises NotFound for one
    that cannot be read."""
    source = source_of(version)
    for path, text in source["texts"].items():
        if not path.endswith(".gift") or row.key not in text:
            continue
        question = _question_in(text, row)
        if question is not None:
            said = _said(source["texts"].get(_settings_path(path), "")).get(row.key, {})
            media = _media(path, question, said, lambda: source["media"])
            return Taken(question, version.course_id, version.title, said, media), path
    raise NotFound


def _question_in(text: str, row: BankQuestion) -> Question | None:
    """What a row of the index stands for, in the text of its file; None where it is not there, or
    cannot be read."""
    entry = sheet.entry_with(text, row.key, row.digest) or next(
        (each for each in sheet.entries(text) if each.digest == row.digest), None
    )
    return entry.question if entry else None


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


def _media(
    path: str, question: Question, said: Said, kept: Callable[[], Mapping[str, str]]
) -> dict[str, str]:
    """Digests of the media that the question names, those of its module before the course's."""
    texts = [*_texts_of(question), *(str(row) for rows in said.values() for row in rows)]
    names = {name for text in texts for name in MEDIA.findall(text)}
    if not names:
        return {}
    module, digests = path.partition("/")[0], kept()
    found = {name: digests.get(f"{module}/{name}") or digests.get(name) for name in names}
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
