"""Every screen of the studio as its owner, in both languages, on a phone and on a desk: axe finds
nothing, nothing scrolls sideways. One page of each route that a link of the studio leads to."""

import os
import re
from collections.abc import Iterable
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser
from werkzeug.exceptions import HTTPException

from tests.browser.conftest import Visitor
from tests.browser.site import Site
from tests.browser.test_screens import faults

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        os.environ.get("TEST_DATABASE") == "postgresql",
        reason="how a page looks does not depend on the database",
    ),
]

COURSE = "/studio/berakhlak"
MOST = 3  # pages of one route that are read for links
# Screens of the studio that must be among them, whatever a link is called.
EXPECTED = {
    "courses.studio", "courses.new_course", "courses.outline", "courses.part_settings",
    "courses.lesson_editor", "courses.quiz_editor", "courses.question_editor",
    "courses.new_question", "courses.import_questions", "courses.take_questions", "courses.media",
    "courses.course_settings", "courses.members", "courses.review", "courses.publishing",
    "courses.preview", "courses.versions", "courses.history", "courses.bank", "courses.banks",
    "learning.learners", "learning.course_learner", "learning.allowances", "learning.analytics",
    "learning.enrolment", "learning.runs", "learning.regrades",
}  # fmt: skip


def screens(visitor: Visitor, site: Flask) -> dict[str, str]:
    """The address of a page of each studio route, by its endpoint."""
    urls = site.url_map.bind("127.0.0.1")
    first = ("/studio", COURSE, f"{COURSE}/preview/kuis-1", "/studio/banks")
    waiting, seen, found = list(first), set[str](), dict[str, list[str]]()
    while waiting:
        path = waiting.pop(0)
        try:
            endpoint, _ = urls.match(urlsplit(path).path, "GET")
        except HTTPException:
            continue
        if path in seen or len(found.get(endpoint, [])) == MOST:
            continue
        seen.add(path)
        answer = visitor.context.request.get(path)
        if answer.status == 200 and "text/html" in answer.headers["content-type"]:
            found.setdefault(endpoint, []).append(urlsplit(answer.url).path)
            waiting += studio_links(answer.url, answer.text())
    return {endpoint: paths[0] for endpoint, paths in found.items()}


def studio_links(base: str, html: str) -> list[str]:
    """Where links lead, and the forms that only look something up."""
    targets = re.findall(r'<a\b[^>]*\bhref="([^"#?]+)', html)
    targets += re.findall(r'<form (?![^>]*method="post")[^>]*action="([^"#?]+)"', html)
    paths = [urlsplit(urljoin(base, target)).path for target in targets]
    return [path for path in paths if path == "/studio" or path.startswith("/studio/")]


def look(visitor: Visitor, paths: Iterable[str]) -> list[str]:
    page, found = visitor.page, []
    page.emulate_media(reduced_motion="reduce")
    for path in paths:
        page.goto(path)
        page.evaluate("document.querySelectorAll('details:not(.menu)').forEach(d => d.open = true)")
        for width in (390, 1280):
            # As high as the page, so that no sticky bar covers half of a control.
            page.set_viewport_size({"width": width, "height": 900})
            height = int(page.evaluate("document.documentElement.scrollHeight"))
            page.set_viewport_size({"width": width, "height": min(height + 200, 6000)})
            page.evaluate("scrollTo(0, 0)")
            found += [f"{path} at {width}: {fault}" for fault in faults(page)]
    return found


@pytest.fixture
def owner(browser: Browser, live: Site) -> Visitor:
    found = Visitor(browser, live, viewport={"width": 1280, "height": 900})
    found.sign_in("pengajar")
    found.page.goto(COURSE)
    if found.page.get_by_role("button", name="Ubah kursus").count():
        found.press("Ubah kursus")
    return found


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_screens_of_the_studio(owner: Visitor, live: Site, site: Flask, language: str) -> None:
    found = screens(owner, site)
    assert set(found) >= EXPECTED, EXPECTED - set(found)
    cookie = {"name": "language", "value": language, "url": live.url}
    owner.context.add_cookies([cookie])  # type: ignore[list-item]  # plain dict
    owner.page.goto("/studio")
    assert owner.page.locator("html").get_attribute("lang") == language
    faulty = look(owner, found.values())
    owner.context.close()
    assert not faulty, "\n".join(faulty)
    assert not owner.faults
