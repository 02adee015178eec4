"""The own record: competencies against the standard."""

from flask import render_template
from flask.typing import ResponseReturnValue

from lms.accounts.queries import SignedIn
from lms.competencies import queries as competencies
from lms.competencies.queries.ratings import own_words
from lms.core import clock
from lms.core.access import Permission, current_actor, requires
from lms.learning import queries
from lms.learning.queries import gaps
from lms.learning.queries.duties import duties_of
from lms.learning.rules import EnrolmentState
from lms.learning.views.blueprint import bp
from lms.learning.views.profile_parts import drawn, explained


@bp.get("/my/competencies")
@requires(Permission.COMPETENCIES_OWN_READ)
def profile() -> ResponseReturnValue:
    actor = current_actor()
    assert isinstance(actor, SignedIn)
    day = clock.today(actor.time_zone)
    found = competencies.profile_of(actor.person_id, actor.post, day)
    states = queries.own_states(actor)
    owed = {duty.slug for duty in duties_of(actor.person_id)}
    completed = {id_ for id_, state in states.items() if state is EnrolmentState.COMPLETED}
    return render_template(
        "learning/profile.html",
        profile=found,
        post=actor.post,
        gaps=gaps.open_gaps(found, owed, completed),
        begun={id_ for id_, state in states.items() if state is EnrolmentState.OPEN},
        said=own_words(actor.person_id),
        **drawn(found, day),
        **explained(found),
    )
