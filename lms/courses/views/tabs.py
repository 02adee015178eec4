"""The tabs of a course and of a bank: those of its pages that the reader may open."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext

from lms.core.access import current_actor
from lms.courses.queries.drafts import Involvement, involvement
from lms.courses.rules import CourseRole

_WRITERS = (CourseRole.OWNER, CourseRole.AUTHOR)
_READERS = (*_WRITERS, CourseRole.REVIEWER)
_TEACHERS = (*_WRITERS, CourseRole.MARKER)
_ANYBODY = tuple(CourseRole)


@dataclass(frozen=True)
class Tab:
    """`page` is the name of its endpoint without the room."""

    page: str
    words: str
    url: str


@dataclass(frozen=True)
class Tabs:
    is_bank: bool
    tabs: tuple[Tab, ...]


def tabs_of(slug: str) -> Tabs:
    here = involvement(current_actor(), slug)
    pages = _of_bank(here) if here.is_bank else _of_course(here)
    found = [
        Tab(endpoint.partition(".")[2], words, url_for(endpoint, slug=slug))
        for endpoint, words in pages
    ]
    if not here.is_bank and here.role in _TEACHERS:
        essays = Tab("marking", gettext("Penilaian"), url_for("learning.marking", course=slug))
        found.insert([tab.page for tab in found].index("learners") + 1, essays)
    return Tabs(here.is_bank, tuple(found))


def _of_bank(here: Involvement) -> Iterator[tuple[str, str]]:
    yield "courses.bank", gettext("Soal")
    if here.role in _WRITERS:
        yield "courses.media", gettext("Media")
    if here.role in _ANYBODY:
        yield "courses.members", gettext("Rekan")
    if here.role in _READERS:
        yield "courses.bank_settings", gettext("Atur bank")


def _of_course(here: Involvement) -> Iterator[tuple[str, str]]:
    """Every page with its words, by who may open it; some are there only while there is a draft."""
    listed = (
        ("courses.outline", gettext("Susunan"), _ANYBODY, False),
        ("courses.course_settings", gettext("Pengaturan"), _WRITERS, True),
        ("courses.bank", gettext("Soal"), _READERS, True),
        ("courses.media", gettext("Media"), _WRITERS, True),
        ("courses.preview_start", gettext("Pratinjau"), _ANYBODY, True),
        ("courses.review", gettext("Tinjauan"), _READERS, True),
        ("courses.publishing", gettext("Terbitkan"), _READERS, True),
        ("courses.versions", gettext("Versi"), _ANYBODY, False),
        ("courses.members", gettext("Rekan"), _ANYBODY, False),
        ("learning.enrolment", gettext("Pendaftaran"), _TEACHERS, False),
        ("learning.learners", gettext("Peserta"), _TEACHERS, False),
        ("learning.allowances", gettext("Pengecualian"), _TEACHERS, False),
        ("learning.regrades", gettext("Koreksi"), _WRITERS, False),
        ("learning.analytics", gettext("Analitik"), _TEACHERS, False),
    )
    for endpoint, words, roles, of_draft in listed:
        if here.role in roles and (here.has_draft or not of_draft):
            yield endpoint, words
