"""The own record: competencies against the standard, hours of a year."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from lms.accounts.queries import SignedIn
from lms.competencies import queries as competencies
from lms.core import clock
from lms.core.access import Permission, current_actor, requires
from lms.courses import catalogue
from lms.credentials import queries as credentials
from lms.learning import queries
from lms.learning.views.blueprint import bp


@bp.get("/my/competencies")
@requires(Permission.COMPETENCIES_OWN_READ)
def profile() -> ResponseReturnValue:
    actor = current_actor()
    assert isinstance(actor, SignedIn)
    day = clock.today(actor.time_zone)
    found = competencies.profile_of(actor.person_id, actor.post, day)
    return render_template(
        "learning/profile.html",
        profile=found,
        post=actor.post,
        suggestions=catalogue.best_for(
            catalogue.current(found.dictionary), found.gaps, queries.own_states(actor).keys()
        ),
    )


@bp.get("/my/hours")
@requires(Permission.COMPETENCIES_OWN_READ)
def hours() -> ResponseReturnValue:
    actor = current_actor()
    assert isinstance(actor, SignedIn)
    this_year = clock.today(actor.time_zone).year
    year = request.args.get("year", this_year, type=int)
    if not 2000 <= year <= 2100:
        year = this_year
    years = competencies.hour_years_of(actor.person_id)
    found = competencies.hours_of(actor.person_id, actor.employment, year)
    sources = [entry.source_uuid for entry in found.entries]
    return render_template(
        "learning/hours.html",
        hours=found,
        years=sorted({*years, this_year, year}, reverse=True),
        slugs=queries.completion_slugs(sources),
        certificates=credentials.current_by_source(sources),
    )
