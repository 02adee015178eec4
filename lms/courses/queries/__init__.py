"""What is read of courses: one course, the outline of a version, its files."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property, lru_cache
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import defer, joinedload

from lms.competencies.models import Competency
from lms.competencies.queries import Dictionary
from lms.core import i18n
from lms.core.access import Actor
from lms.core.db import db, read
from lms.core.errors import NotFound
from lms.courses import rules
from lms.courses.models import Activity, Course, CourseVersion, MediaFile, Module, Outcome
from lms.courses.rules import ActivityKind, PartShape, Shape, copied_from
from lms.formats.course_folder.content import Standing
from lms.formats.course_folder.goals import goals_of
from lms.quizzes.models import Question, Quiz, QuizQuestion
from lms.quizzes.queries import limits_of, most_tries, review_of, sections_of
from lms.quizzes.rules import GradeMethod, Limits, Review


@dataclass(frozen=True)
class VersionView:
    """A published version of a course as plain values. `parts` is how many are required."""

    id: int
    uuid: UUID
    course_id: int
    slug: str
    number: int
    published_at: datetime
    title: str
    summary: str
    purpose: str
    language: str
    category: str
    trainer: str
    organiser: str
    jp: Decimal
    minutes: int
    parts: int
    pass_score: Decimal
    certificate: bool
    validity_months: int


@dataclass(frozen=True)
class Medium:
    """The files of a part that is one: names relative to the address of a lesson, "" for none;
    sizes in bytes; `seconds` is how long it plays; `width` and `height` are those of a drawing in
    pixels, else 0. `captions` are in the course's language, `subtitles` pairs of another one and
    their name."""

    file: str
    size: int
    captions: str
    audio: str
    audio_size: int
    seconds: int
    width: int = 0
    height: int = 0
    poster: str = ""
    subtitles: Sequence[Sequence[str]] = ()


@dataclass(frozen=True)
class Part:
    """A lesson, a quiz or a file in the outline. `number` counts through the course from 1;
    `questions` is how many an attempt asks; `tries` the most that one of them allows in practice, 0
    where answers cannot be checked."""

    id: int
    number: int
    key: str
    kind: ActivityKind
    title: str
    minutes: int
    quiz_id: int | None
    pass_percent: Decimal | None
    weight: int
    questions: int
    limits: Limits
    grade_method: GradeMethod
    review: Review
    pretest: str | None
    tries: int
    read_to_end: bool
    min_minutes: int
    requires: tuple[str, ...]
    watched: int
    opens_at: datetime | None
    opens_after: int  # days after the learner has begun
    optional: bool
    medium: Medium | None

    @property
    def has_conditions(self) -> bool:
        """Is a lesson or file completed by more than the learner's own act?"""
        return self.read_to_end or self.min_minutes > 0 or self.watched > 0


@dataclass(frozen=True)
class OutlineModule:
    key: str
    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Outline:
    """The structure of a published version. Never changes, so it is kept in memory."""

    version_id: int
    modules: tuple[OutlineModule, ...]
    parts: tuple[Part, ...]

    def part(self, key: str) -> Part:
        """Raises NotFound for a key that this version does not have."""
        for part in self.parts:
            if part.key == key:
                return part
        raise NotFound

    @cached_property
    def required(self) -> tuple[Part, ...]:
        """The parts that are to be done."""
        return tuple(part for part in self.parts if not part.optional)

    @cached_property
    def module_parts(self) -> dict[str, tuple[str, ...]]:
        """Keys of the parts of every module, by its key."""
        return {m.key: tuple(part.key for part in m.parts) for m in self.modules}

    @cached_property
    def awaited(self) -> dict[str, tuple[str, ...]]:
        """What a module means, by its key, to whatever waits for it: its required parts; all where
        none is."""
        required = {part.key for part in self.required}
        return {
            module: tuple(key for key in keys if key in required) or keys
            for module, keys in self.module_parts.items()
        }

    def neighbours(self, part: Part) -> tuple[Part | None, Part | None]:
        """The parts before and after."""
        before = self.parts[part.number - 2] if part.number > 1 else None
        after = self.parts[part.number] if part.number < len(self.parts) else None
        return before, after

    @cached_property
    def weights(self) -> int:
        """What the weights of all quizzes add up to."""
        return sum(part.weight for part in self.parts)

    def module_of(self, part: Part) -> OutlineModule:
        return next(m for m in self.modules if part.key in self.module_parts[m.key])


@dataclass(frozen=True)
class GoalView:
    """A learning goal of a version. `quizzes` are keys of those that can ask for it, each with the
    number of such questions. With a `competency` (code), `score` percent of its questions are
    evidence of the level, which `proves` it where HR allows that, or supports it."""

    key: str
    text: str
    quizzes: tuple[tuple[str, int], ...]
    competency: str
    level: int
    score: Decimal
    proves: bool


@dataclass(frozen=True)
class OutcomeView:
    """A competency that a version raises, from one level to another."""

    competency_id: int
    code: str
    name_id: str
    name_en: str | None
    level_from: int
    level_to: int

    @property
    def name(self) -> str:
        """In the language of the page."""
        return (self.name_en if i18n.language() == "en" else None) or self.name_id


def course_for(actor: Actor, slug: str) -> Course:
    """A published course with its current version. Raises NotFound for any other."""
    course = db.session.scalar(
        select(Course).where(Course.slug == slug).options(joinedload(Course.current_version))
    )
    if course is None or course.current_version is None:
        raise NotFound
    return course


def current_version(actor: Actor, slug: str) -> VersionView:
    """What the course of this address is now. Raises NotFound unless it is published."""
    version = course_for(actor, slug).current_version
    assert version is not None
    return version_view(version.uuid, version.id)


def current_version_of(course_id: int) -> VersionView:
    """The version of a published course, for who has authorised or acts for nobody."""
    version = db.session.get_one(Course, course_id).current_version
    assert version is not None
    return version_view(version.uuid, version.id)


def outline(version: CourseVersion | VersionView) -> Outline:
    """The outline of a published version, from memory after the first time."""
    return _outline(version.uuid, version.id)


# What is derived from a published version never changes, so memory needs no invalidation. The
# UUID is part of the key: an id can come again after a publication that was rolled back.


@lru_cache(maxsize=512)
def version_view(uuid: UUID, version_id: int) -> VersionView:
    """A published version as plain values, from memory after the first time."""
    row = read(_VERSION, version_id=version_id).one()
    return VersionView(**row._mapping)


_VERSION = (
    select(
        Course.slug,
        *(getattr(CourseVersion, f.name) for f in fields(VersionView) if f.name != "slug"),
    )
    .join(Course, CourseVersion.course_id == Course.id)
    .where(CourseVersion.id == bindparam("version_id"))
)


@lru_cache(maxsize=512)
def _outline(_uuid: UUID, version_id: int) -> Outline:
    rows = db.session.execute(
        select(Module.key, Module.title, Activity, Quiz)
        .join(Activity, Activity.module_id == Module.id)
        .outerjoin(Quiz, Activity.quiz_id == Quiz.id)
        .where(Module.version_id == version_id)
        .order_by(Module.position, Activity.position)
        .options(defer(Activity.html))
    ).all()
    titles: dict[str, str] = {}
    grouped: dict[str, list[Part]] = {}
    for number, (key, title, activity, quiz) in enumerate(rows, start=1):
        titles[key] = title
        grouped.setdefault(key, []).append(_part(number, activity, quiz))
    modules = tuple(OutlineModule(i, titles[i], tuple(parts)) for i, parts in grouped.items())
    return Outline(version_id, modules, tuple(p for m in modules for p in m.parts))


def _part(number: int, activity: Activity, quiz: Quiz | None) -> Part:
    return Part(
        id=activity.id,
        number=number,
        key=activity.key,
        kind=activity.kind,
        title=activity.title,
        minutes=activity.minutes,
        quiz_id=activity.quiz_id,
        pass_percent=quiz.pass_percent if quiz else None,
        weight=activity.weight,
        questions=sum(section.draw for section in sections_of(quiz)) if quiz else 0,
        limits=limits_of(quiz) if quiz else Limits(),
        grade_method=quiz.grade_method if quiz else GradeMethod.HIGHEST,
        review=review_of(quiz) if quiz else Review(),
        pretest=quiz.pretest_key if quiz else None,
        tries=most_tries(quiz) if quiz else 0,
        read_to_end=activity.read_to_end,
        min_minutes=activity.min_minutes,
        requires=tuple(activity.requires),
        watched=activity.watched,
        opens_at=activity.opens_at,
        opens_after=activity.opens_after,
        optional=activity.optional,
        medium=Medium(**activity.medium) if activity.medium else None,
    )


def activity_html(version: VersionView, part: Part) -> str:
    """The stored HTML of a lesson, from memory after the first time."""
    return _activity_html(version.uuid, part.id)


@lru_cache(maxsize=512)
def _activity_html(_uuid: UUID, activity_id: int) -> str:
    return db.session.scalar(select(Activity.html).where(Activity.id == activity_id)) or ""


def goals(version: CourseVersion | VersionView) -> tuple[GoalView, ...]:
    """The learning goals of a version, from memory after the first time."""
    return _goals(version.uuid, version.id)


@lru_cache(maxsize=512)
def _goals(_uuid: UUID, version_id: int) -> tuple[GoalView, ...]:
    told = db.session.scalar(select(CourseVersion.goals).where(CourseVersion.id == version_id))
    if not told:
        return ()
    asked: dict[str, Counter[str]] = {}  # by goal, quizzes in the order of the course
    for key, quiz, position, tags in db.session.execute(_ASKED, {"version_id": version_id}):
        if any(position in section.questions for section in sections_of(quiz)):
            for goal in goals_of(tags):
                asked.setdefault(goal, Counter())[key] += 1
    return tuple(
        GoalView(
            key=goal["key"],
            text=goal["text"],
            quizzes=tuple(asked.get(goal["key"], Counter()).items()),
            competency=goal["competency"],
            level=goal["level"],
            score=Decimal(goal["score"]),
            proves=goal["standing"] == Standing.PROVES,
        )
        for goal in told
    )


_ASKED = (
    select(Activity.key, Quiz, QuizQuestion.position, Question.tags)
    .join(Module, Activity.module_id == Module.id)
    .join(Quiz, Activity.quiz_id == Quiz.id)
    .join(QuizQuestion, QuizQuestion.quiz_id == Quiz.id)
    .join(Question, QuizQuestion.question_id == Question.id)
    .where(Activity.version_id == bindparam("version_id"))
    .order_by(Module.position, Activity.position)
)


def outcomes(version: CourseVersion | VersionView) -> list[OutcomeView]:
    """The competencies that a version raises."""
    return outcomes_of([version.id]).get(version.id, [])


def outcomes_named(version: VersionView, dictionary: Dictionary) -> list[OutcomeView]:
    """The same, from memory after the first time, with the names as they were just read."""
    names = {code: (name, name_en) for code, name, name_en in dictionary}
    found = []
    for outcome in _outcomes(version.uuid, version.id):
        name_id, name_en = names.get(outcome.code, (outcome.name_id, outcome.name_en))
        found.append(replace(outcome, name_id=name_id, name_en=name_en))
    return found


@lru_cache(maxsize=512)
def _outcomes(_uuid: UUID, version_id: int) -> tuple[OutcomeView, ...]:
    return tuple(outcomes_of([version_id]).get(version_id, ()))


def outcomes_of(version_ids: Sequence[int]) -> dict[int, list[OutcomeView]]:
    """The competencies that versions raise, in one query."""
    found: dict[int, list[OutcomeView]] = {}
    for version_id, *row in read(_OUTCOMES, version_ids=version_ids):
        found.setdefault(version_id, []).append(OutcomeView(*row))
    return found


_OUTCOMES = (
    select(
        Outcome.version_id,
        Competency.id,
        Competency.code,
        Competency.name,
        Competency.name_en,
        Outcome.level_from,
        Outcome.level_to,
    )
    .join(Competency, Outcome.competency_id == Competency.id)
    .where(Outcome.version_id.in_(bindparam("version_ids", expanding=True)))
    .order_by(Competency.code)
)


def media_file(version: VersionView, name: str, digest: str | None) -> MediaFile:
    """A file of a version; with a digest that very content, from any version of the course (an
    attempt shows the pictures it began with). Raises NotFound where there is none."""
    query = select(MediaFile).where(MediaFile.name == name)
    if digest is None:
        query = query.where(MediaFile.version_id == version.id)
    else:
        query = query.join(CourseVersion, MediaFile.version_id == CourseVersion.id).where(
            CourseVersion.course_id == version.course_id, MediaFile.digest == digest
        )
    found = db.session.scalars(query.limit(1)).first()
    if found is None:
        raise NotFound
    return found


def media_sizes(version: VersionView) -> Mapping[str, int]:
    """Bytes of each file of a version by name, from memory after the first time."""
    return _media_sizes(version.uuid, version.id)


def full_size(version: VersionView) -> int:
    """Bytes of all files of a version, each picture in its full size."""
    sizes = media_sizes(version).items()
    return sum(size for name, size in sizes if copied_from(name) is None)


@lru_cache(maxsize=512)
def _media_sizes(_uuid: UUID, version_id: int) -> Mapping[str, int]:
    rows = db.session.execute(
        select(MediaFile.name, MediaFile.size).where(MediaFile.version_id == version_id)
    )
    return {name: size for name, size in rows}  # noqa: C416 - rows are not pairs


def course_by_slug(slug: str) -> Course | None:
    return db.session.scalar(
        select(Course).where(Course.slug == slug).options(joinedload(Course.current_version))
    )


def keys_of(version: CourseVersion) -> dict[str, str]:
    """Title by key of every module, part and question of a version; a question by its own key."""
    modules = select(Module.key, Module.title).where(Module.version_id == version.id)
    parts = select(Activity.key, Activity.title).where(Activity.version_id == version.id)
    questions = (
        select(Question.key, Question.key)
        .join(QuizQuestion, QuizQuestion.question_id == Question.id)
        .join(Activity, Activity.quiz_id == QuizQuestion.quiz_id)
        .where(Activity.version_id == version.id)
    )
    return {
        key: title
        for query in (modules, parts, questions)
        for key, title in db.session.execute(query)
    }


def shape_of(version: CourseVersion) -> Shape:
    """What a small correction may not touch."""
    modules = outline(version).module_parts
    return Shape(
        parts=tuple(
            PartShape(
                p.key,
                p.kind,
                p.pass_percent,
                p.weight,
                (
                    p.limits.attempts,
                    p.limits.time_limit,
                    p.limits.first_delay,
                    p.limits.later_delay,
                ),
                p.grade_method.value,
                requires=frozenset(rules.required_parts(p.requires, modules)),
                optional=p.optional,
            )
            if p.kind is ActivityKind.QUIZ
            else PartShape(
                p.key,
                p.kind,
                read_to_end=p.read_to_end,
                min_minutes=p.min_minutes,
                watched=p.watched,
                requires=frozenset(rules.required_parts(p.requires, modules)),
                optional=p.optional,
            )
            for p in outline(version).parts
        ),
        outcomes=tuple((o.code, o.level_from, o.level_to) for o in outcomes(version)),
        pass_score=version.pass_score,
        certificate=(version.certificate, version.validity_months),
        jp=version.jp,
        goals=tuple(
            (goal.key, goal.competency, goal.level, goal.score, _standing(goal))
            for goal in goals(version)
            if goal.competency
        ),
    )


def _standing(goal: GoalView) -> str:
    return (Standing.PROVES if goal.proves else Standing.SUPPORTS).value
