"""The record of somebody within the reach of HR: levels against the standard, and why."""

from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue

from lms.accounts.queries import post_of
from lms.competencies import queries as competencies
from lms.competencies.queries.ratings import assessed_person
from lms.core import clock
from lms.core.access import Permission, current_actor, requires
from lms.learning.views.blueprint import bp
from lms.learning.views.profile_parts import drawn, explained


@bp.get("/people/<uuid:uuid>/competencies")
@requires(Permission.COMPETENCIES_RATINGS_RECORD)
def person_profile(uuid: UUID) -> ResponseReturnValue:
    actor = current_actor()
    person = assessed_person(actor, uuid)
    post, day = post_of(person.id), clock.today(actor.time_zone)
    profile = competencies.profile_of(person.id, post, day)
    return render_template(
        "learning/person_profile.html",
        person=person,
        post=post,
        profile=profile,
        **drawn(profile, day),
        **explained(profile),
    )
