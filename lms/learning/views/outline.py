"""The outline of a course as its pages draw it: the same for every learner of a version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from flask import url_for
from flask_babel import gettext, ngettext

from lms.core import clock, i18n
from lms.courses import queries as courses
from lms.courses.queries import Outline, Part, VersionView
from lms.courses.rules import ActivityKind

MOST_REASONS = 3
MOMENT = timedelta(microseconds=1)


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
        needed=gettext("nilai minimum %(needed)s", needed=score)
        if part.questions and part.pass_percent
        else "",
        attempts=part.limits.attempts,
    )


def lock_words(
    outline: Outline,
    locked: Mapping[str, tuple[str, ...]],
    opening: Mapping[str, datetime],
    zone: str,
) -> dict[str, str]:
    """Terbuka setelah Kuis 1 lulus; dibuka 3 Februari 2027: why each locked part is, by its key.
    `opening` are those that open later, whatever was done."""
    words = {waits: _reason(outline, waits) for waits in set(locked.values()) if waits}
    days = {at: opens_words(at, zone) for at in set(opening.values())}
    found = {}
    for key, waits in locked.items():
        reasons = [words[waits]] if waits else []
        if key in opening:
            reasons.append(days[opening[key]])
        found[key] = "; ".join(reasons)
    return found


def opens_words(at: datetime, zone: str) -> str:
    """Dibuka 3 Februari 2027, with the hour where it is not the begin of the day."""
    if clock.local_day(at, zone) != clock.local_day(at - MOMENT, zone):
        return gettext("Dibuka %(date)s", date=i18n.long_date(clock.local_day(at, zone)))
    return gettext("Dibuka %(date)s", date=i18n.instant(at, zone))


def _reason(outline: Outline, waits: tuple[str, ...]) -> str:
    phrases = [phrase for phrase, _ in waiting_for(outline, waits)]
    if len(phrases) > MOST_REASONS:
        rest = len(phrases) - MOST_REASONS + 1
        phrases[-rest:] = [ngettext("%(num)s lainnya", "%(num)s lainnya", rest)]
    return gettext("Terbuka setelah %(what)s", what=i18n.listing(phrases))


def waiting_for(outline: Outline, waits: tuple[str, ...]) -> list[tuple[str, str]]:
    """What a locked part waits for: words to follow "setelah", and the key of the part where to
    begin."""
    return [_waiting(outline, key) for key in waits]


def _waiting(outline: Outline, key: str) -> tuple[str, str]:
    for module in outline.modules:
        if module.key == key:
            first = module.parts[0].key
            return gettext("modul %(title)s selesai", title=module.title), first
    part = outline.part(key)
    if part.kind is ActivityKind.QUIZ:
        return gettext("%(title)s lulus", title=part.title), key
    return gettext("%(title)s selesai", title=part.title), key


def kind_words(part: Part) -> str:
    """Bacaan, 8 menit / Kuis, 5 soal / Video, 12 menit, 18 MB · Tidak wajib / Dokumen, 1,2 MB"""
    words = _kind_words(part)
    return f"{words} · {gettext('Tidak wajib')}" if part.optional else words


def _kind_words(part: Part) -> str:
    if part.kind is ActivityKind.QUIZ:
        return gettext("Kuis, %(num)s soal", num=part.questions)
    if part.medium:
        size = i18n.megabytes(part.medium.size)
        if part.kind is ActivityKind.VIDEO:
            return gettext("Video, %(num)s menit, %(size)s", num=part.minutes, size=size)
        if part.kind is ActivityKind.AUDIO:
            return gettext("Audio, %(num)s menit, %(size)s", num=part.minutes, size=size)
        if part.kind is ActivityKind.DOCUMENT:
            return gettext("Dokumen PDF, %(size)s", size=size)
        return gettext("Gambar, %(size)s", size=size)
    return gettext("Bacaan, %(num)s menit", num=part.minutes)
