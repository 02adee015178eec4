"""What whoever teaches a course says to its learners."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from flask_babel import gettext

from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.db import db
from lms.core.errors import DomainError
from lms.courses.models import Course
from lms.learning.models import Enrolment
from lms.learning.queries import learners
from lms.notifications.actions import notify
from lms.notifications.rules import NotificationKind

NUDGE_EVERY = timedelta(days=1)
MOST_CHOSEN = 500
TEXT_MAX = 1000


def nudge(actor: Actor, course: Course, uuids: Sequence[UUID]) -> int:
    """Remind learners who are under way that the course goes on; how many are. Each is reminded of
    a course once a day at most."""
    now, count = clock.now(), 0
    for enrolment in _open(course, uuids):
        if enrolment.nudged_at and now < enrolment.nudged_at + NUDGE_EVERY:
            continue
        enrolment.nudged_at = now
        _tell(actor, enrolment, course, NotificationKind.COURSE_NUDGED)
        count += 1
    if count:
        audit.record(actor, "learning.nudged", "course", course.uuid, people=count)
    return count


def send_message(actor: Actor, course: Course, uuids: Sequence[UUID], text: str) -> int:
    """Send a text to learners who are under way; how many. Raises DomainError on `text`."""
    text = " ".join(text.split())
    if not 0 < len(text) <= TEXT_MAX:
        raise DomainError(gettext("Isi pesan, paling banyak %(n)d karakter", n=TEXT_MAX), "text")
    found = _open(course, uuids)
    for enrolment in found:
        _tell(actor, enrolment, course, NotificationKind.COURSE_MESSAGE, text=text)
    if found:
        audit.record(actor, "learning.messaged", "course", course.uuid, people=len(found))
    return len(found)


def _open(course: Course, uuids: Sequence[UUID]) -> Sequence[Enrolment]:
    query = learners.chosen(course.id, uuids).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).all()


def _tell(
    actor: Actor, enrolment: Enrolment, course: Course, kind: NotificationKind, **values: str
) -> None:
    notify(
        enrolment.person_id,
        kind,
        url=f"/courses/{course.slug}",
        course=enrolment.version.title,
        by=actor.name,
        **values,
    )
