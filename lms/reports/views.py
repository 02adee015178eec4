"""Tim saya: the board of a head of unit, and one person of it."""

from uuid import UUID

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from lms.accounts import rules as people
from lms.competencies import queries as competencies
from lms.core import clock, paging
from lms.core.access import Permission, current_actor, requires
from lms.learning import queries as learning
from lms.reports import queries

bp = Blueprint("reports", __name__)


@bp.get("/team")
@requires(Permission.REPORTS_TEAM_READ)
def team() -> ResponseReturnValue:
    actor = current_actor()
    search, after = paging.search_words(), paging.after_uuid()
    found = queries.team(actor, search, after)
    last = found.members[-1] if found.members else None
    return render_template(
        "reports/team.html",
        units=queries.headed_units(actor),
        search=search,
        team=found,
        year=clock.today(actor.time_zone).year,
        first_url=url_for(".team", q=search or None) if after else None,
        next_url=url_for(".team", q=search or None, after=last.uuid)
        if found.has_more and last
        else None,
    )


@bp.get("/team/<uuid:uuid>")
@requires(Permission.REPORTS_TEAM_READ)
def member(uuid: UUID) -> ResponseReturnValue:
    actor = current_actor()
    person, post = queries.team_member(actor, uuid)
    day = clock.today(actor.time_zone)
    return render_template(
        "reports/member.html",
        person=person,
        number_label="NI PPPK" if person.employment is people.Employment.PPPK else "NIP",
        number=people.spaced_nip(person.nip),
        initials=people.initials(person.name),
        post=post,
        enrolments=learning.enrolments_of(person.id),
        hours=competencies.hours_of(person.id, person.employment, day.year),
        profile=competencies.profile_of(person.id, post, day),
    )
