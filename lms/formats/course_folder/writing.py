"""Settings written into the texts of a course folder; what else stands there stays as it is."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from decimal import Decimal

import tomlkit
from tomlkit.exceptions import TOMLKitError

from lms.formats.course_folder.front_matter import split

KEY_WORDS = 50  # characters of a key that a title becomes; a number may follow
_NUMBER = re.compile(r"\d\d-")


def with_settings(path: str, text: str, changes: Mapping[str, object]) -> str:
    """The text of a file with settings changed; None takes one out. The very same values change
    no byte. Raises ValueError where the settings cannot be read."""
    if not path.endswith(".md"):
        return _changed(text, changes)
    halves = split(text)
    if halves is None:
        raise ValueError("no settings above the lesson")
    settings = _changed(halves[0] + "\n", changes)
    return f"+++\n{settings}+++\n{halves[1]}"


def _changed(text: str, changes: Mapping[str, object]) -> str:
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise ValueError(str(error)) from error
    before = document.unwrap()
    for name, value in changes.items():
        if value is None:
            document.pop(name, None)
        elif isinstance(value, Mapping) and isinstance(before.get(name), dict):
            for inner, each in value.items():
                if before[name].get(inner) != _plain(each):
                    document[name][inner] = _plain(each)
        elif before.get(name) != _plain(value):
            if isinstance(value, list):
                document.pop(name, None)  # else a table stays in the form that it had
            document[name] = tomlkit.item(_plain(value))
    return tomlkit.dumps(document)


def settings_text(values: Mapping[str, object]) -> str:
    """New settings, in the order given."""
    document = tomlkit.document()
    for name, value in values.items():
        document[name] = tomlkit.item(_plain(value))
    return tomlkit.dumps(document)


def lesson_text(values: Mapping[str, object], body: str) -> str:
    return f"+++\n{settings_text(values)}+++\n\n{body}"


def with_removed(text: str, keys: Collection[str], *, removed: bool) -> str:
    """The settings of a course in which keys are left out on purpose, or no longer so. A text that
    cannot be read stays as it is."""
    try:
        table = tomlkit.parse(text).unwrap().get("removed")
        before = list(table["keys"]) if table else []
        after = [key for key in before if key not in keys] + (sorted(keys) if removed else [])
        if not after:
            return with_settings("course.toml", text, {"removed": None}).rstrip("\n") + "\n"
        return with_settings("course.toml", text, {"removed": {"keys": after}})
    except (TOMLKitError, ValueError, KeyError, TypeError):
        return text


def slug_of(title: str, taken: Collection[str] = (), *, fallback: str = "bagian") -> str:
    """A key or address that a title becomes: its words in lower case, and a number where that is
    taken already."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = "-".join(re.findall(r"[a-z0-9]+", plain))[:KEY_WORDS].strip("-") or fallback
    slug, number = words, 2
    while slug in taken:
        slug, number = f"{words}-{number}", number + 1
    return slug


def numbered(name: str, number: int) -> str:
    """02-menyapa as the fifth: 05-menyapa. Raises ValueError above 99."""
    if number > 99:
        raise ValueError("no more than 99")
    return f"{number:02}-{_NUMBER.sub('', name, count=1)}"


def _plain(value: object) -> object:
    """As TOML has it: a decimal is a whole number or one with a point."""
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
