"""Tables that are taken along as a file, written to the end before the first byte leaves: a fault
gives an error page and never half a table."""

from collections.abc import Iterable, Sequence
from io import SEEK_END, TextIOWrapper
from tempfile import SpooledTemporaryFile
from typing import IO

from flask import Response, send_file

from lms.formats import csv_table, xlsx_table

CSV, XLSX = "csv", "xlsx"
IN_MEMORY = 1024 * 1024  # bytes; what is more goes through a temporary file
MIMETYPES = {
    CSV: "text/csv",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def send_table(rows: Iterable[Sequence[object]], kind: str, *, name: str) -> Response:
    """Rows, the first one the headings, as CSV or XLSX under a name without its ending. Closed
    when it was sent."""
    kind = XLSX if kind == XLSX else CSV
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the response closes it
    try:
        _write(file, rows, kind, name)
        size = file.seek(0, SEEK_END)
        file.seek(0)
        response = send_file(
            file, mimetype=MIMETYPES[kind], as_attachment=True, download_name=f"{name}.{kind}"
        )
    except BaseException:
        file.close()
        raise
    response.content_length = size
    return response


def _write(file: IO[bytes], rows: Iterable[Sequence[object]], kind: str, name: str) -> None:
    if kind == XLSX:
        xlsx_table.write_table(file, rows, sheet=name)
        return
    text = TextIOWrapper(file, encoding="utf-8", newline="")
    csv_table.write_table(text, rows)
    text.detach()
