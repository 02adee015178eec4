"""`flask backup`, `check-backup`, `restore`, `move-to-postgres` and `uploads`."""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from lms.config import from_environment
from lms.core.db import UnsafeDatabase
from lms.core.errors import StartError
from lms.upkeep import backup as backups
from lms.upkeep import manifest
from lms.upkeep.folders import UpkeepError
from lms.upkeep.move import move
from lms.upkeep.pruning import prune
from lms.upkeep.restore import restore as bring_back

_PATH = click.Path(path_type=Path)


@contextmanager
def answering() -> Iterator[None]:
    """What cannot be done becomes one sentence and exit code 1."""
    try:
        yield
    except (UpkeepError, StartError) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise click.ClickException(f"{where}{error.strerror or error}.") from error
    except (SQLAlchemyError, UnsafeDatabase, sqlite3.Error) as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise click.ClickException(f"The database cannot be used: {reason.rstrip('.')}.") from error


@click.command("backup")
@click.argument("folder", type=_PATH, required=False)
@click.option("--keep", type=click.IntRange(min=1), help="Backups to keep; older ones are removed.")
@click.option("--copy-to", type=_PATH, help="Also copy it into this folder, such as a share.")
@with_appcontext
def backup(folder: Path | None, keep: int | None, copy_to: Path | None) -> None:
    """Back up database, uploads and secret into a new folder below FOLDER, while the site runs.

    Without FOLDER: `backups` in DATA_DIR.
    """
    with answering():
        made = backups.make(folder or Path(current_app.config["DATA_DIR"]) / "backups")
        rows = sum(made.manifest.rows.values())
        size = sum(content.size for content in made.manifest.files.values())
        click.echo(f"{made.path}: {rows} rows, {len(made.manifest.uploads)} uploads, {size} bytes.")
        places = [made.path]
        if copy_to:
            places.append(backups.copy_to(made.path, copy_to))
            click.echo(f"Copied to {places[-1]}.")
        for place in places if keep else ():
            for name in backups.rotate(place, keep or 1):
                click.echo(f"Removed {place.parent / name}.")
    for name in made.damaged_uploads:
        click.echo(f"{name} was damaged already: its content is not what its name says.", err=True)
    if made.damaged_uploads:
        sys.exit(1)


@click.command("check-backup")
@click.argument("backup", type=_PATH)
@with_appcontext
def check_backup(backup: Path) -> None:
    """Name everything that is damaged in a backup. Exit code 1 when there is something."""
    with answering():
        described = manifest.read(backup)
        damages = manifest.damages(backup, described)
    for damage in damages:
        click.echo(damage)
    if damages:
        click.echo(f"{len(damages)} files are damaged.")
        sys.exit(1)
    click.echo(
        f"Whole: {described.site} on {described.database} at migration {described.revision}, "
        f"{described.made_at:%Y-%m-%d %H:%M:%S} UTC, {sum(described.rows.values())} rows, "
        f"{len(described.uploads)} uploads."
    )


@click.command("restore")
@click.argument("backup", type=_PATH)
@click.option("--despite-faults", is_flag=True, help="Also when chains of the ledgers are broken.")
@with_appcontext
def restore(backup: Path, despite_faults: bool) -> None:
    """Restore a backup into an empty place: no database, no uploads. Ends all sign-in sessions."""
    with answering():
        done = bring_back(backup, despite_faults=despite_faults)
    for fault in done.proof.chain_faults:
        click.echo(fault, err=True)
    if done.secret_differs:
        click.echo(
            "SECRET_KEY in the environment is not the one of the backup: links in mail are dead, "
            f"unless you set it to what stands in {backup / manifest.SECRET}.",
            err=True,
        )
    click.echo(
        f"Restored {sum(done.manifest.rows.values())} rows and {len(done.manifest.uploads)} "
        f"uploads of {done.manifest.made_at:%Y-%m-%d %H:%M:%S} UTC; "
        f"{done.proof.sessions_ended} sessions ended."
    )


@click.command("move-to-postgres")
@click.argument("target_url")
@with_appcontext
def move_to_postgres(target_url: str) -> None:
    """Copy this SQLite site into the empty PostgreSQL database TARGET_URL. Stop the service first.

    The password may come from PGPASSWORD or ~/.pgpass.
    """
    with answering():
        moved = move(_postgresql_url(target_url))
    for name, table in sorted(moved.items()):
        click.echo(f"{name}: {table.rows} rows, {table.digest[:16]}")
    click.echo(
        f"Moved {sum(table.rows for table in moved.values())} rows of {len(moved)} tables, all "
        "compared. Set DATABASE_URL before you start the service; the SQLite database is as it was."
    )


@click.group("uploads")
def uploads() -> None:
    """What users have sent and the site has made."""


@uploads.command("prune")
@click.option("--days", type=click.IntRange(min=1), default=30, show_default=True)
@click.option("--dry-run", is_flag=True, help="Only say how much it would be.")
@with_appcontext
def prune_uploads(days: int, dry_run: bool) -> None:
    """Remove the uploads that nothing names any more and that are older than so many DAYS."""
    with answering():
        done = prune(timedelta(days=days), dry_run=dry_run)
    click.echo(
        f"{done.files} uploads of {done.size} bytes {'to remove' if dry_run else 'removed'}."
    )


def _postgresql_url(written: str) -> str:
    try:
        url = from_environment({"DATABASE_URL": written}).DATABASE_URL
    except StartError:
        url = ""
    if not url.startswith("postgresql"):
        raise UpkeepError("TARGET_URL must begin with postgresql://.")
    return url
