"""A review in a browser: comments at the text by keyboard, settled where it is written; questions
tried in the preview."""

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Visitor
from tests.browser.site import Site
from tests.browser.test_screens import faults, uncover
from tests.sample_course import KINDS

pytestmark = pytest.mark.browser


def begin(browser: Browser, live: Site, title: str, width: int, *, script: bool = True) -> Visitor:
    """A course from a template, and the preview of its first lesson."""
    size = {"width": width, "height": 844}
    trainer = Visitor(browser, live, viewport=size, java_script_enabled=script)
    page = trainer.page
    trainer.sign_in("pengajar")
    page.goto("/studio/new")
    page.get_by_label("Judul kursus").fill(title)
    page.locator("[name=beginning][value=kursus-ujian]").check(force=True)
    trainer.press("Buat draf")
    page.goto(f"/studio/{title.lower().replace(' ', '-')}/preview/tujuan")
    return trainer


@pytest.mark.parametrize(("width", "script"), [(1280, True), (390, True), (390, False)])
def test_a_comment_is_written_by_keyboard_and_settled_with_the_text(
    browser: Browser, live: Site, width: int, script: bool
) -> None:
    trainer = begin(browser, live, f"Komentar {width} {int(script)}", width, script=script)
    page = trainer.page
    page.locator(".talkat a").first.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == "text"
    page.keyboard.type("Kalimat ini dapat lebih pendek.")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator(".talk li:target", has_text="lebih pendek").count() == 1
    found = faults(page) if script else []
    page.goto(page.url.split("/preview/")[0] + "/review")
    found += faults(page) if script else []
    trainer.press("Ubah teksnya")
    found += faults(page) if script else []
    text = page.locator("#text")
    text.fill(text.input_value() + "\nDitambah.\n")
    with page.expect_navigation():
        page.get_by_role("button", name="Simpan dan tandai beres").click()
    assert "Ditambah." in page.locator("#text").input_value()
    assert not trainer.has("komentar belum beres")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert not found, "\n".join(found)
    assert not trainer.faults


@pytest.mark.parametrize("width", [1280, 390])
def test_every_kind_is_tried_in_the_preview(browser: Browser, live: Site, width: int) -> None:
    trainer = begin(browser, live, f"Coba {width}", width)
    page = trainer.page
    page.goto(page.url.split("/preview/")[0])
    page.get_by_role("link", name="Ujian akhir").first.click()
    trainer.press("Lihat sebagai teks")
    page.locator("textarea").fill(KINDS)
    trainer.press("Simpan teks")
    page.goto(page.url.split("/quizzes/")[0] + "/preview/ujian-akhir")
    ordering = page.locator("form", has=page.locator("[data-order]"))
    for _ in range(6):  # as a learner would, by the buttons
        names = ordering.locator("[data-name]").evaluate_all("all => all.map(e => e.dataset.name)")
        wanted = ["Sapa warga", "Dengar keluhan", "Selesaikan urusan", "Ucapkan terima kasih"]
        wrong = next((n for n in wanted if names.index(n) > wanted.index(n)), None)
        if wrong is None:
            break
        for _ in range(names.index(wrong) - wanted.index(wrong)):
            ordering.get_by_role("button", name=f"Naikkan: {wrong}").click()
    with page.expect_navigation():
        ordering.get_by_role("button", name="Periksa").click()
    assert page.locator(".panel--q", has=page.locator("[data-order]")).get_by_text("Tepat.").count()
    uncover(page, width)
    found = faults(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert not found, "\n".join(found)
    assert not trainer.faults
