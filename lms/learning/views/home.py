"""The start page: what to do next, hours of the year, competencies."""

from collections.abc import Collection
from itertools import islice
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from lms.accounts.queries import SignedIn
from lms.competencies import queries as competencies
from lms.competencies.queries import Profile, ProfileLine
from lms.competencies.queries.hours import hour_total_of
from lms.core import clock, i18n
from lms.core.access import Permission, current_actor, requires
from lms.courses.queries import OutcomeView, catalogue
from lms.courses.queries.catalogue import Entry, Index
from lms.learning import queries
from lms.learning.queries import entering
from lms.learning.queries.duties import duties_of
from lms.learning.views.blueprint import bp
from lms.learning.views.outline import kind_words

SHOWN_GAPS = 3
SHOWN_COURSES = 5
LOOKED_AT = 50  # courses at a time of which it is asked whether one may enter them


@bp.get("/")
@requires(Permission.LEARNING_OWN_ACT)
def home() -> ResponseReturnValue:
    actor = current_actor()
    assert isinstance(actor, SignedIn)
    day = clock.today(actor.time_zone)
    courses = queries.own_courses(actor, SHOWN_COURSES)
    duties = duties_of(actor.person_id)
    going_on = courses.current.version.course_id if courses.current else None
    profile = competencies.levels_of(actor.person_id, actor.post, day)
    return render_template(
        "learning/home.html",
        greeting=i18n.greeting(actor.time_zone),
        name=actor.given_name,
        today=i18n.long_day(day),
        current=queries.learning_of(courses.current) if courses.current else None,
        courses=courses,
        duties=duties,
        due=next((duty for duty in duties if duty.course_id == going_on), None),
        hours=hour_total_of(actor.person_id, actor.employment, day.year),
        profile=profile,
        gaps=profile.gaps[:SHOWN_GAPS],
        suggestion=_suggestion(actor, profile, courses.states.keys()),
        post=actor.post,
        words_of=kind_words,
    )


@bp.get("/my/courses")
@requires(Permission.LEARNING_OWN_ACT)
def own_courses() -> ResponseReturnValue:
    """Every course of the actor, the one last worked on first."""
    enrolments = queries.enrolments_of(current_actor().person_id, queries.MOST_OWN)
    return render_template("learning/own_courses.html", courses=enrolments)


def _suggestion(
    actor: SignedIn, profile: Profile, taken: Collection[int]
) -> tuple[Entry, ProfileLine, OutcomeView] | None:
    """The course for the largest gap that one closes, of those that the actor may enter or ask to
    be let into."""
    if not profile.gaps:
        return None
    # Of what is in memory: the query of whether one may enter says whether that is the latest.
    before = catalogue.kept(profile.dictionary)
    found, state = _first_open(actor, before, profile, taken)
    if state == before.state:
        return found
    return _first_open(actor, catalogue.current(profile.dictionary), profile, taken)[0]


def _first_open(
    actor: SignedIn, index: Index, profile: Profile, taken: Collection[int]
) -> tuple[tuple[Entry, ProfileLine, OutcomeView] | None, tuple[Any, ...] | None]:
    """The suggestion that an index gives, and the state of the catalogue now; None where that did
    not come to light."""
    rest, state = catalogue.closing(index, profile.gaps, taken), None
    while some := list(islice(rest, LOOKED_AT)):
        ids = {entry.course_id for entry, _, _ in some}
        open_ones, state = entering.enterable(actor.person_id, actor.post, sorted(ids))
        for found in some:
            if found[0].course_id in open_ones:
                return found, state
    return None, state
