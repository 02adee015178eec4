"""The one door from Markdown to HTML. Called when a text is saved, never when it is shown."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import bleach
from flask_babel import gettext
from markdown import Markdown
from markdown.extensions.tables import TableExtension

from lms.core.callouts import BOXES, Callouts, Footnotes
from lms.core.errors import DomainError

PIPELINE_VERSION = 2
# About twenty printed pages. Markdown's cost grows with the square of a hostile text, so both its
# length and what makes it slow are bounded before it is read (tests/core/test_markdown_cost.py).
MAX_LENGTH = 50_000
MAX_WORK = 4_000_000
LINK_MAX = 1000  # signs between the brackets of a link, and between its parentheses

_TAGS = frozenset(
    "a abbr aside blockquote br caption code dd del details dl dt em figcaption figure h2 h3 h4 hr "
    "img ins kbd li mark ol p pre q s strong sub summary sup table tbody td tfoot th thead tr "
    "ul".split()
)
_ATTRIBUTES = {
    "a": ["href", "title", "hreflang", "lang"],
    "abbr": ["title"],
    "aside": ["class"],
    "img": ["src", "alt", "title", "width", "height"],
    "li": ["id"],
    "ol": ["start"],
    "sup": ["id"],
    "td": ["align"],
    "th": ["align", "scope"],
}
# Tags that may stand in the middle of a word; every other one divides words.
_WITHIN_WORDS = frozenset(
    {"a", "abbr", "code", "del", "em", "ins", "kbd", "mark", "q", "s", "strong", "sub", "sup"}
)
# None of these has an attribute that stays. It must go before the parser sees it: HTML reopens
# every different <em id=…> left open in every paragraph after it, and the text grows by squares.
_INLINE_TAG = re.compile(r"<(code|em|s|strong)(?=[\s/])[^>]*>", re.IGNORECASE)
_SCHEMES = frozenset({"http", "https", "mailto"})
_LINKS = frozenset({("a", "href"), ("img", "src")})
# Ids are those that footnotes get; a writer's own would only clash with the page's.
_NOTE_ID = re.compile(r"fn-\d+|fnref\d*-\d+")
_BOX = {
    "note": "note",
    "tip": "note note--ok",
    "important": "note note--key",
    "warning": "note note--warn",
}


def render(source: str, language: str = "id", *, notes: bool = False) -> str:
    """Safe HTML of a Markdown text: allowed tags and attributes only, links only http(s), mailto
    or relative, wide tables in their own scrolling frame. Takes tens of milliseconds.

    `language` is that of the text. Footnotes (`notes`) are for a text that is the only one of its
    page, as they are found by id.

    Raises DomainError when the text is too long, or made to be slow.
    """
    if len(source) > MAX_LENGTH:
        raise DomainError(
            gettext(
                "Teks ini terlalu panjang: paling banyak %(most)d karakter. Bagi menjadi beberapa "
                "bagian.",
                most=MAX_LENGTH,
            )
        )
    if _work(source) > MAX_WORK:
        raise _too_tangled()
    try:
        return _render(source, language, notes=notes)
    except RuntimeError as error:  # too deep, or a footnote that begins in another one
        raise _too_tangled() from error


def _too_tangled() -> DomainError:
    return DomainError(
        gettext(
            "Teks ini tidak dapat diolah: terlalu banyak tanda yang tidak ditutup atau bersarang "
            "terlalu dalam, seperti [ atau <."
        )
    )


def _render(source: str, language: str, *, notes: bool) -> str:
    converter = Markdown(
        extensions=[
            TableExtension(use_align_attribute=True),
            "def_list",
            "fenced_code",
            "sane_lists",
            "abbr",
            Callouts(language),
            *([Footnotes(language)] if notes else []),
        ],
        output_format="html",
    )
    for pattern in converter.inlinePatterns:
        if hasattr(pattern, "getText"):
            _bound_links(pattern)
    html = converter.convert(source)
    html = _INLINE_TAG.sub(r"<\1>", html)
    html = bleach.clean(html, tags=_TAGS, attributes=_allowed, protocols=_SCHEMES, strip=True)
    return _named(_mark_boxes(_frame_tables(_frame_boxes(html))), notes=notes)


def _work(source: str) -> int:
    """What a text costs beyond its length, in steps of about a third of a microsecond: Markdown
    looks from every bracket, backtick, line and tag to the end of its block or of the text, and
    the HTML parser from every tag at all those that are open."""
    steps, close = len(re.findall("<[A-Za-z]", source)) ** 2 * 3 // 4, len(source)
    for found in reversed(list(re.finditer("[<>]", source))):
        if found[0] == ">":
            close = found.start()
        else:
            steps += (close - found.start()) // 2
    steps += source.count("[^") ** 2 * 9 // 4  # every mark of a footnote passes those before it
    for block in re.split(r"\n[ \t]*\n", source):
        size = len(block)
        steps += block.count("[") * min(size, LINK_MAX)
        steps += (block.count("\n") + block.count("`")) * size // 15
    return steps


def _bound_links(pattern: Any) -> None:
    """Let a pattern look for the end of a link nearby only, not to the end of the text."""
    get_text, get_link = pattern.getText, pattern.getLink

    def text_nearby(data: str, index: int) -> tuple[str, int, bool]:
        text, end, found = get_text(data[index : index + LINK_MAX], 0)
        return text, index + end, found

    def link_nearby(data: str, index: int) -> tuple[str, str | None, int, bool]:
        href, title, end, found = get_link(data[index : index + LINK_MAX], 0)
        return href, title, index + end, found

    pattern.getText, pattern.getLink = text_nearby, link_nearby


def render_inline(source: str, language: str = "id") -> str:
    """Like `render`, without the paragraph around a text of one paragraph."""
    html = render(source, language)
    if html.startswith("<p>") and html.endswith("</p>") and html.count("<p>") == 1:
        return html[3:-4]
    return html


def plain(html: str) -> str:
    """The words of an HTML text and of its pictures without the markup, for titles and labels."""
    words = _Words()
    words.feed(html)
    words.close()
    return " ".join("".join(words.parts).split())


def _allowed(tag: str, name: str, value: str) -> bool:
    if name not in _ATTRIBUTES.get(tag, ()):
        return False
    if name == "class":
        return value in BOXES
    if name == "id":
        return _NOTE_ID.fullmatch(value) is not None
    return (tag, name) not in _LINKS or has_allowed_scheme(value)


def has_allowed_scheme(address: str) -> bool:
    """Is the address relative, or http, https or mailto, in every way a browser may read it?

    bleach's own check takes `javascript:1` and `data:1` for a host with a port and lets them
    through, so the parsed scheme is looked at here: as it is written, and with its entities
    resolved (`javascript&colon;1`).
    """
    return _is_safe(address) and _is_safe(unescape(address))


def _is_safe(address: str) -> bool:
    visible = "".join(c for c in address if c.isprintable() and not c.isspace())
    try:
        parts = urlsplit(visible)
    except ValueError:
        return False
    if not parts.scheme:
        # Relative. A colon before any slash would still be read as a scheme by a browser.
        return ":" not in visible.split("/")[0].split("?")[0].split("#")[0]
    return parts.scheme.lower() in _SCHEMES


def _frame_tables(html: str) -> str:
    # Bleach has closed every tag by now and allows no attribute on <table>.
    framed = html.replace("<table>", '<div class="tablewrap" tabindex="0"><table class="table">')
    return framed.replace("</table>", "</table></div>")


def _frame_boxes(html: str) -> str:
    # The page's own look for a message, which has a frame and a body.
    for kind, look in _BOX.items():
        html = html.replace(f'<aside class="{kind}">', f'<div class="{look}" role="note"><div>')
    html = html.replace("<aside>", '<div class="note" role="note"><div>')
    return html.replace("</aside>", "</div></div>")


def _named(html: str, *, notes: bool) -> str:
    """Every id once, and none without footnotes; the way back from a footnote is told in words."""
    seen: set[str] = set()

    def once(found: re.Match[str]) -> str:
        if not notes or found[2] in seen:
            return found[1]
        seen.add(found[2])
        return found[0]

    html = re.sub(r'(<(?:li|sup)) id="([^"]*)"', once, html)
    return re.sub(r'(<a href="#fnref\d*-\d+") title="([^"]*)"', r'\1 aria-label="\2"', html)


def _mark_boxes(html: str) -> str:
    # A checklist, "- ☐ …": the box stands in place of the bullet. Nor has <li> an attribute yet.
    return html.replace("<li>☐", '<li class="box">☐')


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _WITHIN_WORDS:
            self.parts.append(" ")
        if tag == "img":
            self.parts.append(f" {dict(attrs).get('alt') or ''} ")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)
