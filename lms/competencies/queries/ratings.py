"""Who said what of whose competency."""

from uuid import UUID

from sqlalchemy import bindparam, select

from lms.accounts.models import Person
from lms.accounts.queries import person_by_uuid, team
from lms.accounts.queries.register import person_within
from lms.competencies.models import Rating, SelfAssessment
from lms.core.access import Actor, Permission
from lms.core.db import db, read
from lms.core.errors import NotFound


def rating_by_uuid(uuid: UUID) -> Rating | None:
    return db.session.scalar(select(Rating).where(Rating.uuid == uuid))


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
