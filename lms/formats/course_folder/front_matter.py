"""A lesson's file in its two halves: the settings between lines +++, and the text below them."""

from dataclasses import dataclass

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Integer, String

from lms.formats.gift.questions import is_key

MARK = "+++"


@dataclass(frozen=True)
class LessonText:
    """A lesson as its form shows it; `minutes` None where none are set, `key` empty where none will
    do. `above` is how many lines of the file stand above the first line of `body`."""

    key: str
    title: str
    minutes: int | None
    body: str
    above: int


def split(text: str) -> tuple[str, str, int] | None:
    """The settings, what stands below them, and the number of lines above the latter; None where
    there are none. `text` has plain line ends."""
    lines = text.split("\n")
    marks = [number for number, line in enumerate(lines) if line.rstrip() == MARK][:2]
    if len(marks) != 2 or marks[0] != 0:
        return None
    end = marks[1]
    return "\n".join(lines[1:end]), "\n".join(lines[end + 1 :]), end + 1


def lesson_text(text: str) -> LessonText | None:
    """What a form can edit of a lesson; None where its settings cannot be read."""
    halves = split(plain(text))
    if halves is None:
        return None
    front, below, above = halves
    try:
        settings = tomlkit.parse(front)
    except (TOMLKitError, ValueError, RecursionError):
        return None
    key, title, minutes = (settings.get(name) for name in ("key", "title", "minutes"))
    body = below.strip("\n")
    above += len(below) - len(below.lstrip("\n")) if body else 0
    return LessonText(
        str(key) if isinstance(key, String) and is_key(str(key)) else "",
        str(title) if isinstance(title, String) else "",
        int(minutes) if isinstance(minutes, Integer) else None,
        body,
        above,
    )


def with_lesson_text(text: str, title: str, minutes: int, body: str) -> str:
    """The file with what a form says in it. Other settings and remarks stay, and where nothing is
    said anew so does every byte. The settings must be readable (`lesson_text`)."""
    body = plain(body).strip("\n")
    before = lesson_text(text)
    halves = split(plain(text))
    assert before is not None
    assert halves is not None
    if (before.title, before.minutes, before.body) == (title, minutes, body):
        return text
    front, below, _ = halves
    settings = tomlkit.parse(front)
    if before.title != title:
        settings["title"] = title
    if before.minutes != minutes:
        settings["minutes"] = minutes
    front = tomlkit.dumps(settings).rstrip("\n")
    lead = below[: len(below) - len(below.lstrip("\n"))] if before.body else "\n"
    tail = below[len(below.rstrip("\n")) :] if before.body else "\n"
    return f"{MARK}\n{front}\n{MARK}\n{lead}{body}{tail}"


def plain(text: str) -> str:
    """With plain line ends, and without the mark that some editors put before UTF-8."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
