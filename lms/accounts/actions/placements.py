"""Units, positions, and who is placed where."""

from datetime import date, timedelta

from flask_babel import gettext
from sqlalchemy import or_, select

from lms.accounts import queries, rules
from lms.accounts.actions.codes import void_code_of
from lms.accounts.models import Person, Placement, Position, Unit
from lms.accounts.rules import PlacementStanding, PositionTier
from lms.core import audit, clock, i18n
from lms.core.access import Actor
from lms.core.db import db, new_uuid
from lms.core.errors import DomainError


def add_unit(*, code: str, name: str, parent: Unit | None, time_zone: str | None = None) -> Unit:
    """A unit below its parent, in the parent's time zone unless another is given.

    Raises DomainError on `code` or `name` when it is faulty or taken, and on a zone that Indonesia
    does not have.
    """
    code, name = _tidy_names(code, name)
    zone = time_zone or (parent.time_zone if parent else queries.DEFAULT_ZONE)
    if zone not in i18n.ZONE_NAMES:
        raise DomainError(gettext("Zona waktu ini bukan WIB, WITA, atau WIT"), "time_zone")
    if queries.unit_by_code(code):
        raise DomainError(gettext("Kode unit ini sudah dipakai"), "code")
    unit = Unit(
        uuid=new_uuid(), code=code, name=name, parent_id=parent.id if parent else None,
        time_zone=zone, path=f"new:{code}",
    )  # fmt: skip
    db.session.add(unit)
    db.session.flush()
    unit.path = f"{parent.path if parent else '/'}{unit.id}/"
    db.session.flush()
    return unit


def add_position(*, code: str, name: str, tier: PositionTier) -> Position:
    """Raises DomainError on `code` or `name` when it is faulty or taken."""
    code, name = _tidy_names(code, name)
    if queries.position_by_code(code):
        raise DomainError(gettext("Kode jabatan ini sudah dipakai"), "code")
    position = Position(
        uuid=new_uuid(), code=code, name=name, tier=tier, kind=rules.kind_of_tier(tier)
    )
    db.session.add(position)
    db.session.flush()
    return position


def _tidy_names(code: str, name: str) -> tuple[str, str]:
    code, name = rules.tidy_line(code), rules.tidy_line(name)
    if not 0 < len(code) <= rules.CODE_MAX:
        raise DomainError(
            gettext("Isi kode, paling banyak %(n)d karakter", n=rules.CODE_MAX), "code"
        )
    if not 0 < len(name) <= rules.NAME_MAX:
        raise DomainError(
            gettext("Isi nama, paling banyak %(n)d karakter", n=rules.NAME_MAX), "name"
        )
    return code, name


def place_person(
    person: Person,
    unit: Unit,
    position: Position,
    *,
    start_on: date,
    standing: PlacementStanding = PlacementStanding.DEFINITIVE,
    heads_unit: bool = False,
    end_on: date | None = None,
    actor: Actor | None = None,
) -> Placement:
    """Place a person from a day on. A definitive placement ends the one before on the day before.

    Raises DomainError when it would end before it starts, or when another definitive placement
    starts on the same day or later.
    """
    if end_on is not None and end_on < start_on:
        raise DomainError(gettext("Penempatan tidak dapat berakhir sebelum mulai"), "end_on")
    if standing is PlacementStanding.DEFINITIVE:
        _end_definitive(person, start_on - timedelta(days=1))
    placement = Placement(
        uuid=new_uuid(), person_id=person.id, unit_id=unit.id, position_id=position.id,
        standing=standing, heads_unit=heads_unit, start_on=start_on, end_on=end_on,
    )  # fmt: skip
    db.session.add(placement)
    db.session.flush()
    void_code_of(person.id)
    audit.record(actor, "accounts.person_placed", "placement", placement.uuid, unit=unit.uuid)
    return placement


def _end_definitive(person: Person, last_day: date) -> None:
    """End the definitive placement that reaches beyond a day on that day."""
    reaching = select(Placement).where(
        Placement.person_id == person.id,
        Placement.standing == PlacementStanding.DEFINITIVE,
        or_(Placement.end_on.is_(None), Placement.end_on > last_day),
    )
    for before in db.session.scalars(reaching):
        if before.start_on > last_day:
            raise DomainError(gettext("Penempatan baru harus mulai setelah yang lama"), "start_on")
        before.end_on = last_day
    db.session.flush()


def end_placements(person: Person, unit: Unit, *, actor: Actor | None = None) -> int:
    """Make today the last day of a person's open placements in a unit; how many there were."""
    today = clock.today(unit.time_zone)
    open_ones = db.session.scalars(
        select(Placement).where(
            Placement.person_id == person.id,
            Placement.unit_id == unit.id,
            or_(Placement.end_on.is_(None), Placement.end_on > today),
        )
    ).all()
    for placement in open_ones:
        placement.end_on = today
        db.session.flush()
        audit.record(actor, "accounts.placement_ended", "placement", placement.uuid)
    return len(open_ones)
