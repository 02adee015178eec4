"""A hostile text costs a second or two at most, or is refused at once with a sentence."""

import time
from contextlib import suppress

import pytest
from flask import Flask

from lms.core.errors import DomainError
from lms.core.markdown import MAX_LENGTH, render

# Each was found by rendering mixtures of Markdown's signs and keeping the slow ones.
REFUSED = [
    "[", "![", "[a](", "][\\", "\\][", "`[", "<![CDATA[", "[\n", "> [", "a ![",
    "\\`", "``*", "<a ", "<p ", "<p title='", "a\n=\n", "|\n", "1. ", "*[a]: b\n[",
]  # fmt: skip
BOUNDED = [
    "> [!NOTE]\n\n",
    "> [!DETAILS] a\n> b\n\n",
    ">",
    "> - ",
    "a\n\n",
    "\n---\na\n",
    "</b>",
    "*a ",
    "&",
    "\\",
    "_a",
    "<!-->",
]
SECONDS = 6  # of this thread's CPU; a second or two on a machine that does nothing else


def seconds_for(source: str) -> float:
    start = time.thread_time()
    with suppress(DomainError):
        render(source, notes=True)
    return time.thread_time() - start


def fill(pattern: str, length: int = MAX_LENGTH) -> str:
    return (pattern * (length // len(pattern) + 1))[:length]


@pytest.mark.parametrize("pattern", REFUSED)
def test_what_would_take_minutes_is_refused(context: Flask, pattern: str) -> None:
    with pytest.raises(DomainError, match="tidak dapat diolah"):
        render(fill(pattern))


@pytest.mark.parametrize("pattern", [*BOUNDED, "1. "])
def test_what_is_rendered_at_full_length_is_bounded(context: Flask, pattern: str) -> None:
    assert seconds_for(fill(pattern)) < SECONDS


@pytest.mark.parametrize("pattern", ["<ul><li>", "<em>", "<q>", "<p>", "<a href=x>", "<table>"])
def test_tags_left_open_by_the_thousand_are_refused(context: Flask, pattern: str) -> None:
    with pytest.raises(DomainError, match="tidak dapat diolah"):
        render(fill(pattern))
    assert seconds_for(fill(pattern, 2000 * len(pattern))) < SECONDS


@pytest.mark.parametrize("tag", ["em", "strong", "s", "code", "EM", "a", "abbr", "sub"])
@pytest.mark.parametrize("after", ["<p>x", "\n\nx", "<blockquote>x", "\n\n- x", "<table>x"])
def test_tags_left_open_are_not_opened_again_in_every_paragraph(
    context: Flask, tag: str, after: str
) -> None:
    """HTML's own rule, by which 4 kB of text became 800 kB."""
    source = "".join(f"<{tag} id={n}>" for n in range(300)) + after * 300
    assert len(render(source)) < 30 * len(source)


@pytest.mark.parametrize("share", [4, 12])
@pytest.mark.parametrize("pattern", ["[", "[a](", "`", "<a ", "a\n=\n", "\n---\n"])
def test_just_below_the_refusal_it_is_bounded_too(context: Flask, pattern: str, share: int) -> None:
    assert seconds_for(fill(pattern, MAX_LENGTH // share)) < SECONDS


@pytest.mark.parametrize(
    "pattern", ["[^1]", "[^1] a\n\n", "[^{}]: a\n\n[^{}]\n\n", "[^{}]: [^{}]\n\n", "[^{}]:\n"]
)
@pytest.mark.parametrize("share", [1, 2, 4, 8])
def test_footnotes_by_the_thousand_are_bounded(context: Flask, pattern: str, share: int) -> None:
    source = "[^1]: a\n\n" + "".join(pattern.replace("{}", str(n)) for n in range(9000))
    assert seconds_for(source[: MAX_LENGTH // share]) < SECONDS


def test_spreading_the_signs_over_many_paragraphs_does_not_help(context: Flask) -> None:
    assert seconds_for(fill(fill("[", 400) + "\n\n")) < SECONDS


@pytest.mark.parametrize("pattern", ["a", "[", "<", "# a\n", "\n"])
def test_a_megabyte_is_refused_at_once(context: Flask, pattern: str) -> None:
    start = time.thread_time()
    with pytest.raises(DomainError, match=r"50000|50\.000"):
        render(fill(pattern, 1_000_000))
    assert time.thread_time() - start < 0.5


@pytest.mark.parametrize("depth", [10, 100, 1000, 20_000])
@pytest.mark.parametrize("sign", ["> ", "1. ", "<ul><li>", "- ", "[[", "<q>", "*"])
def test_depth_is_refused_or_rendered_and_never_a_fault(
    context: Flask, sign: str, depth: int
) -> None:
    source = (sign * depth)[: MAX_LENGTH - 1] + "x"
    try:
        html = render(source)
    except DomainError as error:
        html, refusal = "", error.message
    else:
        refusal = ""
    assert "x" in html or "tidak dapat diolah" in refusal


def test_a_long_honest_text_is_accepted(context: Flask) -> None:
    """Twenty pages: prose, 150 links, a table of 200 rows, 100 lines of code, lists."""
    prose = "Setiap ASN wajib mengembangkan kompetensi, lihat [pasal 5](https://a.example/5).\n\n"
    table = (
        "| No | Uraian |\n|---|---|\n" + "| 1 | `kode` dan [aturan](https://a.example) |\n" * 200
    )
    code = "```python\n" + "x = [i for i in range(10) if i < 5]\n" * 100 + "```\n\n"
    items = "- butir dengan [tautan](../lain) dan *tekanan*\n" * 60
    source = prose * 150 + table + "\n" + code + items
    assert MAX_LENGTH * 0.5 < len(source) < MAX_LENGTH
    html = render(source)
    assert html.count("<a ") == 150 + 200 + 60
    assert html.count("<tr>") == 201


def test_a_long_address_is_no_link_but_its_text_stays(context: Flask) -> None:
    assert "<a" in render(f"[x](https://a.example/{'y' * 900})")
    html = render(f"[x](https://a.example/{'y' * 1200})")
    assert "<a" not in html
    assert "y" * 1200 in html
