"""The session goes in the middle of a quiz: one signs in again in place, and the answer is sent."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Locator, expect

from lms.config import ROOT
from tests.browser.conftest import PASSWORD, Visitor
from tests.browser.site import Site
from tests.browser.test_journey import choose, chosen, database_of, enrolled
from tests.browser.test_screens import faults

pytestmark = pytest.mark.browser
Losing = Callable[[Visitor, Browser, Site], None]


def lose_cookies(learner: Visitor, _browser: Browser, _live: Site) -> None:
    learner.context.clear_cookies()


def end_elsewhere(learner: Visitor, browser: Browser, live: Site) -> None:
    elsewhere = Visitor(browser, live)
    elsewhere.sign_in("pengajar")
    elsewhere.page.goto("/my/settings")
    elsewhere.press("Akhiri semua sesi lain")
    elsewhere.context.close()


def dialog(learner: Visitor) -> Locator:
    return learner.page.get_by_role("dialog", name="Sesi Anda berakhir")


def type_in(learner: Visitor, password: str, name: str = "") -> None:
    box = dialog(learner)
    if name:
        box.get_by_label("NIP atau surel").fill(f"{name}@contoh.go.id")
    box.get_by_label("Kata sandi", exact=True).fill(password)
    box.get_by_role("button", name="Masuk", exact=True).click()


@pytest.mark.parametrize("lose", [lose_cookies, end_elsewhere])
def test_the_answer_is_sent_after_signing_in_in_place(
    browser: Browser, live: Site, lose: Losing
) -> None:
    learner = enrolled(browser, live, "pengajar", viewport={"width": 390, "height": 844})
    first = learner.page.url
    lose(learner, browser, live)
    choose(learner, 2)
    box = dialog(learner)
    expect(box).to_contain_text("1 jawaban menunggu")
    expect(box.get_by_label("NIP atau surel")).to_have_value("pengajar@contoh.go.id")
    expect(box.get_by_label("Kata sandi", exact=True)).to_be_focused()
    assert not faults(learner.page)
    type_in(learner, "salah-sama-sekali")
    expect(box).to_contain_text("tidak cocok")
    expect(box.locator(".errsum")).to_be_focused()
    type_in(learner, PASSWORD)
    expect(box).to_be_hidden()
    expect(learner.page.locator("[data-state]")).to_have_text("Tersimpan")
    assert learner.page.url == first  # never left
    choose(learner, 1)  # the next save has a token that fits
    expect(learner.page.locator("[data-state]")).to_have_text("Tersimpan")
    learner.press("Berikutnya")
    assert "/questions/2" in learner.page.url
    learner.press("Sebelumnya: soal 1")
    assert chosen(learner)[1]
    learner.context.close()
    assert not learner.faults


def test_another_person_never_sends_it(browser: Browser, live: Site) -> None:
    learner = enrolled(browser, live, "auditor")
    learner.page.goto(learner.page.url.replace("/questions/1", "/questions/2"))
    before = stored(live)
    learner.context.clear_cookies()
    choose(learner, 2)
    type_in(learner, PASSWORD, "sdm")
    expect(dialog(learner)).to_contain_text("orang lain yang masuk")
    dialog(learner).get_by_role("button", name="Nanti saja").click()
    choose(learner, 1)  # still the page of the first person
    expect(dialog(learner)).to_contain_text("orang lain yang masuk")
    assert stored(live) == before
    learner.context.close()
    assert not learner.faults


def test_put_off_it_still_goes_by_the_button(browser: Browser, live: Site) -> None:
    learner = enrolled(browser, live, "admin")
    learner.page.goto(learner.page.url.replace("/questions/1", "/questions/3"))
    learner.context.clear_cookies()
    choose(learner, 1)
    expect(dialog(learner)).to_be_visible(timeout=15_000)
    learner.page.keyboard.press("Escape")
    expect(learner.page.locator("[data-state]")).to_contain_text("Sesi Anda berakhir")
    go_on_by_the_page(learner)


def test_without_scripts_the_button_leads_to_the_door_and_back(
    browser: Browser, live: Site
) -> None:
    learner = enrolled(browser, live, "admin", java_script_enabled=False)
    learner.page.goto(learner.page.url.replace("/questions/1", "/questions/3"))
    choose(learner, 0)
    learner.context.clear_cookies()
    go_on_by_the_page(learner, 0)


def go_on_by_the_page(learner: Visitor, option: int = 1) -> None:
    learner.press("Berikutnya")
    assert learner.has("masih tersimpan")
    learner.page.get_by_label("NIP atau surel").fill("admin@contoh.go.id")
    learner.page.get_by_label("Kata sandi", exact=True).fill(PASSWORD)
    learner.press("Masuk")
    learner.press("Lanjutkan")
    assert "/questions/4" in learner.page.url
    learner.press("Sebelumnya: soal 3")
    assert chosen(learner)[option]
    learner.context.close()
    assert not learner.faults


def test_an_initial_password_is_replaced_in_place(browser: Browser, live: Site) -> None:
    """Somebody gave the learner a new password in the middle of the quiz."""
    learner = enrolled(browser, live, "sdm", viewport={"width": 390, "height": 844})
    first = learner.page.url
    given = [sys.executable, "-m", "flask", "people", "set-password", "sdm@contoh.go.id"]
    subprocess.run(
        [*given, "--password", "dibuatkan-untuk-sdm"],
        cwd=ROOT, env={**os.environ, **live.settings}, check=True, capture_output=True,
    )  # fmt: skip
    choose(learner, 2)
    box = dialog(learner)
    type_in(learner, "dibuatkan-untuk-sdm")
    expect(box).to_contain_text("yang dibuatkan orang lain")
    expect(box.get_by_label("Kata sandi sekarang", exact=True)).to_be_focused()
    assert not faults(learner.page)
    for current in ("salah-sama-sekali", "dibuatkan-untuk-sdm"):
        box.get_by_label("Kata sandi sekarang", exact=True).fill(current)
        box.get_by_label("Kata sandi baru", exact=True).fill("sungai-musi-berkabut")
        box.get_by_label("Ulangi kata sandi baru", exact=True).fill("sungai-musi-berkabut")
        box.get_by_role("button", name="Simpan kata sandi").click()
        if current.startswith("salah"):
            expect(box.locator(".errsum")).to_be_focused()
    expect(box).to_be_hidden()
    expect(learner.page.locator("[data-state]")).to_have_text("Tersimpan")
    assert learner.page.url == first  # never left
    learner.press("Berikutnya")
    learner.press("Sebelumnya: soal 1")
    assert chosen(learner)[2]
    learner.context.close()
    assert not learner.faults


def stored(live: Site) -> list[tuple[object, ...]]:
    """Every answer that the site holds."""
    engine = sa.create_engine(database_of(live))
    with engine.connect() as connection:
        found = connection.execute(sa.text("SELECT * FROM answer")).all()
    engine.dispose()
    return sorted((tuple(row) for row in found), key=repr)
