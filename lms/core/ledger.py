"""Append-only, chained tables: how they are written, guarded and verified.

Each chain (a person's, or the site's own) is a row of entries 1, 2, 3 …; every entry carries the
SHA-256 of its facts together with the digest of the one before. Facts are canonical JSON: UUIDs
and decimals as strings, never names, so that the erasure of a name breaks no chain.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import (
    Index,
    Select,
    String,
    UniqueConstraint,
    func,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, declared_attr, mapped_column

from lms.core import clock
from lms.core.db import Model, UtcDateTime, db

SITE_CHAIN = UUID(int=0)
SCHEMA = 1
BATCH = 1000

# Every table that refuses UPDATE and DELETE. Start-up asserts that the triggers stand.
APPEND_ONLY_TABLES = (
    "audit_entry", "evidence", "hour_entry", "completion", "certificate", "certificate_event",
    "grade_change", "correction",
)  # fmt: skip


class Chained:
    """Columns of a chained entry. `chain` is the person's UUID, or SITE_CHAIN."""

    chain: Mapped[UUID] = mapped_column()
    seq: Mapped[int] = mapped_column()
    previous_digest: Mapped[str | None] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
    schema: Mapped[int] = mapped_column(default=SCHEMA)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:  # noqa: N805 - declared_attr passes the class
        return (UniqueConstraint("chain", "seq"),)


def name_once(column: InstrumentedAttribute[int | None]) -> None:
    """Let an entry be named by at most one other, in this column of theirs. The index holds only
    those that name one: for "names none" SQLite would else go through it, which is every entry."""
    given = column.is_not(None)
    Index(
        f"uq_{column.class_.__tablename__}_{column.key}", column, unique=True,
        sqlite_where=given, postgresql_where=given,
    )  # fmt: skip


Entry = TypeVar("Entry", bound=Model)
Facts = Mapping[str, object]


@dataclass(frozen=True)
class Fault:
    """One broken place: which table, whose chain, which entry, and what is wrong with it."""

    table: str
    chain: UUID
    seq: int
    reason: str


def append(entry: Any, facts_of: Callable[[Any], Facts]) -> None:
    """Add a chained entry to the session and flush it. Needs an open write transaction.

    The chain is locked until the commit, so that two writers cannot take the same place.
    """
    seq, digest = _last_place(entry)
    db.session.add(entry)
    _put(entry, facts_of, seq + 1, digest)
    db.session.flush()


def append_many(entries: Sequence[Any], facts_of: Callable[[Any], Facts]) -> None:
    """Add entries of one chain in their order, as `append`, but by the thousand."""
    if not entries:
        return
    seq, digest = _last_place(entries[0])
    columns = [column.key for column in inspect(type(entries[0])).column_attrs]
    rows = []
    for entry in entries:
        seq += 1
        _put(entry, facts_of, seq, digest)
        digest = entry.digest
        rows.append({key: getattr(entry, key) for key in columns if key != "id"})
    db.session.flush()
    db.session.execute(insert(type(entries[0])), rows)


def _last_place(entry: Any) -> tuple[int, str | None]:
    """Number and digest of the last entry of the chain, which is locked for it."""
    model = type(entry)
    lock_chain(model.__tablename__, entry.chain)
    last = db.session.execute(
        select(model.seq, model.digest)
        .where(model.chain == entry.chain)
        .order_by(model.seq.desc())
        .limit(1)
    ).first()
    return (last.seq, last.digest) if last else (0, None)


def _put(entry: Any, facts_of: Callable[[Any], Facts], seq: int, previous: str | None) -> None:
    entry.schema = SCHEMA
    entry.recorded_at = clock.now()
    entry.seq = seq
    entry.previous_digest = previous
    entry.digest = digest_of(entry, facts_of(entry))


def digest_of(entry: Any, facts: Facts) -> str:
    """SHA-256 (hex) over the entry's facts, its place in the chain and the digest before it."""
    place = {
        "schema": entry.schema,
        "chain": entry.chain,
        "seq": entry.seq,
        "previous": entry.previous_digest,
        "recorded_at": entry.recorded_at,
    }
    assert not place.keys() & facts.keys(), "a fact would hide the entry's place in the chain"
    return hashlib.sha256(canonical({**place, **facts}).encode()).hexdigest()


def canonical(value: object) -> str:
    """JSON with sorted keys and one spelling for each value.

    Raises TypeError for what has none (floats above all), ValueError for a naive instant or a
    decimal that is no number.
    """
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def verify(
    model: type[Entry], rows: Select[Any], facts_of: Callable[[Any], Facts]
) -> Iterator[Fault]:
    """Walk every chain of a table in order and yield what does not fit. Reads in batches."""
    table = str(model.__tablename__)
    chain: UUID | None = None
    seq, digest = 0, None
    for place, entry in _in_order(model, rows):
        if place.chain != chain:
            chain, seq, digest = place.chain, 0, None
        if place.seq != seq + 1:
            yield Fault(table, place.chain, place.seq, f"entry {seq + 1} is missing")
        if place.previous_digest != digest:
            yield Fault(table, place.chain, place.seq, "does not follow the entry before it")
        if place.digest != _digest_now(entry, facts_of):
            yield Fault(table, place.chain, place.seq, "was changed after it was written")
        seq, digest = place.seq, place.digest


def _in_order(model: Any, rows: Select[Any]) -> Iterator[tuple[Any, Any]]:
    """Every place of a table, chain by chain, with its entry, or None where the entry is one that
    we could not have written (an unknown enum value, broken JSON)."""
    places = select(model.id, model.chain, model.seq, model.previous_digest, model.digest)
    ordered = places.order_by(model.chain, model.seq).execution_options(yield_per=BATCH)
    for batch in db.session.execute(ordered).partitions():
        wanted = rows.where(model.id.in_([place.id for place in batch]))
        wanted = wanted.execution_options(populate_existing=True)
        try:
            entries = {entry.id: entry for entry in db.session.scalars(wanted)}
        except (LookupError, ValueError):
            entries = {place.id: _entry_or_none(model, place.id) for place in batch}
        for place in batch:
            yield place, entries.get(place.id)


def _entry_or_none(model: Any, entry_id: int) -> Any:
    try:
        return db.session.get(model, entry_id, populate_existing=True)
    except (LookupError, ValueError):
        return None


def _digest_now(entry: Any, facts_of: Callable[[Any], Facts]) -> str | None:
    try:
        return None if entry is None else digest_of(entry, facts_of(entry))
    except (TypeError, ValueError, AttributeError):  # a value of a kind that we never write
        return None


def missing_triggers() -> list[str]:
    """Names of the guarding triggers that the database lacks (batch migrations drop them)."""
    dialect = db.engine.dialect.name
    if dialect == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
    found = set(db.session.execute(text(query)).scalars())
    acts = ("update", "delete") if dialect == "sqlite" else ("update", "delete", "truncate")
    wanted = {f"{table}_refuses_{act}" for table in APPEND_ONLY_TABLES for act in acts}
    return sorted(wanted - found)


def tables_exist() -> bool:
    """Has the database been migrated at all?"""
    return inspect(db.engine).has_table(APPEND_ONLY_TABLES[0])


def lock_chain(table: str, chain: UUID) -> None:
    """On PostgreSQL an advisory lock until commit; SQLite has one writer already."""
    if db.engine.dialect.name == "postgresql":
        key = func.hashtextextended(f"{table}:{chain}", 0)
        db.session.execute(select(func.pg_advisory_xact_lock(key)))


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("the keys of a fact are text")
        return {str(key): _plain(v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, date | Decimal | UUID):
        return _spelled(value)
    if value is None or isinstance(value, bool | int | str):
        return value
    raise TypeError(f"{type(value).__name__} has no canonical spelling")


def _spelled(value: date | Decimal | UUID) -> str:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("an instant without a zone has no canonical spelling")
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if not value.is_finite():
        raise ValueError(f"{value} has no canonical spelling")
    written = format(value, "f")
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    return "0" if written in ("-0", "") else written
