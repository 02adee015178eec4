"""The figures over a whole team. Those of a large one are kept for some minutes."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, func, select

from lms.accounts.models import Person
from lms.accounts.queries import team
from lms.accounts.queries.team import Scope
from lms.core.db import read
from lms.credentials import queries as credentials
from lms.credentials.models import Certificate
from lms.learning.models import Obligation
from lms.learning.queries.duties import NOTHING, OWED, DutyCount
from lms.reports.queries.kept import Kept
from lms.reports.queries.members import IN_COURSE, IS_UNDER, NOW, Standing


@dataclass(frozen=True)
class Figures:
    """Over the whole team: people, those under their target of hours, courses that had to be
    completed, the people who are late or have not begun, and those with a certificate that runs
    out. `counted_at` is given for a large team, whose figures are kept for some minutes."""

    people: int
    under_target: int
    duties: DutyCount = NOTHING
    late: int = 0
    not_started: int = 0
    expiring: int = 0
    counted_at: datetime | None = None

    @property
    def is_large(self) -> bool:
        return self.counted_at is not None

    def count(self, standing: Standing | None) -> int:
        return {
            None: self.people,
            Standing.LATE: self.late,
            Standing.UNDER_TARGET: self.under_target,
            Standing.NOT_STARTED: self.not_started,
            Standing.EXPIRING: self.expiring,
        }[standing]


@lru_cache(64)
def _count_people(paths: int, *, all_of_them: bool) -> Select[*tuple[Any, ...]]:
    """How many are placed there, how many of them are on the team, and how many of these under
    their target. Stops when there are more than LARGE, unless all of them are wanted."""
    ids = team.placed(paths).distinct()
    if not all_of_them:  # the limit stands inside: around it, everybody would be gathered first
        ids = ids.limit(team.LARGE + 2)
    there = ids.subquery()
    return (
        select(
            func.count(),
            func.count().filter(team.COUNTS),
            func.count().filter(team.COUNTS, IS_UNDER),
        )
        .select_from(there)
        .join(Person, Person.id == there.c.person_id)
    )


@lru_cache(64)
def _count_duties(paths: int) -> Select[*tuple[Any, ...]]:
    is_late, not_begun = Obligation.due_at <= NOW, ~IN_COURSE
    return (
        select(
            func.count().filter(Obligation.done_at.is_not(None)),
            func.count().filter(OWED),
            func.count().filter(OWED, is_late),
            func.count(Obligation.person_id.distinct()).filter(OWED, is_late),
            func.count(Obligation.person_id.distinct()).filter(OWED, not_begun),
        )
        .join(Person, Obligation.person_id == Person.id)
        .where(team.is_member(paths, large=False))
    )


@lru_cache(64)
def _count_expiring(paths: int) -> Select[*tuple[Any, ...]]:
    return (
        select(func.count(Certificate.person_id.distinct()))
        .join(Person, Certificate.person_id == Person.id)
        .where(credentials.RUNS_OUT, team.is_member(paths, large=False))
    )


def count_few(scope: Scope, values: dict[str, object]) -> tuple[int, int] | None:
    """People and those under their target; None for a large team."""
    there, count, under = read(_count_people(len(scope.paths), all_of_them=False), **values).one()
    return None if there > team.LARGE + 1 else (count, under)


_kept: Kept[Scope, Figures] = Kept()


def figures_of(scope: Scope, values: dict[str, object]) -> Figures:
    few = count_few(scope, values)
    if few is not None:
        return Figures(few[0], few[1], *_other_figures(scope, values))
    counted_at, found = _kept.get(scope, lambda: _count_large(scope, values))
    return replace(found, counted_at=counted_at)


def _count_large(scope: Scope, values: dict[str, object]) -> Figures:
    _, count, under = read(_count_people(len(scope.paths), all_of_them=True), **values).one()
    return Figures(count, under, *_other_figures(scope, values))


def _other_figures(scope: Scope, values: dict[str, object]) -> tuple[DutyCount, int, int, int]:
    row = read(_count_duties(len(scope.paths)), **values).one()
    expiring = read(_count_expiring(len(scope.paths)), **values).scalar_one()
    return DutyCount(*row[:3]), row[3], row[4], expiring
