"""From the figures of a course to the people behind them, and back to the question."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visitor
from tests.browser.test_screens import look

pytestmark = pytest.mark.browser

COURSE = "/studio/berakhlak"


@pytest.fixture(params=[390, 1280])
def trainer(request: pytest.FixtureRequest, visitor: Visitor) -> Visitor:
    visitor.page.set_viewport_size({"width": request.param, "height": 900})
    visitor.sign_in("pengajar")
    return visitor


def listed(page: Page) -> int:
    """How many people the list says it has."""
    return int(page.locator("main p[role=status]").inner_text().split(" peserta")[0].split()[-1])


def follow(page: Page, link: str) -> None:
    with page.expect_navigation():
        page.locator(link).first.press("Enter")


def test_the_matrix_is_narrowed_and_widened_again(trainer: Visitor) -> None:
    page = trainer.page
    page.goto(f"{COURSE}/learners")
    everybody = listed(page)
    completed = page.get_by_label("Keadaan").locator("option[value=completed]").inner_text()
    page.get_by_label("Keadaan").select_option("completed")
    trainer.press("Cari")
    assert f"({listed(page)})" in completed
    states = page.locator("tbody td[data-l=Keadaan]").all_inner_texts()
    assert {text.strip() for text in states} == {"Selesai"}
    assert look(trainer, "narrowed") == []
    trainer.press("Hapus saringan")
    assert listed(page) == everybody


def test_a_figure_of_the_funnel_leads_to_its_people(trainer: Visitor) -> None:
    page = trainer.page
    page.goto(f"{COURSE}/analytics")
    link = page.locator("a[href*='reached=done']").first
    told = int(link.inner_text().split()[0])
    follow(page, "a[href*='reached=done']")
    assert listed(page) == told
    assert page.locator("tbody tr").count() == min(told, 25)
    assert look(trainer, "behind a figure") == []
    follow(page, "tbody a.pname")
    assert "/learners/" in page.url


def test_a_question_leads_to_its_figures_its_people_and_its_correction(trainer: Visitor) -> None:
    page = trainer.page
    page.goto(f"{COURSE}/analytics")
    follow(page, "#kuis ~ * a.pname")
    follow(page, "a[href*='/figures']")
    assert trainer.has("Bagaimana soal ini dijawab")
    assert look(trainer, "a question") == []
    figures = page.url
    follow(page, "main a[href*='question=']")
    assert page.locator("main tbody tr, main ul.list li").count() > 0
    page.goto(figures)
    follow(page, "main a[href$='/regrade']")
    assert trainer.has("Koreksi soal")
