"""Who acts in the demo, and the clock of the days on which they did."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from lms.accounts.models import Person
from lms.accounts.queries import DEFAULT_ZONE
from lms.core import clock
from lms.core.access import EVERYBODY, Delegated, Permission
from lms.core.db import db


@dataclass(frozen=True)
class Learner:
    """Stands in for the signed-in person; the `Actor` of every act here."""

    person_id: int
    person_uuid: UUID
    name: str
    time_zone: str = DEFAULT_ZONE
    permissions: frozenset[Permission] = EVERYBODY
    headed_paths: tuple[str, ...] = ()
    delegations: tuple[Delegated, ...] = ()

    @property
    def own_headed_paths(self) -> tuple[str, ...]:
        return self.headed_paths

    def paths_of(self, permission: Permission) -> tuple[str, ...]:
        return ()


class Hour:
    """The clock of one person's history, moved on by hand."""

    def __init__(self, day: date, random: Random) -> None:
        self._random = random
        self._at = self._morning_of(day)

    def read(self) -> datetime:
        return self._at

    def pass_seconds(self, seconds: int) -> None:
        self._at += timedelta(seconds=seconds)

    def sleep(self) -> None:
        """Go on with the next morning."""
        self._at = self._morning_of(clock.local_day(self._at, DEFAULT_ZONE) + timedelta(days=1))

    def _morning_of(self, day: date) -> datetime:
        start = time(self._random.randint(7, 10), self._random.randint(0, 59))
        return datetime.combine(day, start, ZoneInfo(DEFAULT_ZONE)).astimezone(UTC)


def everybody() -> dict[str, Learner]:
    """Everybody, by name without the titles that follow it."""
    rows = db.session.execute(select(Person.id, Person.uuid, Person.name))
    return {name.split(",")[0]: Learner(id_, uuid, name) for id_, uuid, name in rows}


@contextmanager
def past(day: date, random: Random) -> Iterator[Hour]:
    """A clock of the past for the block, starting on the morning of a day."""
    hour = Hour(day, random)
    clock.set_clock(hour.read)
    try:
        yield hour
    finally:
        clock.set_clock(None)


def dice(name: str) -> Random:
    """Chance that falls the same way for a name every time."""
    return Random(name)  # noqa: S311  # no secret comes from it
