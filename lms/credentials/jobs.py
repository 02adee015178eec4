"""Files of certificates are made; holders are reminded before a certificate runs out."""

from collections.abc import Callable
from datetime import timedelta

import structlog

from lms.core import clock
from lms.core.db import db, transaction
from lms.credentials import actions, queries

log = structlog.get_logger()
FILES, REMINDERS = 300, 500  # in one sweep; other sweeps wait for their turn


def sweep_files() -> None:
    waiting = queries.to_print(FILES)
    db.session.rollback()
    for number in waiting:
        _try("certificate not made", number, actions.make_file)


def sweep_reminders() -> None:
    # The local day may be one ahead of UTC's; each is looked at again in the person's own zone.
    latest = clock.now().date() + timedelta(days=1)
    due = queries.due_reminders(latest, REMINDERS)
    for number in due:
        _try("holder not reminded", number, _remind)


def _remind(certificate_id: int) -> None:
    with transaction():
        actions.remind(certificate_id)


def _try(fault: str, certificate_id: int, act: Callable[[int], None]) -> None:
    """One at a time: one that fails must not keep the others waiting."""
    try:
        act(certificate_id)
    except Exception:
        db.session.rollback()
        log.exception(fault, certificate=certificate_id)
