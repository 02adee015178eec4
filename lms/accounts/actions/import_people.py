"""Rows of people: what they would do, done by the hundred, and taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Delete, Update, delete, select, update
from sqlalchemy.exc import IntegrityError

from lms.accounts.actions.codes import void_codes_of
from lms.accounts.actions.import_reach import Reach
from lms.accounts.models import ImportRow, Person, Placement, RegisterImport
from lms.accounts.queries import imports as found
from lms.accounts.rules import Employment, PlacementStanding
from lms.accounts.rules.import_people import PersonRow, plan_person, read_person
from lms.accounts.rules.importing import Fault, Plan, RowFault, Verdict
from lms.core.db import db, new_uuid

CHANGED, IN_USE, NOT_YOURS = "changed", "in_use", "not_yours"  # why a row cannot be taken back


@dataclass(frozen=True)
class Planned:
    row: PersonRow
    plan: Plan
    person: Person | None


def plans(
    run: RegisterImport, reach: Reach, rows: Sequence[ImportRow]
) -> list[tuple[ImportRow, Planned]]:
    """What each row would do to the register as it is now."""
    read = [(row, *read_person(row.cells, run.day)) for row in rows]
    around = found.around(run, [person for _, person, _ in read], reach.paths)
    twins = found.numbers_of_email_twins(run, {row.email for row in rows if row.email})
    persons = found.people_by_nip(row.key for row in rows)
    ids = [person.id for person in persons.values()]
    placements = found.placements_of_people(ids)
    beyond = reach.beyond(placements, ids)
    planned = []
    for row, values, faults in read:
        person = persons.get(values.nip)
        known = None
        if person is not None:
            known = found.known_person(
                person, placements.get(person.id, []),
                may_manage=person.id not in beyond, is_self=person.id == reach.person_id,
            )  # fmt: skip
        if row.email in twins:
            others = [str(number) for number in twins[row.email] if number != row.number][:5]
            faults.append(Fault("surel", RowFault.TWICE, ", ".join(others)))
        plan = Plan(faults=faults) if faults else plan_person(values, known, around)
        planned.append((row, Planned(values, plan, person)))
    return planned


# ── Applied ──────────────────────────────────────────────────────────────────────────────────


def write(pairs: Sequence[tuple[ImportRow, Planned]]) -> None:
    """Do what the rows would do, and leave in each whom it was done to and how to take it back."""
    everybody = [_account(row, planned) for row, planned in pairs]
    db.session.flush()
    units = found.units_by_code(p.row.unit for _, p in pairs if p.row.unit)
    positions = found.positions_by_code(p.row.position for _, p in pairs if p.row.position)
    moved = [p for p, (_, planned) in zip(everybody, pairs, strict=True) if planned.plan.places]
    placements: list[tuple[ImportRow, Placement]] = []
    for person, (row, planned) in zip(everybody, pairs, strict=True):
        row.subject_uuid = person.uuid
        plan, values = planned.plan, planned.row
        if plan.amends is not None:
            _amend(row, plan.amends, values)
        if plan.ends is not None:
            _end(row, plan.ends, date.fromisoformat(_new(plan, "mulai")))
        if plan.places:
            assert values.unit is not None
            assert values.position is not None
            placements.append((row, Placement(
                uuid=new_uuid(), person_id=person.id, unit_id=units[values.unit].id,
                position_id=positions[values.position].id, standing=values.standing,
                heads_unit=bool(values.heads), start_on=date.fromisoformat(_new(plan, "mulai")),
                end_on=values.end_on,
            )))  # fmt: skip
    db.session.flush()  # the old placements end before the new ones begin: one may be open
    db.session.add_all([placement for _, placement in placements])
    db.session.flush()
    for row, placement in placements:
        row.trace = {**row.trace, "placement": placement.id}
    void_codes_of([person.id for person in moved])


def _new(plan: Plan, column: str) -> str:
    return str(plan.changes[column][1])


def _account(row: ImportRow, planned: Planned) -> Person:
    values, person = planned.row, planned.person
    if person is None:
        assert values.name is not None
        assert values.employment is not None
        person = Person(
            uuid=new_uuid(), nip=values.nip, name=values.name, email=values.email,
            employment=values.employment,
        )  # fmt: skip
        db.session.add(person)
        return person
    person.name = values.name or person.name
    person.email = values.email or person.email
    person.employment = values.employment or person.employment
    return person


def _amend(row: ImportRow, placement_id: int, values: PersonRow) -> None:
    placement = db.session.get_one(Placement, placement_id)
    row.trace = {**row.trace, "amended": placement_id}
    if values.heads is not None:
        placement.heads_unit = values.heads
    placement.end_on = values.end_on or placement.end_on


def _end(row: ImportRow, placement_id: int, start_on: date) -> None:
    placement = db.session.get_one(Placement, placement_id)
    end_on = placement.end_on
    row.trace = {**row.trace, "ended": placement_id, "until": str(end_on) if end_on else ""}
    placement.end_on = start_on - timedelta(days=1)


# ── Taken back ───────────────────────────────────────────────────────────────────────────────


def undo(reach: Reach, row: ImportRow) -> str | None:
    """Take a row back, or say why it stays: nothing of it then changes."""
    person = db.session.scalar(select(Person).where(Person.uuid == row.subject_uuid))
    if person is None:
        return CHANGED
    if person.id == reach.person_id:
        return NOT_YOURS
    placements = found.placements_of_people([person.id])
    if person.id in reach.beyond(placements, [person.id]):
        return NOT_YOURS
    if not _stands_as_written(row, person, placements.get(person.id, [])):
        return CHANGED
    if row.verdict is Verdict.NEW and person.password_hash is not None:
        return IN_USE
    try:
        with db.session.begin_nested():
            _take_back(row, person)
    except IntegrityError:  # something refers to the person, or has the old address by now
        return IN_USE
    return None


def _stands_as_written(row: ImportRow, person: Person, placements: Sequence[Placement]) -> bool:
    new = {column: change[1] for column, change in row.changes.items()}
    now: dict[str, object] = {
        "nama": person.name, "surel": person.email, "status": person.employment
    }  # fmt: skip
    touched = row.trace.get("placement") or row.trace.get("amended")
    if touched:
        placement = next((p for p in placements if p.id == touched), None)
        if placement is None:
            return False
        acting = placement.standing is PlacementStanding.ACTING
        now |= {
            "unit": placement.unit.code, "jabatan": placement.position.code,
            "penempatan": "plt" if acting else "definitif",
            "memimpin": "ya" if placement.heads_unit else "tidak",
            "mulai": str(placement.start_on),
            "sampai": str(placement.end_on) if placement.end_on else None,
        }  # fmt: skip
        if row.trace.get("placement") and "sampai" not in new and placement.end_on is not None:
            return False  # moved on since
    return all(now.get(column) == value for column, value in new.items())


def _take_back(row: ImportRow, person: Person) -> None:
    """By statements, so that the objects stay as they were should the database refuse."""
    old = {column: change[0] for column, change in row.changes.items()}
    if row.trace.get("placement"):
        _run(delete(Placement).where(Placement.id == row.trace["placement"]))
    if row.trace.get("ended"):
        until = str(row.trace["until"])
        back = update(Placement).where(Placement.id == row.trace["ended"])
        _run(back.values(end_on=date.fromisoformat(until) if until else None))
    if row.trace.get("amended"):
        before: dict[str, object] = {}
        if "memimpin" in old:
            before["heads_unit"] = old["memimpin"] == "ya"
        if "sampai" in old:
            before["end_on"] = date.fromisoformat(old["sampai"]) if old["sampai"] else None
        _run(update(Placement).where(Placement.id == row.trace["amended"]).values(before))
    if row.verdict is Verdict.NEW:
        _run(delete(Person).where(Person.id == person.id))
        return
    names = {"nama": "name", "surel": "email", "status": "employment"}
    values: dict[str, object] = {names[c]: value for c, value in old.items() if c in names}
    if "employment" in values:
        values["employment"] = Employment(str(values["employment"]))
    if values:
        _run(update(Person).where(Person.id == person.id).values(values))
    void_codes_of([person.id])


def _run(statement: Update | Delete) -> None:
    db.session.execute(statement.execution_options(synchronize_session="fetch"))
