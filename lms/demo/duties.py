"""What heads of the city have assigned, and what people claim: some of it done, some late, some
waiting to be verified. On days of the past, as `learning` does."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import select

from lms.accounts.actions import delegations
from lms.accounts.models import Person, Placement, Unit
from lms.competencies.queries import competencies_by_code
from lms.core import clock, files
from lms.core.access import HEAD_OF_UNIT
from lms.core.db import db, new_uuid, transaction
from lms.courses import queries as courses
from lms.demo.past import Learner, dice, past
from lms.development import actions as development
from lms.development.actions import Claimed, Document
from lms.development.rules import ClaimKind
from lms.learning import jobs
from lms.learning.actions import assigning
from lms.learning.queries import assignments


@dataclass(frozen=True)
class Given:
    """A course that the head of a unit gave everybody in it, so many days ago, for so many."""

    unit: str
    course: str
    days_ago: int
    days: int
    reason: str


# The longest ago first.
ASSIGNED = (
    Given("DISKOMINFO.APLIKASI", "berakhlak", 80, 65, "Nilai dasar ASN, wajib tahun ini"),
    Given("SETDA", "berakhlak", 65, 55, "Nilai dasar ASN, wajib tahun ini"),
    Given("BKPSDM", "berakhlak", 50, 70, "Nilai dasar ASN, wajib tahun ini"),
    Given("DISDUKCAPIL", "pelayanan-publik-prima", 30, 25, "Standar pelayanan loket yang baru"),
    Given("DINKES", "literasi-digital-keamanan-informasi", 20, 45, "Rekam medis elektronik"),
)


@dataclass(frozen=True)
class Waiting:
    """A claim of somebody, so many days old; for HR where the head has verified it."""

    name: str
    days_ago: int
    title: str
    organiser: str
    form: str
    quantity: int
    verified: bool
    competency: str = ""
    level: int = 0


CLAIMS = (
    Waiting("Sulastri", 21, "Workshop Tata Kelola Data", "BPS Kota Wanasari", "KL07", 2, True),
    Waiting(
        "I Putu Gede Aryawan", 17, "Pelatihan Keamanan Aplikasi Web", "BSSN", "KL03", 24, True,
        "M.07", 2,
    ),
    Waiting("Andi Besse Mappatoba", 12, "Seminar Satu Data", "Bappenas", "KL06", 1, True),
    Waiting("Kevin Surya Halim", 8, "Pelatihan Basis Data Lanjut", "Kominfo", "KL03", 16, False),
    Waiting("Debora Yarangga", 3, "Seminar Layanan Inklusif", "Ombudsman RI", "KL06", 1, False),
)  # fmt: skip
VERIFIER = "Bambang Setyo Nugroho"  # heads the unit of all of them
STANDS_IN, LEAVE = "Sulastri", timedelta(days=13)  # for that head


def give(given: Given, today: date) -> None:
    """Assign a course where the site has it, and tell the people of it then."""
    day = today - timedelta(days=given.days_ago)
    with past(day, dice(given.unit)) as hour:
        with transaction():
            course = courses.course_by_slug(given.course)
            if course is None:
                return
            actor, unit = _head_of(given.unit)
            target = assignments.unit_target(actor, unit.uuid)
            assigning.assign(
                actor, course, [target], due_on=day + timedelta(days=given.days),
                reason=given.reason,
            )  # fmt: skip
        hour.pass_seconds(120)
        jobs.sweep_assignments()


def build_delegation(actors: Mapping[str, Learner], today: date) -> None:
    """A head goes on leave, and somebody of the unit stands in."""
    with transaction():
        unit = db.session.scalars(
            select(Unit)
            .join(Placement, Placement.unit_id == Unit.id)
            .where(Placement.person_id == actors[VERIFIER].person_id, Placement.heads_unit)
        ).one()
        stand_in = db.session.get_one(Person, actors[STANDS_IN].person_id)
        delegations.delegate(
            actors[VERIFIER], stand_in.nip, unit.uuid,
            start_on=today, end_on=today + LEAVE, reason="Cuti tahunan",
        )  # fmt: skip


def _head_of(code: str) -> tuple[Learner, Unit]:
    unit = db.session.scalars(select(Unit).where(Unit.code == code)).one()
    head = db.session.scalars(
        select(Placement).where(
            Placement.unit_id == unit.id, Placement.heads_unit, Placement.end_on.is_(None)
        )
    ).one()
    person = head.person
    actor = Learner(person.id, person.uuid, person.name)
    rights = actor.permissions | HEAD_OF_UNIT
    return replace(actor, headed_paths=(unit.path,), permissions=rights), unit


def build_claims(actors: Mapping[str, Learner], today: date) -> None:
    """Enter the claims with a page of paper each, and verify some as their head would."""
    for claim in CLAIMS:
        day = today - timedelta(days=claim.days_ago)
        with past(day, dice(claim.name)) as hour:
            document = _paper(claim)
            with transaction():
                entered = development.submit_claim(
                    actors[claim.name], new_uuid(), _claimed(claim, day), document
                )
                hour.sleep()
                if claim.verified:
                    development.endorse_claim(actors[VERIFIER], entered)


def _claimed(claim: Waiting, day: date) -> Claimed:
    return Claimed(
        kind=ClaimKind.EXTERNAL_TRAINING,
        title=claim.title,
        organiser=claim.organiser,
        number=None,
        started_on=day - timedelta(days=3),
        ended_on=day - timedelta(days=1),
        valid_until=None,
        form=claim.form,
        quantity=Decimal(claim.quantity),
        abroad=False,
        competency=competencies_by_code()[claim.competency] if claim.competency else None,
        level=claim.level or None,
    )


def _paper(claim: Waiting) -> Document:
    """A sheet that says what it is: nobody's certificate."""
    from fpdf import FPDF  # 17 MB, which no process of a site without a demo needs

    sheet = FPDF(format="A4")
    sheet.set_creation_date(clock.now())
    sheet.add_page()
    sheet.set_font("helvetica", size=16)
    sheet.multi_cell(0, 10, f"Contoh dokumen\n{claim.title}\n{claim.organiser}\n{claim.name}")
    content = bytes(sheet.output())
    return Document(files.save(content), "sertifikat.pdf", "pdf", len(content))
