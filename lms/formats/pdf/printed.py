"""What stands on a certificate, and how it is kept: as values that JSON keeps exactly; and
what stands on a transcript. No drawing here: its library takes 20 MB of a process."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Taught:
    """A module with its learning time and its share of the hours."""

    title: str
    minutes: int
    jp: Decimal


@dataclass(frozen=True)
class Reached:
    """A competency and the level that the course leads to."""

    name: str
    name_en: str
    level: int


@dataclass(frozen=True)
class Printed:
    """Everything that stands on a certificate, frozen at its issue. `logo` is the digest of a file,
    "" for the product's mark; `replaces` the number of the certificate before it, "" for none."""

    number: str
    code: str
    address: str
    office: str
    issuer: str
    organiser: str
    name: str
    nip: str
    is_pppk: bool
    position: str
    unit: str
    course: str
    version: int
    language: str
    jp: Decimal
    started_on: date
    completed_on: date
    score: Decimal | None
    competencies: tuple[Reached, ...]
    modules: tuple[Taught, ...]
    place: str
    issued_on: date
    signatory: str
    signatory_position: str
    valid_until: date | None
    logo: str = ""
    replaces: str = ""


def to_plain(printed: Printed) -> dict[str, Any]:
    """As values that JSON keeps exactly: no floats, dates and decimals as text."""
    return {name: _plain(value) for name, value in asdict(printed).items()}


def from_plain(plain: Mapping[str, Any]) -> Printed:
    values = {field.name: plain[field.name] for field in fields(Printed)}
    for name in ("started_on", "completed_on", "issued_on", "valid_until"):
        values[name] = date.fromisoformat(values[name]) if values[name] else None
    values["jp"] = Decimal(values["jp"])
    values["score"] = None if values["score"] is None else Decimal(values["score"])
    values["competencies"] = tuple(Reached(**row) for row in values["competencies"])
    values["modules"] = tuple(
        Taught(**{**row, "jp": Decimal(row["jp"])}) for row in values["modules"]
    )
    return Printed(**values)


def printed_digest(plain: Mapping[str, Any]) -> str:
    """SHA-256 (hex) over what is printed. It holds the code, which nobody can guess, so that the
    digest alone does not give away a name."""
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else value


# ── The transcript ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Entry:
    """A row: cells as they are read, and the address that vouches for it, "" for none."""

    cells: tuple[str, ...]
    address: str


@dataclass(frozen=True)
class Transcript:
    """Everything on the sheet, in the reader's language. `facts` are pairs of label and value."""

    office: str
    title: str
    facts: tuple[tuple[str, str], ...]
    headings: tuple[str, ...]
    entries: tuple[Entry, ...]
    total: tuple[str, str]
    notes: tuple[str, ...]
    foot: str
