"""What the settings of a quiz say of its essays, and what the check finds wrong there."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.formats.course_folder.content import (
    CriterionContent,
    EssayContent,
    FileType,
    Handing,
    QuizContent,
    digest,
)
from lms.formats.course_folder.essays import levels_of
from lms.formats.course_folder.reader import read

from .sample import KNOWN, QUESTIONS, QUIZ, Changes, write_course

FILE = "01-awal/02-kuis.toml"
LINE = QUIZ.count("\n")
ESSAY = "\n// [id:esai]\nCeritakan satu layanan. {####Terima kasih.}\n\n// [id:lain]\nLalu? {}\n"
ROWS = """
[[essays]]
question = "esai"
least_words = 10
most_words = 200
file = "required"
file_types = ["docx", "pdf"]
file_mb = 2

[[rubric]]
question = "esai"
criterion = "Isi"
levels = ["0: tidak ada", "10 = lengkap"]

[[rubric]]
question = "lain"
criterion = "Bahasa"
levels = ["0: buruk", "5: baik: runtut"]
"""


def files(rows: str = ROWS, more: str = "") -> Changes:
    return {FILE: QUIZ + more + rows, "01-awal/02-kuis.gift": QUESTIONS + ESSAY}


def found(root: Path) -> list[tuple[str, int, str]]:
    return [(each.file, each.line, each.code) for each in read(root, KNOWN)[1]]


def quiz_of(root: Path, key: str = "kuis") -> QuizContent:
    content, problems = read(root, KNOWN)
    assert content is not None, [str(problem) for problem in problems]
    parts = [part for module in content.modules for part in module.parts]
    return next(part for part in parts if isinstance(part, QuizContent) and part.key == key)


def test_settings_say_what_gift_cannot(tmp_path: Path) -> None:
    quiz = quiz_of(write_course(tmp_path, files()))
    assert [question.kind for question in quiz.questions[2:]] == ["essay", "essay"]
    assert quiz.essays == (
        EssayContent(
            "esai", 10, 200, Handing.REQUIRED, (FileType.PDF, FileType.DOCX), 2,
            rubric=(CriterionContent("Isi", ((0, "tidak ada"), (10, "lengkap"))),),
        ),
        EssayContent(
            "lain", rubric=(CriterionContent("Bahasa", ((0, "buruk"), (5, "baik: runtut"))),)
        ),
    )  # fmt: skip


def test_a_changed_rubric_is_changed_content(tmp_path: Path) -> None:
    before, _ = read(write_course(tmp_path / "a", files()), KNOWN)
    after, _ = read(write_course(tmp_path / "b", files(ROWS.replace("10 =", "20 ="))), KNOWN)
    assert before
    assert after
    assert digest(before) != digest(after)


@pytest.mark.parametrize(
    ("rows", "line", "code"),
    [
        ('[[essays]]\nquestion = "kuis-1"\n', 2, "essay-question"),
        ('[[essays]]\nquestion = "tidak-ada"\n', 2, "essay-question"),
        ('[[essays]]\nquestion = "esai"\n[[essays]]\nquestion = "esai"\n', 4, "essay-doubled"),
        ('[[essays]]\nquestion = "esai"\nleast_words = 9\nmost_words = 8\n', 3, "essay-words"),
        ('[[essays]]\nquestion = "esai"\nfile_mb = 2\n', 3, "essay-file"),
        ('[[essays]]\nquestion = "esai"\nfile = "ya"\n', 3, "setting-choice"),
        ('[[essays]]\nquestion = "esai"\nfile = "allowed"\nfile_types = ["exe"]\n', 4,
         "setting-choice"),
        ('[[essays]]\nquestion = "esai"\nfile = "allowed"\nfile_mb = 11\n', 4, "setting-range"),
        ('[[essays]]\nquestion = "esai"\npoints = 0\n', 3, "setting-range"),
        ('[[essays]]\nquestion = "esai"\nkata = 3\n', 3, "setting-unknown"),
        ('[[rubric]]\nquestion = "kuis-2"\ncriterion = "A"\nlevels = ["0: a", "1: b"]\n', 2,
         "essay-question"),
        ('[[rubric]]\nquestion = "esai"\ncriterion = "A"\nlevels = ["0: a"]\n', 4, "rubric-few"),
        ('[[rubric]]\nquestion = "esai"\ncriterion = "A"\nlevels = ["0: a", "0: b"]\n', 4,
         "rubric-points"),
        ('[[rubric]]\nquestion = "esai"\ncriterion = "A"\nlevels = ["0: a", "101: b"]\n', 4,
         "rubric-points"),
        ('[[rubric]]\nquestion = "esai"\ncriterion = "A"\nlevels = ["nol", "1: b"]\n', 4,
         "rubric-level"),
        ('[[rubric]]\nquestion = "esai"\nlevels = ["0: a", "1: b"]\n', 1, "setting-missing"),
        ('[[essays]]\nquestion = "esai"\npoints = 5\n'
         '[[rubric]]\nquestion = "esai"\ncriterion = "A"\nlevels = ["0: a", "1: b"]\n', 3,
         "essay-points"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_line(tmp_path: Path, rows: str, line: int, code: str) -> None:
    assert found(write_course(tmp_path, files(rows))) == [(FILE, LINE + line, code)]


def test_an_essay_cannot_be_checked_at_once(tmp_path: Path) -> None:
    root = write_course(tmp_path, files(more="practice = true\n"))
    assert found(root) == [(FILE, LINE + 1, "essay-practice")]


def test_a_borrower_takes_limits_and_rubric_from_the_lender(tmp_path: Path) -> None:
    borrower = 'key = "tes"\ntitle = "Tes"\nminutes = 5\npass = 0\nquestions = "kuis"\n'
    other = {"02-akhir/02-tes.toml": borrower}
    root = write_course(tmp_path / "a", {**files(), **other})
    assert quiz_of(root, "tes").essays == quiz_of(root).essays
    own = {"02-akhir/02-tes.toml": borrower + '[[essays]]\nquestion = "esai"\n'}
    assert found(write_course(tmp_path / "b", {**files(), **own})) == [
        ("02-akhir/02-tes.toml", 6, "essay-borrowed")
    ]
    practice = {"02-akhir/02-tes.toml": borrower + "practice = true\n"}
    assert found(write_course(tmp_path / "c", {**files(), **practice})) == [
        ("02-akhir/02-tes.toml", 6, "essay-practice")
    ]


def test_an_essay_without_a_rubric_is_worth_a_word(tmp_path: Path) -> None:
    rows = ROWS[: ROWS.rindex("[[rubric]]")]
    content, _ = read(write_course(tmp_path, files(rows)), KNOWN)
    assert content
    told = [each for each in content.warnings if each.code == "essay-without-rubric"]
    assert [each.file for each in told] == ["01-awal/02-kuis.gift"]


@given(st.lists(st.tuples(st.integers(0, 999), st.text(min_size=1).map(str.strip).filter(bool))))
def test_levels_are_read_as_they_are_written(levels: list[tuple[int, str]]) -> None:
    plain = [(points, " ".join(text.split())) for points, text in levels]
    plain = [(points, text) for points, text in plain if text]
    assert levels_of([f"{points}: {text}" for points, text in plain]) == tuple(plain)
