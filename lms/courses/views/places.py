"""Where in the studio a file of a draft is edited."""

from flask import url_for

from lms.courses.actions.drafts import COURSE_FILE
from lms.courses.queries.studio import Workshop
from lms.formats.course_folder.outline import LESSON, QUIZ, settings_of

_EDITORS = {LESSON: "courses.lesson_editor", QUIZ: "courses.quiz_editor"}


def place_of(course: Workshop, path: str) -> str | None:
    """The address of the page on which a file is mended; None where there is none for it."""
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
