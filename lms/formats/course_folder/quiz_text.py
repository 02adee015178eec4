"""Settings written back into the text of a quiz: what is not changed keeps its place, its remarks
and its spelling."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import tomlkit
from tomlkit.items import AoT, Item, Table

Value = str | int | bool | Decimal | datetime | Sequence[str]
Rows = Sequence[Mapping[str, Value]]


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
            document[name] = AoT([_table(row) for row in wanted])
    return tomlkit.dumps(document)


def without_hints(text: str, key: str) -> str:
    """The settings without the hints of a question that is gone."""
    document = tomlkit.parse(text)
    hints = document.get("hints")
    if not isinstance(hints, AoT):
        return text
    kept = [each.unwrap() for each in hints if each.get("question") != key]
    return text if len(kept) == len(hints) else changed(text, {}, {}, {"hints": kept})


def with_removed(text: str, keys: Sequence[str], *, removed: bool) -> str:
    """The settings of a course in which keys are told as left out on purpose, or no longer so."""
    before = list(tomlkit.parse(text).unwrap().get("removed", {}).get("keys", []))
    after = [key for key in before if key not in keys] + (list(keys) if removed else [])
    if before == after:
        return text
    return changed(text, {}, {"removed": {"keys": after} if after else {}}, {})


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


def hints_of(text: str, key: str) -> list[dict[str, Value]]:
    """The hints of a question, as `with_hints` takes them."""
    hints = tomlkit.parse(text).unwrap().get("hints", [])
    return [dict(each) for each in hints if isinstance(each, dict) and each.get("question") == key]


def with_hints(text: str, added: Sequence[Mapping[str, Value]]) -> str:
    if not added:
        return text
    before = tomlkit.parse(text).unwrap().get("hints", [])
    return changed(text, {}, {}, {"hints": [*before, *added]})
