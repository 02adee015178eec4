"""The whole way in a real browser: sign in, learn, fail, pass, and see the record change."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Response, expect

from lms.core.markdown import plain, render, render_inline
from lms.formats.gift.reader import parse
from tests.browser.conftest import Visitor
from tests.browser.site import Site, wait_until_ready

pytestmark = pytest.mark.browser

COURSE = Path(__file__).parent.parent.parent / "courses" / "berakhlak"


def answers() -> dict[str, list[str]]:
    """Right options by question text, as the course folder has them."""
    found = {}
    for path in COURSE.rglob("*.gift"):
        for question in parse(path.read_text("utf-8"))[0]:
            right = [plain(render_inline(o.text)) for o in question.options if o.fraction > 0]
            found[plain(render(question.text))] = right
    return found


def take_quiz(visitor: Visitor, *, right: bool, known: dict[str, list[str]]) -> None:
    """Answer question after question with "Berikutnya", then "Kirim jawaban"."""
    page = visitor.page
    while "/questions/" in page.url:
        text = " ".join(page.locator("legend").inner_text().split())
        wanted = known[text]
        for choice in page.locator("label.choice").all():
            words = " ".join(choice.inner_text().split())
            if (words in wanted) is right:
                choice.click()
                if not right:
                    break
        visitor.press("Berikutnya")
    visitor.press("Kirim jawaban")


def test_the_main_loop_on_a_phone(visitor: Visitor, browser: Browser, live: Site) -> None:
    known = answers()
    visitor.sign_in("pegawai")
    assert visitor.has("Selamat")
    visitor.page.goto("/my/competencies")
    assert visitor.has("4\ndari 9") or visitor.has("4 dari 9")
    visitor.page.goto("/courses")
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("link", name="BerAKHLAK").click()
    visitor.press("Daftar kursus ini")
    visitor.press("Mulai belajar")
    failed = False
    for _ in range(60):
        page = visitor.page
        if page.get_by_role("button", name="Selesai, lanjut").count():
            visitor.press("Selesai, lanjut")
        elif page.get_by_role("button", name="Mulai kuis").count():
            final = "Ujian akhir" in page.inner_text("h1")
            visitor.press("Mulai kuis")
            take_quiz(visitor, right=not final, known=known)
            if final:
                failed = True
                assert visitor.has("Belum lulus")
                assert visitor.has("2 kesempatan lagi")
                visitor.press("Ulangi kuis")
                take_quiz(visitor, right=True, known=known)
                break
            assert visitor.has("Anda lulus")
            visitor.press("Lanjut")
    assert failed
    assert visitor.has("Anda lulus")
    assert visitor.has("1 JP sudah tercatat")
    visitor.press("Lihat profil kompetensi")
    assert visitor.has("7 dari 9") or visitor.has("7\ndari 9")
    visitor.page.goto("/my/hours")
    assert visitor.has("BerAKHLAK")
    head = Visitor(browser, live, viewport={"width": 1280, "height": 900})
    head.sign_in("atasan")
    with head.page.expect_navigation():
        head.page.get_by_role("link", name="Tim saya").first.click()
    row = head.page.get_by_role("row").filter(has_text="Siti Rahmawati")
    expect(row).to_contain_text("1 selesai")
    expect(row).to_contain_text("100")
    head.context.close()


def enrolled(browser: Browser, live: Site, name: str, **options: object) -> Visitor:
    """Somebody who stands before the first question of the first quiz."""
    found = Visitor(browser, live, **options)
    found.sign_in(name)
    found.page.goto("/courses/berakhlak")
    if found.page.get_by_role("button", name="Daftar kursus ini").count():
        found.press("Daftar kursus ini")
    found.page.goto("/courses/berakhlak/learn/kuis-1")
    with found.page.expect_navigation():
        found.page.get_by_role("button", name="kuis").first.click()
    assert "/questions/1" in found.page.url
    return found


def choose(visitor: Visitor, index: int) -> None:
    visitor.page.locator("label.choice").nth(index).click()


def chosen(visitor: Visitor) -> list[bool]:
    return [box.is_checked() for box in visitor.page.locator("input[name=answer]").all()]


def test_an_answer_is_saved_as_soon_as_it_is_chosen(browser: Browser, live: Site) -> None:
    learner = enrolled(browser, live, "sdm")
    choose(learner, 2)
    expect(learner.page.locator("[data-state]")).to_have_text("Tersimpan")
    expect(learner.page.locator(".q[aria-current]")).to_have_class("q q--ok")
    learner.page.reload()
    assert chosen(learner)[2]
    learner.page.go_back()  # nothing to lose
    learner.page.goto(learner.page.url)
    learner.context.close()
    assert not learner.faults


def test_without_scripts_the_same_works(browser: Browser, live: Site) -> None:
    learner = enrolled(browser, live, "auditor", java_script_enabled=False)
    choose(learner, 1)
    learner.press("Berikutnya")
    assert "/questions/2" in learner.page.url
    learner.press("Sebelumnya: soal 1")
    assert chosen(learner)[1]
    learner.context.close()


def test_a_double_click_and_the_back_button_do_no_harm(browser: Browser, live: Site) -> None:
    learner = enrolled(browser, live, "pengajar")
    choose(learner, 0)
    with learner.page.expect_navigation(url="**/questions/2"):
        learner.page.get_by_role("button", name="Berikutnya").dblclick()
    learner.page.go_back()
    assert "/questions/1" in learner.page.url
    assert chosen(learner)[0]
    learner.press("Berikutnya")
    assert "/questions/2" in learner.page.url
    learner.context.close()
    assert not learner.faults


def test_a_second_tab_is_told_and_loses_nothing(browser: Browser, live: Site) -> None:
    learner = enrolled(browser, live, "pengajar", java_script_enabled=False)
    first = learner.page
    second = learner.tab()
    first.goto(first.url.replace("/questions/1", "/questions/3"))
    second.goto(first.url)
    first.locator("label.choice").nth(0).click()
    with first.expect_navigation():
        first.get_by_role("button", name="Berikutnya").click()
    second.locator("label.choice").nth(1).click()
    with second.expect_navigation():
        second.get_by_role("button", name="Berikutnya").click()
    assert "sudah dijawab di tab atau perangkat lain" in second.inner_text("body")
    assert second.locator("input[name=answer]").nth(1).is_checked()
    learner.context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_session_that_ends_in_the_middle_loses_no_answer(
    browser: Browser, live: Site, scripts: bool
) -> None:
    learner = enrolled(browser, live, "admin", java_script_enabled=scripts)
    learner.page.goto(learner.page.url.replace("/questions/1", "/questions/4"))
    elsewhere = Visitor(browser, live)
    elsewhere.sign_in("admin")
    elsewhere.page.goto("/my/settings")
    elsewhere.press("Akhiri semua sesi lain")
    elsewhere.context.close()
    choose(learner, 1)
    if scripts:
        learner.page.get_by_role("button", name="Nanti saja").click()
        expect(learner.page.locator("[data-state]")).to_contain_text("Sesi Anda berakhir")
    learner.press("Berikutnya")
    assert learner.has("masih tersimpan")
    learner.page.get_by_label("NIP atau surel").fill("admin@contoh.go.id")
    learner.page.get_by_label("Kata sandi", exact=True).fill("belajar-bersama")
    learner.press("Masuk")
    learner.press("Lanjutkan")
    assert "/questions/5" in learner.page.url
    learner.press("Sebelumnya: soal 4")
    assert chosen(learner)[1]
    learner.context.close()
    assert not learner.faults


def test_a_killed_worker_loses_nothing_that_was_acknowledged(browser: Browser, live: Site) -> None:
    learner = enrolled(browser, live, "admin")
    learner.page.goto(learner.page.url.replace("/questions/1", "/questions/2"))
    choose(learner, 2)
    expect(learner.page.locator("[data-state]")).to_have_text("Tersimpan")
    for worker in live.workers():
        os.kill(worker, signal.SIGKILL)
    time.sleep(0.5)
    wait_until_ready(live, 20)
    learner.page.reload()
    assert chosen(learner)[2]
    learner.context.close()


def test_an_answer_given_while_the_server_is_away_is_sent_later(
    browser: Browser, live: Site
) -> None:
    learner = enrolled(browser, live, "admin")
    learner.page.goto(learner.page.url.replace("/questions/1", "/questions/3"))
    learner.context.set_offline(True)
    choose(learner, 0)
    expect(learner.page.locator("[data-state]")).to_contain_text("Belum tersimpan")
    learner.context.set_offline(False)
    learner.press("Berikutnya")
    learner.press("Sebelumnya: soal 3")
    assert chosen(learner)[0]
    learner.context.close()


def test_a_save_that_failed_is_sent_again_by_the_page_itself(browser: Browser, live: Site) -> None:
    """Nobody presses anything: it is enough that the network returns."""
    learner = enrolled(browser, live, "admin")
    learner.page.goto(learner.page.url.replace("/questions/1", "/questions/5"))
    learner.context.set_offline(True)
    choose(learner, 0)
    state = learner.page.locator("[data-state]")
    expect(state).to_contain_text("dikirim lagi otomatis")
    choose(learner, 1)  # a newer choice takes the place of the one that waits
    expect(state).to_contain_text("dikirim lagi otomatis")
    learner.context.set_offline(False)
    expect(state).to_have_text("Tersimpan")
    learner.page.reload()
    assert chosen(learner)[:2] == [False, True]
    learner.context.close()


def test_a_busy_database_is_asked_again_when_it_says_so(browser: Browser, live: Site) -> None:
    """The table of answers is locked by somebody else for longer than a save waits."""
    learner = enrolled(browser, live, "auditor")
    learner.page.goto(learner.page.url.replace("/questions/1", "/questions/3"))
    asked: list[tuple[float, int]] = []

    def note(response: Response) -> None:
        if is_save(response):
            asked.append((time.monotonic(), response.status))

    learner.page.on("response", note)
    state = learner.page.locator("[data-state]")
    with locked(live):
        choose(learner, 1)
        expect(state).to_contain_text("dikirim lagi otomatis", timeout=15_000)
    expect(state).to_have_text("Tersimpan", timeout=15_000)
    (told, refused), (again, saved) = asked[-2:]
    assert (refused, saved) == (503, 200)
    assert again - told >= 4.5  # Retry-After: 5
    learner.page.reload()
    assert chosen(learner)[1]
    learner.context.close()


def is_save(response: Response) -> bool:
    return response.request.method == "POST" and "/questions/" in response.url


def database_of(live: Site) -> str:
    path = Path(live.settings["DATA_DIR"]) / "kompeten.db"
    return live.settings["DATABASE_URL"] or f"sqlite:///{path}"


@contextmanager
def locked(live: Site) -> Iterator[None]:
    """Somebody else writes, and does not end."""
    engine = sa.create_engine(database_of(live))
    with engine.connect() as connection:
        on_server = engine.dialect.name == "postgresql"
        lock = "LOCK TABLE answer IN EXCLUSIVE MODE" if on_server else "BEGIN IMMEDIATE"
        connection.exec_driver_sql(lock)
        yield
        connection.rollback()
    engine.dispose()
