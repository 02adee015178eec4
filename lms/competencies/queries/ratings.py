"""Who said what of whose competency."""

from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from lms.accounts.models import Person
from lms.accounts.queries import person_by_uuid, team
from lms.accounts.queries.register import in_reach, person_within
from lms.competencies.models import Rating, SelfAssessment
from lms.core import clock
from lms.core.access import Actor, Permission
from lms.core.db import db, read
from lms.core.errors import NotFound


def rating_by_uuid(uuid: UUID) -> Rating | None:
    return db.session.scalar(select(Rating).where(Rating.uuid == uuid))


def rating_for(actor: Actor, uuid: UUID) -> Rating:
    """A rating of oneself, by oneself, of somebody placed today within the units headed today, or
    within the reach of HR. Raises NotFound for all others."""
    found = db.session.scalar(
        select(Rating)
        .where(Rating.uuid == uuid)
        .options(joinedload(Rating.person), joinedload(Rating.competency), joinedload(Rating.by))
    )
    if found is None or not _may_read(actor, found):
        raise NotFound
    return found


def _may_read(actor: Actor, rating: Rating) -> bool:
    is_party = actor.person_id in (rating.person_id, rating.by_id)
    if is_party or team.supervises(actor, rating.person_id):
        return True
    paths = actor.paths_of(Permission.COMPETENCIES_RATINGS_RECORD)
    reach = in_reach(paths, clock.today(actor.time_zone))
    within = select(Person.id).where(Person.id == rating.person_id, reach)
    return bool(paths) and db.session.scalar(within) is not None


def team_person(actor: Actor, uuid: UUID) -> Person:
    """Somebody on the team, to be observed. Raises NotFound for all others, oneself too."""
    person = person_by_uuid(uuid) if team.members(team.scope_of(actor), [uuid]) else None
    if person is None:
        raise NotFound
    return person


def assessed_person(actor: Actor, uuid: UUID) -> Person:
    """Somebody within the reach of HR, to be rated. Raises NotFound for all others, oneself too."""
    person = person_within(actor, uuid, Permission.COMPETENCIES_RATINGS_RECORD)
    if person.id == actor.person_id:
        raise NotFound
    return person


_OWN_WORDS = (
    select(SelfAssessment.competency_id, SelfAssessment.level)
    .where(SelfAssessment.person_id == bindparam("person_id"))
    .order_by(SelfAssessment.id)
)


def own_words(person_id: int) -> dict[int, int]:
    """The levels that a person gives herself now, by id of the competency; 0 where the word was
    taken back."""
    return {row.competency_id: row.level for row in read(_OWN_WORDS, person_id=person_id)}
