"""A lesson while it is written: how it looks, what is wrong with it, and saving it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lms.core.errors import DomainError
from lms.courses.actions import problem_words
from lms.courses.actions.rendering import lesson_html
from lms.courses.models import Draft, DraftFile
from lms.courses.queries import drafts
from lms.formats.course_folder import markup
from lms.formats.course_folder.content import Problem
from lms.formats.course_folder.front_matter import lesson_text, plain, with_lesson_text
from lms.formats.course_folder.lesson import look_at

WORDS_A_MINUTE = 200  # silent reading of a lesson in Indonesian, with time to think


@dataclass(frozen=True)
class Finding:
    """Something told about a lesson. `line` is that of the text in the form; 0: its settings, or
    all of it. `stops`: the course cannot be published with it."""

    line: int
    message: str
    stops: bool


@dataclass(frozen=True)
class Written:
    """A lesson as its form shows it. Where its settings cannot be read, `body` is the whole file
    and `is_raw` is true."""

    title: str
    minutes: int | None
    body: str
    is_raw: bool
    key: str = ""
    above: int = 0


@dataclass(frozen=True)
class Preview:
    """What learners would get. `refusal` says why there is no HTML."""

    html: str
    refusal: str
    findings: Sequence[Finding]
    words: int
    reading_minutes: int


def written(text: str) -> Written:
    fields = lesson_text(text)
    if fields is None:
        return Written("", None, text, is_raw=True)
    return Written(fields.title, fields.minutes, fields.body, False, fields.key, fields.above)


def base_of(text: str) -> str:
    """What a lesson says, for its form to send back: so it is known what its writer changed."""
    return json.dumps(_told(written(text)))


def _told(lesson: Written) -> dict[str, object]:
    body = hashlib.sha256(plain(lesson.body).strip("\n").encode()).hexdigest()
    return {"title": lesson.title.strip(), "minutes": lesson.minutes, "body": body}


def join(base: str, mine: Written, now: Written) -> tuple[Written, bool]:
    """What somebody typed on top of `base`, with what others changed since then; and whether no
    two changed the same. Where they did, or the base is not known, it stays as typed."""
    try:
        was = json.loads(base)
    except (ValueError, RecursionError):
        return mine, False
    if not isinstance(was, dict) or now.is_raw:
        return mine, False
    typed, kept = _told(mine), _told(now)
    same = {name for name in typed if typed[name] == was.get(name)}
    is_settled = all(kept[each] in (was.get(each), typed[each]) for each in typed.keys() - same)
    joined = replace(
        mine,
        title=now.title if "title" in same else mine.title,
        minutes=now.minutes if "minutes" in same else mine.minutes,
        body=now.body if "body" in same and kept["body"] != was["body"] else mine.body,
    )
    return joined, is_settled


def file_text(before: str, title: str, minutes: int | None, body: str) -> str:
    """The file with what its form says; without a number of minutes `body` is the whole file."""
    if minutes is None or lesson_text(before) is None:
        return body.replace("\r\n", "\n")
    return with_lesson_text(before, title, minutes, body)


def preview(draft: Draft, file: DraftFile, text: str, base: str, language: str) -> Preview:
    """A lesson with another text than the saved one, its media and links below the address `base`.
    Takes tens of milliseconds, so outside the write transaction."""
    lesson, slug = written(text), draft.course.slug
    keys = drafts.keys_of_parts(draft) | {lesson.key}
    around = drafts.folder_of(slug, drafts.source_around(draft, file.path, text))
    look = look_at(around, file.path, keys)
    try:
        html, refusal = lesson_html(lesson.body, look, base, language), ""
    except DomainError as error:
        html, refusal = "", error.message
    words = markup.word_count(lesson.body)
    findings = [
        *(_finding(each, lesson, stops=True) for each in look.problems),
        *(_finding(each, lesson, stops=False) for each in look.warnings),
    ]
    return Preview(html, refusal, findings, words, max(1, round(words / WORDS_A_MINUTE)))


def _finding(problem: Problem, lesson: Written, *, stops: bool) -> Finding:
    return Finding(max(0, problem.line - lesson.above), problem_words.told(problem), stops)
