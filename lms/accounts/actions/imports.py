"""Imports into the register as people handle them: a file is received, applied, checked anew,
undone. The work itself is done by a job (import_work)."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import IO
from uuid import UUID

from flask_babel import gettext
from sqlalchemy import delete, insert, select, update

from lms.accounts import queries, rules
from lms.accounts.models import ImportRow, RegisterImport
from lms.accounts.queries import imports as found
from lms.accounts.queries.register import reaches_all
from lms.accounts.rules.importing import (
    COLUMNS,
    FILE_MAX,
    KEPT,
    ROWS_MAX,
    WHOLE_MAX,
    WORKING,
    ImportKind,
    ImportState,
    Outcome,
    Verdict,
    header_key,
    key_of,
)
from lms.core import audit, clock, jobs
from lms.core.access import Actor, Permission
from lms.core.db import db, lock_row, new_uuid, transaction
from lms.core.errors import DomainError
from lms.formats.table_fault import TableFault, UnreadableTable
from lms.formats.table_file import read_rows

HINT = "imports"
_BATCH = 500
_GIVEN_UP = timedelta(hours=1)  # a file that is still being read by then never will be


def receive(actor: Actor | None, kind: ImportKind, file_name: str, file: IO[bytes]) -> UUID:
    """Keep the rows of a file, to be checked by a job; the UUID of the import. In transactions of
    its own, a short one for each few hundred rows.

    `actor` is None for a command. Raises DomainError on `file` when it cannot be read, has no rows,
    or more than ROWS_MAX; on `kind` where only an admin of everything may import that.
    """
    if actor is not None and kind is ImportKind.POSITIONS and not _reaches_all(actor):
        raise DomainError(
            gettext(
                "Jabatan berlaku untuk seluruh instansi. Mintalah admin instansi mengimpornya."
            ),
            "kind",
        )
    _assert_size(file)
    person_id = actor.person_id if actor else None
    run = RegisterImport(
        uuid=new_uuid(), kind=kind, state=ImportState.READING, created_at=clock.now(),
        file_name=rules.tidy_line(file_name)[-160:] or "–", person_id=person_id,
        acting_id=person_id, day=clock.today(actor.time_zone if actor else queries.site_zone()),
    )  # fmt: skip
    with transaction():
        db.session.add(run)
        db.session.flush()
        run_id, uuid = run.id, run.uuid
    try:
        count = _keep_rows(run_id, kind, _cells(kind, file))
        if not count:
            raise DomainError(
                gettext("Berkas ini tidak berisi baris di bawah judul kolom."), "file"
            )
    except BaseException as error:  # Ctrl+C too: no half file stays
        db.session.rollback()
        with transaction():
            _remove(run_id)
        if isinstance(error, UnreadableTable):
            raise DomainError(_unreadable(error), "file") from error
        raise
    with transaction():
        run = db.session.get_one(RegisterImport, run_id)
        run.rows, run.state = count, ImportState.CHECKING
        audit.record(actor, "accounts.import_received", "import", uuid, kind=kind, rows=count)
        jobs.hint(HINT)
    return uuid


def _reaches_all(actor: Actor) -> bool:
    return reaches_all(actor.paths_of(Permission.ACCOUNTS_PEOPLE_MANAGE))


def _assert_size(file: IO[bytes]) -> None:
    size = file.seek(0, 2)
    file.seek(0)
    if size > FILE_MAX:
        raise DomainError(
            gettext(
                "Berkas lebih besar dari %(mb)d MB. Bagilah menurut unit, lalu kirim satu per "
                "satu.",
                mb=FILE_MAX // 1024 // 1024,
            ),
            "file",
        )


def _cells(kind: ImportKind, file: IO[bytes]) -> Iterator[tuple[int, dict[str, str], bool]]:
    """Number, cells by column, and whether there are more cells than columns, of each row."""
    rows = read_rows(file)
    first = next(rows, None)
    if first is None:
        raise DomainError(gettext("Berkas ini kosong."), "file")
    names = [header_key(cell) for cell in first[1]]
    _check_header(kind, names)
    for number, values in rows:
        cells = {
            name: tidy
            for name, value in zip(names, values, strict=False)
            if name and (tidy := rules.tidy_line(value))
        }
        beyond = any(v for n, v in enumerate(values) if n >= len(names) or not names[n])
        yield number, cells, beyond


def _check_header(kind: ImportKind, names: list[str]) -> None:
    known = COLUMNS[kind]
    unknown = [name for name in names if name and name not in known]
    if known[0] not in names:
        raise DomainError(
            gettext(
                "Baris pertama harus berisi judul kolom, di antaranya “%(column)s”. Pakailah "
                "templat.",
                column=known[0],
            ),
            "file",
        )
    if unknown:
        raise DomainError(
            gettext(
                "Kolom ini tidak dikenal: %(columns)s. Hapus atau betulkan judulnya; yang dikenal: "
                "%(known)s.",
                columns=", ".join(unknown[:5]),
                known=", ".join(known),
            ),
            "file",
        )
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise DomainError(
            gettext("Kolom ini ada dua kali: %(columns)s.", columns=", ".join(twice)), "file"
        )


def _keep_rows(
    run_id: int, kind: ImportKind, rows: Iterator[tuple[int, dict[str, str], bool]]
) -> int:
    count = 0
    while batch := list(islice(rows, _BATCH)):
        count += len(batch)
        if count > ROWS_MAX:
            raise DomainError(
                gettext(
                    "Berkas berisi lebih dari %(n)d baris. Bagilah menurut unit, lalu kirim satu "
                    "per satu.",
                    n=ROWS_MAX,
                ),
                "file",
            )
        values = [_row_values(run_id, kind, *row) for row in batch]
        with transaction():
            db.session.execute(insert(ImportRow), values)
    return count


def _row_values(
    run_id: int, kind: ImportKind, number: int, cells: dict[str, str], beyond: bool
) -> dict[str, object]:
    email = cells.get("surel", "").lower()[: rules.EMAIL_MAX]
    return {
        "import_id": run_id, "number": number, "key": key_of(kind, cells), "email": email or None,
        "cells": cells | ({"": "x"} if beyond else {}), "verdict": Verdict.WAITING,
        "changes": {}, "faults": [], "trace": {},
    }  # fmt: skip


def _unreadable(error: UnreadableTable) -> str:
    words = {
        TableFault.BROKEN_QUOTES: gettext(
            "Tanda kutip di baris %(row)d tidak ditutup. Betulkan, atau kirim sebagai XLSX.",
            row=error.row or 0,
        ),
        TableFault.BROKEN_WORKBOOK: gettext(
            "Buku kerja ini rusak atau bukan XLSX. Simpan ulang sebagai XLSX atau CSV."
        ),
        TableFault.NO_TEXT: gettext(
            "Berkas ini bukan tabel CSV atau XLSX. Simpan dari Excel sebagai XLSX atau CSV."
        ),
        TableFault.OLD_OFFICE: gettext(
            "Berkas ini XLS lama atau dikunci kata sandi. Simpan sebagai XLSX tanpa kata sandi."
        ),
        TableFault.TOO_LARGE: gettext(
            "Buku kerja ini terlalu besar. Kirim hanya lembar yang diimpor, atau simpan sebagai "
            "CSV."
        ),
        TableFault.TOO_WIDE: gettext(
            "Baris %(row)d berisi terlalu banyak kolom. Pakailah templat.", row=error.row or 0
        ),
        TableFault.UTF_16: gettext(
            "Berkas ini “Unicode Text” (UTF-16). Simpan sebagai “CSV UTF-8” atau XLSX."
        ),
    }
    return words[error.fault]


# ── What is asked of the job ─────────────────────────────────────────────────────────────────


def apply(actor: Actor | None, run: RegisterImport, *, whole: bool) -> None:
    """Have the rows applied as the preview shows them: all or none, or every one by itself.

    Raises DomainError when the preview is not there, when nothing would change, or, for a whole
    import, when a row is faulty or there are more than WHOLE_MAX rows to apply.
    """
    _lock(run, {ImportState.READY})
    counts = found.counts_of(run)
    if not counts.pending:
        raise DomainError(gettext("Tidak ada yang perlu diterapkan."))
    if whole and counts.verdicts[Verdict.FAULTY]:
        raise DomainError(gettext("Masih ada baris yang salah. Betulkan berkasnya, atau terapkan "
                                  "baris per baris."))  # fmt: skip
    if whole and counts.pending > WHOLE_MAX:
        raise DomainError(
            gettext("Lebih dari %(n)d baris hanya dapat diterapkan baris per baris.", n=WHOLE_MAX)
        )
    run.whole, run.applied_at = whole, clock.now()
    _hand_over(actor, run, ImportState.APPLYING)
    audit.record(actor, "accounts.import_applied", "import", run.uuid, kind=run.kind, whole=whole,
                 rows=counts.pending)  # fmt: skip


def check_again(actor: Actor | None, run: RegisterImport) -> None:
    """Make the preview anew for every row that was not applied. Raises DomainError while a job
    works on it, or after it was undone."""
    again = {ImportState.READY, ImportState.STALE, ImportState.FAILED, ImportState.APPLIED}
    _lock(run, again)
    db.session.execute(
        update(ImportRow)
        .where(
            ImportRow.import_id == run.id,
            (ImportRow.outcome.is_(None)) | (ImportRow.outcome == Outcome.STALE),
        )
        .values(verdict=Verdict.WAITING, changes={}, faults=[], outcome=None)
    )
    _hand_over(actor, run, ImportState.CHECKING)


def undo(actor: Actor | None, run: RegisterImport) -> None:
    """Take back every applied row on which nothing was built since. Raises DomainError when nothing
    was applied, or a job works on it."""
    _lock(run, {ImportState.APPLIED, ImportState.FAILED, ImportState.READY, ImportState.STALE})
    count = found.counts_of(run).outcomes[Outcome.APPLIED]
    if not count:
        raise DomainError(gettext("Tidak ada baris yang diterapkan."))
    run.undone_at = clock.now()
    _hand_over(actor, run, ImportState.UNDOING)
    audit.record(actor, "accounts.import_undone", "import", run.uuid, kind=run.kind, rows=count)


def _lock(run: RegisterImport, states: set[ImportState]) -> None:
    lock_row(run)
    if run.state in WORKING:
        raise DomainError(gettext("Impor ini sedang dikerjakan. Tunggu sampai selesai."))
    if run.state not in states:
        raise DomainError(gettext("Impor ini sudah tidak dapat diubah lagi."))


def _hand_over(actor: Actor | None, run: RegisterImport, state: ImportState) -> None:
    run.state, run.position = state, 0
    run.acting_id = actor.person_id if actor else None
    db.session.flush()
    jobs.hint(HINT)


# ── Housekeeping ─────────────────────────────────────────────────────────────────────────────


def remove_old_imports() -> int:
    """Remove the rows of imports that are older than KEPT, and files that were never read to their
    end; how many imports."""
    now = clock.now()
    old = RegisterImport.created_at < now - KEPT
    left = (RegisterImport.state == ImportState.READING) & (
        RegisterImport.created_at < now - _GIVEN_UP
    )
    ids = db.session.scalars(select(RegisterImport.id).where(old | left)).all()
    db.session.rollback()
    for run_id in ids:
        with transaction():
            _remove(run_id)
    return len(ids)


def _remove(run_id: int) -> None:
    db.session.execute(delete(ImportRow).where(ImportRow.import_id == run_id))
    db.session.execute(delete(RegisterImport).where(RegisterImport.id == run_id))
