"""Bringing a backup back, into an empty place only, and live only after everything was proved."""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from flask import current_app
from flask_migrate import upgrade

from lms import setup
from lms.accounts.actions import sessions
from lms.config import is_kept_secret
from lms.core import audit, files
from lms.core.db import db, other_engine, pointed_at, transaction
from lms.upkeep import manifest, postgresql, records, sqlite
from lms.upkeep.folders import (
    UpkeepError,
    alone_in,
    copy,
    scratch,
    sync_file,
    sync_folder,
    sync_tree,
    write,
)
from lms.upkeep.manifest import SECRET, UPLOADS, Manifest
from lms.upkeep.sqlite import Found

FAULTS_SHOWN = 20


@dataclass(frozen=True)
class Proof:
    """What was found in the restored database before it went live."""

    sessions_ended: int
    chain_faults: list[str]


@dataclass(frozen=True)
class Restored:
    """`secret_differs`: the setting SECRET_KEY is not that of the backup, and was left alone."""

    manifest: Manifest
    proof: Proof
    secret_differs: bool


def restore(backup: Path, *, despite_faults: bool = False) -> Restored:
    """Bring a backup back into an empty place. Ends every sign-in session that it holds.

    Raises UpkeepError, StartError, OSError or an error of the database; nothing has gone live
    then. With `despite_faults` broken chains are told and do not keep the site from going live.
    """
    described = manifest.read(backup)
    _assert_fits(described)
    _assert_no_other_uploads(described)
    damages = manifest.damages(backup, described)
    if damages:
        raise UpkeepError(f"{backup.name} is damaged, nothing was restored: {'; '.join(damages)}.")
    secret = (backup / SECRET).read_text("utf-8").strip()
    uploads = files.folder().parent
    with setup.alone(), alone_in(uploads), scratch(uploads, "restore-uploads") as work:
        (work / UPLOADS).mkdir(mode=0o700)
        for name in described.uploads:
            _copy(backup, name, described, work / name)
        sync_tree(work / UPLOADS)
        staged = _Files(work, secret)
        bring_back = _to_postgresql if described.database == "postgresql" else _to_sqlite
        try:
            proof = bring_back(backup, described, staged.place, despite_faults)
        except BaseException:
            staged.take_back()
            raise
    return Restored(described, proof, secret != current_app.config["SECRET_KEY"])


def _assert_fits(described: Manifest) -> None:
    """Can this version, over the kind of database that it is set to, hold what was backed up?"""
    own = db.engine.dialect.name
    if described.database != own:
        raise UpkeepError(
            f"The backup is of {described.database} and DATABASE_URL names {own}; restore it into "
            "its own kind. flask move-to-postgres moves a site of SQLite afterwards."
        )
    if described.revision not in setup.revisions():
        raise UpkeepError(
            f"The backup stands at migration {described.revision}, which this version does not "
            f"know; restore it with version {described.version} of the product or a newer one."
        )


def _assert_no_other_uploads(described: Manifest) -> None:
    """What a restore that was killed has placed already is no obstacle."""
    known = set(described.uploads)
    for path in files.kept():
        if f"{UPLOADS}/{path.parent.name}/{path.name}" not in known:
            raise UpkeepError(
                f"{files.folder()} holds files that are not in the backup; restore into an empty "
                "place, and move what is there away first."
            )


def _to_sqlite(
    backup: Path, described: Manifest, place_files: Callable[[], None], despite_faults: bool
) -> Proof:
    """Prove the database beside the place where it goes, then give it its name."""
    live = Path(str(db.engine.url.database))
    db.session.remove()
    db.engine.dispose()
    if not sqlite.is_empty(live):
        raise UpkeepError(
            f"There is a database {live} already; move it away before you restore another."
        )
    if live.with_name(f"{live.name}-wal").exists():
        raise UpkeepError(f"{live} is in use; stop the service first.")
    with scratch(live.parent, "restore-database") as work:
        beside = work / live.name
        _copy(backup, described.database_file, described, beside)
        faults = sqlite.faults_in(beside)
        if faults:
            raise UpkeepError(f"The backup's database is damaged: {'; '.join(faults)}.")
        _assert_equal(described, sqlite.found_in(beside))
        with other_engine(f"sqlite:///{beside}") as engine, pointed_at(engine):
            proof = _prove(described, despite_faults)
            setup.assert_guarded()
        if beside.with_name(f"{beside.name}-wal").exists():
            raise UpkeepError("The restored database could not be closed; try again.")
        sync_file(beside)
        place_files()
        os.replace(beside, live)
    with suppress(OSError):  # it is live, whatever becomes of its name when the power fails
        sync_folder(live.parent)
    return proof


def _to_postgresql(
    backup: Path, described: Manifest, place_files: Callable[[], None], despite_faults: bool
) -> Proof:
    """Load and prove everything but the triggers, without which no process of the product starts;
    they come last. A database of an older migration is proved once it is migrated."""
    with db.engine.connect() as connection:
        if not postgresql.is_empty(connection):
            raise UpkeepError("The database is not empty; restore into a new one.")
    dump = backup / described.database_file
    current = described.revision == setup.revisions()[-1]
    try:
        with scratch(files.folder().parent, "restore-database") as work:
            postgresql.load(dump, work, triggers=False)
            with db.engine.connect() as connection:
                _assert_equal(described, postgresql.found_in(connection))
            proof = _prove(described, despite_faults) if current else None
            place_files()
            postgresql.load(dump, work, triggers=True)
            proof = proof or _prove(described, despite_faults)
            setup.assert_guarded()
    except BaseException:
        db.session.remove()
        postgresql.empty(db.engine)
        raise
    return proof


def _prove(described: Manifest, despite_faults: bool) -> Proof:
    if not setup.is_current():
        _migrate()
    faults = list(islice(records.chain_faults(), FAULTS_SHOWN))
    db.session.rollback()
    if faults and not despite_faults:
        raise UpkeepError(
            f"The ledgers of the backup have faults, nothing was restored: {'; '.join(faults)}. "
            "--despite-faults restores it all the same."
        )
    with transaction():
        ended = sessions.end_every_session()
        audit.record(
            None, "upkeep.restored", backed_up_at=described.made_at.isoformat(),
            revision=described.revision, sessions_ended=ended, faults=len(faults),
        )  # fmt: skip
    return Proof(ended, faults)


def _migrate() -> None:
    db.session.rollback()
    try:
        upgrade()
    except SystemExit as error:  # Flask-Migrate has logged the reason
        raise UpkeepError("The backup's database could not be migrated.") from error


def _assert_equal(described: Manifest, found: Found) -> None:
    wrong = [
        f"{table} has {found.rows.get(table, 0)} rows, not {described.rows.get(table, 0)}"
        for table in sorted(described.rows.keys() | found.rows.keys())
        if found.rows.get(table) != described.rows.get(table)
    ]
    if found.revision != described.revision:
        wrong.append(f"it stands at migration {found.revision}, not {described.revision}")
    if wrong:
        raise UpkeepError(f"The database is not what the manifest says: {'; '.join(wrong)}.")


def _copy(backup: Path, name: str, described: Manifest, target: Path) -> None:
    if copy(backup / name, target) != described.files[name]:
        raise UpkeepError(f"{name} changed while it was restored.")


class _Files:
    """Uploads and secret, ready beside their places."""

    def __init__(self, work: Path, secret: str) -> None:
        self._work, self._secret, self._placed = work, secret, False

    def place(self) -> None:
        media = files.folder()
        if media.exists():  # empty, or of this backup
            media.rename(self._work / "before")
        (self._work / UPLOADS).rename(media)
        self._placed = True
        sync_folder(media.parent)
        _place_secret(self._secret)

    def take_back(self) -> None:
        """The database did not go live, so the uploads must not stay."""
        if self._placed:
            files.folder().rename(self._work / UPLOADS)


def _place_secret(secret: str) -> None:
    """In place of the one that this machine made for the empty site; one that comes from the
    environment is the operator's to change."""
    path = Path(current_app.config["DATA_DIR"]) / "secret.key"
    own = str(current_app.config["SECRET_KEY"]).encode()
    if path.exists() and path.read_bytes().strip() == own and is_kept_secret(secret):
        new = path.with_name(".secret.key-restored")
        new.unlink(missing_ok=True)
        write(new, secret)
        new.replace(path)
        sync_folder(path.parent)
        current_app.config["SECRET_KEY"] = secret
