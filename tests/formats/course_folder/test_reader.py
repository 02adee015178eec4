"""A course folder to content: what the sample says is what is read."""

import hashlib
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from lms.formats.course_folder.content import (
    CourseContent,
    Grade,
    LessonContent,
    OutcomeContent,
    QuizContent,
    Review,
    SectionContent,
    Shown,
)
from lms.formats.course_folder.quiz import PRESETS, ShowAnswers
from lms.formats.course_folder.reader import read

from .sample import COURSE, FILES, GUIDE, KNOWN, QUIZ, SECOND_LESSON, Changes, picture, write_course

QUIZ_FILE, QUESTIONS_FILE = "01-awal/02-kuis.toml", "01-awal/02-kuis.gift"


def content_of(root: Path) -> CourseContent:
    content, problems = read(root, KNOWN)
    assert problems == []
    assert content is not None
    return content


def test_the_course_itself_is_read(tmp_path: Path) -> None:
    content = content_of(write_course(tmp_path))
    assert (content.slug, content.title, content.language) == ("layanan", "Layanan Prima", "id")
    assert (content.jp, content.pass_score, content.minutes) == (Decimal("1.5"), Decimal(70), 12)
    assert (content.trainer, content.organiser) == ("Tim Pelatihan", "BKPSDM")
    assert content.outcomes == (OutcomeContent("M.01", 0, 1), OutcomeContent("M.05", 1, 2))
    assert [(module.key, module.minutes) for module in content.modules] == [
        ("awal", 8),
        ("akhir", 4),
    ]


def test_lessons_and_quizzes_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    lesson, quiz = content_of(write_course(tmp_path)).modules[0].parts
    assert isinstance(lesson, LessonContent)
    assert (lesson.key, lesson.title, lesson.minutes) == ("sapa", "Menyapa", 5)
    assert lesson.markdown.startswith("Warga datang")
    assert lesson.markdown.endswith("(media/panduan.pdf#page=2).")
    assert isinstance(quiz, QuizContent)
    assert (quiz.key, quiz.pass_percent, quiz.weight) == ("kuis", Decimal(60), 1)
    assert (quiz.attempts, quiz.time_limit) == (2, 10)
    assert quiz.review == Review(tuple(Shown), tuple(Shown), tuple(Shown))
    assert quiz.sections == (SectionContent("", True, 2, (0, 1)),)
    assert quiz.shuffle_options is False
    assert [question.key for question in quiz.questions] == ["kuis-1", "kuis-2"]


def test_modules_lessons_and_quizzes_say_what_they_require(tmp_path: Path) -> None:
    assert {m.requires for m in content_of(write_course(tmp_path / "a")).modules} == {()}
    content = content_of(
        write_course(
            tmp_path / "b",
            {
                QUIZ_FILE: QUIZ + 'requires = ["sapa"]\n',
                "02-akhir/module.toml": 'title = "Akhir"\nkey = "akhir"\nrequires = ["awal"]\n',
                "02-akhir/01-pamit.md": SECOND_LESSON.replace(
                    "minutes", 'requires = ["kuis", "sapa"]\nminutes'
                ),
            },
        )
    )
    first, second = content.modules
    assert (first.requires, second.requires) == ((), ("awal",))
    assert [part.requires for part in first.parts] == [(), ("sapa",)]
    assert [part.requires for part in second.parts] == [("kuis", "sapa")]


def test_what_a_quiz_leaves_out_takes_its_default(tmp_path: Path) -> None:
    short = 'key = "kuis"\ntitle = "Kuis"\nminutes = 3\npass = 60\n'
    no_score = COURSE.replace("score = 70", "score = 0")
    root = write_course(tmp_path, {QUIZ_FILE: short, "course.toml": no_score})
    quiz = content_of(root).modules[0].parts[1]
    assert isinstance(quiz, QuizContent)
    assert (quiz.weight, quiz.attempts, quiz.time_limit) == (0, 0, 0)
    assert quiz.sections == (SectionContent("", False, 2, (0, 1)),)
    assert quiz.shuffle_options is True
    assert (quiz.review, quiz.feedback) == (PRESETS[ShowAnswers.AFTER_PASS], ())
    assert (quiz.opens, quiz.closes, quiz.wait, quiz.wait_later) == (None, None, 0, 0)
    assert quiz.grade is Grade.HIGHEST


def test_when_a_quiz_opens_and_how_long_to_wait_are_read(tmp_path: Path) -> None:
    limits = (
        "opens = 2026-11-30T08:00:00\ncloses = 2026-11-30 14:00:00\nwait = 30\ngrade = 'average'\n"
    )
    quiz = content_of(write_course(tmp_path, {QUIZ_FILE: QUIZ + limits})).modules[0].parts[1]
    assert isinstance(quiz, QuizContent)
    assert quiz.opens == datetime(2026, 11, 30, 8)  # noqa: DTZ001 - local, no zone
    assert quiz.closes == datetime(2026, 11, 30, 14)  # noqa: DTZ001
    assert (quiz.wait, quiz.wait_later, quiz.grade) == (30, 30, Grade.AVERAGE)


def test_what_is_shown_when_can_be_said_in_full(tmp_path: Path) -> None:
    review = """closes = 2026-11-30T14:00:00
[review]
later = ["marks", "attempt"]
closed = ["right-answer", "attempt", "correctness"]
[[feedback]]
from = 70
text = "Lanjutkan."
[[feedback]]
from = 0
text = "Baca lagi."
"""
    settings = QUIZ.replace('show_answers = "always"\n', review)
    quiz = content_of(write_course(tmp_path, {QUIZ_FILE: settings})).modules[0].parts[1]
    assert isinstance(quiz, QuizContent)
    assert quiz.review == Review(
        later=(Shown.ATTEMPT, Shown.MARKS),
        closed=(Shown.ATTEMPT, Shown.CORRECTNESS, Shown.RIGHT_ANSWER),
    )
    assert [(str(band.least), band.text) for band in quiz.feedback] == [
        ("0.00", "Baca lagi."),
        ("70.00", "Lanjutkan."),
    ]


def test_a_section_takes_what_no_section_above_has_taken(tmp_path: Path) -> None:
    sections = """[[sections]]
title = "Dasar"
tag = "M.01"
draw = 2
[[sections]]
tag = "M.05"
shuffle = false
[[sections]]
"""
    tags = ["M.01", "M.01", "M.05", "", "M.01", "M.05"]
    tags[1] = "M.01] [tag:M.05"  # both
    gift = "\n\n".join(
        f"// [id:s-{number}] [tag:{tag or 'lain'}]\nSoal {number} {{T}}"
        for number, tag in enumerate(tags)
    )
    root = write_course(tmp_path, {QUIZ_FILE: QUIZ + sections, QUESTIONS_FILE: gift})
    quiz = content_of(root).modules[0].parts[1]
    assert isinstance(quiz, QuizContent)
    assert quiz.sections == (
        SectionContent("Dasar", True, 2, (0, 1, 4)),
        SectionContent("", False, 2, (2, 5)),
        SectionContent("", True, 1, (3,)),
    )


@pytest.mark.parametrize("preset", [p for p in ShowAnswers if p is not ShowAnswers.AFTER_CLOSE])
def test_every_preset_by_its_name(tmp_path: Path, preset: ShowAnswers) -> None:
    settings = QUIZ.replace('"always"', f'"{preset}"')
    quiz = content_of(write_course(tmp_path, {QUIZ_FILE: settings})).modules[0].parts[1]
    assert isinstance(quiz, QuizContent)
    assert quiz.review == PRESETS[preset]


def test_media_are_looked_up_in_the_module_and_then_in_the_course(tmp_path: Path) -> None:
    content = content_of(write_course(tmp_path))
    lesson, quiz = content.modules[0].parts
    assert lesson.media == (
        ("media/alur.png", "01-awal/media/alur.png"),
        ("media/panduan.pdf", "media/panduan.pdf"),
    )
    assert quiz.media == (("media/loket.png", "01-awal/media/loket.png"),)
    # The course's media/loket.png is hidden by the module's and named by nobody.
    assert [(medium.name, medium.size, medium.digest) for medium in content.media] == [
        ("01-awal/media/alur.png", len(picture(2)), hashlib.sha256(picture(2)).hexdigest()),
        ("01-awal/media/loket.png", len(picture(3)), hashlib.sha256(picture(3)).hexdigest()),
        ("media/panduan.pdf", len(GUIDE), hashlib.sha256(GUIDE).hexdigest()),
    ]


def test_a_course_needs_no_outcomes_names_or_quizzes(tmp_path: Path) -> None:
    kept = [line for line in COURSE.splitlines()[:12] if "trainer" not in line]
    bare = "\n".join(kept).replace("70", "0").replace('organiser = "BKPSDM"', "")
    root = write_course(tmp_path, {"course.toml": bare, QUIZ_FILE: None, QUESTIONS_FILE: None})
    content = content_of(root)
    assert (content.trainer, content.organiser, content.outcomes) == ("", "", ())


def test_windows_line_ends_and_a_bom_change_nothing(tmp_path: Path) -> None:
    changes: Changes = {
        name: b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()
        for name, text in FILES.items()
        if isinstance(text, str)
    }
    plain = content_of(write_course(tmp_path / "a"))
    assert content_of(write_course(tmp_path / "b", changes)).modules == plain.modules


def test_a_folder_may_be_named_in_a_roundabout_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write_course(tmp_path)
    assert content_of(root / ".." / "layanan").slug == "layanan"
    monkeypatch.chdir(root)
    assert content_of(Path(".")).slug == "layanan"


def test_without_a_dictionary_no_competency_is_unknown(tmp_path: Path) -> None:
    content, problems = read(write_course(tmp_path))
    assert problems == []
    assert content is not None
