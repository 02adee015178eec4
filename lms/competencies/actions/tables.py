"""The dictionary and the standards from a table: what each row would change, and the change.

Rows are looked at as they would be written; nothing is, before somebody has seen the difference.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import partial

from flask_babel import gettext

from lms.accounts.rules import PositionTier
from lms.competencies import rules
from lms.competencies.actions import dictionary as acts
from lms.competencies.actions.dictionary import Requirement, Wording
from lms.competencies.models import Competency
from lms.competencies.queries import dictionary, standards
from lms.competencies.queries.standards import Target
from lms.competencies.rules import CompetencyKind, RatingRule
from lms.core import clock
from lms.core.access import Actor
from lms.core.errors import DomainError
from lms.formats.table_file import CELL_MAX

ROWS_MAX = 1000
Row = tuple[int, Sequence[str]]


class Table(StrEnum):
    """What a table holds."""

    DICTIONARY = "dictionary"
    STANDARDS = "standards"


COLUMNS: dict[Table, tuple[str, ...]] = {
    Table.DICTIONARY: (
        "kode", "jenis", "bidang", "nama", "nama_en", "definisi",
        "tingkat_1", "tingkat_2", "tingkat_3", "tingkat_4", "tingkat_5",
        "aturan_tingkat",
    ),
    Table.STANDARDS: (
        "jenjang", "jabatan", "nama_jabatan", "kompetensi", "tingkat", "bobot", "mulai", "dasar",
    ),
}  # fmt: skip
# What a table may leave out: a name to read by; what stays as it is, or is the usual when new.
_OPTIONAL = {"nama_jabatan", "aturan_tingkat"}
# Columns of a table by the field that an action refuses.
_COLUMN = {
    "code": "kode", "kind": "jenis", "name": "nama", "field": "bidang", "definition": "definisi",
    **{f"level_{n}": f"tingkat_{n}" for n in range(1, rules.LEVELS + 1)},
    "start_on": "mulai", "level": "tingkat", "weight": "bobot", "source": "dasar",
    "competency": "kompetensi", "rating_rule": "aturan_tingkat",
}  # fmt: skip


class LineState(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    WRONG = "wrong"


@dataclass(frozen=True)
class Line:
    """What a row of the table would do. `changes`: (column, before, after); `errors`: (column,
    what is wrong); `act` does it."""

    number: int
    key: str
    state: LineState
    changes: tuple[tuple[str, str, str], ...] = ()
    errors: tuple[tuple[str, str], ...] = ()
    act: Callable[[], object] | None = None


def lines_of(actor: Actor, table: Table, rows: Sequence[Row]) -> list[Line]:
    """What each row would do. Only reads. Raises DomainError where the table as a whole is none."""
    dictionary.assert_may_manage(actor)
    return list(_lines(actor, table, rows))


def sum_of(lines: Sequence[Line]) -> str:
    """A digest of what would happen, to notice that it has become something else."""
    seen = [(line.number, line.key, line.state, line.changes, line.errors) for line in lines]
    return hashlib.sha256(repr(seen).encode()).hexdigest()


def apply(lines: Sequence[Line]) -> int:
    """Do what the right rows would do, in the open transaction; how many they were."""
    acts_of = [line.act for line in lines if line.act is not None]
    for act in acts_of:
        act()
    return len(acts_of)


def _lines(actor: Actor, table: Table, rows: Sequence[Row]) -> Iterator[Line]:
    if len(rows) > ROWS_MAX + 1:
        raise DomainError(gettext("Paling banyak %(num)s baris sekaligus", num=ROWS_MAX), "file")
    if len(rows) < 2:
        raise DomainError(gettext("Berkas ini tidak berisi baris"), "file")
    headings = _headings(table, rows[0][1])
    reader = _Dictionary(actor) if table is Table.DICTIONARY else _Standards(actor)
    for number, cells in rows[1:]:
        values = dict.fromkeys(COLUMNS[table], "") | dict(
            zip(headings, map(_plain, cells), strict=False)
        )
        long = [(name, gettext("Terlalu panjang")) for name in values if _is_cut(values[name])]
        try:
            yield (
                Line(number, "", LineState.WRONG, errors=tuple(long))
                if long
                else reader.line(number, values)
            )
        except DomainError as error:
            column = _COLUMN.get(error.field or "", "")
            yield Line(number, "", LineState.WRONG, errors=((column, error.message),))


def _plain(cell: str) -> str:
    """Without the apostrophe that our own tables put before what a spreadsheet would run."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@") else cell


def _is_cut(value: str) -> bool:
    return len(value) >= CELL_MAX


def _headings(table: Table, cells: Sequence[str]) -> list[str]:
    found = [cell.strip().lower() for cell in cells]
    missing = [name for name in COLUMNS[table] if name not in found and name not in _OPTIONAL]
    unknown = [name for name in found if name not in COLUMNS[table]]
    if missing or unknown or len(set(found)) != len(found):
        raise DomainError(
            gettext("Baris pertama harus berisi kolom: %(names)s", names=", ".join(COLUMNS[table])),
            "file",
        )
    return found


def _limited(values: Mapping[str, str], column: str, field: str, most: int) -> str:
    value = " ".join(values[column].split())
    if not value:
        raise DomainError(gettext("Harus diisi"), field)
    if len(value) > most:
        raise DomainError(gettext("Paling banyak %(max)d karakter.", max=most), field)
    return value


def _whole(values: Mapping[str, str], column: str, low: int, high: int) -> int:
    value = values[column]
    if not (value.isascii() and value.isdecimal()) or not low <= int(value[:4]) <= high:
        field = "level" if column == "tingkat" else "weight"
        raise DomainError(
            gettext("Isi bilangan bulat %(low)s sampai %(high)s", low=low, high=high), field
        )
    return int(value)


class _Once:
    """Notices a key that comes twice in one table."""

    def __init__(self) -> None:
        self._rows: dict[str, int] = {}

    def check(self, key: str, number: int, field: str) -> None:
        before = self._rows.setdefault(key, number)
        if before != number:
            raise DomainError(gettext("Sudah ada pada baris %(num)s", num=before), field)


class _Dictionary:
    """Rows of the dictionary, one competency each."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        self._known = {row.code: row for row in dictionary.whole_dictionary()}
        self._once = _Once()

    def line(self, number: int, values: Mapping[str, str]) -> Line:
        code = values["kode"]
        acts.check_code(code)
        self._once.check(code, number, "code")
        if values["jenis"] not in set(CompetencyKind):
            kinds = ", ".join(CompetencyKind)
            raise DomainError(gettext("Isi salah satu: %(kinds)s", kinds=kinds), "kind")
        known = self._known.get(code)
        rule = known.rating_rule if known else RatingRule.HIGHEST
        kind, wording = CompetencyKind(values["jenis"]), _wording(values, rule)
        acts.check_wording(kind, wording)
        reason = gettext("Impor tabel")
        if known is None:
            act = partial(
                acts.add_competency, self._actor, code=code, kind=kind, wording=wording,
                reason=reason,
            )  # fmt: skip
            return Line(number, code, LineState.NEW, _differences(None, wording), act=act)
        if known.kind is not kind:
            raise DomainError(gettext("Jenis kompetensi yang sudah ada tidak dapat diubah"), "kind")
        changes = _differences(acts.wording_of(known), wording)
        if not changes:
            return Line(number, code, LineState.SAME)
        change = partial(acts.change_competency, self._actor, known, wording=wording, reason=reason)
        return Line(number, code, LineState.CHANGED, changes, act=change)


def _wording(values: Mapping[str, str], rule: RatingRule) -> Wording:
    """What a row says; `rule` where it says nothing of how the level is rated."""
    for column, field in (("nama_en", "name"), ("bidang", "field")):
        if len(values[column]) > rules.NAME_MAX:
            raise DomainError(gettext("Paling banyak %(max)d karakter.", max=rules.NAME_MAX), field)
    if values["aturan_tingkat"] not in {"", *RatingRule}:
        names = ", ".join(RatingRule)
        raise DomainError(gettext("Isi salah satu: %(kinds)s", kinds=names), "rating_rule")
    return Wording(
        name=_limited(values, "nama", "name", rules.NAME_MAX),
        name_en=" ".join(values["nama_en"].split()) or None,
        field=" ".join(values["bidang"].split()) or None,
        definition=_limited(values, "definisi", "definition", rules.TEXT_MAX),
        levels=[rules.indicators(values[f"tingkat_{n}"]) for n in range(1, rules.LEVELS + 1)],
        rating_rule=RatingRule(values["aturan_tingkat"] or rule),
    )


def _differences(before: Wording | None, after: Wording) -> tuple[tuple[str, str, str], ...]:
    old = _said(before) if before else dict.fromkeys(_said(after), "")
    return tuple(
        (column, old[column], value)
        for column, value in _said(after).items()
        if old[column] != value
    )


def _said(wording: Wording) -> dict[str, str]:
    levels = enumerate(wording.levels, start=1)
    return {
        "nama": wording.name, "nama_en": wording.name_en or "", "bidang": wording.field or "",
        "definisi": wording.definition, **{f"tingkat_{n}": "\n".join(each) for n, each in levels},
        "aturan_tingkat": wording.rating_rule.value,
    }  # fmt: skip


class _Standards:
    """Rows of standards, one competency of one position or tier each."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        self._today = clock.today(actor.time_zone)
        self._known = {row.code: row for row in dictionary.whole_dictionary()}
        self._once = _Once()

    def line(self, number: int, values: Mapping[str, str]) -> Line:
        target = _target(values)
        competency = self._known.get(values["kompetensi"])
        if competency is None:
            raise DomainError(gettext("Tidak ada kompetensi dengan kode ini"), "competency")
        key = f"{values['jenjang'] or values['jabatan']} · {competency.code}"
        self._once.check(key, number, "competency")
        requirement = Requirement(
            level=_whole(values, "tingkat", 0, rules.LEVELS),
            weight=_whole(values, "bobot", 1, rules.WEIGHT_MAX),
            start_on=_day(values["mulai"]),
            source=_limited(values, "dasar", "source", rules.SOURCE_MAX),
        )
        before = acts.row_before(target, competency, requirement, self._today)
        if before is not None and acts.is_same(before, requirement):
            return Line(number, key, LineState.SAME)
        old = ("", "", "")
        if before is not None:
            old = (str(before.required_level), str(before.weight), before.source)
        new = (str(requirement.level), str(requirement.weight), requirement.source)
        columns = zip(("tingkat", "bobot", "dasar"), old, new, strict=True)
        changes = tuple((column, a, b) for column, a, b in columns if a != b)
        return Line(
            number, key, LineState.CHANGED if before else LineState.NEW,
            (*changes, ("mulai", "", requirement.start_on.isoformat())),
            act=partial(_set, self._actor, target, competency, requirement),
        )  # fmt: skip


def _set(actor: Actor, target: Target, competency: Competency, requirement: Requirement) -> bool:
    return acts.set_standard(actor, target, competency, requirement)


def _target(values: Mapping[str, str]) -> Target:
    tier, code = values["jenjang"], values["jabatan"]
    if bool(tier) == bool(code):
        raise DomainError(gettext("Isi jenjang atau jabatan, salah satu saja"))
    if code:
        found = standards.target_by_code(code)
        if found is None:
            raise DomainError(gettext("Tidak ada jabatan dengan kode ini: %(code)s", code=code))
        return found
    if tier not in set(PositionTier):
        raise DomainError(gettext("Tidak ada jenjang ini: %(tier)s", tier=tier))
    return Target(PositionTier(tier))


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise DomainError(gettext("Isi tanggal, misalnya 2026-12-31."), "start_on") from error
