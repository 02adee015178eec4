"""What a job does with an import: check its rows, apply them, take them back; some hundred rows at
a time, so that memory stays flat and others get to write."""

from collections.abc import Callable, Iterator, Sequence
from math import inf
from time import monotonic

import structlog
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lms.accounts.actions import import_people, import_units
from lms.accounts.actions.import_reach import Reach, reach_of
from lms.accounts.models import ImportRow, RegisterImport
from lms.accounts.queries import imports as found
from lms.accounts.rules.importing import (
    WORKING,
    Fault,
    ImportKind,
    ImportState,
    Outcome,
    Plan,
    RowFault,
    Verdict,
)
from lms.core import audit
from lms.core.db import db, transaction

log = structlog.get_logger()
BATCH = 100  # rows: some 80 ms in which nobody else writes
TURN = 30.0  # seconds; mail and all the other sweeps wait behind this one
_SUBJECTS = {
    ImportKind.PEOPLE: "person", ImportKind.UNITS: "unit", ImportKind.POSITIONS: "position"
}  # fmt: skip


class _Stale(Exception):
    """A row would do something else than the preview has shown."""


def work_on_imports() -> None:
    """Bring every import that waits for it to where a person decides again, or as far as TURN
    allows; the next sweep goes on."""
    ids = found.due_imports()
    db.session.rollback()
    end = monotonic() + TURN
    for run_id in ids:
        work_on(run_id, end)


def work_on(run_id: int, end: float = inf) -> None:
    """Safe to run twice at once: the import is locked for each step. `end`: when to leave the rest,
    by the monotonic clock."""
    try:
        while monotonic() < end and _step_again_if_raced(run_id):
            pass
    except Exception:
        log.exception("import failed", run=run_id)
        with transaction():
            db.session.get_one(RegisterImport, run_id).state = ImportState.FAILED


def _step_again_if_raced(run_id: int) -> bool:
    """Somebody may add the same person between our look and our write: look again."""
    try:
        return _step(run_id)
    except IntegrityError:
        return _step(run_id)


def _step(run_id: int) -> bool:
    """Work on the next rows; are there more?"""
    with transaction():
        run = db.session.scalar(
            select(RegisterImport)
            .where(RegisterImport.id == run_id, RegisterImport.state.in_(WORKING))
            .with_for_update(skip_locked=True)
        )
        if run is None:
            return False
        if run.state is ImportState.CHECKING:
            return _next_rows(run, _check, ImportState.READY)
        if run.state is ImportState.UNDOING:
            return _undo_next(run)
        if not run.whole:
            return _next_rows(run, _apply_each, ImportState.APPLIED)
    return _apply_whole(run_id)


def _next_rows(
    run: RegisterImport,
    work: Callable[[RegisterImport, Reach, Sequence[ImportRow]], None],
    then: ImportState,
) -> bool:
    query = select(ImportRow).where(
        ImportRow.import_id == run.id, ImportRow.number > run.position, ImportRow.outcome.is_(None)
    )
    if run.state is ImportState.APPLYING:
        query = query.where(ImportRow.verdict.in_((Verdict.NEW, Verdict.CHANGED)))
    rows = db.session.scalars(query.order_by(ImportRow.number).limit(BATCH)).all()
    if rows:
        work(run, reach_of(run), rows)
        run.position = rows[-1].number
    else:
        run.state = then
    db.session.flush()
    return bool(rows)


# ── The preview ──────────────────────────────────────────────────────────────────────────────


def _check(run: RegisterImport, reach: Reach, rows: Sequence[ImportRow]) -> None:
    twins = found.numbers_of_twins(run, (row.key for row in rows if row.key))
    for row, plan in _plans(run, reach, rows, first=True):
        if row.cells.get(""):
            plan.faults.append(Fault("", RowFault.TOO_MANY_CELLS))
        if row.key in twins:
            others = [str(n) for n in twins[row.key] if n != row.number][:5]
            plan.faults.append(Fault(_first_column(run), RowFault.TWICE, ", ".join(others)))
        row.verdict = plan.verdict
        row.faults = [[f.column, f.code, f.value] for f in plan.faults]
        row.changes = {} if plan.faults else _plain(plan)
    db.session.flush()


def _plans(
    run: RegisterImport, reach: Reach, rows: Sequence[ImportRow], *, first: bool
) -> Iterator[tuple[ImportRow, Plan]]:
    """`first`: for the preview, where a unit may stand below one of a row before, and so is looked
    at only when that row has been."""
    if run.kind is ImportKind.PEOPLE:
        return ((r, planned.plan) for r, planned in import_people.plans(run, reach, rows))
    if run.kind is ImportKind.UNITS:
        return ((r, import_units.unit_plan(run, reach, r, first=first)) for r in rows)
    return ((r, import_units.position_plan(r)) for r in rows)


def _first_column(run: RegisterImport) -> str:
    return "nip" if run.kind is ImportKind.PEOPLE else "kode"


def _plain(plan: Plan) -> dict[str, list[str | None]]:
    """The changes as a row keeps them."""
    return {
        column: [None if value is None else str(value) for value in change]
        for column, change in plan.changes.items()
    }


# ── Applied ──────────────────────────────────────────────────────────────────────────────────


def _apply_each(run: RegisterImport, reach: Reach, rows: Sequence[ImportRow]) -> None:
    for row in _apply(run, reach, rows):
        row.outcome = Outcome.STALE
    db.session.flush()


def _apply_whole(run_id: int) -> bool:
    """All rows in one transaction, or none."""
    try:
        with transaction():
            run = db.session.scalar(
                select(RegisterImport)
                .where(RegisterImport.id == run_id, RegisterImport.state == ImportState.APPLYING)
                .with_for_update(skip_locked=True)
            )
            while run is not None and _next_rows(run, _apply_all, ImportState.APPLIED):
                pass
    except _Stale:
        with transaction():
            db.session.get_one(RegisterImport, run_id).state = ImportState.STALE
    return False


def _apply_all(run: RegisterImport, reach: Reach, rows: Sequence[ImportRow]) -> None:
    if _apply(run, reach, rows):
        raise _Stale


def _apply(run: RegisterImport, reach: Reach, rows: Sequence[ImportRow]) -> list[ImportRow]:
    """Apply those rows that would do exactly what the preview has shown; the others."""
    if run.kind is ImportKind.PEOPLE:
        planned = import_people.plans(run, reach, rows)
        fresh = [(row, each) for row, each in planned if _is_as_shown(row, each.plan)]
        import_people.write(fresh)
        stale = [row for row, each in planned if not _is_as_shown(row, each.plan)]
        return _noted(run, reach, [row for row, _ in fresh], stale)
    stale = []
    done: list[ImportRow] = []
    for row in rows:
        ((_, plan),) = _plans(run, reach, [row], first=False)
        if _is_as_shown(row, plan):
            import_units.write(run, row, plan)
            done.append(row)
        else:
            stale.append(row)
    return _noted(run, reach, done, stale)


def _is_as_shown(row: ImportRow, plan: Plan) -> bool:
    return plan.verdict is row.verdict and _plain(plan) == row.changes


def _noted(
    run: RegisterImport, reach: Reach, done: Sequence[ImportRow], stale: list[ImportRow]
) -> list[ImportRow]:
    for row in done:
        row.outcome = Outcome.APPLIED
    _record(run, reach, "accounts.row_imported", done)
    db.session.flush()
    return stale


def _record(run: RegisterImport, reach: Reach, action: str, rows: Sequence[ImportRow]) -> None:
    """Which columns of whom, never what stands in them."""
    acts = [
        (
            row.subject_uuid,
            {"import": run.uuid, "did": row.verdict, "columns": ",".join(row.changes)},
        )
        for row in rows
        if row.subject_uuid
    ]
    audit.record_many(reach.person_uuid, action, _SUBJECTS[run.kind], acts)


# ── Taken back ───────────────────────────────────────────────────────────────────────────────


def _undo_next(run: RegisterImport) -> bool:
    """The last rows first: a unit goes before the one above it."""
    rows = db.session.scalars(
        select(ImportRow)
        .where(ImportRow.import_id == run.id, ImportRow.outcome == Outcome.APPLIED)
        .order_by(ImportRow.number.desc())
        .limit(BATCH)
    ).all()
    reach = reach_of(run)
    undone = []
    work = import_people.undo if run.kind is ImportKind.PEOPLE else import_units.undo
    for row in rows:
        kept = work(reach, row)
        row.outcome = Outcome.KEPT if kept else Outcome.UNDONE
        if kept:
            row.trace = {**row.trace, "kept": kept}
        else:
            undone.append(row)
    _record(run, reach, "accounts.row_taken_back", undone)
    if not rows:
        run.state = ImportState.UNDONE
    db.session.flush()
    return bool(rows)
