"""The competency dictionary: everybody reads it, HR of the whole site edits it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from lms.accounts.queries.register import reaches_all
from lms.competencies.models import Competency, CompetencyRevision
from lms.competencies.queries import name_of
from lms.competencies.rules import CompetencyKind
from lms.core.access import Actor, Permission
from lms.core.db import db
from lms.core.errors import Forbidden, NotFound

PAGE = 25
MOST_WORDS = 6


@dataclass(frozen=True)
class Entry:
    """A row of the dictionary."""

    uuid: UUID
    code: str
    name: str
    kind: CompetencyKind
    field: str
    definition: str


def may_manage(actor: Actor) -> bool:
    """The dictionary and the standards are the site's: whoever edits them holds the role for a
    root unit."""
    return reaches_all(actor.paths_of(Permission.COMPETENCIES_DICTIONARY_MANAGE))


def assert_may_manage(actor: Actor) -> None:
    """Raises Forbidden for a role that reaches only a part of the site."""
    if not may_manage(actor):
        raise Forbidden


def entries(
    search: str = "", kind: CompetencyKind | None = None, after: UUID | None = None
) -> tuple[list[Entry], bool]:
    """One page of the dictionary by code, and whether there are more."""
    query = select(Competency)
    for word in search.lower().split()[:MOST_WORDS]:
        columns = (Competency.code, Competency.name, Competency.name_en, Competency.field)
        query = query.where(
            or_(*(func.lower(column).contains(word, autoescape=True) for column in columns))
        )
    if kind is not None:
        query = query.where(Competency.kind == kind)
    if after is not None:
        last = select(Competency.code).where(Competency.uuid == after).scalar_subquery()
        query = query.where(Competency.code > last)
    found = list(db.session.scalars(query.order_by(Competency.code).limit(PAGE + 1)))
    return [_entry(row) for row in found[:PAGE]], len(found) > PAGE


def _entry(row: Competency) -> Entry:
    return Entry(row.uuid, row.code, name_of(row), row.kind, row.field or "", row.definition)


def whole_dictionary() -> list[Competency]:
    return list(db.session.scalars(select(Competency).order_by(Competency.code)))


def competency_by_uuid(uuid: UUID) -> Competency:
    """Raises NotFound."""
    found = db.session.scalar(select(Competency).where(Competency.uuid == uuid))
    if found is None:
        raise NotFound
    return found


def competency_by_code(code: str) -> Competency | None:
    return db.session.scalar(select(Competency).where(Competency.code == code))


def choices() -> list[Any]:
    """Code and name of every competency, to choose from."""
    return list(db.session.execute(select(Competency.code, Competency.name).order_by("code")))


def revisions_of(competency: Competency) -> list[CompetencyRevision]:
    """How an entry read before and reads now, the newest first."""
    return list(
        db.session.scalars(
            select(CompetencyRevision)
            .where(CompetencyRevision.competency_id == competency.id)
            .options(joinedload(CompetencyRevision.changed_by))
            .order_by(CompetencyRevision.number.desc())
        )
    )


def last_number(competency: Competency) -> int:
    """The number of the newest revision; 0 where there is none yet."""
    query = select(func.max(CompetencyRevision.number))
    return db.session.scalar(query.where(CompetencyRevision.competency_id == competency.id)) or 0
