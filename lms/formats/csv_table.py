"""Tables as CSV that a spreadsheet opens as what they are."""

import csv
from collections.abc import Iterable
from typing import TextIO

BYTE_ORDER_MARK = "\ufeff"  # or Excel takes UTF-8 for something else
_ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n")


def write_table(file: TextIO, rows: Iterable[Iterable[object]]) -> int:
    """Write rows as CSV (RFC 4180, comma, UTF-8 with a byte order mark); how many they were.

    A text that a spreadsheet would run as a formula is written with an apostrophe before it
    (OWASP, "CSV Injection"), and every cell in quotes, so that no sign within it begins another
    one. None is an empty cell; the file is opened with `newline=""`.
    """
    file.write(BYTE_ORDER_MARK)
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    count = 0
    for row in rows:
        writer.writerow([_inert(cell) for cell in row])
        count += 1
    return count


def _inert(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_ACTIVE) else cell
