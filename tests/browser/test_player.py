"""The player in a real browser: keys, the place on another device, notes, watching a video."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from lms.config import ROOT
from tests.browser.conftest import Visitor
from tests.browser.site import Site
from tests.running import until
from tests.sample_course import write_course, write_video

pytestmark = pytest.mark.browser

DESK = {"viewport": {"width": 1280, "height": 860}}
VIDEO = "/courses/melayani/learn/video"


@pytest.fixture(scope="module")
def course(live: Site, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A course with a video, 75 percent of which must be watched, published as an operator does."""
    folder = write_course(tmp_path_factory.mktemp("course"))
    write_video(folder, more="watched = 75\n")
    flask = Path(sys.executable).with_name("flask")
    command = [str(flask), "--app", "app", "courses", "import", str(folder)]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **live.settings}, check=True)
    return "melayani"


def enrolled(browser: Browser, live: Site, name: str, slug: str, **options: object) -> Visitor:
    found = Visitor(browser, live, **options)
    found.sign_in(name)
    found.page.goto(f"/courses/{slug}")
    if found.page.get_by_role("button", name="Daftar kursus ini").count():
        found.press("Daftar kursus ini")
    return found


def test_reading_goes_on_at_the_same_paragraph_on_another_screen(
    browser: Browser, live: Site
) -> None:
    phone = enrolled(browser, live, "sdm", "berakhlak", viewport={"width": 390, "height": 844})
    lesson = "/courses/berakhlak/learn/mengenal-berakhlak"
    phone.page.goto(lesson)
    block = phone.page.locator("article > *").nth(8)
    block.evaluate("b => scrollTo(0, scrollY + b.getBoundingClientRect().top - 40)")
    with phone.page.expect_response("**/progress", timeout=40_000):
        phone.page.mouse.move(5, 5)
    desk = Visitor(browser, live, **DESK)
    desk.sign_in("sdm")
    desk.page.goto(lesson)
    seen = desk.page.locator("article > *").nth(8)

    def is_near() -> bool:
        return abs(float(seen.evaluate("b => b.getBoundingClientRect().top"))) < 100

    until(is_near, "the same paragraph is at the top", 5)
    assert not [*phone.faults, *desk.faults]
    phone.context.close()
    desk.context.close()


def test_alt_and_the_arrows_go_to_the_part_before_and_after(browser: Browser, live: Site) -> None:
    visitor = enrolled(browser, live, "sdm", "berakhlak", **DESK)
    visitor.page.goto("/courses/berakhlak/learn/mengenal-berakhlak")
    with visitor.page.expect_navigation(url="**/learn/akuntabel"):
        visitor.page.keyboard.press("Alt+ArrowRight")
    with visitor.page.expect_navigation(url="**/learn/mengenal-berakhlak"):
        visitor.page.keyboard.press("Alt+ArrowLeft")
    assert visitor.has("0 dari 10 bagian selesai")  # going on is not finishing
    visitor.page.locator("#catatan-teks").press("Alt+ArrowRight")
    assert visitor.page.url.endswith("/learn/mengenal-berakhlak")  # a move by words there
    visitor.context.close()


def test_a_note_saves_itself_and_a_lost_save_is_sent_again(browser: Browser, live: Site) -> None:
    visitor = enrolled(browser, live, "auditor", "berakhlak", **DESK)
    page = visitor.page
    page.goto("/courses/berakhlak/learn/mengenal-berakhlak")
    state = page.locator("[data-note] [data-state]")
    page.locator("#catatan-teks").fill("Senyum dulu.")
    expect(state).to_contain_text("Tersimpan")
    visitor.context.set_offline(True)
    page.locator("#catatan-teks").fill("Senyum dulu, baru bertanya.")
    expect(state).to_contain_text("Belum tersimpan")
    visitor.context.set_offline(False)
    expect(state).to_contain_text("Tersimpan")
    page.goto("/courses/berakhlak/notes")
    assert visitor.has("Senyum dulu, baru bertanya.")
    visitor.context.close()


def test_watching_completes_and_jumping_does_not(browser: Browser, live: Site, course: str) -> None:
    visitor = enrolled(browser, live, "pengajar", course, **DESK)
    page = visitor.page
    page.goto(VIDEO)
    state = page.locator("[data-lacks]")
    page.evaluate(
        "v = document.querySelector('video'); v.muted = true; v.currentTime = 7; v.play()"
    )
    until(lambda: page.evaluate("v.ended"), "the end is reached")
    expect(state).to_contain_text("terputar 12 persen")
    page.evaluate("v.currentTime = 0; v.play()")
    until(lambda: page.evaluate("v.ended"), "the end is reached")
    expect(state).to_have_text("Syarat selesai terpenuhi.")
    page.reload()
    assert visitor.has("1 dari 5 bagian selesai")
    assert not visitor.faults
    visitor.context.close()


def test_without_scripts_the_transcript_is_the_way(
    browser: Browser, live: Site, course: str
) -> None:
    visitor = enrolled(browser, live, "admin", course, java_script_enabled=False)
    visitor.page.goto(VIDEO)
    visitor.page.get_by_text("Transkrip: baca sebagai ganti").click()
    assert visitor.page.get_by_text("ada yang dapat kami bantu?").is_visible()
    visitor.page.wait_for_timeout(4000)
    visitor.press("Selesai, lanjut")
    assert visitor.has("1 dari 5 bagian")
    visitor.context.close()
