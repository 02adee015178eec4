"""Essays in a real browser: written and marked by keyboard alone, on a phone and on a desk, with
and without scripts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from lms.config import ROOT
from tests.browser.conftest import Visitor
from tests.browser.site import Site
from tests.browser.test_kinds import begin, go_to, state
from tests.browser.test_screens import look
from tests.learning.writing import ESSAYS, PDF, SETTINGS
from tests.sample_course import write_course

pytestmark = pytest.mark.browser

TEXT = "Saya menata loket dan antrean."
WIDTHS = {"pegawai": 390, "atasan": 1280}


@pytest.fixture(scope="module")
def essays(live: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("courses")
    for slug in ("melayani", "menulis"):
        written = write_course(folder, final=ESSAYS, settings=SETTINGS, attempts=0)
        written.rename(folder / slug)
        subprocess.run(
            [sys.executable, "-m", "flask", "courses", "import", str(folder / slug)],
            cwd=ROOT, env={**os.environ, **live.settings}, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
    return live


@pytest.mark.parametrize(("name", "width"), WIDTHS.items())
def test_an_essay_is_written_and_marked_with_the_keyboard_alone(
    browser: Browser, essays: Site, tmp_path: Path, name: str, width: int
) -> None:
    size = {"width": width, "height": 844}
    learner = begin(browser, essays, name, viewport=size)
    found = look(learner, "choice")
    page = go_to(learner, 2)
    page.get_by_label("Jawaban Anda").focus()
    page.keyboard.type("Dua kata")
    expect(page.locator("[data-words]")).to_have_text("tertulis: 2 kata")
    expect(state(page)).to_have_text("Tersimpan, tetapi kurang dari 3 kata.")
    found += look(learner, "essay, too short")
    page.get_by_label("Jawaban Anda").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type(TEXT)
    expect(state(page)).to_have_text("Tersimpan")
    (tmp_path / "laporan.pdf").write_bytes(PDF)
    page.get_by_label("Berkas").set_input_files(tmp_path / "laporan.pdf")
    page.get_by_role("button", name="Unggah").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert learner.has("laporan.pdf")
    found += look(learner, "essay with a file")
    learner.press("Berikutnya")
    page.get_by_label("Jawaban Anda").fill("Selesai.")
    learner.press("Berikutnya")
    learner.press("Kirim jawaban")
    assert learner.has("Menunggu penilaian")
    found += look(learner, "waiting")
    found += mark(browser, essays, size)
    page.reload()
    assert learner.has("10 dari 10: lengkap")
    assert learner.has("Runtut & jelas")
    found += look(learner, "result")
    learner.context.close()
    assert not learner.faults
    assert not found, "\n".join(found)


def mark(browser: Browser, site: Site, size: dict[str, int]) -> list[str]:
    """Both essays that wait, by keyboard."""
    marker = Visitor(browser, site, viewport=size)
    marker.sign_in("sdm")
    page = marker.page
    page.goto("/marking?course=melayani")
    found = look(marker, "queue")
    page.locator("a.pname").first.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    found += look(marker, "essay to mark")
    first = page.url
    with page.expect_navigation():
        page.keyboard.press("Alt+ArrowRight")
    with page.expect_navigation():
        page.keyboard.press("Alt+ArrowLeft")
    assert page.url == first
    for criterion, presses in (("Isi", 1), ("Bahasa", 0)):
        page.get_by_role("group", name=criterion).get_by_role("radio").nth(1).focus()
        page.keyboard.press("Space")
        for _ in range(presses):
            page.keyboard.press("ArrowDown")
    page.get_by_label("Umpan balik untuk peserta").focus()
    page.keyboard.type("Runtut & jelas")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    assert page.url != first
    page.get_by_label("Poin").focus()
    page.keyboard.type("7,5")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    assert marker.has("Tidak ada esai lain yang menunggu.")
    page.goto(first)
    assert marker.has("20 dari 20 poin")
    found += look(marker, "marked")
    marker.context.close()
    assert not marker.faults
    return found


def test_an_essay_is_written_and_marked_without_a_script(
    browser: Browser, essays: Site, tmp_path: Path
) -> None:
    options = {"viewport": {"width": 320, "height": 640}, "java_script_enabled": False}
    learner = begin(browser, essays, "auditor", "menulis", **options)
    page = go_to(learner, 2)
    page.get_by_label("Jawaban Anda").fill(TEXT)
    (tmp_path / "laporan.pdf").write_bytes(PDF)
    page.get_by_label("Berkas").set_input_files(tmp_path / "laporan.pdf")
    learner.press("Berikutnya")  # the file goes with whatever button
    learner.press("Sebelumnya: soal 2")
    assert learner.has("laporan.pdf")
    expect(page.get_by_label("Jawaban Anda")).to_have_value(TEXT)
    learner.press("Tinjau dan kirim")
    learner.press("Kirim jawaban")
    marker = Visitor(browser, essays, **options)
    marker.sign_in("sdm")
    marker.page.goto("/marking?course=menulis")
    with marker.page.expect_navigation():
        marker.page.locator("a.pname").click()
    for criterion in ("Isi", "Bahasa"):
        marker.page.get_by_role("group", name=criterion).get_by_role("radio").last.focus()
        marker.page.keyboard.press("Space")
    marker.press("Simpan")
    assert marker.has("20 dari 20 poin")
    page.reload()
    assert learner.has("Nilai Anda 33,33")
    for visitor in (learner, marker):
        visitor.context.close()
        assert not visitor.faults
