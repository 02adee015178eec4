"""The outline of a course as its pages draw it: the same for every learner of a version."""

from dataclasses import dataclass
from functools import lru_cache

from flask import url_for
from flask_babel import gettext

from lms.core import i18n
from lms.courses import queries as courses
from lms.courses.queries import Part, VersionView
from lms.courses.rules import ActivityKind


@dataclass(frozen=True)
class OutlineRow:
    """A part; `needed` are the words about the pass mark of a quiz, `attempts` how many it allows
    (0: any number)."""

    key: str
    title: str
    url: str
    words: str
    needed: str
    attempts: int


Rows = tuple[OutlineRow, ...]


def modules_of(version: VersionView) -> tuple[tuple[str, Rows], ...]:
    """Title and rows of every module, in the language of the page."""
    return _modules(version, i18n.language())


@lru_cache(maxsize=512)
def _modules(version: VersionView, _language: str) -> tuple[tuple[str, Rows], ...]:
    # A published version never changes, so memory needs no invalidation.
    return tuple(
        (module.title, tuple(_row(version, part) for part in module.parts))
        for module in courses.outline(version).modules
    )


def _row(version: VersionView, part: Part) -> OutlineRow:
    score = i18n.points(part.pass_percent)
    return OutlineRow(
        key=part.key,
        title=part.title,
        url=url_for("learning.part", slug=version.slug, key=part.key),
        words=kind_words(part),
        needed=gettext("nilai minimum %(needed)s", needed=score) if part.questions else "",
        attempts=part.limits.attempts,
    )


def kind_words(part: Part) -> str:
    """Bacaan, 8 menit / Kuis, 5 soal"""
    if part.kind is ActivityKind.QUIZ:
        return gettext("Kuis, %(num)s soal", num=part.questions)
    return gettext("Bacaan, %(num)s menit", num=part.minutes)
