"""CSV that a spreadsheet opens as what it is."""

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.formats.csv_table import BYTE_ORDER_MARK, write_table


def written(rows: list[list[object]]) -> str:
    file = io.StringIO(newline="")
    assert write_table(file, rows) == len(rows)
    return file.getvalue()


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1)))
def test_what_is_written_is_read_again_but_for_formulas(rows: list[list[str]]) -> None:
    text = written([list(row) for row in rows])
    assert text.startswith(BYTE_ORDER_MARK)
    back = list(csv.reader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK), newline="")))
    plain = [[cell.removeprefix("'") for cell in row] for row in back]
    assert plain == [[cell.removeprefix("'") for cell in row] for row in rows]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_nothing_is_run_as_a_formula(start: str) -> None:
    assert f'"\'{start}1+1"' in written([[f"{start}1+1"]])


def test_numbers_stay_numbers_and_nothing_is_an_empty_cell() -> None:
    assert written([[-5, Decimal("-1.5"), None]]).endswith('"-5","-1.5",""\r\n')
