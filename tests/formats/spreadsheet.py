"""Reads the first sheet of an XLSX file without the library that writes it."""

import io
import re
from xml.etree import ElementTree
from zipfile import ZipFile

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def cells(data: bytes) -> list[list[str]]:
    """Every row as texts, "" for a cell that is not there."""
    with ZipFile(io.BytesIO(data)) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
        shared: list[str] = []
        if "xl/sharedStrings.xml" in book.namelist():
            strings = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
            shared = ["".join(item.itertext()) for item in strings]
    rows = []
    for row in sheet.iter(f"{MAIN}row"):
        found: list[str] = []
        for cell in row:
            place = _column(cell.get("r", ""))
            found += [""] * (place - len(found))
            text = "".join(cell.itertext())
            found.append(shared[int(text)] if cell.get("t") == "s" else text)
        rows.append(found)
    return rows


def _column(reference: str) -> int:
    """AB12 -> 27"""
    number = 0
    for letter in re.sub(r"[0-9]", "", reference):
        number = number * 26 + ord(letter) - 64
    return number - 1
