"""What HR changes in the dictionary and in the standards. Nothing is overwritten: an entry keeps
its revisions, a standard its dated rows."""

from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext

from lms.accounts.models import Person
from lms.competencies import rules
from lms.competencies.actions.recounting import ask_recount
from lms.competencies.models import Competency, CompetencyRevision, CompetencyStandard
from lms.competencies.queries import dictionary, standards
from lms.competencies.queries.standards import Target
from lms.competencies.rules import CompetencyKind, RatingRule
from lms.core import audit, clock, i18n
from lms.core.access import Actor
from lms.core.db import db, lock_row, new_uuid
from lms.core.errors import DomainError


@dataclass(frozen=True)
class Wording:
    """What an entry of the dictionary says. `levels`: the indicators of levels 1 to 5."""

    name: str
    name_en: str | None
    field: str | None
    definition: str
    levels: list[list[str]]
    rating_rule: RatingRule


def add_competency(
    actor: Actor, *, code: str, kind: CompetencyKind, wording: Wording, reason: str
) -> Competency:
    """Raises DomainError for a code that is taken or malformed, and as `check_wording` does."""
    dictionary.assert_may_manage(actor)
    check_code(code)
    if dictionary.competency_by_code(code):
        raise DomainError(gettext("Kode ini sudah dipakai"), "code")
    check_wording(kind, wording)
    competency = Competency(uuid=new_uuid(), code=code, kind=kind, **vars(wording))
    db.session.add(competency)
    db.session.flush()
    write_revision(actor, competency, reason)
    audit.record(actor, "competencies.added", "competency", competency.uuid)
    return competency


def check_code(code: str) -> None:
    """Raises DomainError for a code that no competency can have."""
    if not rules.is_code(code):
        raise DomainError(
            gettext("Pakai huruf besar dan angka, misalnya T.ARSIP.01; paling banyak 30 karakter"),
            "code",
        )


def change_competency(
    actor: Actor, competency: Competency, *, wording: Wording, reason: str, seen: int | None = None
) -> bool:
    """Say it in other words from now on; whether anything was different. `seen`: the number of the
    revision that was on the screen. With another rating rule a job works out all levels anew.

    Raises DomainError when somebody else has changed the entry since.
    """
    dictionary.assert_may_manage(actor)
    lock_row(competency)
    if wording == wording_of(competency):
        return False
    if seen is not None and seen != dictionary.last_number(competency):
        raise DomainError(
            gettext(
                "Entri ini diubah orang lain sejak Anda membukanya. Bandingkan dengan riwayatnya, "
                "lalu simpan lagi"
            )
        )
    check_wording(competency.kind, wording)
    if wording.rating_rule is not competency.rating_rule:
        ask_recount(competency)
    for name, value in vars(wording).items():
        setattr(competency, name, value)
    write_revision(actor, competency, reason)
    audit.record(actor, "competencies.changed", "competency", competency.uuid)
    return True


def wording_of(competency: Competency | CompetencyRevision) -> Wording:
    return Wording(
        competency.name,
        competency.name_en,
        competency.field,
        competency.definition,
        competency.levels,
        competency.rating_rule,
    )


def check_wording(kind: CompetencyKind, wording: Wording) -> None:
    """Raises DomainError for what is missing or too much."""
    if kind is CompetencyKind.TECHNICAL and not wording.field:
        raise DomainError(gettext("Isi bidang urusan kompetensi teknis"), "field")
    for number, lines in enumerate(wording.levels, start=1):
        if not lines:
            raise DomainError(
                gettext("Isi sedikitnya satu indikator tingkat %(level)s", level=number),
                f"level_{number}",
            )
        if len(lines) > rules.INDICATORS_MAX:
            raise DomainError(
                gettext("Paling banyak %(num)s indikator", num=rules.INDICATORS_MAX),
                f"level_{number}",
            )


def write_revision(actor: Actor | None, competency: Competency, reason: str) -> None:
    """Keep how the entry reads from now on."""
    db.session.add(
        CompetencyRevision(
            competency_id=competency.id,
            number=dictionary.last_number(competency) + 1,
            **vars(wording_of(competency)),
            changed_at=clock.now(),
            changed_by_id=actor.person_id if actor else None,
            reason=reason,
        )
    )
    db.session.flush()


# ── Standards ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Requirement:
    """What is required from a day on. `level` 0: nothing any more."""

    level: int
    weight: int
    start_on: date
    source: str


def set_standard(
    actor: Actor, target: Target, competency: Competency, requirement: Requirement
) -> bool:
    """Require a level from a day on; whether anything was different.

    The row before ends the day before. One that begins on the same day, not earlier than today,
    gives way and never held. Raises DomainError for what would rewrite a day that is over, and for
    ending what is not there.
    """
    dictionary.assert_may_manage(actor)
    lock_row(competency)
    before = row_before(target, competency, requirement, clock.today(actor.time_zone))
    if before is not None:
        if is_same(before, requirement):
            return False
        before.end_on = requirement.start_on - timedelta(days=1)
    if requirement.level:
        db.session.add(_row(actor, target, competency, requirement))
    db.session.flush()
    audit.record(
        actor, "competencies.standard_set",
        "position" if target.position else "competency",
        target.position.uuid if target.position else competency.uuid,
        tier=target.tier, competency=competency.uuid, level=requirement.level,
        weight=requirement.weight, start_on=requirement.start_on,
    )  # fmt: skip
    return True


def row_before(
    target: Target, competency: Competency, requirement: Requirement, today: date
) -> CompetencyStandard | None:
    """The row that a requirement would change or end. Raises DomainError where it may not."""
    before = next(iter(standards.rows_of(target, competency)), None)
    if before is not None and before.end_on is not None:
        if requirement.start_on <= before.end_on:
            raise DomainError(_too_early(before.end_on + timedelta(days=1)), "start_on")
        before = None
    if before is None and not requirement.level:
        raise DomainError(gettext("Kompetensi ini tidak ada dalam standar sasaran ini"), "level")
    if before is None:
        return None
    if requirement.start_on < before.start_on:
        raise DomainError(_too_early(before.start_on), "start_on")
    if requirement.start_on == before.start_on < today and not is_same(before, requirement):
        raise DomainError(_too_early(before.start_on + timedelta(days=1)), "start_on")
    return before


def is_same(row: CompetencyStandard, requirement: Requirement) -> bool:
    return (row.required_level, row.weight, row.source) == (
        requirement.level,
        requirement.weight,
        requirement.source,
    )


def _too_early(day: date) -> str:
    return gettext(
        "Pilih %(day)s atau sesudahnya: yang sudah berlaku tidak ditulis ulang",
        day=i18n.long_date(day),
    )


def _row(
    actor: Actor, target: Target, competency: Competency, requirement: Requirement
) -> CompetencyStandard:
    return CompetencyStandard(
        position_id=target.position.id if target.position else None,
        tier=None if target.position else target.tier,
        competency=competency,
        required_level=requirement.level,
        weight=requirement.weight,
        start_on=requirement.start_on,
        source=requirement.source,
        set_by=db.session.get_one(Person, actor.person_id),
    )
