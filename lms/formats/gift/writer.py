"""Questions to GIFT."""

import re
from collections.abc import Iterable

from lms.formats.gift.answers import WEIGHT, number
from lms.formats.gift.questions import (
    ANY_NUMBER,
    FULL,
    LAST_OPTION_FIXED,
    Option,
    Question,
    QuestionKind,
    QuestionState,
)
from lms.formats.gift.source import STYLE

_SPECIAL = re.compile(r"[~=#{}:\\]")
_LINE_MARK = re.compile(r"//|\$CATEGORY")  # means something at the beginning of a line
_STARTS = {QuestionKind.NUMERIC: "{#", QuestionKind.ORDERING: "{>"}


def dump(questions: Iterable[Question]) -> str:
    """GIFT from which `parse` makes equal questions, provided they are such as it makes."""
    return "\n".join(_dumped(question) for question in questions)


def _dumped(question: Question) -> str:
    tags = [*question.tags, *([LAST_OPTION_FIXED] if question.last_option_fixed else [])]
    labels = " ".join([f"[id:{question.key}]", *(f"[tag:{tag}]" for tag in tags)])
    told = _told(question)
    title = f"::{_escaped(question.title)}::" if question.title else ""
    general = f"####{_dumped_text(question.general_feedback)}" if question.general_feedback else ""
    if question.kind is QuestionKind.TRUEFALSE:
        answer = f"{{{_dumped_truefalse(*question.options)}{general}}}"
    elif question.kind is QuestionKind.ESSAY:
        answer = f"{{{general}}}"
    else:
        options = [_dumped_option(option, question.kind) for option in question.options]
        start = _STARTS.get(question.kind, "{")
        answer = "\n".join([start, *options, *([general] if general else []), "}"])
    return f"// {labels}\n{told}{title}[markdown]{_escaped(question.text)} {answer}\n"


def _told(question: Question) -> str:
    """What other programs pass over, in a comment line of its own; empty where there is nothing."""
    state = "" if question.state is QuestionState.READY else question.state.value
    told = (("state", state), ("author", question.author), ("source", question.source))
    labels = " ".join(f"[{name}:{text}]" for name, text in told if text)
    return f"// {labels}\n" if labels else ""


def _dumped_truefalse(true: Option, false: Option) -> str:
    said, right, wrong = ("T", true, false) if true.fraction == FULL else ("F", false, true)
    after = f"#{_dumped_text(right.feedback)}" if right.feedback else ""
    return f"{said}#{_dumped_text(wrong.feedback)}{after}" if after or wrong.feedback else said


def _dumped_option(option: Option, kind: QuestionKind) -> str:
    if kind is QuestionKind.ORDERING:
        return _dumped_text(option.text)
    if kind is QuestionKind.MATCHING:
        return f"={_dumped_text(option.text)} -> {_dumped_text(option.match)}"
    if kind in (QuestionKind.SHORT, QuestionKind.NUMERIC):
        return _dumped_typed(option, kind)
    if kind is QuestionKind.SINGLE and option.fraction == FULL:
        mark = "="
    elif option.fraction:
        mark = f"~%{number(option.fraction)}%"
    else:
        mark = "~"
    feedback = f"#{_dumped_text(option.feedback)}" if option.feedback else ""
    return mark + _dumped_text(option.text) + feedback


def _dumped_typed(option: Option, kind: QuestionKind) -> str:
    feedback = f"#{_dumped_text(option.feedback)}" if option.feedback else ""
    weight = "" if option.fraction == FULL else f"%{number(option.fraction)}%"
    if kind is QuestionKind.SHORT:
        return f"={weight}{_dumped_text(option.text)}{feedback}"
    return f"~{feedback}" if option.text == ANY_NUMBER else f"={weight}{option.text}{feedback}"


def _dumped_text(text: str) -> str:
    """Escaped, and kept from being read as a style, a weight, a comment or a category."""
    marks = (STYLE, WEIGHT, _LINE_MARK)
    named = "[markdown]" if any(mark.match(text) for mark in marks) else ""
    return named + _escaped(text)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text).replace("\n", "\\n")
