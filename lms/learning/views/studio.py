"""Pages of the studio that also say how learners fare, on the blueprint of the other ones."""

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lms.core import paging
from lms.core.access import Permission, current_actor, requires
from lms.courses.queries.studio import Standing, written_courses
from lms.courses.views.blueprint import bp
from lms.learning.queries.studio import figures_of


@bp.get("/studio", endpoint="studio")
@requires(Permission.COURSES_STUDIO_USE)
def studio_page() -> ResponseReturnValue:
    """The courses that one writes or manages."""
    actor, search, after = current_actor(), paging.search_words(), paging.after_uuid()
    written = request.args.get("state", "")
    standing = Standing(written) if written in set(Standing) else None
    found, more = written_courses(actor, search=search, standing=standing, after=after)
    chosen: dict[str, Any] = {"q": search or None, "state": standing}
    return render_template(
        "courses/studio.html",
        rows=found,
        figures=figures_of([row.id for row in found]),
        search=search,
        standing=standing,
        standings=standing_words(),
        is_filtered=bool(search or standing),
        first_url=url_for(".studio", **chosen) if after else None,
        next_url=url_for(".studio", **chosen, after=found[-1].uuid) if more else None,
    )


def standing_words() -> list[tuple[Standing, str]]:
    return [
        (Standing.DRAFT, gettext("Draf")),
        (Standing.IN_REVIEW, gettext("Ditinjau")),
        (Standing.PUBLISHED, gettext("Terbit")),
        (Standing.ARCHIVED, gettext("Arsip")),
    ]
