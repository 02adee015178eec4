"""News that are still unread when their time has come go out by mail."""

import structlog

from lms.core import clock
from lms.core.db import transaction
from lms.notifications import actions, queries

log = structlog.get_logger()
BATCH = 500  # people in one sweep; each has a transaction of its own


def sweep_mail() -> None:
    for person_id in queries.people_due_for_mail(clock.now(), BATCH):
        try:
            with transaction():
                actions.mail_notifications(person_id)
        except Exception:  # one person's news must not keep the others' waiting
            log.exception("notifications not mailed", person=person_id)
