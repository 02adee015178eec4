"""What a draft still has word for word of the template that it began with."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from lms.courses.actions.beginning import TEMPLATES
from lms.courses.actions.drafts import COURSE_FILE
from lms.courses.rules import Source
from lms.formats.course_folder.content import Problem
from lms.formats.course_folder.front_matter import split
from lms.formats.course_folder.outline import settings_of
from lms.formats.words import Words

SAMPLE = "sample-text"
_TEXT = Words("Teks ini masih contoh dari templat; ganti dengan isi kursus Anda.")
_COURSE = Words(
    "Ringkasan, kegunaan, atau tujuan belajar masih contoh dari templat; tulis yang berlaku bagi "
    "kursus ini."
)
_OF_COURSE = ("summary", "purpose")


def samples_in(source: Source) -> list[Problem]:
    """By file: lessons and questions that are those of a template, and what it says of the
    course."""
    known = _samples()
    found = [
        Problem(path, 0, SAMPLE, _TEXT)
        for path, text in source["texts"].items()
        if path.endswith((".md", ".gift")) and _written(path, text) in known
    ]
    if known & _told(settings_of(COURSE_FILE, source["texts"].get(COURSE_FILE, "")) or {}):
        found.append(Problem(COURSE_FILE, 0, SAMPLE, _COURSE))
    return sorted(found)


@cache
def _samples() -> frozenset[str]:
    found: set[str] = set()
    for path in TEMPLATES.rglob("*"):
        if path.name == COURSE_FILE:
            found |= _told(settings_of(COURSE_FILE, path.read_bytes().decode()) or {})
        elif path.suffix in (".md", ".gift"):
            found.add(_written(path.name, path.read_bytes().decode()))
    return frozenset(found)


def _written(path: str, text: str) -> str:
    """The text without the settings above it, which one changes and forgets the rest."""
    halves = split(text) if path.endswith(".md") else None
    return (halves[1] if halves else text).strip()


def _told(settings: Mapping[str, Any]) -> set[str]:
    goals = settings.get("goals")
    rows = [row for row in goals if isinstance(row, dict)] if isinstance(goals, list) else []
    told = [*(settings.get(name) for name in _OF_COURSE), *(row.get("text") for row in rows)]
    return {each.strip() for each in told if isinstance(each, str) and each.strip()}
