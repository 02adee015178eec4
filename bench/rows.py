"""The rows of the scratch site: people in their units, and what each of them has learned.

Ledger entries are chained over the facts that the product's own functions name, so that `flask
records verify` finds nothing. Chance falls the same way every time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from bench import content
from bench.bulk import Row
from bench.chains import digest_of
from bench.people import Office, name_of, nip_of
from lms.accounts.rules import Employment, PlacementStanding, PositionTier, kind_of_tier
from lms.competencies import rules as levels
from lms.competencies.queries.ledgers import evidence_facts, hour_facts
from lms.competencies.rules import EvidenceKind, EvidenceStanding
from lms.core import audit, ledger
from lms.learning.queries.ledgers import completion_facts
from lms.learning.rules import E_LEARNING, EnrolmentSource, EnrolmentState
from lms.notifications.rules import NotificationKind

CHUNK = 1000  # people
POSITIONS = (
    ("Kepala", PositionTier.JPT_PRATAMA),
    ("Kepala Bidang", PositionTier.ADMINISTRATOR),
    ("Analis Kebijakan", PositionTier.AHLI_MUDA),
    ("Pranata Komputer", PositionTier.AHLI_PERTAMA),
    ("Pengelola Layanan", PositionTier.PELAKSANA),
)
PLACED_ON = date(2020, 1, 2)
Tables = dict[str, list[Row]]


@dataclass(frozen=True)
class CourseFacts:
    """A published course as the rows need it. `outcomes`: competency and level reached."""

    id: int
    uuid: UUID
    slug: str
    title: str
    jp: Decimal
    version: SimpleNamespace
    lessons: tuple[str, ...]
    quiz_id: int
    quiz_key: str
    questions: tuple[int, ...]
    outcomes: tuple[tuple[SimpleNamespace, int], ...]
    standing: EvidenceStanding


@dataclass
class Rows:
    """Makes the rows of a whole site, a thousand people at a time."""

    office: Office
    bench: CourseFacts
    others: tuple[CourseFacts, ...]
    password_hash: str
    today: date
    random: Random = field(default_factory=lambda: Random(20261121))
    ids: dict[str, int] = field(default_factory=dict)
    units: dict[int, SimpleNamespace] = field(default_factory=dict)
    positions: dict[int, SimpleNamespace] = field(default_factory=dict)
    _now: Tables = field(default_factory=dict)

    def batches(self) -> Iterator[Tables]:
        """Rows by table, referenced ones first."""
        self._now = {}
        self._add_units()
        yield self._now
        for first in range(1, self.office.people + 1, CHUNK):
            self._now = {}
            for number in range(first, min(first + CHUNK, self.office.people + 1)):
                self._add_person(number)
            yield self._now

    def _uuid(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)

    def _add(self, table: str, **values: Any) -> int:
        """Add a row with the next id of its table."""
        number = self.ids[table] = self.ids.get(table, 0) + 1
        self._now.setdefault(table, []).append({"id": number, **values})
        return number

    def _add_plain(self, table: str, **values: Any) -> None:
        self._now.setdefault(table, []).append(values)

    def _add_units(self) -> None:
        paths: dict[int | None, str] = {None: "/"}
        for unit in range(1, 2 + self.office.departments + self.office.teams):
            parent, uuid = self.office.parent_of(unit), self._uuid()
            kind = "Kota" if unit == 1 else "Dinas" if parent == 1 else "Bidang"
            paths[unit] = f"{paths[parent]}{unit}/"
            self.units[unit] = SimpleNamespace(id=unit, uuid=uuid)
            self._add(
                "unit", uuid=uuid, code=f"U{unit}", name=f"{kind} {unit}", parent_id=parent,
                path=paths[unit], time_zone="Asia/Jakarta",
            )  # fmt: skip
        for name, tier in POSITIONS:
            uuid = self._uuid()
            number = self._add(
                "position", uuid=uuid, code=f"P{len(self.positions)}", name=name,
                kind=kind_of_tier(tier), tier=tier,
            )  # fmt: skip
            self.positions[number] = SimpleNamespace(id=number, uuid=uuid)

    def _add_person(self, number: int) -> None:
        person = SimpleNamespace(id=number, uuid=self._uuid())
        unit, heads = self.office.unit_of(number), self.office.heads_unit(number)
        position = (1 if unit <= 1 + self.office.departments else 2) if heads else 3 + number % 3
        employment = Employment.PPPK if number % 5 == 0 else Employment.PNS
        self._add(
            "person", uuid=person.uuid, nip=nip_of(number), name=name_of(number),
            email=f"pegawai{number}@contoh.test", employment=employment,
            password_hash=self.password_hash, initial_password_at=None, language=None,
            deactivated_at=None,
        )  # fmt: skip
        self._add(
            "placement", uuid=self._uuid(), person_id=number, unit_id=unit, position_id=position,
            standing=PlacementStanding.DEFINITIVE, heads_unit=heads, start_on=PLACED_ON,
            end_on=None,
        )  # fmt: skip
        _Record(self, person, self.units[unit], self.positions[position]).add()


@dataclass
class _Record:
    """What one person has learned: one or two courses completed, one under way, the bench course
    begun."""

    rows: Rows
    person: SimpleNamespace
    unit: SimpleNamespace
    position: SimpleNamespace
    last: dict[str, SimpleNamespace] = field(default_factory=dict)
    proofs: dict[int, list[levels.Proof]] = field(default_factory=dict)

    def add(self) -> None:
        number, others = self.person.id, self.rows.others
        completed = 1 + number % 2
        days = [300 - (number * 13) % 90 - 60 * k for k in range(completed)]
        for k, ago in enumerate(days):
            self._complete(others[(number * 7 + k * 11) % len(others)], self._at(ago))
        self._begin(others[(number * 7 + 5) % len(others)], self._at(40 - number % 30), 1)
        self._begin(self.rows.bench, self._at(8 - number % 7), 3)
        for competency, proofs in self.proofs.items():
            level, entry = levels.level_of(proofs, levels.RatingRule.HIGHEST)
            self.rows._add_plain(
                "competency_state", person_id=number, competency_id=competency, level=level,
                evidence_id=entry, updated_at=self._at(1),
            )  # fmt: skip

    def _at(self, days_ago: int) -> datetime:
        """A working hour of a day, of the same date in Jakarta."""
        day = self.rows.today - timedelta(days=days_ago)
        return datetime.combine(day, time(2, self.person.id % 60), UTC)

    def _begin(self, course: CourseFacts, at: datetime, lessons: int) -> None:
        self._enrol(course, at, course.lessons[:lessons], None)

    def _enrol(
        self, course: CourseFacts, at: datetime, lessons: tuple[str, ...], score: Decimal | None
    ) -> SimpleNamespace:
        """An enrolment with its lessons; completed where there is a score."""
        done = score is not None
        enrolment = SimpleNamespace(uuid=self.rows._uuid())
        closed = at + timedelta(hours=5)
        enrolment.id = self.rows._add(
            "enrolment", uuid=enrolment.uuid, person_id=self.person.id, course_id=course.id,
            version_id=course.version.id,
            state=EnrolmentState.COMPLETED if done else EnrolmentState.OPEN,
            source=EnrolmentSource.SELF, started_at=at, last_active_at=closed,
            closed_at=closed if done else None, done_parts=len(lessons) + done, final_score=score,
        )  # fmt: skip
        for number, key in enumerate(lessons):
            self.rows._add_plain(
                "lesson_done", enrolment_id=enrolment.id, activity_key=key,
                done_at=at + timedelta(minutes=10 * number + 10),
            )  # fmt: skip
        entry = SimpleNamespace(
            action="learning.enrolled", subject_kind="enrolment", subject_uuid=enrolment.uuid,
            details={"course": str(course.uuid)}, request_id=None,
        )  # fmt: skip
        self._append("audit_entry", entry, audit.entry_facts, at, vars(entry))
        return enrolment

    def _complete(self, course: CourseFacts, at: datetime) -> None:
        wrong = self.person.id % 4 == 0
        count = len(course.questions)
        score = Decimal(100) if not wrong else Decimal(100 * (count - 1)) / count
        enrolment = self._enrol(course, at, course.lessons, score)
        self._attempt(course, enrolment, at + timedelta(hours=4), score, wrong=wrong)
        done_at = at + timedelta(hours=5)
        completion = SimpleNamespace(
            person=self.person, enrolment=enrolment, version=course.version, final_score=score,
            completed_at=done_at, earned_on=done_at.date(), reverses=None, reason=None,
        )  # fmt: skip
        values = {
            "enrolment_id": enrolment.id, "person_id": self.person.id,
            "version_id": course.version.id, "final_score": score, "completed_at": done_at,
            "earned_on": done_at.date(),
        }  # fmt: skip
        self._append("completion", completion, completion_facts, done_at, values)
        for competency, level in course.outcomes:
            self._prove(course, completion, competency, level)
        self._credit(course, completion)
        self.rows._add(
            "notification", uuid=self.rows._uuid(), person_id=self.person.id,
            kind=NotificationKind.COURSE_COMPLETED,
            values={"course": course.title, "jp": str(course.jp)}, url=f"/courses/{course.slug}",
            created_at=done_at, read_at=done_at if self.person.id % 3 else None,
        )  # fmt: skip

    def _attempt(
        self, course: CourseFacts, enrolment: SimpleNamespace, at: datetime, score: Decimal,
        *, wrong: bool,
    ) -> None:  # fmt: skip
        end = at + timedelta(minutes=9)
        attempt = self.rows._add(
            "attempt", uuid=self.rows._uuid(), quiz_id=course.quiz_id, quiz_key=course.quiz_key,
            holder=enrolment.uuid, person_id=self.person.id, number=1,
            layout=[[question, [0, 1, 2, 3]] for question in course.questions], headings=[],
            started_at=at, deadline_at=None, submitted_at=end, graded_at=end, percent=score,
            corrected={},
        )  # fmt: skip
        for number, question in enumerate(course.questions):
            right = content.right_option(number)
            missed = wrong and number == 0
            self.rows._add_plain(
                "answer", attempt_id=attempt, question_id=question,
                value=[(right + 1) % 4 if missed else right], seq=1, flagged=False, saved_at=at,
                fraction="0.0000000" if missed else "1.0000000",
            )  # fmt: skip

    def _prove(
        self, course: CourseFacts, completion: SimpleNamespace, competency: SimpleNamespace,
        level: int,
    ) -> None:  # fmt: skip
        same = {
            "kind": EvidenceKind.COURSE_COMPLETION, "level": level, "standing": course.standing,
            "score": completion.final_score, "title": course.title,
            "source_uuid": completion.uuid, "earned_on": completion.earned_on, "reason": None,
            "valid_until": None, "part_of_uuid": None,
        }  # fmt: skip
        entry = SimpleNamespace(
            person=self.person, competency=competency, unit=self.unit, position=self.position,
            reverses=None, **same,
        )  # fmt: skip
        values = {**same, **self._places(), "competency_id": competency.id}
        number = self._append("evidence", entry, evidence_facts, completion.completed_at, values)
        proof = levels.Proof(number, level, course.standing)
        self.proofs.setdefault(competency.id, []).append(proof)

    def _credit(self, course: CourseFacts, completion: SimpleNamespace) -> None:
        same = {
            "form": E_LEARNING, "hours": course.jp, "title": course.title,
            "source_uuid": completion.uuid, "earned_on": completion.earned_on,
            "year": completion.earned_on.year, "reason": None,
        }  # fmt: skip
        entry = SimpleNamespace(
            person=self.person, unit=self.unit, position=self.position, reverses=None, **same
        )
        values = {**same, **self._places()}
        self._append("hour_entry", entry, hour_facts, completion.completed_at, values)

    def _places(self) -> dict[str, int | None]:
        return {
            "person_id": self.person.id, "unit_id": self.unit.id,
            "position_id": self.position.id, "reverses_id": None,
        }  # fmt: skip

    def _append(
        self, table: str, entry: SimpleNamespace, facts_of: Any, at: datetime, values: Row
    ) -> int:
        """Add an entry at the end of the person's chain of a table. What its digest covers stands
        in `entry`; `values` are the columns beside those of the chain."""
        before = self.last.get(table)
        values = dict(values)
        entry.uuid, entry.schema, entry.chain = self.rows._uuid(), ledger.SCHEMA, self.person.uuid
        entry.recorded_at = at
        entry.seq = before.seq + 1 if before else 1
        entry.previous_digest = before.digest if before else None
        entry.digest = digest_of(entry, facts_of(entry))
        self.last[table] = entry
        return self.rows._add(
            table, uuid=entry.uuid, chain=entry.chain, seq=entry.seq,
            previous_digest=entry.previous_digest, digest=entry.digest, schema=entry.schema,
            recorded_at=at, **values,
        )  # fmt: skip
