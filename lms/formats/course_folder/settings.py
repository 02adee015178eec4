"""One TOML table under check: every call reads one setting and notes what is wrong with it.

A setting that is wrong or missing is answered with a stand-in, so that the reading goes on and
finds the other problems too; nobody sees it, because content with problems is not handed out.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar
from unicodedata import category

from lms.formats.course_folder.content import Problem
from lms.formats.gift.questions import is_key, key_rule
from lms.formats.words import Words

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
MOST_DAYS = 3650  # by which a part opens after its learner has begun
_YEARS = (2000, 2100)
_CENT = Decimal("0.01")
_TEXT, _TEXTS = Words("teks dalam tanda kutip"), Words("daftar teks")


@dataclass
class Table:
    """`header` and `nth` say which table of the file this is; `skipped` lines stand before it."""

    file: str
    source: str
    values: dict[str, object]
    problems: list[Problem]
    skipped: int = 0
    header: str = ""
    nth: int = 0
    known: list[str] = field(default_factory=list)

    def note(self, name: str, code: str, message: Words) -> None:
        self.problems.append(Problem(self.file, self.line(name), code, message))

    def line(self, name: str) -> int:
        return self.skipped + _line_of(self.source, self.header, self.nth, name)

    def text(self, name: str, longest: int, *, optional: bool = False, lines: bool = False) -> str:
        value = (self._take(name, str, _TEXT, optional=optional) or "").strip()
        if not value and not optional and isinstance(self.values.get(name), str):
            self.note(
                name, "setting-empty", Words("%(setting)s kosong; isi.", setting=self._called(name))
            )
        if len(value) > longest:
            too_long = Words(
                "%(setting)s panjangnya %(count)s karakter, paling banyak %(longest)s; persingkat.",
                setting=self._called(name),
                count=len(value),
                longest=longest,
            )
            self.note(name, "setting-length", too_long)
        if any(category(c) == "Cc" and not (lines and c == "\n") for c in value):
            self.note(
                name,
                "setting-characters",
                Words("%(setting)s harus satu baris teks biasa.", setting=self._called(name)),
            )
        return value

    def key(self) -> str:
        """The part's stable key; empty when there is none that will do."""
        if "key" not in self.values:
            self.known.append("key")
            self.note("key", "key-missing", Words('Kunci tetap belum ada; tulis key = "…".'))
            return ""
        key = self._take("key", str, _TEXT) or ""
        if isinstance(self.values["key"], str) and not is_key(key):
            self.note("key", "key-invalid", key_rule(key))
            return ""
        return key

    def integer(self, name: str, least: int, most: int, default: int | None = None) -> int:
        value = self._take(name, int, Words("bilangan bulat"), optional=default is not None)
        if value is not None and not least <= value <= most:
            self._note_range(name, least, most)
        return (default or 0) if value is None else value

    def decimal(self, name: str, least: Decimal, most: Decimal) -> Decimal:
        whole = self.values.get(name)
        if type(whole) is int:
            self.values[name] = Decimal(whole)
        value = self._take(name, Decimal, Words("angka"))
        if value is None:
            return least
        if not value.is_finite() or not least <= value <= most:
            self._note_range(name, least, most)
            return least
        if value != value.quantize(_CENT):
            self.note(
                name,
                "setting-decimals",
                Words("%(setting)s paling banyak dua desimal.", setting=self._called(name)),
            )
        return value.quantize(_CENT)

    def flag(self, name: str, default: bool) -> bool:
        value = self._take(name, bool, Words("true atau false"), optional=True)
        return default if value is None else value

    def choice(self, name: str, default: E) -> E:
        value = self._take(name, str, _TEXT, optional=True)
        known: list[E] = list(type(default))
        if value is not None and value not in known:
            names = ", ".join(f'"{each}"' for each in known)
            self.note(
                name,
                "setting-choice",
                Words(
                    "%(setting)s harus salah satu dari %(names)s.",
                    setting=self._called(name),
                    names=names,
                ),
            )
        return next((each for each in known if each == value), default)

    def moment(self, name: str) -> datetime | None:
        """A day and hour without a zone; None where it is left out."""
        wanted = Words("tanggal dan jam tanpa tanda kutip, misalnya 2026-11-30T14:00:00")
        value = self._take(name, datetime, wanted, optional=True)
        if value is None:
            return None
        if value.tzinfo is not None:
            zoned = Words(
                "%(setting)s ditulis menurut jam setempat; hapus Z atau selisih jam di "
                "belakangnya.",
                setting=self._called(name),
            )
            self.note(name, "setting-zone", zoned)
            return None
        if not _YEARS[0] <= value.year <= _YEARS[1]:
            least, most = _YEARS
            between = Words(
                "%(setting)s harus antara tahun %(least)s dan %(most)s.",
                setting=self._called(name),
                least=least,
                most=most,
            )
            self.note(name, "setting-range", between)
        return value

    def choices(self, name: str, kind: type[E]) -> tuple[E, ...]:
        """Some of the names, in the order of the enum; none where it is left out."""
        value: list[object] = self._take(name, list, _TEXTS, optional=True) or []
        known: list[E] = list(kind)
        if not all(each in known for each in value):
            names = ", ".join(f'"{each}"' for each in known)
            self.note(
                name,
                "setting-choice",
                Words(
                    "%(setting)s hanya boleh memuat %(names)s.",
                    setting=self._called(name),
                    names=names,
                ),
            )
        return tuple(each for each in known if each in value)

    def words(self, name: str, *, optional: bool = False) -> tuple[str, ...]:
        value: list[object] = self._take(name, list, _TEXTS, optional=optional) or []
        if not all(isinstance(each, str) for each in value):
            self.note(name, "setting-type", self._wants(name, _TEXTS))
        return tuple(each for each in value if isinstance(each, str))

    def table(self, name: str, *, optional: bool = False) -> "Table | None":
        value: dict[str, object] | None = self._take(
            name, dict, _part(f"[{name}]"), optional=optional
        )
        return None if value is None else self._inner(name, 0, value)

    def tables(self, name: str) -> list["Table"]:
        value: list[object] = self._take(name, list, _part(f"[[{name}]]"), optional=True) or []
        if not all(isinstance(each, dict) for each in value):
            self.note(name, "setting-type", self._wants(name, _part(f"[[{name}]]")))
        inner = [each for each in value if isinstance(each, dict)]
        return [self._inner(name, nth, each) for nth, each in enumerate(inner)]

    def close(self) -> None:
        """Every setting has been asked for: what is left is unknown."""
        for name in self.values:
            if name not in self.known:
                near = get_close_matches(name, self.known, n=1)
                hint = (
                    Words(
                        '%(setting)s tidak dikenal; mungkin maksudnya "%(near)s".',
                        setting=self._called(name),
                        near=near[0],
                    )
                    if near
                    else Words("%(setting)s tidak dikenal; hapus.", setting=self._called(name))
                )
                self.note(name, "setting-unknown", hint)

    def _take(self, name: str, kind: type[T], wanted: Words, *, optional: bool = False) -> T | None:
        self.known.append(name)
        value = self.values.get(name)
        # The very type, because to Python true is a number too.
        if type(value) is kind:
            return value
        if value is not None:
            self.note(name, "setting-type", self._wants(name, wanted))
        elif not optional:
            self.note(
                name,
                "setting-missing",
                Words(
                    "%(setting)s belum ada; tambahkan %(wanted)s.",
                    setting=self._called(name),
                    wanted=wanted,
                ),
            )
        return None

    def _wants(self, name: str, wanted: Words) -> Words:
        return Words("%(setting)s harus %(wanted)s.", setting=self._called(name), wanted=wanted)

    def _note_range(self, name: str, least: object, most: object) -> None:
        self.note(
            name,
            "setting-range",
            Words(
                "%(setting)s harus antara %(least)s dan %(most)s.",
                setting=self._called(name),
                least=least,
                most=most,
            ),
        )

    def _called(self, name: str) -> Words:
        whole = f"{self.header}.{name}" if self.header else name
        return Words('Pengaturan "%(name)s"', name=whole)

    def _inner(self, name: str, nth: int, values: dict[str, object]) -> "Table":
        return Table(self.file, self.source, values, self.problems, self.skipped, name, nth)


def _part(header: str) -> Words:
    return Words("bagian %(header)s", header=header)


def table_of(file: str, source: str, problems: list[Problem], skipped: int = 0) -> Table | None:
    try:
        values = tomllib.loads(source, parse_float=Decimal)
    # Numbers beyond bounds and brackets nested too deep leave tomllib by other doors.
    except (ValueError, ArithmeticError, RecursionError) as error:
        line = skipped + _line_of_error(str(error), source)
        twice = "Cannot overwrite" in str(error) or "Cannot declare" in str(error)
        what = (
            Words("Pengaturan atau bagian ini ditulis dua kali; hapus salah satunya.")
            if twice
            else Words("Tidak dapat dibaca sebagai TOML; periksa tanda kutip, tanda =, dan kurung.")
        )
        problems.append(Problem(file, line, "toml-syntax", what))
        return None
    return Table(file, source, values, problems, skipped)


def key_in(source: str) -> tuple[str, int] | None:
    """The key and its line as far as can be told from text that is not TOML."""
    for number, line in enumerate(source.split("\n"), start=1):
        match = re.match(r"\s*key\s*=\s*[\"']([^\"']*)[\"']", line)
        if match and is_key(match[1]):
            return match[1], number
    return None


def _line_of_error(message: str, source: str) -> int:
    match = re.search(r"at line ([0-9]+)", message)
    if match:
        return int(match[1])
    return source.rstrip().count("\n") + 1 if "end of document" in message else 0


def _line_of(source: str, header: str, nth: int, name: str) -> int:
    """Where a setting stands; else where its table begins; 0 is the file. Found by searching,
    because tomllib tells no lines: text within longer texts can mislead it."""
    lines = source.split("\n")
    start = 0
    if header:
        heads = _matching(lines, rf"\s*\[+\s*{re.escape(header)}\s*\]")
        if nth >= len(heads):
            return _line_of(source, "", 0, header)
        start = heads[nth]
    body = lines[start : next(iter(_matching(lines, r"\s*\[", start)), len(lines))]
    found = _matching(body, rf"\s*[\"']?{re.escape(name)}[\"']?\s*[=.]")
    if found:
        return start + found[0]
    if header:
        return start
    return next(iter(_matching(lines, rf"\s*\[+\s*{re.escape(name)}\b")), 0)


def _matching(lines: Sequence[str], pattern: str, start: int = 0) -> list[int]:
    """Numbers (1-based) of the lines after `start` that begin with the pattern."""
    return [n for n, line in enumerate(lines, start=1) if n > start and re.match(pattern, line)]
