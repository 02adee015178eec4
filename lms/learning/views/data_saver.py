"""Texts on a device that saves data: a picture is a link to it until it is asked for."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from html import escape, unescape
from urllib.parse import urlsplit

from flask import get_template_attribute, url_for

from lms.core import display, i18n
from lms.courses import queries as courses
from lms.courses.queries import VersionView
from lms.quizzes.queries import QuestionView
from lms.quizzes.views import Draw

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
    end. A picture within a link leaves its words there: a link holds no other. Of smaller copies
    it is the smallest. `sizes` by name."""
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
        src = given.get("srcset", "").partition(" ")[0] or given.get("src", "")
        yield begun, Picture(src, given.get("alt", ""), sizes.get(urlsplit(src).path, 0))
        begun = ""
    yield begun + html[position:], None


def draw_for(version: VersionView) -> Draw:
    """How this device is shown the texts of a version's quizzes (clean HTML)."""
    if display.chosen("data") != "less":
        return lambda html: html
    link = get_template_attribute("learning/parts.html", "picture")
    sizes = {
        url_for("learning.media", slug=version.slug, name=name): size
        for name, size in courses.media_sizes(version).items()
    }

    def draw(html: str) -> str:
        return "".join(
            text + (str(link(picture, i18n.language())) if picture else "")
            for text, picture in without_pictures(html, sizes)
        )

    return draw


def drawn(view: QuestionView, draw: Draw) -> QuestionView:
    """A question with its texts as this device is shown them."""
    options = (replace(o, html=draw(o.html), feedback=draw(o.feedback)) for o in view.options)
    return replace(view, html=draw(view.html), options=tuple(options), feedback=draw(view.feedback))
