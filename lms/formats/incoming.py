"""Questions that come in from outside, whatever the format, before they are taken."""

import codecs
from dataclasses import dataclass, replace

from lms.formats.course_folder.content import EssayContent
from lms.formats.gift import sheet
from lms.formats.gift.questions import Question
from lms.formats.gift.source import GiftProblem
from lms.formats.words import Words

_STAND_IN = "soal"
_NO_KEY = {"key-missing", "key-invalid", "gift-id-twice"}


@dataclass(frozen=True)
class Incoming:
    """`line` is that of the file, or the row of a table. `question` is None where it cannot be
    taken, and `problems`, for the trainer, say why; its key may be empty. `essay` is what a table
    says of one besides."""

    line: int
    words: str
    question: Question | None
    problems: tuple[Words, ...] = ()
    essay: EssayContent | None = None


class NoText(Exception):
    """The bytes are no text in any encoding that is known here."""


def decoded(content: bytes) -> str:
    """The text with plain line ends: UTF-8, UTF-16 with its mark, or Windows-1252.

    Raises NoText.
    """
    encodings = ["utf-8-sig", "cp1252"]
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text.replace("\r\n", "\n").replace("\r", "\n")
    raise NoText


def from_gift(text: str) -> list[Incoming]:
    """Every question of a GIFT text. What has no key of ours is no fault: it will get one."""
    found = []
    for entry in sheet.entries(text):
        question, problems = entry.question, entry.problems
        if question is None and {problem.code for problem in problems} & _NO_KEY:
            question, problems = _without_key(entry)
        words = question.text if question else entry.text
        told = tuple(
            Words("Baris %(line)s: %(message)s", line=each.line, message=each.message)
            for each in problems
        )
        found.append(Incoming(entry.first, words, question, told))
    return found


def _without_key(
    entry: sheet.Entry,
) -> tuple[Question | None, tuple[GiftProblem, ...]]:
    """As it would be read with a key."""
    lines = [
        line.replace("[id:", "[") if line.lstrip().startswith("//") else line
        for line in entry.text.split("\n")
    ]
    again = sheet.entries("\n".join([f"// [id:{_STAND_IN}]", *lines]))[0]
    problems = tuple(replace(p, line=p.line + entry.first - 2) for p in again.problems)
    return (replace(again.question, key="") if again.question else None), problems


def checked(incoming: Incoming) -> Incoming:
    """The same, if its question can be written as GIFT and read again unchanged."""
    question = incoming.question
    if question is None:
        return incoming
    keyed = replace(question, key=question.key or _STAND_IN)
    back = sheet.entries(sheet.written(keyed))
    if len(back) == 1 and back[0].question == keyed:
        return incoming
    said = tuple(problem.message for entry in back for problem in entry.problems)
    general = Words("Soal ini tidak dapat ditulis sebagai GIFT; hindari tanda -> di jawabannya.")
    return replace(incoming, question=None, problems=said or (general,))
