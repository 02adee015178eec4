"""What a list shows of a question, what is searched in it, and when two of them are the same."""

import hashlib
import json
import re

from lms.formats.gift.questions import Question
from lms.formats.gift.sheet import Entry

SHOWN_LENGTH = 160
_READ = 4000  # signs looked at for those that are shown
_MARKS = re.compile(r"[*_`]+|!\[|\]\([^)]{0,300}\)|^[#>]+ *", re.MULTILINE)


def shown_words(entry: Entry) -> str:
    """The beginning of the question on one line; of one that cannot be read, of its text."""
    lines = entry.text.split("\n")
    text = (
        entry.question.text
        if entry.question
        else " ".join(line for line in lines if not line.lstrip().startswith("//"))
    )
    words = " ".join(_MARKS.sub(" ", text[:_READ]).split())
    return words if len(words) <= SHOWN_LENGTH else f"{words[: SHOWN_LENGTH - 1].rstrip()}…"


def search_words(entry: Entry) -> str:
    """All texts of the question in lower case."""
    question = entry.question
    if question is None:
        return entry.text.lower()
    return "\n".join(
        [entry.key, question.title, question.text, question.general_feedback, *question.tags,
         question.author, question.source,
         *(text for o in question.options for text in (o.text, o.feedback, o.match))]
    ).lower()  # fmt: skip


def sameness(question: Question) -> str:
    """Equal for questions that ask a learner the same, whatever their case, spaces and order of
    options."""
    options = sorted((_folded(o.text), _folded(o.match)) for o in question.options)
    text = json.dumps([question.kind.value, _folded(question.text), options])
    return hashlib.sha256(text.encode()).hexdigest()


def _folded(text: str) -> str:
    return " ".join(text.lower().split())
