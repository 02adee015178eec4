"""A site of a thousand people as the first migration knew it, with all its ledgers.

Plain rows, not today's models: every later migration is tried on them, and must bring them to
where today's code finds nothing wrong. So this file never changes with the models.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lms.core import ledger
from lms.core.db import UtcDateTime

PEOPLE = 1000
UNITS = 20
NOW = datetime(2026, 9, 1, 3, 0, tzinfo=UTC)
TODAY = date(2026, 9, 1)
_SPACE = UUID(int=2026)
_DAYS = date(2024, 1, 1)
Row = dict[str, Any]


def insert_people(connection: Connection) -> None:
    """Fill a database that stands at the first migration."""
    tables: dict[str, list[Row]] = {}
    for table, row in _rows():
        tables.setdefault(table, []).append(row)
    for table, rows in tables.items():
        names = list(rows[0])
        columns = [sa.column(name, _kind(name, rows)) for name in names]
        connection.execute(sa.insert(sa.table(table, *columns)), rows)
        if connection.dialect.name == "postgresql" and "id" in names:
            connection.execute(
                sa.text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {len(rows)})")
            )


def _kind(name: str, rows: list[Row]) -> Any:
    """The type of a column by the values in it."""
    value = next((row[name] for row in rows if row[name] is not None), None)
    if isinstance(value, UUID):
        return sa.Uuid()
    if isinstance(value, datetime):
        return UtcDateTime()
    if isinstance(value, dict | list):
        return sa.JSON()
    return sa.Date() if isinstance(value, date) else None


def _rows() -> Iterator[tuple[str, Row]]:
    yield from _office()
    yield from _course()
    for n in range(1, PEOPLE + 1):
        yield from _person(n)
        yield from _learning(n)
        yield from _ledgers(n)


def named(kind: str, n: int) -> UUID:
    return uuid5(_SPACE, f"{kind} {n}")


def _office() -> Iterator[tuple[str, Row]]:
    for n in range(1, UNITS + 1):
        path = "/1/" if n == 1 else f"/1/{n}/"
        yield "unit", {
            "id": n, "uuid": named("unit", n), "code": f"U{n}", "name": f"Dinas {n}",
            "parent_id": None if n == 1 else 1, "path": path, "time_zone": "Asia/Makassar",
        }  # fmt: skip
    yield "position", {
        "id": 1, "uuid": named("position", 1), "code": "PLK", "name": "Pengelola",
        "kind": "pelaksana", "tier": "pelaksana",
    }  # fmt: skip


def _course() -> Iterator[tuple[str, Row]]:
    yield "competency", {
        "id": 1, "uuid": named("competency", 1), "code": "T.01", "name": "Arsip — “digital”",
        "name_en": None, "kind": "technical", "definition": "Menata arsip.", "field": "Kearsipan",
        "levels": [["Menata arsip"], [], [], [], []], "rating_rule": "highest",
    }  # fmt: skip
    yield "course", {
        "id": 1, "uuid": named("course", 1), "slug": "arsip", "owner_unit_id": None,
        "current_version_id": None, "is_bank": False, "is_withdrawn": False, "closed_reason": "",
    }  # fmt: skip
    yield "course_version", {
        "source": {},
        "id": 1, "uuid": named("version", 1), "course_id": 1, "number": 1, "digest": "0" * 64,
        "published_at": NOW, "is_small": False, "note": "", "title": "Arsip", "summary": "Ringkas",
        "purpose": "Menata", "language": "id", "category": "Teknis", "trainer": "Widya",
        "organiser": "BKPSDM", "jp": 250, "minutes": 90, "parts": 2, "pass_score": 7000,
        "goals": [{"key": "menata", "text": "Menata arsip", "competency": "", "level": 0,
                   "score": "0", "standing": "supports"}],
        "certificate": True, "validity_months": 0,
    }  # fmt: skip
    yield "module", {"id": 1, "version_id": 1, "position": 1, "key": "satu", "title": "Satu"}
    yield "quiz", {
        "id": 1, "uuid": named("quiz", 1), "key": "akhir", "pass_percent": 7000, "attempts": 0,
        "time_limit": 0, "opens_at": NOW, "closes_at": None, "first_delay": 0, "later_delay": 0,
        "grade_method": "highest", "shuffle_options": False,
        "review": {"immediately": ["attempt", "marks"], "later": ["marks"]},
        "feedback": [["50", "Cukup"]], "scoring": "weights", "match_case": False,
        "match_accents": True, "decimal_comma": True,
        "pretest_key": "awal",
        "sections": [{"title": "Arsip", "shuffle": True, "draw": 1, "questions": [0]}],
        "practice": False,
        "hints": {"q1": ["<p>Ingat.</p>"]},
    }  # fmt: skip
    yield "question", {
        "id": 1, "uuid": named("question", 1), "bank": named("bank", 1), "key": "q1", "number": 1,
        "digest": "1" * 64, "kind": "single", "html": "<p>Pilih.</p>", "feedback": "",
        "options": [{"html": "a", "weight": "100", "feedback": "ya", "answer": ""},
                    {"html": "b", "weight": "0", "feedback": "", "answer": ""}],
        "last_option_fixed": False, "tags": ["arsip"], "pipeline": 1,
    }  # fmt: skip
    yield "quiz_question", {"quiz_id": 1, "position": 1, "question_id": 1}
    for position, (kind, key) in enumerate([("lesson", "baca"), ("quiz", "akhir")], start=1):
        yield "activity", {
            "id": position, "version_id": 1, "module_id": 1, "position": position, "key": key,
            "kind": kind, "title": key.title(), "minutes": 45, "weight": int(kind == "quiz"),
            "html": "<p>Teks</p>" if kind == "lesson" else None,
            "pipeline": 1 if kind == "lesson" else None, "quiz_id": 1 if kind == "quiz" else None,
            "read_to_end": False, "min_minutes": 0, "requires": [], "watched": 0, "opens_after": 0,
            "optional": False, "medium": None,
        }  # fmt: skip


def _person(n: int) -> Iterator[tuple[str, Row]]:
    yield "person", {
        "id": n, "uuid": named("person", n), "nip": f"1999{n:014}", "name": f"Ni Luh Sari {n} ñ",
        "email": f"p{n}@contoh.test" if n % 3 else None, "employment": "pns" if n % 4 else "pppk",
        "password_hash": None, "initial_password_at": NOW if n % 2 else None,
        "language": None, "deactivated_at": NOW if n % 50 == 0 else None,
    }  # fmt: skip
    yield "placement", {
        "id": n, "uuid": named("placement", n), "person_id": n, "unit_id": n % UNITS + 1,
        "position_id": 1, "standing": "definitive", "heads_unit": n <= UNITS,
        "start_on": _DAYS, "end_on": None,
    }  # fmt: skip
    yield "sign_in_session", {
        "id": n, "uuid": named("session", n), "key_digest": f"{n:064x}", "person_id": n,
        "created_at": NOW, "last_seen_at": NOW + timedelta(microseconds=n),
        "expires_at": NOW + timedelta(days=4000), "remembered": n % 2 == 1,
        "ended_at": NOW if n % 5 == 0 else None, "device": "Chrome", "address": "127.0.0.1",
    }  # fmt: skip
    yield "notification", {
        "id": n, "uuid": named("notification", n), "person_id": n, "kind": "course_completed",
        "values": {"title": "Arsip", "jp": "2.5"}, "url": "/my/hours", "created_at": NOW,
        "read_at": None,
    }  # fmt: skip


def _learning(n: int) -> Iterator[tuple[str, Row]]:
    yield "enrolment", {
        "id": n, "uuid": named("enrolment", n), "person_id": n, "course_id": 1, "version_id": 1,
        "state": "completed", "source": "self", "started_at": NOW, "last_active_at": NOW,
        "closed_at": NOW, "done_parts": 2, "final_score": 10000,
    }  # fmt: skip
    yield "lesson_done", {"enrolment_id": n, "activity_key": "baca", "done_at": NOW}
    yield "attempt", {
        "id": n, "uuid": named("attempt", n), "quiz_id": 1, "quiz_key": "akhir",
        "holder": named("enrolment", n), "person_id": n, "number": 1, "layout": [[1, [1, 0]]],
        "headings": [[1, "Arsip"]],
        "started_at": NOW, "deadline_at": None, "submitted_at": NOW, "graded_at": NOW,
        "percent": 10000, "corrected": {},
    }  # fmt: skip
    yield "answer", {
        "attempt_id": n, "question_id": 1, "value": [0], "seq": 3, "flagged": n % 7 == 0,
        "saved_at": NOW, "fraction": "1",
    }  # fmt: skip
    yield "answer_try", {
        "attempt_id": n, "question_id": 1, "number": 1, "value": [0], "fraction": "1.0000000",
        "checked_at": NOW,
    }  # fmt: skip


def _ledgers(n: int) -> Iterator[tuple[str, Row]]:
    person = named("person", n)
    completion = {"person": person, "enrolment": named("enrolment", n),
                  "version": named("version", 1), "final_score": "100", "completed_at": NOW,
                  "earned_on": TODAY, "reverses": None, "reason": None}  # fmt: skip
    yield "completion", {
        "enrolment_id": n, "person_id": n, "version_id": 1, "final_score": 10000,
        "completed_at": NOW, "earned_on": TODAY, "reverses_id": None, "reason": None,
        **_chained("completion", n, person, completion),
    }  # fmt: skip
    yield from _grade_change(n, person)
    if n == 1:
        yield from _correction()
    yield from _certificate(n, person)
    shared = {"person": person, "title": "Arsip", "source": named("enrolment", n),
              "earned_on": TODAY, "unit": named("unit", n % UNITS + 1),
              "position": named("position", 1), "reverses": None, "reason": None}  # fmt: skip
    columns = {"person_id": n, "title": "Arsip", "source_uuid": named("enrolment", n),
               "earned_on": TODAY, "unit_id": n % UNITS + 1, "position_id": 1,
               "reverses_id": None, "reason": None}  # fmt: skip
    hours = {**shared, "form": "NKL03", "hours": "2.5", "year": 2026}
    yield "hour_entry", {
        **columns, "form": "NKL03", "hours": 250, "year": 2026,
        **_chained("hour_entry", n, person, hours),
    }  # fmt: skip
    said: Row = {"kind": "course_completion", "level": 1, "standing": "proves", "valid_until": None}
    evidence = {**shared, **said, "competency": named("competency", 1), "score": "100"}
    yield "evidence", {
        **columns, **said, "competency_id": 1, "score": 10000,
        **_chained("evidence", n, person, evidence),
    }  # fmt: skip
    yield "competency_state", {
        "person_id": n, "competency_id": 1, "level": 1, "evidence_id": n, "updated_at": NOW,
    }  # fmt: skip
    act: Row = {"action": "accounts.signed_in", "subject_kind": "person", "subject_uuid": person,
                "details": {"n": str(n)}, "request_id": None}  # fmt: skip
    yield "audit_entry", {**act, **_chained("audit_entry", n, person, act)}


def _correction() -> Iterator[tuple[str, Row]]:
    corrected: Row = {"kind": "accept-all", "options": None, "reason": "Kunci keliru"}
    facts = {**corrected, "quiz": "akhir", "question": named("question", 1),
             "by": named("person", 1)}  # fmt: skip
    yield "correction", {
        **corrected, "quiz_key": "akhir", "question_id": 1, "by_id": 1,
        **_chained("correction", 1, named("course", 1), facts),
    }  # fmt: skip


def _grade_change(n: int, person: UUID) -> Iterator[tuple[str, Row]]:
    told: Row = {
        "cause": "manual", "points_before": "0.5000000", "points_after": "1.0000000",
        "passed_before": False, "passed_after": True, "reason": "Jawaban dibaca lagi",
    }  # fmt: skip
    facts = {
        **told, "person": person, "attempt": named("attempt", n), "question": named("question", 1),
        "percent_before": "50", "percent_after": "100", "by": named("person", 1),
    }  # fmt: skip
    yield "grade_change", {
        **told, "person_id": n, "attempt_id": n, "question_id": 1, "percent_before": 5000,
        "percent_after": 10000, "by_id": 1, **_chained("grade_change", n, person, facts),
    }  # fmt: skip


def _certificate(n: int, person: UUID) -> Iterator[tuple[str, Row]]:
    """Issued; of the first one the file is still to be made."""
    printed = {
        "number": f"{n:04}/2026", "code": f"{n:020}", "address": f"http://localhost/verify/{n:020}",
        "office": "Kota", "issuer": "", "organiser": "BKPSDM", "name": f"Pegawai {n}",
        "nip": "199001012015011001", "is_pppk": False, "position": "", "unit": "",
        "course": "Arsip", "version": 1, "language": "id", "jp": "2.5",
        "started_on": "2026-09-01", "completed_on": "2026-09-01", "score": "100",
        "competencies": [{"name": "Arsip", "name_en": "", "level": 1}],
        "modules": [{"title": "Satu", "minutes": 90, "jp": "2.5"}], "place": "",
        "issued_on": "2026-09-01", "signatory": "", "signatory_position": "",
        "valid_until": None, "logo": "", "replaces": "",
    }  # fmt: skip
    text = json.dumps(printed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    same = {
        "year": 2026, "ordinal": n, "number": f"{n:04}/2026", "code": f"{n:020}",
        "issued_on": TODAY, "valid_until": None, "reason": None,
    }  # fmt: skip
    digest, source = hashlib.sha256(text.encode()).hexdigest(), named("completion", n)
    facts = {**same, "person": person, "source": source, "printed": digest, "replaces": None}
    yield "certificate", {
        **same, "person_id": n, "source_uuid": source, "printed": printed,
        "printed_digest": digest, "replaces_id": None, **_chained("certificate", n, person, facts),
    }  # fmt: skip
    if n == 1:
        yield "certificate_to_print", {"certificate_id": n}


def _chained(table: str, n: int, chain: UUID, facts: Row) -> Row:
    """The first entry of a chain, with the digest that the first schema of facts gives."""
    uuid = named(table, n)
    place = {"schema": 1, "chain": chain, "seq": 1, "previous": None, "recorded_at": NOW}
    written = ledger.canonical({**place, "uuid": uuid, **facts})
    return {
        "id": n, "uuid": uuid, "chain": chain, "seq": 1, "previous_digest": None, "schema": 1,
        "recorded_at": NOW, "digest": hashlib.sha256(written.encode()).hexdigest(),
    }  # fmt: skip
