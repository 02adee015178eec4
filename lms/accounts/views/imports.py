"""People, units and positions from a file: sent, looked at as a difference, applied, taken back."""

import io
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from werkzeug.datastructures import FileStorage

from lms.accounts import rules
from lms.accounts.actions import imports
from lms.accounts.forms import ApplyForm, ImportForm
from lms.accounts.queries import SignedIn
from lms.accounts.queries import import_words as words
from lms.accounts.queries import imports as found
from lms.accounts.queries.register import reaches_all
from lms.accounts.rules.importing import (
    COLUMNS,
    EXAMPLES,
    FILE_MAX,
    KEPT,
    ROWS_MAX,
    WHOLE_MAX,
    WORKING,
    ImportKind,
    ImportState,
    Outcome,
    Verdict,
)
from lms.accounts.views.blueprint import acting, bp
from lms.core import audit, i18n, paging
from lms.core.access import Permission, requires
from lms.core.db import db
from lms.core.errors import DomainError, NotFound
from lms.core.forms import EmptyForm, writing
from lms.formats import csv_table, xlsx_table

if TYPE_CHECKING:
    from lms.accounts.models import ImportRow, RegisterImport

MANAGE = Permission.ACCOUNTS_PEOPLE_MANAGE
_FORM_BYTES = 64 * 1024  # what a form with a file has besides the file
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.url_value_preprocessor
def allow_large_file(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """A register is larger than anything else that is sent; only who may send one may send so
    much, and this is asked before any form is read."""
    if endpoint != "accounts.send_import" or not current_user.is_authenticated:
        return
    if MANAGE in current_user.permissions:
        request.max_content_length = FILE_MAX + _FORM_BYTES


@bp.get("/people/imports", endpoint="imports")
@requires(MANAGE)
def imports_page() -> ResponseReturnValue:
    return _list_page(_form())


@bp.post("/people/imports")
@requires(MANAGE)
def send_import() -> ResponseReturnValue:
    """Takes a file in. The rows are kept in short transactions of their own."""
    form = _form()
    sent = request.files.get("file")
    if sent is not None:
        with closing(sent):
            uuid = _received(form, sent)
        if uuid:
            return redirect(url_for(".import_page", uuid=uuid))
    else:
        form.validate()
    return _list_page(form), 422


def _received(form: ImportForm, sent: FileStorage) -> UUID | None:
    if form.validate():
        try:
            kind = ImportKind(form.kind.data)
            return imports.receive(acting(), kind, sent.filename or "", sent.stream)
        except DomainError as error:
            form.refuse(error)
    return None


@bp.get("/people/imports/templates/<slug:kind>/<slug:format>")
@requires(MANAGE)
def import_template(kind: str, format: str) -> ResponseReturnValue:
    """An empty table with its headings and one row as an example."""
    if kind not in set(ImportKind) or format not in ("csv", "xlsx"):
        raise NotFound
    rows = [COLUMNS[ImportKind(kind)], EXAMPLES[ImportKind(kind)]]
    if format == "xlsx":
        book = io.BytesIO()
        xlsx_table.write_table(book, rows, sheet=kind)
        return _download(book.getvalue(), _SHEET, f"{kind}.xlsx")
    text = io.StringIO(newline="")
    csv_table.write_table(text, rows)
    return _download(text.getvalue().encode(), "text/csv; charset=utf-8", f"{kind}.csv")


@bp.get("/people/imports/<uuid:uuid>", endpoint="import_page")
@requires(MANAGE)
def import_page(uuid: UUID) -> ResponseReturnValue:
    return _import_page(found.import_for(acting(), uuid))


@bp.post("/people/imports/<uuid:uuid>/apply")
@requires(MANAGE)
def apply_import(uuid: UUID) -> ResponseReturnValue:
    actor, form = acting(), ApplyForm()
    run = found.import_for(actor, uuid)
    if form.validate():
        with writing(form):
            imports.apply(actor, run, whole=form.mode.data == "whole")
            return redirect(url_for(".import_page", uuid=uuid))
    return _import_page(found.import_for(actor, uuid), form), 422


@bp.post("/people/imports/<uuid:uuid>/recheck")
@requires(MANAGE)
def recheck_import(uuid: UUID) -> ResponseReturnValue:
    actor = acting()
    run = found.import_for(actor, uuid)
    try:
        with writing():
            imports.check_again(actor, run)
    except DomainError as error:
        flash(error.message, "bad")
    return redirect(url_for(".import_page", uuid=uuid))


@bp.post("/people/imports/<uuid:uuid>/undo")
@requires(MANAGE)
def undo_import(uuid: UUID) -> ResponseReturnValue:
    actor = acting()
    run = found.import_for(actor, uuid)
    try:
        with writing():
            imports.undo(actor, run)
    except DomainError as error:
        flash(error.message, "bad")
    return redirect(url_for(".import_page", uuid=uuid))


@bp.post("/people/imports/<uuid:uuid>/export")
@requires(MANAGE)
def export_faults(uuid: UUID) -> ResponseReturnValue:
    """The faulty rows as they were sent, each with what to do: to be mended and sent again."""
    actor = acting()
    run = found.import_for(actor, uuid)
    with writing():
        audit.record(actor, "accounts.import_faults_exported", "import", uuid)
        text = io.StringIO(newline="")
        csv_table.write_table(text, _faulty_rows(run))
    return _download(text.getvalue().encode(), "text/csv; charset=utf-8", f"{run.kind}-salah.csv")


def _faulty_rows(run: "RegisterImport") -> Iterator[list[object]]:
    columns = COLUMNS[run.kind]
    yield [gettext("baris"), gettext("yang perlu dibetulkan"), *columns]
    after, more = 0, True
    while more:
        rows, more = found.rows_of(run, verdict=Verdict.FAULTY, after=after, limit=500)
        for row in rows:
            said = "; ".join(_fault_line(fault) for fault in row.faults)
            yield [row.number, said, *(row.cells.get(column) for column in columns)]
            after = row.number


def _download(content: bytes, kind: str, name: str) -> Response:
    response = Response(content, mimetype=kind)
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    response.headers["Cache-Control"] = "no-store"
    return response


def _form() -> ImportForm:
    form = ImportForm()
    form.kind.choices = [(kind.value, words.kind_words(kind)) for kind in ImportKind]
    return form


def _list_page(form: ImportForm) -> str:
    actor, before = acting(), paging.after_id("before")
    db.session.rollback()  # after a refusal nothing of it is shown
    rows, more = found.imports(actor, before)
    return render_template(
        "accounts/imports.html",
        form=form,
        rows=[_run_row(actor, run) for run in rows],
        kinds=[(kind, words.kind_words(kind), COLUMNS[kind]) for kind in ImportKind],
        columns=_columns(),
        rows_max=ROWS_MAX,
        megabytes=FILE_MAX // 1024 // 1024,
        kept_days=KEPT.days,
        reaches_all=reaches_all(actor.paths_of(MANAGE)),
        first_url=url_for(".imports") if before else None,
        next_url=url_for(".imports", before=rows[-1].id) if more else None,
    )


def _columns() -> list[tuple[str, str]]:
    """Columns of the files, and what goes into them."""
    return [
        ("nip", gettext("18 angka, diformat sebagai Teks di Excel")),
        ("status", ", ".join(rules.Employment)),
        ("unit, jabatan, induk", gettext("kodenya, bukan namanya")),
        (
            "penempatan",
            gettext("%(usual)s (bila kosong) atau %(acting)s", usual="definitif", acting="plt"),
        ),
        ("memimpin", gettext("%(yes)s, bila memimpin unit itu, atau %(no)s", yes="ya", no="tidak")),
        (
            "mulai, sampai",
            gettext(
                "tanggal, misalnya 2026-01-31; hari pertama yang kosong berarti hari ini, untuk "
                "penempatan baru"
            ),
        ),
        ("jenjang", ", ".join(rules.PositionTier)),
        ("zona", gettext("%(zones)s; bila kosong, seperti induknya", zones="WIB, WITA, WIT")),
    ]


def _run_row(actor: SignedIn, run: "RegisterImport") -> dict[str, object]:
    return {
        "uuid": run.uuid,
        "kind": words.kind_words(run.kind),
        "file": run.file_name,
        "at": i18n.instant(run.created_at, actor.time_zone),
        "rows": run.rows,
        "state": run.state,
        "state_words": words.state_words(run.state),
        "is_working": run.state in WORKING,
    }


def _import_page(run: "RegisterImport", form: ApplyForm | None = None) -> str:
    actor, counts = acting(), found.counts_of(run)
    verdict, outcome = _shown(request.args.get("show", ""), counts)
    after = paging.after_id("after")
    rows, more = found.rows_of(run, verdict=verdict, outcome=outcome, after=after)
    show = outcome or verdict
    done = run.rows - counts.verdicts[Verdict.WAITING]
    if run.state is ImportState.APPLYING:
        done = run.rows - counts.pending
    elif run.state is ImportState.UNDOING:
        done = run.rows - counts.outcomes[Outcome.APPLIED]
    return render_template(
        "accounts/import.html",
        run=_run_row(actor, run),
        by=found.name_of_sender(run),
        state=run.state,
        done=done,
        counts=counts,
        tabs_of_rows=_tabs(run, counts, show),
        show=show,
        rows=[_row(row) for row in rows],
        form=form or ApplyForm(formdata=None),
        whole_max=WHOLE_MAX,
        may_whole=not counts.verdicts[Verdict.FAULTY] and counts.pending <= WHOLE_MAX,
        applied=counts.outcomes[Outcome.APPLIED],
        is_people=run.kind is ImportKind.PEOPLE,
        kept_days=KEPT.days,
        button=EmptyForm(formdata=None),
        first_url=url_for(".import_page", uuid=run.uuid, show=show) if after else None,
        next_url=url_for(".import_page", uuid=run.uuid, show=show, after=rows[-1].number)
        if more
        else None,
    )


def _shown(typed: str, counts: found.Counts) -> tuple[Verdict | None, Outcome | None]:
    """Which rows to show; unless chosen, those that need somebody: what stays, what is wrong."""
    if typed in set(Verdict):
        return Verdict(typed), None
    if typed in set(Outcome):
        return None, Outcome(typed)
    if typed == "all":
        return None, None
    for outcome in (Outcome.KEPT, Outcome.STALE):
        if counts.outcomes[outcome]:
            return None, outcome
    for verdict in (Verdict.FAULTY, Verdict.CHANGED, Verdict.NEW):
        if counts.verdicts[verdict]:
            return verdict, None
    return None, None


def _tabs(
    run: "RegisterImport", counts: found.Counts, show: Verdict | Outcome | None
) -> list[dict[str, object]]:
    verdicts = (Verdict.FAULTY, Verdict.CHANGED, Verdict.NEW, Verdict.SAME)
    tabs: list[tuple[str, str, int]] = [
        (verdict, words.verdict_words(verdict), counts.verdicts[verdict]) for verdict in verdicts
    ]
    for outcome, label in (
        (Outcome.APPLIED, gettext("Diterapkan")),
        (Outcome.STALE, gettext("Tidak diterapkan")),
        (Outcome.UNDONE, gettext("Dibatalkan")),
        (Outcome.KEPT, gettext("Tidak dapat dibatalkan")),
    ):
        if counts.outcomes[outcome]:
            tabs.append((outcome, label, counts.outcomes[outcome]))
    return [
        {
            "key": key,
            "label": label,
            "count": count,
            "url": url_for(".import_page", uuid=run.uuid, show=key),
            "current": key == show,
        }
        for key, label, count in tabs
    ]


def _row(row: "ImportRow") -> dict[str, object]:
    cells = row.cells
    key = rules.spaced_nip(row.key) if len(row.key) == 18 else row.key
    outcome = words.outcome_words(row.outcome) if row.outcome else ""
    kept = row.trace.get("kept")
    return {
        "number": row.number,
        "key": key or gettext("kosong"),
        "name": cells.get("nama", ""),
        "verdict": row.verdict,
        "verdict_words": words.verdict_words(row.verdict),
        "changes": [(column, old, new) for column, (old, new) in row.changes.items()],
        "faults": [_fault_line(fault) for fault in row.faults],
        "outcome": row.outcome,
        "outcome_words": f"{outcome}: {words.KEPT[str(kept)]}" if kept else outcome,
    }


def _fault_line(fault: list[str]) -> str:
    column = fault[0]
    said = words.fault_words(fault)
    return gettext("Kolom %(column)s: %(words)s", column=column, words=said) if column else said
