"""The one door from Markdown to HTML. Called when a text is saved, never when it is shown."""

from html.parser import HTMLParser
from urllib.parse import urlsplit

import bleach
from markdown import Markdown
from markdown.extensions.tables import TableExtension

PIPELINE_VERSION = 1

_TAGS = frozenset(
    "a abbr blockquote br caption code dd del dl dt em figcaption figure h2 h3 h4 hr img ins kbd "
    "li mark ol p pre q s strong sub sup table tbody td tfoot th thead tr ul".split()
)
_ATTRIBUTES = {
    "a": ["href", "title", "hreflang", "lang"],
    "abbr": ["title"],
    "img": ["src", "alt", "title", "width", "height"],
    "ol": ["start"],
    "td": ["align"],
    "th": ["align", "scope"],
}
_SCHEMES = frozenset({"http", "https", "mailto"})
_LINKS = frozenset({("a", "href"), ("img", "src")})


def render(source: str) -> str:
    """Safe HTML of a Markdown text: allowed tags and attributes only, links only http(s), mailto
    or relative, wide tables in their own scrolling frame. Takes tens of milliseconds."""
    converter = Markdown(
        extensions=[
            TableExtension(use_align_attribute=True),
            "def_list",
            "fenced_code",
            "sane_lists",
            "abbr",
        ],
        output_format="html",
    )
    html = converter.convert(source)
    html = bleach.clean(html, tags=_TAGS, attributes=_allowed, protocols=_SCHEMES, strip=True)
    return _frame_tables(html)


def render_inline(source: str) -> str:
    """Like `render`, without the paragraph around a text of one paragraph."""
    html = render(source)
    if html.startswith("<p>") and html.endswith("</p>") and html.count("<p>") == 1:
        return html[3:-4]
    return html


def plain(html: str) -> str:
    """The words of an HTML text without its markup, for titles and labels."""
    words = _Words()
    words.feed(html)
    return " ".join("".join(words.parts).split())


def _allowed(tag: str, name: str, value: str) -> bool:
    if name not in _ATTRIBUTES.get(tag, ()):
        return False
    return (tag, name) not in _LINKS or has_allowed_scheme(value)


def has_allowed_scheme(address: str) -> bool:
    """Is the address relative, or http, https or mailto?

    bleach's own check takes `javascript:1` and `data:1` for a host with a port and lets them
    through, so the parsed scheme is looked at here.
    """
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


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)
