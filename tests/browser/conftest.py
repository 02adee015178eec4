"""A real site and a real browser. Every page that a test opens is watched: a message of the
Content-Security-Policy or an error of a script fails the test."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.find import chromium
from tests.browser.site import Site, running_site
from tests.postgres import new_database

PASSWORD = "belajar-bersama"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with the demo city, one for each test file."""
    if chromium() is None:
        pytest.skip("no Chromium on this machine")
    url = ""
    if os.environ.get("TEST_DATABASE") == "postgresql":
        url = new_database(tmp_path_factory)
    with running_site(tmp_path_factory.mktemp("live"), url) as site:
        yield site


@pytest.fixture(scope="module")
def browser(live: Site) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        yield found
        found.close()


class Visitor:
    """A person at a browser of their own."""

    def __init__(self, browser: Browser, site: Site, **options: Any) -> None:
        self.context: BrowserContext = browser.new_context(base_url=site.url, **options)
        self.context.set_default_timeout(15_000)
        self.faults: list[str] = []
        self.page = self.tab()

    def tab(self) -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self._note(page, "error", str(error)))
        page.on("console", lambda message: self._note(page, message.type, message.text))
        return page

    def _note(self, page: Page, kind: str, text: str) -> None:
        # A refused page is known by its status; a cross-fade overtaken by a next page is no fault.
        harmless = ("Failed to load resource", "Transition was")
        if kind == "error" and not text.startswith(harmless):
            self.faults.append(f"{page.url}: {text}")

    def sign_in(self, name: str, password: str = PASSWORD) -> None:
        self.page.goto("/sign-in")
        self.page.get_by_label("NIP atau surel").fill(f"{name}@contoh.go.id")
        self.page.get_by_label("Kata sandi", exact=True).fill(password)
        self.press("Masuk")

    def press(self, name: str) -> None:
        """Press the button or link of this name and wait for what comes."""
        button = self.page.get_by_role("button", name=name, exact=True)
        target = button if button.count() else self.page.get_by_role("link", name=name, exact=True)
        with self.page.expect_navigation():
            target.first.click()

    def has(self, text: str) -> bool:
        return text in self.page.inner_text("body")


@pytest.fixture
def visitor(browser: Browser, live: Site, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    """Somebody on a phone. Mark a test with `@pytest.mark.parametrize("visitor", [...],
    indirect=True)` to give the browser other options."""
    options = getattr(request, "param", {"viewport": {"width": 390, "height": 844}})
    found = Visitor(browser, live, **options)
    yield found
    found.context.close()
    assert not found.faults, found.faults
