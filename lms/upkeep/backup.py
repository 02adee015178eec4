"""Making backups: one folder each, whole before it has its name, proved after it was written."""

import os
import shutil
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import current_app

from lms.core import clock, files
from lms.core.db import db
from lms.upkeep import manifest, postgresql, sqlite
from lms.upkeep.folders import (
    DRAFT,
    Content,
    UpkeepError,
    alone_in,
    content_of,
    copy,
    draft,
    make_folder,
    write,
)
from lms.upkeep.manifest import MANIFEST, SEAL, SECRET, UPLOADS, Manifest, backups_in
from lms.upkeep.sqlite import Found


@dataclass(frozen=True)
class Made:
    """A whole backup, and the uploads that were damaged before they came into it."""

    path: Path
    manifest: Manifest
    damaged_uploads: list[str]


def make(folder: Path) -> Made:
    """Back the site up into a new folder below `folder`, while it runs.

    The database comes first and the uploads after it: none is removed meanwhile, so all that the
    database names is there. Raises UpkeepError, OSError or sqlite3.Error; then nothing is left.
    """
    make_folder(folder)
    at = clock.now()
    target = folder / f"kompeten-{at:%Y%m%dT%H%M%SZ}"
    uploads = files.folder().parent
    uploads.mkdir(parents=True, exist_ok=True)
    with alone_in(folder), alone_in(uploads):
        before = backups_in(folder)
        with draft(target) as work:
            kind = db.engine.dialect.name
            found = _database(work / manifest.DATABASES[kind])
            write(work / SECRET, str(current_app.config["SECRET_KEY"]) + "\n")
            own = (manifest.DATABASES[kind], SECRET)
            contents = {name: content_of(work / name) for name in own}
            contents |= _uploads(work, before[-1] if before else None)
            made = _described(at, kind, found, contents)
            manifest.put(made, work)
            _look_again(work)
    damaged = [n for n in made.uploads if made.files[n].sha256 != Path(n).name]
    return Made(target, made, damaged)


def copy_to(backup: Path, folder: Path) -> Path:
    """Copy a backup into another folder and prove the copy. Raises as `make` does."""
    if not folder.is_dir():
        raise UpkeepError(f"There is no folder {folder} to copy to; is it mounted?")
    described = manifest.read(backup)
    with alone_in(folder):
        before = backups_in(folder)
        with draft(folder / backup.name) as work:
            for name in described.files:
                _place(backup / name, _twin(before[-1] if before else None, name), work / name)
            for name in (MANIFEST, SEAL):
                copy(backup / name, work / name)
            _look_again(work)
    return folder / backup.name


def rotate(newest: Path, keep: int) -> list[str]:
    """Remove the oldest backups of this site beside the newest one, so that `keep` of them stay.
    The names of those removed. What is not ours, or does not say so, is left alone."""
    folder, site = newest.parent, manifest.read(newest).site
    removed = []
    with alone_in(folder):
        older = [path for path in backups_in(folder) if path != newest and _site_of(path) == site]
        for path in older[: max(0, len(older) - (keep - 1))]:
            # Renamed first: a removal that is cut short leaves nothing that looks whole.
            gone = folder / f"{DRAFT}{path.name}"
            path.rename(gone)
            shutil.rmtree(gone)
            removed.append(path.name)
    return removed


def _database(target: Path) -> Found:
    if db.engine.dialect.name == "postgresql":
        found = postgresql.dump(target)
        postgresql.read_through(target)
        return found
    db.session.remove()
    try:
        sqlite.snapshot(Path(str(db.engine.url.database)), target)
        faults = sqlite.faults_in(target)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):  # a full disk, above all
            raise
        faults = [str(error)]
    if faults:
        raise UpkeepError(f"The site's database is damaged: {faults[0]}. No backup was made of it.")
    return sqlite.found_in(target)


def _uploads(work: Path, before: Path | None) -> dict[str, Content]:
    contents = {}
    for path in files.kept():
        name = f"{UPLOADS}/{path.parent.name}/{path.name}"
        contents[name] = _place(path, _twin(before, name), work / name)
    return contents


def _twin(before: Path | None, name: str) -> Path | None:
    """The same upload in the backup before, if it is there; every other file changes."""
    return before / name if before and name.startswith(f"{UPLOADS}/") else None


def _place(source: Path, twin: Path | None, target: Path) -> Content:
    """Put a file into a backup. One that the backup before holds too, and undamaged, is a second
    name for the same bytes, where the file system can do that."""
    if twin is not None:
        with suppress(OSError):
            content = content_of(twin)
            if content.sha256 == target.name:
                make_folder(target.parent)
                os.link(twin, target)
                return content
    return copy(source, target)


def _described(at: datetime, kind: str, found: Found, contents: dict[str, Content]) -> Manifest:
    return Manifest(
        version=manifest.product_version(),
        site=current_app.config["SITE_URL"],
        made_at=at,
        database=kind,
        revision=found.revision,
        rows=found.rows,
        files=contents,
    )


def _look_again(work: Path) -> None:
    damages = manifest.damages(work, manifest.read(work))
    if damages:
        raise UpkeepError(f"What was written cannot be read back: {damages[0]}.")


def _site_of(backup: Path) -> str | None:
    try:
        return manifest.read(backup).site
    except UpkeepError:
        return None
