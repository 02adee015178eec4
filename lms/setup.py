"""Bringing a site up: migrations, reference data, and on request an invented city."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask_migrate import upgrade
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from lms import demo
from lms.accounts.queries import there_are_people
from lms.competencies.actions import reference
from lms.config import ROOT
from lms.core import ledger
from lms.core.db import UnsafeDatabase, db, transaction
from lms.core.errors import DomainError, StartError
from lms.courses.actions import publishing as courses
from lms.courses.actions.rendering import kept_source, prepare

COURSES = ROOT / "courses"


def run(*, with_demo: bool) -> None:
    """Migrate, load reference data, and fill an empty site with the demo if asked.

    Raises StartError with a sentence for the operator.
    """
    try:
        with alone():
            if not is_current():
                upgrade()
            assert_guarded()
            with transaction():
                reference.load_reference()
            if with_demo and not there_are_people():
                import_courses(COURSES)
                demo.build_people()
                demo.build_learning()
    except (SQLAlchemyError, UnsafeDatabase) as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise StartError(f"The database cannot be used: {reason}.") from error
    finally:
        db.session.remove()


@contextmanager
def alone() -> Iterator[None]:
    """Only one machine of a site sets it up at a time (SQLite belongs to one machine anyway)."""
    if db.engine.dialect.name != "postgresql":
        yield
        return
    with db.engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(20261121)"))
        connection.commit()
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(20261121)"))
            connection.commit()


def assert_guarded() -> None:
    """Raises StartError when a trigger that guards a ledger is missing."""
    missing = ledger.missing_triggers()
    if missing:
        raise StartError(f"The ledgers are not guarded: {', '.join(missing)} is missing.")


def assert_sound() -> None:
    """Like `assert_guarded`, for a database that is migrated and answers; `/readyz` tells of one
    that does not."""
    try:
        if is_current():
            assert_guarded()
    except UnsafeDatabase as error:
        raise StartError(f"The database cannot be used: {error}.") from error
    except SQLAlchemyError:
        return
    finally:
        db.session.remove()
        db.engine.dispose()  # a server forks after this


def import_courses(folder: Path) -> None:
    """Publish every course folder. Raises StartError naming the first problem of a broken one."""
    if not folder.is_dir():
        raise StartError(f"The folder {folder.name} with the courses is missing.")
    for path in sorted(p for p in folder.iterdir() if p.is_dir() and p.name[0] not in "._"):
        content, problems = courses.check_folder(path)
        if content is None:
            raise StartError(
                f"The course folder {path.name} has {len(problems)} problem(s), the first: "
                f"{problems[0]} (flask courses check shows all)."
            )
        try:
            prepared = prepare(content, kept_source(path))
        except DomainError as error:
            raise StartError(f"The course folder {path.name}: {error.message}") from error
        with transaction():
            courses.publish(prepared, small=False)


def revisions() -> list[str]:
    """Every migration's number, the oldest first. Saves loading Alembic at every start."""
    versions = ROOT / "migrations" / "versions"
    return sorted(path.name.split("_")[0] for path in versions.glob("[0-9]*_*.py"))


def revision() -> str | None:
    """The number of the migration that the database stands at; None: not migrated."""
    if not ledger.tables_exist():
        return None
    found = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    return None if found is None else str(found)


def is_current() -> bool:
    """Does the database stand at the newest migration?"""
    return revision() == revisions()[-1]
