"""What a course says, as it is shown: Markdown to HTML, questions with it, media by address."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from pathlib import Path

from markupsafe import escape

from lms.core import files, ledger
from lms.core.markdown import PIPELINE_VERSION, render, render_inline
from lms.courses.actions import keeping, pictures, question_index
from lms.courses.queries.pictures import known
from lms.courses.rules import TEXT_SUFFIXES, Sized, Source, copy_name
from lms.formats.course_folder import content as folder
from lms.formats.course_folder.content import (
    CourseContent,
    EssayContent,
    LessonContent,
    MediaContent,
    MediumContent,
    QuizContent,
)
from lms.formats.course_folder.lesson import LessonLook
from lms.formats.gift.questions import ANY_NUMBER, bounds
from lms.formats.gift.questions import Option as GiftOption
from lms.formats.gift.questions import Question as GiftQuestion
from lms.quizzes.actions import QuestionSource
from lms.quizzes.marking import TYPED
from lms.quizzes.rules import QuestionKind


@dataclass(frozen=True)
class PreparedQuiz:
    """What a quiz says, rendered; `hints` by the key of the question."""

    questions: tuple[QuestionSource, ...]
    hints: dict[str, list[str]]


@dataclass(frozen=True)
class Prepared:
    """A course folder read, checked and rendered: everything slow is done, nothing is written."""

    content: CourseContent
    digest: str
    html: dict[str, str]  # lesson key -> HTML
    quizzes: dict[str, PreparedQuiz]  # by key
    source: Source
    pictures: Mapping[str, Sized]  # by digest
    indexed: question_index.ByQuiz


def prepare(content: CourseContent, source: Source) -> Prepared:
    """Render the course that was read from this source. Slow, so outside the write transaction."""
    content = _as_kept(content, source["media"])
    sized = pictures.sized_all({media.digest for media in content.media})
    parts = [part for module in content.modules for part in module.parts]
    html, questions, quizzes = {}, {}, {}
    for part in parts:
        if isinstance(part, LessonContent | MediumContent):
            html[part.key] = part_html(content, part, sized)
        elif not part.pool:
            questions[part.key] = shown_questions(content, part, sized)
    for part in parts:
        if isinstance(part, QuizContent):
            media = _question_media(part, content, sized)
            hints = {
                each.question: [media.shown(render(text, content.language)) for text in each.texts]
                for each in part.hints
            }
            quizzes[part.key] = PreparedQuiz(questions[part.pool or part.key], hints)
    indexed = question_index.read_quizzes(source["texts"])
    return Prepared(content, folder.digest(content), html, quizzes, source, sized, indexed)


def _as_kept(content: CourseContent, kept: Mapping[str, str]) -> CourseContent:
    """The content with its media as they are kept, by name: what is not of use was taken out."""
    media = tuple(
        replace(medium, digest=digest, size=files.Kept(digest).size)
        for medium in content.media
        for digest in (kept[medium.name],)
    )
    return replace(content, media=media)


def part_html(
    content: CourseContent,
    part: LessonContent | MediumContent,
    sized: Mapping[str, Sized],
    base: str = "",
) -> str:
    """The text of a lesson or file, its media and links to parts below the address `base`; `sized`
    by digest."""
    markdown = part.text if isinstance(part, MediumContent) else part.markdown
    html = render(markdown, content.language, notes=True)
    return _Media(content.media, part.media, base, sized).shown(html)


def shown_questions(
    content: CourseContent, quiz: QuizContent, sized: Mapping[str, Sized], base: str = ""
) -> tuple[QuestionSource, ...]:
    """The questions of a quiz; their media below the address `base`, else where learners are."""
    media = _question_media(quiz, content, sized)
    media = replace(media, base=base) if base else media
    essays = {essay.question: essay for essay in quiz.essays}
    return tuple(
        question_source(each, media.shown, content.language, essays.get(each.key))
        for each in quiz.questions
    )


def lesson_html(markdown: str, look: LessonLook, base: str, language: str) -> str:
    """A lesson by itself as learners get it, its media and links to parts below the address `base`.
    Raises DomainError when the text is too long, or made to be slow."""
    html = render(markdown, language, notes=True)
    sized = known([file.digest for file in look.files])
    return _Media(look.files, look.media, base, sized).shown(html)


def draft_media(media: Mapping[str, str], module: str, base: str) -> Callable[[str], str]:
    """Gives the media that HTML of a module of a draft names their addresses below `base`; `media`
    are the digests of the draft by path."""

    def addressed(html: str) -> str:
        named = {
            written: stored
            for written in dict.fromkeys(_NAMED.findall(html))
            for stored in (written, f"{module}/{written}")  # the module's own goes before
            if stored in media
        }
        if not named:
            return html
        kept = [MediaContent(name, 0, media[name]) for name in {*named.values()}]
        sized = known([file.digest for file in kept])
        return _Media(tuple(kept), tuple(named.items()), base, sized).shown(html)

    return addressed


def kept_source(root: Path) -> Source:
    """A course folder on the disk that was read without a problem, as values; its media are kept,
    without what they tell of place and camera."""
    texts, media = {}, {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_dir() or any(part.startswith(".") for part in Path(name).parts):
            continue
        if path.suffix in TEXT_SUFFIXES:
            texts[name] = path.read_bytes().decode()
        else:
            with path.open("rb") as file:
                media[name] = keeping.keep(file)
    return {"texts": texts, "media": media}


def _question_media(
    quiz: QuizContent, content: CourseContent, sized: Mapping[str, Sized]
) -> "_Media":
    return _Media(content.media, quiz.media, f"/courses/{content.slug}/learn/", sized)


def question_source(
    question: GiftQuestion,
    addressed: Callable[[str], str],
    language: str,
    essay: EssayContent | None = None,
) -> QuestionSource:
    """A question rendered; `addressed` gives the media that its HTML names their addresses.
    `essay` is what the settings say of one."""

    def shown(text: str) -> str:
        return addressed(render_inline(text, language)) if text else ""

    kind, comma = QuestionKind(question.kind.value), writes_comma(language)
    html = addressed(render(question.text, language))
    options = tuple(
        {
            "html": _typed_html(kind, o, comma=comma) if kind in TYPED else shown(o.text),
            "weight": str(o.fraction),
            "feedback": shown(o.feedback),
            "answer": _answer(kind, o),
        }
        for o in question.options
    )
    feedback = shown(question.general_feedback)
    asks = _essay(essay or EssayContent(question.key)) if kind is QuestionKind.ESSAY else None
    whole = ledger.canonical(
        {"html": html, "options": options, "feedback": feedback, "kind": question.kind,
         "last": question.last_option_fixed, "tags": question.tags,
         **({"essay": asks} if asks else {})}
    )  # fmt: skip
    return QuestionSource(
        key=question.key,
        digest=hashlib.sha256(whole.encode()).hexdigest(),
        kind=kind,
        html=html,
        options=options,
        feedback=feedback,
        last_option_fixed=question.last_option_fixed,
        tags=question.tags,
        pipeline=PIPELINE_VERSION,
        essay=asks,
    )


def _essay(essay: EssayContent) -> dict[str, object]:
    """What `quizzes.essays.essay_of` reads."""
    return {
        "least_words": essay.least_words,
        "most_words": essay.most_words,
        "file": essay.file.value,
        "file_types": [each.value for each in essay.file_types],
        "file_limit": essay.file_mb * 1_000_000,
        "points": essay.points,
        "rubric": [
            {"name": each.name, "levels": [list(level) for level in each.levels]}
            for each in essay.rubric
        ],
    }


def writes_comma(language: str) -> bool:
    """Does the language write 1.234,5 where others write 1,234.5?"""
    return language.partition("-")[0] == "id"


def _answer(kind: QuestionKind, option: GiftOption) -> str:
    """What an answer is held against; see `quizzes.marking.Option`."""
    if kind is QuestionKind.NUMERIC and option.text != ANY_NUMBER:
        low, high = bounds(option.text) or (Decimal(0), Decimal(0))  # read before, so never None
        return f"{low:f}..{high:f}"
    return option.text if kind in TYPED else option.match


def _typed_html(kind: QuestionKind, option: GiftOption, *, comma: bool) -> str:
    """How an answer that is typed is shown: "Jawa …", "1822 ± 5", "1,5 – 2"."""
    text = re.sub(r"(?<!\\)\*+", "…", option.text).replace("\\*", "*")
    if kind is QuestionKind.NUMERIC:
        low, _, high = text.replace(":", " ± ").partition("..")
        text = f"{low} – {high}" if high else low
        text = text.replace(".", ",") if comma else text
    return str(escape(text))


# Of the column of a lesson's text (.prose), and of a phone without its margins.
SIZES = "(min-width: 44rem) 40rem, calc(100vw - 2rem)"
_NAMED = re.compile(r'(?:src|href)="(media/[A-Za-z0-9][A-Za-z0-9._-]*)')
_IMAGE = re.compile(r'<img\b(?:[^>"]|"[^"]*")*>')
# Only what a key can be: the rest of any other address, as in part/javascript:…, would be one.
_PART = re.compile(r'<a href="part/([a-z0-9-]+)"')


@dataclass(frozen=True)
class _Media:
    """The media that a text names, each as written and as stored. With a `base` an address names
    the very content, which no later version replaces; else it is relative to that of a lesson.
    So is the address of another part."""

    files: tuple[MediaContent, ...]
    named: tuple[tuple[str, str], ...]
    base: str = ""
    sized: Mapping[str, Sized] = field(default_factory=dict)

    def shown(self, html: str) -> str:
        """Names as written become addresses, and pictures say their size, so that the page does
        not jump when they come, and their smaller copies, of which the browser takes one."""
        kept = {media.name: media for media in self.files}
        for written, stored in self.named:
            file = kept[stored]
            place = rf'(src|href)="{re.escape(written)}(#[^"]*)?"'
            more = self._measures(file)
            if more:
                html = _IMAGE.sub(partial(_with, place, more), html)
            html = re.sub(place, rf'\1="{self._address(stored, file.digest)}\2"', html)
        return _PART.sub(rf'<a href="{self.base}\1"', html)

    def _address(self, name: str, digest: str) -> str:
        return f"{self.base}{name}" + (f"?v={digest}" if self.base else "")

    def _measures(self, file: MediaContent) -> str:
        """Attributes of an image; empty where nothing is known of it."""
        if file.width:
            return f'width="{file.width}" height="{file.height}"'
        picture = self.sized.get(file.digest)
        if picture is None:
            return ""
        measures = f'width="{picture.width}" height="{picture.height}"'
        if not picture.smaller:
            return measures
        choice = [
            f"{self._address(copy_name(file.name, copy.width), copy.digest)} {copy.width}w"
            for copy in picture.smaller
        ]
        choice.append(f"{self._address(file.name, file.digest)} {picture.width}w")
        return f'{measures} srcset="{", ".join(choice)}" sizes="{SIZES}"'


def _with(place: str, more: str, image: re.Match[str]) -> str:
    if not re.search(place, image[0]) or re.search(r" (width|height)=", image[0]):
        return image[0]
    return f"<img {more}{image[0].removeprefix('<img')}"
