"""What is looked for in a text costs a moment, whatever a hand has typed there."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from lms.core.markdown import MAX_LENGTH
from lms.formats.course_folder import markup
from lms.formats.gift import sheet, words

LOOKS: dict[str, Callable[[str], object]] = {
    look.__name__: look
    for look in (
        markup.targets, markup.html_parts, markup.images, markup.images_without_text,
        markup.word_count, markup.top_headings, markup.unknown_boxes, markup.lone_notes,
    )
}  # fmt: skip
PATTERNS = [
    ">", "> ", "> [!", ">\n", "![", "![ ", "![a", "![a]", "[", "](", "](a", "]( ", "[^", "[^a]:",
    "`", "<a ", "<a href ", "<a href=", "<img ", "<img alt=", "#", "a\n=", "~", " ",
]  # fmt: skip
SECONDS = 1  # of this thread's CPU


def seconds_for(look: Callable[[Any], object], text: Any) -> float:
    start = time.thread_time()
    look(text)
    return time.thread_time() - start


def fill(pattern: str, length: int = MAX_LENGTH) -> str:
    return (pattern * (length // len(pattern) + 1))[:length]


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("look", LOOKS)
def test_looking_at_markdown_is_bounded(look: str, pattern: str) -> None:
    assert seconds_for(LOOKS[look], fill(pattern)) < SECONDS
    assert seconds_for(LOOKS[look], f"{pattern}{' ' * MAX_LENGTH}x") < SECONDS


@pytest.mark.parametrize("look", LOOKS)
def test_runs_of_backticks_of_every_length_are_bounded(look: str) -> None:
    text = " ".join("`" * count for count in range(1, 310))
    assert seconds_for(LOOKS[look], text) < SECONDS


@pytest.mark.parametrize("pattern", ["](", "![", "*", "> ", "#\n", "](a", "_ "])
@pytest.mark.parametrize("answer", ["{T}", ""])
def test_the_words_of_a_question_are_bounded(pattern: str, answer: str) -> None:
    [entry] = sheet.entries(f"// [id:a]\nSoal {fill(pattern, 500_000)}x {answer}")
    assert (entry.question is None) is (answer == "")
    assert seconds_for(words.shown_words, entry) < SECONDS
    assert seconds_for(words.search_words, entry) < SECONDS


@pytest.mark.parametrize("label", ["[id:", "[tag:", "[source:a"])
def test_labels_left_open_are_bounded(label: str) -> None:
    text = f"// {fill(label, 200_000)}\nSoal {{T}}"

    def read(text: str) -> None:
        [entry] = sheet.entries(text)
        assert entry.question is None
        assert entry.remarks

    assert seconds_for(read, text) < SECONDS * 2


def test_the_beginning_of_a_long_text_is_shown() -> None:
    [entry] = sheet.entries(f"Lihat [panduan](https://contoh.id/a) {'kata ' * 5000} {{T}}")
    shown = words.shown_words(entry)
    assert shown.startswith("Lihat [panduan kata kata")
    assert (len(shown), shown[-1]) == (160, "…")
