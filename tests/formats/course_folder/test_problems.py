"""Every way to spoil a course folder is told, with its file and line."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.formats.course_folder import folder as files
from lms.formats.course_folder.reader import read

from .sample import (
    COURSE,
    FILES,
    KNOWN,
    LESSON,
    QUESTIONS,
    QUIZ,
    SECOND_LESSON,
    Changes,
    picture,
    problems_of,
    write_course,
)

MODULE, LESSON_FILE = "01-awal/module.toml", "01-awal/01-sapa.md"
HINTS = 'practice = true\n[[hints]]\nquestion = "kuis-1"\ntexts = ["Ingat."]'
QUIZ_FILE, QUESTIONS_FILE = "01-awal/02-kuis.toml", "01-awal/02-kuis.gift"
OTHER_LESSON = SECOND_LESSON.replace("pamit", "lain")
ALL_KEYS = ["awal", "sapa", "kuis", "kuis-1", "kuis-2", "akhir", "pamit"]


def swap(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new)


@pytest.mark.parametrize(
    ("file", "content", "found"),
    [
        # -- files and folders --
        ("course.toml", None, [(0, "file-missing")]),
        (MODULE, None, [(0, "file-missing")]),
        # questions without settings, settings without questions
        (QUIZ_FILE, None, [(0, "file-missing")]),
        (QUESTIONS_FILE, None, [(0, "file-missing")]),
        ("catatan.txt", "x", [(0, "file-unknown")]),
        ("01-awal/03-foto.jpg", b"x", [(0, "file-unknown")]),
        (LESSON_FILE, LESSON.encode("utf-16"), [(1, "file-not-utf8")]),
        (LESSON_FILE, LESSON.encode() + b"\nCaf\xe9", [(13, "file-not-utf8")]),
        # other faults of such a file are told as well
        (LESSON_FILE, LESSON.encode() + b"# Caf\xe9", [(12, "file-not-utf8"), (12, "heading-top")]),
        (LESSON_FILE, LESSON + "\n\x00", [(13, "file-characters")]),
        (LESSON_FILE, LESSON + "x" * 1024 * 1024, [(0, "file-size")]),
        ("02-akhir/2-a.md", OTHER_LESSON, [(0, "name-invalid")]),
        ("02-akhir/02-A b.md", OTHER_LESSON, [(0, "name-invalid")]),
        ("02-akhir/02-a--b.md", OTHER_LESSON, [(0, "name-invalid")]),
        ("media/foto saya.png", picture(4), [(0, "name-invalid")]),
        ("media/a.bmp", b"x", [(0, "media-type")]),
        ("media/a.svg", b"<svg/>", [(1, "svg-root")]),
        ("media/a.SVG", b"<svg/>", [(1, "svg-root")]),
        ("media/a.svg", b" " * 1024 * 1024 + b"<svg/>", [(0, "media-size")]),
        ("02-akhir/media/a", b"x", [(0, "media-type")]),
        # -- emptiness --
        (LESSON_FILE, LESSON.split("\nWarga")[0], [(5, "lesson-empty")]),
        (QUESTIONS_FILE, "// hanya catatan\n", [(0, "quiz-empty")]),
        # -- TOML and front matter --
        (MODULE, 'title = "Awal"\nkey = awal\n', [(2, "toml-syntax")]),
        (MODULE, 'title = "Awal"\nkey = "awal\n', [(2, "toml-syntax")]),
        (MODULE, 'title = "Awal"\nkey = "awal"\nkey = "dua"', [(3, "toml-syntax")]),
        (MODULE, 'title = "Awal"\nkey = "awal"\nlist = [\n', [(3, "toml-syntax")]),
        (LESSON_FILE, swap(LESSON, '"Menyapa"', "Menyapa"), [(3, "toml-syntax")]),
        (LESSON_FILE, swap(LESSON, "+++\n\nWarga", "\nWarga"), [(1, "front-matter")]),
        (LESSON_FILE, "\n" + LESSON, [(1, "front-matter")]),
        # -- lessons --
        (LESSON_FILE, LESSON + "# Judul\n", [(12, "heading-top")]),
        (LESSON_FILE, LESSON + "\nJudul\n=====\n", [(13, "heading-top")]),
        (LESSON_FILE, LESSON + "![](media/alur.png)", [(12, "image-without-text")]),
        (LESSON_FILE, LESSON + "[a](media/b.pdf)", [(12, "media-missing")]),
        (LESSON_FILE, LESSON + "[a](b.pdf)", [(12, "media-address")]),
        (LESSON_FILE, LESSON + "[a](media/../course.toml)", [(12, "media-address")]),
        (LESSON_FILE, LESSON + "[a](../rahasia.pdf)", [(12, "media-address")]),
        (LESSON_FILE, LESSON + "[a](part/pamit) [b](part/kuis) `[c](part/hilang)`", []),
        (LESSON_FILE, LESSON + "[a](part/hilang)", [(12, "link-dead")]),
        (LESSON_FILE, LESSON + "a\n[a](part/awal) [b](part/kuis-1)", [(13, "link-dead")] * 2),
        (LESSON_FILE, LESSON + "[a](part/Pamit)", [(12, "media-address")]),
        (LESSON_FILE, LESSON + '<a href="part/pamit">a</a> `<a href="part/x">`', []),
        (LESSON_FILE, LESSON + '<a href="part/hilang">a</a>', [(12, "link-dead")]),
        (LESSON_FILE, LESSON + "a\n<A class=x HREF='part//a.id'>a</A>", [(13, "link-dead")]),
        (LESSON_FILE, LESSON + '<a href="part/javascript:alert(1)">a</a>', [(12, "link-dead")]),
        (LESSON_FILE, LESSON + "> [!NOTE]\n> x\n\n> [!LAIN]\n> x", [(15, "box-unknown")]),
        (LESSON_FILE, LESSON + "a[^1]\n\n[^1]: b", []),
        (LESSON_FILE, LESSON + "a[^1]\n\n[^2]: b", [(12, "note-missing"), (14, "note-unused")]),
        # addresses elsewhere are nobody's business here
        (LESSON_FILE, LESSON + "[a](https://contoh.id) [b](/kursus) [c](#atas)", []),
        # -- quizzes: what is wrong with their texts is told at the question --
        (
            QUESTIONS_FILE,
            swap(QUESTIONS, "=Warga", "=Warga#![](media/x.png)"),
            [(2, "image-without-text"), (2, "media-missing")],
        ),
        (QUESTIONS_FILE, swap(QUESTIONS, "=Warga", r"=\# Warga"), [(2, "heading-top")]),
        (QUESTIONS_FILE, swap(QUESTIONS, "=Warga", "=Warga#[x](part/sapa)"), []),
        (QUESTIONS_FILE, swap(QUESTIONS, "=Warga", "=Warga#[x](part/hilang)"), [(2, "link-dead")]),
        (QUESTIONS_FILE, swap(QUESTIONS, "=Warga", "~Warga"), [(2, "gift-weights-sum")]),
        (QUESTIONS_FILE, swap(QUESTIONS, "M.01", "lesson.hilang"), [(2, "lesson-unknown")]),
        (QUESTIONS_FILE, swap(QUESTIONS, "M.01", "lesson.kuis"), [(2, "lesson-unknown")]),
        (QUESTIONS_FILE, swap(QUESTIONS, "M.01", "lesson.pamit"), []),
        # -- keys --
        (MODULE, 'title = "Awal"\n', [(0, "key-missing")]),
        (LESSON_FILE, swap(LESSON, 'key = "sapa"', ""), [(1, "key-missing")]),
        (QUESTIONS_FILE, swap(QUESTIONS, "[id:kuis-2]", ""), [(8, "key-missing")]),
        (LESSON_FILE, swap(LESSON, '"sapa"', '"Sapa_1"'), [(2, "key-invalid")]),
        (LESSON_FILE, swap(LESSON, '"sapa"', "7"), [(2, "setting-type")]),
        ("02-akhir/module.toml", 'title = "T"\nkey = "sapa"', [(2, "key-doubled")]),
        (QUESTIONS_FILE, swap(QUESTIONS, "kuis-2", "kuis-1"), [(7, "key-doubled")]),
    ],
)
def test_a_spoiled_file_is_told(
    tmp_path: Path, file: str, content: str | bytes | None, found: list[tuple[int, str]]
) -> None:
    root = write_course(tmp_path, {file: content})
    assert problems_of(root) == [(file, line, code) for line, code in found]


@pytest.mark.parametrize(
    ("file", "place", "code"),
    [
        ("03-kosong/module.toml", "03-kosong", "module-empty"),
        ("bab-3/module.toml", "bab-3", "name-invalid"),
        ("01-awal/lain/a.md", "01-awal/lain", "file-unknown"),
        ("media/lain/a.png", "media/lain", "file-unknown"),
        ("02-akhir/02-a\n.md", "02-akhir/02-a?.md", "name-invalid"),
    ],
)
def test_a_spoiled_folder_is_told(tmp_path: Path, file: str, place: str, code: str) -> None:
    root = write_course(tmp_path, {file: 'title = "T"\nkey = "t"'})
    assert (place, 0, code) in problems_of(root)


@pytest.mark.parametrize(
    ("old", "new", "line", "code"),
    [
        ("format = 1\n", "", 0, "setting-missing"),
        ("format = 1", "format = 2", 1, "format-unknown"),
        ('title = "Layanan Prima"\n', "", 0, "setting-missing"),
        ("title", "titel", 2, "setting-unknown"),
        ('"Layanan Prima"', "7", 2, "setting-type"),
        ('"Layanan Prima"', '" "', 2, "setting-empty"),
        ('"Layanan Prima"', f'"{"a" * 121}"', 2, "setting-length"),
        ('"Layanan Prima"', '"a\\nb"', 2, "setting-characters"),
        ('"Melayani warga di loket."', f'"{"a" * 201}"', 3, "setting-length"),
        # several lines are welcome here, other control characters are not
        ('"Setelah kursus', '"Setelah\\n\\u0000kursus', 4, "setting-characters"),
        ('"id"', '"Indonesia"', 5, "setting-language"),
        ("jp = 1.5", "jp = 0", 7, "setting-range"),
        ("jp = 1.5", "jp = nan", 7, "setting-range"),
        ("jp = 1.5", "jp = 1.234", 7, "setting-decimals"),
        ("jp = 1.5", 'jp = "1,5"', 7, "setting-type"),
        ("jp = 1.5", "jp = true", 7, "setting-type"),
        ("jp = 1.5", "jp = 0x" + "f" * 5000, 7, "setting-range"),
        ("[pass]\nscore = 70\n", "", 0, "setting-missing"),
        ("[pass]\nscore = 70", "pass = 70", 11, "setting-type"),
        ("score = 70\n", "", 11, "setting-missing"),
        ("score = 70", "score = 100.01", 12, "setting-range"),
        ("score = 70", "score = 70\nskor = 1", 13, "setting-unknown"),
        ("from = 1\n", "", 19, "setting-missing"),
        ("from = 1", "from = 5", 21, "setting-range"),
        ("to = 2", "to = 2.5", 22, "setting-type"),
        ("to = 2", "to = 1", 22, "outcome-levels"),
        ('"M.05"', '"M.01"', 20, "outcome-doubled"),
        ('"M.05"', '"X.99"', 20, "competency-unknown"),
        ('"M.05"', "5", 20, "setting-type"),
        ("to = 2", "to = 2\nlevel = 3", 23, "setting-unknown"),
        ("to = 2", 'to = 2\n[[outcome]]\ncompetency = "M.01"', 23, "setting-unknown"),
        ("to = 2", 'to = 2\n[removed]\nkeys = "tua"', 24, "setting-type"),
        ("to = 2", "to = 2\n[removed]\nkeys = [1]", 24, "setting-type"),
        ("to = 2", 'to = 2\n[removed]\nkeys = ["sapa"]', 24, "removed-in-use"),
        ("to = 2", "to = 2\n[removed]", 23, "setting-missing"),
        ("format = 1", "format = 1\nremoved = 1", 2, "setting-type"),
        ("format = 1", "format = 1\nbahasa.kedua = 1", 2, "setting-unknown"),
        # tables written inline are looked for by their name
        ("[pass]\nscore = 70", "pass = {score = 101}", 11, "setting-range"),
    ],
)
def test_a_wrong_course_setting_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, code: str
) -> None:
    root = write_course(tmp_path, {"course.toml": COURSE.replace(old, new, 1)})
    found = [each for each in problems_of(root) if each[2] == code]
    assert found == [("course.toml", line, code)]


@pytest.mark.parametrize(
    ("old", "new", "line", "code"),
    [
        ("minutes = 3", "minutes = 0", 3, "setting-range"),
        ("minutes = 3", "minutes = 2.5", 3, "setting-type"),
        ("pass = 60\n", "", 0, "setting-missing"),
        ("pass = 60", "pass = -1", 4, "setting-range"),
        ("weight = 1", "weight = -1", 5, "setting-range"),
        ("weight = 1", 'weight = "1"', 5, "setting-type"),
        ("attempts = 2", "attempts = 1001", 6, "setting-range"),
        ("time_limit = 10", "time_limit = 1441", 7, "setting-range"),
        ("shuffle_questions = true", "shuffle_questions = 1", 8, "setting-type"),
        ('"always"', '"sometimes"', 10, "setting-choice"),
        ("attempts = 2", "grade = 'best'", 6, "setting-choice"),
        ('"always"', '"after-close"', 10, "review-closed"),
        ('"always"', '"always"\n[review]\nlater = ["marks"]', 10, "review-twice"),
        ('show_answers = "always"', '[review]\nlater = ["mark"]', 11, "setting-choice"),
        ('show_answers = "always"', "[review]\nlater = [1]", 11, "setting-choice"),
        ('show_answers = "always"', '[review]\nlater = ["right-answer"]', 11, "review-attempt"),
        ('show_answers = "always"', '[review]\nclosed = ["marks"]', 11, "review-closed"),
        ('show_answers = "always"', "[review]\nnow = []", 11, "setting-unknown"),
        ('show_answers = "always"', "review = 1", 10, "setting-type"),
        ('show_answers = "always"', '[[feedback]]\nfrom = 101\ntext = "x"', 11, "setting-range"),
        ('show_answers = "always"', "[[feedback]]\nfrom = 10", 10, "setting-missing"),
        (
            'show_answers = "always"',
            '[[feedback]]\nfrom = 1\ntext = "x"\n[[feedback]]\nfrom = 1.0\ntext = "y"',
            14,
            "feedback-doubled",
        ),
        # one question of two has the tag M.01
        (
            'show_answers = "always"',
            '[[sections]]\ntag = "M.01"\ndraw = 2\n[[sections]]',
            12,
            "section-pool",
        ),
        ('show_answers = "always"', "[[sections]]\ndraw = 3", 11, "section-pool"),
        ('show_answers = "always"', "[[sections]]\ndraw = 0", 11, "setting-range"),
        ('show_answers = "always"', "[[sections]]\n[[sections]]", 11, "section-empty"),
        (
            'show_answers = "always"',
            '[[sections]]\ntag = "M.1"\n[[sections]]',
            11,
            "section-empty",
        ),
        ('show_answers = "always"', '[[sections]]\ntag = "M.01"', 10, "section-left-out"),
        ("attempts = 2", 'pretest = "awal"', 6, "pretest-unknown"),  # a module
        ("attempts = 2", 'pretest = "sapa"', 6, "pretest-unknown"),  # a lesson
        ("attempts = 2", 'pretest = "kuis"', 6, "pretest-unknown"),  # itself
        ("attempts = 2", "wait = 43201", 6, "setting-range"),
        ("attempts = 2", "attempts = 1\nwait = 5", 7, "quiz-wait"),
        ("attempts = 2", "attempts = 1\nwait_later = 5", 7, "quiz-wait"),
        ("attempts = 2", 'closes = "2026-11-30"', 6, "setting-type"),
        ("attempts = 2", "closes = 2026-11-30", 6, "setting-type"),  # a day without an hour
        ("attempts = 2", "closes = 2026-11-30T14:00:00+07:00", 6, "setting-zone"),
        ("attempts = 2", "closes = 0001-01-01T00:00:00", 6, "setting-range"),
        (
            "attempts = 2",
            "opens = 2026-11-30T14:00:00\ncloses = 2026-11-30T14:00:00",
            7,
            "quiz-dates",
        ),
        ('"always"', '"always"\nscoring = "half"', 11, "setting-choice"),
        ('"always"', '"always"\nmatch_case = "no"', 11, "setting-type"),
        ('"always"', '"always"\nmatch_accents = 0', 11, "setting-type"),
        ('"always"', '"always"\nfeedback = 1', 11, "setting-type"),
        ('"always"', f'"always"\n{HINTS}'.replace("practice = true\n", ""), 11, "hints-unseen"),
        ('"always"', f'"always"\n{HINTS}'.replace("kuis-1", "kuis-9"), 13, "hints-question"),
        ('"always"', f'"always"\n{HINTS}'.replace("kuis-1", "sapa"), 13, "hints-question"),
        ('"always"', f'"always"\n{HINTS}'.replace('"Ingat."', '" "'), 14, "hints-empty"),
        ('"always"', f'"always"\n{HINTS}'.replace('"Ingat."', ""), 14, "hints-empty"),
        ('"always"', f'"always"\n{HINTS}'.replace('"Ingat."', "1"), 14, "setting-type"),
        ('"always"', f'"always"\n{HINTS}'.replace("Ingat", "[a](media/b)"), 14, "media-missing"),
        ('"always"', f'"always"\n{HINTS}\n{HINTS[16:]}', 16, "hints-doubled"),
        ('"always"', '"always"\npractice = 1', 11, "setting-type"),
    ],
)
def test_a_wrong_quiz_setting_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, code: str
) -> None:
    root = write_course(tmp_path, {QUIZ_FILE: swap(QUIZ, old, new)})
    assert problems_of(root) == [(QUIZ_FILE, line, code)]


def test_a_pre_test_comes_before_its_post_test(tmp_path: Path) -> None:
    changes: Changes = {
        "02-akhir/02-akhir.toml": 'key = "uji"\ntitle = "Uji"\nminutes = 3\npass = 60\n',
        "02-akhir/02-akhir.gift": "// [id:uji-1]\nBenar. {T}\n",
    }
    after = changes["02-akhir/02-akhir.toml"]
    pretest = {"02-akhir/02-akhir.toml": f'{after!s}pretest = "kuis"\n'}
    assert problems_of(write_course(tmp_path / "a", {**changes, **pretest})) == []
    early = {QUIZ_FILE: QUIZ + 'pretest = "uji"\n'}
    assert problems_of(write_course(tmp_path / "b", {**changes, **early})) == [
        (QUIZ_FILE, 11, "pretest-unknown")
    ]


def test_sections_are_not_blamed_for_questions_that_could_not_be_read(tmp_path: Path) -> None:
    changes: Changes = {
        QUIZ_FILE: QUIZ + '[[sections]]\ntag = "M.01"\ndraw = 1\n[[sections]]\n',
        QUESTIONS_FILE: swap(QUESTIONS, "=Warga", "~Warga"),
    }
    root = write_course(tmp_path, changes)
    assert problems_of(root) == [(QUESTIONS_FILE, 2, "gift-weights-sum")]


def test_outcomes_that_are_no_tables_are_told(tmp_path: Path) -> None:
    course = COURSE.split("[pass]")[0] + "outcomes = [1]\n[pass]\nscore = 70\n"
    root = write_course(tmp_path, {"course.toml": course})
    assert problems_of(root) == [("course.toml", 11, "setting-type")]


def test_a_pass_score_needs_a_weighted_quiz(tmp_path: Path) -> None:
    root = write_course(tmp_path, {QUIZ_FILE: swap(QUIZ, "weight = 1", "weight = 0")})
    assert problems_of(root) == [("course.toml", 12, "pass-without-weight")]


def test_a_course_without_modules_is_told(tmp_path: Path) -> None:
    only: Changes = {name: None for name in FILES if name != "course.toml"}
    root = write_course(tmp_path, {**only, "course.toml": swap(COURSE, "score = 70", "score = 0")})
    assert problems_of(root) == [("course.toml", 0, "course-empty")]


def test_a_folder_that_is_not_there_or_badly_named_is_told(tmp_path: Path) -> None:
    assert problems_of(tmp_path / "tidak-ada") == [(".", 0, "folder-missing")]
    root = write_course(tmp_path).rename(tmp_path / "Layanan Prima")
    assert problems_of(root) == [(".", 0, "folder-slug")]


def test_links_are_refused_wherever_they_stand(tmp_path: Path) -> None:
    root, secret = write_course(tmp_path), tmp_path / "rahasia.md"
    secret.write_text(SECOND_LESSON.replace("pamit", "rahasia"))
    (root / "02-akhir" / "02-rahasia.md").symlink_to(secret)
    (root / "02-akhir" / "media").symlink_to(tmp_path)
    (root / "03-luar").symlink_to(tmp_path, target_is_directory=True)
    (root / "media" / "a.png").symlink_to(secret)
    (root / MODULE).unlink()
    (root / MODULE).symlink_to(tmp_path / "tidak-ada")
    assert problems_of(root) == [
        (MODULE, 0, "file-link"),
        ("02-akhir/02-rahasia.md", 0, "file-link"),
        ("02-akhir/media", 0, "file-link"),
        ("03-luar", 0, "file-link"),
        ("media/a.png", 0, "file-link"),
    ]


def test_media_beyond_the_limit_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MEDIA_LIMIT", len(picture(4)))
    large = picture(1) + b"."
    monkeypatch.setitem(FILES, "media/loket.png", large)
    assert problems_of(write_course(tmp_path)) == [("media/loket.png", 0, "media-size")]


def test_media_may_be_as_large_as_20_megabytes() -> None:
    assert files.MEDIA_LIMIT == 20 * 1024 * 1024


def test_a_doubled_key_names_both_places(tmp_path: Path) -> None:
    root = write_course(
        tmp_path, {"02-akhir/01-pamit.md": swap(SECOND_LESSON, '"pamit"', '"sapa"')}
    )
    _, (problem,) = read(root, KNOWN)
    assert (problem.file, problem.line) == ("02-akhir/01-pamit.md", 2)
    assert "01-awal/01-sapa.md:2" in problem.message


def test_a_lost_key_is_told_by_its_title_and_how_to_mean_it(tmp_path: Path) -> None:
    root = write_course(tmp_path)
    previous = {"sapa": "Menyapa", "awal": "Awal", "kuis-2": "", "tua": "Cara lama"}
    _, (problem,) = read(root, KNOWN, previous)
    assert (problem.file, problem.line, problem.code) == ("course.toml", 0, "key-lost")
    assert "Cara lama" in problem.message
    assert 'keys = ["tua"]' in problem.message
    meant = COURSE + '\n[removed]\nkeys = ["tua"]\n'
    (root / "course.toml").write_text(meant)
    assert problems_of(root, previous) == []
    assert problems_of(root, ["sapa", "lebih-tua"]) == [("course.toml", 0, "key-lost")]


@pytest.mark.parametrize(
    ("file", "content"),
    [
        # a slip in the settings, a missing front matter, a question with a fault
        (MODULE, 'title = Awal\nkey = "awal"\n'),
        (LESSON_FILE, swap(LESSON, "minutes = 5", "minutes = lima")),
        (LESSON_FILE, swap(LESSON, "+++", "---")),
        (QUESTIONS_FILE, swap(QUESTIONS, "=Warga", "=Warga =")),
        (QUESTIONS_FILE, QUESTIONS.encode() + b"\xff"),
    ],
)
def test_the_key_of_a_file_with_another_fault_is_not_lost(
    tmp_path: Path, file: str, content: str | bytes
) -> None:
    codes = {code for _, _, code in problems_of(write_course(tmp_path, {file: content}), ALL_KEYS)}
    assert codes
    assert "key-lost" not in codes


def test_every_problem_is_told_by_file_and_line(tmp_path: Path) -> None:
    changes: Changes = {
        MODULE: 'title = ""\nnama = 1\n',
        LESSON_FILE: LESSON + "# A\n[a](media/b.pdf)\n# C\n",
        "course.toml": swap(COURSE, "jp = 1.5", "jp = -1\nguru = 1"),
    }
    assert problems_of(write_course(tmp_path, changes)) == [
        (LESSON_FILE, 12, "heading-top"),
        (LESSON_FILE, 13, "media-missing"),
        (LESSON_FILE, 14, "heading-top"),
        (MODULE, 0, "key-missing"),
        (MODULE, 1, "setting-empty"),
        (MODULE, 2, "setting-unknown"),
        ("course.toml", 7, "setting-range"),
        ("course.toml", 8, "setting-unknown"),
    ]


def test_a_misspelt_setting_is_told_the_right_one(tmp_path: Path) -> None:
    root = write_course(tmp_path, {QUIZ_FILE: swap(QUIZ, "weight", "wieght")})
    _, problems = read(root, KNOWN)
    assert ['"weight"' in each.message for each in problems if each.line == 5] == [True]


@settings(deadline=None)  # it writes files
@given(
    st.sampled_from([name for name in FILES if not name.startswith("media")]),
    st.binary() | st.text(alphabet='+[]="1.e{}#!(\n key').map(str.encode),
)
def test_no_file_content_makes_it_raise(name: str, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        problems_of(write_course(Path(folder), {name: content}), ALL_KEYS)


@pytest.mark.parametrize(
    "value", ["9" * 5000, "1e99999999999999999999", "[" * 5000, "inf", "1979-05-27", "{}", "-0.0"]
)
def test_no_toml_value_makes_it_raise(tmp_path: Path, value: str) -> None:
    changes: Changes = {
        "course.toml": swap(COURSE, "jp = 1.5", f"jp = {value}"),
        QUIZ_FILE: swap(QUIZ, "weight = 1", f"weight = {value}"),
    }
    found = problems_of(write_course(tmp_path, changes))
    assert {("course.toml", 7), (QUIZ_FILE, 5)} >= {(file, line) for file, line, _ in found if line}
    assert found
