"""A table as a file to download: CSV or XLSX."""

from collections.abc import Iterable, Sequence
from io import SEEK_END, TextIOWrapper
from tempfile import SpooledTemporaryFile
from typing import IO

from flask import Response, request, send_file

from lms.formats import csv_table, xlsx_table

IN_MEMORY = 1024 * 1024  # bytes of a file; what is more goes through a temporary one
CSV = "csv"
XLSX = "xlsx"
MIMETYPES = {
    CSV: "text/csv",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def wanted_kind() -> str:
    """CSV, unless the form asks for XLSX."""
    return XLSX if request.form.get("format") == XLSX else CSV


def table_file(kind: str, rows: Iterable[Sequence[object]], *, sheet: str) -> tuple[IO[bytes], int]:
    """A temporary file with the rows, and how many they are. Written to the end before the first
    byte leaves, so that a fault gives an error page and never half a table."""
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the response closes it
    try:
        if kind == XLSX:
            return file, xlsx_table.write_table(file, rows, sheet=sheet)
        text = TextIOWrapper(file, encoding="utf-8", newline="")
        count = csv_table.write_table(text, rows)
        text.detach()
    except BaseException:
        file.close()
        raise
    return file, count


def table_response(kind: str, file: IO[bytes], *, name: str) -> Response:
    """The file as an answer to be saved under a name, which gets its ending here."""
    size = file.seek(0, SEEK_END)
    file.seek(0)
    response = send_file(
        file, mimetype=MIMETYPES[kind], as_attachment=True, download_name=f"{name}.{kind}"
    )
    response.content_length = size
    return response


def table_of(rows: Iterable[Sequence[object]], kind: str, *, name: str) -> Response:
    """Rows, the first one the headings, as an answer to be saved; CSV unless it is XLSX."""
    kind = XLSX if kind == XLSX else CSV
    file, _ = table_file(kind, rows, sheet=name)
    return table_response(kind, file, name=name)
