"""What whoever teaches a course says to its learners."""

import re
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from flask_babel import gettext

from lms.accounts.models import Person
from lms.core import clock
from lms.core.db import db
from lms.core.errors import DomainError
from lms.courses.models import Course
from lms.learning.models import Enrolment
from lms.learning.queries import learners
from lms.notifications.actions import notify_many
from lms.notifications.rules import NotificationKind

NUDGE_EVERY = timedelta(days=1)
TEXT_MAX = 1000


def nudge(by: Person, course: Course, uuids: Sequence[UUID]) -> int:
    """Remind learners who are under way that the course goes on; how many are. Each is reminded of
    a course once a day at most."""
    now = clock.now()
    due = [
        each
        for each in _open(course, uuids)
        if each.nudged_at is None or now >= each.nudged_at + NUDGE_EVERY
    ]
    for enrolment in due:
        enrolment.nudged_at = now
    _tell(by, due, course, NotificationKind.COURSE_NUDGED)
    return len(due)


def tidy_message(text: str) -> str:
    """A message with its lines and, between paragraphs, one empty line. Raises DomainError on
    `text`."""
    lines = "\n".join(" ".join(line.split()) for line in text.splitlines())
    text = re.sub(r"\n{3,}", "\n\n", lines).strip()
    if not 0 < len(text) <= TEXT_MAX:
        raise DomainError(gettext("Isi pesan, paling banyak %(n)d karakter", n=TEXT_MAX), "text")
    return text


def send_message(by: Person, course: Course, uuids: Sequence[UUID], text: str) -> int:
    """Send a tidy text to learners who are under way; how many."""
    found = _open(course, uuids)
    _tell(by, found, course, NotificationKind.COURSE_MESSAGE, text=text)
    return len(found)


def _open(course: Course, uuids: Sequence[UUID]) -> Sequence[Enrolment]:
    query = learners.chosen(course.id, uuids).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).all()


def _tell(
    by: Person, enrolments: Sequence[Enrolment], course: Course, kind: NotificationKind,
    **values: str,
) -> None:  # fmt: skip
    told = {
        each.person_id: {"course": each.version.title, "by": by.name, **values}
        for each in enrolments
    }
    notify_many(told, kind, url=f"/courses/{course.slug}")
