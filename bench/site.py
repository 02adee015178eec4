"""The scratch site: built once for a size and a database, kept, and copied for every run."""

import gc
import hashlib
import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

from sqlalchemy import func, select

from bench import FOLDER, OUT, content
from bench.bulk import Bulk
from bench.databases import Database, say
from bench.people import PASSWORD, SIZES, Office
from bench.rows import CourseFacts, Rows
from lms import create_app, setup
from lms.competencies import rules as levels
from lms.competencies.models import Competency
from lms.competencies.queries.evidence import proves_up_to
from lms.competencies.rules import EvidenceKind
from lms.config import ROOT, Settings
from lms.core import clock
from lms.core.db import db
from lms.core.passwords import hash_password
from lms.courses import queries as courses
from lms.courses.models import Course, Outcome
from lms.quizzes.queries import question_ids_of

MARK = "site.json"
DEFINED_BY = ("bulk.py", "chains.py", "content.py", "people.py", "rows.py", "site.py")


@dataclass(frozen=True)
class Site:
    """A built site: never run on itself, only on a copy."""

    size: str
    office: Office
    url: str
    uploads: Path
    build_seconds: float
    bytes: int


def built(size: str, people: int, database: Database, kept: Path = OUT / "sites") -> Site:
    """The site of this size, from the folder of kept ones or built now."""
    name = f"site_{size.lower()}_{people}_{_digest()}"
    folder = kept / f"{name}_{database.kind}"
    mark = folder / MARK
    if mark.exists():
        told = json.loads(mark.read_text())
        if database.exists(told["url"]):
            url, seconds = told["url"], told["build_seconds"]
            return Site(size, Office(people), url, folder / "uploads", seconds, database.size(url))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    say(f"building the site {size}: {people:,} people on {database.kind}")
    begun = time.monotonic()
    url = database.new(name, folder)
    _build(url, Office(people), folder)
    seconds = round(time.monotonic() - begun, 1)
    mark.write_text(json.dumps({"url": url, "build_seconds": seconds}))
    say(f"built in {seconds} s")
    return Site(size, Office(people), url, folder / "uploads", seconds, database.size(url))


def _digest() -> str:
    """Of everything that decides what a site holds; the month too, for the hours of this year."""
    paths = [FOLDER / name for name in DEFINED_BY]
    paths += sorted((ROOT / "migrations" / "versions").glob("*.py"))
    paths += sorted(p for p in (ROOT / "courses").rglob("*") if p.is_file())
    whole = hashlib.sha256(f"{clock.now():%Y-%m}".encode())
    for path in paths:
        whole.update(path.read_bytes())
    return whole.hexdigest()[:10]


def _build(url: str, office: Office, folder: Path) -> None:
    app = create_app(
        Settings(
            DATABASE_URL=url, DATA_DIR=str(folder / "data"), UPLOADS_DIR=str(folder / "uploads"),
            DEMO=False, LOG_LEVEL="CRITICAL",
        )
    )  # fmt: skip
    with app.app_context(), _ended_cleanly():
        setup.run(with_demo=False)
        content.write_courses(folder / "courses", _small_courses(office))
        for courses_folder in (folder / "courses", setup.COURSES):
            setup.import_courses(courses_folder)
        facts = [_facts_of(course) for course in db.session.scalars(select(Course))]
        rows = Rows(
            office=office,
            bench=next(f for f in facts if f.slug == content.BENCH),
            others=tuple(f for f in facts if f.slug.startswith("kursus-")),
            password_hash=hash_password(PASSWORD),
            today=clock.today("Asia/Jakarta"),
            ids=_last_ids(),
        )
    _insert(url, rows)
    shutil.rmtree(folder / "courses")


def _small_courses(office: Office) -> int:
    """Enough for three pages of the catalogue; on the tiny site of a test for two."""
    return 60 if office.people >= SIZES["S"] else 20


@contextmanager
def _ended_cleanly() -> Iterator[None]:
    try:
        yield
    finally:
        db.session.remove()
        db.engine.dispose()


def _last_ids() -> dict[str, int]:
    """Ids that publishing the courses has used already."""
    tables = [table for table in db.metadata.sorted_tables if "id" in table.c]
    return {t.name: db.session.scalar(select(func.max(t.c.id))) or 0 for t in tables}


def _facts_of(course: Course) -> CourseFacts:
    version = course.current_version
    assert version is not None
    parts = courses.outline(version).parts
    quiz = next(part for part in reversed(parts) if part.quiz_id)
    assert quiz.quiz_id is not None
    day = clock.today("Asia/Jakarta")
    limit = proves_up_to(EvidenceKind.COURSE_COMPLETION, day)
    outcomes = db.session.execute(
        select(Competency.id, Competency.uuid, Outcome.level_to)
        .join(Outcome, Outcome.competency_id == Competency.id)
        .where(Outcome.version_id == version.id)
    )
    return CourseFacts(
        id=course.id,
        uuid=course.uuid,
        slug=course.slug,
        title=version.title,
        jp=version.jp,
        version=SimpleNamespace(id=version.id, uuid=version.uuid),
        lessons=tuple(part.key for part in parts if part.quiz_id is None),
        quiz_id=quiz.quiz_id,
        quiz_key=quiz.key,
        questions=tuple(question_ids_of(quiz.quiz_id)),
        outcomes=tuple((SimpleNamespace(id=i, uuid=uuid), level) for i, uuid, level in outcomes),
        standing=levels.standing(1, limit),
    )


def _insert(url: str, rows: Rows) -> None:
    tables = {table.name: table for table in db.metadata.sorted_tables}
    bulk = Bulk(url)
    filled = 0
    gc.disable()  # nothing here holds itself, and looking for it takes a fifth of the time
    for batch in rows.batches():
        for name in [name for name in tables if name in batch]:
            bulk.insert(tables[name], batch[name])
            filled += len(batch[name])
    gc.enable()
    bulk.close([table for table in tables.values() if "id" in table.c])
    say(f"{filled:,} rows")
