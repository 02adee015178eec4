"""Tables that people send: CSV as any spreadsheet writes it, or XLSX.

Rows come one after the other, so that memory does not grow with the file. Every cell is text; what
a workbook keeps as a day becomes 2026-11-22.
"""

import codecs
import csv
import io
from collections.abc import Iterator
from contextlib import suppress
from typing import IO

from lms.formats.table_fault import TableFault, UnreadableTable
from lms.formats.xlsx_sheet import read_sheet

COLUMNS_MAX = 50
CELL_MAX = 1000  # characters; what is longer is cut, and too long for whatever it is meant to be
_SEPARATORS = ",;\t"
_CHUNK = 64 * 1024
_ZIP, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"

Row = tuple[int, list[str]]


def read_rows(file: IO[bytes]) -> Iterator[Row]:
    """Each row that is not empty with its number in the file (a line of a CSV, a row of a sheet).

    A CSV is UTF-8, with a byte order mark or without, or Windows-1252; its cells are separated by
    commas, semicolons or tabs, whatever the first line has most of. The file can be rewound.
    Raises UnreadableTable, also in the middle.
    """
    begin = file.read(4)
    file.seek(0)
    if begin == _ZIP:
        rows = read_sheet(file, COLUMNS_MAX)
    elif begin == _OLD_OFFICE:
        raise UnreadableTable(TableFault.OLD_OFFICE)
    else:
        rows = _read_csv(file)
    for number, cells in rows:
        tidy = [cell.strip()[:CELL_MAX] for cell in cells]
        while tidy and not tidy[-1]:
            tidy.pop()
        if len(tidy) > COLUMNS_MAX:
            raise UnreadableTable(TableFault.TOO_WIDE, number)
        if tidy:
            yield number, tidy


def _read_csv(file: IO[bytes]) -> Iterator[Row]:
    encoding = _encoding_of(file)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    try:
        first = text.readline(_CHUNK)
        separator = max(_SEPARATORS, key=first.count)
        text.seek(0)
        reader = csv.reader(text, delimiter=separator, strict=True)
        ended = 0
        try:
            for cells in reader:
                yield ended + 1, cells
                ended = reader.line_num
        except csv.Error as error:
            raise UnreadableTable(TableFault.BROKEN_QUOTES, ended + 1) from error
    finally:
        with suppress(ValueError):  # closed already
            text.detach()  # whoever opened the file closes it


def _encoding_of(file: IO[bytes]) -> str:
    """UTF-8 if all of it is; else the one that Excel writes on Windows in the West."""
    begin = file.read(2)
    if begin in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        raise UnreadableTable(TableFault.UTF_16)
    for encoding in ("utf-8-sig", "cp1252"):
        file.seek(0)
        if _decodes(file, encoding):
            return encoding
    raise UnreadableTable(TableFault.NO_TEXT)


def _decodes(file: IO[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while chunk := file.read(_CHUNK):
            if b"\0" in chunk:
                raise UnreadableTable(TableFault.NO_TEXT)
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
