"""The catalogue in a browser: what is found is shown while one types and chooses."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from lms.config import ROOT
from tests.browser.conftest import Visitor
from tests.browser.site import Site

pytestmark = pytest.mark.browser

ALL = f"{len(list((ROOT / 'courses').glob('*/course.toml')))} kursus"


@pytest.fixture
def visitor(browser: Browser, live: Site) -> Iterator[Visitor]:
    visitor = Visitor(browser, live, viewport={"width": 390, "height": 844})
    visitor.sign_in("pegawai")
    yield visitor
    assert visitor.faults == []
    visitor.context.close()


def test_results_follow_the_form_and_the_address_keeps_them(visitor: Visitor) -> None:
    page = visitor.page
    page.goto("/courses")
    status = page.locator("[data-status]")
    expect(status).to_have_text(ALL)
    box = page.get_by_label("Cari kursus")
    box.press_sequentially("berahklak", delay=20)
    expect(status).to_contain_text("untuk “berakhlak”")
    expect(box).to_be_focused()
    assert page.url.endswith("/courses?q=berahklak")
    box.fill("qqqqqqqq")
    expect(status).to_contain_text("0 kursus")
    expect(page.locator("#hasil")).to_contain_text("Tidak ada kursus yang cocok")
    page.reload()
    expect(status).to_contain_text("0 kursus untuk “qqqqqqqq”")
    visitor.press("Lihat semua kursus")
    expect(status).to_have_text(ALL)


def test_the_filters_of_a_phone_open_and_close_without_a_script(
    browser: Browser, live: Site
) -> None:
    visitor = Visitor(
        browser, live, viewport={"width": 320, "height": 700}, java_script_enabled=False
    )
    visitor.sign_in("pegawai")
    page = visitor.page
    page.goto("/courses")
    chosen = page.get_by_label("Lama belajar")
    expect(chosen).to_be_hidden()
    page.get_by_role("link", name="Saring").click()
    expect(chosen).to_be_visible()
    chosen.select_option("30")
    visitor.press("Terapkan")
    assert "minutes=30" in page.url
    expect(chosen).to_be_hidden()
    expect(page.locator("[data-status]")).to_contain_text("0 kursus")
    visitor.press("Hapus saringan: Sampai 30 menit")
    expect(page.locator("[data-status]")).to_contain_text(ALL)
    visitor.context.close()


def test_a_lost_connection_is_said(visitor: Visitor) -> None:
    page = visitor.page
    page.goto("/courses")
    visitor.context.set_offline(True)
    page.get_by_label("Cari kursus").fill("nilai")
    expect(page.locator("[data-status]")).to_have_text("Hasil belum diperbarui. Tekan Terapkan.")
    visitor.context.set_offline(False)
