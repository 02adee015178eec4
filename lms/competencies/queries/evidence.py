"""The evidence behind a level: as a person reads it, and as the rating rule sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from lms.accounts.models import Person
from lms.accounts.queries.delegations import signed
from lms.competencies import rules
from lms.competencies.models import Competency, Evidence, EvidenceRule, Rating
from lms.competencies.queries.dated import in_force
from lms.competencies.rules import EvidenceKind, EvidenceStanding, RatingRule, Verdict
from lms.core.db import db, read


@dataclass(frozen=True)
class EvidenceLine:
    """A piece of evidence as a person reads it."""

    title: str
    kind: EvidenceKind
    level: int
    standing: EvidenceStanding
    score: Decimal | None
    earned_on: date
    valid_until: date | None
    source_uuid: UUID
    verdict: Verdict
    is_stale: bool  # no longer valid; it counts until it is renewed
    reason: str  # of one that takes another back
    by: str  # who rated it, "" for what is no rating
    note: str


@dataclass(frozen=True)
class Step:
    """A change of a level: which competency, from what to what, by which evidence."""

    name: str
    before: int
    level: int
    title: str
    earned_on: date
    seq: int  # of the entry in the ledger


_EVIDENCE = (
    select(
        Evidence.id,
        Evidence.competency_id,
        Evidence.title,
        Evidence.kind,
        Evidence.level,
        Evidence.standing,
        Evidence.score,
        Evidence.earned_on,
        Evidence.valid_until,
        Evidence.source_uuid,
        Evidence.reverses_id,
        Evidence.reason,
        Evidence.seq,
        Person.name.label("by"),
        Rating.by_as,
        Rating.note,
    )
    .outerjoin(Rating, Rating.uuid == Evidence.source_uuid)
    .outerjoin(Person, Person.id == Rating.by_id)
    .where(Evidence.person_id == bindparam("person_id"))
    .order_by(Evidence.seq.desc())
)


def entries_of(person_id: int) -> dict[int, list[Any]]:
    """The evidence of a person by competency, the newest first."""
    entries: dict[int, list[Any]] = {}
    for entry in read(_EVIDENCE, person_id=person_id):
        entries.setdefault(entry.competency_id, []).append(entry)
    return entries


def steps_of(name: str, entries: Sequence[Any], rule: RatingRule) -> list[Step]:
    """How the level of one competency changed; the entries come with the newest first."""
    by_id = {entry.id: entry for entry in entries}
    proofs = [proof_of(entry) for entry in reversed(entries)]
    return [
        Step(name, before, level, e.title, e.earned_on, e.seq)
        for entry_id, level, before in rules.history(proofs, rule)
        for e in [by_id[entry_id]]
    ]


def stale_since(entries: Sequence[Any], deciding: int | None, day: date) -> date | None:
    until = next((e.valid_until for e in entries if e.id == deciding), None)
    return until if until is not None and until < day else None


def lines_of(entries: Sequence[Any], rule: RatingRule, day: date) -> dict[int, EvidenceLine]:
    verdicts = rules.verdicts(map(proof_of, entries), rule)
    return {entry.id: _line(entry, verdicts[entry.id], day) for entry in entries}


def deciding_of(lines: Mapping[int, EvidenceLine]) -> int | None:
    return next((id_ for id_, e in lines.items() if e.verdict is Verdict.DECIDES), None)


def _line(entry: Any, verdict: Verdict, day: date) -> EvidenceLine:
    return EvidenceLine(
        title=entry.title,
        kind=entry.kind,
        level=entry.level,
        standing=entry.standing,
        score=entry.score,
        earned_on=entry.earned_on,
        valid_until=entry.valid_until,
        source_uuid=entry.source_uuid,
        verdict=verdict,
        is_stale=entry.valid_until is not None and entry.valid_until < day,
        reason=entry.reason or "",
        by=signed(entry.by or "", entry.by_as),
        note=entry.note or "",
    )


_PROVES = (
    select(EvidenceRule.proves_up_to)
    .where(EvidenceRule.kind == bindparam("kind"), in_force(EvidenceRule))
    .order_by(EvidenceRule.start_on.desc())
    .limit(1)
)


def proves_up_to(kind: EvidenceKind, day: date) -> int:
    """The highest level that this kind of evidence proves on a day; 0 where no rule is in force."""
    return read(_PROVES, kind=kind, day=day).scalar() or 0


def proofs_of(person_id: int, competency_id: int) -> list[rules.Proof]:
    rows = db.session.execute(
        select(*PROOF).where(
            Evidence.person_id == person_id, Evidence.competency_id == competency_id
        )
    )
    return [proof_of(row) for row in rows]


def rule_of(competency_id: int) -> RatingRule:
    """The rating rule that holds now, read from the database whatever is in memory."""
    query = select(Competency.rating_rule).where(Competency.id == competency_id)
    return db.session.scalars(query).one()


PROOF = (
    Evidence.id, Evidence.level, Evidence.standing, Evidence.reverses_id, Evidence.earned_on,
    Evidence.kind,
)  # fmt: skip


def proof_of(row: Any) -> rules.Proof:
    """A row that has the columns of `PROOF` as the rating rule sees it."""
    return rules.Proof(
        row.id, row.level, row.standing, row.reverses_id, row.earned_on,
        row.kind is EvidenceKind.ASSESSMENT,
    )  # fmt: skip
