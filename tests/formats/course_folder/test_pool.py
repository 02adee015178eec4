"""Quizzes that ask the questions of another one."""

from pathlib import Path

import pytest

from lms.formats.course_folder.content import CourseContent, QuizContent, SectionContent
from lms.formats.course_folder.reader import read

from .sample import KNOWN, QUESTIONS, QUIZ, Changes, write_course

# Before the quiz whose questions it asks, and in another module.
FILE = "00-mula/01-tes.toml"
TEST = """key = "tes"
title = "Tes awal"
minutes = 5
pass = 0
questions = "kuis"
"""
SECTION = '[[sections]]\ntag = "M.01"\ndraw = 1\n'
FILES: Changes = {"00-mula/module.toml": 'key = "mula"\ntitle = "Mula"\n', FILE: TEST}


def content_of(root: Path) -> CourseContent:
    content, problems = read(root, KNOWN)
    assert content is not None, [str(problem) for problem in problems]
    return content


def quizzes(content: CourseContent) -> dict[str, QuizContent]:
    parts = [part for module in content.modules for part in module.parts]
    return {part.key: part for part in parts if isinstance(part, QuizContent)}


def found(root: Path, previous_keys: tuple[str, ...] = ()) -> list[tuple[str, int, str]]:
    problems = read(root, KNOWN, previous_keys)[1]
    return [(problem.file, problem.line, problem.code) for problem in problems]


def test_a_quiz_asks_the_questions_of_a_later_one(tmp_path: Path) -> None:
    both = quizzes(content_of(write_course(tmp_path, FILES)))
    assert list(both) == ["tes", "kuis"]
    assert [question.key for question in both["tes"].questions] == ["kuis-1", "kuis-2"]
    assert both["tes"].questions == both["kuis"].questions
    assert (both["tes"].pool, both["kuis"].pool) == ("kuis", "")
    assert both["tes"].sections == (SectionContent("", False, 2, (0, 1)),)
    assert both["kuis"].sections == (SectionContent("", True, 2, (0, 1)),)


def test_its_sections_may_leave_some_out(tmp_path: Path) -> None:
    quiz = quizzes(content_of(write_course(tmp_path, {**FILES, FILE: TEST + SECTION})))["tes"]
    assert quiz.sections == (SectionContent("", False, 1, (0,)),)


def test_a_post_test_may_have_the_questions_of_its_pre_test(tmp_path: Path) -> None:
    after = TEST.replace('"tes"', '"sesudah"') + 'pretest = "kuis"\n'
    content = content_of(write_course(tmp_path, {"02-akhir/02-tes.toml": after}))
    assert quizzes(content)["sesudah"].pretest == "kuis"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({FILE: TEST.replace('"kuis"', '"kuiz"')}, [(FILE, 5, "pool-unknown")]),
        ({FILE: TEST.replace('"kuis"', '"sapa"')}, [(FILE, 5, "pool-unknown")]),
        ({FILE: TEST.replace('"kuis"', '"tes"')}, [(FILE, 5, "pool-borrowed")]),
        ({FILE: TEST.replace('"kuis"', "3")}, [(FILE, 5, "setting-type")]),
        ({FILE: TEST.replace('"kuis"', '""')}, [(FILE, 5, "pool-unknown")]),
        (
            {"00-mula/02-lagi.toml": TEST.replace('"tes"', '"lagi"').replace('"kuis"', '"tes"')},
            [("00-mula/02-lagi.toml", 5, "pool-borrowed")],
        ),
        ({"00-mula/01-tes.gift": "// [id:sendiri]\nBenar? {T}\n"}, [(FILE, 5, "pool-own")]),
        ({FILE: TEST + SECTION.replace("1", "2")}, [(FILE, 7, "section-empty")]),
        ({FILE: TEST + SECTION.replace("draw = 1", "draw = 2")}, [(FILE, 8, "section-pool")]),
        (
            {FILE: TEST + 'practice = true\n[[hints]]\nquestion = "lain"\ntexts = ["Ingat."]\n'},
            [(FILE, 8, "hints-question")],
        ),
        (
            {FILE: TEST + 'practice = true\n[[hints]]\nquestion = "kuis-1"\ntexts = ["Ingat."]\n'},
            [],
        ),
        # A fault of the pool is told there alone.
        ({"01-awal/02-kuis.gift": QUESTIONS + "x"}, [("01-awal/02-kuis.gift", 8, "gift-type")]),
        ({"01-awal/02-kuis.toml": QUIZ + "x"}, [("01-awal/02-kuis.toml", 11, "toml-syntax")]),
    ],
)
def test_what_is_wrong_is_told_by_line(
    tmp_path: Path, changes: Changes, expected: list[tuple[str, int, str]]
) -> None:
    assert found(write_course(tmp_path, {**FILES, **changes})) == expected


def test_questions_may_move_into_a_pool(tmp_path: Path) -> None:
    """A key that was asked in one quiz and is asked in the pool now is not lost."""
    course = write_course(tmp_path, FILES)
    assert found(course, ("tes", "kuis", "kuis-1", "kuis-2")) == []
