"""What people say of a competency: a superior who saw it, an assessor, and the person herself.

The first two are evidence; what somebody says of herself is kept apart and never counts.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask_babel import gettext

from lms.accounts.models import Person
from lms.accounts.queries import post_of
from lms.accounts.queries.delegations import named, signs_as
from lms.accounts.queries.team import on_behalf
from lms.competencies import actions as ledgers
from lms.competencies.models import Competency, Rating, SelfAssessment
from lms.competencies.queries import ratings
from lms.competencies.rules import LEVELS, EvidenceKind
from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.db import db, lock_row
from lms.core.errors import DomainError


@dataclass(frozen=True)
class Said:
    """A level, on which occasion it showed, and on which local day."""

    level: int
    occasion: str
    note: str | None
    rated_on: date


def rate(
    actor: Actor, person: Person, competency: Competency, said: Said,
    *, kind: EvidenceKind, uuid: UUID,
) -> Rating:  # fmt: skip
    """Write a superior's observation or an assessor's rating, and the evidence that it is. `uuid`
    was made with the form, so that the same form sent twice is one rating.

    Raises DomainError for oneself, and for a day to come.
    """
    lock_row(person)
    found = ratings.rating_by_uuid(uuid)
    if found is not None:
        return found
    if person.id == actor.person_id:
        raise DomainError(gettext("Tidak ada yang menilai dirinya sendiri di sini"))
    if said.rated_on > clock.today(actor.time_zone):
        raise DomainError(gettext("Pilih tanggal yang sudah lewat atau hari ini"), "rated_on")
    given = None
    if kind is EvidenceKind.OBSERVATION:  # as the superior, not as HR
        given = on_behalf(actor, [person.id]).get(person.id)
    rating = Rating(
        uuid=uuid, person_id=person.id, competency_id=competency.id, kind=kind, **vars(said),
        by_id=actor.person_id, by_as=signs_as(given) if given else None, at=clock.now(),
    )  # fmt: skip
    db.session.add(rating)
    db.session.flush()
    ledgers.record_evidence(
        person, competency, kind=kind, level=said.level, score=None, title=said.occasion,
        source_uuid=uuid, earned_on=said.rated_on, post=post_of(person.id),
    )  # fmt: skip
    audit.record(
        actor, "competencies.rated", "person", person.uuid,
        competency=competency.uuid, kind=kind, level=said.level, **named(given),
    )  # fmt: skip
    return rating


def assess_oneself(actor: Actor, levels: dict[int, int]) -> int:
    """Keep what a person says of herself, by id of the competency; how many said something new.
    Level 0 takes a word back. It never becomes evidence."""
    lock_row(db.session.get_one(Person, actor.person_id))
    before = ratings.own_words(actor.person_id)
    changed = 0
    for competency_id, level in levels.items():
        if not 0 <= level <= LEVELS or before.get(competency_id, 0) == level:
            continue
        db.session.add(
            SelfAssessment(
                person_id=actor.person_id,
                competency_id=competency_id,
                level=level,
                at=clock.now(),
            )
        )
        changed += 1
    db.session.flush()
    return changed
