"""What Markdown's own library lacks: boxes and parts that unfold, written as quotes with a mark in
their first line, `> [!NOTE]`, the way that writers know from GitHub. Where it is not known, it is
still a quote that can be read."""

import re
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.blockparser import BlockParser
from markdown.blockprocessors import BlockQuoteProcessor
from markdown.extensions import Extension
from markdown.extensions.footnotes import FootnoteExtension

from lms.core import i18n

BOXES = ("note", "tip", "important", "warning")
UNFOLDS = "details"
_BEGIN = re.compile(rf"(?:^|\n) {{0,3}}> ?\[!({'|'.join(BOXES)}|{UNFOLDS})\]", re.IGNORECASE)


class Callouts(Extension):
    """`> [!NOTE] Title` to an <aside class="note">, `> [!DETAILS] Title` to <details>. What stands
    in words by itself is in `language`."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self.words = _words(language)

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the library's name
        md.parser.blockprocessors.register(_Callout(md.parser, self.words), "callout", 21)


class _Callout(BlockQuoteProcessor):
    """Before the library's own quotes (20), which join with the quote above them: a box never
    does."""

    def __init__(self, parser: BlockParser, words: dict[str, str]) -> None:
        super().__init__(parser)
        self.words = words

    def test(self, parent: Element, block: str) -> bool:
        return bool(_BEGIN.search(block)) and super().test(parent, block)

    def run(self, parent: Element, blocks: list[str]) -> None:
        block = blocks.pop(0)
        found = _BEGIN.search(block)
        assert found is not None
        self.parser.parseBlocks(parent, [block[: found.start()]])
        title, _, rest = block[found.end() :].partition("\n")
        inside = "\n".join(self.clean(line) for line in rest.split("\n"))
        box = self._begun(parent, found[1].lower(), title.strip())
        self.parser.state.set("blockquote")
        self.parser.parseChunk(box, inside)
        self.parser.state.reset()

    def _begun(self, parent: Element, kind: str, title: str) -> Element:
        if kind == UNFOLDS:
            box = SubElement(parent, "details")
            SubElement(box, "summary").text = title or self.words[kind]
            return box
        box = SubElement(parent, "aside", {"class": kind})
        # The kind is told in words and not by colour alone.
        word = f"{self.words[kind]}: {title}" if title else self.words[kind]
        SubElement(SubElement(box, "p"), "strong").text = word
        return box


class Footnotes(FootnoteExtension):
    """The library's, with ids of our own making: numbers, whatever the writer called a note."""

    def __init__(self, language: str) -> None:
        back = _words(language)["back"]
        super().__init__(SEPARATOR="-", BACKLINK_TITLE=back, PLACE_MARKER="\x02footnotes\x03")

    def makeFootnotesDiv(self, root: Element) -> Element | None:  # noqa: N802
        """Notes that begin within another one are notes like all others, which the library would
        lose, or stop at."""
        read: set[str] = set()
        while unread := [
            id for id, text in self.footnotes.items() if id not in read and "]:" in text
        ]:
            read.update(unread)
            for id in unread:
                self.parser.parseChunk(Element("div"), self.footnotes[id])
        return super().makeFootnotesDiv(root)

    def makeFootnoteId(self, id: str) -> str:  # noqa: N802 - the library's names
        return super().makeFootnoteId(self._number(id))

    def makeFootnoteRefId(self, id: str, found: bool = False) -> str:  # noqa: N802
        return super().makeFootnoteRefId(self._number(id), found)

    def _number(self, id: str) -> str:
        return str(list(self.footnotes).index(id) + 1)


def _words(language: str) -> dict[str, str]:
    """In the language of the text, where we have it, and not in the reader's: they are stored."""
    words = i18n.catalogue(language if language in i18n.LANGUAGES else i18n.LANGUAGES[0])
    return {
        "note": words.gettext("Info"),
        "tip": words.gettext("Tip"),
        "important": words.gettext("Penting"),
        "warning": words.gettext("Peringatan"),
        UNFOLDS: words.gettext("Selengkapnya"),
        "back": words.gettext("Kembali ke catatan kaki {} di teks"),
    }
