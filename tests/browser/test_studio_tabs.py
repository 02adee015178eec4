"""Where one is in the studio, and what is not saved yet: only a browser tells."""

import pytest
from playwright.sync_api import Browser, Dialog, Page

from tests.browser.conftest import Visitor
from tests.browser.site import Site

pytestmark = pytest.mark.browser

COURSE = "/studio/berakhlak"
LAST = ("/settings", "/publish", "/members", "/enrolment", "/analytics")


@pytest.fixture
def trainer(browser: Browser, live: Site) -> Visitor:
    """With a draft of a course that is published."""
    visitor = Visitor(browser, live, viewport={"width": 390, "height": 844})
    visitor.sign_in("pengajar")
    visitor.page.goto(COURSE)
    if visitor.page.get_by_role("button", name="Ubah kursus").count():
        visitor.press("Ubah kursus")
    return visitor


def quiz_of(page: Page) -> str:
    page.goto(COURSE)
    return page.locator("a.pname[href*='/quizzes/']").first.get_attribute("href") or ""


def asked(page: Page) -> list[str]:
    """The questions of the browser from now on; leaving is refused."""
    found: list[str] = []

    def refuse(dialog: Dialog) -> None:
        found.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", refuse)
    return found


@pytest.mark.parametrize("place", LAST)
def test_the_tab_of_the_page_is_in_sight_on_a_phone(trainer: Visitor, place: str) -> None:
    page = trainer.page
    page.goto(COURSE + place)
    box = page.locator(".tabs [aria-current=page]").bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert not trainer.faults


def test_what_was_removed_is_brought_back_with_the_next_key(trainer: Visitor) -> None:
    page = trainer.page
    page.goto(COURSE)
    button = page.get_by_role("button", name="Hapus ").last
    name = button.get_attribute("aria-label")
    with page.expect_navigation():
        button.press("Enter")
    assert page.evaluate("document.activeElement.textContent") == "Urungkan"
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator(f'button[aria-label="{name}"]').count() == 1
    assert not trainer.faults


def test_the_place_to_bring_a_question_back_has_the_focus(trainer: Visitor) -> None:
    page = trainer.page
    page.goto(quiz_of(page))
    with page.expect_navigation():
        page.get_by_role("button", name="Hapus soal 1").first.press("Enter")
    assert page.evaluate("document.activeElement.id") == "soal-dihapus"
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert trainer.has("Soal dikembalikan.")
    assert not trainer.faults


def test_leaving_with_an_unsaved_question_is_asked_about(trainer: Visitor) -> None:
    page = trainer.page
    page.goto(quiz_of(page))
    with page.expect_navigation():
        page.locator("a.item__t").first.click()
    questions = asked(page)
    text = page.get_by_label("Pertanyaan").first
    before = text.input_value()
    page.get_by_role("link", name="Riwayat").click()  # nothing was typed: no question
    page.wait_for_url("**/history")
    page.go_back()
    assert questions == []
    text.fill(before + " Ya?")
    page.get_by_role("link", name="Riwayat").click()
    page.wait_for_timeout(300)
    assert questions == ["beforeunload"]
    with page.expect_navigation():  # a button that adds a row saves nothing
        page.get_by_role("button", name="Tambah baris").click()
    assert questions == ["beforeunload"]
    page.get_by_role("link", name="Riwayat").click()
    page.wait_for_timeout(300)
    assert questions == ["beforeunload"] * 2
    with page.expect_navigation():
        page.get_by_role("button", name="Hapus baris").last.click()
    with page.expect_navigation():
        page.get_by_role("button", name="Simpan", exact=True).click()
    page.wait_for_timeout(300)
    assert questions == ["beforeunload"] * 2
    assert not trainer.faults


def test_leaving_with_unsaved_settings_is_asked_about(trainer: Visitor) -> None:
    page = trainer.page
    page.goto(f"{COURSE}/settings")
    questions = asked(page)
    field = page.get_by_label("Ringkasan").first
    field.fill(field.input_value() + " Lagi.")
    page.locator(".tabs a").first.click()
    page.wait_for_timeout(300)
    assert questions == ["beforeunload"]
    with page.expect_navigation():
        page.get_by_role("button", name="Simpan", exact=True).click()
    assert trainer.has("Pengaturan disimpan.")
    with page.expect_navigation():
        page.locator(".tabs a").first.click()
    assert questions == ["beforeunload"]
    assert not trainer.faults
