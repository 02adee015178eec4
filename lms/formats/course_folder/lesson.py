"""One lesson of a course folder by itself, while it is being written."""

from collections.abc import Collection
from dataclasses import dataclass

from lms.formats.course_folder import craft, markup
from lms.formats.course_folder.content import MediaContent, Problem
from lms.formats.course_folder.front_matter import split
from lms.formats.course_folder.parts import part_of
from lms.formats.course_folder.reading import Media, Reading, media_in
from lms.formats.course_folder.tree import Tree


@dataclass(frozen=True)
class LessonLook:
    """What is wrong with the file, what could be better, and the media that its text names, by name
    as written and as stored."""

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    media: Media
    files: tuple[MediaContent, ...]


def look_at(tree: Tree, file: str, parts: Collection[str]) -> LessonLook:
    """Read one lesson of a folder; of the others only the media. `parts` are the keys of all. What
    else concerns several files (a key used twice, what requires what) shows when the whole course
    is checked."""
    reading = Reading(tree)
    module, _, name = file.partition("/")
    for folder in ("media", f"{module}/media"):
        if reading.is_folder(folder):
            reading.take_media(folder)
    reading.problems.clear()  # what is wrong with media themselves is told in their library
    part_of(reading, module, name, "")
    reading.note_dead_links(parts.__contains__)
    problems = sorted({problem for problem in reading.problems if problem.file == file})
    text = reading.text(file) or ""
    halves = split(text)
    body = halves[1] if halves else text
    warnings = [
        *craft.long_lesson(markup.word_count(body), file),
        *craft.short_texts(dict.fromkeys(reading.images)),
        *craft.loose_media(dict.fromkeys(reading.played)),
    ]
    media = media_in(reading, module, file, body)
    return LessonLook(
        tuple(problems), tuple(sorted(warnings)), media, tuple(reading.named.values())
    )
