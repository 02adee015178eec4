"""A question of the version of a course that is published now."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from lms.core.access import Permission, current_actor, requires
from lms.courses.actions.rendering import draft_media, writes_comma
from lms.courses.queries.banks import origin_of, published_question
from lms.courses.queries.drafts import draft_of, role_in, written_course
from lms.courses.queries.quizzes import file_asking
from lms.courses.queries.usage import versions_asking
from lms.courses.rules import CourseRole
from lms.courses.views.blueprint import bp
from lms.courses.views.question_words import kind_words, shown_state, version_words
from lms.courses.views.shown_question import shown_question, uses_in_words


@bp.get("/studio/<slug:slug>/published/<slug:key>", endpoint="published_question")
@requires(Permission.COURSES_STUDIO_USE)
def published_question_page(slug: str, key: str) -> ResponseReturnValue:
    """To the editor where a draft stands for the version; else to begin one."""
    actor = current_actor()
    course = written_course(actor, slug, CourseRole.AUTHOR, CourseRole.REVIEWER)
    draft = draft_of(course)
    file = file_asking(draft, key) if draft else None
    if file is not None:
        return redirect(url_for(".question_editor", slug=slug, file=file, key=key))
    found = published_question(course, key)
    question, version = found.taken.question, found.version
    media = draft_media(found.media, found.module, url_for(".preview_file", slug=slug, name=""))
    asked = version_words(versions_asking({(course.id, key)}).get((course.id, key), ()))
    return render_template(
        "courses/published_question.html",
        slug=slug,
        title=version.title,
        topic=found.topic,
        question=question,
        kind=kind_words(question.kind),
        state=shown_state(question.state),
        shown=shown_question(question, media, version.language),
        language=version.language,
        comma=writes_comma(version.language),
        asked_in=[asked[0].upper() + asked[1:]] if asked else [],
        uses=uses_in_words(course, key),
        origin=origin_of(actor, course, key),
        may_write=role_in(actor, course) in (CourseRole.OWNER, CourseRole.AUTHOR),
        has_draft=draft is not None,
    )
