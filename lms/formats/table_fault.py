"""Why a file cannot be read as a table."""

from enum import StrEnum


class TableFault(StrEnum):
    BROKEN_QUOTES = "broken_quotes"
    BROKEN_WORKBOOK = "broken_workbook"
    NO_TEXT = "no_text"
    OLD_OFFICE = "old_office"  # XLS, or an XLSX with a password
    TOO_LARGE = "too_large"  # a workbook that would unfold to more than it may
    TOO_WIDE = "too_wide"
    UTF_16 = "utf_16"


class UnreadableTable(Exception):
    """`row` is its number in the file, where the fault lies in one."""

    def __init__(self, fault: TableFault, row: int | None = None) -> None:
        super().__init__(fault)
        self.fault = fault
        self.row = row
