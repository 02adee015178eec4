import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.formats.course_folder.markup import (
    images_without_text,
    lone_notes,
    targets,
    top_headings,
    unknown_boxes,
    word_count,
)


@pytest.mark.parametrize(
    ("markdown", "lines"),
    [
        ("# Judul", [1]),
        # Python-Markdown needs no space after the mark
        ("a\n#Judul", [2]),
        ("   # Judul\n> # Kutipan", [1, 2]),
        ("Judul\n===", [1]),
        ("## Judul\n### Judul", []),
        ("a # b\n\\# c\n    # kode", []),
        ("```\n# komentar\n```\n# Judul", [4]),
        ("~~~ sh\n# komentar\n```\n# masih\n~~~~\n", []),
        ("\n===\n| a |\n|---|", []),
    ],
)
def test_headings_of_level_1_are_found(markdown: str, lines: list[int]) -> None:
    assert top_headings(markdown) == lines


@pytest.mark.parametrize(
    ("markdown", "found"),
    [
        ("[a](media/a.pdf) ![b](media/b.png)", [(1, "media/a.pdf"), (1, "media/b.png")]),
        (
            '![b](media/b.png "Judul") [c]( <media/c.pdf> )',
            [(1, "media/b.png"), (1, "media/c.pdf")],
        ),
        # an image that is a link itself
        ("[![b](media/b.png)](media/a.pdf)", [(1, "media/b.png"), (1, "media/a.pdf")]),
        # by reference
        ('a\n\n[x]: media/x.pdf "X"', [(3, "media/x.pdf")]),
        # no references: a sentence, an abbreviation, a footnote
        ("[Catatan]: ini penting\n*[ASN]: Aparatur\n[^1]: kaki", []),
        # code is passed over
        ("`[a](b)` ``[a](`b)`` [c](d)\n```\n[e](f)\n```", [(1, "d")]),
        ("a] (b) [c]() [d]", []),
    ],
)
def test_addresses_are_found(markdown: str, found: list[tuple[int, str]]) -> None:
    assert targets(markdown) == found


def test_images_without_text_are_found() -> None:
    assert images_without_text("![](a)\n![ ][b]\n![c](a)\n[](a)\n`![](a)`") == [1, 2]


def test_boxes_that_nobody_knows_are_found() -> None:
    text = "> [!NOTE]\n> [!tip] a\n> > [!LAIN]\n`> [!X]`\n[!X]\n> [!CAUTION]- b\n> [!DETAILS] c"
    assert unknown_boxes(text) == [(3, "LAIN"), (6, "CAUTION")]


@pytest.mark.parametrize(
    ("markdown", "marks", "texts"),
    [
        ("a[^1] b[^x y]\n\n[^1]: c\n[^x y]: d", [], []),
        ("a[^1]", [(1, "1")], []),
        ("a\n[^1]: b", [], [(2, "1")]),
        ("[^1]: b[^2]\n[^2]: c[^1]", [], []),
        ("`[^1]`\n```\n[^2]: x\n```\n[x][^3]", [(5, "3")], []),
    ],
)
def test_footnotes_without_mark_or_text_are_found(
    markdown: str, marks: list[tuple[int, str]], texts: list[tuple[int, str]]
) -> None:
    assert lone_notes(markdown) == (marks, texts)


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("satu dua", 2),
        ("> [!NOTE] satu\n> dua", 2),
        ("> > [!DETAILS] satu dua", 2),
        ("satu[^1] dua\n\n[^1]: tiga empat", 4),
        ("## satu | - * [dua](part/tiga-empat)", 2),
    ],
)
def test_words_are_counted_without_marks(markdown: str, words: int) -> None:
    assert word_count(markdown) == words


@given(st.text() | st.text(alphabet="`~[]()!# =>^:1\n"))
def test_any_text_is_looked_through(markdown: str) -> None:
    lines = markdown.count("\n") + 1
    found = [*top_headings(markdown), *images_without_text(markdown)]
    found += [line for line, _ in [*targets(markdown), *unknown_boxes(markdown)]]
    found += [line for lone in lone_notes(markdown) for line, _ in lone]
    assert all(1 <= line <= lines for line in found)
