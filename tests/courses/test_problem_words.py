"""What is wrong with a course, said to a trainer who has never seen its files."""

import re
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

from lms.courses.actions import problem_words
from lms.formats.course_folder.content import Problem
from lms.formats.course_folder.reader import glance
from lms.formats.course_folder.tree import KeptFolder
from tests.cast import Cast
from tests.client import PageClient, words
from tests.courses.test_outline import begin

COURSE = """format = 1
title = "Menyapa"
summary = "Menyapa."
purpose = "Setelah kursus ini Anda dapat menyapa."
language = "id"
category = "Umum"
jp = 1
pass = { score = 0 }
[[goals]]
key = "sapa"
text = "Menyapa"
"""
LESSON = '+++\nkey = "satu"\ntitle = "Satu"\nminutes = 45\n+++\n\nSelamat pagi.\n'
QUIZ = 'key = "kuis"\ntitle = "Kuis"\nminutes = 5\npass = 70\n'
GIFT = "// [id:k-1] [tag:goal.sapa]\nApa? {=Ya#Betul. ~Tidak#Keliru.}\n"
ESSAY = "// [id:k-2] [tag:goal.sapa]\nCeritakan. {}\n"
WEIGHTED = COURSE.replace("score = 0", "score = 70")
PROVED = COURSE + 'competency = "M.01"\nlevel = 2\n'
FOLDER = re.compile(r"\.toml|\.gift|\[|\]|folder|=(?! [0-9])")
SETTING = re.compile(r"minutes|weight|optional|requires|draw\b")  # no words of Indonesian

CASES: dict[str, dict[str, str | None]] = {
    "course-empty": {"01-a/module.toml": None, "01-a/01-satu.md": None},
    "course-optional": {"01-a/01-satu.md": LESSON.replace("minutes", "optional = true\nminutes")},
    "pass-without-weight": {"course.toml": WEIGHTED},
    "optional-weight": {"01-a/02-k.toml": f"{QUIZ}weight = 1\noptional = true\n"},
    "quiz-dates": {
        "01-a/02-k.toml": f"{QUIZ}opens = 2026-02-02T08:00:00\ncloses = 2026-02-01T08:00:00\n"
    },
    "minutes-above": {"01-a/01-satu.md": LESSON.replace("= 45", "= 45\nmin_minutes = 50")},
    "minutes-jp": {"course.toml": COURSE.replace("jp = 1", "jp = 9")},
    "media-missing": {"01-a/01-satu.md": f"{LESSON}\n![Loket](media/loket.png)\n"},
    "goal-unknown": {"01-a/02-k.gift": GIFT.replace("goal.sapa", "goal.lain")},
    "goal-without-weight": {"course.toml": PROVED, "01-a/02-k.toml": QUIZ},
    "hints-unseen": {
        "01-a/02-k.toml": f'{QUIZ}[[hints]]\nquestion = "k-1"\ntexts = ["Ingat."]\n'
    },
    "essay-points": {
        "01-a/02-k.gift": GIFT + "\n" + ESSAY,
        "01-a/02-k.toml": f'{QUIZ}[[essays]]\nquestion = "k-2"\npoints = 5\n[[rubric]]\n'
        'question = "k-2"\ncriterion = "Isi"\nlevels = ["0: Tidak", "5: Ya"]\n',
    },
    "essay-without-rubric": {"01-a/02-k.gift": GIFT + "\n" + ESSAY},
    "question-draft": {
        "01-a/02-k.gift": f"{GIFT}\n// [id:k-3] [state:draft]\nApa? {{=Ya#Ya. ~Tidak#Bukan.}}\n"
    },
    "question-without-goal": {"01-a/02-k.gift": GIFT.replace(" [tag:goal.sapa]", "")},
    "section-pool": {
        "01-a/02-k.toml": f'{QUIZ}[[sections]]\ntitle = "A"\ntag = "goal.sapa"\ndraw = 5\n'
    },
    "setting-missing": {"course.toml": COURSE.replace('category = "Umum"\n', "")},
    "setting-empty": {"course.toml": COURSE.replace('"Menyapa."', '""')},
    "setting-length": {"course.toml": COURSE.replace('"Umum"', f'"{"x" * 90}"')},
    "setting-range": {"01-a/02-k.toml": QUIZ.replace("= 5", "= 0")},
}  # fmt: skip


def problems_of(changes: dict[str, str | None]) -> list[Problem]:
    texts: dict[str, str | None] = {
        "course.toml": COURSE, "01-a/module.toml": 'key = "a"\ntitle = "A"\n',
        "01-a/01-satu.md": LESSON, "01-a/02-k.toml": QUIZ, "01-a/02-k.gift": GIFT,
    }  # fmt: skip
    if changes.get("01-a/module.toml", "") is None:
        texts = {"course.toml": COURSE}
    texts |= {path: text for path, text in changes.items() if text is not None}
    if changes.keys() == {"01-a/01-satu.md"} and "optional" in str(changes):
        texts = {name: text for name, text in texts.items() if "02-k" not in name}

    def no_media(_: str) -> Any:
        raise AssertionError

    kept = {name: text for name, text in texts.items() if text is not None}
    content, problems = glance(KeptFolder("menyapa", kept, {}, no_media), {"M.01"})
    return [*problems, *(content.warnings if content else ())]


@pytest.mark.parametrize("code", CASES)
@pytest.mark.parametrize("language", ["id", "en"])
def test_a_trainer_reads_of_fields_and_pages(context: Flask, code: str, language: str) -> None:
    found = [each for each in problems_of(CASES[code]) if each.code == code]
    assert found
    with context.test_request_context(), force_locale(language):
        for each in found:
            told = problem_words.told(each)
            assert not FOLDER.search(told), told
            assert language == "en" or not SETTING.search(told), told
            assert "%(" not in told


def test_every_sentence_of_the_studios_own_is_tried() -> None:
    assert problem_words.OWN.keys() <= CASES.keys() | {"outcome-levels"}


def test_a_blank_course_is_told_what_to_do_in_the_words_of_its_pages(
    client: PageClient, cast: Cast
) -> None:
    client.sign_in(cast.people["hr"])
    begin(client)
    page = words(client.get("/studio/menulis-laporan/publish"))
    for told in (
        "Kategori belum diisi. Pengaturan kursus",
        "Kursus ini belum punya modul. Tambahkan di Susunan. Susunan",
    ):
        assert told in page
    assert "Pengaturan kursus" in page
    assert not re.search(r"course\.toml|tanda kutip|\[pass\]|buat folder", page)
    assert page.count("belum dapat diperiksa") >= 3
