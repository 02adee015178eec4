"""Where in the studio a file of a draft is edited."""

from flask import url_for

from lms.courses.queries.studio import Workshop


def place_of(course: Workshop, path: str) -> str | None:
    """The address of the page on which a file is mended; None where there is none for it."""
    if path == "course.toml":
        return url_for("courses.outline", slug=course.slug)
    file = course.files.get(path.replace(".gift", ".toml"))
    if file is None or "/" not in path or file.text is None:
        return None
    return url_for("courses.part_settings", slug=course.slug, file=file.uuid)
