"""What every sheet is printed with: the type, its signs, and the colours."""

from functools import cache
from pathlib import Path
from unicodedata import normalize

from fontTools.ttLib import TTFont

FONTS = Path(__file__).with_name("fonts")
WEIGHTS = {"": "regular", "I": "italic", "B": "bold"}
MARK = Path(__file__).parents[3] / "static" / "img" / "wordmark.svg"

INK, MUTED, BROWN = (20, 32, 46), (77, 93, 112), (134, 88, 27)
DEEP, GOLD, LINE = (12, 53, 96), (199, 164, 104), (214, 209, 198)


@cache
def _known_signs() -> frozenset[int]:
    with TTFont(FONTS / "plus-jakarta-sans-regular.ttf") as font:
        return frozenset(font.getBestCmap())


def printable(text: str) -> str:
    """The text in signs that the font has: a letter without its mark where it has no such letter,
    and a question mark where it has neither. The verification page shows the text as it is."""
    found = []
    for sign in normalize("NFC", text.replace("ʼ", "’").replace("ʻ", "‘")):
        if ord(sign) in _known_signs():
            found.append(sign)
        else:
            bare = [c for c in normalize("NFKD", sign) if ord(c) in _known_signs()]
            found.append("".join(bare) or "?")
    return "".join(found)
