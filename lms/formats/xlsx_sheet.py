"""The first sheet of a workbook, row after row.

Read here and not by a library: those at hand hold the whole sheet, or make room for every cell
between the first and the last one, so that a file of a few kilobytes can ask for all memory.
"""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from posixpath import join, normpath
from typing import IO
from xml.parsers import expat

from lms.formats.table_fault import TableFault, UnreadableTable

# Bytes of all parts that are read, and characters of all cells: many may name the same long text.
UNFOLDED_MAX = 200 * 1024 * 1024
_CHUNK = 64 * 1024
_EXACT = 10**15  # a workbook keeps 15 digits of a number, and a NIP has 18
_BUILT_IN_DAYS = frozenset({14, 15, 16, 17, 22})  # number formats that every workbook has
_DAY_SIGNS = re.compile(r"[dy]", re.IGNORECASE)
_BESIDE = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')  # of a number format: words, colours, single signs

Row = tuple[int, list[str]]
Attributes = dict[str, str]


def read_sheet(file: IO[bytes], columns: int) -> Iterator[Row]:
    """Rows with their numbers; what stands beyond so many columns comes as one cell more.

    Raises UnreadableTable.
    """
    try:
        with zipfile.ZipFile(file) as book:
            if sum(part.file_size for part in book.infolist()) > UNFOLDED_MAX:
                raise UnreadableTable(TableFault.TOO_LARGE)
            yield from _rows(book, columns)
    except (
        zipfile.BadZipFile, zlib.error, expat.ExpatError, LookupError, ValueError, EOFError,
        OverflowError, NotImplementedError, RuntimeError,
    ) as error:  # fmt: skip
        raise UnreadableTable(TableFault.BROKEN_WORKBOOK) from error


def _rows(book: zipfile.ZipFile, columns: int) -> Iterator[Row]:
    found = _Workbook()
    _parse(book, "xl/workbook.xml", found)
    links = _Links()
    _parse(book, "xl/_rels/workbook.xml.rels", links)
    names = set(book.namelist())
    styles, strings = _Styles(), _Strings()
    if "xl/styles.xml" in names:
        _parse(book, "xl/styles.xml", styles)
    if "xl/sharedStrings.xml" in names:
        _parse(book, "xl/sharedStrings.xml", strings)
    place = links.targets[found.sheet]
    place = place.lstrip("/") if place.startswith("/") else normpath(join("xl", place))
    sheet = _Sheet(strings.texts, styles.day_styles(), found.epoch, columns + 1)
    for _ in _parsing(book, place, sheet):
        yield from sheet.take()


class _Part:
    """What a part of a workbook is read into: a call for each element that begins or ends."""

    def begin(self, tag: str, attributes: Attributes) -> None:
        raise NotImplementedError

    def end(self, tag: str) -> None:
        """Nothing, for parts whose facts all stand in attributes."""

    def text(self, words: str) -> None:
        """Nothing, as above."""


def _parse(book: zipfile.ZipFile, name: str, part: _Part) -> None:
    for _ in _parsing(book, name, part):
        pass


def _parsing(book: zipfile.ZipFile, name: str, part: _Part) -> Iterator[None]:
    """Read a part of the workbook, and pause after each piece."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    begin, end = part.begin, part.end

    def first(tag: str, attributes: Attributes) -> None:
        """Some writers put x: before every name; taking it off costs as much as all the rest."""
        prefixed = ":" in tag
        parser.StartElementHandler = _prefixed_begin(begin) if prefixed else begin
        parser.EndElementHandler = _prefixed_end(end) if prefixed else end
        parser.StartElementHandler(tag, attributes)

    parser.StartElementHandler = first
    parser.CharacterDataHandler = part.text
    parser.StartDoctypeDeclHandler = _refuse  # nobody needs one, and it could unfold without end
    with book.open(name) as stream:
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk, False)
            yield
        parser.Parse(b"", True)
        yield


def _prefixed_begin(begin: Callable[[str, Attributes], None]) -> Callable[[str, Attributes], None]:
    return lambda tag, attributes: begin(tag.rpartition(":")[2], attributes)


def _prefixed_end(end: Callable[[str], None]) -> Callable[[str], None]:
    return lambda tag: end(tag.rpartition(":")[2])


def _refuse(*_: object) -> None:
    raise UnreadableTable(TableFault.BROKEN_WORKBOOK)


class _Workbook(_Part):
    """Which sheet is the first that is shown, and from when days are counted."""

    def __init__(self) -> None:
        self.sheet = ""
        self.epoch = date(1899, 12, 30)

    def begin(self, tag: str, attributes: Attributes) -> None:
        if tag == "workbookPr" and attributes.get("date1904") in ("1", "true"):
            self.epoch = date(1904, 1, 1)
        elif tag == "sheet" and not self.sheet and attributes.get("state", "visible") == "visible":
            links = (value for name, value in attributes.items() if name.endswith(":id"))
            self.sheet = next(links, "")


class _Links(_Part):
    def __init__(self) -> None:
        self.targets: dict[str, str] = {}

    def begin(self, tag: str, attributes: Attributes) -> None:
        if tag == "Relationship":
            self.targets[attributes["Id"]] = attributes["Target"]


class _Styles(_Part):
    """Which styles show a number as a day."""

    def __init__(self) -> None:
        self._own: dict[int, str] = {}
        self._formats: list[int] = []
        self._within = False

    def begin(self, tag: str, attributes: Attributes) -> None:
        if tag == "numFmt":
            self._own[int(attributes["numFmtId"])] = attributes["formatCode"]
        elif tag == "cellXfs":
            self._within = True
        elif tag == "xf" and self._within:
            self._formats.append(int(attributes.get("numFmtId", "0")))

    def end(self, tag: str) -> None:
        if tag == "cellXfs":
            self._within = False

    def day_styles(self) -> frozenset[int]:
        days = {
            number for number, code in self._own.items() if _DAY_SIGNS.search(_BESIDE.sub("", code))
        } | _BUILT_IN_DAYS
        return frozenset(n for n, number in enumerate(self._formats) if number in days)


class _Texts(_Part):
    """Gathers the words within <t>, but not those that only say how to pronounce them."""

    def __init__(self) -> None:
        self._open = False
        self._beside = False
        self._words: list[str] = []

    def begin(self, tag: str, attributes: Attributes) -> None:
        self._beside = self._beside or tag == "rPh"
        self._open = tag == "t" and not self._beside

    def end(self, tag: str) -> None:
        self._open = False
        if tag == "rPh":
            self._beside = False

    def text(self, words: str) -> None:
        if self._open:
            self._words.append(words)

    def take_words(self) -> str:
        words, self._words = "".join(self._words), []
        return words


class _Strings(_Texts):
    """The texts that the cells of all sheets refer to by number."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def end(self, tag: str) -> None:
        super().end(tag)
        if tag == "si":
            self.texts.append(self.take_words())


class _Sheet(_Texts):
    def __init__(
        self, strings: list[str], day_styles: frozenset[int], epoch: date, columns: int
    ) -> None:
        super().__init__()
        self._strings, self._days, self._epoch = strings, day_styles, epoch
        self._columns = columns
        self._ready: list[Row] = []
        self._room = UNFOLDED_MAX
        self._number = 0
        self._cells: list[str] = []
        self._column = 0
        self._kind = ""
        self._style = 0

    def take(self) -> list[Row]:
        """The rows that were completed since the last call."""
        ready, self._ready = self._ready, []
        return ready

    def begin(self, tag: str, attributes: Attributes) -> None:
        if tag == "c":
            place = attributes.get("r")
            self._column = _column_of(place) if place else self._column + 1
            self._kind = attributes.get("t", "n")
            self._style = int(attributes.get("s", "0"))
        elif tag == "v":
            self._open = True
        elif tag == "row":
            self._number = int(attributes.get("r", self._number + 1))
            self._cells, self._column = [], 0
        else:
            super().begin(tag, attributes)

    def end(self, tag: str) -> None:
        self._open = False
        if tag == "c":
            self._add(self._value(self.take_words()))
        elif tag == "row":
            self._ready.append((self._number, self._cells))
        elif tag == "rPh":
            self._beside = False

    def _add(self, value: str) -> None:
        if value and self._column > 0:
            column = min(self._column, self._columns)
            self._cells += [""] * (column - len(self._cells))
            self._cells[column - 1] = value

    def _value(self, written: str) -> str:
        if not written or self._kind == "e":  # #N/A and its like
            return ""
        if self._kind == "s":
            text = self._strings[int(written)]
            self._room -= len(text)
            if self._room < 0:
                raise UnreadableTable(TableFault.TOO_LARGE)
            return text
        if self._kind != "n":
            return written
        return self._number_words(float(written), written)

    def _number_words(self, value: float, written: str) -> str:
        if self._style in self._days:
            return str(self._epoch + timedelta(days=int(value)))
        if abs(value) >= _EXACT:
            return (
                f"{value:.14E}"  # its last digits are lost, and must not look as if they were not
            )
        return str(int(value)) if value == int(value) else written


@lru_cache(4096)
def _letters_of(letters: str) -> int:
    column = 0
    for sign in letters:
        column = column * 26 + ord(sign) - ord("A") + 1
    return column


def _column_of(place: str) -> int:
    """B12 -> 2"""
    return _letters_of(place.rstrip("0123456789"))
