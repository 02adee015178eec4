"""Paging by key: a page begins after the last row of the one before, wherever that is now."""

from uuid import UUID

from flask import request

_LARGEST_ID = 2**31 - 1


def after_id(argument: str) -> int | None:
    """A row id from the address, or None where there is none that a database could hold."""
    row = request.args.get(argument, type=int)
    return row if row is not None and 0 <= row <= _LARGEST_ID else None


def after_uuid() -> UUID | None:
    """The row that the page of a list begins after, by its public id: no name in an address."""
    return public_id(request.args.get("after", ""))


def public_id(sent: str) -> UUID | None:
    """The public id of a row as somebody sent it, or None where it is none."""
    try:
        return UUID(sent)
    except ValueError:
        return None


def search_words() -> str:
    """What was typed into the search field of a list, at most 100 characters."""
    return request.args.get("q", "").strip()[:100]
