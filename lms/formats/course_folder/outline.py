"""The outline of a course folder as far as its texts can be read: no fault stops it.

For whoever writes the course; what is wrong with it is the reader's matter (`reader`).
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lms.formats.course_folder.front_matter import split

LESSON, QUIZ = "lesson", "quiz"
_KINDS = ("video", "audio", "document", "image")
_MODULE = "module.toml"
_NUMBER = re.compile(r"\d\d-")


@dataclass(frozen=True)
class OutlinePart:
    """`path` is the file with its settings. `kind` is lesson, quiz, or what a file is. `title` is
    the file's name where the settings say none; `is_faulty`: they cannot be read. `opens` is local
    to the site, without a zone; `opens_after` days after the learner has begun."""

    path: str
    kind: str
    key: str
    title: str
    minutes: int
    requires: tuple[str, ...]
    is_faulty: bool
    optional: bool
    opens: datetime | None
    opens_after: int


@dataclass(frozen=True)
class OutlineModule:
    """`path` is the folder; `file` its settings, "" where there are none."""

    path: str
    file: str
    key: str
    title: str
    requires: tuple[str, ...]
    is_faulty: bool
    parts: tuple[OutlinePart, ...]


def outline(texts: Mapping[str, str]) -> tuple[OutlineModule, ...]:
    """Modules and parts of a folder in their order, from its texts by path."""
    folders = dict.fromkeys(path.split("/")[0] for path in sorted(texts) if "/" in path)
    return tuple(_module(folder, texts) for folder in folders if folder != "media")


def settings_of(path: str, text: str) -> dict[str, Any] | None:
    """The settings of a file: all of a .toml, those above a lesson. None: they cannot be read."""
    if path.endswith(".md"):
        found = split(text)
        if found is None:
            return None
        text = found[0]
    try:
        return tomllib.loads(text)
    except (ValueError, ArithmeticError, RecursionError):
        return None


def title_of(text: str) -> str:
    """What a course.toml calls the course, or ""."""
    return _text(settings_of("course.toml", text) or {}, "title")


def _module(folder: str, texts: Mapping[str, str]) -> OutlineModule:
    file = f"{folder}/{_MODULE}"
    values = settings_of(file, texts[file]) if file in texts else {}
    names = sorted(
        path
        for path in texts
        if path.startswith(f"{folder}/") and path != file and path.endswith((".md", ".toml"))
    )
    return OutlineModule(
        path=folder,
        file=file if file in texts else "",
        key=_text(values, "key"),
        title=_text(values, "title") or _named(folder),
        requires=_words(values, "requires"),
        is_faulty=values is None,
        parts=tuple(_part(path, texts[path]) for path in names),
    )


def _part(path: str, text: str) -> OutlinePart:
    values = settings_of(path, text)
    stem = path.rpartition("/")[2].rpartition(".")[0]
    opens = (values or {}).get("opens")
    return OutlinePart(
        path=path,
        kind=_kind(path, values),
        key=_text(values, "key"),
        title=_text(values, "title") or _named(stem),
        minutes=_whole(values, "minutes"),
        requires=_words(values, "requires"),
        is_faulty=values is None,
        optional=(values or {}).get("optional") is True,
        opens=opens if isinstance(opens, datetime) and opens.tzinfo is None else None,
        opens_after=_whole(values, "opens_after"),
    )


def _kind(path: str, values: dict[str, Any] | None) -> str:
    if path.endswith(".md"):
        return LESSON
    kind = _text(values, "kind")
    return kind if kind in _KINDS else QUIZ


def _text(values: dict[str, Any] | None, name: str) -> str:
    value = (values or {}).get(name)
    return value.strip()[:120] if isinstance(value, str) else ""


def _whole(values: dict[str, Any] | None, name: str) -> int:
    value = (values or {}).get(name)
    return value if type(value) is int else 0


def _words(values: dict[str, Any] | None, name: str) -> tuple[str, ...]:
    value = (values or {}).get(name)
    return tuple(w for w in value if isinstance(w, str)) if isinstance(value, list) else ()


def _named(stem: str) -> str:
    """What a file or folder is called by its name alone: 02-menyapa-warga is "menyapa warga"."""
    return _NUMBER.sub("", stem, count=1).replace("-", " ")
