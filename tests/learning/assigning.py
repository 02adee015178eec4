"""Assigning courses without pages: who acts, and what the job consumer does meanwhile."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from lms.accounts.actions import placements, sessions
from lms.accounts.models import Position
from lms.accounts.queries import SignedIn
from lms.accounts.queries.sessions import signed_in_for
from lms.accounts.rules import PlacementStanding
from lms.core import clock
from lms.core.access import Actor
from lms.core.db import db, transaction
from lms.courses.models import Course
from lms.learning import jobs
from lms.learning.actions import amending, assigning
from lms.learning.models import Assignment, Enrolment, Obligation
from lms.learning.queries import assignments
from lms.learning.queries.duties import OWED
from lms.learning.rules import EnrolmentSource, EnrolmentState
from lms.notifications.models import Notification
from tests.cast import Cast
from tests.conftest import SetClock

REASON = "Standar pelayanan baru"


def actor_of(cast: Cast, name: str) -> SignedIn:
    """Somebody signed in now, with the rights of today."""
    with transaction():
        key = sessions.open_session(
            cast.person(name), remembered=False, device="", address="", new_hash=None
        )
    actor = signed_in_for(key)
    assert actor is not None
    db.session.rollback()
    return actor


def today() -> date:
    return clock.today("Asia/Jakarta")


def in_days(days: int) -> date:
    return today() + timedelta(days=days)


def give(
    cast: Cast, by: str, *, unit: str = "", people: tuple[str, ...] = (), days: int = 10
) -> Assignment:
    """Assign the published course; raises what the act raises."""
    actor = actor_of(cast, by)
    with transaction():
        course = db.session.scalars(select(Course)).one()
        if unit:
            targets = [assignments.unit_target(actor, cast.unit(unit).uuid)]
        else:
            uuids = [cast.person(name).uuid for name in people]
            targets = assignments.people_targets(actor, uuids)
        made = assigning.assign(actor, course, targets, due_on=in_days(days), reason=REASON)
        assert len(made) == 1
        return made[0]


def owed(cast: Cast) -> dict[str, Obligation]:
    """What is open, by the name of whoever owes it."""
    db.session.rollback()
    db.session.expire_all()
    names = {number: name for name, number in cast.people.items()}
    rows = db.session.scalars(select(Obligation).where(OWED))
    return {names[row.person_id]: row for row in rows}


def sweep() -> None:
    jobs.sweep_assignments()
    db.session.rollback()


def news(cast: Cast, name: str) -> list[str]:
    """Kinds of what somebody was told, the oldest first."""
    db.session.rollback()
    query = select(Notification.kind).where(Notification.person_id == cast.people[name])
    return [kind.value for kind in db.session.scalars(query.order_by(Notification.id))]


def place(cast: Cast, name: str, unit: str, start_on: date, *, heads: bool = False) -> None:
    with transaction():
        position = db.session.scalars(select(Position).order_by(Position.id)).first()
        assert position is not None
        placements.place_person(
            cast.person(name), cast.unit(unit), position, start_on=start_on, heads_unit=heads
        )


def act_as_head(cast: Cast, name: str, unit: str, start_on: date, end_on: date | None) -> None:
    with transaction():
        position = db.session.scalars(select(Position).where(Position.code == "adm")).one()
        placements.place_person(
            cast.person(name), cast.unit(unit), position, start_on=start_on, end_on=end_on,
            standing=PlacementStanding.ACTING, heads_unit=True,
        )  # fmt: skip


def complete(cast: Cast, name: str, score: Decimal | None = None) -> None:
    """As if the course had been completed some time ago."""
    with transaction():
        course = db.session.scalars(select(Course)).one()
        assert course.current_version_id is not None
        now = clock.now()
        db.session.add(
            Enrolment(
                person_id=cast.people[name], course_id=course.id,
                version_id=course.current_version_id, state=EnrolmentState.COMPLETED,
                source=EnrolmentSource.SELF, started_at=now, last_active_at=now, closed_at=now,
                final_score=score,
            )
        )  # fmt: skip


def withdraw(by: Actor, made: Assignment, reason: str, person: UUID | None = None) -> int:
    with transaction():
        found = assignments.assignment_for(by, made.uuid)
        return amending.withdraw(by, found, reason=reason, person=person)


def extend(by: Actor, made: Assignment, days: int, reason: str, person: UUID | None = None) -> int:
    with transaction():
        found = assignments.assignment_for(by, made.uuid)
        return amending.extend(by, found, due_on=in_days(days), reason=reason, person=person)


def undo(by: Actor, made: Assignment) -> None:
    with transaction():
        amending.undo(by, assignments.assignment_for(by, made.uuid))


def later(at: SetClock, **span: float) -> None:
    at(clock.now() + timedelta(**span))
