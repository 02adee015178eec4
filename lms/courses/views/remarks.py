"""What was said about a draft, as it stands beside what it is about."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from flask import request

from lms.core.errors import NotFound
from lms.courses.actions import reviewing
from lms.courses.queries.reviewing import comment_for
from lms.courses.rules import line_now

if TYPE_CHECKING:
    from lms.courses.models import Draft, ReviewComment

_MARKS = re.compile(r"^[\s#>|+-]+|[*_`|]+|!?\[|\]\([^()]*\)")


@dataclass(frozen=True)
class Remark:
    """`line` is that of the file, `shown` as the reader counts it; 0: it is about no line, or that
    line is gone (`is_gone`), as a removed file is. `quote` is what stood there, without marks."""

    uuid: UUID
    text: str
    by: str
    at: datetime
    is_settled: bool
    question: str
    quote: str
    line: int
    shown: int
    is_gone: bool


def remarks(comments: "Iterable[ReviewComment]", above: int = 0) -> list[Remark]:
    """`above` is how many lines of the file stand above those that the reader sees."""
    return [_remark(each, above) for each in comments]


def _remark(comment: "ReviewComment", above: int) -> Remark:
    file, line = comment.file, 0
    if file is not None and comment.line is not None:
        line = line_now((file.text or "").split("\n"), comment.line, comment.quote) or 0
    is_removed = file is not None and file.removed_at is not None and not comment.question
    return Remark(
        uuid=comment.uuid,
        text=comment.text,
        by=comment.written_by.name,
        at=comment.written_at,
        is_settled=comment.settled_at is not None,
        question=comment.question,
        quote=" ".join(_MARKS.sub(" ", comment.quote).split()),
        line=line,
        shown=max(0, line - above),
        is_gone=is_removed or (comment.line is not None and not line),
    )


def settle_pressed(draft: "Draft", button: str) -> None:
    """What is saved together with settling a comment: was that button pressed?"""
    act, _, at = request.form.get(button, "").partition(":")
    if act == "settle":
        reviewing.settle(comment_for(draft, uuid_in(at)))


def uuid_in(text: str) -> UUID:
    """Raises NotFound for what is none."""
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound from error
