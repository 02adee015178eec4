"""What requires what: everything that could never be opened is told, with its file and line."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.formats.course_folder.reader import read
from lms.formats.course_folder.requirements import Needs, problems_of
from lms.learning import rules

from .sample import KNOWN, LESSON, QUIZ, SECOND_LESSON, Changes, write_course

FIRST, SECOND = "01-awal/module.toml", "02-akhir/module.toml"
SAPA, KUIS, PAMIT = "01-awal/01-sapa.md", "01-awal/02-kuis.toml", "02-akhir/01-pamit.md"


def first(requires: str) -> Changes:
    return {FIRST: f'title = "Awal"\nkey = "awal"\nrequires = {requires}\n'}


def second(requires: str) -> Changes:
    return {SECOND: f'title = "Akhir"\nkey = "akhir"\nrequires = {requires}\n'}


def sapa(requires: str) -> Changes:
    return {SAPA: LESSON.replace("minutes", f"requires = {requires}\nminutes")}


def kuis(requires: str) -> Changes:
    return {KUIS: f"{QUIZ}requires = {requires}\n"}


def pamit(requires: str) -> Changes:
    return {PAMIT: SECOND_LESSON.replace("minutes", f"requires = {requires}\nminutes")}


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        (kuis('["sapa", "pamit"]') | second("[]"), []),
        (sapa('["ada"]'), [(SAPA, 4, "requires-unknown")]),
        (sapa('["kuis-1"]'), [(SAPA, 4, "requires-unknown")]),  # a question opens nothing
        (kuis('"sapa"'), [(KUIS, 11, "setting-type")]),
        (kuis("[1]"), [(KUIS, 11, "setting-type")]),
        (kuis('["sapa", "sapa"]'), [(KUIS, 11, "requires-doubled")]),
        (kuis('["kuis"]'), [(KUIS, 11, "requires-itself")]),
        (kuis('["awal"]'), [(KUIS, 11, "requires-itself")]),  # its own module
        (first('["awal"]'), [(FIRST, 3, "requires-itself")]),
        (first('["kuis"]'), [(FIRST, 3, "requires-itself")]),  # something within
        (
            sapa('["kuis"]') | kuis('["sapa"]'),
            [(SAPA, 4, "requires-cycle"), (KUIS, 11, "requires-cycle")],
        ),
        (
            first('["akhir"]') | second('["awal"]'),
            [(FIRST, 3, "requires-cycle"), (SECOND, 3, "requires-cycle")],
        ),
        (  # by way of a module on one side only
            sapa('["akhir"]') | pamit('["sapa"]'),
            [(SAPA, 4, "requires-cycle"), (PAMIT, 4, "requires-cycle")],
        ),
        (second('["awal"]') | pamit('["kuis"]'), []),  # the same thing twice is no fault
    ],
)
def test_what_cannot_be_fulfilled_is_told(
    tmp_path: Path, changes: Changes, found: list[tuple[str, int, str]]
) -> None:
    _, problems = read(write_course(tmp_path, changes), KNOWN)
    assert [(p.file, p.line, p.code) for p in problems] == found


def test_a_slip_is_told_with_the_key_that_was_meant_and_a_circle_in_full(tmp_path: Path) -> None:
    _, problems = read(write_course(tmp_path / "a", sapa('["pamitt"]')), KNOWN)
    assert 'mungkin maksudnya "pamit"' in problems[0].message
    changes = sapa('["pamit"]') | pamit('["kuis"]') | kuis('["sapa"]')
    _, problems = read(write_course(tmp_path / "b", changes), KNOWN)
    assert any("sapa → pamit → kuis → sapa" in p.message for p in problems)


KEYS = [f"{module}{part}" for module in "abc" for part in "123"]
REQUIRES = st.dictionaries(
    st.sampled_from([*"abc", *KEYS]),
    st.lists(st.sampled_from([*"abc", *KEYS]), unique=True, max_size=2),
)


@given(REQUIRES)
def test_what_passes_the_check_can_be_finished_and_what_does_not_cannot(
    requires: dict[str, list[str]],
) -> None:
    needs = [
        Needs(key, key[0], tuple(requires.get(key, ())), "f", 1) for key in sorted([*"abc", *KEYS])
    ]
    parts = [
        rules.Requirement(k, None, requires=tuple(requires.get(k[0], []) + requires.get(k, [])))
        for k in KEYS
    ]
    modules = {module: [f"{module}{n}" for n in "123"] for module in "abc"}
    done: set[str] = set()
    while opened := set(KEYS) - done - rules.locked(parts, modules, done).keys():
        done |= opened
    assert (done == set(KEYS)) == (problems_of(needs, [*"abc", *KEYS]) == [])
