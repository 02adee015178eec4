"""Working the levels of a competency out anew, after its rating rule was changed."""

from datetime import datetime

from lms.competencies.models import Competency, LevelRecount
from lms.core import clock
from lms.core.db import db


def ask_recount(competency: Competency) -> None:
    """Have the levels of everybody worked out anew, from the first person on. What is written
    meanwhile goes by the new rule already."""
    row = db.session.get(LevelRecount, competency.id)
    if row is None:
        row = LevelRecount(competency_id=competency.id)
        db.session.add(row)
    row.asked_at, row.done_to = clock.now(), 0
    db.session.flush()


def note_recounted(competency_id: int, asked_at: datetime, done_to: int | None) -> bool:
    """Keep up to which person the work has come, None: there is nobody left. Whether it goes on:
    not where it is done, nor where the rule was changed once more, so that it begins anew."""
    row = db.session.get(LevelRecount, competency_id, populate_existing=True)
    if row is None or row.asked_at != asked_at:
        return False
    if done_to is None:
        db.session.delete(row)
    else:
        row.done_to = done_to
    db.session.flush()
    return done_to is not None
