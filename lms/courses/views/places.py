"""Where in the studio a file of a draft is edited."""

import re

from flask import url_for

from lms.courses.actions.drafts import COURSE_FILE
from lms.courses.queries.studio import Workshop
from lms.formats.course_folder.outline import LESSON, QUIZ, settings_of

_NAMED = re.compile(r"media/[A-Za-z0-9][A-Za-z0-9._-]*")
_EDITORS = {LESSON: "courses.lesson_editor", QUIZ: "courses.quiz_editor"}


def place_of(course: Workshop, path: str) -> str | None:
    """The address of the page on which a file is mended; None where there is none for it."""
    if path.endswith(".vtt"):
        return _captions_of(course, path)
    file = course.files.get(path)
    if file is None or file.text is None:
        return None
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


def _captions_of(course: Workshop, path: str) -> str | None:
    """The page of a video that names the captions."""
    name = f"media/{path.rpartition('/')[2]}"
    for part in (part for module in course.modules for part in module.parts):
        file = course.files.get(part.path)
        if file and part.kind == "video" and name in _NAMED.findall(file.text or ""):
            return url_for("courses.captions", slug=course.slug, file=file.uuid)
    return None
