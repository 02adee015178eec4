"""The catalogue, one course, and enrolling."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lms.core import clock, i18n, paging
from lms.core.access import Permission, current_actor, requires
from lms.core.forms import EmptyForm, writing
from lms.courses import queries as courses
from lms.learning import actions, queries
from lms.learning.queries import Learning
from lms.learning.rules import Missing
from lms.learning.views.blueprint import bp
from lms.learning.views.outline import modules_of


@bp.get("/courses")
@requires(Permission.COURSES_CATALOGUE_READ)
def catalogue() -> ResponseReturnValue:
    actor = current_actor()
    search, after = paging.search_words(), paging.after_uuid()
    rows = courses.catalogue(actor, search, after)
    page, more = rows[: courses.PAGE], len(rows) > courses.PAGE
    last = page[-1] if page else None
    return render_template(
        "learning/catalogue.html",
        search=search,
        count=courses.catalogue_count(actor, search),
        rows=page,
        outcomes=courses.outcomes_by_version([row.id for row in page]),
        states=queries.own_states(actor, [row.course_id for row in page]),
        first_url=url_for(".catalogue", q=search or None) if after else None,
        next_url=url_for(".catalogue", q=search or None, after=last.uuid)
        if more and last
        else None,
    )


@bp.get("/courses/<slug:slug>")
@requires(Permission.COURSES_CATALOGUE_READ)
def course(slug: str) -> ResponseReturnValue:
    return _course_page(slug, EmptyForm())


@bp.post("/courses/<slug:slug>/enrol")
@requires(Permission.LEARNING_OWN_ACT)
def enrol(slug: str) -> ResponseReturnValue:
    form = EmptyForm()
    with writing(form):
        course = courses.course_for(current_actor(), slug)
        actions.enrol(current_actor(), course)
        flash(gettext("Anda terdaftar. Mulai kapan saja; kemajuan Anda tersimpan."), "ok")
        return redirect(url_for(".course", slug=slug))
    return _course_page(slug, form), 422


def _course_page(slug: str, form: EmptyForm) -> str:
    actor = current_actor()
    enrolment = queries.own_enrolment_or_none(actor, slug)
    learning = queries.learning_of(enrolment) if enrolment else None
    version = enrolment.version if enrolment else courses.current_version(actor, slug)
    return render_template(
        "learning/course.html",
        form=form,
        slug=slug,
        version=version,
        modules=modules_of(version),
        outcomes=courses.outcomes(version),
        learning=learning,
        scores=queries.shown_scores(learning) if learning else {},
        completion=queries.completion_of(enrolment) if enrolment else None,
        missing=_missing_words(learning) if learning else [],
        published=i18n.long_date(clock.local_day(version.published_at, actor.time_zone)),
    )


def _missing_words(learning: Learning) -> list[tuple[str, str]]:
    """(sentence, key of the part or "") for everything that is still missing."""
    words = []
    for kind, key in learning.judgement.missing:
        title = learning.outline.part(key).title if key else ""
        if kind is Missing.LESSON:
            words.append((gettext("Baca dan tandai selesai: %(title)s", title=title), key))
        elif kind is Missing.QUIZ:
            needed = i18n.points(learning.outline.part(key).pass_percent)
            words.append(
                (gettext("Raih nilai %(needed)s di %(title)s", needed=needed, title=title), key)
            )
        else:
            needed = i18n.points(learning.version.pass_score)
            words.append((gettext("Nilai akhir paling rendah %(needed)s", needed=needed), ""))
    return words
