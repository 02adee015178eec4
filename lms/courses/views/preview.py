"""The draft as its learners would get it."""

from flask.typing import ResponseReturnValue

from lms.core import files
from lms.core.access import Permission, current_actor, requires
from lms.core.errors import NotFound
from lms.courses.queries import drafts as queries
from lms.courses.rules import CourseRole
from lms.courses.views.blueprint import bp
from lms.formats.media import content_type


@bp.get("/studio/<slug:slug>/preview/<path:name>")
@requires(Permission.COURSES_STUDIO_USE)
def preview_file(slug: str, name: str) -> ResponseReturnValue:
    """A file of the draft, for everybody who has a part in the course."""
    draft = queries.draft_of(queries.written_course(current_actor(), slug, *CourseRole))
    if draft is None:
        raise NotFound
    file = queries.medium_at(draft, name)
    assert file.digest is not None
    return files.answer(file.digest, content_type(file.path))
