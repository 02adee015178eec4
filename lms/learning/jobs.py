"""Attempts whose time is over are submitted; submitted ones that are not graded are graded."""

import structlog

from lms.core import clock
from lms.core.db import db, transaction
from lms.learning import actions
from lms.quizzes import queries as quizzes

log = structlog.get_logger()
BATCH = 200


def sweep_attempts() -> None:
    for uuid, person_id in quizzes.overdue_attempts(clock.now(), BATCH):
        with transaction():
            attempt = quizzes.attempt_by_uuid(uuid, person_id)
            assert attempt is not None
            actions.submit_quiz(None, attempt)
    for uuid, person_id in quizzes.ungraded_attempts(BATCH):
        try:
            with transaction():
                attempt = quizzes.attempt_by_uuid(uuid, person_id)
                assert attempt is not None
                actions.grade_quiz(attempt)
        except Exception:
            # One attempt that cannot be graded must not keep the others waiting.
            log.exception("grading failed", attempt=str(uuid))
            db.session.rollback()
