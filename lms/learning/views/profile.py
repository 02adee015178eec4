"""The own record: competencies against the standard."""

from flask import render_template
from flask.typing import ResponseReturnValue

from lms.accounts.queries import SignedIn
from lms.competencies import queries as competencies
from lms.core import clock
from lms.core.access import Permission, current_actor, requires
from lms.courses.queries import catalogue
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
