"""Learning goals: what a course says of them, and which questions ask for which."""

from decimal import Decimal
from pathlib import Path

import pytest

from lms.formats.course_folder.content import GoalContent, Standing, digest
from lms.formats.course_folder.goals import blueprint
from lms.formats.course_folder.reader import read

from .sample import COURSE, KNOWN, QUESTIONS, QUIZ, Changes, write_course

GOALS = """
[[goals]]
key = "menyapa"
text = "Menyapa warga yang datang"

[[goals]]
key = "mendengar"
text = "Mendengar sampai selesai"
"""
EVIDENCE = 'competency = "M.05"\nlevel = 2\nscore = 62.5\nstanding = "proves"\n'
KEY = (COURSE + GOALS).split("\n").index('key = "mendengar"') + 1  # its line
ASKING = QUESTIONS.replace("[tag:M.01]", "[tag:M.01] [tag:goal.menyapa]")
FILES: Changes = {"course.toml": COURSE + GOALS, "01-awal/02-kuis.gift": ASKING}


def found(root: Path) -> list[tuple[str, int, str]]:
    return [(problem.file, problem.line, problem.code) for problem in read(root, KNOWN)[1]]


def test_a_course_tells_which_questions_ask_for_which_goal(tmp_path: Path) -> None:
    content, problems = read(write_course(tmp_path, FILES), KNOWN)
    assert not problems
    assert content is not None
    greeting = GoalContent("menyapa", "Menyapa warga yang datang")
    listening = GoalContent("mendengar", "Mendengar sampai selesai")
    assert content.goals == (greeting, listening)
    assert blueprint(content) == [(greeting, [("kuis", ["kuis-1"])]), (listening, [])]


def test_goals_are_content_of_the_version(tmp_path: Path) -> None:
    digests = set()
    for name, goals in enumerate(("", GOALS, GOALS.replace("datang", "tiba"))):
        content, _ = read(write_course(tmp_path / str(name), {"course.toml": COURSE + goals}))
        assert content is not None
        digests.add(digest(content))
    assert len(digests) == 3


@pytest.mark.parametrize(
    ("goals", "expected"),
    [
        (GOALS.replace('"mendengar"', '"menyapa"'), (KEY, "goal-doubled")),
        (GOALS.replace('"mendengar"', '"Mendengar"'), (KEY, "key-invalid")),
        (GOALS.replace('"mendengar"', f'"{"a" * 56}"'), (KEY, "key-invalid")),
        (GOALS.replace('key = "mendengar"\n', ""), (KEY - 1, "key-missing")),
        (GOALS.replace('text = "Mendengar', 'teks = "Mendengar'), (KEY - 1, "setting-missing")),
        (GOALS.replace('"Mendengar sampai selesai"', '""'), (KEY + 1, "setting-empty")),
        (GOALS.replace("selesai", "a" * 200), (KEY + 1, "setting-length")),
        (GOALS.replace('"mendengar"', f'"{"a" * 55}"'), None),
        (GOALS + EVIDENCE, None),
        (GOALS + EVIDENCE.replace("M.05", "M.99"), (KEY + 2, "competency-unknown")),
        (GOALS + EVIDENCE.replace("level = 2", "level = 6"), (KEY + 3, "setting-range")),
        (GOALS + EVIDENCE.replace("level = 2\n", ""), (KEY - 1, "setting-missing")),
        (GOALS + EVIDENCE.replace("= 62.5", "= 0"), (KEY + 4, "setting-range")),
        (GOALS + EVIDENCE.replace("= 62.5", "= 100.5"), (KEY + 4, "setting-range")),
        (GOALS + EVIDENCE.replace("score = 62.5\n", ""), (KEY - 1, "setting-missing")),
        (GOALS + EVIDENCE.replace('"proves"', '"shows"'), (KEY + 5, "setting-choice")),
        (GOALS + "level = 2\n", (KEY + 2, "goal-without-competency")),
        (GOALS + 'standing = "proves"\n', (KEY + 2, "goal-without-competency")),
    ],
)
def test_what_is_wrong_with_a_goal_is_told_by_line(
    tmp_path: Path, goals: str, expected: tuple[int, str] | None
) -> None:
    course = write_course(tmp_path, {**FILES, "course.toml": COURSE + goals})
    told = [(line, code) for file, line, code in found(course) if file == "course.toml"]
    assert (expected in told) if expected else (told == [])


def test_a_tag_that_names_no_goal_is_refused(tmp_path: Path) -> None:
    changes: Changes = {**FILES, "01-awal/02-kuis.gift": ASKING.replace("goal.m", "goal.n")}
    assert found(write_course(tmp_path / "a", changes)) == [
        ("01-awal/02-kuis.gift", 2, "goal-unknown")
    ]
    without = write_course(tmp_path / "b", {**FILES, "course.toml": COURSE})
    assert found(without) == [("01-awal/02-kuis.gift", 2, "goal-unknown")]
    # Where the settings cannot be read, nobody knows the goals.
    broken = write_course(tmp_path / "c", {**FILES, "course.toml": COURSE + "x = ["})
    assert [code for _, _, code in found(broken)] == ["toml-syntax"]


def test_a_goal_can_be_evidence_of_a_competency(tmp_path: Path) -> None:
    changes: Changes = {**FILES, "course.toml": COURSE + GOALS + EVIDENCE}
    content, problems = read(write_course(tmp_path, changes), KNOWN)
    assert content is not None, problems
    assert content.goals[1] == GoalContent(
        "mendengar", "Mendengar sampai selesai", "M.05", 2, Decimal("62.5"), Standing.PROVES
    )
    assert content.goals[0].competency == ""


def test_only_questions_that_a_section_takes_count(tmp_path: Path) -> None:
    sections = QUIZ + '[[sections]]\ntag = "M.01"\n[[sections]]\n'
    content, problems = read(
        write_course(tmp_path, {**FILES, "01-awal/02-kuis.toml": sections}), KNOWN
    )
    assert content is not None, problems
    assert blueprint(content)[0][1] == [("kuis", ["kuis-1"])]
