"""What a file of a draft is called in the studio, where it is edited, and where it is read."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache

from flask import url_for
from flask_babel import gettext

from lms.courses.actions import lessons
from lms.courses.actions.drafts import COURSE_FILE
from lms.courses.queries.studio import Workshop
from lms.formats.course_folder.content import Problem
from lms.formats.course_folder.outline import LESSON, QUIZ, settings_of
from lms.formats.gift import sheet

_NAMED = re.compile(r"media/[A-Za-z0-9][A-Za-z0-9._-]*")
_EDITORS = {LESSON: "courses.lesson_editor", QUIZ: "courses.quiz_editor"}


def place_of(course: Workshop, path: str) -> str | None:
    """The address of the page on which a file is mended; None where there is none for it."""
    if path.endswith(".vtt") and (captions := _captions_of(course, path)):
        return captions
    file = course.files.get(path)
    if file is None:
        return None
    if file.text is None:
        return url_for("courses.media", slug=course.slug)
    if path == COURSE_FILE:
        return url_for("courses.course_settings", slug=course.slug)
    kinds = {part.path: part.kind for module in course.modules for part in module.parts}
    settings = course.files.get(path.removesuffix(".gift") + ".toml", file)
    if settings.text is None or settings_of(settings.path, settings.text) is None:
        return url_for("courses.text", slug=course.slug, file=settings.uuid)
    editor = _EDITORS.get(kinds.get(settings.path, ""))
    if editor:
        return url_for(editor, slug=course.slug, file=settings.uuid)
    if path.endswith(".gift"):
        return url_for("courses.text", slug=course.slug, file=file.uuid)
    return url_for("courses.part_settings", slug=course.slug, file=file.uuid)


def mending_place(course: Workshop, problem: Problem) -> str | None:
    """The page on which a problem is mended; None where there is none."""
    if problem.code == "course-empty":
        return url_for("courses.outline", slug=course.slug)
    return place_of(course, problem.file)


def question_place(course: Workshop, path: str, key: str) -> str | None:
    """The address of the editor of a question in the file `path`; None where it is about none."""
    file = course.files.get(_settings_path(path))
    if not key or file is None:
        return None
    return url_for("courses.question_editor", slug=course.slug, file=file.uuid, key=key)


def preview_of(course: Workshop, path: str, anchor: str) -> str | None:
    """The address of the part as its learners get it; None where the file is no part."""
    parts = {part.path: part for module in course.modules for part in module.parts}
    part = parts.get(_settings_path(path))
    if part is None or part.is_faulty or not part.key:
        return None
    return url_for("courses.preview", slug=course.slug, key=part.key, _anchor=anchor)


def file_title(course: Workshop, path: str) -> str:
    """What the outline calls it, with what it is; the path of any other file."""
    if path == COURSE_FILE:
        return gettext("Pengaturan kursus")
    kinds = {
        LESSON: gettext("Pelajaran"), QUIZ: gettext("Kuis"), "video": gettext("Video"),
        "audio": gettext("Audio"), "document": gettext("Dokumen"), "image": gettext("Gambar"),
    }  # fmt: skip
    for module in course.modules:
        if module.file == path:
            return f"{gettext('Modul')}: {module.title}"
        for part in module.parts:
            if part.path == _settings_path(path):
                return f"{kinds[part.kind]}: {part.title}"
    return path


def where(course: Workshop, problem: Problem) -> str:
    """What the studio calls the place of a problem, with the question or line."""
    if problem.code == "course-empty":
        return gettext("Susunan")
    path, line = problem.file, problem.line
    title, file = file_title(course, path), course.files.get(path)
    if not line or file is None or file.text is None:
        return title
    if path.endswith(".gift"):
        number = bisect_right(_first_lines(file.text), line)
        return gettext("%(part)s, soal %(number)s", part=title, number=number) if number else title
    if path.endswith(".toml") and settings_of(path, file.text) is not None:  # mended in a form
        return title
    line -= lessons.written(file.text).above if path.endswith(".md") else 0
    return gettext("%(part)s, baris %(line)s", part=title, line=line) if line > 0 else title


@lru_cache(4)  # a quiz of many questions often has something to be said of many
def _first_lines(questions: str) -> Sequence[int]:
    return [entry.first for entry in sheet.entries(questions)]


def _settings_path(path: str) -> str:
    """Of a quiz, for the file with its questions too."""
    return f"{path.removesuffix('.gift')}.toml" if path.endswith(".gift") else path


def _captions_of(course: Workshop, path: str) -> str | None:
    """The page of a video that names the captions."""
    name = f"media/{path.rpartition('/')[2]}"
    for part in (part for module in course.modules for part in module.parts):
        file = course.files.get(part.path)
        if file and part.kind == "video" and name in _NAMED.findall(file.text or ""):
            return url_for("courses.captions", slug=course.slug, file=file.uuid)
    return None
