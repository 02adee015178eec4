"""The countdown: told politely at five minutes and at one, and silent when folded away."""

from tests.browser.conftest import Visitor


def test_five_minutes_and_one_minute_are_announced_once(visitor: Visitor) -> None:
    visitor.sign_in("pegawai")
    visitor.page.goto("/courses/berakhlak")
    visitor.press("Daftar kursus ini")
    visitor.page.goto("/courses/berakhlak/learn/ujian-akhir")
    visitor.press("Mulai kuis")
    visitor.page.clock.install()
    visitor.page.reload()
    told = visitor.page.locator("[data-timer-told]")
    assert told.get_attribute("role") == "status"
    assert told.text_content() == ""
    visitor.page.locator(".timerbox summary").click()  # folded away: still told
    visitor.page.clock.fast_forward(14 * 60 * 1000)
    assert told.text_content() == ""
    visitor.page.clock.fast_forward(60 * 1000)
    assert told.text_content() == "Sisa waktu 5 menit."
    visitor.page.clock.fast_forward(3 * 60 * 1000)
    assert told.text_content() == "Sisa waktu 5 menit."
    visitor.page.clock.fast_forward(61 * 1000)
    assert told.text_content() == "Sisa waktu 1 menit."
