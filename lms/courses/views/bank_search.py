"""What questions are searched by, on the pages of banks: filters in the address."""

from typing import Any
from uuid import UUID

from flask import request

from lms.core import paging
from lms.courses.forms.question import DIFFICULTIES, DIFFICULTY_TAG
from lms.courses.queries.bank import Search
from lms.courses.views.question_words import difficulty_words, kind_words, state_words
from lms.formats.gift.questions import QuestionKind, QuestionState

LONGEST = 80


def chosen_search(*more: str) -> dict[str, Any]:
    """The filters of the address, as far as they say anything; `more` are those of one page."""
    names = ("kind", "tag", "level", "state", "competency", *more)
    given = {name: request.args.get(name, "")[:LONGEST] for name in names}
    return {name: value or None for name, value in {**given, "q": paging.search_words()}.items()}


def search_of(chosen: dict[str, Any]) -> Search:
    """What nobody knows narrows nothing."""
    level = chosen["level"]
    # Which competency a question asks for and how hard it is stand in tags, too.
    tags = (
        chosen["tag"],
        chosen["competency"],
        f"{DIFFICULTY_TAG}{level}" if level in DIFFICULTIES else None,
    )
    return Search(
        chosen["q"] or "",
        next((kind for kind in QuestionKind if kind.value == chosen["kind"]), None),
        next((state for state in QuestionState if state.value == chosen["state"]), None),
        tuple(tag for tag in tags if tag),
        _uuid(chosen.get("quiz") or ""),
    )


def filters() -> dict[str, list[tuple[str, str]]]:
    """What there is to choose from on every page."""
    return {
        "kinds": [(kind.value, kind_words(kind)) for kind in QuestionKind],
        "states": [(state.value, state_words(state)) for state in QuestionState],
        "levels": difficulty_words(),
    }


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
