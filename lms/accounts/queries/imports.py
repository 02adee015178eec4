"""Imports into the register: which there are, what their rows say, and what the rows are held
against."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from lms.accounts import rules
from lms.accounts.models import ImportRow, Person, Placement, Position, RegisterImport, Unit
from lms.accounts.queries.register import reaches_all
from lms.accounts.rules import PositionTier
from lms.accounts.rules.import_people import Around, KnownPerson, KnownPlacement, PersonRow
from lms.accounts.rules.import_units import KnownUnit
from lms.accounts.rules.importing import WORKING, ImportState, Outcome, Verdict
from lms.core.access import Actor, Permission
from lms.core.db import db
from lms.core.errors import NotFound

PAGE = 25
ROWS_PAGE = 50


def imports(actor: Actor, before: int | None) -> tuple[list[RegisterImport], bool]:
    """One page of the imports that the actor may see, the latest first, and whether there are
    more."""
    query = select(RegisterImport).where(RegisterImport.state != ImportState.READING)
    if not _sees_all(actor):
        query = query.where(RegisterImport.person_id == actor.person_id)
    if before is not None:
        query = query.where(RegisterImport.id < before)
    rows = db.session.scalars(query.order_by(RegisterImport.id.desc()).limit(PAGE + 1)).all()
    return list(rows[:PAGE]), len(rows) > PAGE


def import_for(actor: Actor, uuid: UUID) -> RegisterImport:
    """One's own import; of others, commands among them, for an admin of everything. Raises
    NotFound."""
    found = db.session.scalar(select(RegisterImport).where(RegisterImport.uuid == uuid))
    mine = found is not None and found.person_id == actor.person_id
    if found is None or not (mine or _sees_all(actor)):
        raise NotFound
    return found


def _sees_all(actor: Actor) -> bool:
    return reaches_all(actor.paths_of(Permission.ACCOUNTS_PEOPLE_MANAGE))


def import_by_uuid(uuid: UUID) -> RegisterImport | None:
    return db.session.scalar(select(RegisterImport).where(RegisterImport.uuid == uuid))


def name_of_sender(run: RegisterImport) -> str | None:
    return db.session.scalar(select(Person.name).where(Person.id == run.person_id))


def due_imports() -> list[int]:
    """Ids of the imports that a job has to work on, the oldest first."""
    due = select(RegisterImport.id).where(RegisterImport.state.in_(WORKING))
    return list(db.session.scalars(due.order_by(RegisterImport.id)))


@dataclass(frozen=True)
class Counts:
    """How many rows of an import would do what, and what became of those that did."""

    verdicts: Counter[Verdict]
    outcomes: Counter[Outcome]
    pending: int  # that would do something, and did not yet


def counts_of(run: RegisterImport) -> Counts:
    verdicts, outcomes, pending = Counter[Verdict](), Counter[Outcome](), 0
    rows = db.session.execute(
        select(ImportRow.verdict, ImportRow.outcome, func.count())
        .where(ImportRow.import_id == run.id)
        .group_by(ImportRow.verdict, ImportRow.outcome)
    )
    for verdict, outcome, count in rows:
        verdicts[verdict] += count
        if outcome is not None:
            outcomes[outcome] += count
        elif verdict in (Verdict.NEW, Verdict.CHANGED):
            pending += count
    return Counts(verdicts, outcomes, pending)


def rows_of(
    run: RegisterImport, *, verdict: Verdict | None = None, outcome: Outcome | None = None,
    after: int | None = None, limit: int = ROWS_PAGE,
) -> tuple[list[ImportRow], bool]:  # fmt: skip
    """One page of the rows in the order of the file, and whether there are more."""
    query = select(ImportRow).where(ImportRow.import_id == run.id)
    if verdict is not None:
        query = query.where(ImportRow.verdict == verdict)
    if outcome is not None:
        query = query.where(ImportRow.outcome == outcome)
    if after is not None:
        query = query.where(ImportRow.number > after)
    rows = db.session.scalars(query.order_by(ImportRow.number).limit(limit + 1)).all()
    return list(rows[:limit]), len(rows) > limit


# ── What rows are held against ───────────────────────────────────────────────────────────────


def numbers_of_twins(run: RegisterImport, keys: Iterable[str]) -> dict[str, list[int]]:
    """Where in the file each key stands that stands there more than once."""
    return _twins(run, ImportRow.key, keys)


def numbers_of_email_twins(run: RegisterImport, emails: Iterable[str]) -> dict[str, list[int]]:
    return _twins(run, ImportRow.email, emails)


def _twins(
    run: RegisterImport, column: InstrumentedAttribute[Any], values: Iterable[str]
) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    rows = db.session.execute(
        select(column, ImportRow.number)
        .where(ImportRow.import_id == run.id, column.in_(set(values)))
        .order_by(ImportRow.number)
    )
    for value, number in rows:
        found.setdefault(value, []).append(number)
    return {value: numbers for value, numbers in found.items() if len(numbers) > 1}


def people_by_nip(nips: Iterable[str]) -> dict[str, Person]:
    rows = db.session.scalars(select(Person).where(Person.nip.in_(set(nips))))
    return {person.nip: person for person in rows}


def placements_of_people(person_ids: Sequence[int]) -> dict[int, list[Placement]]:
    found: dict[int, list[Placement]] = {}
    rows = db.session.scalars(
        select(Placement)
        .where(Placement.person_id.in_(person_ids))
        .options(joinedload(Placement.unit), joinedload(Placement.position))
        .order_by(Placement.id)
    )
    for placement in rows:
        found.setdefault(placement.person_id, []).append(placement)
    return found


def known_person(
    person: Person, placements: Sequence[Placement], *, may_manage: bool, is_self: bool
) -> KnownPerson:
    return KnownPerson(
        id=person.id,
        name=person.name,
        email=person.email,
        employment=person.employment,
        placements=[
            KnownPlacement(
                id=p.id, unit=p.unit.code, position=p.position.code, standing=p.standing,
                heads=p.heads_unit, start_on=p.start_on, end_on=p.end_on,
            )
            for p in placements
        ],
        may_manage=may_manage,
        is_self=is_self,
    )  # fmt: skip


def around(run: RegisterImport, rows: Sequence[PersonRow], paths: tuple[str, ...] | None) -> Around:
    """`paths` is None for a command, which reaches everything."""
    units = units_by_code(row.unit for row in rows if row.unit)
    reached = {c for c, u in units.items() if is_reached(u.path, paths)}
    emails = {row.email for row in rows if row.email}
    owners = db.session.execute(select(Person.email, Person.id).where(Person.email.in_(emails)))
    return Around(
        day=run.day,
        units=frozenset(reached),
        units_beyond=frozenset(units.keys() - reached),
        positions=frozenset(positions_by_code(row.position for row in rows if row.position)),
        owner_of_email={row.email: row.id for row in owners if row.email},
    )


def is_reached(path: str, paths: tuple[str, ...] | None) -> bool:
    return paths is None or any(rules.path_contains(above, path) for above in paths)


def units_by_code(codes: Iterable[str]) -> dict[str, Unit]:
    rows = db.session.scalars(select(Unit).where(Unit.code.in_(set(codes))))
    return {unit.code: unit for unit in rows}


def positions_by_code(codes: Iterable[str]) -> dict[str, Position]:
    rows = db.session.scalars(select(Position).where(Position.code.in_(set(codes))))
    return {position.code: position for position in rows}


def known_unit(unit: Unit, paths: tuple[str, ...] | None) -> KnownUnit:
    return KnownUnit(
        name=unit.name,
        above=unit.parent.code if unit.parent else None,
        time_zone=unit.time_zone,
        in_reach=is_reached(unit.path, paths),
    )


def row_before(run: RegisterImport, code: str, number: int) -> ImportRow | None:
    """The row of a file that names a unit, where it stands before another row."""
    return db.session.scalar(
        select(ImportRow).where(
            ImportRow.import_id == run.id, ImportRow.key == code, ImportRow.number < number
        )
    )


def known_position(position: Position | None) -> tuple[str, PositionTier] | None:
    return (position.name, position.tier) if position else None
