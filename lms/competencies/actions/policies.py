"""What HR of the site sets for all evidence and for every Job Person Match. Nothing that held on a
day that has begun is changed: a row ends, and another begins. What was only set for later gives way
to what is set after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from flask_babel import gettext

from lms.accounts.models import Person
from lms.competencies.models import EvidenceRule, HourForm, HourTarget, MatchCategory
from lms.competencies.queries import dictionary, policies
from lms.competencies.rules import EvidenceKind
from lms.core import audit, clock, i18n, ledger
from lms.core.access import Actor
from lms.core.db import db
from lms.core.errors import DomainError

EASTERNMOST = "Asia/Jayapura"  # where a day of Indonesia begins first
_Dated = EvidenceRule | MatchCategory | HourTarget | HourForm
Row = TypeVar("Row", EvidenceRule, MatchCategory, HourTarget, HourForm)


def set_evidence_rule(
    actor: Actor, kind: EvidenceKind, *, proves_up_to: int, start_on: date, source: str
) -> bool:
    """Let a kind of evidence prove up to a level (0: nothing) from a day on; whether anything was
    different. What is recorded already keeps its standing.

    What is set for later is cancelled. Raises DomainError for a day that has begun, and without a
    source.
    """
    begin_setting(actor, EvidenceRule.__tablename__, source)
    check_day(start_on)
    rows = [row for row in policies.evidence_rules() if row.kind is kind]
    before = row_before(rows, start_on)
    if before and (before.proves_up_to, before.source) == (proves_up_to, source):
        if not cancel_later(rows, start_on, before):
            return False
    else:
        cancel_later(rows, start_on)
        end_row(before, start_on)
        db.session.add(
            EvidenceRule(
                kind=kind, proves_up_to=proves_up_to, start_on=start_on, source=source,
                set_by=db.session.get_one(Person, actor.person_id),
            )
        )  # fmt: skip
    db.session.flush()
    audit.record(
        actor, "competencies.evidence_rule_set",
        evidence=kind, level=proves_up_to, start_on=start_on,
    )  # fmt: skip
    return True


@dataclass(frozen=True)
class Category:
    """What a Job Person Match from so many percent on is called; None: no longer so."""

    name: str
    name_en: str | None
    from_percent: int | None


def set_match_category(actor: Actor, category: Category, *, start_on: date, source: str) -> bool:
    """Set or end a category from a day on; whether anything was different.

    What is set for later of the same name is cancelled. A new name takes the place of the category
    that has its threshold: so a whole set gives way to another, one after the other. Raises
    DomainError for a day that has begun, for a threshold that is another's from then or a later day
    on, and where nothing would begin at 0 percent on some day.
    """
    begin_setting(actor, MatchCategory.__tablename__, source)
    check_day(start_on)
    if not category.name:
        raise DomainError(gettext("Isi nama."), "name")
    every = policies.match_categories()
    same = [row for row in every if row.name == category.name]
    others = [row for row in every if row.name != category.name]
    before = row_before(same, start_on)
    if category.from_percent is None and before is None:
        raise DomainError(gettext("Tidak ada kategori dengan nama ini"), "name")
    if before and (before.name_en, before.from_percent, before.source) == (
        category.name_en, category.from_percent, source,
    ):  # fmt: skip
        if not cancel_later(same, start_on, before):
            return False
    else:
        _replace(actor, category, same, others, start_on=start_on, source=source)
    db.session.flush()
    audit.record(
        actor, "competencies.match_category_set",
        name=category.name, from_percent=category.from_percent, start_on=start_on,
    )  # fmt: skip
    return True


def _replace(
    actor: Actor,
    category: Category,
    same: Sequence[MatchCategory],
    others: Sequence[MatchCategory],
    *,
    start_on: date,
    source: str,
) -> None:
    before = row_before(same, start_on)
    replaced = [
        row
        for row in policies.categories_on(others, start_on)
        if before is None and row.from_percent == category.from_percent
    ]
    _assert_whole(others, replaced, category, start_on)
    cancel_later(same, start_on)
    for row in (before, *replaced):
        end_row(row, start_on)
    if category.from_percent is not None:
        db.session.add(
            MatchCategory(
                name=category.name, name_en=category.name_en, from_percent=category.from_percent,
                start_on=start_on, source=source,
                set_by=db.session.get_one(Person, actor.person_id),
            )
        )  # fmt: skip


def _assert_whole(
    others: Sequence[MatchCategory],
    replaced: Sequence[MatchCategory],
    category: Category,
    start_on: date,
) -> None:
    """From that day on, every percentage falls into one category, whatever begins later."""
    stay = [row for row in others if row not in replaced]
    days = {start_on, *(row.start_on for row in stay if row.start_on > start_on)}
    for day in sorted(days):
        taken = {row.from_percent for row in policies.categories_on(stay, day)}
        if category.from_percent in taken:
            words = gettext(
                "Ambang ini dipakai kategori lain sejak %(day)s", day=i18n.long_date(day)
            )
            raise DomainError(words, "from_percent")
        if 0 not in {*taken, category.from_percent}:
            raise DomainError(
                gettext("Harus ada kategori yang mulai dari 0 persen"), "from_percent"
            )


def first_day() -> date:
    """The first day that a new row may hold from: it has begun nowhere, so that nothing that was
    earned on it was judged by the row before."""
    return clock.today(EASTERNMOST) + timedelta(days=1)


def begin_setting(actor: Actor, table: str, source: str) -> None:
    """Before anything of a table is set: two who set at once wait for each other here. Raises
    Forbidden, or DomainError without a source."""
    dictionary.assert_may_manage(actor)
    ledger.lock_chain(table, ledger.SITE_CHAIN)
    if not source:
        raise DomainError(gettext("Isi alasan."), "source")


def check_day(start_on: date) -> None:
    """Raises DomainError for a day that has begun."""
    if start_on < first_day():
        raise DomainError(
            gettext(
                "Pilih %(day)s atau sesudahnya: yang sudah berlaku tidak ditulis ulang",
                day=i18n.long_date(first_day()),
            ),
            "start_on",
        )


def row_before(rows: Sequence[Row], start_on: date) -> Row | None:
    """The row that a new one follows, or takes the place of when it begins on the same day."""
    for row in rows:
        if row.start_on <= start_on and (row.end_on is None or row.end_on >= start_on):
            return row
    return None


def cancel_later(rows: Sequence[_Dated], start_on: date, goes_on: _Dated | None = None) -> bool:
    """Let nothing hold that begins later, so that a row which would end then `goes_on`; whether
    there was anything."""
    later = [
        row
        for row in rows
        if row.start_on > start_on and (row.end_on is None or row.end_on >= row.start_on)
    ]
    for row in later:
        end_row(row, row.start_on)
    if later and goes_on is not None:
        goes_on.end_on = None
    return bool(later)


def end_row(row: _Dated | None, start_on: date) -> None:
    """Its last day is the one before; one that begins on that day itself never holds."""
    if row is not None:
        row.end_on = start_on - timedelta(days=1)
