"""Sentences for people, made where the language of their reader is not known."""

from typing import Self


class Words(str):
    """A sentence in Indonesian that can be told in another language later: its `template`, by which
    it is translated, and what fills the gaps of it, `%(name)s`. A gap may hold words itself."""

    __slots__ = ("gaps", "template")

    template: str
    gaps: dict[str, object]

    def __new__(cls, template: str, **gaps: object) -> Self:
        words = super().__new__(cls, template % gaps if gaps else template)
        words.template, words.gaps = template, gaps
        return words
