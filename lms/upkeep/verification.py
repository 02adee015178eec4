"""The verification that an auditor asks for: a job looks at everything that people have earned."""

from datetime import timedelta
from threading import Thread

import structlog
from flask import Flask, current_app
from flask_babel import gettext
from sqlalchemy import select

from lms.accounts.models import Person
from lms.core import audit, clock, jobs
from lms.core.access import Actor
from lms.core.db import db, new_uuid, transaction
from lms.core.errors import DomainError
from lms.upkeep import records
from lms.upkeep.models import Verification
from lms.upkeep.rules import VerificationState

log = structlog.get_logger()
LINES = 50
SHOWN = 10
LOST = timedelta(hours=24)  # one that runs longer died with its process
_UNDER_WAY = (VerificationState.WAITING, VerificationState.RUNNING)


def ask(actor: Actor) -> None:
    """Have the records verified. Raises DomainError while that is under way already."""
    if under_way():
        raise DomainError(gettext("Pemeriksaan sebelumnya belum selesai."))
    asked = Verification(
        uuid=new_uuid(), state=VerificationState.WAITING, asked_by_id=actor.person_id,
        asked_at=clock.now(),
    )  # fmt: skip
    db.session.add(asked)
    db.session.flush()
    audit.record(actor, "upkeep.verification_asked", "verification", asked.uuid)
    jobs.hint("verification")


def under_way() -> bool:
    found = select(Verification.id).where(
        Verification.state.in_(_UNDER_WAY), Verification.asked_at > clock.now() - LOST
    )
    return db.session.scalar(found.limit(1)) is not None


def latest() -> list[tuple[Verification, str]]:
    """The last ones, each with who asked for it."""
    rows = db.session.execute(
        select(Verification, Person.name)
        .join(Person, Verification.asked_by_id == Person.id)
        .order_by(Verification.id.desc())
        .limit(SHOWN)
    )
    return [(row[0], row[1]) for row in rows]


def sweep() -> None:
    """Begin what was asked for, beside the other sweeps: with millions of entries it takes long."""
    found = _take()
    if found is not None:
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # the proxy's
        Thread(target=_in_background, args=(app, found), name="verification").start()


def _take() -> int | None:
    with transaction():
        asked = db.session.scalar(
            select(Verification)
            .where(Verification.state == VerificationState.WAITING)
            .order_by(Verification.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if asked is None:
            return None
        asked.state, asked.began_at = VerificationState.RUNNING, clock.now()
        return asked.id


def _in_background(app: Flask, found: int) -> None:
    with app.app_context():
        verify(found)


def verify(verification_id: int) -> None:
    """Look at everything, and note what is wrong."""
    lines, count, state = list[str](), 0, VerificationState.DONE
    try:
        for fault in records.faults():
            count += 1
            if len(lines) < LINES:
                lines.append(str(fault))
    except Exception:
        log.exception("verification failed")
        state = VerificationState.FAILED
    db.session.rollback()
    with transaction():
        done = db.session.get_one(Verification, verification_id)
        done.state, done.done_at = state, clock.now()
        done.faults, done.lines = count, lines
