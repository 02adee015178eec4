"""The start page: what to do next, hours of the year, competencies."""

from flask import render_template
from flask.typing import ResponseReturnValue

from lms.accounts.queries import SignedIn
from lms.competencies import queries as competencies
from lms.core import clock, i18n
from lms.core.access import Permission, current_actor, requires
from lms.learning import queries
from lms.learning.views.blueprint import bp

SHOWN_GAPS = 3
SHOWN_COURSES = 5
ALL_COURSES = 500


@bp.get("/")
@requires(Permission.LEARNING_OWN_ACT)
def home() -> ResponseReturnValue:
    actor = current_actor()
    assert isinstance(actor, SignedIn)
    day = clock.today(actor.time_zone)
    enrolments = queries.enrolments_of(actor.person_id, SHOWN_COURSES + 1)
    current = next((e for e in enrolments if e.is_open), None) or queries.latest_open(actor)
    profile = competencies.levels_of(actor.person_id, actor.post, day)
    gaps = profile.gaps[:SHOWN_GAPS]
    return render_template(
        "learning/home.html",
        greeting=i18n.greeting(actor.time_zone),
        name=actor.given_name,
        today=i18n.long_day(day),
        current=queries.learning_of(current) if current else None,
        courses=enrolments[:SHOWN_COURSES],
        more_courses=len(enrolments) > SHOWN_COURSES,
        hours=competencies.hours_of(actor.person_id, actor.employment, day.year),
        profile=profile,
        gaps=gaps,
        suggestion=_suggestion(actor, gaps),
        post=actor.post,
    )


@bp.get("/my/courses")
@requires(Permission.LEARNING_OWN_ACT)
def own_courses() -> ResponseReturnValue:
    """Every course of the actor, the one last worked on first."""
    enrolments = queries.enrolments_of(current_actor().person_id, ALL_COURSES)
    return render_template("learning/own_courses.html", courses=enrolments)


def _suggestion(
    actor: SignedIn, gaps: tuple[competencies.ProfileLine, ...]
) -> queries.Suggestion | None:
    """The course for the largest gap that one closes."""
    found = queries.suggestions(actor, {line.code: line.level for line in gaps})
    return next((found[line.code] for line in gaps if line.code in found), None)
