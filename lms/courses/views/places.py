"""Where in the studio a file of a draft is edited."""

from flask import url_for

from lms.courses.actions.drafts import COURSE_FILE
from lms.courses.queries.studio import Workshop
from lms.formats.course_folder.outline import settings_of


def place_of(course: Workshop, path: str) -> str | None:
    """The address of the page on which a file is mended; None where there is none for it."""
    file = course.files.get(path)
    if file is None or file.text is None:
        return None
    if path == COURSE_FILE:
        return url_for("courses.course_settings", slug=course.slug)
    if path.endswith(".gift") or settings_of(path, file.text) is None:
        return url_for("courses.text", slug=course.slug, file=file.uuid)
    return url_for("courses.part_settings", slug=course.slug, file=file.uuid)
