"""The screens of HR in both languages, as those of everybody in `test_screens`; and on paper."""

import os
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Visitor
from tests.browser.site import Site
from tests.browser.test_screens import look, walk

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        os.environ.get("TEST_DATABASE") == "postgresql",
        reason="how a page looks does not depend on the database",
    ),
]

UNITS = (
    "/units", "/units?sort=-late", "/units/gaps", "/units/gaps?kind=technical",
    "/certificates", "/certificates?q=zzz", "/certificates?state=valid", "/claims",
)  # fmt: skip
REFERENCE = (
    "/competencies", "/competencies?q=zzz", "/competencies/new", "/standards", "/standards/tiers",
    "/standards/tiers/pelaksana", "/evidence-rules", "/match-categories",
    "/hour-targets?employment=pppk", "/hour-forms?code=NKL03",
)  # fmt: skip
A4: dict[str, Any] = {"viewport": {"width": 700, "height": 1000}}  # without its margins, in pixels
LANDSCAPE = 1000
CHROME = "header.topbar, .tabbar, .tabs, .noprint, .foot"  # nothing that only leads elsewhere


@pytest.fixture(params=["id", "en"])
def hr(request: pytest.FixtureRequest, visitor: Visitor) -> Visitor:
    visitor.sign_in("sdm")
    language = {"name": "language", "value": request.param, "url": visitor.page.url}
    visitor.context.add_cookies([language])  # type: ignore[list-item]  # plain dict
    visitor.page.goto("/units")
    assert visitor.page.locator("html").get_attribute("lang") == request.param
    return visitor


def test_the_units_and_what_lies_behind_their_figures(hr: Visitor) -> None:
    found = walk(hr, UNITS)
    for start, link in (
        ("/units", "main td a[href*='/people']"),
        ("/units/gaps", ".heat td a"),
        ("/units/gaps", ".heat a.uname"),
        ("/certificates", "main a[href$='/revoke']"),
        ("/certificates", "main a[href$='/reissue']"),
    ):
        hr.page.goto(start)
        with hr.page.expect_navigation():
            hr.page.locator(link).first.click()
        found += look(hr, f"{start}, {link}")
    assert not found, "\n".join(found)


def test_the_dictionary_and_all_that_is_set_beside_it(hr: Visitor) -> None:
    found = walk(hr, REFERENCE)
    for start, link in (
        ("/competencies", "main a.item"),
        ("/standards", "main a[href*='/standards/positions/']"),
    ):
        hr.page.goto(start)
        with hr.page.expect_navigation():
            hr.page.locator(link).first.click()
        found += look(hr, f"{start}, {link}")
    for path in ("/evidence-rules", "/match-categories", "/hour-targets", "/hour-forms"):
        hr.page.goto(path)
        with hr.page.expect_navigation():  # without a reason
            hr.page.locator("#ubah button[type=submit]").click()
        assert hr.page.locator(".errsum").is_visible()
        found += look(hr, f"{path} with errors")
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("who", "path", "shown"),
    [
        ("sdm", "/units", "main table"),
        ("sdm", "/units/gaps", "table.heat"),
        ("atasan", "/my/hours", "main table"),
        ("pegawai", "/my/competencies", "main .panel"),
    ],
)
def test_what_is_printed_fits_the_paper_and_holds_no_controls(
    browser: Browser, live: Site, who: str, path: str, shown: str
) -> None:
    visitor = Visitor(browser, live, **A4)
    visitor.sign_in(who)
    page = visitor.page
    page.goto(path)
    page.emulate_media(media="print")
    assert page.locator(shown).first.is_visible()
    assert page.locator("h1").is_visible()
    for chrome in page.locator(CHROME).all():
        assert not chrome.is_visible(), chrome.evaluate("e => e.outerHTML.slice(0, 200)")
    for button in page.get_by_role("button").all():
        assert not button.is_visible(), button.inner_text()
    page.set_viewport_size({"width": LANDSCAPE if path == "/units/gaps" else 700, "height": 1000})
    wide = page.evaluate(
        "[...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().width &&"
        " !e.closest('.vh') && e.getBoundingClientRect().right > innerWidth + 1)"
        ".map(e => e.tagName + '.' + e.className)"
    )
    assert not wide, wide
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF-")
    visitor.context.close()
    assert not visitor.faults
