"""Makes the city: its units, positions and people, who leads what, and who may sign in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from lms.accounts.actions import passwords, placements
from lms.accounts.actions.people import add_person
from lms.accounts.actions.roles import grant_role
from lms.accounts.models import Person, Position, Unit
from lms.accounts.queries import DEFAULT_ZONE
from lms.accounts.rules import Employment, PlacementStanding, PositionTier, Role
from lms.core import clock
from lms.core.db import transaction
from lms.core.passwords import hash_password
from lms.demo import city
from lms.demo.accounts import DEMO_PASSWORD, LOGINS
from lms.demo.staff import STAFF

# Youngest and oldest age in a tier, in years.
AGES = {
    PositionTier.JPT_PRATAMA: (50, 57),
    PositionTier.ADMINISTRATOR: (42, 54),
    PositionTier.PENGAWAS: (36, 50),
    PositionTier.PELAKSANA: (26, 50),
    PositionTier.PEMULA: (22, 24),
    PositionTier.TERAMPIL: (25, 34),
    PositionTier.MAHIR: (33, 46),
    PositionTier.PENYELIA: (42, 55),
    PositionTier.AHLI_PERTAMA: (26, 35),
    PositionTier.AHLI_MUDA: (34, 48),
    PositionTier.AHLI_MADYA: (44, 56),
    PositionTier.AHLI_UTAMA: (56, 62),
}

# Moved last year: name, the unit and the position before.
MOVED = (
    ("Tunggul Manurung, S.T.", "DISKOMINFO.INFRASTRUKTUR", "PRAKOM.AHLI_MUDA"),
    ("Meiliana Tanuwijaya, S.I.Kom.", "SETDA.UMUM", "HUMAS.AHLI_MUDA"),
    ("Rini Anggraeni, A.Md.Keb.", "DINKES.KESMAS", "BIDAN.MAHIR"),
    ("Riyanti", "DISDUKCAPIL.PENDAFTARAN", "PENGELOLA"),
    ("Herlambang", "TIMUR.KENANGA", "PENGELOLA"),
)

ACTING_HEAD = ("Saut Pardamean Simanungkalit, S.T., M.T.", "DPUPR")  # leads a division of it
ACTING_FOR = timedelta(days=75)

# All for the whole city: name, role, reason.
ROLES = (
    ("Widya Kusumastuti, S.Pd., M.Si.", Role.TRAINER, "Penugasan sebagai pengajar kota"),
    ("Dr. Antonius Bria Leto, M.Pd.", Role.TRAINER, "Penugasan sebagai pengajar kota"),
    ("Dian Permata Hapsari, S.Psi.", Role.HR, "Penugasan sebagai admin SDM di BKPSDM"),
    ("Laksmi Wardhani Purnomo, S.E., Ak.", Role.AUDITOR, "Surat tugas audit tahunan"),
    ("Rizaldi Fadhlan Ginting, S.Kom.", Role.ADMIN, "Penugasan sebagai pengelola sistem"),
)


@dataclass(frozen=True)
class _Employee:
    """A row of the staff table, with everything that is worked out from it."""

    name: str
    employment: Employment
    unit: str
    position: str
    heads: bool
    nip: str
    email: str | None
    placed_on: date


def build_people() -> None:
    """Fill an empty site with the city: units, positions, 120 people, roles, demo passwords."""
    hashes = {email: hash_password(DEMO_PASSWORD) for email, _role, _name in LOGINS}
    today = clock.today(DEFAULT_ZONE)
    with transaction():
        units, positions = city.add_units(), city.add_positions()
        people = {}
        for employee in _employees(positions, today):
            people[employee.name] = _add_person(employee, units, positions, today)
        _place_acting_head(people, units, positions, today)
        for name, role, reason in ROLES:
            start_on = date(today.year - 1, 1, 2)
            root = units[city.ROOT[0]]
            grant_role(people[name], role, root, start_on=start_on, reason=reason)
        for email, _role, name in LOGINS:
            passwords.set_initial_password(people[name], hashes[email], must_change=False)


def _add_person(
    employee: _Employee, units: dict[str, Unit], positions: dict[str, Position], today: date
) -> Person:
    person = add_person(
        nip=employee.nip, name=employee.name, email=employee.email, employment=employee.employment
    )
    start_on = employee.placed_on
    before = next((row for row in MOVED if row[0] == employee.name), None)
    if before is not None:
        _name, unit, position = before
        placements.place_person(person, units[unit], positions[position], start_on=start_on)
        start_on = date(today.year - 1, 2 + MOVED.index(before), 1)
    placements.place_person(
        person,
        units[employee.unit],
        positions[employee.position],
        start_on=start_on,
        heads_unit=employee.heads,
    )
    return person


def _place_acting_head(
    people: dict[str, Person],
    units: dict[str, Unit],
    positions: dict[str, Position],
    today: date,
) -> None:
    name, unit = ACTING_HEAD
    placements.place_person(
        people[name],
        units[unit],
        positions[f"{city.HEAD}.{unit}"],
        start_on=today - ACTING_FOR,
        standing=PlacementStanding.ACTING,
        heads_unit=True,
    )


def _employees(positions: dict[str, Position], today: date) -> Iterator[_Employee]:
    logins = {name: email for email, _role, name in LOGINS}
    number = 0
    for unit, rows in STAFF.items():
        for post, sex, employment, name in rows:
            heads = post == city.HEAD
            position = f"{city.HEAD}.{unit}" if heads else post
            nip, placed_on = _career(name, sex, employment, positions[position].tier, today)
            address = _address(name) if number % 5 in (0, 1, 3) else None
            email = logins.get(name, address)
            yield _Employee(name, employment, unit, position, heads, nip, email, placed_on)
            number += 1


def _career(
    name: str, sex: int, employment: Employment, tier: PositionTier, today: date
) -> tuple[str, date]:
    """NIP and first day in the post held, plausible for the tier; the same for a name every time.

    PNS were appointed young, PPPK within the last years and with 21 for the month.
    """
    random = Random(name)  # noqa: S311  # no secret comes from it
    age = random.randint(*AGES[tier])
    born = date(today.year - age, random.randint(1, 12), random.randint(1, 28))
    if employment is Employment.PPPK:
        served, month = random.randint(2, 4), 21
    else:
        served, month = max(2, age - random.randint(22, 25)), random.randint(1, 3)
    serial = random.randint(1, 12)
    nip = f"{born:%Y%m%d}{today.year - served}{month:02}{sex}{serial:03}"
    years = random.randint(2, min(6, served))
    return nip, date(today.year - years, random.randint(4, 10), 1)


def _address(name: str) -> str:
    """first.last@contoh.go.id, without titles and the I or Ni of Balinese names."""
    words = [w for w in name.split(",")[0].split() if len(w) > 2 and not w.endswith(".")]
    local = words[0] if len(words) == 1 else f"{words[0]}.{words[-1]}"
    return f"{local.lower()}@contoh.go.id"
