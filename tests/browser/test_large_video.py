"""A large video in a browser: sent with its progress, played from where somebody jumps to."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from tests.browser.conftest import Visitor
from tests.browser.site import Site
from tests.browser.test_studio import set_course

pytestmark = pytest.mark.browser

COURSE = "/studio/video-besar"
SAMPLE = Path(__file__).parents[1] / "media" / "loket.mp4"
PADDING = 25_000_000  # bytes
SLOW = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 10_000_000}
SEEN = """
() => {
  const bar = document.querySelector("progress");
  const note = () => {
    if (!bar.hidden) sessionStorage.seen = `${sessionStorage.seen ?? ""} ${bar.value}`;
  };
  new MutationObserver(note).observe(bar, { attributes: true });
}
"""
PLAYED = """
() => {
  const video = document.querySelector("video");
  return [video.currentTime, video.readyState, video.error];
}
"""


def test_a_large_video_is_sent_with_progress_and_played_from_its_end(
    browser: Browser, live: Site, tmp_path: Path
) -> None:
    large = tmp_path / "besar.mp4"
    large.write_bytes(SAMPLE.read_bytes() + free_box(PADDING))
    trainer = Visitor(browser, live, viewport={"width": 1280, "height": 844})
    publish(trainer, large)
    assert not trainer.faults
    learner = Visitor(browser, live, viewport={"width": 390, "height": 844})
    page, answers = learner.page, list[Response]()
    learner.sign_in("pegawai")
    page.goto("/courses/video-besar")
    learner.press("Daftar kursus ini")
    page.on("response", lambda answer: answers.append(answer))
    learner.press("Mulai belajar")
    page.wait_for_function("document.querySelector('video').readyState >= 1")
    length = page.evaluate("document.querySelector('video').duration")
    for to in (length / 2, length - 0.2):
        page.evaluate("to => { document.querySelector('video').currentTime = to; }", to)
        page.wait_for_function(
            "() => { const v = document.querySelector('video'); "
            "return !v.seeking && v.readyState >= 2; }"
        )
        at, ready, error = page.evaluate(PLAYED)
        assert at == pytest.approx(to, abs=0.1)
        assert ready >= 2
        assert error is None
    videos = [each for each in answers if ".mp4" in each.url]
    assert videos
    assert {each.status for each in videos} == {206}
    assert not learner.faults


def free_box(size: int) -> bytes:
    """A part of an MP4 file that players leave out."""
    return size.to_bytes(4, "big") + b"free" + bytes(size - 8)


def publish(trainer: Visitor, video: Path) -> None:
    """A course that is one video, which has captions and a transcript."""
    page = trainer.page
    trainer.sign_in("pengajar")
    page.goto("/studio/new")
    page.get_by_label("Judul kursus").fill("Video besar")
    trainer.press("Buat draf")
    page.get_by_label("Judul modul baru").fill("Dasar")
    trainer.press("Tambah modul")
    page.get_by_label("Jenis").select_option("video")
    page.get_by_label("Judul bagian baru").fill("Di loket")
    trainer.press("Tambah bagian")
    send(page, video)
    page.goto(COURSE)
    trainer.press("Di loket")
    part = page.url
    page.get_by_label("Berkas", exact=True).select_option(label=video.name)
    page.get_by_label("Transkrip, atau isi berkas").fill("Petugas menyapa warga di loket.")
    trainer.press("Simpan")
    page.goto(f"{part}/captions/id")
    page.get_by_label("Takarir", exact=True).fill("WEBVTT\n\n00:00.000 --> 00:01.000\nHalo.\n")
    trainer.press("Simpan takarir")
    set_course(trainer, COURSE, needed=0)
    page.goto(f"{COURSE}/publish")
    page.get_by_label("Catatan perubahan").fill("Versi pertama")
    trainer.press("Terbitkan")
    assert trainer.has("Versi 1 terbit.")


def send(page: Page, video: Path) -> None:
    page.goto(f"{COURSE}/media")
    page.evaluate(SEEN)
    page.get_by_label("Berkas", exact=True).set_input_files(video)
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", SLOW)  # else it is there before a bar is drawn
    page.get_by_role("button", name="Unggah").click()
    expect(page.locator("[data-told]")).to_have_text("media/besar.mp4 ditambahkan.", timeout=60_000)
    network.detach()
    assert "25 MB" in page.inner_text("main")
    seen = [float(each) for each in page.evaluate("sessionStorage.seen").split()]
    assert seen == sorted(seen)
    assert seen[-1] == 100
    assert any(0 < each < 100 for each in seen)
