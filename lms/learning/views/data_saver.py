"""Lessons on a device that saves data: a picture is a link to it until it is asked for."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape, unescape
from urllib.parse import urlsplit

_TAG = re.compile(r'<a\b(?:[^>"]|"[^"]*")*>|</a>|<img\b(?:[^>"]|"[^"]*")*>')
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')


@dataclass(frozen=True)
class Picture:
    """A picture left out. `size` in bytes, 0 where it is not known."""

    src: str
    alt: str
    size: int


def without_pictures(html: str, sizes: Mapping[str, int]) -> Iterator[tuple[str, Picture | None]]:
    """A text of ours (clean HTML) in pieces: the HTML up to a picture, and the picture, None at the
    end. A picture within a link leaves its words there: a link holds no other. `sizes` by name."""
    begun, position, in_link = "", 0, False
    for tag in _TAG.finditer(html):
        if not tag[0].startswith("<img"):
            in_link = tag[0] != "</a>"
            continue
        given = {name: unescape(value) for name, value in _ATTRIBUTE.findall(tag[0])}
        begun += html[position : tag.start()]
        position = tag.end()
        if in_link:
            begun += escape(given.get("alt", ""))
            continue
        src = given.get("src", "")
        yield begun, Picture(src, given.get("alt", ""), sizes.get(urlsplit(src).path, 0))
        begun = ""
    yield begun + html[position:], None
