"""How the site is: what an admin should know before somebody complains."""

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from flask import current_app
from sqlalchemy import func, select

from lms.accounts.models import Person, RegisterImport
from lms.accounts.rules.importing import ImportState
from lms.core import clock, files, jobs, ledger, mail
from lms.core.db import db
from lms.core.mail import MailState
from lms.upkeep.manifest import NAME, backups_in, product_version

DISK_LOW = 0.1  # of the disk
DISK_LEAST = 1_000_000_000  # bytes
MAIL_LATE = timedelta(minutes=15)
BACKUP_LATE = timedelta(hours=26)  # a nightly one, with room for a slow night


class Health(StrEnum):
    GOOD = "good"
    ATTENTION = "attention"
    BAD = "bad"


@dataclass(frozen=True)
class Disk:
    free: int
    total: int

    @property
    def health(self) -> Health:
        low = self.free < DISK_LEAST or self.free < self.total * DISK_LOW
        return Health.BAD if low else Health.GOOD


@dataclass(frozen=True)
class Post:
    """The outbox. `has_server`: else every mail becomes a file."""

    counts: dict[MailState, int]
    oldest: datetime | None
    has_server: bool

    @property
    def health(self) -> Health:
        if self.counts[MailState.FAILED]:
            return Health.BAD
        late = self.oldest is not None and clock.now() - self.oldest > MAIL_LATE
        return Health.ATTENTION if late or not self.has_server else Health.GOOD


@dataclass(frozen=True)
class Sweep:
    name: str
    done_at: datetime | None
    failed_at: datetime | None
    failures: int
    error: str | None

    @property
    def health(self) -> Health:
        if self.failures:
            return Health.BAD
        behind = self.done_at is None or clock.now() - self.done_at > jobs.BEHIND
        return Health.ATTENTION if behind else Health.GOOD


@dataclass(frozen=True)
class Backup:
    """The last one in the usual folder; those made elsewhere are not seen."""

    made_at: datetime | None
    folder: str

    @property
    def health(self) -> Health:
        late = self.made_at is None or clock.now() - self.made_at > BACKUP_LATE
        return Health.ATTENTION if late else Health.GOOD


def disk() -> Disk:
    """Of the folder of uploads, or of the nearest one above it that exists."""
    folder = files.folder()
    while not folder.exists():
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    return Disk(usage.free, usage.total)


def post() -> Post:
    return Post(mail.outbox_counts(), mail.longest_waiting(), bool(current_app.config["MAIL_URL"]))


def sweeps() -> list[Sweep]:
    """Every sweep of the product, in the order in which they run."""
    known = jobs.states()
    found = []
    for name in current_app.extensions["sweeps"]:
        s = known.get(name)
        found.append(
            Sweep(name, s.done_at, s.failed_at, s.failures, s.error)
            if s
            else Sweep(name, None, None, 0, None)
        )
    return found


def last_backup() -> Backup:
    folder = Path(current_app.config["DATA_DIR"]) / "backups"
    names = [path.name for path in backups_in(folder)] if folder.is_dir() else []
    made = max((name for name in names if NAME.fullmatch(name)), default=None)
    at = datetime.strptime(f"{made}+0000", "kompeten-%Y%m%dT%H%M%SZ%z") if made else None
    return Backup(at, str(folder))


def is_guarded() -> bool:
    """Do the triggers of every ledger stand?"""
    return not ledger.missing_triggers()


def database() -> str:
    return "PostgreSQL" if db.engine.dialect.name == "postgresql" else "SQLite"


def version() -> str:
    return product_version()


def imports_waiting() -> int:
    """Imports on which somebody has to decide."""
    waiting = (ImportState.READY, ImportState.STALE, ImportState.FAILED)
    return db.session.scalars(
        select(func.count()).select_from(RegisterImport).where(RegisterImport.state.in_(waiting))
    ).one()


def accounts_waiting() -> int:
    """Open accounts that nobody has activated yet."""
    return db.session.scalars(
        select(func.count())
        .select_from(Person)
        .where(Person.deactivated_at.is_(None), Person.password_hash.is_(None))
    ).one()
