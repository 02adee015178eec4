"""The levels of everybody are worked out anew where the rating rule of a competency was changed."""

from datetime import datetime, timedelta

from lms.competencies.actions import bring_level_up_to_date
from lms.competencies.actions.recounting import note_recounted
from lms.competencies.queries import ledgers
from lms.core import clock
from lms.core.db import db, transaction

# No transaction lasts so long: when the work begins, nobody still writes by the rule of before.
SETTLED = timedelta(minutes=1)
PEOPLE = 500  # looked at together; where the level differs, each is written by itself
BATCHES = 40  # of a competency in one sweep, so that the other sweeps get their turn


def sweep_levels() -> None:
    """Go on where the sweep before has stopped, or was cut short."""
    for row in ledgers.recounts():
        if row.asked_at <= clock.now() - SETTLED:
            recount(row.competency_id, row.asked_at, row.done_to)


def recount(competency_id: int, asked_at: datetime, done_to: int) -> None:
    for _ in range(BATCHES):
        wrong, last = ledgers.differing(competency_id, done_to, PEOPLE)
        db.session.rollback()  # nothing is held while the others write
        for person_id in wrong:
            with transaction():
                bring_level_up_to_date(person_id, competency_id)
        with transaction():
            goes_on = note_recounted(competency_id, asked_at, last)
        if not goes_on or last is None:
            return
        done_to = last
