"""Parts that need not be done: read from every kind of part, and what cannot be so."""

from dataclasses import replace
from pathlib import Path

import pytest

from lms.formats.course_folder.content import digest
from lms.formats.course_folder.outline import outline
from lms.formats.course_folder.reader import read

from .sample import COURSE, KNOWN, LESSON, QUIZ, SECOND_LESSON, Changes, write_course

SAPA, KUIS = "01-awal/01-sapa.md", "01-awal/02-kuis.toml"
SECOND, PAMIT = "02-akhir/module.toml", "02-akhir/01-pamit.md"


def lesson(text: str, *lines: str) -> str:
    return text.replace("minutes", "\n".join([*lines, "minutes"]), 1)


def test_a_lesson_that_is_optional_counts_into_no_minutes(tmp_path: Path) -> None:
    content, problems = read(
        write_course(tmp_path, {SAPA: lesson(LESSON, "optional = true")}), KNOWN
    )
    assert problems == []
    assert content is not None
    assert next(part.optional for module in content.modules for part in module.parts)
    required = [p.minutes for module in content.modules for p in module.parts if not p.optional]
    assert content.minutes == sum(required)


def test_the_digest_knows_an_optional_part_and_no_required_one(tmp_path: Path) -> None:
    content, _ = read(write_course(tmp_path / "a"), KNOWN)
    said, _ = read(write_course(tmp_path / "b", {SAPA: lesson(LESSON, "optional = false")}), KNOWN)
    changed, _ = read(
        write_course(tmp_path / "c", {SAPA: lesson(LESSON, "optional = true")}), KNOWN
    )
    assert content is not None
    assert said is not None
    assert changed is not None
    assert digest(content) == digest(said) != digest(changed)
    assert digest(replace(changed, slug="lain")) == digest(changed)


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({SAPA: lesson(LESSON, 'optional = "ya"')}, ["setting-type"]),
        # Nothing is left then of which a final score could be made.
        ({KUIS: f"{QUIZ}optional = true\n"}, ["optional-weight"]),
        (
            {
                KUIS: QUIZ.replace("weight = 1", "optional = true"),
                "course.toml": COURSE.replace("score = 70", "score = 0"),
            },
            [],
        ),
        (
            {
                SAPA: lesson(LESSON, "optional = true"),
                PAMIT: lesson(SECOND_LESSON, "optional = true"),
                KUIS: QUIZ.replace("weight = 1", "optional = true"),
                "course.toml": COURSE.replace("score = 70", "score = 0"),
            },
            ["course-optional"],
        ),
        (
            {
                SAPA: lesson(LESSON, "optional = true"),
                PAMIT: lesson(SECOND_LESSON, 'requires = ["sapa"]'),
            },
            ["requires-optional"],
        ),
        (
            {
                SAPA: lesson(LESSON, "optional = true"),
                PAMIT: lesson(SECOND_LESSON, "optional = true", 'requires = ["sapa"]'),
            },
            [],
        ),
        (  # a module means its required parts
            {
                SAPA: lesson(LESSON, "optional = true"),
                PAMIT: lesson(SECOND_LESSON, 'requires = ["awal"]'),
            },
            [],
        ),
        (  # of which this one has none
            {
                PAMIT: lesson(SECOND_LESSON, "optional = true"),
                SAPA: lesson(LESSON, 'requires = ["akhir"]'),
            },
            ["requires-optional"],
        ),
        (  # a module waits with all its parts
            {
                SAPA: lesson(LESSON, "optional = true"),
                SECOND: 'title = "Akhir"\nkey = "akhir"\nrequires = ["sapa"]\n',
            },
            ["requires-optional"],
        ),
    ],
)
def test_what_is_checked(tmp_path: Path, changes: Changes, codes: list[str]) -> None:
    _, problems = read(write_course(tmp_path, changes), KNOWN)
    assert [problem.code for problem in problems] == codes


def test_the_outline_of_a_draft_knows_it() -> None:
    (module,) = outline({SAPA: lesson(LESSON, "optional = true"), KUIS: QUIZ})
    assert [part.optional for part in module.parts] == [True, False]
