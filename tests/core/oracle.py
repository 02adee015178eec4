"""What stored HTML may hold, judged by an HTML5 parser and by the way a browser reads addresses.

Written apart from lms/core/markdown.py on purpose: it shares no list and no code with it.
"""

import re
from typing import Any

import html5lib

TAGS = set(
    "a abbr blockquote br caption code dd del details dl dt em figcaption figure h2 h3 h4 hr img "
    "ins kbd li mark ol p pre q s strong sub summary sup table tbody td tfoot th thead tr "
    "ul".split()
)
ATTRIBUTES = {
    "a": {"href", "title", "hreflang", "lang", "aria-label"},
    "abbr": {"title"},
    "img": {"src", "alt", "title", "width", "height"},
    "li": {"class", "id"},
    "ol": {"start"},
    "sup": {"id"},
    "td": {"align"},
    "th": {"align", "scope"},
    "table": {"class"},
}
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
BOXES = {"note", "note note--ok", "note note--key", "note note--warn"}


def faults(html: str) -> list[str]:
    """Everything in a piece of stored HTML that must not be there."""
    tree = html5lib.parse(f"<main><section>{html}<var>end</var></section></main>")
    place = tree.find(".//{*}main/{*}section")
    if place is None or len(place) == 0 or _name(place[-1]) != "var" or place[-1].text != "end":
        return ["it reaches out of its place"]
    inside = [e for e in place.iter() if e is not place and e is not place[-1]]
    ids = [element.attrib["id"] for element in inside if "id" in element.attrib]
    found = [f"id {each!r}" for each in ids if not re.fullmatch(r"fn(ref\d*)?-\d+", each)]
    found += [f"id {each!r} twice" for each in set(ids) if ids.count(each) > 1]
    return found + [fault for element in inside for fault in _element_faults(element)]


def _element_faults(element: Any) -> list[str]:
    if not isinstance(element.tag, str):
        return ["a comment"]
    if not element.tag.startswith("{http://www.w3.org/1999/xhtml}"):
        return [f"foreign element {element.tag}"]
    tag = _name(element)
    if tag == "div":
        return [] if _is_our_div(element) else ["a div"]
    if tag not in TAGS:
        return [f"element {tag}"]
    if tag == "table" and element.get("class") != "table":
        return ["a table without its frame"]
    if tag == "li" and element.get("class", "box") != "box":
        return ["a list item with a class"]
    found = [f"{tag} {name}" for name in element.attrib if name not in ATTRIBUTES.get(tag, ())]
    for name in ("href", "src"):
        address = element.get(name)
        if address is not None and not is_safe_address(address):
            found.append(f"{tag} leads to {address!r}")
    return found


def _is_our_div(element: Any) -> bool:
    """The frame of a table, that of a box, or the body of a box."""
    inside = [_name(each) for each in element]
    if element.attrib == {"class": "tablewrap", "tabindex": "0"}:
        return inside == ["table"]
    if element.get("role") == "note":
        return element.get("class") in BOXES and inside == ["div"] and len(element.attrib) == 2
    return not element.attrib


def is_safe_address(address: str) -> bool:
    """As the URL standard reads it: controls and blanks around it go, tabs and breaks within it."""
    read = re.sub(r"[\t\n\r]", "", address.strip("".join(map(chr, range(33)))))
    scheme = SCHEME.match(read)
    return scheme is None or scheme[0].lower() in ("http:", "https:", "mailto:")


def _name(element: Any) -> str:
    return str(element.tag).split("}")[-1] if isinstance(element.tag, str) else "#comment"
