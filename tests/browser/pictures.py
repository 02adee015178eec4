"""Take the pictures of the README from a running demo site: `make pictures`."""

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from lms.config import ROOT
from tests.browser.conftest import Visitor
from tests.browser.find import chromium
from tests.browser.site import Site, running_site

PICTURES = ROOT / "docs" / "pictures"
PHONE = {"viewport": {"width": 390, "height": 844}}
DESK = {"viewport": {"width": 1280, "height": 860}}


def take(site: Site) -> None:
    """Walk through the product and take each picture where it stands."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        phone = Visitor(browser, site, **PHONE)
        phone.sign_in("pegawai")
        phone.page.goto("/courses/berakhlak")
        phone.press("Daftar kursus ini")
        phone.press("Mulai belajar")
        _picture(phone, "lesson-390")
        phone.press("Selesai, lanjut")
        phone.press("Selesai, lanjut")
        phone.press("Mulai kuis")
        phone.page.locator("label.choice").first.click()
        phone.page.wait_for_timeout(500)
        _picture(phone, "quiz-390")
        desk = Visitor(browser, site, **DESK)
        desk.sign_in("pegawai")
        _picture(desk, "home-1280")
        desk.page.goto("/my/competencies")
        _picture(desk, "profile-1280")
        head = Visitor(browser, site, **DESK)
        head.sign_in("atasan")
        head.page.goto("/team")
        _picture(head, "team-1280")
        browser.close()


def _picture(visitor: Visitor, name: str) -> None:
    visitor.page.wait_for_timeout(300)
    visitor.page.screenshot(path=str(PICTURES / f"{name}.png"))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, running_site(Path(folder)) as site:
        take(site)
