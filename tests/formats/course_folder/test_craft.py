"""What could be better in a course is a warning, with its file and line, and refuses nothing."""

from pathlib import Path

import pytest

from lms.formats.course_folder.content import digest
from lms.formats.course_folder.reader import glance, read

from .sample import COURSE, KNOWN, LESSON, QUIZ, Changes, write_course

GIFT, LESSON_FILE, QUIZ_FILE = "01-awal/02-kuis.gift", "01-awal/01-sapa.md", "01-awal/02-kuis.toml"
QUESTION = """// [id:kuis-1] [tag:M.01]
::Loket yang keliru::Warga datang ke loket yang keliru. Apa tindakan Anda? {
=Menunjukkan loketnya.#Tepat, ia tahu jalannya.
~Memanggil yang lain.#Ia tetap bingung.
}
"""
GOAL = '\n[[goals]]\nkey = "menyapa"\ntext = "Menyapa warga"\n'
# Nothing to warn of: 12 minutes are about a quarter of a JP.
CLEAN: Changes = {
    "course.toml": COURSE.replace("jp = 1.5", "jp = 0.25"),
    LESSON_FILE: LESSON.replace("![Alur layanan]", "![Alur: sapa, dengar, selesaikan]"),
    GIFT: QUESTION,
}


def warned(folder: Path, changes: Changes) -> list[tuple[str, int, str]]:
    content, problems = read(write_course(folder, {**CLEAN, **changes}), KNOWN)
    assert content is not None, [str(problem) for problem in problems]
    for warning in content.warnings:
        assert warning.message.endswith(".")
    return [(warning.file, warning.line, warning.code) for warning in content.warnings]


def asked(*options: str, text: str = "Apa tindakan Anda?", number: int = 1) -> str:
    return f"// [id:k-{number}]\n{text} {{\n" + "\n".join(options) + "\n}\n"


def singles(count: int, *, right: list[int], longest: int = 0) -> str:
    """Questions of four options, the right one at these places in turn; so many of them longest."""
    found = []
    for number in range(count):
        texts = ["Satu dua", "Dua tiga", "Tiga satu", "Dua satu"]
        place = right[number % len(right)]
        options = [f"{'=' if i == place else '~'}{text}" for i, text in enumerate(texts)]
        if number < longest:
            options[place] += " tiga empat lima"
        found.append(asked(*(f"{option}#Sebab." for option in options), number=number))
    return "\n".join(found)


def test_a_course_that_is_well_made_gives_none(tmp_path: Path) -> None:
    assert warned(tmp_path, {}) == []


def test_warnings_are_no_content(tmp_path: Path) -> None:
    content, _ = read(write_course(tmp_path / "a", {**CLEAN, GIFT: asked("=a", "~b")}), KNOWN)
    assert content is not None
    assert content.warnings
    assert digest(content) == digest(read(tmp_path / "a" / "layanan")[0] or content)


@pytest.mark.parametrize(
    ("jp", "expected"),
    [("0.24", []), ("0.28", []), ("0.22", [("course.toml", 7, "minutes-jp")]), ("0.31", []),
     ("0.32", [("course.toml", 7, "minutes-jp")])],
)  # fmt: skip
def test_minutes_are_near_the_hours(
    tmp_path: Path, jp: str, expected: list[tuple[str, int, str]]
) -> None:
    """12 minutes: from 0.2319 (10.43) to 0.3137 (14.12) JP."""
    assert warned(tmp_path, {"course.toml": COURSE.replace("1.5", jp, 1)}) == expected


def test_goals_have_questions_and_questions_goals(tmp_path: Path) -> None:
    course = str(CLEAN["course.toml"]) + GOAL
    line = course.split("\n").index('key = "menyapa"') + 1
    found = warned(tmp_path, {"course.toml": course})
    assert found == [
        (GIFT, 1, "question-without-goal"), ("course.toml", line, "goal-without-question"),
    ]  # fmt: skip
    asking = QUESTION.replace("[tag:M.01]", "[tag:M.01] [tag:goal.menyapa]")
    assert warned(tmp_path, {"course.toml": course, GIFT: asking}) == []


def test_a_goal_that_is_evidence_is_asked_for_by_a_quiz_that_counts(tmp_path: Path) -> None:
    goal = GOAL + 'competency = "M.05"\nlevel = 1\nscore = 75\n'
    course = str(CLEAN["course.toml"]).replace("score = 70", "score = 0") + goal
    line = course.split("\n").index('key = "menyapa"') + 1
    changes: Changes = {
        "course.toml": course,
        GIFT: QUESTION.replace("[tag:M.01]", "[tag:M.01] [tag:goal.menyapa]"),
    }
    assert warned(tmp_path, changes) == []
    light = QUIZ.replace("weight = 1", "weight = 0")
    assert warned(tmp_path, {**changes, QUIZ_FILE: light}) == [
        ("course.toml", line, "goal-without-weight")
    ]


def test_a_lesson_is_short_enough_to_be_read_at_once(tmp_path: Path) -> None:
    def lesson(words: int) -> Changes:
        link = " [panduan](media/panduan.pdf#page=2) | - **\n"  # one word
        return {LESSON_FILE: LESSON.split("\nWarga")[0] + "\nkata" + " kata" * (words - 2) + link}

    assert warned(tmp_path, lesson(1000)) == []
    assert warned(tmp_path, lesson(1001)) == [(LESSON_FILE, 2, "lesson-long")]


@pytest.mark.parametrize(
    ("image", "is_short"),
    [
        ("![Alur](media/alur.png)", True),
        ("![Alur layanan loket](media/alur.png)", True),
        ("![Alur layanan: sapa, dengar](media/alur.png)", False),
        ('<img src="media/alur.png" alt="Alur">', True),
        ('<img src="media/alur.png">', True),
        ("<img src='media/alur.png' alt='Alur layanan: sapa, dengar'>", False),
        ("`![Alur](media/alur.png)`", False),
        ("![Alur][a]\n\n[a]: media/alur.png", True),
    ],
)
def test_images_say_what_they_show(tmp_path: Path, image: str, is_short: bool) -> None:
    found = warned(tmp_path, {LESSON_FILE: LESSON.split("\n## ")[0] + f"\n{image}\n"})
    assert found == ([(LESSON_FILE, 9, "image-short-text")] if is_short else [])


def test_images_of_questions_too(tmp_path: Path) -> None:
    text = QUESTION.replace("Warga datang", "![Loket](media/loket.png) Warga datang")
    assert warned(tmp_path, {GIFT: text}) == [(GIFT, 2, "image-short-text")]


@pytest.mark.parametrize(
    "question",
    [
        asked("=a#Ya", "~b"),
        asked("=a", "~b#Bukan", "####Umum"),
        asked("~%50%a#Ya", "~%50%b#Ya", "~%-100%c"),
        "// [id:k]\nBenar? {T#Keliru.}\n",
        "// [id:k]\nBenar? {T}\n",
        "// [id:k]\nIbu kota? {=Bandung}\n",
        "// [id:k]\nBerapa? {#45}\n",
        "// [id:k]\nJodohkan. {\n=a -> b\n=c -> d\n}\n",
        "// [id:k]\nUrutkan. {>\na\nb\n}\n",
    ],
)
def test_every_option_says_why(tmp_path: Path, question: str) -> None:
    assert warned(tmp_path, {GIFT: question}) == [(GIFT, 1, "option-without-feedback")]


@pytest.mark.parametrize(
    "question",
    [
        "// [id:k]\nBenar? {T#Keliru.#Tepat.}\n",
        "// [id:k]\nIbu kota? {=Bandung#Tepat.}\n",
        "// [id:k]\nIbu kota? {=Bandung####Kota di Jawa Barat.}\n",
        "// [id:k]\nBerapa? {#45#Tepat.}\n",
        "// [id:k]\nJodohkan. {\n=a -> b\n=c -> d\n####Sebab.\n}\n",
    ],
)
def test_feedback_for_all_is_enough_where_options_have_none(tmp_path: Path, question: str) -> None:
    assert warned(tmp_path, {GIFT: question}) == []


@pytest.mark.parametrize(
    ("count", "right", "expected"),
    [
        (6, [0, 1], []),
        (6, [0, 0, 1], [(GIFT, 1, "right-option-place")]),
        (5, [1], []),  # too few to tell
        (7, [1, 1, 1, 2], [(GIFT, 1, "right-option-place")]),
        (8, [1, 2, 1, 3], []),  # just half
    ],
)
def test_right_options_stand_at_different_places(
    tmp_path: Path, count: int, right: list[int], expected: list[tuple[str, int, str]]
) -> None:
    assert warned(tmp_path, {GIFT: singles(count, right=right)}) == expected


@pytest.mark.parametrize(
    ("count", "longest", "expected"),
    [(4, 2, []), (4, 3, [(GIFT, 1, "right-option-longest")]), (3, 3, []), (9, 4, [])],
)
def test_right_options_are_not_the_longest(
    tmp_path: Path, count: int, longest: int, expected: list[tuple[str, int, str]]
) -> None:
    text = singles(count, right=[0, 1, 2, 3], longest=longest)
    assert warned(tmp_path, {GIFT: text}) == expected


@pytest.mark.parametrize(
    ("option", "is_one"),
    [
        ("Semua benar", True),
        ("semua jawaban di atas benar.", True),
        ("Semua pilihan di atas", True),
        ("Semuanya benar", True),
        ("Tidak ada yang benar", True),
        ("Tidak ada jawaban yang tepat.", True),
        ("a dan c benar", True),
        ("A, B, dan C benar", True),
        ("All of the above", True),
        ("None of the above.", True),
        ("Semua berkas diperiksa dulu", False),
        ("Semua warga yang datang benar", False),
        ("Tidak ada yang dilayani", False),
    ],
)
def test_no_option_stands_for_all_the_others(tmp_path: Path, option: str, is_one: bool) -> None:
    found = warned(tmp_path, {GIFT: asked("=Menyapa#Ya.", f"~{option}#Bukan.")})
    assert found == ([(GIFT, 1, "option-all-right")] if is_one else [])


@pytest.mark.parametrize(
    ("text", "is_negative"),
    [
        ("Manakah yang bukan tugas Anda?", True),
        ("Langkah berikut yang tidak perlu?", True),
        ("Apa yang tidak boleh dilakukan?", True),
        ("Semua ini menyapa, kecuali …", True),
        ("Manakah yang **bukan** tugas Anda?", False),
        ("Manakah yang BUKAN tugas Anda?", False),
        ("Apa yang tidak tercatat? Pilih satu sebabnya.", False),
        ("Warga tidak membawa KTP. Apa tindakan Anda?", False),
        ("Apa yang keliru pada catatan ini?", False),
        ("Semua informasi terbuka, kecuali yang dikecualikan. Siapa yang menetapkannya?", False),
    ],
)
def test_negative_questions_are_seen_to_be_so(tmp_path: Path, text: str, is_negative: bool) -> None:
    found = warned(tmp_path, {GIFT: asked("=Menyapa#Ya.", "~Pergi#Bukan.", text=text)})
    assert found == ([(GIFT, 1, "stem-negative")] if is_negative else [])


def test_the_questions_of_a_pool_are_told_once(tmp_path: Path) -> None:
    pretest = QUIZ.replace('"kuis"', '"tes"').replace("weight = 1", "weight = 0")
    found = warned(
        tmp_path,
        {
            GIFT: asked("=Menyapa#Ya.", "~Pergi"),
            "02-akhir/02-tes.toml": pretest + 'questions = "kuis"\n',
            "course.toml": COURSE.replace("1.5", "0.33", 1),
        },
    )
    assert found == [(GIFT, 1, "option-without-feedback")]


def test_a_course_with_problems_is_told_those_alone(tmp_path: Path) -> None:
    changes: Changes = {**CLEAN, GIFT: asked("=a", "~b"), QUIZ_FILE: QUIZ + "x = 1\n"}
    content, problems = read(write_course(tmp_path, changes), KNOWN)
    assert content is None
    assert [problem.code for problem in problems] == ["setting-unknown"]


def glanced(folder: Path, changes: Changes) -> set[tuple[str, str]]:
    """Files and codes of the warnings of a course that has problems."""
    content, problems = glance(write_course(folder, {**CLEAN, **changes}), KNOWN)
    assert content is not None
    assert problems
    return {(warning.file, warning.code) for warning in content.warnings}


def test_what_a_problem_hides_has_no_warning_and_the_rest_has(tmp_path: Path) -> None:
    silent = asked("=a", "~b")
    dead = str(CLEAN[LESSON_FILE]) + "\n[Lanjut](part/tak-ada)\n"
    without = {"course.toml": COURSE, GIFT: silent}  # 1.5 JP for 12 minutes
    every = {(GIFT, "option-without-feedback"), ("course.toml", "minutes-jp")}
    assert glanced(tmp_path / "a", {**without, LESSON_FILE: dead}) == every
    unset = str(CLEAN[LESSON_FILE]).replace("minutes = 5\n", "")
    assert glanced(tmp_path / "b", {**without, LESSON_FILE: unset}) == {
        (GIFT, "option-without-feedback")
    }
    unread = asked("=a", "~b") + "\nRusak {=\n"
    assert glanced(tmp_path / "c", {**without, GIFT: unread}) == set()


def test_a_video_in_the_midst_of_a_text_is_told_of(tmp_path: Path) -> None:
    text = str(CLEAN[LESSON_FILE]) + "\n[Contoh](media/loket.MP4#t=3) dan `[a](media/b.mp4)`\n"
    line = text.split("\n").index("[Contoh](media/loket.MP4#t=3) dan `[a](media/b.mp4)`") + 1
    video = b"\0\0\0\x10ftypisom" + bytes(4)
    changes: Changes = {LESSON_FILE: text, "01-awal/media/loket.MP4": video}
    assert warned(tmp_path, changes) == [(LESSON_FILE, line, "media-in-text")]
