"""Publishing: a course folder becomes an immutable version."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import gettext
from sqlalchemy import func, select

from lms.accounts.queries import site_zone
from lms.competencies.queries import competencies_by_code
from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.db import db, new_uuid
from lms.core.errors import DomainError
from lms.core.markdown import PIPELINE_VERSION
from lms.courses import queries, rules
from lms.courses.actions import pictures, question_index
from lms.courses.actions.rendering import Prepared, PreparedQuiz, writes_comma
from lms.courses.models import Activity, Course, CourseVersion, MediaFile, Module, Outcome
from lms.courses.rules import ActivityKind, PartShape, Shape, Sized
from lms.formats.course_folder import content as folder
from lms.formats.course_folder.content import (
    CourseContent,
    LessonContent,
    MediaContent,
    MediumContent,
    ModuleContent,
    PartContent,
    QuizContent,
)
from lms.formats.course_folder.reader import glance
from lms.formats.course_folder.tree import Tree, tree_of
from lms.formats.media import content_type
from lms.quizzes.actions import publish_quiz
from lms.quizzes.marking import Marking, Scoring
from lms.quizzes.rules import GradeMethod, Limits, Review, Section, Shown


class ImportState(StrEnum):
    UNCHANGED = "unchanged"
    PUBLISHED = "published"


@dataclass(frozen=True)
class Imported:
    state: ImportState
    course: Course
    version: CourseVersion
    before: CourseVersion | None  # what was current until now


def check_folder(path: Path | Tree) -> tuple[CourseContent | None, list[folder.Problem]]:
    """Read a course folder with all its problems, against the dictionary and the last version."""
    content, problems = look_over(path)
    return (None if problems else content), problems


def look_over(path: Path | Tree) -> tuple[CourseContent | None, list[folder.Problem]]:
    """As `check_folder`, but with the content as far as it can be read, and its warnings."""
    tree = tree_of(path)
    course = queries.course_by_slug(tree.name)
    current = course.current_version if course else None
    known = set(competencies_by_code())
    return glance(tree, known, queries.keys_of(current) if current else {})


def is_small(course: Course, content: CourseContent) -> bool:
    """May learners under way on the current version be moved to this content?"""
    current = course.current_version
    return current is not None and rules.is_small_change(queries.shape_of(current), _shape(content))


def publish(
    prepared: Prepared, *, small: bool, actor: Actor | None = None, note: str = ""
) -> Imported:
    """Publish a prepared course as the next version; unchanged content publishes nothing.

    `small` says that learners under way may be moved, `note` what was changed. Raises DomainError
    when the change is not small: parts, outcomes, hours or pass rules differ.
    """
    content = prepared.content
    course = queries.course_by_slug(content.slug)
    if course is not None and course.is_bank:
        raise DomainError(gettext("Alamat %(slug)s milik bank soal.", slug=course.slug))
    current = course.current_version if course else None
    if course is not None and current is not None and current.digest == prepared.digest:
        return Imported(ImportState.UNCHANGED, course, current, current)
    if small and current is not None:
        _assert_small(queries.shape_of(current), content)
    if course is None:
        course = Course(uuid=new_uuid(), slug=content.slug)
        db.session.add(course)
        db.session.flush()
    version = _add_version(course, prepared, small=small and current is not None, note=note)
    _add_structure(course.uuid, version, prepared)
    question_index.publish(version, prepared.indexed)
    _add_outcomes(version, content)
    pictures.keep(prepared.pictures.values())
    _add_media(version, content.media, prepared.pictures)
    course.current_version_id = version.id
    db.session.flush()
    db.session.refresh(course)
    audit.record(actor, "courses.published", "course_version", version.uuid, number=version.number)
    return Imported(ImportState.PUBLISHED, course, version, current)


def _shape(content: CourseContent) -> Shape:
    modules = {module.key: [part.key for part in module.parts] for module in content.modules}
    return Shape(
        parts=tuple(
            _part_shape(part, rules.required_parts((*module.requires, *part.requires), modules))
            for module in content.modules
            for part in module.parts
        ),
        outcomes=tuple((o.competency, o.from_level, o.to_level) for o in content.outcomes),
        goals=tuple(
            (goal.key, goal.competency, goal.level, goal.score, goal.standing.value)
            for goal in content.goals
            if goal.competency
        ),
        pass_score=content.pass_score,
        jp=content.jp,
        certificate=(content.certificate, content.validity_months),
    )


def _assert_small(before: Shape, content: CourseContent) -> None:
    if not rules.is_small_change(before, _shape(content)):
        raise DomainError(
            gettext(
                "Perubahan ini bukan perbaikan kecil: bagian, prasyaratnya, capaian, JP, syarat "
                "lulus, sertifikat, bukti dari tujuan belajar, atau batas kuis berbeda. "
                "Terbitkan tanpa --small."
            )
        )


def _part_shape(part: PartContent, requires: tuple[str, ...]) -> PartShape:
    if isinstance(part, LessonContent):
        return PartShape(
            part.key,
            ActivityKind.LESSON,
            read_to_end=part.read_to_end,
            min_minutes=part.min_minutes,
            requires=frozenset(requires),
            optional=part.optional,
        )
    if isinstance(part, MediumContent):
        return PartShape(
            part.key,
            ActivityKind(part.kind.value),
            min_minutes=part.min_minutes,
            requires=frozenset(requires),
            watched=part.watched,
            optional=part.optional,
        )
    return PartShape(
        part.key,
        ActivityKind.QUIZ,
        part.pass_percent,
        part.weight,
        (part.attempts, part.time_limit, part.wait, part.wait_later),
        part.grade.value,
        requires=frozenset(requires),
        optional=part.optional,
    )


def _add_version(course: Course, prepared: Prepared, *, small: bool, note: str) -> CourseVersion:
    content = prepared.content
    last = db.session.scalar(
        select(func.max(CourseVersion.number)).where(CourseVersion.course_id == course.id)
    )
    version = CourseVersion(
        uuid=new_uuid(),
        course_id=course.id,
        number=(last or 0) + 1,
        digest=prepared.digest,
        published_at=clock.now(),
        is_small=small,
        note=note,
        title=content.title,
        summary=content.summary,
        purpose=content.purpose,
        language=content.language,
        category=content.category,
        trainer=content.trainer,
        organiser=content.organiser,
        jp=content.jp,
        minutes=content.minutes,
        parts=sum(not part.optional for module in content.modules for part in module.parts),
        pass_score=content.pass_score,
        source={kind: dict(kept) for kind, kept in prepared.source.items()},
        goals=[{**asdict(goal), "score": str(goal.score)} for goal in content.goals],
        certificate=content.certificate,
        validity_months=content.validity_months,
    )
    db.session.add(version)
    db.session.flush()
    return version


def _add_structure(bank: UUID, version: CourseVersion, prepared: Prepared) -> None:
    for position, source in enumerate(prepared.content.modules):
        module = Module(
            version_id=version.id, position=position, key=source.key, title=source.title
        )
        db.session.add(module)
        db.session.flush()
        _add_parts(bank, version, module, source, prepared)


def _add_parts(
    bank: UUID, version: CourseVersion, module: Module, source: ModuleContent, prepared: Prepared
) -> None:
    for position, part in enumerate(source.parts):
        activity = Activity(
            version_id=version.id,
            module_id=module.id,
            position=position,
            key=part.key,
            title=part.title,
            minutes=part.minutes,
            kind=ActivityKind.LESSON,
            requires=list(dict.fromkeys((*source.requires, *part.requires))),
            opens_after=part.opens_after,
            optional=part.optional,
        )
        if isinstance(part, QuizContent):
            activity.kind = ActivityKind.QUIZ
            activity.weight = part.weight
            quiz = prepared.quizzes[part.key]
            activity.quiz_id = _publish_quiz(bank, part, quiz, version.language)
        else:
            activity.html, activity.pipeline = prepared.html[part.key], PIPELINE_VERSION
            activity.min_minutes = part.min_minutes
            activity.opens_at = _instant(part.opens, site_zone())
        if isinstance(part, LessonContent):
            activity.read_to_end = part.read_to_end
        if isinstance(part, MediumContent):
            activity.kind, activity.watched = ActivityKind(part.kind.value), part.watched
            activity.medium = _medium(part, prepared)
        db.session.add(activity)
    db.session.flush()


def _medium(part: MediumContent, prepared: Prepared) -> dict[str, object]:
    """What `courses.queries.Medium` is made of."""
    files = {media.name: media for media in prepared.content.media}
    file, poster = files[part.file], part.poster
    if poster:
        picture = prepared.pictures.get(files[poster].digest)
        copy = rules.smallest_of(picture, rules.POSTER_WIDTH)
        poster = rules.copy_name(poster, copy.width) if copy else poster
    return {
        "file": part.file,
        "size": file.size,
        "width": file.width,
        "height": file.height,
        "captions": part.captions,
        "audio": part.audio,
        "audio_size": files[part.audio].size if part.audio else 0,
        "seconds": part.seconds,
        "poster": poster,
        "subtitles": [[code, name] for code, name in part.subtitles],
    }


def _publish_quiz(bank: UUID, part: QuizContent, prepared: PreparedQuiz, language: str) -> int:
    """Days and hours of the folder are those of the site's zone."""
    zone = site_zone()
    quiz = publish_quiz(
        bank=bank,
        key=part.key,
        pass_percent=part.pass_percent,
        limits=Limits(
            part.attempts,
            part.time_limit,
            opens_at=_instant(part.opens, zone),
            closes_at=_instant(part.closes, zone),
            first_delay=part.wait,
            later_delay=part.wait_later,
        ),
        grade_method=GradeMethod(part.grade.value),
        shuffle_options=part.shuffle_options,
        review=Review(
            *(
                frozenset(Shown(shown.value) for shown in getattr(part.review, moment.name))
                for moment in fields(Review)
            )
        ),
        feedback=[(band.least, band.text) for band in part.feedback],
        settings=Marking(
            scoring=Scoring(part.scoring.value),
            match_case=part.match_case,
            match_accents=part.match_accents,
            decimal_comma=writes_comma(language),
        ),
        pretest_key=part.pretest or None,
        sections=[
            Section(each.title, each.shuffle, each.draw, each.questions) for each in part.sections
        ],
        practice=part.practice,
        hints=prepared.hints,
        questions=prepared.questions,
    )
    return quiz.id


def _instant(local: datetime | None, zone: str) -> datetime | None:
    return None if local is None else local.replace(tzinfo=ZoneInfo(zone))


def _add_outcomes(version: CourseVersion, content: CourseContent) -> None:
    known = competencies_by_code()
    for outcome in content.outcomes:
        db.session.add(
            Outcome(
                version_id=version.id,
                competency_id=known[outcome.competency].id,
                level_from=outcome.from_level,
                level_to=outcome.to_level,
            )
        )
    db.session.flush()


def _add_media(
    version: CourseVersion, media: tuple[MediaContent, ...], sized: Mapping[str, Sized]
) -> None:
    for item in media:
        db.session.add(
            MediaFile(
                version_id=version.id, name=item.name, digest=item.digest, size=item.size,
                content_type=content_type(item.name),
            )
        )  # fmt: skip
        for copy in sized[item.digest].smaller if item.digest in sized else ():
            name = rules.copy_name(item.name, copy.width)
            db.session.add(
                MediaFile(
                    version_id=version.id, name=name, digest=copy.digest, size=copy.size,
                    content_type=content_type(name),
                )
            )  # fmt: skip
    db.session.flush()
