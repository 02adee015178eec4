"""What a question was: the revisions of its file in which it changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lms.core.errors import NotFound
from lms.courses.models import DraftFile
from lms.courses.queries.drafts import revisions_of
from lms.formats.gift import sheet


@dataclass(frozen=True)
class QuestionVersion:
    """The text of a question as somebody left it; `number` is that of the file's revision."""

    number: int
    text: str
    saved_at: datetime
    saved_by: str


def versions_of(file: DraftFile, key: str) -> list[QuestionVersion]:
    """Every text that the question had in this file, the newest first."""
    found: list[QuestionVersion] = []
    for revision in reversed(revisions_of(file)):
        text = _text_of(revision.text, key)
        if text and (not found or found[-1].text != text):
            found.append(
                QuestionVersion(revision.number, text, revision.saved_at, revision.saved_by.name)
            )
    return found[::-1]


def version_of(versions: Sequence[QuestionVersion], number: int) -> QuestionVersion:
    """Raises NotFound."""
    for version in versions:
        if version.number == number:
            return version
    raise NotFound


def _text_of(text: str, key: str) -> str:
    """Empty where the question is not there."""
    if f"[id:{key}]" not in text:
        return ""
    return next((entry.text for entry in sheet.entries(text) if entry.key == key), "")
