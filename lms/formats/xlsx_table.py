"""Tables as XLSX: every cell keeps its kind, so that no text becomes a formula or a link."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import IO

from xlsxwriter import Workbook

MOST_ROWS = 1_048_576  # that a sheet can hold, the headings among them
_WIDEST = 60


def write_table(file: IO[bytes], rows: Iterable[Sequence[object]], *, sheet: str) -> int:
    """Write rows to a workbook of one sheet, the first row as headings; how many they were.

    Rows go through a temporary file one after the other, so memory stays flat. None is an empty
    cell. Raises ValueError when there are more rows than a sheet can hold.
    """
    with Workbook(file, {"constant_memory": True}) as book:  # removes its temporary file too
        return _fill(book, rows, sheet)


def _fill(book: Workbook, rows: Iterable[Sequence[object]], sheet: str) -> int:
    strong, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
    page = book.add_worksheet(sheet[:31])
    page.freeze_panes(1, 0)
    count = 0
    for number, row in enumerate(rows):
        if number == MOST_ROWS:
            raise ValueError(f"more than {MOST_ROWS} rows")
        for column, cell in enumerate(row):
            if number == 0:
                page.set_column(column, column, min(_WIDEST, max(12, len(str(cell)) + 4)))
            if cell is None:
                continue
            if isinstance(cell, int | float | Decimal):
                page.write_number(number, column, cell)
            elif isinstance(cell, date):
                page.write_datetime(number, column, cell, day)
            else:
                page.write_string(number, column, str(cell), strong if number == 0 else None)
        count += 1
    return count
