"""A small office that every test can play in.

    Kota (head: wali)
    ├── Dinas A (head: agency_head)
    │   └── Bidang A1 (head: head; learner, colleague)
    └── Dinas B (head: other_head; stranger)

`hr`, `auditor` and `admin` hold that role for all of it, and are placed nowhere.

Their password is PASSWORD. `mover` was in Bidang A1 until last year and is in Dinas B now.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from lms.accounts.actions import people, placements, roles
from lms.accounts.models import Person, Position, Unit
from lms.accounts.rules import Employment, PlacementStanding, PositionTier, Role
from lms.core import clock
from lms.core.db import db, transaction
from lms.core.passwords import hash_password

PASSWORD = "sawah-hijau-pagi"
_HASHES: dict[str, str] = {}  # hashing is slow on purpose; once per process is enough


@dataclass
class Cast:
    """Ids of persons and units by name."""

    people: dict[str, int] = field(default_factory=dict)
    units: dict[str, int] = field(default_factory=dict)

    def person(self, name: str) -> Person:
        return db.session.get_one(Person, self.people[name])

    def unit(self, name: str) -> Unit:
        return db.session.get_one(Unit, self.units[name])


# name, nip, full name, e-mail, employment, unit, position, heads
PEOPLE = (
    ("wali", "197001011995031001", "Ratna Dewi", None, "pns", "city", "jpt", True),
    ("agency_head", "197202021996032002", "Hasan Basri", None, "pns", "a", "jpt", True),
    ("head", "198003032005011003", "Bagus Prasetyo", "head@contoh.test", "pns", "a1", "adm", True),
    ("learner", "199004042015042004", "Sari Wulandari", "sari@contoh.test", "pns", "a1", "plk",
     False),
    ("colleague", "199105052019211005", "Daud Kogoya", None, "pppk", "a1", "jf", False),
    ("other_head", "197506062000031006", "Meutia Rahmah", None, "pns", "b", "jpt", True),
    ("stranger", "198807072012011007", "Andi Tenri", "andi@contoh.test", "pns", "b", "jf", False),
    ("hr", "198102022006042009", "Yulia Hartati", None, "pns", None, None, False),
    ("auditor", "198203032007011010", "Lukas Wenda", None, "pns", None, None, False),
    ("admin", "198304042008012011", "Komang Sri Astuti", "admin@contoh.test", "pns", None, None,
     False),
    ("mover", "198908082014031008", "Putu Ayu Lestari", None, "pns", "b", "plk", False),
)  # fmt: skip


def build_cast() -> Cast:
    """Write the office into the database, in transactions of its own."""
    cast, today = Cast(), clock.today("Asia/Jakarta")
    password_hash = _HASHES.get(PASSWORD) or _HASHES.setdefault(PASSWORD, hash_password(PASSWORD))
    start = date(today.year - 3, 1, 1)
    with transaction():
        units = _units()
        positions = _positions()
        for name, nip, full, email, employment, unit, position, heads in PEOPLE:
            person = people.add_person(
                nip=nip, name=full, email=email, employment=Employment(employment)
            )
            person.password_hash = password_hash
            if unit is None or position is None:
                pass  # only a role
            elif name == "mover":
                _place(person, units["a1"], positions[position], start)
                _place(person, units["b"], positions[position], today - timedelta(days=200))
            else:
                placements.place_person(
                    person, units[unit], positions[position], start_on=start, heads_unit=heads
                )
            cast.people[name] = person.id
        roles.grant_role(
            db.session.get_one(Person, cast.people["stranger"]),
            Role.TRAINER, units["city"], start_on=start, reason="SK 1",
        )  # fmt: skip
        for name in (Role.HR, Role.AUDITOR, Role.ADMIN):
            roles.grant_role(
                db.session.get_one(Person, cast.people[name]),
                name, units["city"], start_on=start, reason="SK 2",
            )  # fmt: skip
        cast.units = {name: unit.id for name, unit in units.items()}
    return cast


def _units() -> dict[str, Unit]:
    city = placements.add_unit(code="CITY", name="Kota Contoh", parent=None)
    a = placements.add_unit(code="A", name="Dinas A", parent=city)
    a1 = placements.add_unit(code="A1", name="Bidang A1", parent=a)
    b = placements.add_unit(code="B", name="Dinas B", parent=city, time_zone="Asia/Makassar")
    return {"city": city, "a": a, "a1": a1, "b": b}


def _positions() -> dict[str, Position]:
    rows = (
        ("jpt", "Kepala Dinas", PositionTier.JPT_PRATAMA),
        ("adm", "Kepala Bidang", PositionTier.ADMINISTRATOR),
        ("jf", "Pranata Komputer Ahli Pertama", PositionTier.AHLI_PERTAMA),
        ("plk", "Pengelola Layanan Operasional", PositionTier.PELAKSANA),
    )
    return {
        code: placements.add_position(code=code, name=name, tier=tier) for code, name, tier in rows
    }


def _place(person: Person, unit: Unit, position: Position, start: date) -> None:
    placements.place_person(
        person, unit, position, start_on=start, standing=PlacementStanding.DEFINITIVE
    )
