"""What the two ledgers vouch for, one entry or all of them, and what does not follow from them."""

from collections.abc import Iterator
from heapq import merge
from itertools import groupby
from operator import attrgetter, itemgetter
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload

from lms.competencies import rules
from lms.competencies.models import (
    Competency,
    CompetencyState,
    Evidence,
    HourEntry,
    LevelRecount,
)
from lms.competencies.queries.evidence import PROOF, proof_of, rule_of
from lms.core import ledger
from lms.core.db import db


def evidence_facts(entry: Evidence) -> ledger.Facts:
    """What the digest of an entry covers: identifiers and values, no names."""
    part_of = {"part_of": entry.part_of_uuid} if entry.part_of_uuid else {}
    return {
        **part_of,
        "uuid": entry.uuid,
        "person": entry.person.uuid,
        "competency": entry.competency.uuid,
        "kind": entry.kind,
        "level": entry.level,
        "standing": entry.standing,
        "score": entry.score,
        "title": entry.title,
        "source": entry.source_uuid,
        "earned_on": entry.earned_on,
        "valid_until": entry.valid_until,
        "unit": entry.unit.uuid if entry.unit else None,
        "position": entry.position.uuid if entry.position else None,
        "reverses": entry.reverses.uuid if entry.reverses else None,
        "reason": entry.reason,
    }


def hour_facts(entry: HourEntry) -> ledger.Facts:
    """What the digest of an entry covers: identifiers and values, no names."""
    return {
        "uuid": entry.uuid,
        "person": entry.person.uuid,
        "form": entry.form,
        "hours": entry.hours,
        "title": entry.title,
        "source": entry.source_uuid,
        "earned_on": entry.earned_on,
        "year": entry.year,
        "unit": entry.unit.uuid if entry.unit else None,
        "position": entry.position.uuid if entry.position else None,
        "reverses": entry.reverses.uuid if entry.reverses else None,
        "reason": entry.reason,
    }


def evidence_entries() -> Select[Evidence]:
    """All entries with what their facts need, for verification."""
    return select(Evidence).options(
        joinedload(Evidence.person),
        joinedload(Evidence.competency),
        joinedload(Evidence.unit),
        joinedload(Evidence.position),
        joinedload(Evidence.reverses),
    )


def hour_entries() -> Select[HourEntry]:
    """All entries with what their facts need, for verification."""
    return select(HourEntry).options(
        joinedload(HourEntry.person),
        joinedload(HourEntry.unit),
        joinedload(HourEntry.position),
        joinedload(HourEntry.reverses),
    )


def evidence_by_uuid(uuid: UUID) -> Evidence | None:
    return db.session.scalar(select(Evidence).where(Evidence.uuid == uuid))


def hours_by_uuid(uuid: UUID) -> HourEntry | None:
    return db.session.scalar(select(HourEntry).where(HourEntry.uuid == uuid))


def evidence_of_source(source_uuid: UUID) -> list[Evidence]:
    """What stands of the evidence that a source gave, or that is a part of it."""
    theirs = or_(Evidence.source_uuid == source_uuid, Evidence.part_of_uuid == source_uuid)
    entries = db.session.scalars(select(Evidence).where(theirs).order_by(Evidence.id))
    return [entry for entry in entries if not is_reversed(entry)]


def hours_of_source(source_uuid: UUID) -> list[HourEntry]:
    """What stands of the hours that a source gave."""
    entries = select(HourEntry).where(HourEntry.source_uuid == source_uuid)
    return [entry for entry in db.session.scalars(entries) if not is_reversed(entry)]


def taken_back_of(source_uuid: UUID) -> tuple[set[int], bool]:
    """What a source itself gave and nothing stands of any more: competencies by id, and whether
    hours are among it."""
    given = set(
        db.session.scalars(
            select(Evidence.competency_id).where(Evidence.source_uuid == source_uuid).distinct()
        )
    )
    standing = {entry.competency_id for entry in evidence_of_source(source_uuid)}
    hours = select(HourEntry.id).where(HourEntry.source_uuid == source_uuid).limit(1)
    had_hours = db.session.scalar(hours) is not None
    return given - standing, had_hours and not hours_of_source(source_uuid)


def is_reversed(entry: Evidence | HourEntry) -> bool:
    """Was the entry taken back already, or does it itself take one back?"""
    model = type(entry)
    again = select(model.id).where(model.reverses_id == entry.id).limit(1)
    return entry.reverses_id is not None or db.session.scalar(again) is not None


def stale_states() -> list[tuple[int, int]]:
    """(person id, competency id) whose stored level is not what the ledger gives. Reads both
    tables once, side by side, in batches. Left out is who waits for a change of the rating rule to
    reach her: see `recounts`."""
    both = merge(_given_levels(), _stored_levels(), key=itemgetter(0))
    done_to = {row.competency_id: row.done_to for row in recounts()}
    wrong = []
    for pair, levels in groupby(both, key=itemgetter(0)):
        found = {kind: level for _, kind, level in levels}
        waits = pair[1] in done_to and pair[0] > done_to[pair[1]]
        if found.get("stored") != found.get("given", NOT_MEASURED) and not waits:
            wrong.append(pair)
    return wrong


NOT_MEASURED: tuple[int, int | None] = (0, None)
_Level = tuple[tuple[int, int], str, tuple[int, int | None]]


def _given_levels() -> Iterator[_Level]:
    rules_of = {row.id: row.rating_rule for row in db.session.execute(_RULES)}
    rows = db.session.execute(
        select(Evidence.person_id, Evidence.competency_id, *PROOF)
        .order_by(Evidence.person_id, Evidence.competency_id)
        .execution_options(yield_per=ledger.BATCH)
    )
    for pair, entries in groupby(rows, key=lambda row: (row.person_id, row.competency_id)):
        yield pair, "given", rules.level_of(map(proof_of, entries), rules_of[pair[1]])


_RULES = select(Competency.id, Competency.rating_rule)


def _stored_levels() -> Iterator[_Level]:
    rows = db.session.execute(
        select(
            CompetencyState.person_id, CompetencyState.competency_id,
            CompetencyState.level, CompetencyState.evidence_id,
        )
        .order_by(CompetencyState.person_id, CompetencyState.competency_id)
        .execution_options(yield_per=ledger.BATCH)
    )  # fmt: skip
    for person_id, competency_id, level, evidence_id in rows:
        yield (person_id, competency_id), "stored", (level, evidence_id)


# ── After a change of the rating rule ────────────────────────────────────────────────────────


def recounts() -> list[LevelRecount]:
    """The competencies whose levels are being worked out anew."""
    return list(db.session.scalars(select(LevelRecount).order_by(LevelRecount.competency_id)))


def is_recounted(competency_id: int) -> bool:
    """Are the levels of the competency being worked out anew?"""
    found = select(LevelRecount.done_to).where(LevelRecount.competency_id == competency_id)
    return db.session.execute(found).first() is not None


def differing(competency_id: int, after: int, limit: int) -> tuple[list[int], int | None]:
    """Of the next so many people by id with evidence of a competency, those whose stored level is
    not what the ledger gives by the rule of now; and the last of all, None where there is none."""
    stored = {
        row.person_id: (row.level, row.evidence_id)
        for row in db.session.execute(
            select(CompetencyState.person_id, CompetencyState.level, CompetencyState.evidence_id)
            .where(CompetencyState.competency_id == competency_id)
            .where(CompetencyState.person_id > after)
            .order_by(CompetencyState.person_id)
            .limit(limit)
        )
    }
    rows = db.session.execute(
        select(Evidence.person_id, *PROOF)
        .where(Evidence.competency_id == competency_id, Evidence.person_id.in_(list(stored)))
        .order_by(Evidence.person_id)
    )
    rule = rule_of(competency_id)
    given = {
        person_id: rules.level_of(map(proof_of, entries), rule)
        for person_id, entries in groupby(rows, key=attrgetter("person_id"))
    }
    wrong = [id_ for id_ in stored if stored[id_] != given.get(id_, NOT_MEASURED)]
    return wrong, max(stored, default=None)
