"""What HR of the site sets for learning hours: the target of a year, and how forms of development
become hours. Hours that are recorded stay as they were counted."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask_babel import gettext

from lms.accounts.models import Person
from lms.accounts.rules import Employment
from lms.competencies import rules
from lms.competencies.actions.policies import (
    begin_setting,
    cancel_later,
    check_day,
    end_row,
    row_before,
)
from lms.competencies.models import HourForm, HourTarget
from lms.competencies.queries import policies
from lms.competencies.rules import HourCategory, HourUnit
from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.db import db
from lms.core.errors import DomainError


@dataclass(frozen=True)
class Basis:
    """On what something rests: a decision or a regulation, and whether it is still to be compared
    with the official text."""

    source: str
    needs_verification: bool = False


def set_hour_target(
    actor: Actor, employment: Employment, *, target_jp: Decimal, year: int, basis: Basis
) -> bool:
    """Set the target of a year and of those after it; whether anything was different.

    What is set for a later year is cancelled. Raises DomainError for a year that is over, and
    without a source.
    """
    begin_setting(actor, HourTarget.__tablename__, basis.source)
    rows = [row for row in policies.hour_targets() if row.employment is employment]
    least = clock.today(actor.time_zone).year
    if year < least:
        raise DomainError(_too_early(least), "year")
    start_on = date(year, 1, 1)
    before = row_before(rows, start_on)
    if before and (before.target_jp, before.source, before.needs_verification) == (
        target_jp, basis.source, basis.needs_verification,
    ):  # fmt: skip
        if not cancel_later(rows, start_on, before):
            return False
    else:
        cancel_later(rows, start_on)
        end_row(before, start_on)
        db.session.add(
            HourTarget(
                employment=employment, target_jp=target_jp, start_on=start_on,
                source=basis.source, needs_verification=basis.needs_verification,
                set_by=db.session.get_one(Person, actor.person_id),
            )
        )  # fmt: skip
    db.session.flush()
    audit.record(
        actor, "competencies.hour_target_set", employment=employment, jp=target_jp, year=year
    )
    return True


def _too_early(year: int) -> str:
    return gettext(
        "Pilih %(year)s atau sesudahnya: tahun yang sudah lewat tidak ditulis ulang", year=year
    )


@dataclass(frozen=True)
class Conversion:
    """How a form of development becomes hours; see the columns of `HourForm`."""

    code: str
    name: str
    name_en: str | None
    category: HourCategory
    unit: HourUnit
    jp: Decimal | None
    jp_abroad: Decimal | None
    daily_cap: Decimal | None
    cap_applies: bool
    monthly_times: int | None


def set_hour_form(
    actor: Actor, conversion: Conversion, *, start_on: date, basis: Basis, ended: bool = False
) -> bool:
    """Set a form, or end it, for what is done from a day on; whether anything was different.

    What is set for later is cancelled. Raises DomainError for a day that has begun, for figures
    that do not go together, and without a source.
    """
    begin_setting(actor, HourForm.__tablename__, basis.source)
    check_day(start_on)
    _check(conversion)
    rows = [row for row in policies.hour_forms() if row.code == conversion.code]
    before = row_before(rows, start_on)
    if ended and before is None:
        raise DomainError(gettext("Tidak ada bentuk dengan kode ini"), "code")
    values = {**vars(conversion), **vars(basis)}
    if before and not ended and all(getattr(before, name) == values[name] for name in values):
        if not cancel_later(rows, start_on, before):
            return False
    else:
        cancel_later(rows, start_on)
        end_row(before, start_on)
        if not ended:
            set_by = db.session.get_one(Person, actor.person_id)
            db.session.add(HourForm(**values, start_on=start_on, set_by=set_by))
    db.session.flush()
    audit.record(
        actor, "competencies.hour_form_set",
        code=conversion.code, ended=ended, jp=conversion.jp, start_on=start_on,
    )  # fmt: skip
    return True


def _check(found: Conversion) -> None:
    if not rules.is_code(found.code):
        message = gettext("Isi huruf besar dan angka, boleh dengan titik atau tanda hubung.")
        raise DomainError(message, "code")
    if not found.name:
        raise DomainError(gettext("Isi nama."), "name")
    by_curriculum = found.unit is HourUnit.CURRICULUM
    if by_curriculum and (found.jp is not None or found.jp_abroad is not None):
        raise DomainError(gettext("Kosongkan: yang dihitung JP kurikulumnya"), "jp")
    if not by_curriculum and found.jp is None:
        raise DomainError(gettext("Isi JP untuk setiap satuan"), "jp")
    if found.cap_applies and found.daily_cap is None:
        raise DomainError(gettext("Isi batas yang diterapkan"), "daily_cap")
