"""Settings written back into the text of a quiz: what is not changed keeps its place, its remarks
and its spelling."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import tomlkit
from tomlkit.items import AoT, Item, Table

Value = str | int | bool | Decimal | datetime | Sequence[str]
Rows = Sequence[Mapping[str, Value]]
Said = Mapping[str, Sequence[Mapping[str, Value]]]  # rows by the name of their table
OF_QUESTIONS = ("hints", "essays", "rubric")  # rows that each name a question
OF_ESSAYS = ("essays", "rubric")


def changed(
    text: str,
    settings: Mapping[str, Value | None],
    tables: Mapping[str, Mapping[str, Value]],
    rows: Mapping[str, Rows],
) -> str:
    """The text with these settings; None, an empty table and no rows take the setting out.

    A row is a mapping of the settings in one `[[name]]`. What is the same already is not touched.
    Raises ValueError when the text is no TOML.
    """
    document = tomlkit.parse(text)
    plain = document.unwrap()
    for name, value in settings.items():
        if value is None:
            document.pop(name, None)
        elif not _same(plain.get(name), _unwrapped(value)):
            _put(document, name, value)
    _put_tables(document, plain, tables)
    for name, wanted in rows.items():
        if not wanted:
            document.pop(name, None)
        elif plain.get(name) != [{k: _unwrapped(v) for k, v in row.items()} for row in wanted]:
            document[name] = _rows_anew(document.get(name), wanted)
    return tomlkit.dumps(document)


def without_questions(text: str, keys: Collection[str]) -> str:
    """The settings without what they say of questions that are gone: hints, words, rubrics."""
    said = tomlkit.parse(text).unwrap()
    return changed(text, {}, {}, {
        name: [each for each in rows if each.get("question") not in keys]
        for name in OF_QUESTIONS
        if (rows := _rows(said, name))
    })  # fmt: skip


def with_essay(text: str, key: str, essay: Mapping[str, Value], rubric: Rows) -> str:
    """The settings in which an essay is told so; an empty mapping takes its own out. Those of
    other questions keep their places, a new one stands last."""
    said = tomlkit.parse(text).unwrap()
    own: dict[str, list[Mapping[str, Value]]] = {
        "essays": [{"question": key, **essay}] if essay else [],
        "rubric": [{"question": key, **row} for row in rubric],
    }
    return changed(text, {}, {}, {name: _put_in(_rows(said, name), key, rows)
                                  for name, rows in own.items()})  # fmt: skip


def _put_in(rows: Rows, key: str, own: Sequence[Mapping[str, Value]]) -> list[Mapping[str, Value]]:
    """The rows of a question in the place of its old ones."""
    first = next((i for i, row in enumerate(rows) if row.get("question") == key), len(rows))
    return [*rows[:first], *own, *(row for row in rows[first:] if row.get("question") != key)]


def _rows(said: Mapping[str, object], name: str) -> list[dict[str, Value]]:
    rows = said.get(name, [])
    return [dict(row) for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def with_removed(text: str, keys: Sequence[str], *, removed: bool) -> str:
    """The settings of a course in which keys are told as left out on purpose, or no longer so."""
    before = list(tomlkit.parse(text).unwrap().get("removed", {}).get("keys", []))
    after = [key for key in before if key not in keys] + (list(keys) if removed else [])
    if before == after:
        return text
    return changed(text, {}, {"removed": {"keys": after} if after else {}}, {})


def _rows_anew(before: object, wanted: Rows) -> AoT:
    """Rows that are as they were keep their remarks, those between them and the next table too."""
    left: list[Table] = list(before.body) if isinstance(before, AoT) else []
    tables = []
    for row in wanted:
        plain = {name: _unwrapped(value) for name, value in row.items()}
        same = next((table for table in left if table.unwrap() == plain), None)
        if same is not None:
            left.remove(same)
        tables.append(_table(row) if same is None else same)
    return AoT(tables)


def _put_tables(
    document: tomlkit.TOMLDocument,
    plain: Mapping[str, object],
    tables: Mapping[str, Mapping[str, Value]],
) -> None:
    for name, table in tables.items():
        if not table:
            document.pop(name, None)
        elif plain.get(name) != {key: _unwrapped(value) for key, value in table.items()}:
            document[name] = _table(table)


def _same(before: object, after: object) -> bool:
    """To Python true is a number too."""
    return before == after and isinstance(before, bool) is isinstance(after, bool)


def _put(document: tomlkit.TOMLDocument, name: str, value: Value) -> None:
    """A new setting goes above the first table, or it would belong to that one."""
    item = _item(value)
    if name in document:
        document[name] = item
        return
    tables = (AoT, Table)
    plain = [key for key, each in document.items() if not isinstance(each, tables)]
    if plain:
        document._insert_after(plain[-1], name, item)
    elif document:
        document._insert_at(0, tomlkit.key(name), item)
    else:
        document.add(name, item)


def _table(values: Mapping[str, Value]) -> Table:
    table = tomlkit.table()
    for name, value in values.items():
        table.add(name, _item(value))
    return table


def _item(value: Value) -> Item:
    if isinstance(value, str) and "\n" in value:
        return tomlkit.string(value, multiline=True)
    return tomlkit.item(_unwrapped(value))


def _unwrapped(value: Value) -> object:
    """As TOML has it: a share of a hundred is a number with a point, a whole one has none."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return list(value)
    return value


def said_by_question(text: str) -> dict[str, dict[str, list[dict[str, Value]]]]:
    """What the settings say of each question, by its key, as `with_said` takes it. Raises
    ValueError when the text is no TOML."""
    said = tomlkit.parse(text).unwrap()
    found: dict[str, dict[str, list[dict[str, Value]]]] = {}
    for name in OF_QUESTIONS:
        for row in _rows(said, name):
            found.setdefault(str(row.get("question", "")), {}).setdefault(name, []).append(row)
    return found


def with_said(text: str, *added: Said) -> str:
    """The settings with this said besides."""
    more: dict[str, list[Mapping[str, Value]]] = {}
    for each in added:
        for name, rows in each.items():
            more.setdefault(name, []).extend(rows)
    if not more:
        return text
    said = tomlkit.parse(text).unwrap()
    return changed(text, {}, {}, {name: [*_rows(said, name), *rows] for name, rows in more.items()})
