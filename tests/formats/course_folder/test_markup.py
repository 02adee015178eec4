import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.formats.course_folder.markup import images_without_text, targets, top_headings


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


@given(st.text() | st.text(alphabet="`~[]()!# =>\n"))
def test_any_text_is_looked_through(markdown: str) -> None:
    lines = markdown.count("\n") + 1
    found = [*top_headings(markdown), *images_without_text(markdown)]
    found += [line for line, _ in targets(markdown)]
    assert all(1 <= line <= lines for line in found)
