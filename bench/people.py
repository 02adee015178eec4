"""Who works on the scratch site: everything about a person follows from their number.

Person 1 heads the root, the next ones a dinas each, all others stand in bidang of 25, the first of
each its head. Numbers count from 1 and are the ids in the database.
"""

from dataclasses import dataclass
from random import Random

PASSWORD = "meja-depan-2026"
TEAM = 25  # people of a bidang, its head among them
TEAMS = 8  # bidang of a dinas
SIZES = {"S": 1_000, "M": 10_000, "L": 100_000, "XL": 1_000_000}

FIRST = (
    "Siti Agus Dewi Budi Sri Eko Ratna Wahyu Nur Hendra Putri Joko Rina Dedi Maria Yusuf Lestari "
    "Bambang Indah Rahmat Fitri Made Ayu Ketut Yohanes Martha Slamet Wulan Arif Tuti Gede Laila "
    "Samuel Kartika Iwan Nia Fajar Mega Rudi Endang"
).split()
MIDDLE = (
    "Putra Wati Setya Dwi Tri Catur Ayu Bagus Eka Kusuma Dharma Surya Purnama Rahayu Hadi Sari "
    "Jaya Mulya Utami Adi Permata Cahya Bayu Intan Galih Citra Wira Puspa Ananda Bima Sekar Yoga "
    "Ratih Banyu Melati Guntur Tirta Nanda Lintang Arum"
).split()
LAST = (
    "Rahmawati Santoso Wijaya Siregar Nasution Hidayat Lestari Prasetyo Handayani Simanjuntak "
    "Kurniawan Susanti Gunawan Harahap Maharani Saputra Wibowo Pratiwi Halim Situmorang Nugroho "
    "Anggraini Sihombing Firmansyah Oktaviani Pangestu Manurung Suryani Hakim Ginting Wulandari "
    "Setiawan Lubis Puspitasari Irawan Tambunan Astuti Ramadhan Kusumawati Mahendra"
).split()


@dataclass(frozen=True)
class Office:
    """How many people there are, and how they are spread over the units."""

    people: int

    @property
    def teams(self) -> int:
        return max(1, self.people // TEAM)

    @property
    def departments(self) -> int:
        return -(-self.teams // TEAMS)

    def unit_of(self, number: int) -> int:
        """Id of a person's unit: 1 is the root, then every dinas, then every bidang."""
        if number <= 1 + self.departments:
            return number
        team = min((number - 2 - self.departments) // TEAM, self.teams - 1)
        return 2 + self.departments + team

    def parent_of(self, unit: int) -> int | None:
        if unit == 1:
            return None
        return 1 if unit <= 1 + self.departments else 2 + (unit - 2 - self.departments) // TEAMS

    def heads_unit(self, number: int) -> bool:
        place = number - 2 - self.departments
        return place < 0 or (place % TEAM == 0 and place // TEAM < self.teams)

    def team_heads(self) -> list[int]:
        """Numbers of those who head a bidang."""
        return [2 + self.departments + TEAM * team for team in range(self.teams)]

    def team_size(self, unit: int) -> int:
        """People of a bidang without its head."""
        last = 1 + self.departments + self.teams
        before = 1 + self.departments + TEAM * (self.teams - 1)
        return (self.people - before if unit == last else TEAM) - 1

    def learners(self, count: int) -> list[int]:
        """Numbers of so many people who head nothing, from all over the site, always the same."""
        everybody = [n for n in range(1, self.people + 1) if not self.heads_unit(n)]
        return Random(count).sample(everybody, min(count, len(everybody)))


def name_of(number: int) -> str:
    place = number * 7919  # neighbours in a unit share no name
    return " ".join(
        (FIRST[place % 40], MIDDLE[place // 40 % 40], LAST[(place // 1600 + number) % 40])
    )


def nip_of(number: int) -> str:
    """18 digits, another for every number: birth date, month of appointment, sex, serial."""
    rest, year = divmod(number, 25)
    rest, month = divmod(rest, 12)
    rest, day = divmod(rest, 28)
    rest, start = divmod(rest, 12)
    serial, sex = divmod(rest, 2)
    birth = f"{1970 + year}{month + 1:02}{day + 1:02}"
    return f"{birth}{1995 + year}{start + 1:02}{sex + 1}{serial + 1:03}"


def address_of(number: int) -> str:
    """The network address from which a person comes."""
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
