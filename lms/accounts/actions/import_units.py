"""Rows of units and of positions: what they would do, done one by one, and taken back."""

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from lms.accounts.actions import placements
from lms.accounts.actions.import_people import CHANGED, IN_USE, NOT_YOURS
from lms.accounts.actions.import_reach import Reach
from lms.accounts.models import ImportRow, Position, RegisterImport, Unit
from lms.accounts.queries import imports as found
from lms.accounts.queries import position_by_code, unit_by_code
from lms.accounts.rules import PositionTier, kind_of_tier
from lms.accounts.rules.import_units import (
    KnownUnit,
    plan_position,
    plan_unit,
    read_position,
    read_unit,
)
from lms.accounts.rules.importing import ImportKind, Plan, Verdict
from lms.core.db import db


def unit_plan(run: RegisterImport, reach: Reach, row: ImportRow, *, first: bool) -> Plan:
    """`first`: for the preview, where the unit above may come with a row before."""
    values, faults = read_unit(row.cells)
    if faults:
        return Plan(faults=faults)
    unit = unit_by_code(values.code)
    parent = unit_by_code(values.above) if values.above else None
    above = found.known_unit(parent, reach.paths) if parent else None
    faulty = False
    if first and above is None and values.above:
        before = found.row_before(run, values.above, row.number)
        faulty = before is not None and before.verdict is Verdict.FAULTY
        if before is not None:
            above = KnownUnit(before.key, None, "", in_reach=True)
    return plan_unit(
        values, found.known_unit(unit, reach.paths) if unit else None, above,
        above_is_faulty=faulty, reaches_all=reach.is_all,
    )  # fmt: skip


def position_plan(row: ImportRow) -> Plan:
    values, faults = read_position(row.cells)
    if faults:
        return Plan(faults=faults)
    return plan_position(values, found.known_position(position_by_code(values.code)))


def write(run: RegisterImport, row: ImportRow, plan: Plan) -> None:
    if run.kind is ImportKind.UNITS:
        row.subject_uuid = _write_unit(row, plan).uuid
    else:
        row.subject_uuid = _write_position(row, plan).uuid


def _write_unit(row: ImportRow, plan: Plan) -> Unit:
    values, _ = read_unit(row.cells)
    unit = unit_by_code(values.code)
    if unit is None:
        parent = unit_by_code(values.above) if values.above else None
        return placements.add_unit(
            code=values.code, name=values.name or "", parent=parent, time_zone=values.time_zone
        )
    unit.name = values.name or unit.name
    unit.time_zone = values.time_zone or unit.time_zone
    db.session.flush()
    return unit


def _write_position(row: ImportRow, plan: Plan) -> Position:
    values, _ = read_position(row.cells)
    position = position_by_code(values.code)
    if position is None:
        assert values.tier is not None
        return placements.add_position(code=values.code, name=values.name or "", tier=values.tier)
    position.name = values.name or position.name
    _set_tier(position, values.tier or position.tier)
    db.session.flush()
    return position


def _set_tier(position: Position, tier: PositionTier) -> None:
    position.tier, position.kind = tier, kind_of_tier(tier)


def undo(reach: Reach, row: ImportRow) -> str | None:
    """Take a row back, or say why it stays."""
    unit = db.session.scalar(select(Unit).where(Unit.uuid == row.subject_uuid))
    if unit is not None:
        if not found.is_reached(unit.path, reach.paths):
            return NOT_YOURS
        return _undo(row, unit, {"nama": unit.name, "zona": unit.time_zone})
    position = db.session.scalar(select(Position).where(Position.uuid == row.subject_uuid))
    if position is None:
        return CHANGED
    if not reach.is_all:
        return NOT_YOURS
    return _undo(row, position, {"nama": position.name, "jenjang": position.tier})


def _undo(row: ImportRow, thing: Unit | Position, now: dict[str, object]) -> str | None:
    if any(now[c] != change[1] for c, change in row.changes.items() if c in now):
        return CHANGED
    if row.verdict is Verdict.CHANGED:
        _restore(row, thing)
        return None
    kind = type(thing)
    try:
        with db.session.begin_nested():
            db.session.execute(delete(kind).where(kind.id == thing.id))
    except IntegrityError:  # people stand in it, or units below it
        return IN_USE
    return None


def _restore(row: ImportRow, thing: Unit | Position) -> None:
    old = {column: str(change[0]) for column, change in row.changes.items()}
    thing.name = old.get("nama", thing.name)
    if isinstance(thing, Unit):
        thing.time_zone = old.get("zona", thing.time_zone)
    elif "jenjang" in old:
        _set_tier(thing, PositionTier(old["jenjang"]))
    db.session.flush()
