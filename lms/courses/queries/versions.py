"""How two versions of a course differ, and what was said of the draft that one was made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lms.core.db import db
from lms.core.errors import NotFound
from lms.courses.models import Course, CourseVersion, VersionComment
from lms.courses.rules import Source
from lms.formats.course_folder.outline import settings_of


@dataclass(frozen=True)
class Change:
    """A file that differs. `before` and `after` are its paths, "" where it was not there or is not
    any more; with the same text it only moved. `title` is what its settings say, or its path."""

    title: str
    before: str
    after: str
    is_text: bool
    has_moved: bool


def version_for(course: Course, number: int) -> CourseVersion:
    """Raises NotFound for a number that the course does not have."""
    found = db.session.scalar(
        select(CourseVersion).where(
            CourseVersion.course_id == course.id, CourseVersion.number == number
        )
    )
    if found is None:
        raise NotFound
    return found


def changes(before: Source, after: Source) -> list[Change]:
    """What differs, in the order of the later one. A file is the same by its key, wherever it
    stands; one without a key, and a medium, by its path."""
    found = _of_texts(before["texts"], after["texts"])
    old, new = before["media"], after["media"]
    found += [
        Change(
            path, path if path in old else "", path if path in new else "",
            is_text=False, has_moved=False,
        )
        for path in sorted({*old, *new})
        if old.get(path) != new.get(path)
    ]  # fmt: skip
    return found


def _of_texts(before: Mapping[str, str], after: Mapping[str, str]) -> list[Change]:
    old, new = _by_key(before), _by_key(after)
    found = []
    for key in [*new, *(key for key in old if key not in new)]:
        was, now = old.get(key, ""), new.get(key, "")
        if was and now and before[was] == after[now] and was == now:
            continue
        texts, path = (after, now) if now else (before, was)
        has_moved = bool(was and now) and before[was] == after[now]
        found.append(Change(_title(texts, path), was, now, is_text=True, has_moved=has_moved))
    return found


def _by_key(texts: Mapping[str, str]) -> dict[str, str]:
    """Paths by what stays the same of a file; questions go with the settings beside them."""
    found: dict[str, str] = {}
    for path in sorted(texts):
        beside = path.removesuffix(".gift") + ".toml" if path.endswith(".gift") else path
        key = (settings_of(beside, texts.get(beside, "")) or {}).get("key")
        suffix = path.rpartition(".")[2]
        name = f"{suffix}:{key}" if isinstance(key, str) and key else path
        found[path if name in found else name] = path
    return found


def _title(texts: Mapping[str, str], path: str) -> str:
    beside = path.removesuffix(".gift") + ".toml" if path.endswith(".gift") else path
    title = (settings_of(beside, texts.get(beside, "")) or {}).get("title")
    return title if isinstance(title, str) and title.strip() else path


def comments_of(version: CourseVersion) -> Sequence[VersionComment]:
    """In the order in which they were written."""
    return db.session.scalars(
        select(VersionComment)
        .where(VersionComment.version_id == version.id)
        .options(joinedload(VersionComment.written_by))
        .order_by(VersionComment.id)
    ).all()
