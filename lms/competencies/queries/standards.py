"""The standard of a position or of a tier: what is required on a day, and what was before."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import joinedload

from lms.accounts.models import Position
from lms.accounts.queries import position_by_code
from lms.accounts.rules import PositionTier
from lms.competencies.models import Competency, CompetencyStandard
from lms.core.db import db
from lms.core.errors import NotFound

PAGE = 25
MOST_WORDS = 6


class Kept(StrEnum):
    """What the list of positions can be narrowed to."""

    OWN = "own"  # with rows of its own
    TIER = "tier"  # only those of its tier
    NONE = "none"  # nothing is required


@dataclass(frozen=True)
class Target:
    """What a standard is for: one position, or every position of a tier."""

    tier: PositionTier
    position: Position | None = None
    uuid: UUID | None = None  # of the position

    @property
    def is_this(self) -> ColumnElement[bool]:
        """SQL condition: the row is of this target alone."""
        if self.position is not None:
            return CompetencyStandard.position_id == self.position.id
        return CompetencyStandard.tier == self.tier


@dataclass(frozen=True)
class Listed:
    """A position with how many competencies its own rows and those of its tier require."""

    uuid: UUID
    code: str
    name: str
    tier: PositionTier
    own: int
    of_tier: int

    @property
    def kept(self) -> Kept:
        if self.own:
            return Kept.OWN
        return Kept.TIER if self.of_tier else Kept.NONE


def in_force(day: date | ColumnElement[date]) -> ColumnElement[bool]:
    """SQL condition: the row holds on the day."""
    ends = CompetencyStandard.end_on
    return and_(CompetencyStandard.start_on <= day, or_(ends.is_(None), ends >= day))


def tier_counts(day: date) -> dict[PositionTier, int]:
    """How many competencies each tier requires; tiers without a standard are left out."""
    rows = db.session.execute(
        select(CompetencyStandard.tier, func.count())
        .where(CompetencyStandard.tier.is_not(None), in_force(day))
        .group_by(CompetencyStandard.tier)
    )
    return {tier: count for tier, count in rows if tier is not None}


def positions(
    day: date, *, search: str = "", kept: Kept | None = None, after: UUID | None = None
) -> tuple[list[Listed], bool]:
    """One page of the positions by name, and whether there are more."""
    of_tier = tier_counts(day)
    mine = and_(CompetencyStandard.position_id == Position.id, in_force(day))
    own = select(func.count()).select_from(CompetencyStandard).where(mine).scalar_subquery()
    query = select(Position.uuid, Position.code, Position.name, Position.tier, own.label("own"))
    for word in search.lower().split()[:MOST_WORDS]:
        columns = (Position.code, Position.name)
        query = query.where(
            or_(*(func.lower(column).contains(word, autoescape=True) for column in columns))
        )
    if kept is Kept.OWN:
        query = query.where(exists().where(mine))
    elif kept is not None:
        has_tier = Position.tier.in_(of_tier)
        query = query.where(~exists().where(mine), has_tier if kept is Kept.TIER else ~has_tier)
    last = _position(after) if after else None
    if last is not None:
        same_name = and_(Position.name == last.name, Position.id > last.id)
        query = query.where(or_(Position.name > last.name, same_name))
    rows = db.session.execute(query.order_by(Position.name, Position.id).limit(PAGE + 1)).all()
    found = [
        Listed(row.uuid, row.code, row.name, row.tier, row.own, of_tier.get(row.tier, 0))
        for row in rows[:PAGE]
    ]
    return found, len(rows) > PAGE


def _position(uuid: UUID) -> Position | None:
    return db.session.scalar(select(Position).where(Position.uuid == uuid))


def position_target(uuid: UUID) -> Target:
    """Raises NotFound."""
    position = _position(uuid)
    if position is None:
        raise NotFound
    return Target(position.tier, position, position.uuid)


def tier_target(written: str) -> Target:
    """By the tier as it stands in an address, with dashes. Raises NotFound."""
    value = written.replace("-", "_")
    if value not in set(PositionTier):
        raise NotFound
    return Target(PositionTier(value))


def standard_on(target: Target, day: date) -> list[CompetencyStandard]:
    """The rows that hold for a target on a day, by code of the competency. A position's own row
    goes before that of its tier, the newer before the older."""
    of_tier = CompetencyStandard.tier == target.tier
    rows = db.session.scalars(
        select(CompetencyStandard)
        .join(Competency)
        .where(or_(target.is_this, of_tier), in_force(day))
        .options(joinedload(CompetencyStandard.competency))
        .order_by(
            Competency.code,
            CompetencyStandard.position_id.is_(None).desc(),
            CompetencyStandard.start_on,
            CompetencyStandard.id,
        )
    )
    return list({row.competency_id: row for row in rows}.values())


def history_of(target: Target) -> list[CompetencyStandard]:
    """Every row that was ever set for this target alone, the latest first."""
    return list(
        db.session.scalars(
            select(CompetencyStandard)
            .where(target.is_this)
            .options(
                joinedload(CompetencyStandard.competency), joinedload(CompetencyStandard.set_by)
            )
            .order_by(CompetencyStandard.start_on.desc(), CompetencyStandard.id.desc())
        )
    )


def rows_of(target: Target, competency: Competency) -> list[CompetencyStandard]:
    """The rows of one competency for this target alone that ever held or will, the latest first."""
    held = or_(
        CompetencyStandard.end_on.is_(None),
        CompetencyStandard.end_on >= CompetencyStandard.start_on,
    )
    return list(
        db.session.scalars(
            select(CompetencyStandard)
            .where(target.is_this, CompetencyStandard.competency_id == competency.id, held)
            .order_by(CompetencyStandard.start_on.desc(), CompetencyStandard.id.desc())
        )
    )


def required_by(competency: Competency, day: date) -> tuple[list[Any], list[Any]]:
    """(tier, level) and (position's UUID, name, level) of those that require a competency by rows
    of their own, the positions by name and at most a page of them."""
    of_it = and_(CompetencyStandard.competency_id == competency.id, in_force(day))
    level = CompetencyStandard.required_level
    tiers = select(CompetencyStandard.tier, level).where(
        of_it, CompetencyStandard.tier.is_not(None)
    )
    named = (
        select(Position.uuid, Position.name, level)
        .join(Position, CompetencyStandard.position_id == Position.id)
        .where(of_it)
        .order_by(Position.name, Position.id)
        .limit(PAGE)
    )
    return list(db.session.execute(tiers)), list(db.session.execute(named))


@dataclass(frozen=True)
class Requirements:
    """Every standard of a day: the level required, by competency id."""

    of_tier: dict[PositionTier, dict[int, int]]
    of_position: dict[int, dict[int, int]]

    def of(self, position_id: int, tier: PositionTier) -> dict[int, int]:
        """What a position requires; its own rows go before those of its tier."""
        return {**self.of_tier.get(tier, {}), **self.of_position.get(position_id, {})}


def requirements_on(day: date) -> Requirements:
    """In one query, however many positions there are; the newer row goes before the older."""
    found = Requirements({}, {})
    rows = db.session.execute(
        select(
            CompetencyStandard.tier, CompetencyStandard.position_id,
            CompetencyStandard.competency_id, CompetencyStandard.required_level,
        )
        .where(in_force(day))
        .order_by(CompetencyStandard.start_on, CompetencyStandard.id)
    )  # fmt: skip
    for tier, position_id, competency_id, level in rows:
        if tier is not None:
            found.of_tier.setdefault(tier, {})[competency_id] = level
        elif position_id is not None:
            found.of_position.setdefault(position_id, {})[competency_id] = level
    return found


def all_in_force(day: date) -> Iterator[Any]:
    """Every row that holds on a day, tiers first; for a table to take along."""
    yield from db.session.execute(
        select(
            CompetencyStandard.tier, Position.code.label("position"), Position.name,
            Competency.code.label("competency"), CompetencyStandard.required_level,
            CompetencyStandard.weight, CompetencyStandard.start_on, CompetencyStandard.source,
        )
        .join(Competency, CompetencyStandard.competency_id == Competency.id)
        .outerjoin(Position, CompetencyStandard.position_id == Position.id)
        .where(in_force(day))
        .order_by(CompetencyStandard.tier.is_(None), CompetencyStandard.tier, Position.code,
                  Competency.code)
        .execution_options(yield_per=1000)
    )  # fmt: skip


def target_by_code(code: str) -> Target | None:
    position = position_by_code(code)
    return Target(position.tier, position, position.uuid) if position else None
