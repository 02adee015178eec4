"""Every screen, in light at three widths and in dark: axe finds nothing, nothing scrolls
sideways, no message of the Content-Security-Policy."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Literal

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page

from lms.core import clock
from tests.browser.conftest import Visitor
from tests.browser.site import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        os.environ.get("TEST_DATABASE") == "postgresql",
        reason="how a page looks does not depend on the database",
    ),
]

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS: tuple[tuple[Literal["light", "dark"], int], ...] = (
    ("light", 320), ("light", 390), ("light", 1280), ("dark", 390),
)  # fmt: skip
PUBLIC = (
    "/sign-in", "/activate", "/password/forgot", "/verify", "/verify?code=abc",
    f"/verify/{'0' * 20}",
)  # fmt: skip
LEARNER = (
    "/", "/courses", "/courses?q=zzzzzzzz&level=5", "/courses?q=integrtas&state=new#saring",
    "/courses/berakhlak", "/my/competencies", "/my/hours", "/my/hours?year=2024", "/my/settings",
    "/my/certificates",
    "/notifications", "/notifications?unread=1", "/password/change", "/tidak-ada", "/team",
)  # fmt: skip
HEAD = (
    "/", "/team", "/team?q=zzz", "/team?state=late&sort=-hours", "/my/competencies",
    "/notifications", "/my/certificates", "/my/hours", "/assignments",
    "/assignments/new?course=berakhlak",
)  # fmt: skip


ADMIN = (
    "/people", "/people?q=zzzz", "/people?state=waiting", "/people/letters", "/people/imports",
    "/people/letters?unit=TIDAK", "/site", "/site/mail", "/audit-log", "/audit-log/verification",
    "/audit-log?act=accounts.signed_in",
)  # fmt: skip


def faults(page: Page) -> list[str]:
    """What axe finds on the page as it stands, and sideways scrolling."""
    # Not through a script element: the page's own policy would refuse it.
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": AXE})
    found = page.evaluate(
        "tags => axe.run(document, {runOnly: tags}).then(r => r.violations.map("
        "v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).join(', ')))",
        TAGS,
    )
    wide = page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    return [*found, *(["scrolls sideways"] if wide else [])]


def uncover(page: Page, width: int) -> None:
    """Make the window as high as the page, so that no sticky bar covers half of a control."""
    page.set_viewport_size({"width": width, "height": 900})
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": min(int(height) + 200, 6000)})
    page.evaluate("scrollTo(0, 0)")


def look(visitor: Visitor, where: str) -> list[str]:
    """Faults of the present page in light at all widths and in dark at one, disclosures open."""
    page, found = visitor.page, []
    # Not the account menu, which lies over the page; it has a test of its own.
    page.evaluate("document.querySelectorAll('details:not(.menu)').forEach(d => d.open = true)")
    for scheme, width in LOOKS:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        uncover(page, width)
        found += [f"{where} at {width} {scheme}: {fault}" for fault in faults(page)]
    return found


def walk(visitor: Visitor, paths: tuple[str, ...]) -> list[str]:
    found = []
    for path in paths:
        visitor.page.goto(path)
        found += look(visitor, path)
    return found


def test_the_pages_before_signing_in(visitor: Visitor) -> None:
    found = walk(visitor, PUBLIC)
    visitor.page.goto("/sign-in")
    visitor.press("Masuk")  # with nothing filled in
    found += look(visitor, "/sign-in with errors")
    assert not found, "\n".join(found)


def test_the_pages_of_a_learner(visitor: Visitor) -> None:
    visitor.sign_in("pegawai")
    found = walk(visitor, LEARNER)
    visitor.page.locator("details.menu summary").click()
    found += [f"account menu: {fault}" for fault in faults(visitor.page)]
    assert not found, "\n".join(found)


def test_the_pages_of_the_player_and_the_quiz(visitor: Visitor) -> None:
    visitor.sign_in("sdm")
    visitor.page.goto("/courses/berakhlak")
    visitor.press("Daftar kursus ini")
    found = look(visitor, "course, enrolled")
    visitor.press("Mulai belajar")
    found += look(visitor, "lesson")
    visitor.page.goto("/courses/berakhlak/learn/ujian-akhir")
    found += look(visitor, "quiz introduction")
    visitor.press("Mulai kuis")
    found += look(visitor, "question")
    visitor.page.locator("label.choice").first.click()
    visitor.press("Tinjau dan kirim")
    found += look(visitor, "review")
    visitor.press("Kirim jawaban")
    found += look(visitor, "result")
    assert not found, "\n".join(found)


def test_the_pages_of_a_head_of_unit(visitor: Visitor) -> None:
    visitor.sign_in("atasan")
    found = walk(visitor, HEAD)
    visitor.page.goto("/team")
    with visitor.page.expect_navigation():
        visitor.page.locator("a.pname").nth(2).click()
    found += look(visitor, "a member of the team")
    visitor.page.goto("/my/certificates")
    with visitor.page.expect_navigation():
        visitor.page.locator("a[href*='/verify/']").first.click()
    found += look(visitor, "a certificate that is valid")
    assert not found, "\n".join(found)


def test_the_pages_of_a_head_and_of_whoever_stands_in(
    visitor: Visitor, browser: Browser, live: Site
) -> None:
    visitor.sign_in("atasan")
    page = visitor.page
    page.goto("/team/delegations")
    visitor.press("Limpahkan wewenang")
    found = look(visitor, "a delegation with errors")
    page.get_by_label("NIP atau surel pengganti").fill("auditor@contoh.go.id")
    page.get_by_label("Sampai").fill((clock.now() + timedelta(days=9)).date().isoformat())
    page.get_by_label("Alasan").fill("Tugas luar")
    visitor.press("Limpahkan wewenang")
    found += look(visitor, "delegations")
    other = Visitor(browser, live, viewport={"width": 390, "height": 844})
    other.sign_in("auditor")
    other.page.goto("/team")
    found += look(other, "the board of whoever stands in")
    assert other.has("Anda bertindak atas nama Bambang Setyo Nugroho")
    with other.page.expect_navigation():
        other.page.locator("form[action$='/end'] button").click()
    assert not other.has("Tim saya")
    other.context.close()
    assert not [*found, *other.faults], "\n".join([*found, *other.faults])


def test_the_pages_of_an_admin(visitor: Visitor) -> None:
    visitor.sign_in("admin")
    found = walk(visitor, ADMIN)
    visitor.page.goto("/people?q=siti")
    with visitor.page.expect_navigation():
        visitor.page.locator("a.pname").first.click()
    found += look(visitor, "a person of the register")
    visitor.press("Beri peran")  # with nothing filled in
    found += look(visitor, "a role with errors")
    visitor.press("Buat kode baru")
    found += look(visitor, "a letter")
    assert not found, "\n".join(found)


def test_the_keyboard_alone_is_enough_to_answer(browser: Browser, live: Site) -> None:
    visitor = Visitor(browser, live, viewport={"width": 1280, "height": 900})
    page = visitor.page
    page.goto("/sign-in")
    page.get_by_label("NIP atau surel").focus()
    page.keyboard.type("auditor@contoh.go.id")
    page.keyboard.press("Tab")
    page.keyboard.type("belajar-bersama")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Langsung ke isi"
    page.goto("/courses/berakhlak")
    visitor.press("Daftar kursus ini")
    page.goto("/courses/berakhlak/learn/kuis-1")
    page.get_by_role("button", name="Mulai kuis").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.locator("input[name=answer]").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    assert page.locator("input[name=answer]").nth(1).is_checked()
    with page.expect_navigation(url="**/questions/2"):
        page.keyboard.press("Enter")
    visitor.context.close()
    assert not visitor.faults


def test_the_screens_of_an_assignment(browser: Browser, live: Site) -> None:
    """Preview, the assignment, one person of it, a chosen row of the board, and the learner's own
    pages with a deadline."""
    head = Visitor(browser, live)
    head.sign_in("atasan")
    found = []
    head.page.goto("/assignments/new?course=literasi-digital-keamanan-informasi")
    head.page.fill("#due_on", f"{clock.today('Asia/Jakarta') + timedelta(days=20)}")
    head.page.fill("#reason", "Sebelum penilaian kinerja")
    head.press("Lihat siapa yang terkena")
    found += look(head, "preview")
    head.page.locator("main form button[type=submit]").first.click()
    head.page.wait_for_url("**/assignments/*-*")
    found += look(head, "assignment")
    head.page.get_by_text("Perpanjang atau tarik").first.click()
    found += look(head, "one person of it")
    head.page.goto("/team")
    head.page.locator("input[name=p]").first.check()
    found += look(head, "team, one chosen")
    learner = Visitor(browser, live)
    learner.sign_in("pegawai")
    for path in ("/", "/courses/literasi-digital-keamanan-informasi"):
        learner.page.goto(path)
        found += look(learner, path)
    assert not found, "\n".join(found)
