"""Bringing a site up: migrations, reference data, and on request an invented city."""

from pathlib import Path

from flask_migrate import upgrade
from sqlalchemy.exc import OperationalError

from lms import demo
from lms.accounts.queries import there_are_people
from lms.competencies import actions as competencies
from lms.config import ROOT
from lms.core import ledger
from lms.core.db import db, transaction
from lms.core.errors import StartError
from lms.courses import actions as courses

COURSES = ROOT / "courses"


def run(*, with_demo: bool) -> None:
    """Migrate, load reference data, and fill an empty site with the demo if asked.

    Raises StartError with a sentence for the operator.
    """
    try:
        if not _is_current():
            upgrade()
        assert_guarded()
        with transaction():
            competencies.load_reference()
        if with_demo and not there_are_people():
            import_courses(COURSES)
            demo.build_people()
            demo.build_learning()
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise StartError(f"The database cannot be used: {reason}.") from error
    finally:
        db.session.remove()


def assert_guarded() -> None:
    """Raises StartError when a trigger that guards a ledger is missing."""
    missing = ledger.missing_triggers()
    if missing:
        raise StartError(f"The ledgers are not guarded: {', '.join(missing)} is missing.")


def import_courses(folder: Path) -> None:
    """Publish every course folder. Raises StartError naming the first problem of a broken one."""
    for path in sorted(p for p in folder.iterdir() if p.is_dir()):
        content, problems = courses.check_folder(path)
        if content is None:
            raise StartError(
                f"The course folder {path.name} has {len(problems)} problem(s), the first: "
                f"{problems[0]} (flask courses check shows all)."
            )
        prepared = courses.prepare(content)
        with transaction():
            courses.publish(prepared, small=False)


def _is_current() -> bool:
    """Does the database stand at the newest migration? Saves loading Alembic at every start."""
    versions = ROOT / "migrations" / "versions"
    newest = max(path.name.split("_")[0] for path in versions.glob("[0-9]*_*.py"))
    if not ledger.tables_exist():
        return False
    found = db.session.execute(db.text("SELECT version_num FROM alembic_version")).scalar()
    return found == newest
