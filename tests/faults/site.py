"""A site for a fault: people, courses, the running product, its learners and its judge."""

import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from flask import Flask

from lms import create_app, setup
from lms.accounts.actions import people, placements
from lms.accounts.rules import Employment, PositionTier
from lms.config import Settings
from lms.core import logs
from lms.core.db import db, transaction
from lms.core.passwords import hash_password
from lms.courses.actions import publishing as courses
from lms.courses.actions import rendering
from tests.cast import PASSWORD
from tests.faults import checker, ledger
from tests.faults.learner import Learner
from tests.running import Running, is_ready, start, until
from tests.sample_course import write_course

PEOPLE = 8


@dataclass
class Stage:
    """A prepared site. `app` is an application of the test's own on the same data."""

    folder: Path
    database_url: str
    app: Flask
    nips: list[str]
    slugs: list[str]
    settings: dict[str, str] = field(default_factory=dict)
    running: Running | None = None
    devices: list[Learner] = field(default_factory=list)
    _signed_in: list[Learner] = field(default_factory=list)

    def start(self) -> float:
        """Start the product on the same port as before; the seconds until it was ready."""
        port = self.running.port if self.running else 0
        running = start(self.folder, self.database_url, port, **self.settings)
        self.running = running
        return until(lambda: is_ready(running), "the start")

    def site(self) -> Running:
        assert self.running is not None
        return self.running

    def learner(self, number: int = 0) -> Learner:
        """A device of one of the people, signed in by the form."""
        found = self.stranger(number)
        found.sign_in()
        return found

    def stranger(self, number: int = 0) -> Learner:
        """A device at which nobody is signed in yet."""
        path = self.folder / f"ledger-{len(self.devices)}.jsonl"
        found = Learner(self.site().url, self.nips[number], path)
        self.devices.append(found)
        return found

    def twin(self, learner: Learner) -> Learner:
        """Another tab: the same session, a ledger of its own."""
        found = self.stranger(self.nips.index(learner.nip))
        found.cookies, found.csrf = dict(learner.cookies), learner.csrf
        return found

    def learners(self) -> list[Learner]:
        """Everybody once. Signing in is slow on purpose, so a second time gives second tabs."""
        if not self._signed_in:
            self._signed_in = [self.learner(number) for number in range(len(self.nips))]
            return self._signed_in
        return [self.twin(learner) for learner in self._signed_in]

    def fresh(self, courses: int) -> list[str]:
        """Courses that nobody has looked at yet."""
        found, self.slugs = self.slugs[:courses], self.slugs[courses:]
        assert len(found) == courses
        return found

    def unhandled(self) -> list[str]:
        """Lines of the log that tell of a fault which no page of ours answered for."""
        signs = ('"unhandled"', "Error handling request")
        return [line for line in self.site().log().splitlines() if any(s in line for s in signs)]

    def acts(self) -> list[ledger.Act]:
        return [act for path in self.folder.glob("ledger-*") for act in ledger.read(path)]

    def check(self) -> None:
        """The judge: what was acknowledged against database, files, audit and chains."""
        faults = checker.faults(self.app, self.acts())
        assert not faults, "\n".join(faults[:40])

    def close(self) -> None:
        if self.running:
            self.running.stop()
        for device in self.devices:
            device.ledger.close()
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
        logs.configure("CRITICAL")


def prepare(
    folder: Path, database_url: str, *, course_count: int = 2, people_count: int = PEOPLE,
    data: Path | None = None, settings: dict[str, str] | None = None,
) -> Stage:  # fmt: skip
    """Migrate, add people and courses. `data` takes the place of the folder's own data."""
    given = {
        "DATABASE_URL": database_url, "DATA_DIR": str(data or folder / "data"),
        "UPLOADS_DIR": str(folder / "uploads"),
    }  # fmt: skip
    app = create_app(Settings(**given, LOG_LEVEL="CRITICAL"))  # type: ignore[arg-type]  # all text
    with app.app_context():
        setup.run(with_demo=False)
        nips = _add_people(people_count)
        slugs = _add_courses(folder / "courses", course_count)
        db.session.remove()
        db.engine.dispose()
    more = {**(settings or {}), **({"DATA_DIR": str(data)} if data else {})}
    return Stage(folder, database_url, app, nips, slugs, more)


def _add_people(count: int) -> list[str]:
    password_hash = hash_password(PASSWORD)
    nips = [f"19900101201501{1 + n % 2}{n + 1:03}" for n in range(count)]
    with transaction():
        unit = placements.add_unit(code="KOTA", name="Kota Contoh", parent=None)
        post = placements.add_position(code="P", name="Pengelola", tier=PositionTier.PELAKSANA)
        for number, nip in enumerate(nips):
            person = people.add_person(
                nip=nip,
                name=f"Pegawai {number}",
                email=f"pegawai{number}@contoh.test",
                employment=Employment.PNS,
            )
            person.password_hash = password_hash
            placements.place_person(person, unit, post, start_on=date(2020, 1, 1))
    return nips


def _add_courses(folder: Path, count: int) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    source = write_course(folder, attempts=0)
    slugs = []
    for number in range(count):
        path = folder / f"kursus-{number + 1}"
        with suppress(FileExistsError):
            shutil.copytree(source, path)
        content, problems = courses.check_folder(path)
        assert content is not None, problems
        prepared = rendering.prepare(content, rendering.kept_source(path))
        db.session.rollback()
        with transaction():
            courses.publish(prepared, small=False)
        slugs.append(path.name)
    return slugs
