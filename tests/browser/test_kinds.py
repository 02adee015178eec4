"""Every kind of question in a real browser: by keyboard alone, on a narrow phone, with and without
scripts."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from lms.config import ROOT
from tests.browser.conftest import Visitor
from tests.browser.site import Site
from tests.browser.test_screens import look
from tests.sample_course import KINDS, KINDS_SETTINGS, write_course

pytestmark = pytest.mark.browser

NARROW = {"width": 320, "height": 640}
SHORT, NUMERIC, MATCHING, ORDERING = 4, 5, 6, 7
STEPS = ["Sapa warga", "Dengar keluhan", "Selesaikan urusan", "Ucapkan terima kasih"]


HINTS = """practice = true
[[hints]]
question = "jenis-4"
texts = ["Kota *Kembang*."]
"""


def publish(site: Site, folder: Path, slug: str, settings: str = "") -> None:
    """A course that asks one question of every kind."""
    written = write_course(
        folder, final=KINDS, settings=KINDS_SETTINGS + settings, attempts=0, show_answers="always"
    )
    subprocess.run(
        [sys.executable, "-m", "flask", "courses", "import", str(written.rename(folder / slug))],
        cwd=ROOT, env={**os.environ, **site.settings}, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.fixture(scope="module")
def kinds(live: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The site with a course of every kind, and the same for practice."""
    folder = tmp_path_factory.mktemp("courses")
    publish(live, folder, "melayani")
    publish(live, folder, "latihan", HINTS)
    return live


def begin(
    browser: Browser, site: Site, name: str, slug: str = "melayani", **options: object
) -> Visitor:
    """Somebody at the first question of the quiz."""
    found = Visitor(browser, site, **options)
    found.sign_in(name)
    found.page.goto(f"/courses/{slug}")
    if found.page.get_by_role("button", name="Daftar kursus ini").count():
        found.press("Daftar kursus ini")
    found.page.goto(f"/courses/{slug}/learn/akhir")
    with found.page.expect_navigation():
        found.page.get_by_role("button", name="kuis").first.click()
    return found


def go_to(visitor: Visitor, number: int) -> Page:
    page = visitor.page
    page.goto(page.url.rsplit("/", 1)[0] + f"/{number}")
    return page


@pytest.fixture
def learner(browser: Browser, kinds: Site) -> Iterator[Visitor]:
    found = begin(browser, kinds, "pegawai", viewport=NARROW)
    yield found
    found.context.close()
    assert not found.faults, found.faults


def state(page: Page) -> Locator:
    return page.locator("[data-state]")


def labels(page: Page) -> list[str]:
    return [" ".join(each.inner_text().split()) for each in page.locator("[data-name]").all()]


def put_in_order(page: Page) -> None:
    """With the buttons, pressed by keyboard, each item to its place from the first on."""
    for place, item in enumerate(STEPS):
        while labels(page).index(item) > place:
            page.get_by_role("button", name=f"Naikkan: {item}", exact=True).focus()
            page.keyboard.press("Enter")


def test_every_kind_is_answered_with_the_keyboard_alone(learner: Visitor) -> None:
    page = go_to(learner, SHORT)
    page.get_by_label("Jawaban Anda").focus()
    page.keyboard.type("bandung")
    expect(state(page)).to_have_text("Tersimpan")
    page = go_to(learner, NUMERIC)
    page.get_by_label("Jawaban Anda").focus()
    page.keyboard.type("4.500")
    with page.expect_navigation(url=f"**/questions/{MATCHING}"):
        page.keyboard.press("Enter")
    for stem, city in (("Jawa Barat", "Bandung"), ("Banten", "Serang"), ("Bali", "Denpasar")):
        page.get_by_label(stem).focus()
        page.keyboard.type(city[:3])
        expect(page.get_by_label(stem).locator("option:checked")).to_have_text(city)
    expect(state(page)).to_have_text("Tersimpan")
    page = go_to(learner, ORDERING)
    put_in_order(page)
    assert labels(page) == STEPS
    expect(page.locator("[data-order-state]")).to_contain_text("urutan")
    expect(state(page)).to_have_text("Tersimpan")
    page.reload()
    assert labels(page) == STEPS
    learner.press("Tinjau dan kirim")
    learner.press("Kirim jawaban")
    assert learner.has("4 dari 7 soal tepat")


def test_every_kind_looks_well_everywhere(learner: Visitor) -> None:
    found = []
    for number in range(1, 8):
        go_to(learner, number)
        found += look(learner, f"question {number}")
    page = go_to(learner, NUMERIC)
    page.get_by_label("Jawaban Anda").fill("lima")
    expect(state(page)).to_contain_text("bukan angka")
    learner.press("Berikutnya")
    found += look(learner, "no number")
    expect(page.get_by_label("Jawaban Anda")).to_have_value("lima")
    assert not found, "\n".join(found)


def test_a_text_is_saved_after_a_pause_and_before_leaving(learner: Visitor) -> None:
    page = go_to(learner, SHORT)
    field = page.get_by_label("Jawaban Anda")
    field.press_sequentially("Ban", delay=10)
    expect(state(page)).to_have_text("Belum tersimpan…")
    expect(state(page)).to_have_text("Tersimpan")
    field.press_sequentially("dung", delay=10)
    page.goto("/")  # within the pause
    page.go_back()
    page.reload()
    expect(field).to_have_value("Bandung")
    field.press("End")
    field.press_sequentially("an", delay=10)
    learner.press("Berikutnya")  # within the pause: the form carries it
    page = go_to(learner, SHORT)
    expect(field).to_have_value("Bandungan")


def test_a_text_that_could_not_be_sent_is_kept_and_sent_again(learner: Visitor) -> None:
    page = go_to(learner, SHORT)
    learner.context.set_offline(True)
    field = page.get_by_label("Jawaban Anda")
    field.fill("")
    field.press_sequentially("Bogor", delay=10)
    expect(state(page)).to_contain_text("Belum tersimpan. Jawaban Anda tetap")
    learner.context.set_offline(False)
    expect(state(page)).to_have_text("Tersimpan")
    page.reload()
    expect(field).to_have_value("Bogor")


def test_practice_looks_well_and_is_checked_with_the_keyboard(
    browser: Browser, kinds: Site
) -> None:
    visitor = begin(browser, kinds, "auditor", "latihan", viewport=NARROW)
    page = go_to(visitor, SHORT)
    found = look(visitor, "practice, open")
    for text in ("Cidung", "Serang"):
        page.get_by_label("Jawaban Anda").fill(text)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        found += look(visitor, f"practice, after {text}")
    assert visitor.has("Percobaan sudah habis.")
    visitor.press("Berikutnya")
    assert f"/questions/{NUMERIC}" in page.url
    visitor.context.close()
    assert not visitor.faults
    assert not found, "\n".join(found)


def test_every_kind_is_answered_without_a_script(browser: Browser, kinds: Site) -> None:
    visitor = begin(browser, kinds, "sdm", viewport=NARROW, java_script_enabled=False)
    page = go_to(visitor, SHORT)
    page.get_by_label("Jawaban Anda").fill("bandung")
    visitor.press("Berikutnya")
    page.get_by_label("Jawaban Anda").fill("4500")
    visitor.press("Berikutnya")
    for stem, city in (("Jawa Barat", "Bandung"), ("Banten", "Serang"), ("Bali", "Denpasar")):
        page.get_by_label(stem).select_option(city)
    visitor.press("Berikutnya")
    assert not page.locator("[data-move]").first.is_visible()
    for place, item in enumerate(STEPS, start=1):
        page.get_by_label(f"Urutan: {item}").select_option(str(place))
    visitor.press("Berikutnya")
    visitor.press("Kirim jawaban")
    assert visitor.has("4 dari 7 soal tepat")
    visitor.context.close()
    assert not visitor.faults
