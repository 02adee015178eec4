"""What HR of the site sets for all evidence and for every Job Person Match. Nothing that held on a
day that is over is changed: a row ends, and another begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from flask_babel import gettext

from lms.accounts.models import Person
from lms.competencies.models import EvidenceRule, MatchCategory
from lms.competencies.queries import dictionary, policies
from lms.competencies.rules import EvidenceKind
from lms.core import audit, clock, i18n, ledger
from lms.core.access import Actor
from lms.core.db import db
from lms.core.errors import DomainError

Row = TypeVar("Row", EvidenceRule, MatchCategory)


def set_evidence_rule(
    actor: Actor, kind: EvidenceKind, *, proves_up_to: int, start_on: date, source: str
) -> bool:
    """Let a kind of evidence prove up to a level (0: nothing) from a day on; whether anything was
    different. What is recorded already keeps its standing.

    Raises DomainError for a day that is over, or before what is set for later, and without a
    source.
    """
    _check(actor, EvidenceRule.__tablename__, start_on, source)
    rows = [row for row in policies.evidence_rules() if row.kind is kind]
    before = _before(rows, start_on)
    if before and (before.proves_up_to, before.source) == (proves_up_to, source):
        return False
    _end(before, start_on)
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

    Raises DomainError for a day that is over or before what is set for later, for a threshold that
    another category has, and where nothing would begin at 0 percent any more.
    """
    _check(actor, MatchCategory.__tablename__, start_on, source)
    if not category.name:
        raise DomainError(gettext("Isi nama."), "name")
    every = policies.match_categories()
    before = _before([row for row in every if row.name == category.name], start_on)
    if category.from_percent is None and before is None:
        raise DomainError(gettext("Tidak ada kategori dengan nama ini"), "name")
    if before and (before.name_en, before.from_percent, before.source) == (
        category.name_en, category.from_percent, source,
    ):  # fmt: skip
        return False
    others = {
        row.from_percent
        for row in policies.categories_on(every, start_on)
        if row.name != category.name
    }
    if category.from_percent in others:
        raise DomainError(gettext("Ambang ini sudah dipakai kategori lain"), "from_percent")
    if 0 not in {*others, category.from_percent}:
        raise DomainError(gettext("Harus ada kategori yang mulai dari 0 persen"), "from_percent")
    _end(before, start_on)
    if category.from_percent is not None:
        db.session.add(
            MatchCategory(
                name=category.name, name_en=category.name_en, from_percent=category.from_percent,
                start_on=start_on, source=source,
                set_by=db.session.get_one(Person, actor.person_id),
            )
        )  # fmt: skip
    db.session.flush()
    audit.record(
        actor, "competencies.match_category_set",
        name=category.name, from_percent=category.from_percent, start_on=start_on,
    )  # fmt: skip
    return True


def _check(actor: Actor, table: str, start_on: date, source: str) -> None:
    """Two who set at once wait for each other here."""
    dictionary.assert_may_manage(actor)
    ledger.lock_chain(table, ledger.SITE_CHAIN)
    today = clock.today(actor.time_zone)
    if start_on < today:
        raise DomainError(_too_early(today), "start_on")
    if not source:
        raise DomainError(gettext("Isi alasan."), "source")


def _before(rows: Sequence[Row], start_on: date) -> Row | None:
    """The row that a new one follows, of rows with the newest first. Raises DomainError where one
    begins later."""
    for row in rows:
        if row.end_on is not None and row.end_on < row.start_on:
            continue  # it never held
        if row.start_on > start_on:
            raise DomainError(_too_early(row.start_on), "start_on")
        return row if row.end_on is None or row.end_on >= start_on else None
    return None


def _end(row: EvidenceRule | MatchCategory | None, start_on: date) -> None:
    if row is not None:
        row.end_on = start_on - timedelta(days=1)


def _too_early(day: date) -> str:
    return gettext(
        "Pilih %(day)s atau sesudahnya: yang sudah berlaku tidak ditulis ulang",
        day=i18n.long_date(day),
    )
