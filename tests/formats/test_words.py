"""Sentences of the formats, which are told in the reader's language later."""

import ast
from pathlib import Path

from flask import Flask

from lms.core import i18n
from lms.formats.gift.reader import parse
from lms.formats.words import Words

FORMATS = Path(__file__).parent.parent.parent / "lms" / "formats"


def test_words_are_the_indonesian_sentence() -> None:
    assert Words("Setiap jawaban bernilai 100%.") == "Setiap jawaban bernilai 100%."
    assert Words("%(a)s dan %(b)s", a=1, b=Words("%(c)s%%", c=2)) == "1 dan 2%"


def test_they_are_told_in_the_language_of_the_reader(context: Flask) -> None:
    section = Words("bagian %(header)s", header="[pass]")
    name = Words('Pengaturan "%(name)s"', name="100%")
    words = Words("%(setting)s belum ada; tambahkan %(wanted)s.", setting=name, wanted=section)
    assert i18n.said(words) == words
    assert words == 'Pengaturan "100%" belum ada; tambahkan bagian [pass].'
    with i18n.in_language("en"):
        assert i18n.said(words) == 'The setting "100%" is missing; add a section [pass].'
        assert i18n.said("apa adanya 100%") == "apa adanya 100%"


def test_a_percent_sign_that_somebody_wrote_is_harmless(context: Flask) -> None:
    _, [problem] = parse("// [id:a]\nSatu? {\n~%33,3%Ya\n~%-50%Tidak %(x)s %\n}\n")
    assert "%33,3%" in problem.message
    with i18n.in_language("en"):
        assert i18n.said(problem.message).startswith("The weight %33,3% is no number")


def test_every_sentence_can_be_told_in_another_language() -> None:
    """No format puts a sentence for people together by itself: an f-string with words in it would
    stay Indonesian for everybody."""
    joined = []
    for path in sorted(FORMATS.rglob("*.py")):
        if "pdf" in path.parts:  # the sheets have words of their own
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.JoinedStr):
                fixed = "".join(str(v.value) for v in node.values if isinstance(v, ast.Constant))
                if len(fixed.split()) > 2 and fixed.rstrip().endswith("."):
                    joined.append(f"{path.name}:{node.lineno}")
    assert not joined
