"""Tables that people send: whatever wrote them, the same rows; and what cannot be read says why."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.formats import csv_table, table_file, xlsx_sheet, xlsx_table
from lms.formats.table_fault import TableFault, UnreadableTable
from lms.formats.table_file import read_rows

ROWS = [["nip", "nama", "catatan"], ["001", "Siti, “Aminah”", "baris\ndua"], ["002", "Ñoño", ""]]


def read(content: bytes) -> list[tuple[int, list[str]]]:
    return list(read_rows(io.BytesIO(content)))


def text(rows: Sequence[Sequence[str]], separator: str) -> str:
    quoted = [['"' + cell.replace('"', '""') + '"' for cell in row] for row in rows]
    return "\r\n".join(separator.join(row) for row in quoted)


def trimmed(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Without the empty cells at the end, which say nothing."""
    found = []
    for row in rows:
        cells = list(row)
        while cells and not cells[-1]:
            cells.pop()
        found.append(cells)
    return found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators_are_found_out(encoding: str, separator: str) -> None:
    found = read(text(ROWS, separator).encode(encoding))
    assert [cells for _, cells in found] == trimmed(ROWS)
    assert [number for number, _ in found] == [1, 2, 4]  # the second row has two lines


def test_empty_rows_are_passed_over_and_counted() -> None:
    assert read(b"a,b\n\n,,\n1,2\n") == [(1, ["a", "b"]), (4, ["1", "2"])]


@pytest.mark.parametrize(
    ("content", "fault", "row"),
    [
        (b'a,b\n1,2\n"never closed,3\n', TableFault.BROKEN_QUOTES, 3),
        (b"\xff\xfea\x00,\x00b\x00", TableFault.UTF_16, None),
        (b"a,b\n\x00\x01\x02", TableFault.NO_TEXT, None),
        (b"%PDF-1.7 \x81\x8d", TableFault.NO_TEXT, None),
        (b"\xd0\xcf\x11\xe0rest", TableFault.OLD_OFFICE, None),
        (b"PK\x03\x04 but no archive", TableFault.BROKEN_WORKBOOK, None),
        (b"a\n" + b"1," * 60 + b"1", TableFault.TOO_WIDE, 2),
    ],
)
def test_what_cannot_be_read_says_why(content: bytes, fault: TableFault, row: int | None) -> None:
    with pytest.raises(UnreadableTable) as caught:
        read(content)
    assert (caught.value.fault, caught.value.row) == (fault, row)


CELL = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Zs", "Zl", "Zp")), max_size=9
)


@given(st.lists(st.lists(CELL, min_size=2, max_size=5), min_size=1, max_size=8))
def test_what_the_product_writes_it_reads_again(rows: list[list[str]]) -> None:
    wanted = [row for row in trimmed(rows) if row]
    book = io.BytesIO()
    xlsx_table.write_table(book, rows, sheet="s")
    assert [cells for _, cells in read(book.getvalue())] == wanted


def test_a_csv_of_the_product_is_read_again() -> None:
    file = io.StringIO(newline="")
    csv_table.write_table(file, ROWS)
    assert [cells for _, cells in read(file.getvalue().encode())] == trimmed(ROWS)


def test_days_and_numbers_of_a_workbook() -> None:
    book = io.BytesIO()
    row = [date(2026, 1, 31), 7, 2.5, 198001012005011001, "198001012005011001"]
    xlsx_table.write_table(book, [["a"] * 5, row], sheet="s")
    ((_, found),) = read(book.getvalue())[1:]
    # A number of 18 digits lost the last ones when it was typed, and must not look whole.
    assert found == ["2026-01-31", "7", "2.5", "1.98001012005011E+17", "198001012005011001"]


def workbook(sheet: str, strings: str = "", prefix: str = "") -> bytes:
    """A workbook as other programs write it."""
    file, name = io.BytesIO(), f"{prefix}:" if prefix else ""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    links = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    space = f'xmlns{":" + prefix if prefix else ""}="{main}" xmlns:r="{links}"'
    with zipfile.ZipFile(file, "w") as book:
        book.writestr(
            "xl/workbook.xml",
            f'<{name}workbook {space}><{name}sheets><{name}sheet name="h" r:id="r1" '
            f'state="hidden"/><{name}sheet name="s" r:id="r2"/></{name}sheets></{name}workbook>',
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships><Relationship Id="r1" Target="no.xml"/>'
            '<Relationship Id="r2" Target="/xl/worksheets/two.xml"/></Relationships>',
        )
        if strings:
            book.writestr("xl/sharedStrings.xml", f"<sst>{strings}</sst>")
        book.writestr("xl/worksheets/two.xml", sheet.format(space=space))
    return file.getvalue()


def test_shared_texts_hidden_sheets_and_names_with_a_prefix() -> None:
    strings = "<si><t>nip</t></si><si><r><t>Si</t></r><r><t>ti</t></r><rPh><t>x</t></rPh></si>"
    sheet = (
        '<x:worksheet {space}><x:row r="2"><x:c r="A2" t="s"><x:v>0</x:v></x:c>'
        '<x:c r="C2" t="s"><x:v>1</x:v></x:c></x:row>'
        '<x:row r="9"><x:c t="b"><x:v>1</x:v></x:c><x:c t="e"><x:v>#N/A</x:v></x:c></x:row>'
        "</x:worksheet>"
    )
    assert read(workbook(sheet, strings, "x")) == [(2, ["nip", "", "Siti"]), (9, ["1"])]


def test_a_cell_far_away_takes_no_room() -> None:
    sheet = (
        '<worksheet {space}><row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></worksheet>'
    )
    with pytest.raises(UnreadableTable) as caught:
        read(workbook(sheet))
    assert caught.value.fault is TableFault.TOO_WIDE


@pytest.mark.parametrize(
    "sheet",
    [
        '<!DOCTYPE a [<!ENTITY b "c">]><worksheet {space}></worksheet>',
        "<worksheet {space}><row>",
        '<worksheet {space}><row r="1"><c t="s"><v>5</v></c></row></worksheet>',
        '<worksheet {space}><row r="x"/></worksheet>',
        '<?xml version="1.0" encoding="none"?><worksheet {space}></worksheet>',
    ],
)
def test_a_broken_or_hostile_workbook_is_refused(sheet: str) -> None:
    with pytest.raises(UnreadableTable) as caught:
        read(workbook(sheet))
    assert caught.value.fault is TableFault.BROKEN_WORKBOOK


def test_a_workbook_that_unfolds_too_far_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_sheet, "UNFOLDED_MAX", 1000)
    sheet = '<worksheet {space}><row r="1"><c><v>1</v></c></row></worksheet>' + " " * 2000
    with pytest.raises(UnreadableTable) as caught:
        read(workbook(sheet))
    assert caught.value.fault is TableFault.TOO_LARGE


def test_a_long_cell_is_cut() -> None:
    ((_, cells),) = read(b"x" * 5000)
    assert len(cells[0]) == table_file.CELL_MAX


def test_one_long_text_that_many_cells_name_counts_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(xlsx_sheet, "UNFOLDED_MAX", 9000)
    strings = f"<si><t>{'x' * 900}</t></si>"

    def rows(count: int) -> str:
        cell = '<c t="s"><v>0</v></c></row>'
        inner = "".join(f'<row r="{n}">{cell}' for n in range(1, count + 1))
        return "<worksheet {space}>" + inner + "</worksheet>"

    assert len(read(workbook(rows(9), strings))) == 9
    with pytest.raises(UnreadableTable) as caught:
        read(workbook(rows(12), strings))
    assert caught.value.fault is TableFault.TOO_LARGE
