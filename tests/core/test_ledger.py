"""Ledgers: nothing that was written can be changed unseen (docs/decisions/0004)."""

import threading
import uuid
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError, IntegrityError

from lms import setup
from lms.competencies.models import Evidence
from lms.competencies.queries import ledgers as record
from lms.core import audit, ledger
from lms.core.audit import AuditEntry
from lms.core.db import db, transaction
from lms.core.errors import StartError
from lms.core.ledger import APPEND_ONLY_TABLES, SITE_CHAIN
from lms.credentials import jobs as certificates
from lms.learning.actions import marks
from lms.quizzes.actions import correcting
from lms.quizzes.models import Attempt
from lms.quizzes.queries.corrections import Proposal
from lms.quizzes.rules import CorrectionKind
from tests.cast import Cast
from tests.client import PageClient
from tests.core.tampering import behind_the_guard, without_guard
from tests.learning.test_journey import finish
from tests.sample_course import import_course, write_course

ACTS = {
    "update": "UPDATE {table} SET digest = 'x'",
    "update of one row": "UPDATE {table} SET seq = 99 WHERE id = (SELECT min(id) FROM {table})",
    "delete": "DELETE FROM {table}",
}
SQLITE_ACTS = {
    "replace": "INSERT OR REPLACE INTO {table} SELECT * FROM {table} LIMIT 1",
    "replace into": "REPLACE INTO {table} SELECT * FROM {table} LIMIT 1",
    "update or ignore": "UPDATE OR IGNORE {table} SET digest = 'x'",
    "upsert": "INSERT INTO {table} SELECT * FROM {table} WHERE true "
    "ON CONFLICT (id) DO UPDATE SET digest = 'x'",
}
POSTGRES_ACTS = {
    "truncate": "TRUNCATE {table} CASCADE",
    "upsert": "INSERT INTO {table} SELECT * FROM {table} ON CONFLICT (id) DO UPDATE SET digest='x'",
    "merge": "MERGE INTO {table} t USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE",
}


@pytest.fixture
def filled(app: Flask, cast: Cast, client: PageClient, tmp_path: Path) -> Iterator[Flask]:
    """Somebody has completed a course: every ledger holds entries."""
    with app.app_context():
        import_course(write_course(tmp_path))
        db.session.remove()
    client.sign_in(cast.people["learner"])
    finish(client, "melayani")
    with app.app_context():
        certificates.sweep_files()
        with transaction():
            change_a_mark(cast)
        yield app
        db.session.remove()


def change_a_mark(cast: Cast) -> None:
    """Of the quiz without a weight, so that nothing else follows; and correct its question."""
    attempt = db.session.scalars(sa.select(Attempt).where(Attempt.quiz_key == "kuis-1")).one()
    question = attempt.layout[0][0]
    by = cast.person("stranger")
    proposal = Proposal(CorrectionKind.LEAVE_OUT)
    correcting.add_correction(by, SITE_CHAIN, "kuis-1", question, proposal, reason="Keliru")
    assert marks.change_mark(by, attempt, question, Decimal("0.5"), reason="Dibaca lagi")


def rows(table: str) -> list[Any]:
    with db.engine.connect() as connection:
        return list(connection.execute(sa.text(f"SELECT * FROM {table} ORDER BY id")))


def note(count: int, chain: uuid.UUID | None = None) -> None:
    for number in range(count):
        with transaction():
            audit.record(chain, "test.noted", number=number)


def faults() -> list[tuple[int, str]]:
    found = ledger.verify(AuditEntry, audit.entries(), audit.entry_facts)
    return [(fault.seq, fault.reason) for fault in found]


@pytest.mark.parametrize("table", APPEND_ONLY_TABLES)
def test_the_database_itself_refuses_to_change_a_ledger(filled: Flask, table: str) -> None:
    before = rows(table)
    assert before
    own = SQLITE_ACTS if db.engine.dialect.name == "sqlite" else POSTGRES_ACTS
    for name, statement in {**ACTS, **own}.items():
        with pytest.raises(DBAPIError, match="append-only"), db.engine.begin() as connection:
            connection.execute(sa.text(statement.format(table=table)))
        assert rows(table) == before, name


def test_every_chained_table_is_guarded(context: Flask) -> None:
    chained = {t.name for t in db.metadata.tables.values() if {"chain", "seq"} <= set(t.c.keys())}
    assert chained == set(APPEND_ONLY_TABLES)
    assert ledger.missing_triggers() == []


def test_entries_are_numbered_and_each_names_the_one_before(context: Flask) -> None:
    note(3)
    note(2, uuid.UUID(int=7))
    entries = list(db.session.scalars(audit.entries().order_by(AuditEntry.chain, AuditEntry.seq)))
    assert [(e.chain.int, e.seq) for e in entries] == [(0, 1), (0, 2), (0, 3), (7, 1), (7, 2)]
    assert [e.previous_digest for e in entries] == [
        None, entries[0].digest, entries[1].digest, None, entries[3].digest,
    ]  # fmt: skip
    assert all(e.digest == ledger.digest_of(e, audit.entry_facts(e)) for e in entries)
    assert faults() == []


def test_a_place_in_a_chain_is_given_once(context: Flask) -> None:
    note(1)
    with pytest.raises(IntegrityError), transaction():
        db.session.execute(
            sa.insert(AuditEntry).values(
                uuid=uuid.uuid4(), action="test.again", details={}, chain=SITE_CHAIN, seq=1,
                digest="x", schema=1, recorded_at=rows_time(),
            )
        )  # fmt: skip


def rows_time() -> Any:
    return db.session.scalar(sa.select(AuditEntry.recorded_at).limit(1))


def test_an_entry_is_written_only_in_a_write_transaction(context: Flask) -> None:
    with pytest.raises(RuntimeError):
        audit.record(None, "test.stray")
    db.session.rollback()
    assert rows("audit_entry") == []


def test_a_fact_cannot_take_the_place_of_the_chain(context: Flask) -> None:
    note(1)
    entry = db.session.scalars(audit.entries()).one()
    with pytest.raises(AssertionError):
        ledger.digest_of(entry, {"seq": 5})


CHANGED = "was changed after it was written"
CHANGES = [
    # what is done behind the triggers, the faults that are then named
    ("SET action = 'test.forged' WHERE seq = 2", [(2, CHANGED)]),
    ("SET details = '{\"number\": \"9\"}' WHERE seq = 2", [(2, CHANGED)]),
    ("SET request_id = 'ABCDEF' WHERE seq = 2", [(2, CHANGED)]),
    ("SET schema = 2 WHERE seq = 4", [(4, CHANGED)]),
    (
        "SET recorded_at = '2020-01-01 00:00:00' WHERE seq = 1",
        [(1, CHANGED)],
    ),
    (
        "SET digest = 'forged' WHERE seq = 3",
        [(3, CHANGED), (4, "does not follow the entry before it")],
    ),
    (
        "SET previous_digest = NULL WHERE seq = 3",
        [(3, "does not follow the entry before it"), (3, CHANGED)],
    ),
    # the last entry put elsewhere, so that one number is free
    ("SET seq = 9 WHERE seq = 4", [(9, "entry 4 is missing"), (9, CHANGED)]),
]  # fmt: skip


@pytest.mark.parametrize(("change", "found"), CHANGES)
def test_a_changed_entry_is_found(
    context: Flask, change: str, found: list[tuple[int, str]]
) -> None:
    note(4)
    with behind_the_guard("audit_entry") as connection:
        connection.execute(sa.text(f"UPDATE audit_entry {change}"))
    assert faults() == found


@pytest.mark.parametrize("seq", [1, 2, 3])
def test_a_missing_entry_is_found(context: Flask, seq: int) -> None:
    note(4)
    with behind_the_guard("audit_entry") as connection:
        connection.execute(sa.text(f"DELETE FROM audit_entry WHERE seq = {seq}"))
    assert faults() == [
        (seq + 1, f"entry {seq} is missing"),
        (seq + 1, "does not follow the entry before it"),
    ]


def test_two_entries_that_changed_places_are_found(context: Flask) -> None:
    note(4)
    with behind_the_guard("audit_entry") as connection:
        for old, new in ((2, -1), (3, 2), (-1, 3)):
            connection.execute(sa.text(f"UPDATE audit_entry SET seq={new} WHERE seq={old}"))
    assert {seq for seq, _ in faults()} == {2, 3, 4}


def test_an_entry_moved_to_another_chain_is_found(context: Flask) -> None:
    note(2)
    note(2, uuid.UUID(int=7))
    moved = uuid.UUID(int=9)
    with behind_the_guard("audit_entry") as connection:
        table: Any = AuditEntry.__table__
        connection.execute(
            sa.update(table).where(table.c.chain == uuid.UUID(int=7), table.c.seq == 1)
            .values(chain=moved)
        )  # fmt: skip
    assert (1, CHANGED) in faults()
    assert (2, "entry 1 is missing") in faults()


UNREADABLE = [
    # column, a value that the product itself could never have written
    ("kind", "'bogus'"),
    ("level", "1.5"),
    ("earned_on", "'2020-13-45'"),
]


@pytest.mark.parametrize(("column", "value"), UNREADABLE)
def test_a_value_of_no_kind_is_named_and_does_not_stop_the_walk(
    filled: Flask, column: str, value: str
) -> None:
    if db.engine.dialect.name == "postgresql" and column != "kind":
        pytest.skip("PostgreSQL cannot hold such a value")
    with behind_the_guard("evidence") as connection:
        connection.execute(sa.text(f"UPDATE evidence SET {column} = {value} WHERE seq = 1"))
    found = list(ledger.verify(Evidence, record.evidence_entries(), record.evidence_facts))
    assert [(f.seq, f.reason) for f in found] == [(1, CHANGED)]


def test_the_walk_sees_the_database_and_not_what_was_loaded_before(context: Flask) -> None:
    note(2)
    loaded = list(db.session.scalars(audit.entries()))
    db.session.commit()
    with behind_the_guard("audit_entry") as connection:
        connection.execute(sa.text("UPDATE audit_entry SET action = 'test.forged'"))
    assert [entry.action for entry in loaded]
    assert [seq for seq, _ in faults()] == [1, 2]


def test_long_chains_are_walked_in_batches(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "BATCH", 10)
    note(23)
    assert faults() == []
    db.session.rollback()
    with behind_the_guard("audit_entry") as connection:
        connection.execute(sa.text("DELETE FROM audit_entry WHERE seq IN (11, 20)"))
    assert [seq for seq, _ in faults()] == [12, 12, 21, 21]


def test_two_writers_at_once_keep_the_chain_whole(app: Flask) -> None:
    """Eight writers to one chain, each with transactions of its own."""
    failures: list[BaseException] = []

    def write() -> None:
        try:
            with app.app_context():
                note(15)
                db.session.remove()
        except BaseException as error:
            failures.append(error)

    writers = [threading.Thread(target=write) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert failures == []
    with app.app_context():
        assert [row.seq for row in rows("audit_entry")] == list(range(1, 121))
        assert faults() == []
        db.session.remove()


@pytest.mark.parametrize("table", APPEND_ONLY_TABLES)
def test_a_dropped_trigger_is_named_and_the_site_is_not_ready(
    app: Flask, client: PageClient, table: str
) -> None:
    assert client.get("/readyz").get_json() == {"status": "ready"}
    with app.app_context():
        server = db.engine.dialect.name == "postgresql"
    for act in ("update", "delete", "truncate") if server else ("update", "delete"):
        with without_guard(app, table, act):
            with app.app_context():
                assert ledger.missing_triggers() == [f"{table}_refuses_{act}"]
            answer = client.get("/readyz")
            assert (answer.status_code, answer.get_json()) == (503, {"status": "unavailable"})
    assert client.get("/readyz").status_code == 200


def test_a_disabled_trigger_counts_as_missing(context: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite cannot disable a trigger")
    for state in ("DISABLE", "ENABLE"):
        with db.engine.begin() as connection:
            connection.execute(
                sa.text(f"ALTER TABLE evidence {state} TRIGGER evidence_refuses_update")
            )
        db.session.rollback()
        missing = ["evidence_refuses_update"] if state == "DISABLE" else []
        assert ledger.missing_triggers() == missing


def test_the_product_does_not_start_without_its_guards(app: Flask) -> None:
    with (
        without_guard(app, "hour_entry", "delete"),
        app.app_context(),
        pytest.raises(StartError, match="hour_entry_refuses_delete"),
    ):
        setup.run(with_demo=False)
