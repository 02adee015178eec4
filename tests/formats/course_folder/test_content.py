"""The digest: the same for what learners cannot tell apart, another for everything else."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lms.formats.course_folder.content import Problem, digest
from lms.formats.course_folder.reader import read
from lms.formats.words import Words

from .sample import COURSE, LESSON, QUESTIONS, QUIZ, Changes, picture, write_course


def digest_of(root: Path) -> str:
    content, problems = read(root)
    assert problems == []
    assert content is not None
    return digest(content)


def renamed(folder: str, other: str) -> Callable[[Path], object]:
    return lambda root: (root / folder).rename(root / other)


@pytest.mark.parametrize(
    "changes",
    [
        {"course.toml": COURSE.replace("jp = 1.5", "# catatan\njp = 1.50").replace("70", "70.0")},
        {"course.toml": COURSE + '\n[removed]\nkeys = ["tua"]\n'},
        {"01-awal/01-sapa.md": LESSON.replace("+++\n\nWarga", "+++\n\n\nWarga") + "\n\n"},
        {"01-awal/02-kuis.gift": "// Kuis pertama\n\n" + QUESTIONS.replace("=Warga", " = Warga")},
        {"media/tidak-dipakai.png": picture(4)},
        {"01-awal/.catatan": "x"},
    ],
)
def test_what_no_learner_sees_does_not_count(tmp_path: Path, changes: Changes) -> None:
    before = digest_of(write_course(tmp_path / "a"))
    assert digest_of(write_course(tmp_path / "b", changes)) == before


@pytest.mark.parametrize(
    "change",
    [
        renamed("01-awal", "01-mula"),
        renamed("01-awal/01-sapa.md", "01-awal/01-salam.md"),
        renamed(".", "../layanan-baru"),
        # A medium may move as long as its text still means the same bytes.
        renamed("01-awal/media/alur.png", "media/alur.png"),
    ],
)
def test_names_of_files_do_not_count(tmp_path: Path, change: Callable[[Path], object]) -> None:
    root = write_course(tmp_path)
    before = digest_of(root)
    change(root)
    root = root if root.exists() else tmp_path / "layanan-baru"
    assert digest_of(root) == before


@pytest.mark.parametrize(
    "changes",
    [
        {"course.toml": COURSE.replace("Prima", "Utama")},
        {"course.toml": COURSE.replace("jp = 1.5", "jp = 1.51")},
        {"course.toml": COURSE.replace("score = 70", "score = 71")},
        {"course.toml": COURSE.replace("to = 2", "to = 3")},
        {"01-awal/module.toml": 'title = "Mula"\nkey = "awal"\n'},
        {"01-awal/01-sapa.md": LESSON.replace("loket", "kantor")},
        {"01-awal/01-sapa.md": LESSON.replace('"sapa"', '"salam"')},
        {"01-awal/02-kuis.toml": QUIZ.replace("weight = 1", "weight = 2")},
        {"01-awal/02-kuis.toml": QUIZ.replace("always", "never")},
        {"01-awal/02-kuis.gift": QUESTIONS.replace("~Diri", "~%-50%Diri")},
        {"01-awal/02-kuis.gift": QUESTIONS.replace("[tag:M.01]", "[tag:last-option-fixed]")},
        {"01-awal/media/alur.png": picture(4)},
        # another file of the same name comes before the one that was meant
        {"01-awal/media/panduan.pdf": b"%PDF-1.7 lain"},
    ],
)
def test_what_a_learner_sees_or_is_judged_by_counts(tmp_path: Path, changes: Changes) -> None:
    before = digest_of(write_course(tmp_path / "a"))
    assert digest_of(write_course(tmp_path / "b", changes)) != before


def test_the_order_of_parts_counts(tmp_path: Path) -> None:
    root = write_course(tmp_path)
    before = digest_of(root)
    (root / "01-awal" / "01-sapa.md").rename(root / "01-awal" / "03-sapa.md")
    assert digest_of(root) != before


def test_a_problem_is_shown_with_its_place() -> None:
    assert str(Problem("01-a/02-b.gift", 12, "x", Words("Isi."))) == "01-a/02-b.gift:12: Isi."
    assert str(Problem("course.toml", 0, "x", Words("Isi."))) == "course.toml: Isi."
