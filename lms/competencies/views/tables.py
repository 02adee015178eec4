"""The dictionary and the standards from a file: first what would change, then the change."""

from contextlib import closing
from io import BytesIO
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from lms.competencies.actions import tables as acts
from lms.competencies.actions.tables import COLUMNS, Line, LineState, Row, Table
from lms.competencies.forms import TableForm
from lms.competencies.queries import dictionary
from lms.competencies.views.blueprint import bp
from lms.core import files, tokens
from lms.core.access import Permission, current_actor, requires
from lms.core.errors import DomainError, NotFound
from lms.core.forms import writing
from lms.formats.table_fault import UnreadableTable
from lms.formats.table_file import read_rows

MANAGE = Permission.COMPETENCIES_DICTIONARY_MANAGE
SHOWN = 200  # rows of the preview
_PURPOSE = "competency-table"
_KEPT_FOR = 60 * 60  # seconds


@bp.get("/competencies/import/<slug:table>")
@requires(MANAGE)
def table(table: str) -> ResponseReturnValue:
    dictionary.assert_may_manage(current_actor())
    return _page(_table(table), TableForm(formdata=None))


@bp.post("/competencies/import/<slug:table>/preview")
@requires(MANAGE)
def preview_table(table: str) -> ResponseReturnValue:
    """What the file would change. Only reads; the file is kept to be applied."""
    actor, form, kind = current_actor(), TableForm(), _table(table)
    dictionary.assert_may_manage(actor)
    form.validate()
    try:
        content = _sent()
        lines = acts.lines_of(actor, kind, _rows(content))
    except DomainError as error:
        form.refuse(error)
        return _page(kind, form), 422
    return _preview(kind, form, lines, files.save(content))


@bp.post("/competencies/import/<slug:table>/apply")
@requires(MANAGE)
def apply_table(table: str) -> ResponseReturnValue:
    """What was previewed, if it still is what would happen; else the preview anew."""
    actor, form, kind = current_actor(), TableForm(), _table(table)
    dictionary.assert_may_manage(actor)
    kept = tokens.unsign(_PURPOSE, form.kept.data or "", _KEPT_FOR) or {}
    if kept.get("person") != str(actor.person_uuid) or kept.get("table") != kind:
        form.validate()
        form.refuse(DomainError(gettext("Pratinjau ini sudah lama. Pilih berkasnya lagi."), "file"))
        return _page(kind, form), 422
    rows = _rows(files.Kept(kept["digest"]).content)
    form.validate()
    with writing(form):
        lines = acts.lines_of(actor, kind, rows)
        if acts.sum_of(lines) != kept["sum"]:
            raise DomainError(gettext("Data berubah sejak pratinjau. Periksa lagi perbedaannya."))
        count = acts.apply(lines)
        words = ngettext("%(num)s baris diterapkan.", "%(num)s baris diterapkan.", count)
        flash(words, "ok")
        return redirect(url_for(_back(kind)))
    return _preview(kind, form, acts.lines_of(actor, kind, rows), kept["digest"]), 422


def _table(written: str) -> Table:
    if written not in set(Table):
        raise NotFound
    return Table(written)


def _back(kind: Table) -> str:
    return ".dictionary" if kind is Table.DICTIONARY else ".standards"


def _sent() -> bytes:
    """Raises DomainError where no file came."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise DomainError(gettext("Pilih berkas CSV atau XLSX."), "file")
    with closing(sent):
        return sent.stream.read()


def _rows(content: bytes) -> list[Row]:
    """Raises DomainError for what is no table."""
    found: list[Row] = []
    try:
        for row in read_rows(BytesIO(content)):
            found.append(row)
            if len(found) > acts.ROWS_MAX + 1:
                break
    except UnreadableTable as error:
        words = gettext("Berkas ini tidak dapat dibaca sebagai tabel. Simpan sebagai CSV atau XLSX")
        raise DomainError(words, "file") from error
    return found


def _preview(kind: Table, form: TableForm, lines: list[Line], digest: str) -> str:
    actor = current_actor()
    counts = {state: sum(line.state is state for line in lines) for state in LineState}
    form.kept.data = tokens.sign(
        _PURPOSE,
        {
            "person": str(actor.person_uuid), "table": kind, "digest": digest,
            "sum": acts.sum_of(lines),
        },
    )  # fmt: skip
    shown = [line for line in lines if line.state is not LineState.SAME]
    wrong_first = sorted(shown, key=lambda line: line.state is not LineState.WRONG)
    return _page(
        kind,
        form,
        counts=counts,
        todo=counts[LineState.NEW] + counts[LineState.CHANGED],
        lines=wrong_first[:SHOWN],
        more=max(0, len(shown) - SHOWN),
        states={
            LineState.NEW: gettext("Baru"),
            LineState.CHANGED: gettext("Berubah"),
            LineState.WRONG: gettext("Keliru"),
        },
    )


def _page(kind: Table, form: TableForm, **preview: Any) -> str:
    return render_template(
        "competencies/table.html",
        form=form,
        table=kind,
        is_dictionary=kind is Table.DICTIONARY,
        back=url_for(_back(kind)),
        columns=COLUMNS[kind],
        most=acts.ROWS_MAX,
        preview=preview,
    )
