"""Questions that are not ready: they stay in the folder, and nobody is asked them."""

from pathlib import Path

import pytest

from lms.formats.course_folder.content import CourseContent, QuizContent, digest
from lms.formats.course_folder.reader import read

from .sample import KNOWN, QUESTIONS, QUIZ, Changes, write_course

GIFT, SETTINGS = "01-awal/02-kuis.gift", "01-awal/02-kuis.toml"
ALL_KEYS = ["awal", "sapa", "kuis", "kuis-1", "kuis-2", "akhir", "pamit"]
HINTS = 'practice = true\n[[hints]]\nquestion = "kuis-1"\ntexts = ["Ingat."]\n'


def with_state(state: str, key: str = "kuis-1", more: str = "") -> str:
    label = f"[id:{key}]"
    return QUESTIONS.replace(label, f"{label} [state:{state}]{more}")


def read_course(folder: Path, changes: Changes) -> tuple[CourseContent | None, list[str]]:
    content, problems = read(write_course(folder, changes), KNOWN, ALL_KEYS)
    return content, [f"{each.place} {each.code}" for each in problems]


def asked(content: CourseContent | None) -> list[str]:
    assert content is not None
    [quiz] = [p for m in content.modules for p in m.parts if isinstance(p, QuizContent)]
    return [question.key for question in quiz.questions]


@pytest.mark.parametrize(("state", "warned"), [("draft", 1), ("retired", 0), ("ready", 0)])
def test_only_what_is_ready_is_asked(tmp_path: Path, state: str, warned: int) -> None:
    content, problems = read_course(tmp_path, {GIFT: with_state(state)})
    assert problems == [], "its key is not lost"
    assert asked(content) == (["kuis-1", "kuis-2"] if state == "ready" else ["kuis-2"])
    assert content is not None
    told = [w.place for w in content.warnings if w.code == "question-draft"]
    assert told == [f"{GIFT}:2"] * warned


def test_what_an_unready_question_names_is_not_missed(tmp_path: Path) -> None:
    text = with_state("draft", more=" [tag:lesson.belum] [tag:goal.belum]").replace(
        "Siapa", "![Belum ada gambarnya](media/belum.png) Siapa"
    )
    content, problems = read_course(tmp_path, {GIFT: text})
    assert problems == []
    assert asked(content) == ["kuis-2"]


def test_a_quiz_needs_one_that_is_ready(tmp_path: Path) -> None:
    text = with_state("draft").replace("[id:kuis-2]", "[id:kuis-2] [state:retired]")
    content, problems = read_course(tmp_path, {GIFT: text})
    assert content is None
    assert problems == [f"{GIFT} quiz-unready"]


def test_sections_draw_from_those_that_are_ready(tmp_path: Path) -> None:
    sections = QUIZ + "[[sections]]\ndraw = 2\n"
    assert read_course(tmp_path / "a", {SETTINGS: sections})[1] == []
    changes: Changes = {SETTINGS: sections, GIFT: with_state("retired")}
    assert read_course(tmp_path / "b", changes)[1] == [f"{SETTINGS}:12 section-pool"]


def test_hints_may_wait_for_their_question(tmp_path: Path) -> None:
    changes: Changes = {SETTINGS: QUIZ + HINTS, GIFT: with_state("draft")}
    assert read_course(tmp_path / "a", changes)[1] == []
    pool = QUIZ.replace('"kuis"', '"tes"').replace("weight = 1\n", "") + 'questions = "kuis"\n'
    borrowed: Changes = {GIFT: with_state("draft"), "02-akhir/02-tes.toml": pool + HINTS}
    assert read_course(tmp_path / "b", borrowed)[1] == []


def test_what_only_authors_see_is_no_content(tmp_path: Path) -> None:
    said = with_state("ready", more=" [author:Ratna] [source:Buku]")
    first, _ = read_course(tmp_path / "a", {})
    second, _ = read_course(tmp_path / "b", {GIFT: said})
    third, _ = read_course(tmp_path / "c", {GIFT: with_state("retired")})
    assert first is not None
    assert second is not None
    assert third is not None
    assert digest(first) == digest(second) != digest(third)
