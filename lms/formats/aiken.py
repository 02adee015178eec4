"""Aiken, the plainest format for questions with one right option: the question, options "A. …" or
"A) …" a line each, and "ANSWER: B"."""

import re
from collections.abc import Iterable
from dataclasses import replace
from string import ascii_uppercase

from lms.formats.gift.questions import (
    FULL,
    NONE,
    Option,
    Question,
    QuestionKind,
    QuestionState,
)
from lms.formats.incoming import Incoming
from lms.formats.words import Words

_LETTERS = ascii_uppercase
_OPTION = re.compile(r"\s*([A-Za-z])[.)]\s+(.+)")
_ANSWER = re.compile(r"\s*(?:ANSWER|JAWABAN|KUNCI)\s*:\s*([A-Za-z])\s*", re.IGNORECASE)


def looks_like(text: str) -> bool:
    return "{" not in text and any(_ANSWER.fullmatch(line) for line in text.split("\n"))


def parse(text: str) -> list[Incoming]:
    """Every question with its line; one without a key, and perhaps with what is wrong."""
    found: list[Incoming] = []
    begun: list[tuple[int, str]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        answer = _ANSWER.fullmatch(line)
        if answer:
            found.append(_question(begun, answer[1].upper(), number))
            begun = []
        elif line.strip():
            begun.append((number, line))
    if begun:
        found.append(_question(begun, "", begun[0][0]))
    return found


def dump(questions: Iterable[Question]) -> str:
    """Those with one right option as text, without what Aiken has no place for (feedback, tags,
    title, author). Left out is what would not be read again as the same question and options."""
    return "\n".join(block for each in questions if (block := _block(each)))


def _block(question: Question) -> str | None:
    options = question.options
    right = [at for at, each in enumerate(options) if each.fraction == FULL]
    if question.kind is not QuestionKind.SINGLE or len(right) != 1 or len(options) > len(_LETTERS):
        return None
    answers = "".join(f"{_LETTERS[at]}. {each.text}\n" for at, each in enumerate(options))
    block = f"{question.text}\n{answers}ANSWER: {_LETTERS[right[0]]}\n"
    plain = replace(
        question, key="", title="", general_feedback="", tags=(), last_option_fixed=False,
        state=QuestionState.READY, author="", source="",
        options=tuple(Option(each.text, each.fraction) for each in options),
    )  # fmt: skip
    back = [each.question for each in parse(block)]
    return block if looks_like(block) and back == [plain] else None


def _question(lines: list[tuple[int, str]], right: str, at: int) -> Incoming:
    stem: list[str] = []
    options: dict[str, str] = {}
    for _, line in lines:
        match = _OPTION.fullmatch(line)
        if match:
            options[match[1].upper()] = match[2].strip()
        elif options:  # an option goes on over the next line
            last = list(options)[-1]
            options[last] = f"{options[last]} {line.strip()}"
        else:
            stem.append(line.strip())
    question = Question(
        key="",
        kind=QuestionKind.SINGLE,
        title="",
        text="\n".join(stem),
        options=tuple(
            Option(text, FULL if letter == right else NONE) for letter, text in options.items()
        ),
    )
    first = lines[0][0] if lines else at
    problems: list[Words] = []
    if not right:
        problems.append(Words("Baris ANSWER belum ada; tulis misalnya ANSWER: B."))
    elif right not in options:
        problems.append(
            Words("Jawaban %(right)s tidak ada di antara pilihan; perbaiki ANSWER.", right=right)
        )
    if len(options) < 2:
        problems.append(Words("Soal pilihan perlu paling sedikit dua jawaban; tulis A. dan B."))
    return Incoming(first, " ".join(stem), None if problems else question, tuple(problems))
