"""Mail: rows in an outbox, written with what they tell of; a sweep sends them.

Without MAIL_URL every mail becomes a file in `<DATA_DIR>/mail/`, for a machine with no server.
"""

import os
import re
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from enum import StrEnum
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import UUID

import structlog
from flask import current_app
from sqlalchemy import ColumnElement, String, Text, and_, func, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import clock, jobs
from lms.core.db import (
    Model,
    UtcDateTime,
    db,
    delete_older,
    new_uuid,
    rows_changed,
    transaction,
)

log = structlog.get_logger()
MAX_TRIES = 8
RECIPIENT_MAX = 254
SUBJECT_MAX = 200
_ONE_ADDRESS = re.compile(r"([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+)@([A-Za-z0-9.-]+)")
LEASE = timedelta(minutes=5)
KEPT = timedelta(days=30)  # long enough to answer "I got no mail"


class OutboxMail(Model):
    """One mail. Waiting (sent_at empty, tries left), sent, or given up (tries used up)."""

    __tablename__ = "outbox_mail"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=new_uuid, unique=True)
    recipient: Mapped[str] = mapped_column(String(RECIPIENT_MAX))
    subject: Mapped[str] = mapped_column(String(SUBJECT_MAX))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(String(300))


def queue_mail(recipient: str, subject: str, body: str) -> None:
    """Put a mail into the outbox, in the open write transaction.

    Raises ValueError when the recipient is not one plain address.
    """
    _address(recipient)
    at = clock.now()
    mail = OutboxMail(
        uuid=new_uuid(), recipient=recipient, subject=_one_line(subject), body=body,
        created_at=at, due_at=at,
    )  # fmt: skip
    db.session.add(mail)
    jobs.hint("mail")


def send_due_mail(limit: int = 50) -> int:
    """Send what is due; how many were sent. Safe to run twice at once: each mail is leased first,
    and one that was sent but not noted is sent again after the lease (at least once)."""
    sent = 0
    for _ in range(limit):
        mail_id = _lease_one()
        if mail_id is None:
            break
        try:
            _deliver(_message_of(mail_id))
        except Exception as error:  # one mail that cannot be sent must not hold up the others
            _note_failure(mail_id, error)
            if _is_server_down(error):
                break  # the others keep their tries, and other sweeps their turn
            continue
        with transaction():
            done = db.session.get_one(OutboxMail, mail_id)
            done.sent_at, done.due_at, done.last_error = clock.now(), None, None
        sent += 1
    return sent


def remove_old_mail() -> int:
    """Remove what was sent or given up and is older than KEPT; how many. What still waits stays."""
    done = or_(OutboxMail.due_at.is_(None), OutboxMail.tries >= MAX_TRIES)
    before = clock.now() - KEPT
    return jobs.in_batches(
        lambda limit: delete_older(OutboxMail, OutboxMail.created_at, before, limit, done)
    )


# ── For whoever watches over it ──────────────────────────────────────────────────────────────


class MailState(StrEnum):
    WAITING = "waiting"
    FAILED = "failed"  # given up
    SENT = "sent"


_IN_STATE: dict[MailState, ColumnElement[bool]] = {
    MailState.WAITING: OutboxMail.due_at.is_not(None),
    MailState.FAILED: and_(OutboxMail.due_at.is_(None), OutboxMail.sent_at.is_(None)),
    MailState.SENT: OutboxMail.sent_at.is_not(None),
}


@dataclass(frozen=True)
class Listed:
    """A mail without its text, which may hold a link that opens an account."""

    id: int
    uuid: UUID
    recipient: str
    subject: str
    created_at: datetime
    due_at: datetime | None
    sent_at: datetime | None
    tries: int
    last_error: str | None

    @property
    def state(self) -> MailState:
        if self.sent_at is not None:
            return MailState.SENT
        return MailState.FAILED if self.due_at is None else MailState.WAITING


def outbox(state: MailState | None, before: int | None, limit: int) -> tuple[list[Listed], bool]:
    """One page of the mail, the latest first, and whether there is older."""
    query = select(*(getattr(OutboxMail, name) for name in Listed.__dataclass_fields__))
    if state is not None:
        query = query.where(_IN_STATE[state])
    if before is not None:
        query = query.where(OutboxMail.id < before)
    rows = db.session.execute(query.order_by(OutboxMail.id.desc()).limit(limit + 1)).all()
    return [Listed(*row) for row in rows[:limit]], len(rows) > limit


def outbox_counts() -> dict[MailState, int]:
    return {
        state: db.session.scalars(
            select(func.count()).select_from(OutboxMail).where(condition)
        ).one()
        for state, condition in _IN_STATE.items()
    }


def longest_waiting() -> datetime | None:
    """When the oldest mail that still waits was written."""
    return db.session.scalar(
        select(func.min(OutboxMail.created_at)).where(_IN_STATE[MailState.WAITING])
    )


def send_again(uuid: UUID | None = None) -> int:
    """Make mail that waits or was given up due now, with all its tries; all that was given up
    unless one is named. How many."""
    again = update(OutboxMail).values(due_at=clock.now(), tries=0)
    if uuid is None:
        again = again.where(_IN_STATE[MailState.FAILED])
    else:
        again = again.where(OutboxMail.uuid == uuid, OutboxMail.sent_at.is_(None))
    count = rows_changed(again)
    jobs.hint("mail")
    return count


def _is_server_down(error: Exception) -> bool:
    """Does the fault lie with the server, so that the next mail would meet it too?"""
    about_this_mail = (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError)
    return isinstance(error, OSError) and not isinstance(error, about_this_mail)


def _lease_one() -> int | None:
    with transaction():
        mail = db.session.scalar(
            select(OutboxMail)
            .where(OutboxMail.due_at <= clock.now(), OutboxMail.tries < MAX_TRIES)
            .order_by(OutboxMail.due_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if mail is None:
            return None
        mail.due_at = clock.now() + LEASE
        mail.tries += 1
        return mail.id


def _message_of(mail_id: int) -> EmailMessage:
    mail = db.session.get_one(OutboxMail, mail_id)
    try:
        return _message(mail)
    finally:
        db.session.rollback()  # nothing is held while the server is spoken to


def _note_failure(mail_id: int, error: Exception) -> None:
    with transaction():
        mail = db.session.get_one(OutboxMail, mail_id)
        mail.last_error = f"{type(error).__name__}: {error}"[:300]
        given_up = mail.tries >= MAX_TRIES
        mail.due_at = None if given_up else clock.now() + timedelta(minutes=2**mail.tries)
        # Not the error's words: a server repeats the address in them.
        log.warning(
            "mail not sent", mail=str(mail.uuid), tries=mail.tries, error=type(error).__name__
        )


def _message(mail: OutboxMail) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = current_app.config["MAIL_FROM"]
    message["To"] = _address(mail.recipient)
    message["Subject"] = _one_line(mail.subject)
    message["Date"] = clock.now()
    message["Message-ID"] = f"<{mail.uuid}@kompeten>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body)
    return message


def _address(recipient: str) -> Address:
    """One address and nothing else: no second recipient, no name, no line break."""
    parts = _ONE_ADDRESS.fullmatch(recipient)
    if parts is None or len(recipient) > RECIPIENT_MAX:
        raise ValueError("a mail goes to one plain address")
    return Address(username=parts[1], domain=parts[2])


def _one_line(subject: str) -> str:
    visible = "".join(c if c.isprintable() else " " for c in subject)
    return " ".join(visible.split())[:SUBJECT_MAX]


def _deliver(message: EmailMessage) -> None:
    address = current_app.config["MAIL_URL"]
    if not address:
        folder = Path(current_app.config["DATA_DIR"]) / "mail"
        folder.mkdir(parents=True, exist_ok=True)
        name = str(message["Message-ID"]).strip("<>").split("@")[0]
        draft = folder / f".{name}"  # a mail is whole before it has its name
        try:
            draft.write_bytes(bytes(message))
            os.replace(draft, folder / f"{name}.eml")
        finally:
            draft.unlink(missing_ok=True)
        return
    parts = urlsplit(address)
    context = ssl.create_default_context()
    host = parts.hostname or "localhost"
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, parts.port or 465, timeout=20, context=context
        )
    else:
        server = smtplib.SMTP(host, parts.port or 25, timeout=20)
    try:
        if parts.scheme == "smtp+starttls":
            server.starttls(context=context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(message)
    finally:
        with suppress(OSError):  # a clumsy goodbye does not unsend what was accepted
            server.quit()
