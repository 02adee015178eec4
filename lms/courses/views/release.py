"""A draft, or a version, taken out as a file."""

from collections.abc import Mapping
from io import SEEK_END
from tempfile import SpooledTemporaryFile

from flask import send_file
from flask.typing import ResponseReturnValue

from lms.core import files
from lms.core.access import Permission, current_actor, requires
from lms.core.errors import NotFound
from lms.courses.queries.drafts import draft_of, entered, source_of, source_of_draft, written_course
from lms.courses.queries.versions import version_for
from lms.courses.rules import CourseRole, Source
from lms.courses.views.blueprint import bp
from lms.formats.course_folder import archive

USE = Permission.COURSES_STUDIO_USE
IN_MEMORY = 1024 * 1024  # bytes of an export; what is more goes through a temporary file


@bp.get("/studio/<slug:slug>/zip")
@requires(USE)
def export(slug: str) -> ResponseReturnValue:
    """The draft as a course folder."""
    draft = draft_of(written_course(current_actor(), slug, CourseRole.AUTHOR, CourseRole.REVIEWER))
    if draft is None:
        raise NotFound
    return _zip(slug, source_of_draft(draft), f"{slug}-draf.zip")


@bp.get("/studio/<slug:slug>/versions/<int:number>/zip")
@requires(USE)
def export_version(slug: str, number: int) -> ResponseReturnValue:
    """The very folder that a version was made from."""
    course = entered(current_actor(), slug, CourseRole.AUTHOR, CourseRole.REVIEWER)
    return _zip(slug, source_of(version_for(course, number)), f"{slug}-{number}.zip")


def _zip(slug: str, source: Source, name: str) -> ResponseReturnValue:
    media: Mapping[str, str] = source["media"]
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the response closes it
    try:
        paths = {path: files.Kept(digest) for path, digest in media.items()}
        archive.write(file, slug, source["texts"], paths)
    except BaseException:
        file.close()
        raise
    size = file.seek(0, SEEK_END)
    file.seek(0)
    response = send_file(file, "application/zip", as_attachment=True, download_name=name)
    response.content_length = size
    return response
