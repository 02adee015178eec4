"""A draft as its learners would get it, part by part, also while it has faults. Nothing is
written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from uuid import UUID

from flask_babel import gettext

from lms.competencies.queries import competencies_by_code
from lms.core.errors import DomainError, NotFound
from lms.courses.actions import rendering
from lms.courses.models import Draft
from lms.courses.queries import Medium, drafts, keys_of
from lms.courses.queries.pictures import known
from lms.courses.rules import POSTER_WIDTH, ActivityKind, Sized, copy_name, smallest_of
from lms.formats.course_folder.content import (
    CourseContent,
    LessonContent,
    MediumContent,
    PartContent,
    QuizContent,
)
from lms.formats.course_folder.reader import glance
from lms.quizzes.actions import QuestionSource
from lms.quizzes.essays import essay_of
from lms.quizzes.marking import Marking, Option, Scoring
from lms.quizzes.queries import QuestionView


@dataclass(frozen=True)
class PreviewPart:
    """A part of the draft; `number` counts through the course from 1."""

    number: int
    key: str
    title: str
    kind: ActivityKind
    minutes: int
    module: str  # its title
    content: PartContent


@dataclass(frozen=True)
class PreviewCourse:
    """What of a draft can be read; `problems` is how many the check finds."""

    title: str
    language: str
    parts: Sequence[PreviewPart]
    problems: int
    content: CourseContent

    def part(self, key: str) -> PreviewPart:
        """Raises NotFound."""
        for part in self.parts:
            if part.key == key:
                return part
        raise NotFound


def preview_course(draft: Draft) -> PreviewCourse:
    """Raises DomainError where there is nothing to show."""
    course = _preview_course(Moment(draft.uuid, draft.changed_at, draft))
    if not course.parts:
        raise DomainError(
            gettext("Kursus ini belum berisi bagian yang dapat ditampilkan; tulis satu pelajaran.")
        )
    return course


def problems_in(draft: Draft) -> int:
    """How many problems stand between the draft and publishing it."""
    try:
        return _preview_course(Moment(draft.uuid, draft.changed_at, draft)).problems
    except DomainError:
        return 1


@dataclass(frozen=True)
class Moment:
    """A draft as it was at its last change."""

    uuid: UUID
    changed_at: datetime
    draft: Draft = field(compare=False)


# Reading a whole course takes some hundred milliseconds, and one goes through it part by part.
@lru_cache(maxsize=8)
def _preview_course(moment: Moment) -> PreviewCourse:
    draft = moment.draft
    known, current = set(competencies_by_code()), draft.course.current_version
    folder = drafts.folder_of(draft.course.slug, drafts.source_of_draft(draft))
    content, problems = glance(folder, known, keys_of(current) if current else ())
    if content is None:
        raise DomainError(
            gettext("Pengaturan kursus (course.toml) tidak dapat dibaca; perbaiki, lalu coba lagi.")
        )
    parts: dict[str, PreviewPart] = {}
    for module in content.modules:
        for part in module.parts:
            if part.key and part.key not in parts:
                parts[part.key] = PreviewPart(
                    len(parts) + 1, part.key, part.title, _kind(part), part.minutes, module.title,
                    part,
                )  # fmt: skip
    return PreviewCourse(
        content.title, content.language or "id", tuple(parts.values()), len(problems), content
    )


def _kind(part: PartContent) -> ActivityKind:
    if isinstance(part, MediumContent):
        return ActivityKind(part.kind.value)
    return ActivityKind.LESSON if isinstance(part, LessonContent) else ActivityKind.QUIZ


def html_of(course: PreviewCourse, part: PreviewPart, base: str) -> str:
    """The text of a lesson or file, empty for a quiz; media below the address `base`."""
    if isinstance(part.content, LessonContent | MediumContent):
        return rendering.part_html(course.content, part.content, _sized(course), base)
    return ""


def questions_of(course: PreviewCourse, part: PreviewPart, base: str) -> tuple[QuestionSource, ...]:
    if isinstance(part.content, LessonContent | MediumContent):
        return ()
    return rendering.shown_questions(course.content, part.content, _sized(course), base)


def view_of(source: QuestionSource) -> QuestionView:
    """A question as the engine knows it, though none is stored."""
    options = tuple(
        Option(o["html"], Decimal(o["weight"]), o["feedback"], o["answer"]) for o in source.options
    )
    return QuestionView(
        0, source.key, source.kind, source.html, options, source.feedback,
        source.last_option_fixed, source.tags, essay_of(source.essay) if source.essay else None,
    )  # fmt: skip


def marking_of(course: PreviewCourse, part: PreviewPart) -> Marking:
    """How the quiz marks. Raises NotFound where the part is none."""
    quiz = part.content
    if not isinstance(quiz, QuizContent):
        raise NotFound
    scoring, comma = Scoring(quiz.scoring.value), rendering.writes_comma(course.language)
    return Marking(scoring, quiz.match_case, quiz.match_accents, comma)


def _sized(course: PreviewCourse) -> Mapping[str, Sized]:
    return known([media.digest for media in course.content.media])


def medium_of(course: PreviewCourse, part: PreviewPart, base: str) -> Medium | None:
    """The files of a part that is one, by their addresses."""
    if not isinstance(part.content, MediumContent):
        return None
    files = {file.name: file for file in course.content.media}

    def address(name: str) -> str:
        return f"{base}{name}?v={files[name].digest}" if name in files else ""

    def size(name: str) -> int:
        return files[name].size if name in files else 0

    def poster(name: str) -> str:
        digest = files[name].digest if name in files else ""
        copy = smallest_of(known([digest]).get(digest), POSTER_WIDTH)
        return f"{base}{copy_name(name, copy.width)}?v={copy.digest}" if copy else address(name)

    medium = part.content
    drawing = files.get(medium.file)
    return Medium(
        file=address(medium.file),
        size=size(medium.file),
        captions=address(medium.captions),
        audio=address(medium.audio),
        audio_size=size(medium.audio),
        seconds=medium.seconds,
        width=drawing.width if drawing else 0,
        height=drawing.height if drawing else 0,
        poster=poster(medium.poster) if medium.poster else "",
        subtitles=[(code, address(name)) for code, name in medium.subtitles],
    )
