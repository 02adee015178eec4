"""XLSX tables, read back from the file as a spreadsheet does."""

import io
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest

from lms.formats import xlsx_table
from tests.formats.spreadsheet import cells

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def written(*rows: list[object]) -> bytes:
    file = io.BytesIO()
    assert xlsx_table.write_table(file, rows, sheet="Tim") == len(rows)
    return file.getvalue()


def test_every_cell_keeps_its_kind() -> None:
    data = written(["Nama", "JP", "Hari"], ["Sari", Decimal("12.5"), date(2026, 11, 22)], ["B", 3])
    assert cells(data) == [["Nama", "JP", "Hari"], ["Sari", "12.5", "46348"], ["B", "3"]]


@pytest.mark.parametrize(
    "text",
    ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "http://x", "0012", "<b>&", "{=1}", "\t=1"],
)
def test_a_text_is_never_a_formula_a_link_or_a_number(text: str) -> None:
    data = written(["Nama"], [text])
    assert cells(data) == [["Nama"], [text]]
    with ZipFile(io.BytesIO(data)) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    assert not list(sheet.iter(f"{MAIN}f"))
    assert not list(sheet.iter(f"{MAIN}hyperlink"))
    assert {cell.get("t") for cell in sheet.iter(f"{MAIN}c")} <= {"inlineStr", "s"}


def test_an_empty_cell_is_none_at_all() -> None:
    assert cells(written(["A", "B", "C"], ["1", None, "3"])) == [["A", "B", "C"], ["1", "", "3"]]


def test_more_rows_than_a_sheet_holds_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_table, "MOST_ROWS", 3)

    def rows() -> Iterator[list[object]]:
        for number in range(4):
            yield [number]

    with pytest.raises(ValueError, match=re.escape("more than 3 rows")):
        xlsx_table.write_table(io.BytesIO(), rows(), sheet="Tim")
