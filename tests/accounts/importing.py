"""Files to import, as tests write them."""

import io
from collections.abc import Iterable
from csv import writer as writer_of
from typing import Any
from uuid import UUID

from lms.accounts.actions import import_work, imports
from lms.accounts.models import ImportRow, RegisterImport
from lms.accounts.queries import imports as found
from lms.accounts.queries.imports import Counts
from lms.accounts.rules.importing import COLUMNS, ImportKind
from lms.core.db import db, transaction

PEOPLE = ImportKind.PEOPLE


def nip(number: int) -> str:
    """A valid number for each of some thousands."""
    year, month = 2010 + number // 999 // 12 % 14, number // 999 % 12 + 1
    return f"19900101{year}{month:02}1{number % 999 + 1:03}"


def person(number: int, **cells: str) -> dict[str, str]:
    return {
        "nip": nip(number), "nama": f"Pegawai {number}", "status": "pns", "unit": "A1",
        "jabatan": "plk", "mulai": "2026-01-31", **cells,
    }  # fmt: skip


def csv(
    rows: Iterable[dict[str, str]], kind: ImportKind = PEOPLE, separator: str = ",",
    encoding: str = "utf-8",
) -> io.BytesIO:  # fmt: skip
    text = io.StringIO()
    writer = writer_of(text, delimiter=separator)
    writer.writerow(COLUMNS[kind])
    writer.writerows([row.get(column, "") for column in COLUMNS[kind]] for row in rows)
    return io.BytesIO(text.getvalue().encode(encoding))


def receive(rows: Iterable[dict[str, str]], kind: ImportKind = PEOPLE, actor: Any = None) -> UUID:
    """Sent, and checked by the job."""
    uuid = imports.receive(actor, kind, "berkas.csv", csv(rows, kind))
    work(uuid)
    return uuid


def run_of(uuid: UUID) -> RegisterImport:
    run = found.import_by_uuid(uuid)
    assert run is not None
    return run


def work(uuid: UUID) -> None:
    import_work.work_on(run_of(uuid).id)
    db.session.rollback()


def apply(uuid: UUID, *, whole: bool = True, actor: Any = None) -> Counts:
    with transaction():
        imports.apply(actor, run_of(uuid), whole=whole)
    work(uuid)
    return counts(uuid)


def undo(uuid: UUID, actor: Any = None) -> Counts:
    with transaction():
        imports.undo(actor, run_of(uuid))
    work(uuid)
    return counts(uuid)


def counts(uuid: UUID) -> Counts:
    return found.counts_of(run_of(uuid))


def rows(uuid: UUID) -> list[ImportRow]:
    listed, _ = found.rows_of(run_of(uuid), limit=5000)
    return listed


def faults(uuid: UUID) -> dict[int, list[tuple[str, str]]]:
    """Column and code of what is wrong, by the number of the row."""
    return {row.number: [(f[0], f[1]) for f in row.faults] for row in rows(uuid) if row.faults}
